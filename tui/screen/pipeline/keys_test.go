package pipeline_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/pipeline"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

// recorder is a ledger that remembers what it was asked for.
type recorder struct {
	*demo.Ledger
	mu        sync.Mutex
	started   []screen.Request
	cancelled []int64
	refuse    error
}

func newRecorder() *recorder { return &recorder{Ledger: demo.NewLedger(demo.Start())} }

// idle has no run in progress.
func (r *recorder) idle(t *testing.T) *recorder {
	t.Helper()
	if err := r.Ledger.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *recorder) Start(ctx context.Context, q screen.Request) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = append(r.started, q)
	if r.refuse != nil {
		return 0, r.refuse
	}
	return r.Ledger.Start(ctx, q)
}

func (r *recorder) Cancel(ctx context.Context, run int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancelled = append(r.cancelled, run)
	return r.Ledger.Cancel(ctx, run)
}

func (r *recorder) asked() ([]screen.Request, []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.started), slices.Clone(r.cancelled)
}

func TestStartAsksForSteps(t *testing.T) {
	l := newRecorder().idle(t)
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("Run 42", "! cancelled")
	c.Keys("s")
	c.WaitText("Start a run", "‹ all ›", "source")
	c.Keys("right", "right")
	c.WaitText("‹ transform ›")
	c.Keys("tab", "right")
	c.WaitText("‹ online-retail ›")
	c.Keys("ctrl+s")
	c.WaitText("Run 43", "● running", "run 43 of transform")
	started, _ := l.asked()
	want := screen.Request{Steps: []pipeline.StepName{pipeline.Transform}, Sources: []string{"online-retail"}}
	if len(started) != 1 || !slices.Equal(started[0].Args(), want.Args()) {
		t.Errorf("started %+v", started)
	}
}

// TestStartByEnter starts the form as it is by enter, wherever the cursor is.
func TestStartByEnter(t *testing.T) {
	l := newRecorder().idle(t)
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("Run 42", "! cancelled")
	c.Keys("s")
	c.WaitText("Start a run", "enter submits it as it is")
	c.Keys("enter")
	c.WaitText("Run 43", "● running")
	if started, _ := l.asked(); len(started) != 1 || len(started[0].Steps)+len(started[0].Sources) > 0 {
		t.Errorf("started %+v", started)
	}
}

func TestStartIsRefusedWhileOneRuns(t *testing.T) {
	l := newRecorder()
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("running 1:01")
	c.Keys("s")
	c.WaitText("start: run 42 is in progress")
	c.Keys("u")
	c.WaitText("resume: run 42 is in progress")
	if started, _ := l.asked(); len(started) > 0 {
		t.Errorf("started %+v", started)
	}
}

func TestEnginesThatThisVersionLacksAreRefused(t *testing.T) {
	c := open(t, newRecorder().idle(t), 120, 40, console.Dark())
	c.WaitText("! cancelled")
	c.Keys("E")
	c.WaitText("Engines of the next run", "‹ go ›")
	c.Keys("right")
	c.WaitText("‹ nifi ›")
	c.Keys("enter")
	c.WaitText("✗ not supported by this version")
	c.Keys("esc")
	c.WaitGone("Engines of the next run")
}

func TestCancelAsks(t *testing.T) {
	l := newRecorder()
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("running 1:01")
	c.Keys("x")
	c.WaitText("Cancel run 42", "What is loaded whole stays", "ingest is at it, since 1:01")
	c.Keys("enter", "n")
	c.WaitGone("Cancel run 42")
	c.Keys("x")
	c.WaitText("Cancel run 42")
	c.Keys("y")
	c.WaitText("! cancelled", "cancelled by admin")
	if _, cancelled := l.asked(); !slices.Equal(cancelled, []int64{42}) {
		t.Errorf("cancelled %v", cancelled)
	}
	c.Keys("x")
	c.WaitText("cancel: nothing is running")
}

func TestProductionAsksForItsName(t *testing.T) {
	l := newRecorder()
	c := open(t, l, 120, 40, console.Dark(), func(e *env.Env) { e.Profile = env.Profile{Name: "shop", Production: true} })
	c.WaitText("running 1:01")
	c.Keys("x")
	c.WaitText("production: shop", "Type shop")
	c.Type("ship")
	c.Keys("enter")
	c.WaitText("that is another name")
	c.Keys("backspace", "backspace")
	c.Type("op")
	c.Keys("enter")
	c.WaitText("! cancelled")
}

func TestReadOnlyRefuses(t *testing.T) {
	l := newRecorder()
	c := open(t, l, 120, 40, console.Dark(), func(e *env.Env) { e.Profile.ReadOnly = true })
	c.WaitText("running 1:01")
	for key, title := range map[string]string{"s": "start", "x": "cancel", "B": "rebuild"} {
		c.Keys(key)
		c.WaitText(title + ": this session is read only")
	}
	if started, cancelled := l.asked(); len(started)+len(cancelled) > 0 {
		t.Errorf("asked for %v %v", started, cancelled)
	}
}

func TestResumeTakesUpWhatWasLeft(t *testing.T) {
	l := newRecorder().idle(t)
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("! cancelled")
	c.Keys("u")
	c.WaitText("Run 43", "● running")
	started, _ := l.asked()
	if len(started) != 1 || len(started[0].Args()) != 0 {
		t.Errorf("resumed with %q", started[0].Args())
	}
}

func TestRebuildAsks(t *testing.T) {
	l := newRecorder().idle(t)
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("! cancelled")
	c.Keys("B")
	c.WaitText("derived anew from all that is loaded")
	c.Keys("y")
	c.WaitText("Run 43")
	started, _ := l.asked()
	if got := strings.Join(started[0].Args(), " "); got != "transform aggregate check publish --rebuild" {
		t.Errorf("rebuilt by %q", got)
	}
	c.Keys("x")
	c.WaitText("Cancel run 43")
	c.Keys("y")
	c.WaitText("! cancelled in 0 ms  by admin")
	c.Keys("s")
	c.WaitText("Start a run")
	c.Keys("up", "space", "ctrl+s") // the last field
	c.WaitText("derived anew from all that is loaded")
	c.Keys("esc")
	c.WaitGone("derived anew")
	if started, _ := l.asked(); len(started) != 1 {
		t.Errorf("started %v", started)
	}
}

func TestStartThatFailsSaysWhatNext(t *testing.T) {
	l := newRecorder().idle(t)
	l.refuse = &pipeline.LockedError{Database: "staging", Run: 40, Who: "maria\x1b[2J", Host: "shop-2", PID: 7}
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("! cancelled")
	c.Keys("s")
	c.WaitText("Start a run")
	c.Keys("ctrl+s")
	c.WaitText("run 40 of maria␛[2J (host shop-2", "penstock --run runs cancel 40")
}

func TestFocusAndDetails(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 80, 24, console.Dark())
	c.WaitText("Log", "! web-shop")
	c.Keys("right", "right")
	s := c.WaitText("▸aggregate", "waits for the step before it")
	if s.Contains("▸ingest") {
		t.Error("two steps are chosen")
	}
	c.Keys("esc")
	c.WaitText("▸ingest", "27.8 MB of 45.6 MB")
	c.Keys("tab")
	c.WaitText("Sources", "web-shop", "✗ failed")
	c.Keys("tab", "/")
	c.Type("quantity")
	c.Keys("enter")
	c.WaitText("1 of 9")
	c.Keys("esc")
	c.WaitText("follow")
	c.Keys("c")
	c.WaitText("penstock --run runs events 42")
	c.Wait("copied command", func(tuitest.Screen) bool { return c.Clipboard() == "penstock --run runs events 42" })
	c.Keys("shift+tab", "shift+tab", "enter")
	c.WaitText("visited for 42.")
	c.Keys("esc", "r")
	c.WaitText("visited for run 42.")
}

func TestMouseChoosesStepsAndParts(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 120, 40, console.Dark())
	s := c.WaitText("▸ingest", "! web-shop")
	x, y, _ := s.Find("publish")
	c.Click(x+3, y+1)
	s = c.WaitText("▸publish")
	x, y, _ = s.Find("web-shop")
	c.Click(x, y)
	c.WaitText("▸web-shop")
	x, y, _ = s.Find("started, engine go")
	c.Click(x, y)
	c.WaitText("stopped at 2 of 9")
}

func TestASCIIAndPlain(t *testing.T) {
	c := open(t, demo.NewLedger(demo.Start()), 80, 24, console.Dark(), func(e *env.Env) { e.ASCII = true })
	s := c.WaitText(">ingest =====", "* running")
	for _, r := range s.Text() {
		if r > 0x7f {
			t.Fatalf("%q in an ASCII session:\n%s", r, s.Text())
		}
	}
	p := open(t, demo.NewLedger(demo.Start()), 100, 40, console.Dark(), func(e *env.Env) { e.Plain = true })
	s = p.WaitText("ingest by go: running. 61 %", "transform by sql: waiting. last")
	if strings.ContainsAny(s.Text(), "█▇⣿─") {
		t.Errorf("drawings in a plain session:\n%s", s.Text())
	}
}

// script is a ledger whose looks a test answers one by one.
type script struct {
	looks  chan answer
	events chan []pipeline.Event // closed: the end
}

type answer struct {
	state screen.State
	err   error
}

func newScript() *script {
	return &script{looks: make(chan answer, 8), events: make(chan []pipeline.Event, 8)}
}

func (s *script) Look(ctx context.Context, _ time.Duration) (screen.State, error) {
	select {
	case a := <-s.looks:
		return a.state, a.err
	case <-ctx.Done():
		return screen.State{}, context.Cause(ctx)
	}
}

func (s *script) Follow(ctx context.Context, _, _ int64) ([]pipeline.Event, error) {
	select {
	case e, ok := <-s.events:
		if !ok {
			return nil, io.EOF
		}
		return e, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *script) Start(context.Context, screen.Request) (int64, error) { return 0, nil }
func (s *script) Cancel(context.Context, int64) error                  { return nil }

type downError struct{}

func (downError) Error() string { return "staging: connection refused" }
func (downError) Hint() string  { return "start the server" }

func running(id int64) screen.State {
	r := pipeline.Run{ID: id, State: pipeline.Running, StartedAt: demo.Start().Add(-5 * time.Second), Who: "cron", Host: "shop-2"}
	return screen.State{At: demo.Start(), Run: r, Steps: []pipeline.StepRun{{Run: id, Step: pipeline.Check, Engine: "sql", State: pipeline.Running, StartedAt: &r.StartedAt}}}
}

func TestLedgerAwayAndBack(t *testing.T) {
	l := newScript()
	c := open(t, l, 120, 40, console.Dark())
	c.WaitText("loading")
	l.looks <- answer{err: downError{}}
	c.WaitText("staging: connection refused", "start the server; it is tried again by itself; press R to try again")
	l.looks <- answer{state: running(7)} // by itself
	c.WaitText("Run 7", "running 0:05", "by cron on shop-2")
	l.looks <- answer{err: downError{}}
	s := c.WaitText("✗ ledger away", "Run 7")
	if !s.Contains("● running") {
		t.Errorf("what was known is gone:\n%s", s.Text())
	}
	l.looks <- answer{err: errors.New("still down")}
	l.looks <- answer{state: running(7)}
	c.WaitText("the ledger is back")
	c.WaitGone("ledger away")
}

func TestNothingYet(t *testing.T) {
	l := newScript()
	c := open(t, l, 120, 40, console.Dark())
	l.looks <- answer{state: screen.State{At: demo.Start()}}
	c.WaitText("no run yet: s starts the first", "no sources are configured", "it has not run yet")
	c.Keys("enter")
	c.WaitText("details: there was no run yet")
	c.Keys("c")
	c.Wait("copied command", func(tuitest.Screen) bool { return c.Clipboard() == "penstock --run" })
}

// TestRunOfAnotherConsole sees a run that somebody else started come, tell and end.
func TestRunOfAnotherConsole(t *testing.T) {
	l := newScript()
	c := open(t, l, 120, 40, console.Dark())
	l.looks <- answer{state: screen.State{At: demo.Start()}}
	c.WaitText("no run yet")
	l.looks <- answer{state: running(7)}
	c.WaitText("Run 7")
	head := func(seq int64) pipeline.Head { return pipeline.Head{Run: 7, Seq: seq, At: demo.Start()} }
	l.events <- []pipeline.Event{pipeline.WithHead(pipeline.StepStarted{Step: pipeline.Check, Engine: "sql"}, head(1))}
	c.WaitText("check   started, engine sql")
	end := demo.Start()
	done := running(7)
	done.Run.State, done.Run.FinishedAt = pipeline.Done, &end
	done.Steps[0].State, done.Steps[0].FinishedAt = pipeline.Done, &end
	l.events <- []pipeline.Event{pipeline.WithHead(pipeline.RunFinished{Status: pipeline.Done, Took: 5 * time.Second}, head(2))}
	close(l.events)
	c.WaitText("✓ run 7 done in 5.0 s") // the notice
	l.looks <- answer{state: done}
	l.looks <- answer{state: done}
	c.WaitText("✓ done in 5.0 s  by cron on shop-2, just now")
}
