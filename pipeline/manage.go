package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// ErrNotRunning is what asking a run to stop returns when it has ended.
var ErrNotRunning = errors.New("it is not running")

// RequestCancel asks a run, in whatever process, to stop. It returns once the
// wish is noted; the run hears of it within a second.
func (l *Ledger) RequestCancel(ctx context.Context, run int64, who string) error {
	var heard string
	err := l.staging.QueryRow(ctx, sql.Text("ledger/cancel_run.sql"), run, l.o.Now().UTC(), plain(who)).Scan(&heard)
	if err == nil {
		return nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("cancel run %d: %w", run, sql.Clarify(err))
	}
	r, err := l.RunByID(ctx, run)
	if err != nil {
		return err
	}
	return withHint(fmt.Errorf("cancel run %d: %w: it is %s", run, ErrNotRunning, r.State), "penstock --run runs lists what runs")
}

// Prune forgets runs that ended longer than keep ago, with their steps, events
// and progress, and returns how many. The newest run is always kept.
func (l *Ledger) Prune(ctx context.Context, keep time.Duration) (int, error) {
	tag, err := l.staging.Exec(ctx, sql.Text("ledger/prune_runs.sql"), l.o.Now().UTC().Add(-keep))
	if err != nil {
		return 0, fmt.Errorf("prune the runs: %w", sql.Clarify(err))
	}
	return int(tag.RowsAffected()), nil
}

// Detail is everything the ledger tells of a run, for a page about it.
type Detail struct {
	Run   Run       `json:"run"`
	Steps []StepRun `json:"steps"`
	// Notable are the events to look at: warnings, rejects, failed checks, loads
	// and steps that did not do well; before the first of a load its start, which
	// names it.
	Notable []Event `json:"-"`
}

// DetailOf returns a run with its steps and notable events.
func (l *Ledger) DetailOf(ctx context.Context, run int64) (Detail, error) {
	r, err := l.RunByID(ctx, run)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Run: r}
	if d.Steps, err = l.Steps(ctx, run); err != nil {
		return Detail{}, err
	}
	var notable notables
	for seq := int64(1); ; {
		events, err := l.readEvents(ctx, run, seq, readAhead)
		if err != nil {
			return Detail{}, err
		}
		for _, e := range events {
			notable.add(e)
			seq = e.Head().Seq + 1
		}
		if len(events) < readAhead {
			d.Notable = notable.list
			return d, nil
		}
	}
}

// notables picks the notable ones of a run's events.
type notables struct {
	list    []Event
	started map[int64]Event // loads that did not end yet and that nothing notable was said of
}

func (n *notables) add(e Event) {
	if s, ok := e.(LoadStarted); ok {
		if n.started == nil {
			n.started = map[int64]Event{}
		}
		n.started[s.Load] = e
	}
	load := loadOf(e)
	if Notable(e) {
		if s, ok := n.started[load]; ok {
			n.list = append(n.list, s)
			delete(n.started, load)
		}
		n.list = append(n.list, e)
	}
	if _, ok := e.(LoadFinished); ok {
		delete(n.started, load)
	}
}

// Notable reports whether an event is one to look at after the run.
func Notable(e Event) bool {
	switch e := e.(type) {
	case Warning, RejectSample, CheckFailed, StepFailed:
		return true
	case LoadFinished:
		return e.Err != "" || e.Rejected > 0
	}
	return false
}

// loadOf returns the load that an event is about, 0 for none.
func loadOf(e Event) int64 {
	switch e := e.(type) {
	case LoadFinished:
		return e.Load
	case RejectSample:
		return e.Load
	}
	return 0
}

// StepDelta sets a step of two runs side by side.
type StepDelta struct {
	Step StepName
	// A and B are the step in the two runs; HasA and HasB whether they had it.
	A, B       StepRun
	HasA, HasB bool
}

// Compare sets the steps of two runs side by side, in the order they run in.
func Compare(a, b []StepRun) []StepDelta {
	find := func(steps []StepRun, name StepName) (StepRun, bool) {
		for _, s := range steps {
			if s.Step == name {
				return s, true
			}
		}
		return StepRun{}, false
	}
	var deltas []StepDelta
	for _, name := range StepNames() {
		d := StepDelta{Step: name}
		d.A, d.HasA = find(a, name)
		d.B, d.HasB = find(b, name)
		if d.HasA || d.HasB {
			deltas = append(deltas, d)
		}
	}
	return deltas
}
