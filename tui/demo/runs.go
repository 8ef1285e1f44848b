package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"penstock/pipeline"
	"penstock/tui/screen/runs"
)

// Ledger is a record of invented runs, one of them in progress. It answers the
// screens pipeline and runs; what they start or cancel happens in memory.
type Ledger struct {
	start time.Time
	clock func() time.Time
	alive bool    // time passes
	reads []int64 // records that a run has read, by the second

	mu      sync.Mutex
	list    []runs.Run // the newest first
	taken   int64      // numbers after the newest that runs beside the record have
	changed chan struct{}
}

// NewLedger returns the record as it is at now and stays: its time stands still.
// The same moment gives the same record.
func NewLedger(now time.Time) *Ledger {
	l := &Ledger{start: now, clock: func() time.Time { return now }, reads: paces(), changed: make(chan struct{})}
	r := rand.New(rand.NewPCG(4, 2)) //nolint:gosec // invented figures
	for id := int64(42); id > 0; id-- {
		l.list = append(l.list, invented(r, id, now))
	}
	return l
}

// Runs implements runs.Ledger.
func (l *Ledger) Runs(_ context.Context, limit int) ([]runs.Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	return append([]runs.Run(nil), l.list[:min(limit, len(l.list))]...), nil
}

// Run implements runs.Ledger.
func (l *Ledger) Run(_ context.Context, run int64) (runs.Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	for _, r := range l.list {
		if r.ID == run {
			return r, nil
		}
	}
	return runs.Run{}, fmt.Errorf("run %d: %w", run, pipeline.ErrNoRun)
}

// Cancel implements the Cancel of both screens.
func (l *Ledger) Cancel(_ context.Context, run int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	for i := range l.list {
		r := &l.list[i]
		if r.ID != run || r.State != pipeline.Running {
			continue
		}
		r.Steps = slices.Clone(r.Steps) // somebody may look at those
		stop(r, "admin", l.clock())
		l.tell()
		return nil
	}
	return fmt.Errorf("cancel run %d: %w", run, pipeline.ErrNotRunning)
}

// Follow implements the Follow of both screens: what a run in progress has not
// done yet does not come.
func (l *Ledger) Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error) {
	for {
		r, err := l.Run(ctx, run)
		if err != nil {
			return nil, err
		}
		events := eventsOf(r, l.clock())
		if l.alive {
			events = slices.DeleteFunc(events, func(e pipeline.Event) bool { return e.Head().At.After(l.clock()) })
		}
		switch {
		case int64(len(events)) >= seq:
			events = events[seq-1:]
			return events[:min(len(events), runs.Batch)], nil
		case r.State.Ended():
			return nil, io.EOF
		}
		if err := l.wait(ctx, beat); err != nil {
			return nil, err
		}
	}
}

// invented makes up one run: one each morning, the last one in progress.
func invented(r *rand.Rand, id int64, now time.Time) runs.Run {
	age := 42 - id
	start := now.Add(-ahead)
	if age > 0 {
		start = now.AddDate(0, 0, -int(age)).Add(time.Duration(r.IntN(90)) * time.Second)
	}
	out := runs.Run{Run: pipeline.Run{
		ID: id, State: pipeline.Done, StartedAt: start, HeartbeatAt: now, Host: "shop-1", PID: 20_000 + int(id)*37,
		Who: []string{"admin", "cron", "cron", "maria"}[r.IntN(4)], Version: "1.4.0", Options: json.RawMessage(`{"profile":"local"}`),
	}}
	at := start
	for i, name := range pipeline.StepNames() {
		out.Tasks = append(out.Tasks, string(name))
		st := step(r, id, i, name, at)
		at = *st.FinishedAt
		out.Steps = append(out.Steps, st)
	}
	out.FinishedAt = &at
	code := pipeline.ExitDone
	out.ExitCode = &code
	switch {
	case age == 0:
		inProgress(&out)
	case age%13 == 5:
		broken(&out)
	case age%11 == 3:
		cancelled(&out, "maria")
	case age%17 == 8:
		code = pipeline.ExitGate
		skip(out.Steps[4:], "a quality gate failed")
	case age == 20:
		out.State, out.ExitCode = pipeline.Interrupted, nil
		out.Steps[1].State, out.Steps[1].FinishedAt = pipeline.Interrupted, nil
		wait(out.Steps[2:])
	}
	return out
}

// step makes up a step that was done.
func step(r *rand.Rand, id int64, i int, name pipeline.StepName, at time.Time) pipeline.StepRun {
	rows := 536_641 + int64(r.IntN(9_000)) + 120*id
	took := time.Duration([]int{7_100, 4_300, 1_900, 240, 2_600}[i]+r.IntN(900)) * time.Millisecond
	end := at.Add(took)
	st := pipeline.StepRun{Run: id, Step: name, State: pipeline.Done, Engine: []string{"go", "sql", "sql", "sql", "folder"}[i], StartedAt: &at, FinishedAt: &end}
	switch name {
	case pipeline.Ingest:
		st.Read, st.Rejected, st.Bytes = rows, int64(r.IntN(40)), rows*84
		if id == 41 {
			st.Rejected = 4 // which the rejects show
		}
		st.Loaded = st.Read - st.Rejected
	case pipeline.Transform:
		st.Read, st.Loaded, st.Collapsed = rows, rows-5_268, 5_268
	case pipeline.Aggregate:
		st.Read, st.Loaded = rows-5_268, 21_904
	case pipeline.Check:
		st.Read = 12
	case pipeline.Publish:
		st.Loaded, st.Bytes = rows-5_268, rows*11
	}
	return st
}

// inProgress leaves a run in the middle of its first step.
func inProgress(out *runs.Run) {
	out.State, out.ExitCode, out.FinishedAt, out.Who = pipeline.Running, nil, nil, "admin"
	st := &out.Steps[0]
	st.State, st.FinishedAt, st.StartedAt = pipeline.Running, nil, &out.StartedAt
	st.Read, st.Loaded, st.Rejected, st.Bytes = rowsAhead, rowsAhead-rowsAhead/refused, rowsAhead/refused, rowsAhead*84
	wait(out.Steps[1:])
}

// broken has a run fail at its transform, for a reason that a file wrote.
func broken(out *runs.Run) {
	at := out.StartedAt.Add(9 * time.Second)
	st := &out.Steps[1]
	st.State, st.FinishedAt = pipeline.Failed, &at
	st.Read, st.Loaded, st.Collapsed = 0, 0, 0
	st.Err = "transform: rate of currency \"E\x1b[2JUR\" on 2011-03-04 is missing"
	st.Hint = "penstock --run validate names the lines; add the rate or set rates.max_age_days"
	end(out, pipeline.Failed, pipeline.ExitFailed, at)
	out.Err, out.Hint = st.Err, st.Hint
	skip(out.Steps[2:], "not reached: transform failed")
}

// cancelled has a run stop in the middle of its transform.
func cancelled(out *runs.Run, who string) {
	at := out.StartedAt.Add(9 * time.Second)
	st := &out.Steps[1]
	st.State, st.FinishedAt, st.Read, st.Loaded, st.Collapsed = pipeline.Running, nil, 0, 0, 0
	wait(out.Steps[2:])
	stop(out, who, at)
}

// stop cancels a run in progress.
func stop(out *runs.Run, who string, at time.Time) {
	end(out, pipeline.Cancelled, 130, at)
	out.CancelRequested, out.CancelledBy, out.Err = &at, who, "cancelled by "+who
	for i := range out.Steps {
		switch st := &out.Steps[i]; st.State {
		case pipeline.Running:
			st.State, st.FinishedAt = pipeline.Cancelled, &at
		case pipeline.Waiting:
			skip(out.Steps[i:i+1], "not reached: the run was cancelled")
		}
	}
}

func end(out *runs.Run, state pipeline.State, code int, at time.Time) {
	out.State, out.ExitCode, out.FinishedAt = state, &code, &at
}

// skip says why steps were not reached.
func skip(steps []pipeline.StepRun, reason string) {
	wait(steps)
	for i := range steps {
		steps[i].State, steps[i].Reason = pipeline.Skipped, reason
	}
}

// wait undoes what was made up for steps that are not reached.
func wait(steps []pipeline.StepRun) {
	for i := range steps {
		steps[i] = pipeline.StepRun{Run: steps[i].Run, Step: steps[i].Step, Engine: steps[i].Engine, State: pipeline.Waiting}
	}
}
