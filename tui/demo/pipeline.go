package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"penstock/pipeline"
	screen "penstock/tui/screen/pipeline"
)

// Look implements pipeline.Ledger of the screen. Where time stands still there is
// news after the first look only when something was started or cancelled.
func (l *Ledger) Look(ctx context.Context, after time.Duration) (screen.State, error) {
	if after > 0 {
		if err := l.wait(ctx, after); err != nil {
			return screen.State{}, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	now, newest := l.clock(), l.list[0]
	s := screen.State{At: now, Run: newest.Run, Steps: slices.Clone(newest.Steps), Engines: engines(), Sources: l.sources()}
	for _, r := range l.list[1:] {
		if r.State == pipeline.Done {
			s.Last = r.Steps
			break
		}
	}
	if newest.State == pipeline.Running && (l.alive || newest.ID == 42) {
		s.Trail = l.trail(newest, now)
	}
	return s, nil
}

// Start implements pipeline.Ledger of the screen: the run is there and begins.
func (l *Ledger) Start(_ context.Context, r screen.Request) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	if l.list[0].State == pipeline.Running {
		return 0, &pipeline.LockedError{Database: "staging", Run: l.list[0].ID, Host: "shop-1", Who: l.list[0].Who}
	}
	names := r.Steps
	if len(names) == 0 {
		names = pipeline.StepNames()
	}
	run := l.begin(l.clock(), "admin", names, r.Engines)
	l.list = slices.Insert(l.list, 0, run)
	l.tell()
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
	ago := func(d time.Duration) time.Time { return l.start.Add(-d) }
	last := ago(24 * time.Hour)
	if st := l.list[0].Steps[0]; st.Step == pipeline.Ingest && st.State == pipeline.Done {
		last = *st.FinishedAt
	}
	return []screen.Source{
		{Name: "online-retail", Rows: 541_909, Rejected: 41, State: "loaded", Last: last, Due: l.start.Add(10 * time.Hour)},
		{Name: "web-shop", Rows: 4_120, State: "loaded", Last: ago(2 * time.Minute), Due: l.start.Add(40 * time.Minute)},
		{Name: "stock", Rows: 3_958, State: "loaded", Last: ago(3 * time.Minute)},
		{Name: "market\u202eplace\x1b[31m", Rows: 88_112, Rejected: 1_204, State: "failed", Last: ago(50 * time.Hour), Late: ago(26 * time.Hour)},
	}
}

// progressAt is how far the invented ingest is once it has read so many records.
func progressAt(run int64, engine string, since, at time.Time, read int64) pipeline.Progress {
	const size = 45_580_638
	done := size / 1000 * (read * 1000 / allRows)
	loads := []pipeline.LoadProgress{
		{Source: "online-retail", Name: bigFile, State: "loading", Done: done, Total: size, Read: read, Rejected: read / refused},
		{Source: "web-shop", Name: "orders after 2011-12-09 12:31", State: "loaded", Done: 1, Total: 1, Read: 212},
		{Source: "stock", Name: "stock-2011-12-09.csv", State: "skipped"},
	}
	for i := range 3 {
		loads = append(loads, pipeline.LoadProgress{Source: "online-retail", Name: fmt.Sprintf("returns-2011-%02d.csv", 10+i), State: "waiting", Total: 120_000})
	}
	return pipeline.Progress{
		Run: run, Step: pipeline.Ingest, Engine: engine, Source: "online-retail", Load: bigFile, Phase: "loading",
		Done: done, Total: size, Unit: "bytes", Read: read, Loaded: read - read/refused, Rejected: read / refused, Bytes: done, At: at, Since: since, Loads: loads,
	}
}
