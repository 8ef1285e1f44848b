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
	"penstock/pipeline/source"
	"penstock/sql"
)

// ReloadLoad returns the step that brings a load back: an undone one whose rows are still there at once,
// any other by reading its file again, which must hold what it held then.
func ReloadLoad(o IngestOptions, id int64) pipeline.Step {
	o = o.withDefaults()
	return loadStep("reload", func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
		g := newIngest(o, rc)
		l, err := LoadByID(ctx, o.Pool, id)
		if err != nil {
			return g.result, err
		}
		if l.State == loadLoaded {
			return pipeline.Result{Skipped: fmt.Sprintf("load %d is loaded already", id)}, nil
		}
		if err := g.ledger.sweep(ctx); err != nil {
			return g.result, err
		}
		if err := g.reload(ctx, l); err != nil {
			return g.result, fmt.Errorf("reload %d: %w", id, err)
		}
		return g.result, nil
	})
}

func (g *ingest) reload(ctx context.Context, l Load) error {
	if err := g.notMendedElsewhere(ctx, l); err != nil {
		return err
	}
	if l.State == loadUndone {
		back, err := g.bringBack(ctx, l)
		if err != nil || back {
			return err
		}
	}
	j, err := g.jobOf(ctx, l)
	if err != nil {
		return err
	}
	return g.take(ctx, j)
}

// bringBack makes an undone load visible whose rows were kept.
func (g *ingest) bringBack(ctx context.Context, l Load) (back bool, err error) {
	var replaced []known
	err = g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM staging.chunks WHERE load_id = $1)", l.ID).Scan(&back)
		if err != nil || !back {
			return err
		}
		replaced, err = g.ledger.bringBack(ctx, tx, l.ID)
		return err
	})
	if err != nil || !back {
		return back, err
	}
	g.result = pipeline.Result{Read: l.Read, Loaded: l.Loaded, Rejected: l.Rejected, Bytes: l.Bytes}
	g.rc.Emit(pipeline.LoadFinished{
		Load: l.ID, Source: l.Source, Name: l.Name, State: loadLoaded,
		Read: l.Read, Loaded: l.Loaded, Rejected: l.Rejected, Bytes: l.Bytes,
	})
	g.tellReplaced(&job{spec: &source.Spec{Name: l.Source}}, l.ID, replaced)
	return true, nil
}

// notMendedElsewhere refuses to bring records back that were mended a second time since.
func (g *ingest) notMendedElsewhere(ctx context.Context, l Load) error {
	if l.State != loadUndone || !isMendedOrigin(l.Origin) {
		return nil
	}
	var claimed int64
	err := g.o.Pool.QueryRow(ctx, "SELECT count(*) FROM staging.rejects WHERE resolved_by = $1", l.ID).Scan(&claimed)
	if err != nil {
		return sql.Clarify(err)
	}
	if claimed < l.Read {
		return hint(fmt.Errorf("%d of its %d records were mended by another load since", l.Read-claimed, l.Read),
			"undo that load first, or leave this one out")
	}
	return nil
}

// jobOf makes a job of a load whose file is to be read again.
func (g *ingest) jobOf(ctx context.Context, l Load) (*job, error) {
	if isMendedOrigin(l.Origin) {
		return nil, hint(errors.New("its rows are gone, and which rejects it mends is not kept"),
			"take the mended file in again with: penstock --run rejects --reingest FILE")
	}
	specs, err := selectSources(g.o.Sources, []string{l.Source})
	if err != nil {
		return nil, err
	}
	p, err := prepare(ctx, specs[0])
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(l.Origin)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, hint(fmt.Errorf("%s is not there any more", l.Origin), "put the file back, or take it in from where it is now with: penstock --run ingest")
	}
	if err != nil {
		return nil, err
	}
	f := source.File{Path: l.Origin, Name: filepath.Base(l.Origin), Size: info.Size(), ModTime: info.ModTime()}
	j := &job{spec: specs[0], input: input{file: f, name: l.Name}, fingerprint: p.fingerprint, lookups: p.lookups, again: true}
	g.meter.list(l.Source, []source.File{f})
	j.input.hashes, err = source.Hash(ctx, f, specs[0].Limits, func(n int64) { g.meter.hashing(f.Name, n) })
	if err != nil {
		return nil, err
	}
	if j.input.hashes.Content != [32]byte(l.SHA256) {
		return nil, hint(fmt.Errorf("%s does not hold what it held when it was loaded", l.Origin), "take it in as a new load with: penstock --run ingest")
	}
	g.meter.plan([]*job{j})
	return j, nil
}
