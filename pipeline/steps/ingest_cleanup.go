package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline/source"
	"penstock/sql"
)

// errFinished: the load that was to be given up is whole and seen, as its COMMIT got through although
// nobody was there any more for the answer.
var errFinished = errors.New("the load is finished")

// abandon ends a load that was not finished: first the ledger says so, then its rows go. If the second
// part is cut short, nobody sees the rows, and sweep deletes them later. A load that turns out to be
// finished stays: errFinished.
func (l *loadLedger) abandon(ctx context.Context, id int64, state, reason string) (counts, error) {
	var c counts
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := unfinished(ctx, tx, id); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, sql.Text("ingest/abandon_load.sql"), id, state, l.rc.Now(), source.Mask(reason)).
			Scan(&c.Read, &c.Rejected, &c.Discarded)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // an earlier attempt did it, and its answer was lost
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("end load %d: %w", id, err)
	}
	return c, l.drop(ctx, id)
}

// unfinished holds a load as it is until the transaction ends, unless it is finished.
func unfinished(ctx context.Context, tx pgx.Tx, id int64) error {
	var state string
	err := tx.QueryRow(ctx, "SELECT state FROM staging.loads WHERE id = $1 FOR UPDATE", id).Scan(&state)
	if err == nil && state == loadLoaded {
		err = errFinished
	}
	return err
}

// drop deletes the rows of a load: by dropping its own leaves, or by emptying its partition where no
// other load has rows in it. Either takes no time however many there are.
func (l *loadLedger) drop(ctx context.Context, id int64) error {
	dropped := false
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := unfinished(ctx, tx, id)
		if err == nil {
			dropped, err = dropQuickly(ctx, tx, id)
		}
		return err
	})
	if err != nil || dropped {
		return err
	}
	return l.empty(ctx, id)
}

// dropQuickly drops the own leaves of a load and the chunks that say they are there. It is false where
// there are none, or where somebody reads: then the rows are deleted, and the empty leaves dropped later.
func dropQuickly(ctx context.Context, tx pgx.Tx, id int64) (bool, error) {
	var leaves int
	err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT staging.drop_leaves($1)", id).Scan(&leaves)
	})
	if lockTimedOut(err) {
		return false, nil
	}
	if err != nil || leaves == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, "DELETE FROM staging.chunks WHERE load_id = $1", id)
	return true, err
}

// empty deletes the rows of a load from leaves that it shares, or that could not be dropped.
func (l *loadLedger) empty(ctx context.Context, id int64) error {
	emptied := false
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		emptied = false
		var partition string
		var low, high int64
		if err := tx.QueryRow(ctx, sql.Text("ingest/partition.sql"), id).Scan(&partition, &low, &high); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		}
		var alone bool
		if err := tx.QueryRow(ctx, sql.Text("ingest/alone.sql"), id, low, high).Scan(&alone); err != nil || !alone {
			return err
		}
		// A reader in the way costs the speed, no more.
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '300ms'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SAVEPOINT before_truncate"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "TRUNCATE "+pgx.Identifier{"staging", partition}.Sanitize()); err != nil {
			if ctx.Err() != nil {
				return err
			}
			_, err = tx.Exec(ctx, "ROLLBACK TO SAVEPOINT before_truncate")
			return err
		}
		emptied = true
		_, err := tx.Exec(ctx, "DELETE FROM staging.chunks WHERE load_id = $1", id)
		return err
	})
	if err != nil || emptied {
		return err
	}
	return l.write(ctx, func(ctx context.Context, tx pgx.Tx) error { return deleteRows(ctx, tx, id) })
}

// clearLoad makes room for a load that begins: nothing of it may be there.
func clearLoad(ctx context.Context, tx pgx.Tx, id int64) error {
	if _, err := tx.Exec(ctx, "SELECT staging.drop_leaves($1)", id); err != nil {
		return fmt.Errorf("drop the leaves of load %d: %w", id, err)
	}
	return deleteRows(ctx, tx, id)
}

// deleteRows deletes the rows of a load and the chunks that say they are there.
func deleteRows(ctx context.Context, tx pgx.Tx, id int64) error {
	if _, err := tx.Exec(ctx, "DELETE FROM staging.purchases WHERE load_id = $1", id); err != nil {
		return fmt.Errorf("delete the rows of load %d: %w", id, err)
	}
	_, err := tx.Exec(ctx, "DELETE FROM staging.chunks WHERE load_id = $1", id)
	return err
}

// sweep deletes the rows of loads that ended while there was no time for it.
func (l *loadLedger) sweep(ctx context.Context) error {
	ids, err := l.ids(ctx, sql.Text("ingest/leftover_loads.sql"))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := l.drop(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (l *loadLedger) ids(ctx context.Context, statement string, args ...any) (ids []int64, err error) {
	err = l.persist(ctx, func(ctx context.Context) error {
		rows, err := l.pool.Query(ctx, statement, args...)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	return ids, err
}

// half returns the loads of these sources that a dead run left half done, without those in but.
func (l *loadLedger) half(ctx context.Context, sources []string, but []int64) (half []known, err error) {
	if but == nil {
		but = []int64{}
	}
	err = l.persist(ctx, func(ctx context.Context) error {
		rows, err := l.pool.Query(ctx, sql.Text("ingest/half_loads.sql"), sources, but)
		if err != nil {
			return err
		}
		half, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k known, err error) {
			return k, row.Scan(&k.ID, &k.Source, &k.Name)
		})
		return err
	})
	return half, err
}
