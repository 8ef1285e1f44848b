package steps

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// The states of a load in the ledger.
const (
	loadLoading = "loading"
	loadLoaded  = "loaded"
	loadStopped = "stopped"
	loadFailed  = "failed"
	loadUndone  = "undone"
)

// loadLedger is the part of the ledger that ingest writes: loads, chunks, rejects. Every write is
// fenced by the run's epoch and repeated while the server is away.
type loadLedger struct {
	pool      *pgxpool.Pool
	rc        *pipeline.RunContext
	patience  time.Duration
	indexFrom int64 // size of a partition from which on it has an index
}

// known is what the ledger has of an identity.
type known struct {
	ID         int64
	Source     string
	State      string
	Name       string
	StartedAt  time.Time
	Error      string
	ReplacedBy int64
	RowsKept   bool
	Content    [32]byte
	Bytes      int64
}

// counts are those of a load or a chunk: Read = Loaded + Rejected + Discarded.
type counts struct {
	Read, Loaded, Rejected, Discarded int64
}

func (c *counts) add(d counts) {
	c.Read += d.Read
	c.Loaded += d.Loaded
	c.Rejected += d.Rejected
	c.Discarded += d.Discarded
}

// write does something in one guarded transaction, again while the server is away or another session is
// in the way: do must end the same when it is done twice. It waits for no lock longer than lockLimit.
func (l *loadLedger) write(ctx context.Context, do func(ctx context.Context, tx pgx.Tx) error) error {
	wait := lockWait{ledger: l}
	return l.persist(ctx, func(ctx context.Context) error {
		err := pgx.BeginTxFunc(ctx, l.pool, bounded(), func(tx pgx.Tx) error {
			stop := wait.watch(ctx, tx.Conn().PgConn().PID())
			defer stop()
			if err := l.rc.Guard(ctx, tx, sql.Staging); err != nil {
				return err
			}
			return do(ctx, tx)
		})
		return wait.explain(err)
	})
}

// persist does something until it succeeds, fails for good, or patience ends.
func (l *loadLedger) persist(ctx context.Context, do func(ctx context.Context) error) error {
	return l.persistLong(ctx, func(ctx context.Context, _ func()) error { return do(ctx) })
}

// persistLong does something that may take longer than patience. What it does calls ahead when it has
// come further than ever: patience begins anew then.
func (l *loadLedger) persistLong(ctx context.Context, do func(ctx context.Context, ahead func()) error) error {
	started, pause := l.rc.Now(), 100*time.Millisecond
	waited := time.Duration(0)
	ahead := func() { started, waited, pause = l.rc.Now(), 0, 100*time.Millisecond }
	for ; ; waited += pause {
		err := do(ctx, ahead)
		if err == nil || !transient(err) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if waited >= l.patience || l.rc.Now().Sub(started) >= l.patience {
			if lockTimedOut(err) { // the server is there
				return asBusy(err)
			}
			return hint(gone{fmt.Errorf("the staging database stayed out of reach: %w", err)},
				"see that the server runs and can be reached, then run again: what is committed is kept and the load goes on from there")
		}
		pause = min(2*pause, 2*time.Second)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// find returns what is known of an identity; ok is false when nothing is. A load whose run died before
// its hash was known is one of the same file, as its place, size and time say.
func (l *loadLedger) find(ctx context.Context, tx pgx.Tx, j *job) (k known, ok bool, err error) {
	if j.late {
		return k, false, nil
	}
	in := &j.input
	query := func() error {
		return tx.QueryRow(ctx, sql.Text("ingest/find_load.sql"), j.spec.Name, in.hashes.Content[:], j.fingerprint[:]).
			Scan(&k.ID, &k.State, &k.Name, &k.StartedAt, &k.Error, &k.ReplacedBy, &k.RowsKept)
	}
	err = query()
	if errors.Is(err, pgx.ErrNoRows) {
		origin, absErr := filepath.Abs(in.file.Path)
		if absErr != nil {
			return k, false, absErr
		}
		tag, adoptErr := tx.Exec(ctx, sql.Text("ingest/adopt_load.sql"), j.spec.Name, j.fingerprint[:], origin,
			in.hashes.Bytes, nullTime(in.file.ModTime), in.hashes.Content[:], in.hashes.File[:])
		if adoptErr != nil || tag.RowsAffected() == 0 {
			return k, false, adoptErr
		}
		err = query()
	}
	return k, err == nil, err
}

// sizeKnown tells whether a load of the source has content of that size.
func (l *loadLedger) sizeKnown(ctx context.Context, name string, size int64) (known bool, err error) {
	err = l.persist(ctx, func(ctx context.Context) error {
		return l.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM staging.loads WHERE source = $1 AND bytes = $2)", name, size).Scan(&known)
	})
	return known, err
}

// provisional stands for the hash of a load's content until that is known: nothing hashes to it twice.
func (l *loadLedger) provisional(origin string) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "provisional, run %d, %s", l.rc.ID, origin))
	return sum[:]
}

// identified enters the hashes of a load that began without.
func (l *loadLedger) identified(ctx context.Context, id int64, h source.Hashes) error {
	return l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE staging.loads SET sha256 = $2, file_sha256 = $3 WHERE id = $1", id, h.Content[:], h.File[:])
		return err
	})
}

// findFile looks for a load that keeps these bytes, as they lie on disk, out of this run.
func (l *loadLedger) findFile(ctx context.Context, name string, file, fingerprint [32]byte) (k known, ok bool, err error) {
	var content []byte
	err = l.persist(ctx, func(ctx context.Context) error {
		return l.pool.QueryRow(ctx, sql.Text("ingest/find_file.sql"), name, file[:], fingerprint[:]).
			Scan(&k.ID, &k.State, &k.Name, &k.StartedAt, &content, &k.Bytes)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return k, false, nil
	}
	copy(k.Content[:], content)
	return k, err == nil, err
}

// start begins a load whose identity is new or whose last attempt left nothing. Rejects that were
// mended since stay: their records are in another load.
func (l *loadLedger) start(ctx context.Context, tx pgx.Tx, j *job) (id int64, err error) {
	in := &j.input
	origin, err := filepath.Abs(in.file.Path)
	if err != nil {
		return 0, err
	}
	if j.bulk {
		if _, err := tx.Exec(ctx, sql.Text("ingest/free_number.sql")); err != nil {
			return 0, fmt.Errorf("find a number for the load: %w", err)
		}
	}
	content, file := in.hashes.Content[:], in.hashes.File[:]
	if j.late {
		content, file = l.provisional(origin), []byte{}
	}
	var fresh bool
	err = tx.QueryRow(ctx, sql.Text("ingest/start_load.sql"),
		l.rc.ID, j.spec.Name, entityOf(j.spec), in.name, origin, content, file,
		j.fingerprint[:], in.hashes.Bytes, l.rc.Now(), onChangeOf(j.spec), nullTime(in.file.ModTime), j.header, j.encoding).Scan(&id, &fresh)
	if err != nil {
		return 0, fmt.Errorf("enter the load: %w", err)
	}
	if fresh { // looking for its rows would read the whole leaf
		return id, nil
	}
	if err := clearLoad(ctx, tx, id); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "DELETE FROM staging.rejects WHERE load_id = $1 AND state = 'open'", id)
	return id, err
}

// resume goes on with a load that a dead run left half done.
func (l *loadLedger) resume(ctx context.Context, tx pgx.Tx, id int64, j *job) error {
	in := &j.input
	origin, err := filepath.Abs(in.file.Path)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sql.Text("ingest/resume_load.sql"),
		id, l.rc.ID, in.name, origin, in.hashes.File[:], nullTime(in.file.ModTime))
	return err
}

// bringBack makes a load visible again whose rows were kept.
func (l *loadLedger) bringBack(ctx context.Context, tx pgx.Tx, id int64) (replaced []known, err error) {
	_, err = tx.Exec(ctx, sql.Text("ingest/bring_back.sql"), id, l.rc.Now())
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sql.Text("ingest/resolve_again.sql"), id); err != nil {
		return nil, err
	}
	return l.replace(ctx, tx, id)
}

// replace takes out loads of the same content under another mapping.
func (l *loadLedger) replace(ctx context.Context, tx pgx.Tx, id int64) ([]known, error) {
	rows, err := tx.Query(ctx, sql.Text("ingest/replace_loads.sql"), id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k known, err error) {
		return k, row.Scan(&k.ID, &k.Name)
	})
}

// ensurePartition makes the partition of a load, in a transaction of its own.
func (l *loadLedger) ensurePartition(ctx context.Context, id int64) (name string, err error) {
	err = l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT staging.ensure_partition($1)", id).Scan(&name)
	})
	if err != nil {
		return "", fmt.Errorf("make the partition of load %d: %w", id, err)
	}
	return name, nil
}

// errBusy: somebody else holds a lock for longer than lockLimit.
var errBusy = errors.New("the table is in use")

// indexPartition brings the index of a load's partition up to date. If somebody is in the way it stays as
// it is: that costs readers time until the next load, no more.
func (l *loadLedger) indexPartition(ctx context.Context, id int64) error {
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "SELECT staging.index_partition($1, $2)", id, l.indexFrom)
		if lockTimedOut(err) {
			return errBusy
		}
		return err
	})
	if err != nil && !errors.Is(err, errBusy) {
		return fmt.Errorf("index the partition: %w", err)
	}
	return nil
}

// nullTime is nil for the zero time.
func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
