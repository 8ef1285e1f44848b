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

func TestRunsAreListedNewestFirst(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	for range 3 {
		if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
			t.Fatal(err)
		}
	}
	s, started, release := blocker(Transform)
	x := start(t, l, Plan{Steps: []Step{quick(Ingest, Result{}, nil), s}})
	<-started
	runs, err := l.Runs(testContext(t), 3)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, r := range runs {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []int64{x.ID(), 3, 2}) || runs[0].State != Running || runs[0].FinishedAt != nil || runs[1].State != Done {
		t.Errorf("%+v", runs)
	}
	if took := runs[1].Took(time.Time{}); took < 0 || took > testLimit {
		t.Errorf("took %v", took)
	}
	if took := runs[0].Took(runs[0].StartedAt.Add(time.Minute)); took != time.Minute {
		t.Errorf("took %v", took)
	}
	release()
	if _, err := x.Wait(); err != nil {
		t.Fatal(err)
	}
	steps, err := l.Steps(testContext(t), 2, x.ID())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range steps {
		got = append(got, string(s.Step))
	}
	if !slices.Equal(got, []string{"ingest", "transform", "ingest"}) || steps[0].Run != x.ID() || steps[2].Run != 2 {
		t.Errorf("%+v", steps)
	}
	_, err = l.RunByID(testContext(t), 99)
	mustBe(t, err, ErrNoRun)
}

func TestTookOfAStep(t *testing.T) {
	start, end := time.Unix(100, 0), time.Unix(103, 0)
	for _, c := range []struct {
		s    StepRun
		want time.Duration
	}{
		{StepRun{}, 0},
		{StepRun{StartedAt: &start}, 10 * time.Second},
		{StepRun{StartedAt: &start, FinishedAt: &end}, 3 * time.Second},
		{StepRun{StartedAt: &end, FinishedAt: &start}, 0},
	} {
		if got := c.s.Took(time.Unix(110, 0)); got != c.want {
			t.Errorf("%+v: %v", c.s, got)
		}
	}
}

func TestProgressReachesOtherProcesses(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	more := make(chan Progress)
	x := start(t, l, Plan{Steps: []Step{step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
		for p := range more {
			rc.Progress(p)
		}
		return Result{}, nil
	})}})
	beside := process(t, d, "bob")
	if p, ok, err := beside.ProgressOf(testContext(t), 99); err != nil || ok {
		t.Errorf("of no run: %+v %v %v", p, ok, err)
	}
	sent := Progress{
		Source: "shop", Load: "a.csv", Phase: "copying", Done: 50, Total: 200, Unit: "bytes", Read: 7, Loaded: 6, Rejected: 1,
		Loads: []LoadProgress{{Source: "shop", Name: "a.csv", State: "loading", Done: 50, Total: 200, Read: 7, Rejected: 1}},
	}
	more <- sent
	var got Progress
	eventually(t, "the progress is there", func(ctx context.Context) bool {
		p, ok, err := beside.ProgressOf(ctx, x.ID())
		got = p
		return err == nil && ok && p.Done == 50
	})
	live, ok := x.CurrentProgress()
	if !ok || !reflect.DeepEqual(live, got) {
		t.Errorf("live %+v\nledger %+v", live, got)
	}
	if got.Run != x.ID() || got.Step != Ingest || got.Engine != "test" || got.At.IsZero() || got.Since.IsZero() || !reflect.DeepEqual(got.Loads, sent.Loads) {
		t.Errorf("%+v", got)
	}
	if f, ok := got.Fraction(); !ok || f != 0.25 {
		t.Errorf("fraction %v %v", f, ok)
	}
	sent.Done = 200
	more <- sent
	close(more)
	if _, err := x.Wait(); err != nil {
		t.Fatal(err)
	}
	if p, ok, err := beside.ProgressOf(testContext(t), x.ID()); err != nil || !ok || p.Done != 200 {
		t.Errorf("at the end: %+v %v %v", p, ok, err)
	}
}

func TestFraction(t *testing.T) {
	for _, c := range []struct {
		p    Progress
		want float64
		ok   bool
	}{
		{Progress{Done: 5}, 0, false},
		{Progress{Done: 5, Total: 10}, 0.5, true},
		{Progress{Done: 11, Total: 10}, 1, true},
		{Progress{Done: -1, Total: 10}, 0, true},
	} {
		if f, ok := c.p.Fraction(); f != c.want || ok != c.ok {
			t.Errorf("%+v: %v %v", c.p, f, ok)
		}
	}
}

func TestDetailShowsWhatToLookAt(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{
		step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
			for range 300 {
				rc.Emit(LoadSkipped{Source: "shop", Name: "old.csv", Reason: "loaded before"})
			}
			rc.Emit(LoadStarted{Load: 1})
			rc.Emit(LoadStarted{Load: 2})
			rc.Emit(LoadFinished{Load: 1, State: "loaded", Read: 1, Loaded: 1})
			rc.Emit(RejectSample{Load: 2, Reason: "scale"})
			rc.Emit(LoadFinished{Load: 2, State: "loaded", Read: 1, Rejected: 1})
			return Result{}, nil
		}),
		step(Check, func(_ context.Context, rc *RunContext) (Result, error) {
			rc.Emit(CheckFailed{Check: "orphans", Severity: "warn", Found: 1, Message: "m"})
			return Result{}, errors.New("boom")
		}),
	}})
	if err == nil {
		t.Fatal("no error")
	}
	d, err := l.DetailOf(testContext(t), out.Run)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"load_started ingest", "reject_sample ingest", "load_finished ingest", "check_failed check", "step_failed check"}
	if got := kinds(d.Notable); !slices.Equal(got, want) || d.Run.ID != out.Run || len(d.Steps) != 2 {
		t.Errorf("%q %+v", got, d)
	}
	if _, err := l.DetailOf(testContext(t), 99); !errors.Is(err, ErrNoRun) {
		t.Error(err)
	}
	text, err := json.Marshal(d)
	if err != nil || !strings.Contains(string(text), `"exit_code":1`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestCompareSetsStepsSideBySide(t *testing.T) {
	a := []StepRun{{Step: Check, Read: 1}, {Step: Ingest, Read: 2}}
	b := []StepRun{{Step: Ingest, Read: 3}, {Step: Publish, Read: 4}}
	want := []StepDelta{
		{Step: Ingest, A: a[1], B: b[0], HasA: true, HasB: true},
		{Step: Check, A: a[0], HasA: true},
		{Step: Publish, B: b[1], HasB: true},
	}
	if got := Compare(a, b); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestCancelRequestsThatCannotBe(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	if err != nil {
		t.Fatal(err)
	}
	err = l.RequestCancel(testContext(t), out.Run, "bob")
	mustBe(t, err, ErrNotRunning)
	if !strings.Contains(err.Error(), "it is done") {
		t.Error(err)
	}
	mustBe(t, l.RequestCancel(testContext(t), 99, "bob"), ErrNoRun)
}

func TestTheFirstToCancelIsKept(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	run := deadRun(t, d)
	for _, who := range []string{"bob", "eve"} {
		if err := l.RequestCancel(testContext(t), run, who); err != nil {
			t.Fatal(err)
		}
	}
	r, err := l.RunByID(testContext(t), run)
	if err != nil || r.CancelledBy != "bob" || r.CancelRequested == nil {
		t.Errorf("%+v %v", r, err)
	}
}

func TestPruneForgetsOldRunsOnly(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	for range 4 {
		if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
			t.Fatal(err)
		}
	}
	do(t, d.Staging, "UPDATE staging.runs SET finished_at = finished_at - interval '40 days' WHERE id IN (1, 2, 4)")
	do(t, d.Staging, "UPDATE staging.runs SET state = 'running', heartbeat_at = now() + interval '1 hour' WHERE id = 2")
	n, err := l.Prune(testContext(t), 30*24*time.Hour)
	if err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if left := get[[]int64](t, d.Staging, "SELECT array_agg(id ORDER BY id) FROM staging.runs"); !slices.Equal(left, []int64{2, 3, 4}) {
		t.Errorf("left %v", left)
	}
	if orphans := get[int](t, d.Staging, "SELECT count(*) FROM staging.events WHERE run = 1"); orphans != 0 {
		t.Errorf("%d events of it are left", orphans)
	}
}

func TestARunForgetsOldOnesWhenItStarts(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann", func(o *Options) { o.KeepRuns = 24 * time.Hour })
	for range 3 {
		if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
			t.Fatal(err)
		}
		do(t, d.Staging, "UPDATE staging.runs SET finished_at = finished_at - interval '20 hours'")
	}
	if left := get[[]int64](t, d.Staging, "SELECT array_agg(id ORDER BY id) FROM staging.runs"); !slices.Equal(left, []int64{2, 3}) {
		t.Errorf("left %v", left)
	}
}
