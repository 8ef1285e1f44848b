package runs_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/pipeline"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/runs"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestOneRunIsToldAgain(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Steps of run 42")
	c.Keys("down", "down", "down")
	c.WaitText("Steps of run 39", "not reached: the run was cancelled")
	c.Keys("enter")
	c.WaitText("runs ▸ run 39", "asked to stop by maria", "cancelled by maria", "exit code 130", "run 39 of ingest")
	c.Keys("c")
	c.Wait("copied command", func(tuitest.Screen) bool { return c.Clipboard() == "penstock --run runs events 39" })
	c.Keys("/")
	c.Type("!cancelled")
	c.Keys("enter")
	c.WaitGone("transform ! cancelled")
	c.Keys("esc", "tab", "c")
	c.Wait("copied command", func(tuitest.Screen) bool { return c.Clipboard() == "penstock --run runs 39" })
	c.Keys("down", "Y")
	c.Wait("copied row", func(tuitest.Screen) bool { return strings.Contains(c.Clipboard(), "transform\tsql\tcancelled") })
	c.Keys("r")
	c.WaitText("visited for run 39.")
	c.Keys("esc")
	c.WaitText("run 39")
	c.Keys("esc")
	c.WaitText("Steps of run 39", "enter open")
}

func TestCompare(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Steps of run 42")
	c.Keys("down", "t")
	c.WaitText("1 marked")
	c.Keys("d")
	c.WaitText("compare: it takes two runs: mark them with t")
	c.Keys("down", "down", "t")
	c.WaitText("2 marked")
	c.Keys("d")
	s := c.WaitText("runs ▸ 38 and 41", "Run 38 (A) and run 41 (B)", "collapsed")
	if s.Contains("Steps of run") {
		t.Errorf("the history stands under the comparison:\n%s", s.Text())
	}
	c.Keys("c")
	c.Wait("copied command", func(tuitest.Screen) bool { return c.Clipboard() == "penstock --run runs compare 38 41" })
	c.Keys("esc")
	c.WaitText("2 marked")
	c.Keys("esc")
	c.WaitGone("marked")
	c.Keys("d") // the one under the cursor, and the one before
	c.WaitText("Run 36 (A) and run 37 (B)", "failed", "differs")
}

func TestCancelAsks(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Steps of run 42", "● running")
	c.Keys("down")
	c.WaitText("Steps of run 41")
	c.Keys("x")
	c.WaitText("cancel: it is not running")
	c.Keys("up")
	c.WaitText("Steps of run 42")
	c.Keys("x")
	c.WaitText("Cancel run 42")
	c.Keys("y")
	c.WaitText("run 42 is asked to stop", "cancelled by admin")
}

func TestReadOnlyRefuses(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark(), func(e *env.Env) { e.Profile.ReadOnly = true })
	c.WaitText("Steps of run 42", "● running")
	c.Keys("x")
	c.WaitText("cancel: this session is read only")
}

func TestHistoryIsSortedAndFiltered(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Steps of run 42")
	c.Keys("/")
	c.Type("state:failed")
	c.Keys("enter")
	c.WaitText("4 of 42", "Steps of run 37")
	c.Keys("esc")
	s := c.WaitText("41  ✓ done")
	x, y, _ := s.Find("rejected")
	c.Click(x+2, y)
	c.WaitText("rejected ▼")
}

func TestGoingToARun(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	c.WaitText("Steps of run 42")
	c.Send(env.GotoMsg{Screen: "runs", Arg: "run 22"})
	c.WaitText("runs ▸ run 22", "! interrupted")
	c.Send(env.GotoMsg{Screen: "runs", Arg: "7777"})
	c.WaitText("run 7777: no such run", "press R to try again")
	c.Keys("esc")
	c.WaitText("enter open")
	c.Send(env.GotoMsg{Screen: "runs", Arg: "failed"})
	c.WaitText("/failed")
}

// broken is a ledger that fails until it is mended.
type broken struct {
	*demo.Ledger
	mu   sync.Mutex
	err  error
	none bool
}

func (b *broken) mend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = nil
}

func (b *broken) empty() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.none = true
}

func (b *broken) Runs(ctx context.Context, limit int) ([]screen.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil || b.none {
		return nil, b.err
	}
	return b.Ledger.Runs(ctx, limit)
}

func (b *broken) Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return nil, b.err
	}
	if b.none {
		return nil, io.EOF
	}
	return b.Ledger.Follow(ctx, run, seq)
}

func TestLedgerAway(t *testing.T) {
	b := &broken{Ledger: demo.NewLedger(demo.Start()), err: errors.New("staging is down\x1b[2J")}
	c := open(t, b, 120, 40, console.Dark())
	c.WaitText("✗ staging is down␛[2J", "press R to try again")
	b.mend()
	c.Keys("R")
	c.WaitText("Steps of run 42")
	b.mu.Lock()
	b.err = errors.New("down again")
	b.mu.Unlock()
	c.Keys("down")
	c.WaitText("Steps of run 41")
	c.Keys("enter")
	c.WaitText("✗ down again", "✓ done  pipeline")
	b.mend()
	c.Keys("R")
	c.WaitText("run 41 done in 19.0 s")
}

// TestEventsGoOnByThemselves opens a run while the ledger is away, and presses nothing when it is back.
func TestEventsGoOnByThemselves(t *testing.T) {
	b, now := &broken{Ledger: demo.NewLedger(demo.Start())}, &clock{now: demo.Start()}
	c := open(t, b, 120, 40, console.Dark(), func(e *env.Env) { e.Now = now.read })
	c.WaitText("Steps of run 42")
	c.Keys("down")
	c.WaitText("Steps of run 41")
	b.mu.Lock()
	b.err = errors.New("staging is down")
	b.mu.Unlock()
	c.Keys("enter")
	c.WaitText("✗ staging is down", "runs ▸ run 41")
	b.mend()
	c.Send(now.later(time.Minute))
	c.WaitText("run 41 done in 19.0 s")
}

// slow is a ledger that answers when its context ends.
type slow struct{ *demo.Ledger }

func (slow) Runs(ctx context.Context, _ int) ([]screen.Run, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (slow) Run(ctx context.Context, _ int64) (screen.Run, error) {
	<-ctx.Done()
	return screen.Run{}, ctx.Err()
}

func TestEscCancelsWhatIsBeingRead(t *testing.T) {
	c := open(t, slow{demo.NewLedger(demo.Start())}, 120, 40, console.Dark())
	c.WaitText("loading")
	c.Send(env.GotoMsg{Screen: "runs", Arg: "42"})
	c.WaitText("reading run 42")
	c.Keys("esc")
	c.WaitGone("reading run 42")
	c.Keys("esc")
	c.WaitText("not read: it was cancelled", "press R to read the history")
}

func TestNoRunYet(t *testing.T) {
	c := open(t, &broken{Ledger: demo.NewLedger(demo.Start()), none: true}, 80, 24, console.Dark())
	c.WaitText("no run yet", "press 1 for the pipeline and s to start the first")
	c.Keys("enter")
	c.WaitText("open: there is no run")
	c.Keys("d")
	c.WaitText("compare: it takes two runs")
	c.Send(env.GotoMsg{Screen: "runs", Arg: "42"})
	c.WaitText("this run left no events")
}

// TestHistoryGone holds keys to the rows that there are, when those on show and the marks on them are gone.
func TestHistoryGone(t *testing.T) {
	b := &broken{Ledger: demo.NewLedger(demo.Start())}
	c := open(t, b, 120, 40, console.Dark())
	c.WaitText("Steps of run 42")
	c.Keys("t", "t")
	c.WaitText("2 marked", "Steps of run 40")
	b.empty()
	c.Keys("R")
	c.WaitText("no run yet")
	c.Keys("d")
	c.WaitText("compare: it takes two runs")
	c.Keys("enter")
	c.WaitText("open: there is no run")
	c.Keys("r")
	c.WaitText("rejects: there is no run")
}

func TestASCIIAndPlain(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 80, 24, console.Dark(), func(e *env.Env) { e.ASCII = true })
	s := c.WaitText("* running", "Steps of run 42")
	for _, r := range s.Text() {
		if r > 0x7f {
			t.Fatalf("%q in an ASCII session:\n%s", r, s.Text())
		}
	}
	p := open(t, demo.NewLedger(demo.Start()), 100, 40, console.Dark(), func(e *env.Env) { e.Plain = true })
	p.WaitText("row 37 of 42: run 6, state ", "row 38 of 42: run 5, state done, started 2011-11-03 09:30")
}

// TestRefresh sees news of the newest run, and keeps the rows that are older.
func TestRefresh(t *testing.T) {
	l, now := demo.NewLedger(demo.Start()), &clock{now: demo.Start()}
	c := open(t, l, 120, 40, console.Dark(), func(e *env.Env) { e.Now = now.read })
	c.WaitText("Steps of run 42", "● running", " 17  ")
	if err := l.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	c.Send(now.later(3 * time.Second))
	c.WaitText("! cancelled", "cancelled by admin", " 17  ")
}
