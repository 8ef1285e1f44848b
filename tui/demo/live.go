package demo

import (
	"context"
	"math"
	"slices"
	"time"

	"penstock/pipeline"
	"penstock/tui/screen/runs"
)

// What goes on in a demonstration that is alive. Everything follows from how many seconds have passed, so
// that two demonstrations that are looked at after the same time show the same.
const (
	ahead      = 61 * time.Second // so long the first run has been going at the start
	firstHeard = 2                // seconds after its start at which a run first says how far it is
	rest       = 30 * time.Second // between the end of a run and the next one
	beat       = 250 * time.Millisecond
	allRows    = 541_909
	rowsAhead  = 331_216
)

// Clock returns a clock that stands at Start when it is made and goes on as now does.
func Clock(now func() time.Time) func() time.Time {
	made := now()
	return func() time.Time { return Start().Add(now().Sub(made)) }
}

// NewLiveLedger returns the record as it is at clock's present, which goes on with
// it: the run in progress reads on, ends, and after a rest another one begins.
func NewLiveLedger(clock func() time.Time) *Ledger {
	l := NewLedger(clock())
	l.clock, l.alive = clock, true
	return l
}

// paces are the records that a run's ingest has read, second by second from
// firstHeard on, until it has read all.
func paces() []int64 {
	const heard = int(ahead/time.Second) - firstHeard
	pace := func(i int) float64 {
		v := 5_400 + 900*math.Sin(float64(i)/4) + 500*math.Sin(float64(i)*1.7)
		if i < 12 {
			v *= float64(i) / 12
		}
		return v
	}
	sum := 0.0
	for i := range heard + 1 {
		sum += pace(i)
	}
	scale := rowsAhead / math.Trunc(sum)
	var list []int64
	sum = 0
	for i := 0; len(list) == 0 || list[len(list)-1] < allRows; i++ {
		sum += pace(i)
		list = append(list, min(allRows, int64(math.Round(math.Trunc(sum)*scale))))
	}
	return list
}

// length is how long a step takes.
func (l *Ledger) length(name pipeline.StepName) time.Duration {
	switch name {
	case pipeline.Ingest:
		return time.Duration(firstHeard+len(l.reads)-1) * time.Second
	case pipeline.Transform:
		return 12 * time.Second
	case pipeline.Aggregate:
		return 7 * time.Second
	case pipeline.Check:
		return 2 * time.Second
	}
	return 6 * time.Second
}

// wait waits until there may be news: d has passed, where time passes at all, or
// something was started or cancelled.
func (l *Ledger) wait(ctx context.Context, d time.Duration) error {
	l.mu.Lock()
	changed := l.changed
	l.mu.Unlock()
	var over <-chan time.Time
	if l.alive {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-changed:
	case <-over:
	}
	return nil
}

// tell lets everybody who waits look again.
func (l *Ledger) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// advance brings the newest run up to date, and begins the next ones when it is time.
func (l *Ledger) advance() {
	if !l.alive {
		return
	}
	now := l.clock()
	for {
		newest := &l.list[0]
		if newest.State == pipeline.Running {
			l.play(newest, now)
		}
		if newest.FinishedAt == nil || now.Sub(*newest.FinishedAt) < rest {
			return
		}
		l.list = slices.Insert(l.list, 0, l.begin(newest.FinishedAt.Add(rest), "cron", pipeline.StepNames(), nil))
		l.tell()
	}
}

// Next numbers a run that is none of the record: one that takes mended records in.
func (l *Ledger) Next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	l.taken++
	return l.list[0].ID + l.taken
}

// begin makes a run up that starts at a moment.
func (l *Ledger) begin(at time.Time, who string, steps []pipeline.StepName, own map[pipeline.StepName]string) runs.Run {
	id := l.list[0].ID + l.taken + 1
	l.taken = 0
	run := runs.Run{Run: pipeline.Run{
		ID: id, State: pipeline.Running, StartedAt: at, HeartbeatAt: at, Host: "shop-1", PID: 31_415, Who: who, Version: "1.4.0",
	}}
	for _, name := range steps {
		run.Tasks = append(run.Tasks, string(name))
		st := pipeline.StepRun{Run: run.ID, Step: name, Engine: engines()[name][0].Name, State: pipeline.Waiting}
		if e := own[name]; e != "" {
			st.Engine = e
		}
		run.Steps = append(run.Steps, st)
	}
	run.Steps[0].State, run.Steps[0].StartedAt = pipeline.Running, &at
	return run
}

// play has a run in progress be where it is at a moment.
func (l *Ledger) play(r *runs.Run, now time.Time) {
	r.Steps, r.HeartbeatAt = slices.Clone(r.Steps), now // somebody may look at those before
	at := r.StartedAt
	for i := range r.Steps {
		st := &r.Steps[i]
		began, ends := at, at.Add(l.length(st.Step))
		*st = pipeline.StepRun{Run: st.Run, Step: st.Step, Engine: st.Engine, State: pipeline.Waiting}
		at = ends
		switch {
		case now.Before(began):
			continue
		case now.Before(ends):
			st.State, st.StartedAt = pipeline.Running, &began
		default:
			st.State, st.StartedAt, st.FinishedAt = pipeline.Done, &began, &ends
		}
		l.count(st, now)
	}
	if !now.Before(at) {
		code := pipeline.ExitDone
		r.State, r.ExitCode, r.FinishedAt = pipeline.Done, &code, &at
	}
}

// count says how much a step has done.
func (l *Ledger) count(st *pipeline.StepRun, now time.Time) {
	const collapsed = 5_268
	done := st.State == pipeline.Done
	switch st.Step {
	case pipeline.Ingest:
		st.Read = l.read(now.Sub(*st.StartedAt))
		st.Rejected, st.Bytes = st.Read/refused, st.Read*84
		st.Loaded = st.Read - st.Rejected
	case pipeline.Transform:
		if done {
			st.Read, st.Loaded, st.Collapsed = allRows, allRows-collapsed, collapsed
		}
	case pipeline.Aggregate:
		if done {
			st.Read, st.Loaded = allRows-collapsed, 21_904
		}
	case pipeline.Check:
		if done {
			st.Read = 12
		}
	case pipeline.Publish:
		if done {
			st.Loaded, st.Bytes = allRows-collapsed, allRows*11
		}
	}
}

// read is how many records an ingest has read after so long.
func (l *Ledger) read(after time.Duration) int64 {
	i := int(after/time.Second) - firstHeard
	if i < 0 {
		return 0
	}
	return l.reads[min(i, len(l.reads)-1)]
}

// trail is the progress of a run as it was seen in the last minute.
func (l *Ledger) trail(r runs.Run, now time.Time) []pipeline.Progress {
	const seen = 60
	var list []pipeline.Progress
	last := int(now.Sub(r.StartedAt) / time.Second)
	for s := max(firstHeard, last-seen+1); s <= last; s++ {
		if heard := s - firstHeard; r.ID == 42 && heard > 27 && heard < 35 {
			continue // the line was dead
		}
		at := r.StartedAt.Add(time.Duration(s) * time.Second)
		if p, ok := l.progress(r, at); ok {
			list = append(list, p)
		}
	}
	return list
}

// progress is how far a run was at a moment.
func (l *Ledger) progress(r runs.Run, at time.Time) (pipeline.Progress, bool) {
	began := r.StartedAt
	for _, st := range r.Steps {
		took := l.length(st.Step)
		if ends := began.Add(took); !at.Before(ends) {
			began = ends
			continue
		}
		if st.Step == pipeline.Ingest {
			return progressAt(r.ID, st.Engine, began, at, l.read(at.Sub(began))), true
		}
		return stepAt(r.ID, st, began, at, took), true
	}
	return pipeline.Progress{}, false
}

// stepAt is how far a step after the ingest is: what it counts grows evenly.
func stepAt(run int64, st pipeline.StepRun, began, at time.Time, took time.Duration) pipeline.Progress {
	phases := map[pipeline.StepName]struct {
		phase, unit string
		total       int64
	}{
		pipeline.Transform: {"writing lines", "rows", allRows},
		pipeline.Aggregate: {"daily_sales, product_sales, customer_value", "rows", 536_641},
		pipeline.Check:     {"looking at what changed", "checks", 12},
		pipeline.Publish:   {"fact_purchase_line", "rows", 536_641},
	}
	x := phases[st.Step]
	p := pipeline.Progress{Run: run, Step: st.Step, Engine: st.Engine, Phase: x.phase, Unit: x.unit, Total: x.total, At: at, Since: began}
	p.Done = x.total * int64(at.Sub(began)/time.Millisecond) / max(1, int64(took/time.Millisecond))
	if x.unit == "rows" {
		p.Read = p.Done
	}
	return p
}
