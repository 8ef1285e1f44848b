package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline/source"
	"penstock/sql"
)

// Run is a run as the ledger has it. Times are UTC.
type Run struct {
	ID      int64           `json:"run"`
	State   State           `json:"state"`
	Tasks   []string        `json:"tasks"`
	Options json.RawMessage `json:"options"`
	Epoch   int64           `json:"-"`
	// StartedAt, FinishedAt are by the clock of the run's process, HeartbeatAt
	// by the server's. FinishedAt is nil while it runs.
	StartedAt   time.Time  `json:"started_at"`
	FinishedAt  *time.Time `json:"finished_at"`
	HeartbeatAt time.Time  `json:"heartbeat_at"`
	Host        string     `json:"host"`
	PID         int        `json:"pid"`
	Who         string     `json:"who"`
	Version     string     `json:"version"`
	// CancelRequested is nil unless somebody, CancelledBy, asked it to stop.
	CancelRequested *time.Time `json:"cancel_requested"`
	CancelledBy     string     `json:"cancelled_by,omitempty"`
	// ExitCode is nil while it runs and when it was interrupted.
	ExitCode *int   `json:"exit_code"`
	Err      string `json:"error,omitempty" db:"error"`
	Hint     string `json:"hint,omitempty"`
}

// Took returns how long the run took, or has taken until now.
func (r Run) Took(now time.Time) time.Duration {
	if r.FinishedAt != nil {
		now = *r.FinishedAt
	}
	return max(0, now.Sub(r.StartedAt))
}

// StepRun is a step of a run as the ledger has it.
type StepRun struct {
	Run        int64      `json:"run"`
	Step       StepName   `json:"step"`
	Engine     string     `json:"engine"`
	State      State      `json:"state"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Read       int64      `json:"read"`
	Loaded     int64      `json:"loaded"`
	Rejected   int64      `json:"rejected"`
	Collapsed  int64      `json:"collapsed"`
	Bytes      int64      `json:"bytes"`
	// Reason is why it was skipped, Err and Hint why it failed.
	Reason string `json:"reason,omitempty"`
	Err    string `json:"error,omitempty" db:"error"`
	Hint   string `json:"hint,omitempty"`
}

// Took returns how long the step took, or has taken until now; 0 before it
// started.
func (s StepRun) Took(now time.Time) time.Duration {
	if s.StartedAt == nil {
		return 0
	}
	if s.FinishedAt != nil {
		now = *s.FinishedAt
	}
	return max(0, now.Sub(*s.StartedAt))
}

// Runs returns the newest runs, the newest first. Runs whose process died are
// marked interrupted on the way.
func (l *Ledger) Runs(ctx context.Context, limit int) ([]Run, error) {
	dead, err := l.reap(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := readRuns(ctx, l.staging, nil, limit)
	if err != nil {
		return nil, err
	}
	for i := range runs {
		overlay(&runs[i], dead)
	}
	return runs, nil
}

// RunByID returns a run; ErrNoRun when the ledger has none of that number. A
// run whose process died is marked interrupted on the way.
func (l *Ledger) RunByID(ctx context.Context, run int64) (Run, error) {
	dead, err := l.reap(ctx)
	if err != nil {
		return Run{}, err
	}
	runs, err := readRuns(ctx, l.staging, &run, 1)
	if err != nil {
		return Run{}, err
	}
	if len(runs) == 0 {
		return Run{}, noRun(run)
	}
	overlay(&runs[0], dead)
	return runs[0], nil
}

// overlay shows a dead run as interrupted to who may not write it down.
func overlay(r *Run, dead []int64) {
	if r.State == Running && slices.Contains(dead, r.ID) {
		r.State = Interrupted
	}
}

func noRun(run int64) error {
	return withHint(fmt.Errorf("run %d: %w", run, ErrNoRun), "penstock --run runs lists them")
}

func readRuns(ctx context.Context, q queryer, run *int64, limit int) ([]Run, error) {
	runs, err := query(ctx, q, pgx.RowToStructByName[Run], sql.Text("ledger/runs.sql"), run, limit)
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	for i := range runs {
		r := &runs[i]
		r.StartedAt, r.HeartbeatAt = r.StartedAt.UTC(), r.HeartbeatAt.UTC()
		r.FinishedAt, r.CancelRequested = utc(r.FinishedAt), utc(r.CancelRequested)
		r.Err, r.Hint = source.Mask(r.Err), source.Mask(r.Hint) // an older version may have written it
	}
	return runs, nil
}

// Steps returns the steps of runs, run by run as given from the newest on, each
// in the order the steps run in.
func (l *Ledger) Steps(ctx context.Context, runs ...int64) ([]StepRun, error) {
	var order []string
	for _, n := range StepNames() {
		order = append(order, string(n))
	}
	steps, err := query(ctx, l.staging, pgx.RowToStructByName[StepRun], sql.Text("ledger/steps.sql"), runs, order)
	if err != nil {
		return nil, fmt.Errorf("read the steps: %w", err)
	}
	for i := range steps {
		steps[i].StartedAt, steps[i].FinishedAt = utc(steps[i].StartedAt), utc(steps[i].FinishedAt)
		steps[i].Reason, steps[i].Err, steps[i].Hint = source.Mask(steps[i].Reason), source.Mask(steps[i].Err), source.Mask(steps[i].Hint)
	}
	return steps, nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// ProgressOf returns how far a run is or was at the end, and false when it has
// not said.
func (l *Ledger) ProgressOf(ctx context.Context, run int64) (Progress, bool, error) {
	list, err := query(ctx, l.staging, pgx.RowTo[Progress], "SELECT body FROM staging.progress WHERE run = $1", run)
	if err != nil {
		return Progress{}, false, fmt.Errorf("read the progress of run %d: %w", run, err)
	}
	if len(list) == 0 {
		return Progress{}, false, nil
	}
	return list[0], true, nil
}

// readAhead is how many events Ledger.Events fetches at a time.
const readAhead = 200

// readEvents returns up to limit events of a run from a number on.
func (l *Ledger) readEvents(ctx context.Context, run, seq int64, limit int) ([]Event, error) {
	events, err := query(ctx, l.staging, func(row pgx.CollectableRow) (Event, error) {
		h := Head{Run: run}
		var kind string
		var body []byte
		if err := row.Scan(&h.Seq, &h.At, &kind, &body); err != nil {
			return nil, err
		}
		h.At = h.At.UTC()
		e, err := decodeBody(kind, body, h)
		if err != nil {
			return nil, err
		}
		return masked(e), nil
	}, sql.Text("ledger/events.sql"), run, seq, limit)
	if err != nil {
		return nil, fmt.Errorf("read the events of run %d: %w", run, err)
	}
	return events, nil
}

// Next returns the event with that number as soon as it exists, from 1 on (or
// the next one, should the database have lost some: go on from its number);
// io.EOF after the last of a run that has ended or was interrupted; ErrNoRun
// for a run that the ledger does not know.
func (l *Ledger) Next(ctx context.Context, run, seq int64) (Event, error) {
	events, err := l.wait(ctx, run, max(seq, 1), 1)
	if err != nil {
		return nil, err
	}
	return events[0], nil
}

// Events returns the events of a run from the first to the last, waiting for
// each; it ends after an error, which it yields.
func (l *Ledger) Events(ctx context.Context, run int64) iter.Seq2[Event, error] {
	var ahead []Event
	return Events(ctx, func(ctx context.Context, run, seq int64) (Event, error) {
		if len(ahead) == 0 {
			var err error
			if ahead, err = l.wait(ctx, run, seq, readAhead); err != nil {
				return nil, err
			}
		}
		e := ahead[0]
		ahead = ahead[1:]
		return e, nil
	}, run)
}

// wait returns at least one and at most limit events from seq on. Called off,
// it says why and not what that broke.
func (l *Ledger) wait(ctx context.Context, run, seq int64, limit int) ([]Event, error) {
	events, err := l.await(ctx, run, seq, limit)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return events, err
}

func (l *Ledger) await(ctx context.Context, run, seq int64, limit int) ([]Event, error) {
	// Most often it is there, and nobody needs to listen.
	if events, err := l.readEvents(ctx, run, seq, limit); err != nil || len(events) > 0 {
		return events, err
	}
	wake, stop := l.hub.subscribe(ctx, channelRun, run)
	defer stop()
	poll := time.NewTicker(l.stale())
	defer poll.Stop()
	for {
		// The state first: events and the end come in one transaction, so what
		// is not there after the end will not come.
		r, err := l.RunByID(ctx, run)
		if err != nil {
			return nil, err
		}
		events, err := l.readEvents(ctx, run, seq, limit)
		if err != nil || len(events) > 0 {
			return events, err
		}
		if r.State.Ended() {
			return nil, io.EOF
		}
		select {
		case <-wake:
		case <-poll.C: // a process that died sends no news
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
