package tui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/tuitest"
)

func state() tui.StateMsg {
	return tui.StateMsg{
		Run: "run 42 · running 0:07", Running: true, Share: 0.61,
		Lights: []tui.Light{{Name: "staging", Level: env.Good}, {Name: "lake", Level: env.Bad, Why: "the folder is full"}},
	}
}

func TestFrames(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			c := newConsole(t).start(t, size[0], size[1])
			c.WaitText("30", "quantity \"0.x\"␛[2J")
			c.Send(state())
			s := c.WaitText("running 0:07", "! lake: the folder is full")
			if !s.AltScreen() || s.Title() != "Penstock local rejects, run 42 · running 0:07 61 %" {
				t.Errorf("title %q", s.Title())
			}
			tuitest.Golden(t, s)
		})
	}
}

func TestFrameStyles(t *testing.T) {
	for _, name := range []string{"dark", "light", "mono"} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, func(o *tui.Options) { o.Theme = name })
			c.env.Profile = env.Profile{Name: "prod", Production: true, Role: "operator", ReadOnly: true}
			c.start(t, 100, 20)
			c.WaitText("30")
			tuitest.GoldenStyles(t, c.WaitText("read only", "12:00"))
		})
	}
}

func TestASCIIFrame(t *testing.T) {
	c := newConsole(t)
	c.env.ASCII = true
	c.start(t, 80, 24)
	c.WaitText("30")
	c.Keys("?")
	s := c.WaitText("Keys", "read again")
	for _, r := range s.Text() {
		if r > 0x7f {
			t.Fatalf("%q in an ASCII session:\n%s", r, s.Text())
		}
	}
	tuitest.Golden(t, s)
}

// TestCrumbsGiveWay holds that where one is never hides how the databases are.
func TestCrumbsGiveWay(t *testing.T) {
	c := newConsole(t, func(o *tui.Options) {
		o.Screens[0].Title = "rejects of a shop that has a long name, and of all of its many sources"
	}).start(t, 80, 24)
	c.WaitText("30")
	c.Send(state())
	s := c.WaitText("● staging ✗ lake")
	if !s.Contains("Penstock  local ▸ rejects of") {
		t.Errorf("where one is, is gone:\n%s", s.Text())
	}
}

func TestNavigation(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("Rows of rejects", "30")
	c.Keys("2")
	c.WaitText("Rows of loads")
	c.Keys(":")
	c.WaitText("Go to", "rows of lake")
	c.Type("lak")
	c.Keys("enter")
	c.WaitText("Rows of lake")
	c.Keys("esc")
	c.WaitText("Rows of loads")
	c.Keys("esc")
	c.WaitText("Rows of rejects")
	c.Keys("esc", "esc", "3") // esc never quits
	c.WaitText("Rows of lake")
	c.Keys("ctrl+p")
	c.WaitText("Go to")
	c.Type("lake raw/source=shop")
	c.WaitText("raw/source=shop")
	c.Keys("enter", "2")
	c.WaitText("Rows of loads")
	c.Send(env.GotoMsg{Screen: "rejects", Arg: "run 7"})
	c.WaitText("Rows of rejects")
	c.Send(env.GotoMsg{Screen: "nowhere"})
	c.WaitText("there is no screen \"nowhere\"")
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
	if got := c.samples["lake"].seen; !slices.Contains(got, "arrived raw/source=shop") {
		t.Errorf("lake saw %v", got)
	}
	if got := c.samples["rejects"].seen; got[0] != "arrived " || got[1] != "left" || got[len(got)-1] != "arrived run 7" {
		t.Errorf("rejects saw %v", got)
	}
}

func TestMouseOnTabsAndHints(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	s := c.WaitText("Rows of rejects", "30")
	x, y, _ := s.Find("2 loads")
	c.Click(x+3, y)
	c.WaitText("Rows of loads")
	s = c.WaitText("? keys")
	x, y, _ = s.Find("? keys")
	c.Click(x, y)
	s = c.WaitText("Keys", "read again")
	x, y, _ = s.Find("delete the row")
	c.Click(x, y)
	c.WaitText("The row goes for ever")
	c.Keys("esc")
	s = c.WaitGone("The row goes for ever")
	x, y, _ = s.Find("reason")
	c.Click(x, y) // the header sorts
	c.WaitText("reason ▲")
}

func TestTypingKeepsGlobalKeysAway(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Keys("/")
	c.WaitText("enter done")
	c.Type("q2?:c")
	c.WaitText("/q2?:c", "0 of 30")
	c.Keys("esc")
	c.WaitGone("/q2?:c")
	c.WaitText("Rows of rejects", "? keys")
}

func TestResultsFindTheirScreen(t *testing.T) {
	c := newConsole(t)
	c.store.hold = make(chan struct{})
	c.start(t, 100, 24)
	c.WaitText("loading")
	c.Keys("2")
	c.WaitText("Rows of loads", "loading")
	close(c.store.hold)
	c.WaitText("30")
	c.Keys("1")
	s := c.WaitText("Rows of rejects")
	if s.Contains("loading") {
		t.Errorf("a result that came while the screen was hidden went astray:\n%s", s.Text())
	}
}

func TestOldResultsAreDropped(t *testing.T) {
	c := newConsole(t)
	c.store.hold = make(chan struct{})
	c.start(t, 100, 24)
	c.WaitText("loading")
	c.Keys("r", "r")
	c.Send(env.ToastMsg{Text: "three were asked"})
	c.WaitText("three were asked")
	c.store.mu.Lock()
	c.store.hold = nil
	c.store.mu.Unlock()
	c.Keys("r")
	c.WaitText("line", " 4") // the fourth answer
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	if c.store.asked != 4 {
		t.Errorf("asked %d times", c.store.asked)
	}
}

func TestEscOrder(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Keys("2")
	c.WaitText("Rows of loads", "30")
	c.Keys("/")
	c.Type("quantity")
	c.Keys("enter")
	c.WaitText("/quantity")
	c.store.mu.Lock()
	c.store.hold = make(chan struct{})
	c.store.mu.Unlock()
	c.Send(env.ToastMsg{Level: env.Bad, Text: "it broke", Hint: "mend it"})
	c.WaitText("✗ it broke: mend it")
	c.Keys("r", "?")
	c.WaitText("Keys")
	c.Keys("esc") // the dialog
	c.WaitGone("type to find")
	c.WaitText("it broke")
	c.Keys("esc") // the error
	c.WaitGone("it broke")
	c.Keys("esc") // the query
	c.WaitText("cancelled")
	if s := c.Screen(); !s.Contains("/quantity") {
		t.Errorf("the filter went with the query:\n%s", s.Text())
	}
	c.Keys("esc") // the filter
	c.WaitGone("/quantity")
	c.Keys("esc") // the screen
	c.WaitText("Rows of rejects")
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	if c.store.ended != 1 {
		t.Errorf("%d queries ended", c.store.ended)
	}
}

func TestFailedLoadSaysWhatNext(t *testing.T) {
	c := newConsole(t)
	c.store.err = errDown
	c.start(t, 100, 24)
	s := c.WaitText("staging is down␛]0;owned␇", "press r to try again")
	if s.Title() != "Penstock local rejects" {
		t.Errorf("the error retitled the window: %q", s.Title())
	}
}

func TestDangerAsks(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Keys("D")
	c.WaitText("The row goes for ever", "Type row")
	c.Keys("enter", "y", "esc")
	c.WaitGone("for ever")
	c.Keys("D")
	c.WaitText("for ever")
	c.Type("row")
	c.Keys("enter")
	c.WaitText("✓ deleted")
	if len(c.store.deleted) != 1 {
		t.Errorf("deleted %d times", len(c.store.deleted))
	}
	c.Keys("P")
	c.WaitText("deploy: read only")
}

func TestUnaskedDialogIgnoresKeysInFlight(t *testing.T) {
	now := noon()
	c := newConsole(t)
	c.env.Now = func() time.Time { return now }
	update := func(msg tea.Msg) { c.app.Update(msg) }
	update(tea.WindowSizeMsg{Width: 100, Height: 24})
	asked := func() bool { return strings.Contains(c.app.View().Content, "sure?") }
	open := func() {
		update(env.OpenMsg{Unasked: true, Modal: question{}})
		if !asked() {
			t.Fatal("did not open")
		}
	}
	press := func(after time.Duration) {
		now = now.Add(after)
		update(tuitest.Key("y"))
	}
	open()
	press(100 * time.Millisecond)
	press(400 * time.Millisecond)
	press(424 * time.Millisecond)
	if !asked() {
		t.Error("a key that was on its way answered")
	}
	press(425 * time.Millisecond) // a pause
	if asked() {
		t.Error("does not answer after a pause")
	}
	open()
	for range 14 {
		press(100 * time.Millisecond)
	}
	if !asked() {
		t.Error("answered while typing went on")
	}
	press(100 * time.Millisecond) // 1.5 s are over
	if asked() {
		t.Error("is deaf for longer than a second and a half")
	}
	update(env.OpenMsg{Modal: question{}})
	press(0)
	if asked() {
		t.Error("a dialog that was asked for is deaf")
	}
}

// question is a dialog that y answers.
type question struct{}

func (question) Title() string { return "Question" }
func (question) Update(msg tea.Msg) (tea.Cmd, bool) {
	key, ok := msg.(tea.KeyPressMsg)
	return nil, ok && key.String() == "y"
}
func (question) View(int, int) []string { return []string{"sure?"} }

func TestSmallTerminal(t *testing.T) {
	c := newConsole(t).start(t, 59, 15)
	s := c.WaitText("needs 60 x 15 cells", "59 x 15")
	tuitest.Golden(t, s)
	c.Resize(60, 15)
	c.WaitText("Rows of rejects")
	c.Resize(60, 14)
	c.WaitText("needs 60 x 15")
	c.Keys("2", "q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

// TestSmallTerminalHidesDialogs holds keys to what is seen: not to a dialog behind the notice of the size.
func TestSmallTerminalHidesDialogs(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("Rows of rejects", "30")
	c.Keys("D")
	c.WaitText("Type row and press enter")
	c.Resize(59, 15)
	c.WaitText("needs 60 x 15 cells", "or press q")
	c.Keys("r", "o", "w", "enter")
	c.Send(tea.PasteMsg{Content: "row"})
	c.Resize(100, 24)
	c.WaitText("Type row and press enter")
	if c.store.mu.Lock(); len(c.store.deleted) > 0 {
		t.Errorf("deleted %v by a key to a dialog that was not seen", c.store.deleted)
	}
	c.store.mu.Unlock()
	c.Send(dirtyMsg(2))
	c.Resize(59, 15)
	s := c.WaitText("Make it larger: 2 things of rejects.")
	if s.Contains("press q") {
		t.Errorf("q is offered:\n%s", s.Text())
	}
	c.Keys("q")
	c.Resize(100, 24)
	c.WaitText("Type row and press enter")
	c.Send(dirtyMsg(0))
	c.Resize(59, 15)
	c.WaitText("or press q")
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

// TestWordsNeedNoRoom holds a session for screen readers to working in a terminal of any size.
func TestWordsNeedNoRoom(t *testing.T) {
	c := newConsole(t)
	c.env.Plain = true
	c.start(t, 50, 200)
	c.WaitText("Rows of rejects")
	c.Keys("2")
	c.WaitText("Rows of loads")
}

func TestFollowsTheBackground(t *testing.T) {
	c := newConsole(t, func(o *tui.Options) { o.Theme = "auto" })
	c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	if c.env.Theme.Name != "dark" {
		t.Errorf("starts as %s", c.env.Theme.Name)
	}
	before := c.env.Generation
	white := tea.BackgroundColorMsg{Color: colour{0xffff}}
	c.app.Update(white)
	if c.env.Theme.Name != "light" || c.env.Generation == before || !slices.Contains(c.samples["rejects"].seen, "restyled") {
		t.Errorf("on white: %s, generation %d", c.env.Theme.Name, c.env.Generation)
	}
	before = c.env.Generation
	c.app.Update(tea.ColorProfileMsg{Profile: colorprofile.Ascii})
	if c.env.Theme.Name != "mono" || c.env.Generation == before {
		t.Errorf("without colours: %s", c.env.Theme.Name)
	}
	c.app.Update(tea.ColorProfileMsg{Profile: colorprofile.ANSI256})
	c.app.Update(tea.BackgroundColorMsg{Color: colour{0}})
	if c.env.Theme.Name != "dark" {
		t.Errorf("on black: %s", c.env.Theme.Name)
	}
	fixed := newConsole(t)
	fixed.app.Update(white)
	if fixed.env.Theme.Name != "dark" {
		t.Error("a theme that was asked for was given up")
	}
}

type colour struct{ v uint32 }

func (c colour) RGBA() (r, g, b, a uint32) { return c.v, c.v, c.v, 0xffff }

func TestScreenThatForgetsToPaint(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Keys("2")
	c.WaitText("Rows of loads")
	c.samples["rejects"].raw = "\x1b]52;c;Y3VybA==\x07\x1b[2J\x1b[1mbold\u009b2Jrow"
	c.Keys("1")
	s := c.WaitText("␛]52;c;Y3VybA==␇␛[2J␛[1mbold<U+009B>2Jrow")
	if !s.Contains("Penstock") || !s.Contains("? keys") {
		t.Errorf("the row reached the terminal:\n%s", s.Text())
	}
}

func TestGlobalActions(t *testing.T) {
	c := newConsole(t, func(o *tui.Options) {
		o.Env.Actions.Add(env.Action{
			ID: "task.migrate", Title: "migrate", Keys: []string{"M"}, Help: "bring the databases up to date",
			Headless: func() string { return "penstock --run migrate" },
			Run:      func() tea.Cmd { return env.Notify(env.Good, "migrated") },
		})
	}).start(t, 120, 40)
	c.WaitText("30")
	c.Keys("c")
	c.WaitText("penstock --run rejects")
	if got := c.copied(); got != "penstock --run rejects" {
		t.Errorf("copied %q", got)
	}
	c.Keys("M")
	c.WaitText("✓ migrated")
	c.Keys(":")
	c.Type("migrate")
	c.WaitText("penstock --run migrate")
	c.Keys("esc", "esc")
	c.WaitGone("type to find")
	c.Keys("!")
	c.WaitText("Notices", "12:00:00 notice   migrated")
	c.Keys("q")
	c.WaitGone("Notices")
	c.Keys("m")
	c.WaitText("the mouse selects text")
	c.Keys(":")
	c.Type("theme")
	c.Keys("enter")
	c.WaitText("theme light")
	c.Keys("ctrl+l", "ctrl+c")
	if err := c.Ended(); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("ctrl+c: %v", err)
	}
}

func TestCtrlCCancelsFirst(t *testing.T) {
	c := newConsole(t)
	c.store.hold = make(chan struct{})
	c.start(t, 100, 24)
	c.WaitText("loading")
	c.Keys("ctrl+c")
	c.WaitText("cancelled")
	c.Keys("ctrl+c")
	if err := c.Ended(); err == nil {
		t.Error("a second ctrl+c does not end it")
	}
}

func TestRefreshSlowsDownWhenBlurred(t *testing.T) {
	var paces []time.Duration
	c := newConsole(t)
	c.env.After = func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		paces = append(paces, d)
		return func() tea.Msg { return msg(noon()) }
	}
	_, cmd := c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	beat := func() (next tea.Cmd) {
		for _, inner := range batch(cmd) {
			if msg := inner(); fmt.Sprintf("%T", msg) == "tui.refreshMsg" {
				_, next = c.app.Update(msg)
			}
		}
		return next
	}
	cmd = beat()
	c.app.Update(tea.BlurMsg{})
	cmd = beat()
	c.app.Update(tea.FocusMsg{})
	beat()
	// The second is after which the terminal is asked what it can do.
	if want := []time.Duration{time.Second, 100 * time.Millisecond, time.Second, 5 * time.Second, time.Second}; !slices.Equal(paces, want) {
		t.Errorf("paces are %v, want %v", paces, want)
	}
}

// batch returns the commands that a command stands for.
func batch(cmd tea.Cmd) []tea.Cmd {
	if cmd == nil {
		return nil
	}
	if list, ok := cmd().(tea.BatchMsg); ok {
		return list
	}
	return []tea.Cmd{cmd}
}

func TestProgressAndTitle(t *testing.T) {
	c := newConsole(t)
	c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	for _, s := range []struct {
		state tui.StateMsg
		want  string
	}{
		{tui.StateMsg{}, ""},
		{tui.StateMsg{Run: "run 1", Running: true, Share: 0.5}, "Default 50"},
		{tui.StateMsg{Run: "run 1", Running: true, Share: -1}, "Indeterminate 0"},
		{tui.StateMsg{Run: "run 1 failed", Failed: true}, "Error 100"},
	} {
		c.app.Update(s.state)
		got := ""
		if bar := c.app.View().ProgressBar; bar != nil {
			got = fmt.Sprint(bar.State, " ", bar.Value)
		}
		if got != s.want {
			t.Errorf("%+v: progress %q, want %q", s.state, got, s.want)
		}
	}
}

func TestKeysBeforeTheFirstFrame(t *testing.T) {
	c := newConsole(t)
	for _, k := range []string{"q", "j", "enter", "esc"} {
		if _, cmd := c.app.Update(tuitest.Key(k)); cmd != nil {
			t.Errorf("%s did something before there was a screen", k)
		}
	}
	if _, cmd := c.app.Update(tuitest.Key("ctrl+c")); cmd == nil || cmd() != (tea.InterruptMsg{}) {
		t.Error("ctrl+c does not end it")
	}
}

func TestSuspend(t *testing.T) {
	c := newConsole(t)
	c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	if _, cmd := c.app.Update(tuitest.Key("ctrl+z")); cmd == nil || cmd() != (tea.SuspendMsg{}) {
		t.Error("ctrl+z does not suspend")
	}
	c.env.Remote = true
	if _, cmd := c.app.Update(tuitest.Key("ctrl+z")); cmd != nil {
		t.Error("a session over SSH suspends the process")
	}
}

func TestNewRefuses(t *testing.T) {
	e := newConsole(t).env
	for name, o := range map[string]tui.Options{
		"no screens":     {Env: e},
		"unknown start":  {Env: e, Screens: []tui.Entry{{ID: "a"}}, Start: "b"},
		"unknown theme":  {Env: e, Screens: []tui.Entry{{ID: "a"}}, Theme: "neon"},
		"nothing at all": {Env: e, Start: "x"},
	} {
		if _, err := tui.New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	c := newConsole(b)
	c.app.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	c.samples["rejects"].table.SetRows(lines{1})
	c.samples["rejects"].pane.Live(noon())
	b.Run("key and frame", func(b *testing.B) {
		for b.Loop() {
			c.app.Update(tuitest.Key("down"))
			c.app.View()
		}
	})
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			c.app.View()
		}
	})
}
