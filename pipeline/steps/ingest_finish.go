package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/sql"
)

// errMissingChunk: the ledger does not have all that was committed, as after a crash of the server.
var errMissingChunk = errors.New("chunks are missing from the ledger")

// finish makes the load visible, after the ledger has confirmed that all of it is there.
func (l *load) finish(ctx context.Context) error {
	if err := l.limit.final(l.sums); err != nil {
		return err
	}
	if !l.own {
		if err := l.g.ledger.indexPartition(ctx, l.id); err != nil {
			return err
		}
	}
	var replaced []known
	err := l.g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		replaced = nil
		if err := l.verify(ctx, tx); err != nil {
			return err
		}
		if err := l.attach(ctx, tx); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sql.Text("ingest/finish_load.sql"), l.id, l.sums.Read, l.sums.Loaded, l.sums.Rejected, l.g.rc.Now())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return l.alreadyLoaded(ctx, tx)
		}
		if l.job.claims != nil {
			if _, err := tx.Exec(ctx, sql.Text("ingest/resolve_again.sql"), l.id); err != nil {
				return err
			}
		}
		if replaced, err = l.g.ledger.replace(ctx, tx, l.id); err != nil {
			return err
		}
		if err := l.inheritMended(ctx, tx, replaced); err != nil {
			return err
		}
		l.g.rc.Fail("ingest.load.before-commit")
		return nil
	})
	if err != nil {
		return fmt.Errorf("finish load %d: %w", l.id, err)
	}
	l.tellFinished()
	l.g.tellReplaced(l.job, l.id, replaced)
	return nil
}

// attach makes the load's own leaves part of staging.purchases, all at once and together with the state
// that lets readers see them: what is not finished is never in the way of a reader, nor the other way round.
func (l *load) attach(ctx context.Context, tx pgx.Tx) error {
	if !l.own {
		return nil
	}
	l.g.rc.Fail("ingest.leaf.before-attach")
	if _, err := tx.Exec(ctx, "SELECT staging.attach_leaves($1)", l.id); err != nil {
		return fmt.Errorf("attach its leaves: %w", err)
	}
	l.g.rc.Fail("ingest.leaf.after-attach")
	return nil
}

// alreadyLoaded settles an attempt that changed nothing: the answer to an earlier COMMIT was lost, or
// somebody else changed the load.
func (l *load) alreadyLoaded(ctx context.Context, tx pgx.Tx) error {
	var state string
	if err := tx.QueryRow(ctx, "SELECT state FROM staging.loads WHERE id = $1", l.id).Scan(&state); err != nil {
		return err
	}
	if state != loadLoaded {
		return fmt.Errorf("the ledger says it is %s", state)
	}
	return nil
}

// verify compares what this run counted with what the ledger has: no chunk may be missing.
func (l *load) verify(ctx context.Context, tx pgx.Tx) error {
	chunks, err := readChunks(ctx, tx, l.id)
	if err != nil {
		return err
	}
	var sums counts
	for _, c := range chunks {
		sums.add(c.counts)
	}
	if whole := wholeChunks(chunks); whole != len(chunks) || sums.Read < l.sums.Read {
		return fmt.Errorf("%w: %d of %d records are there", errMissingChunk, sums.Read, l.sums.Read)
	}
	if sums != l.sums || sums.Read != sums.Loaded+sums.Rejected {
		return fmt.Errorf("counted %+v, the ledger has %+v", l.sums, sums)
	}
	return nil
}

// inheritMended keeps records mended once when a new mapping replaces an old load: what was mended for
// the old one is mended for the new one too.
func (l *load) inheritMended(ctx context.Context, tx pgx.Tx, replaced []known) error {
	for _, k := range replaced {
		if _, err := tx.Exec(ctx, sql.Text("ingest/inherit_mended.sql"), l.id, k.ID); err != nil {
			return err
		}
		var by, n int64
		err := tx.QueryRow(ctx, sql.Text("ingest/doubly_mended.sql"), l.id, k.ID).Scan(&by, &n)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		l.g.rc.Emit(pipeline.Warning{
			Step: pipeline.Ingest, Source: l.job.spec.Name,
			Message: fmt.Sprintf("%d records mended in load %d are now accepted by load %d itself and count twice", n, by, l.id),
			Hint:    fmt.Sprintf("take the mended ones out with: penstock --run loads undo %d", by),
		})
	}
	return nil
}

func (l *load) tellFinished() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emit(l.samples.rest(l.id, l.job))
	g := l.g
	g.result.Read += l.sums.Read
	g.result.Loaded += l.sums.Loaded
	g.result.Rejected += l.sums.Rejected
	g.result.Bytes += l.job.input.hashes.Bytes
	g.meter.end(l.job, loadLoaded)
	g.rc.Emit(pipeline.LoadFinished{
		Load: l.id, Source: l.job.spec.Name, Name: l.job.input.name, State: loadLoaded,
		Read: l.sums.Read, Loaded: l.sums.Loaded, Rejected: l.sums.Rejected,
		Bytes: l.job.input.hashes.Bytes, Took: g.took(l.started),
	})
	if l.sums.Read > 0 && l.sums.Loaded == 0 {
		g.rc.Emit(pipeline.Warning{
			Step: pipeline.Ingest, Source: l.job.spec.Name,
			Message: "nothing of " + l.job.input.name + " is in: every record was refused",
			Hint:    fmt.Sprintf("penstock --run rejects --load %d --list says why; where the mapping is to blame, correct it and run again", l.id),
		})
	}
}

func (l *load) emit(samples []pipeline.RejectSample) {
	for _, e := range samples {
		l.g.rc.Emit(e)
	}
}
