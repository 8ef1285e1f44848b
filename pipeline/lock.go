package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/sql"
)

// The two keys of the advisory locks: "pens" and the database, so that both
// databases may even be one.
const (
	lockClass     = 0x70656e73
	lockStaging   = 1
	lockAnalytics = 2
)

// lock is the advisory lock of one database, on a connection of its own: it
// lasts as long as the session. One goroutine at a time uses it.
type lock struct {
	db   sql.Database
	key  int32
	pool *pgxpool.Pool
	// name is the session's application_name: "penstock run 42 UUID" tells
	// others who holds the lock.
	name    string
	conn    *pgx.Conn
	backend backend
	epoch   int64
}

// lockName is the application_name of who holds the lock for a run;
// ledger/dead_runs.sql builds it too.
func lockName(run int64, uuid string) string { return fmt.Sprintf("penstock run %d %s", run, uuid) }

// backend is a session as the server knows it.
type backend struct {
	pid     uint32
	started time.Time
}

func newLock(db sql.Database, pool *pgxpool.Pool) *lock {
	k := &lock{db: db, key: lockStaging, pool: pool, name: "penstock run"}
	if db == sql.Analytics {
		k.key = lockAnalytics
	}
	return k
}

// open connects, unless it is connected.
func (k *lock) open(ctx context.Context) error {
	if k.alive() {
		return nil
	}
	conn, err := connect(ctx, k.pool, k.name)
	if err != nil {
		return err
	}
	k.conn = conn
	return nil
}

// alive reports whether the connection was not found dead.
func (k *lock) alive() bool { return k.conn != nil && !k.conn.IsClosed() }

// try takes the lock if nobody has it.
func (k *lock) try(ctx context.Context) (bool, error) {
	var got bool
	if err := k.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", lockClass, k.key).Scan(&got); err != nil || !got {
		return false, err
	}
	err := k.conn.QueryRow(ctx, "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()").
		Scan(&k.backend.pid, &k.backend.started)
	return err == nil, err
}

// bump takes the next epoch of the analytics database.
func (k *lock) bump(ctx context.Context) error {
	return k.conn.QueryRow(ctx, "UPDATE analytics.meta SET epoch = epoch + 1 RETURNING epoch").Scan(&k.epoch)
}

// rename tells who holds the lock.
func (k *lock) rename(ctx context.Context, name string) error {
	k.name = name
	_, err := k.conn.Exec(ctx, "SELECT set_config('application_name', $1, false)", name)
	return err
}

// holder returns the session that holds the lock and its name; no pid when
// nobody does.
func (k *lock) holder(ctx context.Context) (backend, string, error) {
	var b backend
	var name string
	err := k.conn.QueryRow(ctx, sql.Text("ledger/lock_holder.sql"), lockClass, k.key).Scan(&b.pid, &name, &b.started)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return b, name, err
}

// release gives the lock back and closes the connection. Unlocking first lets
// the next run start at once: a closed session is gone only a moment later.
func (k *lock) release(ctx context.Context) {
	if !k.alive() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	_, _ = k.conn.Exec(ctx, "SELECT pg_advisory_unlock_all()") // closing does it too
	_ = k.conn.Close(ctx)
}

// errStillLost says that the lock may be taken again, but not yet.
var errStillLost = errors.New("the lock is not back yet")

// retake takes the lock again after its session died. It is an ErrFenced when
// another run has taken it meanwhile; any other error may pass.
func (k *lock) retake(ctx context.Context) error {
	if err := k.open(ctx); err != nil {
		return err
	}
	mine := k.backend
	for range ghostTries {
		got, err := k.try(ctx)
		if err != nil {
			return err
		}
		if err := k.checkEpoch(ctx); err != nil || got {
			return err
		}
		// Most likely the server has not noticed yet that the old session is dead.
		b, _, err := k.holder(ctx)
		if err != nil {
			return err
		}
		if b.pid == mine.pid && b.started.Equal(mine.started) {
			if _, err := k.conn.Exec(ctx, "SELECT pg_terminate_backend($1)", int32(b.pid)); err != nil { //nolint:gosec // a pid fits
				return err
			}
		}
		if err := pause(ctx, namingPause); err != nil {
			return err
		}
	}
	return errStillLost
}

// ghostTries is how often a run tries to take its lock again before it waits
// for the next heartbeat.
const ghostTries = 8

// checkEpoch is an ErrFenced when another run has taken the lock since.
func (k *lock) checkEpoch(ctx context.Context) error {
	query := "SELECT epoch FROM staging.meta"
	if k.db == sql.Analytics {
		query = "SELECT epoch FROM analytics.meta"
	}
	var now int64
	if err := k.conn.QueryRow(ctx, query).Scan(&now); err != nil {
		return err
	}
	return fenced(k.db, k.epoch, now)
}

// fenced compares epochs.
func fenced(db sql.Database, mine, now int64) error {
	if mine == now {
		return nil
	}
	return withHint(fmt.Errorf("write to the %s database: %w (epoch %d, now %d)", db, ErrFenced, mine, now),
		"this run lost its lock and another one started; see penstock --run runs")
}

// Lock naming: how often and how long a run that finds the lock taken looks who
// has it; a run takes the lock a moment before it has a number.
const (
	namingPause = 25 * time.Millisecond
	namingTries = 80
)

// acquire takes a lock or returns a *LockedError that names the holder. The
// holder's row is read through ledger, a connection to staging.
func (l *Ledger) acquire(ctx context.Context, k *lock, ledger func() queryer) error {
	if err := k.open(ctx); err != nil {
		return err
	}
	for try := 1; ; try++ {
		got, err := k.try(ctx)
		if err != nil {
			return fmt.Errorf("lock the %s database: %w", k.db, sql.Clarify(err))
		}
		if got {
			return nil
		}
		locked, err := l.nameHolder(ctx, k, ledger())
		if err != nil {
			return fmt.Errorf("find who holds the lock of the %s database: %w", k.db, sql.Clarify(err))
		}
		if locked.Who != "" || try == namingTries {
			return locked
		}
		if err := pause(ctx, namingPause); err != nil {
			return err
		}
	}
}

// nameHolder looks up who holds a lock; Who is empty while that is not known.
func (l *Ledger) nameHolder(ctx context.Context, k *lock, ledger queryer) (*LockedError, error) {
	locked := &LockedError{Database: k.db}
	_, name, err := k.holder(ctx)
	if err != nil {
		return nil, err
	}
	number, uuid, _ := strings.Cut(strings.TrimPrefix(name, "penstock run "), " ")
	var run int64
	if _, err := fmt.Sscan(number, &run); err != nil || uuid == "" {
		return locked, nil
	}
	ours, err := l.stagingUUID(ctx, ledger)
	if err != nil {
		return nil, err
	}
	if uuid != ours {
		locked.Who = "another staging database (" + uuid + ")"
		return locked, nil
	}
	rows, err := readRuns(ctx, ledger, &run, 1)
	if err != nil || len(rows) == 0 {
		return locked, err
	}
	r := rows[0]
	locked.Run, locked.Host, locked.PID, locked.Who, locked.Since = r.ID, r.Host, r.PID, r.Who, r.StartedAt
	return locked, nil
}

// pause waits, or returns why it could not.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
