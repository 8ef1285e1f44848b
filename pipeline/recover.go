package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/sql"
)

// Recover puts right what processes that died left behind: it brings the events
// in the spool to the ledger and marks runs without a sign of life interrupted.
// Start does it by itself; a console may call it when it opens.
func (l *Ledger) Recover(ctx context.Context) error {
	uuid, err := l.stagingUUID(ctx, l.staging)
	if err != nil {
		return err
	}
	if _, err := l.reap(ctx); err != nil {
		return err
	}
	conn, err := l.staging.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("recover: %w", sql.Clarify(err))
	}
	defer conn.Release()
	return l.replaySpools(ctx, conn.Conn(), uuid)
}

// reap finds runs that say they are running although their process is dead,
// marks them interrupted and returns them. Who may only read marks nothing.
func (l *Ledger) reap(ctx context.Context) ([]int64, error) {
	dead, err := query(ctx, l.staging, pgx.RowTo[int64], sql.Text("ledger/dead_runs.sql"), l.stale(), lockClass, lockStaging)
	if err != nil {
		return nil, fmt.Errorf("look for dead runs: %w", err)
	}
	if len(dead) == 0 {
		return nil, nil
	}
	err = interrupt(ctx, l.staging, dead, l.stale())
	if mayNotWrite(err) {
		err = nil
	}
	return dead, err
}

// interrupt marks runs interrupted whose last sign of life is that old.
func interrupt(ctx context.Context, q queryer, runs []int64, age time.Duration) error {
	if len(runs) == 0 {
		return nil
	}
	if _, err := q.Exec(ctx, sql.Text("ledger/interrupt_runs.sql"), runs, age); err != nil {
		return fmt.Errorf("mark dead runs: %w", err)
	}
	return nil
}

// mayNotWrite reports whether the server refused because the role or the
// server is for reading only.
func mayNotWrite(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && slices.Contains([]string{"42501", "25006"}, server.Code)
}

// replaySpools brings the spooled events of runs that are over to the ledger
// and deletes their files. A run that is still alive delivers its own.
func (l *Ledger) replaySpools(ctx context.Context, conn *pgx.Conn, uuid string) error {
	if l.o.SpoolDir == "" {
		return nil
	}
	files, err := os.ReadDir(l.o.SpoolDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the spool: %w", err)
	}
	var errs []error
	for _, f := range files {
		run, of, ok := parseSpoolName(f.Name())
		if !ok || !strings.EqualFold(of, uuid) {
			continue
		}
		if err := l.replaySpool(ctx, conn, run, filepath.Join(l.o.SpoolDir, f.Name())); err != nil {
			errs = append(errs, fmt.Errorf("replay %s: %w", f.Name(), err))
		}
	}
	return errors.Join(errs...)
}

func (l *Ledger) replaySpool(ctx context.Context, conn *pgx.Conn, run int64, path string) error {
	known, err := readRuns(ctx, conn, &run, 1)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		return os.Remove(path) // pruned meanwhile
	}
	if known[0].State == Running {
		holder, err := l.lives(ctx, conn, run)
		if err != nil || holder {
			return err
		}
	}
	entries, err := readSpool(path)
	if err != nil {
		return err
	}
	// What the ledger has is not digested again: later events may be there too.
	var have int64
	err = conn.QueryRow(ctx, "SELECT coalesce(max(seq), 0) FROM staging.events WHERE run = $1", run).Scan(&have)
	if err != nil {
		return sql.Clarify(err)
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.event.Head().Seq <= have })
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var b pgx.Batch
		queueEvents(&b, run, entries)
		b.Queue("UPDATE staging.runs SET state = 'running' WHERE id = $1 AND state = 'interrupted'", run)
		b.Queue(sql.Text("ledger/interrupt_runs.sql"), []int64{run}, time.Duration(0))
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return sql.Clarify(err)
	}
	return os.Remove(path)
}

// lives reports whether a session holds the lock in the run's name.
func (l *Ledger) lives(ctx context.Context, conn *pgx.Conn, run int64) (bool, error) {
	uuid, err := l.stagingUUID(ctx, conn)
	if err != nil {
		return false, err
	}
	_, name, err := (&lock{key: lockStaging, conn: conn}).holder(ctx)
	return name == lockName(run, uuid), err
}
