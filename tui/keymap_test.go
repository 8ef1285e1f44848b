package tui_test

import (
	"slices"
	"strings"
	"testing"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// TestOwnKeysAreShownAndWork holds the tabs, the footer, the list of keys and the keys themselves to what
// the user chose.
func TestOwnKeysAreShownAndWork(t *testing.T) {
	c := newConsole(t)
	c.env.Keys = env.NewKeymap(map[string][]string{
		"rejects.reload": {"U", "f5"}, "rejects.delete": {}, "go.lake": {"0"}, "app.palette": {"P"}, "move.rows": {"up", "down", "j"},
		"rejects.deploy": {},
	})
	c.start(t, 120, 24)
	s := c.WaitText("30", " 0 lake ", "U reload", "P go to")
	if s.Contains("delete…") || s.Contains("3 lake") {
		t.Errorf("old keys are shown:\n%s", s.Text())
	}
	c.Keys("?")
	c.WaitText("Keys", "U f5")
	c.Keys("esc", "r", "D", "3", ":") // nothing
	c.Keys("j", "k")                  // down, and no way up
	c.Keys("U")
	c.WaitText("▸     3  quantity \"1.x\"")
	c.Wait("the second time it is asked, by U", func(tuitest.Screen) bool {
		c.store.mu.Lock()
		defer c.store.mu.Unlock()
		return c.store.asked == 2
	})
	c.Keys("P")
	c.WaitText("Go to")
	c.Keys("esc", "0")
	c.WaitText("Rows of lake")
}

func TestPlacesListEveryScreen(t *testing.T) {
	c := newConsole(t)
	var titles []string
	for _, p := range c.app.Places() {
		titles = append(titles, p.Title)
		if len(p.Actions) == 0 {
			t.Errorf("%s has no actions", p.Title)
		}
	}
	if want := []string{"anywhere", "rejects", "loads", "lake"}; !slices.Equal(titles, want) {
		t.Errorf("places %v", titles)
	}
	if len(c.store.deleted) > 0 || c.store.asked > 0 {
		t.Error("listing the places did something")
	}
}

func TestClashes(t *testing.T) {
	for name, x := range map[string]struct {
		own  map[string][]string
		want []string
	}{
		"nothing chosen":         {nil, nil},
		"the key of a neighbour": {map[string][]string{"rejects.reload": {"D"}}, []string{`rejects: key "D" runs rejects.reload and rejects.delete`}},
		"in one place each":      {map[string][]string{"rejects.reload": {"X"}, "loads.reload": {"X"}}, nil},
		"of everywhere":          {map[string][]string{"lake.reload": {"?"}}, []string{`lake: key "?" runs lake.reload and app.keys`}},
		"a key that moves":       {map[string][]string{"lake.reload": {"k"}}, []string{`lake: key "k" runs lake.reload and move.rows`}},
		"which was taken away":   {map[string][]string{"lake.reload": {"k"}, "move.rows": {"up", "down"}}, nil},
		"everywhere, told once":  {map[string][]string{"app.quit": {"m"}}, []string{`anywhere: key "m" runs app.mouse and app.quit`}},
		"its own key":            {map[string][]string{"lake.reload": {"r"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, clash := range newConsole(t).app.Clashes(env.NewKeymap(x.own)) {
				got = append(got, clash.Place+": "+clash.Error())
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("got %s", strings.Join(got, "\n"))
			}
		})
	}
}

// TestCopiedCommandsCarryTheSurroundings presses c in a session that was started with flags.
func TestCopiedCommandsCarryTheSurroundings(t *testing.T) {
	c := newConsole(t)
	c.env.Carried = "--profile aws"
	c.start(t, 120, 24)
	c.WaitText("30")
	c.Keys("c")
	c.WaitText("· penstock --run rejects --profile aws")
	if got, want := c.copied(), "penstock --run rejects --profile aws"; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
}

func TestCopiedCommandsHoldNoSecret(t *testing.T) {
	c := newConsole(t)
	c.env.Withheld = []string{"--set staging.url"}
	c.start(t, 120, 24)
	c.WaitText("30")
	c.Keys("c")
	c.WaitText("! penstock --run rejects (without --set", "a secret does not belong")
}

func TestUnsavedIsAskedAbout(t *testing.T) {
	c := newConsole(t)
	c.env.Profile = env.Profile{Name: "prod", Production: true}
	c.start(t, 100, 24)
	c.WaitText("Rows of rejects", "30")
	c.Keys("2")
	c.WaitText("Rows of loads")
	c.Send(dirtyMsg(2))
	c.Keys("1")
	s := c.WaitText("2 things of loads", "They stay here.", "yes, do it")
	if s.Contains("production") {
		t.Errorf("leaving a screen is nothing that production is to be asked about:\n%s", s.Text())
	}
	c.Keys("n")
	c.WaitGone("They stay here")
	c.WaitText("Rows of loads")
	c.Keys("esc")
	c.WaitText("They stay here.")
	c.Keys("y")
	c.WaitText("Rows of rejects")
	c.Keys("esc", "3") // esc had been taken back its step
	c.WaitText("Rows of lake")
	c.Keys("q") // asked for every screen
	c.WaitText("They would be lost.")
	c.Keys("n")
	c.WaitGone("They would be lost")
	c.Keys("ctrl+c")
	c.WaitText("They would be lost.")
	c.Keys("esc")
	c.WaitGone("They would be lost")
	c.Keys("q")
	c.WaitText("They would be lost.")
	c.Keys("y")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

func TestSecondInterruptLeavesUnasked(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Send(dirtyMsg(1))
	c.Keys("ctrl+c")
	c.WaitText("They would be lost.")
	c.Keys("ctrl+c")
	if err := c.Ended(); err == nil {
		t.Error("it goes on, or thinks that all is well")
	}
}
