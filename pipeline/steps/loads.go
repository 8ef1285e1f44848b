package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// Load is a row of the ledger: one file, stdin or set of API pages taken in, whatever became of it.
type Load struct {
	ID     int64
	Run    int64 // the run that read it last; 0 when not known
	Source string
	Entity string
	Name   string // as shown
	Origin string // where it is read again
	// SHA256 is of the decompressed content; with Source and Fingerprint it is the load's identity.
	SHA256, Fingerprint []byte
	State               string // loading, loaded, stopped, failed or undone
	Bytes               int64  // decompressed
	// Read = Loaded + Rejected + Discarded, in records; zero while it is loading.
	Read, Loaded, Rejected, Discarded int64
	// Open counts rejects that nobody has mended yet.
	Open       int64
	StartedAt  time.Time
	FinishedAt time.Time // zero while it is loading
	Error      string
	RawKey     string // in the lake; empty until it is published
	ReplacedBy int64  // the load of the same content under a newer mapping; 0 when none is
}

// LoadFilter picks loads; the zero value picks all.
type LoadFilter struct {
	Source string
	State  string
	// Limit is how many at most, the newest; 0 = 1000.
	Limit int
}

// ErrNoLoad: the ledger has no load of that number.
var ErrNoLoad = errors.New("no such load")

// Loads lists loads, the newest first.
func Loads(ctx context.Context, pool *pgxpool.Pool, f LoadFilter) ([]Load, error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	rows, err := pool.Query(ctx, sql.Text("ingest/list_loads.sql"), nullText(f.Source), nullText(f.State), nil, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("list the loads: %w", sql.Clarify(err))
	}
	loads, err := pgx.CollectRows(rows, scanLoad)
	if err != nil {
		return nil, fmt.Errorf("list the loads: %w", sql.Clarify(err))
	}
	return loads, nil
}

// LoadByID returns one load, or an ErrNoLoad.
func LoadByID(ctx context.Context, pool *pgxpool.Pool, id int64) (Load, error) {
	rows, err := pool.Query(ctx, sql.Text("ingest/list_loads.sql"), nil, nil, id, 1)
	if err != nil {
		return Load{}, fmt.Errorf("load %d: %w", id, sql.Clarify(err))
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanLoad)
	if errors.Is(err, pgx.ErrNoRows) {
		return l, hint(fmt.Errorf("load %d: %w", id, ErrNoLoad), "penstock --run loads lists them")
	}
	if err != nil {
		return l, fmt.Errorf("load %d: %w", id, sql.Clarify(err))
	}
	return l, nil
}

func scanLoad(row pgx.CollectableRow) (l Load, err error) {
	var finished *time.Time
	err = row.Scan(&l.ID, &l.Run, &l.Source, &l.Entity, &l.Name, &l.Origin, &l.SHA256, &l.Fingerprint, &l.State, &l.Bytes,
		&l.Read, &l.Loaded, &l.Rejected, &l.Discarded, &l.Open, &l.StartedAt, &finished, &l.Error, &l.RawKey, &l.ReplacedBy)
	if finished != nil {
		l.FinishedAt = *finished
	}
	l.Error = source.Mask(l.Error)
	return l, err
}

func nullText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// UndoLoad returns the step that takes a load out: readers do not see it any more, and transform, which
// is to run after it, derives the invoices that it touched. Its rows stay, so that ReloadLoad is quick,
// until retention deletes them.
func UndoLoad(o IngestOptions, id int64) pipeline.Step {
	o = o.withDefaults()
	return loadStep("undo", func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
		g := newIngest(o, rc)
		l, err := LoadByID(ctx, o.Pool, id)
		if err != nil {
			return g.result, err
		}
		if l.State == loadUndone {
			return pipeline.Result{Skipped: fmt.Sprintf("load %d is undone already", id)}, nil
		}
		if l.State != loadLoaded {
			return g.result, hint(fmt.Errorf("load %d is %s: there is nothing of it to take out", id, l.State),
				"only a loaded load can be undone")
		}
		err = g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE staging.loads SET state = 'undone', replaced_by = NULL WHERE id = $1 AND state = 'loaded'", id); err != nil {
				return err
			}
			// What it had mended is to be mended again.
			_, err := tx.Exec(ctx, "UPDATE staging.rejects SET state = 'open' WHERE resolved_by = $1 AND state = 'resolved'", id)
			return err
		})
		if err != nil {
			return g.result, fmt.Errorf("undo load %d: %w", id, err)
		}
		rc.Emit(pipeline.LoadFinished{
			Load: id, Source: l.Source, Name: l.Name, State: loadUndone,
			Read: l.Read, Rejected: l.Rejected, Discarded: l.Loaded, Bytes: l.Bytes,
		})
		return pipeline.Result{Read: l.Read, Rejected: l.Rejected, Discarded: l.Loaded, Bytes: l.Bytes}, nil
	})
}

// loadStep is a step that stands in for ingest in a run that is about one load.
func loadStep(engine string, run func(context.Context, *pipeline.RunContext) (pipeline.Result, error)) pipeline.Step {
	return pipeline.Step{Name: pipeline.Ingest, Engine: engine, Run: run}
}
