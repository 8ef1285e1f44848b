package runs

import (
	"testing"
	"time"

	"penstock/pipeline"
)

func TestCompareSaysWhatChanged(t *testing.T) {
	start := time.Date(2011, 12, 9, 9, 30, 0, 0, time.UTC)
	run := func(id, read int64, took time.Duration, names ...pipeline.StepName) Run {
		end := start.Add(took)
		r := Run{Run: pipeline.Run{ID: id, State: pipeline.Done, StartedAt: start, FinishedAt: &end, Version: "1"}}
		for _, n := range names {
			r.Steps = append(r.Steps, pipeline.StepRun{Step: n, Engine: "go", State: pipeline.Done, StartedAt: &start, FinishedAt: &end, Read: read})
		}
		return r
	}
	a, b := run(1, 1000, 10*time.Second, pipeline.Ingest), run(2, 1500, 5*time.Second, pipeline.Ingest, pipeline.Check)
	b.Steps[0].Engine = "nifi"
	want := map[string][3]string{
		"run state":     {"done", "done", ""},
		"run took":      {"10.0 s", "5.0 s", "-5.0 s  -50.0 %"},
		"ingest engine": {"go", "nifi", "differs"},
		"ingest read":   {"1,000", "1,500", "+500  +50.0 %"},
		"ingest rows/s": {"100", "300", "+200.0 %"},
		"check state":   {"not run", "done", "differs"},
		"check read":    {"0", "1,500", "+1,500"},
	}
	c := compare(a, b, start)
	for row := range c.Len() {
		w, ok := want[c.Key(row)]
		if got := [3]string{c.Cell(row, 2), c.Cell(row, 3), c.Cell(row, 4)}; ok && got != w {
			t.Errorf("%s: %q, want %q", c.Key(row), got, w)
		}
		delete(want, c.Key(row))
	}
	if len(want) > 0 {
		t.Errorf("not compared: %v", want)
	}
}

func TestMergeKeepsOlderRuns(t *testing.T) {
	run := func(id int64, s pipeline.State) Run { return Run{Run: pipeline.Run{ID: id, State: s}} }
	got := merge([]Run{run(2, pipeline.Running), run(1, pipeline.Done)}, []Run{run(3, pipeline.Running), run(2, pipeline.Done)})
	if len(got) != 3 || got[0].ID != 3 || got[1].State != pipeline.Done || got[2].ID != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestVerdict(t *testing.T) {
	for code, want := range map[int]string{0: "done", pipeline.ExitGate: "check failed", pipeline.ExitIncomplete: "incomplete"} {
		if got := (Run{Run: pipeline.Run{State: pipeline.Done, ExitCode: &code}}).verdict(); got != want {
			t.Errorf("code %d: %q, want %q", code, got, want)
		}
	}
	if got := (Run{Run: pipeline.Run{State: pipeline.Failed}}).verdict(); got != "failed" {
		t.Errorf("got %q", got)
	}
}
