package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// abandon ends a load that was not finished: first the ledger says so, then its rows go. If the second
// part is cut short, nobody sees the rows, and sweep deletes them later.
func (l *loadLedger) abandon(ctx context.Context, id int64, state, reason string) (counts, error) {
	var c counts
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, sql.Text("ingest/abandon_load.sql"), id, state, l.rc.Now(), reason).
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

// drop deletes the rows of a load: by emptying its partition where no other load has rows in it, which
// takes no time however many there are.
func (l *loadLedger) drop(ctx context.Context, id int64) error {
	emptied := false
	err := l.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		emptied = false
		var alone bool
		if err := tx.QueryRow(ctx, sql.Text("ingest/alone.sql"), id).Scan(&alone); err != nil || !alone {
			return err
		}
		var partition string
		if err := tx.QueryRow(ctx, sql.Text("ingest/partition.sql"), id).Scan(&partition); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
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
	return l.write(ctx, func(ctx context.Context, tx pgx.Tx) error { return clearLoad(ctx, tx, id) })
}

// clearLoad deletes the rows of a load and the chunks that say they are there.
func clearLoad(ctx context.Context, tx pgx.Tx, id int64) error {
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
