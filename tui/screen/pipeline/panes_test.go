package pipeline_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestPanesByKeys(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	s := c.WaitText("Run 42", "running 1:01", "! web-shop")
	_, y, _ := s.Find("Log ")
	c.Keys("tab", "tab", "+", "+") // the log
	c.Wait("a higher log", func(s tuitest.Screen) bool { _, now, ok := s.Find("Log "); return ok && now == y-4 })
	c.Keys("-")
	c.Wait("a lower log", func(s tuitest.Screen) bool { _, now, ok := s.Find("Log "); return ok && now == y-2 })
	c.Keys("z")
	s = c.WaitGone("Sources")
	if _, now, _ := s.Find("Log "); now != 2 || s.Contains("Run 42  ") || !s.Contains("z all panes") {
		t.Errorf("the log has not the whole room:\n%s", s.Text())
	}
	c.Keys("+")
	c.WaitText("this pane has the whole room")
	c.Keys("shift+tab") // zoom follows the focus
	c.WaitText("web-shop", "z all panes")
	c.Keys("esc")
	c.WaitText("Sources", "Log ", "Files")
	c.Keys("0")
	c.Wait("the log where it was", func(s tuitest.Screen) bool { _, now, ok := s.Find("Log "); return ok && now == y })
}

func TestPanesByMouse(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	s := c.WaitText("Run 42", "running 1:01", "! web-shop")
	x, y, ok := s.Find("╎ Files")
	if !ok {
		t.Fatalf("no splitter is shown:\n%s", s.Text())
	}
	at := func(x, y int) tea.Mouse { return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft} }
	c.Send(tea.MouseClickMsg(at(x, y)), tea.MouseMotionMsg(at(x-12, y)))
	c.Wait("a line where it is held", func(s tuitest.Screen) bool { now, _, ok := s.Find("│ Files"); return ok && now == x-12 })
	c.Send(tea.MouseMotionMsg(at(x-20, 0)), tea.MouseReleaseMsg(at(x-20, 0))) // beyond the body
	c.Wait("a splitter that was let go", func(s tuitest.Screen) bool { now, _, ok := s.Find("╎ Files"); return ok && now == x-20 })
	c.Send(tea.MouseMotionMsg(at(x, y)))
	lx, ly, _ := c.Screen().Find("Log ")
	c.Send(tea.MouseClickMsg(at(lx, ly-1)), tea.MouseMotionMsg(at(lx, ly+2)), tea.MouseReleaseMsg(at(lx, ly+2)))
	s = c.Wait("a lower log", func(s tuitest.Screen) bool { _, now, ok := s.Find("Log "); return ok && now == ly+3 })
	if now, _, ok := s.Find("╎"); !ok || now != x-20 {
		t.Errorf("the splitter goes with the mouse after it was let go:\n%s", s.Text())
	}
}

func TestNarrowHasOnePaneAsBefore(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 80, 24, console.Dark())
	c.WaitText("Run 42", "Log ")
	c.Keys("tab")
	c.WaitText("Sources")
	c.Keys("z")
	s := c.WaitGone("Run 42  ")
	if _, y, _ := s.Find("Sources"); y != 2 {
		t.Errorf("not zoomed:\n%s", s.Text())
	}
	c.Keys("z")
	c.WaitText("Run 42  ", "Sources")
}

func TestPanesInASCII(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark(), func(e *env.Env) { e.ASCII = true })
	c.WaitText("Run 42", "running 1:01", "| Files")
	c.Send(tea.MouseClickMsg{X: 20, Y: 26, Button: tea.MouseLeft})
	c.Keys("shift+tab", "+", "left")
	for _, r := range c.WaitText("09:29:59").Text() {
		if r > 0x7f && r != '␛' && r != '␇' {
			t.Fatalf("%q in an ASCII session:\n%s", r, c.Screen().Text())
		}
	}
}

func TestChartOfThePace(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Run 42", "running 1:01", "-1 min")
	c.Keys("shift+tab", "i")
	c.WaitText("-30 s", "09:30:00  6.8k")
	c.Keys("i")
	c.WaitText("the chart shows 30 s")
	c.Keys("left", "left")
	c.WaitText("09:29:58")
	c.Keys("o", "o")
	c.WaitText("-5 min", "09:29:58")
	c.Keys("o")
	c.WaitGone("-5 min")
	c.Keys("right")
	c.WaitText("09:29:59")
	c.Keys("end")
	c.WaitText("09:30:00")
	s := c.Screen()
	x, y, _ := s.Find("└-")
	c.Click(x+20, y-2)
	c.WaitGone("09:30:00  6.8k")
	c.Keys("esc")
	c.WaitText("09:30:00  6.8k")
}

// counting is a ledger that counts how often it is looked at.
type counting struct {
	*demo.Ledger
	mu     sync.Mutex
	looks  int
	looked chan chan struct{} // lets the next one go, and is told when it is counted
}

func (l *counting) Look(ctx context.Context, after time.Duration) (screen.State, error) {
	counted := make(chan struct{})
	if after > 0 { // as long as it takes: a test asks for each look
		select {
		case <-ctx.Done():
			return screen.State{}, context.Cause(ctx)
		case counted = <-l.looked:
		}
	}
	l.mu.Lock()
	l.looks++
	l.mu.Unlock()
	close(counted)
	return l.Ledger.Look(ctx, 0)
}

func (l *counting) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looks
}

func TestSpacePauses(t *testing.T) {
	l := &counting{Ledger: demo.NewLedger(demo.Start()), looked: make(chan chan struct{})}
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("Run 42", "running 1:01", "! web-shop")
	counted := make(chan struct{})
	l.looked <- counted
	<-counted
	c.Keys("space")
	c.WaitText("paused 0:00", "space go on")
	select {
	case l.looked <- make(chan struct{}):
		t.Error("the ledger is looked at while the screen is paused")
	default:
	}
	before := l.count()
	if err := l.Ledger.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	c.Keys("left")
	if s := c.WaitText("paused 0:00"); s.Contains("! cancelled") {
		t.Errorf("a paused screen goes on:\n%s", s.Text())
	}
	c.Keys("R") // what is asked for comes all the same
	c.WaitText("! cancelled", "paused 0:00")
	if now := l.count(); now != before+1 {
		t.Errorf("looked %d times, one was asked for", now-before)
	}
	c.Keys("space")
	c.WaitGone("paused")
	c.WaitText("run 42 cancelled")
	if strings.Contains(c.Screen().Text(), "go on") {
		t.Error("the footer says that it goes on")
	}
}

// TestPauseBeforeTheFirstLook pauses while the panes are loading: what was asked for comes, and then nothing more.
func TestPauseBeforeTheFirstLook(t *testing.T) {
	l := newScript()
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("loading")
	c.Keys("space")
	c.WaitText("paused 0:00")
	l.looks <- answer{state: running(7)}
	c.WaitText("Run 7", "running 0:05", "paused 0:00")
	l.looks <- answer{state: running(8)}
	c.Keys("?")
	c.WaitText("type to find")
	c.Keys("esc")
	if s := c.WaitGone("type to find"); s.Contains("Run 8") || len(l.looks) != 1 {
		t.Errorf("a paused screen goes on:\n%s", s.Text())
	}
	c.Keys("space")
	c.WaitText("Run 8")
	c.WaitGone("paused")
}
