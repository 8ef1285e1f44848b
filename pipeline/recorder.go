package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// batchEvents is how many events go into one transaction.
const batchEvents = 500

// recorder brings a run's events, progress and signs of life to the ledger, on
// the connection that holds the staging lock. One goroutine uses it.
type recorder struct {
	run   int64
	log   *eventLog
	lock  *lock
	spool spool
	slog  *slog.Logger
	// progress returns how far the run is and how often that changed.
	progress func() (Progress, int)

	seen    int  // events that an attempt was made for
	written int  // events that are in the ledger
	spooled int  // events that are in the ledger or in the spool
	told    int  // changes of the progress that are in the ledger
	failing bool // the last attempt failed; said once

	agreed *pgx.Conn // the connection that written was read on
}

// wishes are what a sign of life brings back.
type wishes struct {
	cancel bool
	who    string
}

// sync writes everything that is not in the ledger yet. What it could not write
// is in the spool when it returns an error.
func (r *recorder) sync(ctx context.Context) (wishes, error) {
	if err := r.agree(ctx); err != nil {
		r.keep()
		return wishes{}, err
	}
	for {
		entries := r.log.since(r.written)
		r.seen = r.written + len(entries)
		more := len(entries) > batchEvents
		if more {
			entries = entries[:batchEvents]
		}
		w, err := r.write(ctx, entries)
		if err != nil {
			r.keep()
			return w, err
		}
		r.written += len(entries)
		r.spooled = max(r.spooled, r.written)
		if !more {
			return w, r.spool.remove()
		}
	}
}

// agree asks the ledger, on every new connection, which events it has. That
// settles a COMMIT that was not answered, and makes good what a server lost
// that acknowledges before it is safe, or fell back to an older copy.
func (r *recorder) agree(ctx context.Context) error {
	if !r.lock.alive() {
		return errStillLost
	}
	if r.agreed == r.lock.conn {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	var have int
	err := r.lock.conn.QueryRow(ctx, "SELECT coalesce(max(seq), 0) FROM staging.events WHERE run = $1", r.run).Scan(&have)
	if err != nil {
		return fmt.Errorf("ask the ledger what it has: %w", sql.Clarify(err))
	}
	if have < r.written {
		r.slog.Warn("the ledger lost events", "run", r.run, "had", r.written, "has", have)
		if err := r.spool.remove(); err != nil {
			return fmt.Errorf("empty the spool: %w", err)
		}
		r.spooled = have
	}
	r.written, r.agreed = have, r.lock.conn
	r.spooled = max(r.spooled, have)
	return nil
}

// keep puts the events that the ledger lacks into the spool.
func (r *recorder) keep() {
	entries := r.log.since(r.spooled)
	r.seen = r.spooled + len(entries)
	if err := r.spool.add(entries); err != nil {
		r.slog.Error("events stay in memory", "run", r.run, "err", err)
		return
	}
	r.spooled += len(entries)
}

// write puts a batch, the progress and a sign of life into one transaction.
func (r *recorder) write(ctx context.Context, entries []entry) (wishes, error) {
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	var w wishes
	p, changes := r.progress()
	err := pgx.BeginFunc(ctx, r.lock.conn, func(tx pgx.Tx) error {
		var b pgx.Batch
		queueEvents(&b, r.run, entries)
		if changes > r.told {
			body, err := marshal(p)
			if err != nil {
				return fmt.Errorf("encode progress: %w", err)
			}
			b.Queue(sql.Text("ledger/set_progress.sql"), r.run, p.At, json.RawMessage(body))
		}
		b.Queue("SELECT pg_notify('penstock_run', $1)", fmt.Sprint(r.run))
		b.Queue(sql.Text("ledger/beat.sql"), r.run).QueryRow(func(row pgx.Row) error {
			return row.Scan(&w.cancel, &w.who)
		})
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return w, fmt.Errorf("write to the ledger: %w", sql.Clarify(err))
	}
	r.told = changes
	return w, nil
}

// revive takes back what others noted while the run could not be reached.
func (r *recorder) revive(ctx context.Context) error {
	_, err := r.lock.conn.Exec(ctx, sql.Text("ledger/revive_steps.sql"), r.run)
	return err
}

// finish writes the last events, connecting again if need be, for as long as
// ctx allows. It returns the spool's file if events are left in it.
func (r *recorder) finish(ctx context.Context, retry time.Duration) string {
	for {
		err := r.lock.open(ctx)
		if err == nil {
			_, err = r.sync(ctx)
		}
		entries := r.log.since(r.written)
		if err == nil || len(entries) == 0 {
			return ""
		}
		r.keep()
		if pause(ctx, retry) != nil {
			r.slog.Error("events did not reach the ledger", "run", r.run, "events", len(entries), "spool", r.spool.path, "err", err)
			if err := r.spool.close(); err != nil {
				r.slog.Error("close the spool", "err", err)
			}
			return r.spool.path
		}
	}
}

// queueEvents queues the events and what follows from them for the rows of the
// run and its steps, which are nothing but a digest of the events. Doing it
// twice changes nothing.
func queueEvents(b *pgx.Batch, run int64, entries []entry) {
	if len(entries) == 0 {
		return
	}
	var (
		seqs   []int64
		ats    []time.Time
		kinds  []string
		bodies []string
	)
	for _, e := range entries {
		h := e.event.Head()
		seqs, ats = append(seqs, h.Seq), append(ats, h.At)
		kinds, bodies = append(kinds, e.event.Kind()), append(bodies, string(e.body))
	}
	b.Queue(sql.Text("ledger/add_events.sql"), run, seqs, ats, kinds, bodies)
	for _, e := range entries {
		queueDigest(b, run, e)
	}
}

func queueDigest(b *pgx.Batch, run int64, e entry) {
	at, detail := e.event.Head().At, json.RawMessage(e.body)
	ended := func(step StepName, state State, counts ...any) {
		args := append([]any{run, string(step), string(state), at}, counts...)
		b.Queue(sql.Text("ledger/step_ended.sql"), append(args, detail)...)
	}
	switch e := e.event.(type) {
	case StepStarted:
		b.Queue(sql.Text("ledger/step_started.sql"), run, string(e.Step), e.Engine, at)
	case StepFinished:
		ended(e.Step, Done, e.Read, e.Loaded, e.Rejected, e.Collapsed, e.Bytes)
	case StepSkipped:
		ended(e.Step, Skipped, 0, 0, 0, 0, 0)
	case StepFailed:
		state := Failed
		if e.Cancelled {
			state = Cancelled
		}
		ended(e.Step, state, 0, 0, 0, 0, 0)
	case RunFinished:
		b.Queue(sql.Text("ledger/run_ended.sql"), run, string(e.Status), at, e.ExitCode, e.Err, e.Hint)
	}
}
