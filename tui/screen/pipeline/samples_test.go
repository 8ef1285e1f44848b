package pipeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

func noon() time.Time { return time.Date(2011, 12, 9, 12, 0, 0, 0, time.UTC) }

func at(seconds int, read int64) pipeline.Progress {
	return pipeline.Progress{
		Step: pipeline.Ingest, Phase: "loading", Unit: "bytes", At: noon().Add(time.Duration(seconds) * time.Second),
		Read: read, Done: 100 * read, Total: 100_000, Bytes: 100 * read,
	}
}

func TestPaceAfterThreeSamples(t *testing.T) {
	s := newSamples(1)
	for i := range 3 {
		if _, ok := s.eta(at(i, 0)); ok {
			t.Errorf("a time to go after %d samples", i)
		}
		s.add(at(i, int64(100*i)))
	}
	left, ok := s.eta(at(2, 200))
	if !ok || left != 8*time.Second {
		t.Errorf("%v to go, %v", left, ok)
	}
	v, unit, ok := s.pace()
	if !ok || math.Abs(v-100) > 1e-6 || unit != "rows" {
		t.Errorf("%v %s/s, %v", v, unit, ok)
	}
	s.add(at(2, 200)) // seen before
	if n := len(s.points); n != 3 {
		t.Errorf("%d points for 3 moments", n)
	}
}

func TestGapsStayGaps(t *testing.T) {
	s := newSamples(1)
	for _, sec := range []int{0, 1, 2, 20, 21} {
		s.add(at(sec, int64(100*sec)))
	}
	values := s.values()
	want := []float64{math.NaN(), 100, 100, math.NaN(), 100}
	if len(values) != len(want) {
		t.Fatalf("values %v", values)
	}
	for i, v := range values {
		if v != want[i] && !(math.IsNaN(v) && math.IsNaN(want[i])) {
			t.Errorf("point %d is %v, want %v", i, v, want[i])
		}
	}
}

func TestStepsHaveTheirOwnPace(t *testing.T) {
	s := newSamples(1)
	for i := range 4 {
		s.add(at(i, int64(100*i)))
	}
	p := pipeline.Progress{Step: pipeline.Aggregate, Unit: "tables", At: noon().Add(10 * time.Second), Done: 1, Total: 8}
	s.add(p)
	if _, ok := s.eta(p); ok {
		t.Error("the next step knows its time to go at once")
	}
	if _, unit, ok := s.pace(); ok || unit != "tables" {
		t.Errorf("the pace of the step before is told of the next, in %s", unit)
	}
	for i := range 3 {
		p.At, p.Done = p.At.Add(time.Second), p.Done+2
		s.add(p)
		if v := s.points[len(s.points)-1].V; !math.IsNaN(v) {
			t.Errorf("after %d more, tables are drawn as rows: %v", i+1, v)
		}
	}
	if v, unit, ok := s.pace(); !ok || unit != "tables" || math.Abs(v-2) > 1e-6 {
		t.Errorf("%v %s/s, %v", v, unit, ok)
	}
	for i := range 2 * samplesKept {
		s.add(at(100+i, int64(i)))
	}
	if len(s.points) > samplesKept {
		t.Errorf("%d points are kept", len(s.points))
	}
}

func TestSourcesInWords(t *testing.T) {
	state := State{At: noon(), Sources: []Source{
		{Name: "a", State: "loaded", Rows: 5, Last: noon().Add(-3 * time.Minute), Due: noon().Add(150 * time.Minute)},
		{Name: "b", State: "loaded", Last: noon().Add(-30 * time.Hour), Late: noon().Add(-6 * time.Hour)},
		{Name: "c"},
		{Name: "d", State: "loaded", Last: noon().Add(-3 * time.Minute), Few: 1200},
	}}
	r := sourceRows{state}
	for row, want := range [][6]string{
		{"a", "done", "5", "0", "180", "in 2 h"},
		{"b", "late", "0", "0", "108000", "late 6 h"},
		{"c", "never", "0", "0", "", ""},
		{"d", "late", "0", "0", "180", "1,200 too few"},
	} {
		for col := range want {
			if got := r.Cell(row, col); got != want[col] {
				t.Errorf("row %d, column %d is %q, want %q", row, col, got, want[col])
			}
		}
	}
	later := r
	later.state.At = noon().Add(20 * time.Second)
	if !later.same(r) {
		t.Error("twenty seconds more are another table, though nothing of it is seen")
	}
	later.state.At = noon().Add(time.Minute)
	if later.same(r) {
		t.Error("a minute more is not seen")
	}
}

func TestLoadingSourcesCountWhatIsRead(t *testing.T) {
	state := State{At: noon(), Run: pipeline.Run{ID: 1, State: pipeline.Running}, Sources: []Source{{Name: "a", Rows: 10, State: "loaded", Last: noon()}}}
	state.Trail = []pipeline.Progress{{At: noon(), Step: pipeline.Ingest, Loads: []pipeline.LoadProgress{
		{Source: "a", State: "loaded", Read: 10}, // in the sources by now
		{Source: "a", State: "loading", Read: 7, Rejected: 2},
		{Source: "a", State: "waiting"},
		{Source: "b", State: "loading", Read: 100},
	}}}
	r := sourceRows{state}
	if got := r.Cell(0, colState) + " " + r.Cell(0, colRows) + " " + r.Cell(0, colRejects); got != "loading 15 2" {
		t.Errorf("got %q", got)
	}
	state.Run.State = pipeline.Done
	if got := (sourceRows{state}).Cell(0, colRows); got != "10" {
		t.Errorf("after the run: %q", got)
	}
}

func TestFilesOfARunAsItsEventsTell(t *testing.T) {
	var loads []pipeline.LoadProgress
	for _, e := range []pipeline.Event{
		pipeline.RunStarted{},
		pipeline.LoadSkipped{Source: "a", Name: "1.csv"},
		pipeline.LoadStarted{Source: "a", Name: "2.csv", Bytes: 10},
		pipeline.LoadStarted{Source: "b", Name: "2.csv"},
		pipeline.LoadFinished{Source: "a", Name: "2.csv", State: "loaded", Read: 7, Rejected: 1},
	} {
		loads = withLoad(loads, e)
	}
	want := []pipeline.LoadProgress{
		{Source: "a", Name: "1.csv", State: "skipped"},
		{Source: "a", Name: "2.csv", State: "loaded", Read: 7, Rejected: 1},
		{Source: "b", Name: "2.csv", State: "loading"},
	}
	if !slices.Equal(loads, want) {
		t.Errorf("files %+v", loads)
	}
}

// TestFilesThatMatterComeFirst holds that many files that were skipped hide none that was read.
func TestFilesThatMatterComeFirst(t *testing.T) {
	s := New(env.New(t.Context(), theme.Theme{}, noon), nil, time.Second)
	for i := range 20 {
		s.loads = append(s.loads, pipeline.LoadProgress{Name: fmt.Sprintf("old-%d.csv", i), State: "skipped"})
	}
	s.loads = append(
		s.loads, pipeline.LoadProgress{Name: "next.csv", State: "waiting"}, pipeline.LoadProgress{Name: "whole.csv", State: "loaded", Read: 9},
		pipeline.LoadProgress{Name: "refused.csv", State: "loaded", Read: 541_907, Rejected: 2}, pipeline.LoadProgress{Name: "broken.csv", State: "failed"},
		pipeline.LoadProgress{Name: "now.csv", State: "loading"},
	)
	s.state.Run.State = pipeline.Running
	rows := s.drawFiles(80, 7)
	for i, want := range []string{"now.csv", "broken.csv", "refused.csv", "whole.csv", "next.csv", "old-0.csv", "and 19 more"} {
		if !strings.Contains(rows[i], want) {
			t.Errorf("row %d is %q, want %s", i, rows[i], want)
		}
	}
	if !strings.Contains(rows[2], "541,907 read") || !strings.Contains(rows[2], "2 rejected") {
		t.Errorf("what was refused is not told: %q", rows[2])
	}
}

func TestStepToLookAt(t *testing.T) {
	steps := func(states ...pipeline.State) State {
		var s State
		for i, state := range states {
			s.Steps = append(s.Steps, pipeline.StepRun{Step: pipeline.StepNames()[i], State: state})
		}
		return s
	}
	for want, s := range []State{
		steps(),
		steps(pipeline.Done, pipeline.Running, pipeline.Waiting),
		steps(pipeline.Done, pipeline.Done, pipeline.Failed, pipeline.Skipped),
		steps(pipeline.Done, pipeline.Done, pipeline.Done, pipeline.Done, pipeline.Skipped),
	} {
		if got := current(s); got != want {
			t.Errorf("step %d, want %d", got, want)
		}
	}
}

// TestOldSamplesAreThinned keeps the time that they span, and gaps.
func TestOldSamplesAreThinned(t *testing.T) {
	var points []widget.Point
	for i := range 100 {
		v := float64(i)
		if i == 11 {
			v = math.NaN()
		}
		points = append(points, widget.Point{At: noon().Add(time.Duration(i) * time.Second), V: v})
	}
	got := thinned(points)
	if len(got) != 75 || !got[74].At.Equal(noon().Add(99*time.Second)) || !got[0].At.Equal(noon().Add(time.Second)) {
		t.Fatalf("%d points from %v to %v", len(got), got[0].At, got[len(got)-1].At)
	}
	if got[1].V != 2.5 || !math.IsNaN(got[5].V) || got[25].V != 50 {
		t.Errorf("thinned to %v %v %v", got[1], got[5], got[25])
	}
	for i := 1; i < len(got); i++ {
		if !got[i].At.After(got[i-1].At) {
			t.Errorf("point %d is not after the one before", i)
		}
	}
}
