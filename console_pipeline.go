package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/config"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
	pipelinescreen "penstock/tui/screen/pipeline"
)

const (
	sourcesPace = 10 * time.Second // between looks at the sources while nothing is loaded
	trailKept   = 600
	lastRuns    = 20 // that the last good steps are looked for in
)

// Look waits for as long as after says and returns how things are then; where that is long, news of a
// run end the wait.
func (r *runLedger) Look(ctx context.Context, after time.Duration) (pipelinescreen.State, error) {
	if err := r.rest(ctx, after); err != nil {
		return pipelinescreen.State{}, err
	}
	r.reap()
	l, ctx, done, err := r.asking(ctx)
	if err != nil {
		return pipelinescreen.State{}, err
	}
	defer done()
	s := pipelinescreen.State{At: r.now(), Engines: r.enginesToChoose()}
	list, err := l.Runs(ctx, 1)
	if err != nil {
		return s, err
	}
	var p pipeline.Progress
	if len(list) > 0 {
		s.Run = list[0]
		if s.Steps, err = l.Steps(ctx, s.Run.ID); err != nil {
			return s, err
		}
		if p, _, err = l.ProgressOf(ctx, s.Run.ID); err != nil {
			return s, err
		}
	}
	if err := r.remember(ctx, l, s.Run, p); err != nil {
		return s, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Trail, s.Last, s.Sources = slices.Clone(r.seen.trail), r.seen.last, slices.Clone(r.seen.sources)
	r.expectations(s.Sources, s.At)
	return s, nil
}

// rest waits. Nobody has to wait long for a run that somebody else started.
func (r *runLedger) rest(ctx context.Context, after time.Duration) error {
	if after <= 0 {
		return ctx.Err()
	}
	var news <-chan struct{}
	r.mu.Lock()
	l := r.past
	r.mu.Unlock()
	if l != nil && after > time.Duration(r.cfg.UI.Refresh) {
		wake, stop := l.Watch(ctx, 0)
		defer stop()
		news = wake
	}
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-news:
	case <-timer.C:
	}
	return nil
}

// remember reads what changes seldom when it may have changed, and keeps the way that the run went.
func (r *runLedger) remember(ctx context.Context, l *pipeline.Ledger, run pipeline.Run, p pipeline.Progress) error {
	r.mu.Lock()
	was := r.seen
	r.mu.Unlock()
	next := was
	if run.ID != was.run {
		next = seen{run: run.ID, sources: was.sources}
		last, err := lastDone(ctx, l, run.ID)
		if err != nil {
			return err
		}
		next.last = last
	}
	if n := len(next.trail); !p.At.IsZero() && (n == 0 || p.At.After(next.trail[n-1].At)) {
		next.trail = append(slices.Clone(next.trail[max(0, n-trailKept+1):]), p)
	}
	loads := 0
	for _, load := range p.Loads {
		if load.State != "loading" && load.State != "waiting" {
			loads++
		}
	}
	if loads != next.loads || run.State != next.state || r.now().Sub(next.sourceAt) >= sourcesPace {
		sources, err := r.readSources(ctx)
		if err != nil {
			return err
		}
		next.sources, next.sourceAt, next.loads, next.state = sources, r.now(), loads, run.State
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = next
	return nil
}

// lastDone are the newest good steps of the runs before one.
func lastDone(ctx context.Context, l *pipeline.Ledger, before int64) ([]pipeline.StepRun, error) {
	list, err := l.Runs(ctx, lastRuns)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, run := range list {
		if run.ID < before {
			ids = append(ids, run.ID)
		}
	}
	steps, err := l.Steps(ctx, ids...)
	return newestDone(steps), err
}

// readSources reads what the configured sources brought, in the order of the configuration. Those that
// are in the database alone come last.
func (r *runLedger) readSources(ctx context.Context) ([]pipelinescreen.Source, error) {
	pool, err := r.reading(ctx, sql.Staging)
	if err != nil {
		return nil, err
	}
	type row struct {
		Source, State string
		Rows          int64
		Rejected      int64
		Last          *time.Time
		Newest        int64
	}
	rows, err := pool.Query(ctx, sql.Text("console/pipeline_sources.sql"))
	if err != nil {
		return nil, fmt.Errorf("read the sources: %w", sql.Clarify(err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("read the sources: %w", sql.Clarify(err))
	}
	var out []pipelinescreen.Source
	for i := range r.cfg.Sources {
		out = append(out, pipelinescreen.Source{Name: r.cfg.Sources[i].Name})
	}
	for _, f := range found {
		i := slices.IndexFunc(out, func(s pipelinescreen.Source) bool { return s.Name == f.Source })
		if i < 0 {
			i = len(out)
			out = append(out, pipelinescreen.Source{Name: f.Source})
		}
		s := &out[i]
		s.Rows, s.Rejected, s.State = f.Rows, f.Rejected, f.State
		if f.Last != nil {
			s.Last = *f.Last
		}
		if spec := r.spec(f.Source); spec != nil && s.State == "loaded" {
			s.Few = max(0, spec.Expect.MinRows-f.Newest)
		}
	}
	return out, nil
}

// spec is a configured source, nil for one that is not.
func (r *runLedger) spec(name string) *source.Spec {
	for i := range r.cfg.Sources {
		if r.cfg.Sources[i].Name == name {
			return &r.cfg.Sources[i].Spec
		}
	}
	return nil
}

// expectations says of each source when its data is due or since when it is late.
func (r *runLedger) expectations(list []pipelinescreen.Source, now time.Time) {
	for i := range list {
		spec := r.spec(list[i].Name)
		if spec == nil || list[i].Last.IsZero() {
			continue
		}
		zone, err := time.LoadLocation(spec.Timezone) // "" is UTC
		if err != nil {
			zone = time.UTC
		}
		due := dueAfter(spec.Expect, list[i].Last.In(zone))
		switch {
		case due.IsZero():
		case due.Before(now):
			list[i].Late = due
		default:
			list[i].Due = due
		}
	}
}

// dueAfter is by when new data should be there once some came at last: the interval later, at the time
// of day. It is zero when nothing is expected.
func dueAfter(e source.Expect, last time.Time) time.Time {
	if e.By == "" && e.Every == "" {
		return time.Time{}
	}
	every := config.Duration(24 * time.Hour)
	if e.Every != "" {
		if err := every.UnmarshalText([]byte(e.Every)); err != nil {
			return time.Time{} // the configuration refuses it
		}
	}
	const day = 24 * time.Hour
	due := last.Add(time.Duration(every))
	if d := time.Duration(every); d%day == 0 { // days are not of one length where clocks change
		due = last.AddDate(0, 0, int(d/day))
	}
	by, err := time.Parse("15:04", e.By)
	if err != nil {
		return due
	}
	for day := due.Day(); ; day++ {
		at := time.Date(due.Year(), due.Month(), day, by.Hour(), by.Minute(), 0, 0, due.Location())
		if !at.Before(due) {
			return at
		}
	}
}

// enginesToChoose are the engines of each step, the configured one first.
func (r *runLedger) enginesToChoose() map[pipeline.StepName][]pipelinescreen.Engine {
	e := r.cfg.Engines
	out := map[pipeline.StepName][]pipelinescreen.Engine{pipeline.Check: {{Name: "sql"}}, pipeline.Publish: {{Name: "folder"}}}
	for name, used := range map[pipeline.StepName]string{pipeline.Ingest: e.Ingest, pipeline.Transform: e.Transform, pipeline.Aggregate: e.Aggregate} {
		names := slices.DeleteFunc(slices.Clone(config.EngineNames()[string(name)]), func(n string) bool { return n == used })
		for _, n := range append([]string{used}, names...) {
			engine := pipelinescreen.Engine{Name: n}
			if err := supported(name, n); err != nil {
				engine.Why = errors.Unwrap(err).Error()
			}
			out[name] = append(out[name], engine)
		}
	}
	return out
}
