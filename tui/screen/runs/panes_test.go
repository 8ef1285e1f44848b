package runs_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/runs"
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

// clock is one that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// later moves the clock, and returns the beat that comes then.
func (c *clock) later(d time.Duration) env.RefreshMsg {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return env.RefreshMsg{Now: c.now}
}

func TestSpacePauses(t *testing.T) {
	l, now := demo.NewLedger(demo.Start()), &clock{now: demo.Start()}
	c := open(t, l, 120, 40, console.Dark(), func(e *env.Env) { e.Now = now.read })
	c.WaitText("Steps of run 42", "42  ● running")
	c.Keys("space")
	c.WaitText("paused 0:00")
	if err := l.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	c.Send(now.later(time.Minute))
	c.Keys("?") // drawn after the beat was heard
	c.WaitText("type to find")
	c.Keys("esc")
	c.WaitGone("type to find")
	if s := c.WaitText("paused 1:00"); !s.Contains("42  ● running") {
		t.Errorf("a paused screen goes on:\n%s", s.Text())
	}
	c.Keys("space")
	c.WaitText("42  ! cancelled")
	c.WaitGone("paused")
	c.Send(now.later(time.Minute))
	c.WaitText("42  ! cancelled", "09:32")
}

// talkative is a ledger of runs that tell more than is read at once.
type talkative struct {
	*demo.Ledger
	told int64         // by each run so far
	news chan struct{} // lets a run in progress tell one more
	slow chan struct{} // lets run 40 tell more than its first events
}

func (l talkative) Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error) {
	upTo := min(l.told, seq+screen.Batch-1)
	if run == 40 && seq > 1 {
		select {
		case <-l.slow:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if seq > l.told && run != 42 {
		return nil, io.EOF
	} else if seq > l.told {
		select {
		case <-l.news:
			upTo = seq
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	var list []pipeline.Event
	for ; seq <= upTo; seq++ {
		e := pipeline.Warning{Step: pipeline.Ingest, Message: fmt.Sprintf("number %d.", seq)}
		list = append(list, pipeline.WithHead(e, pipeline.Head{Run: run, Seq: seq, At: demo.Start()}))
	}
	return list, nil
}

// TestPausedPagesAreWhole opens runs while the screen is paused: all that they told until then is there.
func TestPausedPagesAreWhole(t *testing.T) {
	l := talkative{demo.NewLedger(demo.Start()), 2*screen.Batch + 200, make(chan struct{}), make(chan struct{})}
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("Steps of run 42", "42  ● running")
	c.Keys("space")
	c.WaitText("paused 0:00")
	c.Keys("enter")
	c.WaitText("runs ▸ run 42", "number 1200.")
	select {
	case l.news <- struct{}{}:
		t.Error("a paused page goes on")
	default:
	}
	c.Keys("space")
	l.news <- struct{}{}
	c.WaitText("number 1201.")
	c.Keys("esc", "down", "space")
	c.WaitText("Steps of run 41", "paused 0:00")
	c.Keys("enter")
	c.WaitText("runs ▸ run 41", "number 1200.")
	c.Keys("esc", "space", "down")
	c.WaitText("Steps of run 40", "enter open")
	c.Keys("enter")
	c.WaitText("runs ▸ run 40", "number 500.")
	c.Keys("space") // before all is read
	c.WaitText("paused 0:00")
	close(l.slow)
	c.WaitText("number 1200.", "paused 0:00")
}
