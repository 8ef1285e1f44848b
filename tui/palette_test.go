package tui_test

import (
	"slices"
	"testing"

	"penstock/tui"
)

// TestPaletteWords goes to a screen with words, though another line of the palette has them in what it says.
func TestPaletteWords(t *testing.T) {
	c := newConsole(t, func(o *tui.Options) {
		o.Screens[1].Words = []string{"hours", "hosts", "days"}
		o.Screens[1].Help = "what is loaded: hours, hosts, days"
	}).start(t, 100, 24)
	c.WaitText("30")
	c.Keys(":")
	c.Type("loads ho")
	c.WaitText("▸ loads", "hours", "hosts")
	c.Type("u")
	c.WaitGone("hosts  ")
	c.Keys("enter")
	c.WaitText("Rows of loads")
	c.Keys("1", ":")
	c.WaitText("rejects ▸ all", "Go to")
	c.Type("loads hourz")
	c.WaitText("has no hourz, but hours, hosts, days")
	c.Keys("enter") // there is nothing to go to
	c.WaitText("has no hourz")
	c.Keys("esc", "esc", "q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
	if got := c.samples["loads"].seen; !slices.Equal(got, []string{"arrived hours", "left"}) {
		t.Errorf("loads saw %v", got)
	}
}

// TestPaletteAfterResize has the palette say what keeps an action from running as it is by then.
func TestPaletteAfterResize(t *testing.T) {
	c := newConsole(t).start(t, 100, 24)
	c.WaitText("30")
	c.Keys(":")
	c.Type("deploy")
	c.WaitText("read only")
	c.Resize(90, 30)
	c.WaitText("deploy it")
}
