package demo

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"penstock/pipeline"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/screen/runs"
)

// Look implements pipeline.Ledger of the screen. Time stands still: after the
// first look there is news only when something was started or cancelled.
func (l *Ledger) Look(ctx context.Context, after time.Duration) (screen.State, error) {
	l.mu.Lock()
	changed := l.changed
	l.mu.Unlock()
	if after > 0 {
		select {
		case <-ctx.Done():
			return screen.State{}, context.Cause(ctx)
		case <-changed:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := l.list[0]
	s := screen.State{At: l.now, Run: newest.Run, Steps: slices.Clone(newest.Steps), Engines: engines(), Sources: l.sources()}
	for _, r := range l.list[1:] {
		if r.State == pipeline.Done {
			s.Last = r.Steps
			break
		}
	}
	if newest.State == pipeline.Running && newest.ID == 42 {
		s.Trail = l.trail(newest)
	}
	return s, nil
}

// Start implements pipeline.Ledger of the screen: the run is there and begins.
func (l *Ledger) Start(_ context.Context, r screen.Request) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list[0].State == pipeline.Running {
		return 0, &pipeline.LockedError{Database: "staging", Run: l.list[0].ID, Host: "shop-1", Who: l.list[0].Who}
	}
	names := r.Steps
	if len(names) == 0 {
		names = pipeline.StepNames()
	}
	run := runs.Run{Run: pipeline.Run{
		ID: l.list[0].ID + 1, State: pipeline.Running, StartedAt: l.now, HeartbeatAt: l.now, Host: "shop-1", PID: 31_415, Who: "admin", Version: "1.4.0",
	}}
	for i, name := range names {
		run.Tasks = append(run.Tasks, string(name))
		st := pipeline.StepRun{Run: run.ID, Step: name, Engine: engines()[name][0].Name, State: pipeline.Waiting}
		if e := r.Engines[name]; e != "" {
			st.Engine = e
		}
		if i == 0 {
			st.State, st.StartedAt = pipeline.Running, &run.StartedAt
		}
		run.Steps = append(run.Steps, st)
	}
	l.list = slices.Insert(l.list, 0, run)
	close(l.changed)
	l.changed = make(chan struct{})
	return run.ID, nil
}

func engines() map[pipeline.StepName][]screen.Engine {
	const later = "not supported by this version"
	return map[pipeline.StepName][]screen.Engine{
		pipeline.Ingest:    {{Name: "go"}, {Name: "nifi", Why: later}},
		pipeline.Transform: {{Name: "sql"}, {Name: "python", Why: later}},
		pipeline.Aggregate: {{Name: "sql"}, {Name: "spark", Why: later}},
		pipeline.Check:     {{Name: "sql"}},
		pipeline.Publish:   {{Name: "folder"}},
	}
}

func (l *Ledger) sources() []screen.Source {
	ago := func(d time.Duration) time.Time { return l.now.Add(-d) }
	return []screen.Source{
		{Name: "online-retail", Rows: 541_909, Rejected: 41, State: "loaded", Last: ago(24 * time.Hour), Due: l.now.Add(10 * time.Hour)},
		{Name: "web-shop", Rows: 4_120, State: "loaded", Last: ago(2 * time.Minute), Due: l.now.Add(40 * time.Minute)},
		{Name: "stock", Rows: 3_958, State: "loaded", Last: ago(3 * time.Minute)},
		{Name: "market\u202eplace\x1b[31m", Rows: 88_112, Rejected: 1_204, State: "failed", Last: ago(50 * time.Hour), Late: ago(26 * time.Hour)},
	}
}

// trail is the progress of the run as it was seen, with a moment when nobody could look.
func (l *Ledger) trail(r runs.Run) []pipeline.Progress {
	const seen = 60
	since := r.StartedAt
	var list []pipeline.Progress
	var read float64
	for i := range seen {
		pace := 5_400 + 900*math.Sin(float64(i)/4) + 500*math.Sin(float64(i)*1.7)
		if i < 12 {
			pace *= float64(i) / 12
		}
		read += pace
		if i > 27 && i < 35 {
			continue // the line was dead
		}
		at := l.now.Add(time.Duration(i-seen+1) * time.Second)
		list = append(list, progressAt(since, at, int64(read)))
	}
	scale := 331_216 / float64(list[len(list)-1].Read)
	for i := range list {
		list[i] = progressAt(since, list[i].At, int64(math.Round(float64(list[i].Read)*scale)))
	}
	return list
}

// progressAt is how far the invented ingest is once it has read so many records.
func progressAt(since, at time.Time, read int64) pipeline.Progress {
	const rows, size = 541_909, 45_580_638
	done := size / 1000 * (read * 1000 / rows)
	loads := []pipeline.LoadProgress{
		{Source: "online-retail", Name: "online-retail-2011.csv.gz", State: "loading", Done: done, Total: size, Read: read, Rejected: read / 27_601},
		{Source: "web-shop", Name: "orders after 2011-12-09 12:31", State: "loaded", Done: 1, Total: 1, Read: 212},
		{Source: "stock", Name: "stock-2011-12-09.csv", State: "skipped"},
	}
	for i := range 3 {
		loads = append(loads, pipeline.LoadProgress{Source: "online-retail", Name: fmt.Sprintf("returns-2011-%02d.csv", 10+i), State: "waiting", Total: 120_000})
	}
	return pipeline.Progress{
		Run: 42, Step: pipeline.Ingest, Engine: "go", Source: "online-retail", Load: "online-retail-2011.csv.gz", Phase: "loading",
		Done: done, Total: size, Unit: "bytes", Read: read, Loaded: read - read/27_601, Rejected: read / 27_601, Bytes: done, At: at, Since: since, Loads: loads,
	}
}
