package rejects_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestPanes(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	s := c.WaitText("9 open", "40,113", "*** p shows it")
	x, y, _ := s.Find("Record ")
	where := func(what string, wx, wy int) {
		t.Helper()
		c.Wait(what, func(s tuitest.Screen) bool {
			nx, ny, ok := s.Find("Record ")
			return ok && nx == wx && ny == wy
		})
	}
	c.Keys("+") // the list: to the left and downwards
	where("a larger list", x-4, y+2)
	c.Keys("-", "-")
	where("a smaller list", x+4, y-2)
	c.Keys("tab", "z")
	s = c.WaitGone("Reasons")
	if nx, ny, _ := s.Find("Record "); nx != 1 || ny != 4 {
		t.Errorf("the record has not the whole room:\n%s", s.Text())
	}
	c.Keys("esc")
	c.WaitText("Reasons", "Records")
	at := func(x, y int) tea.Mouse { return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft} }
	x, y = x+4, y-2
	c.Send(tea.MouseClickMsg(at(x-2, 10)), tea.MouseMotionMsg(at(x+8, 10)), tea.MouseReleaseMsg(at(x+8, 10)))
	where("a column that was dragged", x+10, y)
	c.Keys("space")
	c.WaitText("paused 0:00")
	c.Keys("space")
	c.WaitGone("paused")
}

func TestNarrowHasOnePane(t *testing.T) {
	c := open(t, demoOptions(), 80, 24, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("+")
	c.WaitText("larger: there is one pane only")
}
