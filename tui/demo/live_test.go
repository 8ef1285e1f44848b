package demo

import (
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"penstock/pipeline"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/screen/rejects"
)

// hand is a clock that a test moves.
type hand struct{ at time.Time }

func (h *hand) now() time.Time { return h.at }

func live(t *testing.T) (*Ledger, *hand) {
	t.Helper()
	h := &hand{Start()}
	return NewLiveLedger(h.now), h
}

func look(t *testing.T, l *Ledger) screen.State {
	t.Helper()
	st, err := l.Look(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// TestLiveBeginsAsTheStillOne holds that pictures and sessions start from the same.
func TestLiveBeginsAsTheStillOne(t *testing.T) {
	l, _ := live(t)
	still := NewLedger(Start())
	if a, b := look(t, l), look(t, still); !reflect.DeepEqual(a, b) {
		t.Errorf("alive\n%+v\nstill\n%+v", a, b)
	}
	a, errA := l.Follow(t.Context(), 42, 1)
	b, errB := still.Follow(t.Context(), 42, 1)
	if !reflect.DeepEqual(a, b) || errA != nil || errB != nil {
		t.Errorf("alive %v %v\nstill %v %v", a, errA, b, errB)
	}
}

// TestLiveGoesOn follows a run to its end, sees the next one begin, and that only
// the time that has passed counts, not how often somebody looked.
func TestLiveGoesOn(t *testing.T) {
	often, h := live(t)
	read, seen := int64(0), map[pipeline.StepName]bool{}
	events := 0
	for range 90 {
		h.at = h.at.Add(time.Second)
		st := look(t, often)
		if st.Run.ID != 42 {
			break
		}
		if n := st.Steps[0].Read; n < read {
			t.Fatalf("%d records were read, then %d", read, n)
		} else {
			read = n
		}
		if st.Run.State != pipeline.Running {
			continue
		}
		p := st.Trail[len(st.Trail)-1]
		seen[p.Step] = true
		if p.Done > p.Total || !p.At.Equal(h.at) || len(st.Trail) > 60 {
			t.Fatalf("progress %+v of %d at %s", p, len(st.Trail), h.at)
		}
		list, err := often.Follow(t.Context(), 42, 1)
		if err != nil || len(list) < events {
			t.Fatalf("%d events, then %d: %v", events, len(list), err)
		}
		events = len(list)
	}
	if read != allRows || len(seen) != len(pipeline.StepNames()) {
		t.Errorf("%d records, steps %v", read, seen)
	}
	list, err := often.Follow(t.Context(), 42, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := list[len(list)-1].(pipeline.RunFinished); !ok || !slices.IsSortedFunc(list, func(a, b pipeline.Event) int { return a.Head().At.Compare(b.Head().At) }) {
		t.Errorf("the events end with %v", list[len(list)-1])
	}
	if _, err := often.Follow(t.Context(), 42, int64(len(list))+1); !errors.Is(err, io.EOF) {
		t.Errorf("after the last event: %v", err)
	}
	for _, passed := range []time.Duration{3 * time.Minute, time.Hour, 26 * time.Hour} {
		h.at = Start().Add(passed)
		once, h2 := live(t)
		h2.at = h.at
		if a, b := look(t, often), look(t, once); a.Run.ID < 43 || !reflect.DeepEqual(a, b) {
			t.Errorf("after %v\n%+v, and for who looked once\n%+v", passed, a, b)
		}
	}
}

// TestNumbersOfRuns holds runs that take records in and runs of the record to numbers of their own.
func TestNumbersOfRuns(t *testing.T) {
	l, h := live(t)
	r := NewRejects(l.Next)
	seen := map[int64]bool{42: true}
	for range 2 {
		run, err := r.Mend(t.Context(), nil)
		if err != nil || seen[run.ID] {
			t.Fatalf("run %d, %v; there are %v", run.ID, err, seen)
		}
		seen[run.ID] = true
	}
	h.at = h.at.Add(3 * time.Minute)
	if id := look(t, l).Run.ID; seen[id] || id < 45 {
		t.Errorf("the next run is %d; there are %v", id, seen)
	}
}

// TestRejectsAreThoseOfTheRuns holds the demonstration to one story: what a run says it refused is what there is to see.
func TestRejectsAreThoseOfTheRuns(t *testing.T) {
	l := NewLedger(Start())
	r := NewRejects(l.Next)
	list, err := l.Runs(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range list {
		counts, err := r.Counts(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, c := range counts {
			n += c.Open + c.Resolved
		}
		if n != run.Steps[0].Rejected {
			t.Errorf("run %d refused %d, %d are shown", run.ID, run.Steps[0].Rejected, n)
		}
	}
	if st := look(t, l); st.Trail[len(st.Trail)-1].Rejected != list[0].Steps[0].Rejected {
		t.Errorf("the progress says %+v", st.Trail[len(st.Trail)-1])
	}
	shown, err := r.List(t.Context(), rejects.Filter{Run: 42})
	if err != nil {
		t.Fatal(err)
	}
	events, err := l.Follow(t.Context(), 42, 1)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range events {
		e, ok := e.(pipeline.RejectSample)
		if !ok {
			continue
		}
		told++
		if !slices.ContainsFunc(shown, func(x rejects.Reject) bool {
			return x.Load == e.Load && x.Line == e.Line && x.Name == e.Name && x.Reason == e.Reason && x.Column == e.Column && x.Detail == e.Detail
		}) {
			t.Errorf("told, and not there: %+v", e)
		}
	}
	if told == 0 {
		t.Error("the run tells of no reject")
	}
}

func TestLiveStartsAndCancels(t *testing.T) {
	l, h := live(t)
	h.at = h.at.Add(2 * time.Second)
	if _, err := l.Start(t.Context(), screen.Request{}); err == nil {
		t.Error("two runs at once")
	}
	if err := l.Cancel(t.Context(), 42); err != nil {
		t.Fatal(err)
	}
	h.at = h.at.Add(time.Second)
	if st := look(t, l); st.Run.State != pipeline.Cancelled || st.Steps[0].Read <= rowsAhead {
		t.Errorf("%+v", st.Run)
	}
	id, err := l.Start(t.Context(), screen.Request{Steps: []pipeline.StepName{pipeline.Transform, pipeline.Check}})
	if err != nil || id != 43 {
		t.Fatal(id, err)
	}
	h.at = h.at.Add(12 * time.Second)
	if st := look(t, l); st.Steps[0].State != pipeline.Done || st.Steps[1].State != pipeline.Running || st.Trail[len(st.Trail)-1].Step != pipeline.Check {
		t.Errorf("%+v", st.Steps)
	}
	h.at = h.at.Add(2 * time.Second)
	if st := look(t, l); st.Run.State != pipeline.Done {
		t.Errorf("%+v", st.Run)
	}
}

func TestClockAndCommands(t *testing.T) {
	h := &hand{time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	now := Clock(h.now)
	if !now().Equal(Start()) {
		t.Errorf("begins at %s", now())
	}
	still, moving := Commands{}, Commands{Now: now}
	if !reflect.DeepEqual(still.Calls(), moving.Calls()) {
		t.Error("the log does not begin as the still one")
	}
	h.at = h.at.Add(5 * time.Second)
	calls := moving.Calls()
	if moving.Latest() != still.Latest()+5 || len(calls) != len(still.Calls())+5 || !calls[0].At.Equal(now()) || calls[0].ID != moving.Latest() {
		t.Errorf("latest %d, %+v", moving.Latest(), calls[0])
	}
}
