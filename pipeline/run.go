package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/sql"
)

// Execution is a run of this process, from Start until Wait returned.
type Execution struct {
	id     int64
	ledger *Ledger
	plan   Plan
	log    *eventLog

	staging, analytics *lock
	recorder           recorder

	cancel    context.CancelCauseFunc
	stepsDone chan struct{} // closed after RunFinished was emitted
	wg        sync.WaitGroup
	outcome   Outcome // of steps, then of keepStaging; read after wg.Wait

	mu       sync.Mutex
	sampler  sampler
	step     Step // the one in work
	progress Progress
	changes  int // of progress
}

// Execute starts a run and waits for its end. See Start and Wait.
func (l *Ledger) Execute(ctx context.Context, plan Plan) (Outcome, error) {
	x, err := l.Start(ctx, plan)
	if err != nil {
		code := ExitFailed
		if errors.Is(err, ErrLocked) {
			code = ExitLocked
		}
		return Outcome{State: Failed, ExitCode: code, Err: err}, err
	}
	return x.Wait()
}

// Start takes the locks in both databases, notes the run in the ledger and sets
// its steps going; it is an ErrLocked when another run holds a lock. Ending ctx
// cancels the run. The caller calls Wait.
func (l *Ledger) Start(ctx context.Context, plan Plan) (*Execution, error) {
	plan, err := plan.prepare()
	if err != nil {
		return nil, err
	}
	if l.analytics == nil {
		return nil, errors.New("start a run: no analytics database")
	}
	x := &Execution{
		ledger: l, plan: plan, log: newEventLog(), stepsDone: make(chan struct{}),
		staging: newLock(sql.Staging, l.staging), analytics: newLock(sql.Analytics, l.analytics),
	}
	if err := x.begin(ctx); err != nil {
		ctx := context.WithoutCancel(ctx)
		x.analytics.release(ctx)
		x.staging.release(ctx)
		return nil, fmt.Errorf("start a run: %w", err)
	}
	// What keeps the run alive outlives its cancelling; the end of the steps
	// ends it.
	alive := context.WithoutCancel(ctx)
	ctx, x.cancel = context.WithCancelCause(ctx)
	x.wg.Go(func() { x.keepStaging(alive) })
	x.wg.Go(func() { x.keepAnalytics(alive) })
	x.wg.Go(func() { x.runSteps(ctx) })
	return x, nil
}

// begin takes the locks, staging first, and opens the run in the ledger.
func (x *Execution) begin(ctx context.Context) error {
	l := x.ledger
	onStaging := func() queryer { return x.staging.conn }
	for _, k := range []*lock{x.staging, x.analytics} {
		if err := l.acquire(ctx, k, onStaging); err != nil {
			return err
		}
	}
	uuid, err := l.stagingUUID(ctx, x.staging.conn)
	if err != nil {
		return err
	}
	if err := l.replaySpools(ctx, x.staging.conn, uuid); err != nil {
		l.o.Log.Error("earlier events stay in the spool", "err", err)
	}
	if err := x.open(ctx); err != nil {
		return clarifyOpen(err)
	}
	if l.o.KeepRuns > 0 {
		if _, err := l.Prune(ctx, l.o.KeepRuns); err != nil {
			l.o.Log.Error("old runs stay", "err", err)
		}
	}
	x.recorder = recorder{
		run: x.id, log: x.log, lock: x.staging, slog: l.o.Log, progress: x.progressNow,
	}
	if l.o.SpoolDir != "" {
		x.recorder.spool.path = filepath.Join(l.o.SpoolDir, spoolName(x.id, uuid))
	}
	name := lockName(x.id, uuid)
	if err := errors.Join(x.staging.rename(ctx, name), x.analytics.rename(ctx, name)); err != nil {
		return fmt.Errorf("sign the locks: %w", err)
	}
	o := l.o
	return x.emit(RunStarted{
		Tasks: x.plan.Tasks, Host: o.Host, PID: o.PID, Who: o.Who, Version: o.Version, Rebuild: x.plan.Rebuild,
	})
}

// open takes the next epoch in both databases and inserts the rows of the run.
// All that an earlier run still had open must end before it gets the epoch.
func (x *Execution) open(ctx context.Context) error {
	const wait = "SELECT set_config('lock_timeout', $1, false)"
	limit := fmt.Sprint(max(1, x.ledger.o.EpochLimit.Milliseconds()))
	if _, err := x.analytics.conn.Exec(ctx, wait, limit); err != nil {
		return err
	}
	if err := x.analytics.bump(ctx); err != nil {
		return fmt.Errorf("take the epoch of the analytics database: %w", err)
	}
	o := x.ledger.o
	var names, engines []string
	for _, s := range x.plan.Steps {
		names, engines = append(names, string(s.Name)), append(engines, s.Engine)
	}
	return pgx.BeginFunc(ctx, x.staging.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, wait, limit); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, sql.Text("ledger/start_run.sql"), x.plan.Tasks, x.plan.Options, o.Now().UTC(),
			o.Host, o.PID, o.Who, o.Version).Scan(&x.id, &x.staging.epoch)
		if err != nil {
			return fmt.Errorf("note the run: %w", err)
		}
		if _, err := tx.Exec(ctx, sql.Text("ledger/start_steps.sql"), x.id, names, engines); err != nil {
			return fmt.Errorf("note the steps: %w", err)
		}
		// With the lock and a newer epoch in hand, no earlier run can be alive.
		var dead []int64
		err = tx.QueryRow(ctx, "SELECT array_agg(id) FROM staging.runs WHERE state = 'running' AND id <> $1", x.id).Scan(&dead)
		if err != nil {
			return fmt.Errorf("look for dead runs: %w", err)
		}
		return interrupt(ctx, tx, dead, 0)
	})
}

// clarifyOpen adds what to do about an earlier run's open transaction.
func clarifyOpen(err error) error {
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == "55P03" { // lock_not_available
		return withHint(err, "a transaction of an earlier run is still open: wait, or end its session (penstock, activity)")
	}
	return sql.Clarify(err)
}

// ID returns the run's number.
func (x *Execution) ID() int64 { return x.id }

// Next returns the event with that number as soon as there is one, from 1 on;
// io.EOF after the last. The first argument is the run, which must be this one:
// so that live runs and the ledger are read alike.
func (x *Execution) Next(ctx context.Context, run, seq int64) (Event, error) {
	if run != x.id {
		return nil, fmt.Errorf("read run %d: %w", run, ErrNoRun)
	}
	return x.log.next(ctx, seq)
}

// Events returns the run's events from the first to the last, waiting for each.
func (x *Execution) Events(ctx context.Context) iter.Seq2[Event, error] {
	return Events(ctx, x.Next, x.id)
}

// Events walks over the events of a run by a Next, waiting for each. It ends
// after the last event or after an error, which it yields.
func Events(ctx context.Context, next func(ctx context.Context, run, seq int64) (Event, error), run int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for seq := int64(1); ; {
			e, err := next(ctx, run, seq)
			if errors.Is(err, io.EOF) || !yield(e, err) || err != nil {
				return
			}
			seq = e.Head().Seq + 1
		}
	}
}

// CurrentProgress returns how far the run is, and false before a step said so.
func (x *Execution) CurrentProgress() (Progress, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.progress, !x.progress.At.IsZero()
}

// Cancel stops the run: the step in work is told to end and to clean up.
func (x *Execution) Cancel(who string) { x.cancel(cancelledBy(who)) }

func cancelledBy(who string) error {
	if who == "" {
		return ErrCancelled
	}
	return fmt.Errorf("%w by %s", ErrCancelled, who)
}

// Wait waits for the run to end, the locks to be given back and the events to
// be in the ledger or in the spool. The error is Outcome.Err: nil with the exit
// codes 0, 3 and 6.
func (x *Execution) Wait() (Outcome, error) {
	x.wg.Wait()
	return x.outcome, x.outcome.Err
}
