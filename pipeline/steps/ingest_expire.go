package steps

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/sql"
)

// expire forgets what is older than it is to be kept: rejects, the rows of undone loads, and spooled
// files that no load is read from or that lie in the lake meanwhile.
func (g *ingest) expire(ctx context.Context) error {
	if g.o.KeepRejects > 0 {
		before := g.rc.Now().Add(-g.o.KeepRejects)
		var gone int64
		err := g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, sql.Text("ingest/expire_rejects.sql"), before)
			gone = tag.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("forget old rejects: %w", err)
		}
		if gone > 0 {
			g.rc.Emit(pipeline.Warning{Step: pipeline.Ingest, Message: fmt.Sprintf("%d rejects from before %s are forgotten", gone, before.UTC().Format("2006-01-02"))})
		}
		undone, err := g.ledger.ids(ctx, sql.Text("ingest/expire_undone.sql"), before)
		if err != nil {
			return fmt.Errorf("forget undone loads: %w", err)
		}
		for _, id := range undone {
			if err := g.ledger.drop(ctx, id); err != nil {
				return err
			}
		}
	}
	return g.sweepSpool(ctx)
}

// sweepSpool removes spooled files that nothing is read from.
func (g *ingest) sweepSpool(ctx context.Context) error {
	if g.o.SpoolDir == "" {
		return nil
	}
	dir, err := filepath.Abs(g.o.SpoolDir)
	if err != nil {
		return err
	}
	for _, pattern := range []string{"*", filepath.Join(mendedDir, "*")} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, f := range files {
			info, err := os.Lstat(f)
			if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
				continue
			}
			if err != nil {
				return err
			}
			var needed bool
			err = g.ledger.persist(ctx, func(ctx context.Context) error {
				return g.o.Pool.QueryRow(ctx, sql.Text("ingest/spool_needed.sql"), f).Scan(&needed)
			})
			if err != nil {
				return err
			}
			if needed {
				continue
			}
			if err := os.Remove(f); err != nil {
				return err
			}
		}
	}
	return nil
}
