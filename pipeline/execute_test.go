package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
)

func TestRunFromStartToEnd(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	var seen RunContext
	plan := Plan{
		Steps: []Step{
			step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
				seen = *rc
				rc.Emit(LoadStarted{Load: 1, Source: "shop", Name: "a.csv"})
				rc.Progress(Progress{Done: 5, Total: 10, Unit: "bytes", Load: "a.csv"})
				rc.Emit(LoadFinished{Load: 1, Source: "shop", Name: "a.csv", State: "loaded", Read: 3, Loaded: 2, Rejected: 1})
				return Result{Read: 3, Loaded: 2, Rejected: 1, Bytes: 99, Took: time.Second}, nil
			}),
			quick(Transform, Result{Read: 2, Loaded: 1, Collapsed: 1}, nil),
			quick(Publish, Result{Skipped: "nothing new"}, nil),
		},
		Options: json.RawMessage(`{"limit": 5}`), Rebuild: true, Sources: []string{"shop"},
	}
	out, err := l.Execute(testContext(t), plan)
	if err != nil {
		t.Fatal(err)
	}
	if out.ExitCode != ExitDone || out.State != Done || out.Spool != "" || out.Results[Ingest].Bytes != 99 {
		t.Errorf("outcome %+v", out)
	}
	if seen.ID != out.Run || !seen.Rebuild || !slices.Equal(seen.Sources, plan.Sources) {
		t.Errorf("the step knew %+v", seen)
	}

	events := collect(t, l.Next, out.Run)
	want := []string{
		"run_started", "step_started ingest", "load_started ingest", "load_finished ingest", "step_finished ingest",
		"step_started transform", "step_finished transform", "step_started publish", "step_skipped publish", "run_finished",
	}
	if got := kinds(events); !slices.Equal(got, want) {
		t.Errorf("events %q", got)
	}
	for i, e := range events {
		if h := e.Head(); h.Run != out.Run || h.Seq != int64(i+1) || h.At.IsZero() {
			t.Errorf("event %d has head %+v", i+1, h)
		}
	}
	started := as[RunStarted](t, events[0])
	if started.Host != "host-ann" || started.Who != "ann" || !slices.Equal(started.Tasks, []string{"ingest", "transform", "publish"}) {
		t.Errorf("started as %+v", started)
	}

	r, err := l.RunByID(testContext(t), out.Run)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != Done || r.ExitCode == nil || *r.ExitCode != 0 || r.FinishedAt == nil || r.Err != "" || string(r.Options) != `{"limit": 5}` {
		t.Errorf("run %+v", r)
	}
	steps, err := l.Steps(testContext(t), out.Run)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, string(s.Step)+" "+string(s.State)+" "+s.Reason)
	}
	if !slices.Equal(got, []string{"ingest done ", "transform done ", "publish skipped nothing new"}) {
		t.Errorf("steps %q", got)
	}
	if s := steps[0]; s.Read != 3 || s.Loaded != 2 || s.Rejected != 1 || s.Bytes != 99 || s.StartedAt == nil || s.FinishedAt == nil {
		t.Errorf("ingest %+v", s)
	}
	if s := steps[1]; s.Collapsed != 1 {
		t.Errorf("transform %+v", s)
	}
}

func TestAFailedStepEndsTheRun(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	broken := withHint(errors.New("load a.csv: disk full"), "free some space")
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{
		quick(Ingest, Result{}, broken), quick(Transform, Result{}, nil), quick(Publish, Result{}, nil),
	}})
	if !errors.Is(err, broken) || out.Err == nil || out.ExitCode != ExitFailed || out.State != Failed || out.Failed != Ingest {
		t.Errorf("%+v, %v", out, err)
	}
	events := collect(t, l.Next, out.Run)
	want := []string{"run_started", "step_started ingest", "step_failed ingest", "step_skipped transform", "step_skipped publish", "run_finished"}
	if got := kinds(events); !slices.Equal(got, want) {
		t.Fatalf("events %q", got)
	}
	if e := as[StepFailed](t, events[2]); e.Err != broken.Error() || e.Hint != "free some space" || e.Cancelled {
		t.Errorf("%+v", e)
	}
	if e := as[StepSkipped](t, events[3]); e.Reason != "not reached: ingest failed" {
		t.Errorf("%+v", e)
	}
	if e := as[RunFinished](t, events[5]); e.Status != Failed || e.ExitCode != 1 || e.Err != broken.Error() || e.Hint != "free some space" {
		t.Errorf("%+v", e)
	}
	r, err := l.RunByID(testContext(t), out.Run)
	if err != nil || r.State != Failed || r.Err != broken.Error() || r.Hint != "free some space" || *r.ExitCode != 1 {
		t.Errorf("%+v %v", r, err)
	}
	steps, err := l.Steps(testContext(t), out.Run)
	if err != nil || steps[0].Err != broken.Error() || steps[0].State != Failed || steps[1].Reason != "not reached: ingest failed" {
		t.Errorf("%+v %v", steps, err)
	}
}

func TestExitCodes(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	boom := errors.New("boom")
	for _, c := range []struct {
		name  string
		steps []Step
		code  int
		state State
		last  string // what became of the last step
	}{
		{
			"a gate stops publish",
			[]Step{quick(Check, Result{Gate: true}, nil), quick(Publish, Result{}, nil)},
			ExitGate, Done, KindStepSkipped,
		},
		{
			"an optional source is missing",
			[]Step{quick(Ingest, Result{Incomplete: true}, nil), quick(Transform, Result{}, nil)},
			ExitIncomplete, Done, KindStepFinished,
		},
		{
			"the gate weighs more than the source",
			[]Step{quick(Ingest, Result{Incomplete: true}, nil), quick(Check, Result{Gate: true}, nil)},
			ExitGate, Done, KindStepFinished,
		},
		{
			"a failure weighs most",
			[]Step{quick(Ingest, Result{Incomplete: true}, nil), quick(Check, Result{Gate: true}, nil), quick(Publish, Result{}, nil)},
			ExitGate, Done, KindStepSkipped,
		},
		{
			"failed after a gate",
			[]Step{quick(Ingest, Result{Incomplete: true}, nil), quick(Check, Result{}, boom)},
			ExitFailed, Failed, KindStepFailed,
		},
	} {
		out, err := l.Execute(testContext(t), Plan{Steps: c.steps})
		if out.ExitCode != c.code || out.State != c.state || (err != nil) != (c.code == ExitFailed) {
			t.Errorf("%s: %+v, %v", c.name, out, err)
		}
		events := collect(t, l.Next, out.Run)
		if got := events[len(events)-2].Kind(); got != c.last {
			t.Errorf("%s: the last step: %s", c.name, got)
		}
		if e := as[RunFinished](t, events[len(events)-1]); e.ExitCode != c.code || e.Status != c.state {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}

func TestAPanicIsAFailedStep(t *testing.T) {
	logged := &logLines{}
	l := process(t, localtest.New(t), "ann", func(o *Options) { o.Log = newLogger(logged) })
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{
		step(Ingest, func(context.Context, *RunContext) (Result, error) { panic("index out of range") }),
		quick(Transform, Result{}, nil),
	}})
	if err == nil || out.ExitCode != ExitFailed || hintOf(err) == "" {
		t.Errorf("%+v, %v", out, err)
	}
	events := collect(t, l.Next, out.Run)
	want := []string{"run_started", "step_started ingest", "step_failed ingest", "step_skipped transform", "run_finished"}
	if got := kinds(events); !slices.Equal(got, want) {
		t.Fatalf("events %q", got)
	}
	if e := as[StepFailed](t, events[2]); e.Err != "panic: index out of range" {
		t.Errorf("%+v", e)
	}
	if stack := logged.attr("a step panicked", "stack"); !strings.Contains(stack, "TestAPanicIsAFailedStep") {
		t.Errorf("logged stack %q", stack)
	}
	// The lock is free again.
	if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
		t.Error(err)
	}
}

func TestCancel(t *testing.T) {
	d := localtest.New(t)
	for name, cancel := range map[string]struct {
		by   func(t *testing.T, x *Execution, stop context.CancelFunc)
		want string
	}{
		"by the context": {func(_ *testing.T, _ *Execution, stop context.CancelFunc) { stop() }, "cancelled"},
		"by this process": {
			func(_ *testing.T, x *Execution, _ context.CancelFunc) { x.Cancel("ann") }, "cancelled by ann",
		},
		"by another process": {
			func(t *testing.T, x *Execution, _ context.CancelFunc) {
				if err := process(t, d, "bob").RequestCancel(testContext(t), x.ID(), "bob"); err != nil {
					t.Error(err)
				}
			}, "cancelled by bob",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := process(t, d, "ann")
			ctx, stop := context.WithCancel(testContext(t))
			defer stop()
			started := make(chan struct{})
			var cleanup error
			x, err := l.Start(ctx, Plan{Steps: []Step{
				step(Ingest, func(ctx context.Context, rc *RunContext) (Result, error) {
					close(started)
					<-ctx.Done()
					clean, done := rc.Cleanup(ctx)
					defer done()
					_, limited := clean.Deadline()
					if cleanup = clean.Err(); !limited {
						cleanup = errors.New("no limit")
					}
					return Result{}, ctx.Err()
				}),
				quick(Transform, Result{}, nil),
			}})
			if err != nil {
				t.Fatal(err)
			}
			<-started
			cancel.by(t, x, stop)
			out, err := x.Wait()
			if !errors.Is(err, ErrCancelled) || err.Error() != cancel.want || out.State != Cancelled || out.ExitCode != ExitFailed {
				t.Errorf("%+v, %v", out, err)
			}
			if cleanup != nil {
				t.Errorf("cleaning up: %v", cleanup)
			}
			events := collect(t, l.Next, out.Run)
			want := []string{"run_started", "step_started ingest", "step_failed ingest", "step_skipped transform", "run_finished"}
			if got := kinds(events); !slices.Equal(got, want) {
				t.Fatalf("events %q", got)
			}
			if e := as[StepFailed](t, events[2]); !e.Cancelled || e.Err != cancel.want {
				t.Errorf("%+v", e)
			}
			r, err := l.RunByID(testContext(t), out.Run)
			if err != nil || r.State != Cancelled {
				t.Errorf("%+v %v", r, err)
			}
			steps, err := l.Steps(testContext(t), out.Run)
			if err != nil || steps[0].State != Cancelled || steps[1].State != Skipped {
				t.Errorf("%+v %v", steps, err)
			}
		})
	}
}

func TestCancelBetweenSteps(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	var x *Execution
	ready := make(chan struct{})
	x, err := l.Start(testContext(t), Plan{Steps: []Step{
		step(Ingest, func(context.Context, *RunContext) (Result, error) {
			<-ready
			x.Cancel("ann")
			return Result{Read: 7, Loaded: 7}, nil // it was already done
		}),
		quick(Transform, Result{}, nil),
	}})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	out, err := x.Wait()
	if !errors.Is(err, ErrCancelled) || out.State != Cancelled || out.Failed != "" || out.Results[Ingest].Read != 7 {
		t.Errorf("%+v, %v", out, err)
	}
	want := []string{"run_started", "step_started ingest", "step_finished ingest", "step_skipped transform", "run_finished"}
	if got := kinds(collect(t, l.Next, out.Run)); !slices.Equal(got, want) {
		t.Errorf("events %q", got)
	}
}

func TestCancelAfterTheLastStepChangesNothing(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	ctx, stop := context.WithCancel(testContext(t))
	defer stop()
	out, err := l.Execute(ctx, Plan{Steps: []Step{
		step(Ingest, func(context.Context, *RunContext) (Result, error) { stop(); return Result{}, nil }),
	}})
	if err != nil || out.State != Done {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestPlansThatCannotRun(t *testing.T) {
	ok := quick(Ingest, Result{}, nil)
	for want, plan := range map[string]Plan{
		"no steps":               {},
		`no step is called "mop`: {Steps: []Step{quick("mop", Result{}, nil)}},
		"does not come after":    {Steps: []Step{quick(Check, Result{}, nil), ok}},
		"ingest does not come":   {Steps: []Step{ok, ok}},
		"nothing to run":         {Steps: []Step{{Name: Ingest}}},
		"not JSON":               {Steps: []Step{ok}, Options: json.RawMessage("{")},
	} {
		if _, err := plan.prepare(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	given := Plan{Steps: []Step{ok}, Tasks: []string{"pipeline"}, Options: json.RawMessage("{}")}
	got, err := given.prepare()
	if err != nil || !reflect.DeepEqual(got.Tasks, given.Tasks) {
		t.Errorf("%+v %v", got.Tasks, err)
	}
}

func TestHostileNamesAreNoted(t *testing.T) {
	l := process(t, localtest.New(t), "ann\x00\xff\x1b", func(o *Options) { o.Version = "1\x00" })
	out, err := l.Execute(testContext(t), Plan{
		Steps: []Step{quick(Ingest, Result{}, errors.New("no \x00 \xff"))}, Options: json.RawMessage(`{"a": "\u0000"}`),
	})
	if out.Run == 0 || out.Spool != "" {
		t.Fatalf("%+v %v", out, err)
	}
	r, err := l.RunByID(testContext(t), out.Run)
	if err != nil || r.Who != "ann\ufffd\ufffd\x1b" || r.Version != "1\ufffd" || r.Err != "no \ufffd \ufffd" || string(r.Options) != "{\"a\": \"\ufffd\"}" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRejectsBecomeSamplesAndCounts(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{
		step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
			for load := range int64(2) {
				for i := range int64(25) {
					rc.Emit(RejectSample{Load: load, Record: i + 1, Line: i + 2, Reason: "scale", Column: "quantity", Raw: []byte{0xff}})
				}
			}
			rc.Emit(LoadFinished{Load: 0, State: "loaded", Rejected: 25})
			return Result{}, nil // load 1 did not come to an end
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	var order []string
	for _, e := range collect(t, l.Next, out.Run) {
		if s, ok := e.(RejectSample); ok {
			if s.More > 0 {
				counts[string(rune('0'+s.Load))+" more"] += s.More
				order = append(order, "more")
				continue
			}
			counts[string(rune('0'+s.Load))]++
			continue
		}
		order = append(order, e.Kind())
	}
	if want := map[string]int64{"0": 10, "0 more": 15, "1": 10, "1 more": 15}; !reflect.DeepEqual(counts, want) {
		t.Errorf("got %v", counts)
	}
	if want := []string{"run_started", "step_started", "more", "load_finished", "more", "step_finished", "run_finished"}; !slices.Equal(order, want) {
		t.Errorf("order %q", order)
	}
}
