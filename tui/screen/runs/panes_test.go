package runs_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/demo"
	"penstock/tui/env"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestPanes(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	s := c.WaitText("Steps of run 42", "42  ● running")
	_, y, _ := s.Find("Steps of run 42")
	c.Keys("-", "-")
	c.Wait("higher steps", func(s tuitest.Screen) bool { _, now, ok := s.Find("Steps of run 42"); return ok && now == y-4 })
	c.Keys("z")
	c.WaitGone("Steps of run 42")
	c.Keys("esc")
	s = c.WaitText("Steps of run 42")
	x, y, _ := s.Find("Steps of run 42")
	at := func(y int) tea.Mouse { return tea.Mouse{X: x + 50, Y: y, Button: tea.MouseLeft} }
	c.Send(tea.MouseClickMsg(at(y-1)), tea.MouseMotionMsg(at(y-11)), tea.MouseReleaseMsg(at(y-11)))
	c.Wait("steps where the splitter was dragged", func(s tuitest.Screen) bool { _, now, ok := s.Find("Steps of run 42"); return ok && now == y-10 })
	c.Send(env.GotoMsg{Screen: "runs", Arg: "37"})
	c.WaitText("runs ▸ run 37", "run 37 failed")
	c.Keys("z")
	c.WaitGone("Steps of run 37")
	c.Keys("tab")
	c.WaitText("Steps of run 37")
	c.Keys("esc")
	c.WaitText("runs ▸ run 37", "Steps of run 37", "Events")
	c.Keys("d")
	c.WaitText("Run 36 (A) and run 37 (B)")
	c.Keys("z")
	c.WaitText("zoom: there is one pane only")
	c.Keys("esc")
	c.WaitText("Steps of run")
}

func TestSpacePauses(t *testing.T) {
	l := demo.NewLedger(demo.Start())
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("Steps of run 42", "42  ● running")
	c.Keys("space")
	c.WaitText("paused 0:00")
	if err := l.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	c.Keys("space")
	c.WaitText("42  ! cancelled")
	c.WaitGone("paused")
}
