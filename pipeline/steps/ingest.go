package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// IngestOptions is what ingest needs of the program around it.
type IngestOptions struct {
	// Pool is of the staging database. Connections of it at most (default 3, or what it has) are in use
	// at once.
	Pool        *pgxpool.Pool
	Connections int
	// Sources in the order they are taken in; their specs are valid.
	Sources []*source.Spec
	// Stdin is what the path "-" reads; nil refuses it.
	Stdin io.Reader
	// SpoolDir keeps what came by stdin and what was mended, so that it can be read again.
	SpoolDir string
	// KeepRejects is how long rejects, and rows of undone loads, are kept; 0 = for good.
	KeepRejects time.Duration
	// ChunkBytes is the size of a unit of commit; 0 = 2 MiB.
	ChunkBytes int
	// Patience is how long a server that went away is waited for (0 = 15 s), Stall how long a
	// connection may take no byte before it counts as dead (0 = 12 s).
	Patience, Stall time.Duration
	// IndexFrom is the size of a partition of staging from which on it has an index; 0 = 1 GiB. A
	// smaller one is read as quickly without, and written faster.
	IndexFrom int64
	// BulkFrom is the size of a plain file from which on its chunks become tables of their own, which
	// is quicker; 0 = 64 MiB. BulkChunk is the size that such a chunk has about, of a file of up to 2 GiB;
	// 0 = 32 MiB.
	BulkFrom, BulkChunk int64

	hashAlong int64 // size of a plain file from which on it may be hashed while it is loaded
}

// chunkBytes is the default size of a chunk: large enough that its round trips do not count, small
// enough that a few of them are no memory to speak of.
const chunkBytes = 2 << 20

func (o IngestOptions) withDefaults() IngestOptions {
	if o.Connections <= 0 {
		o.Connections = 3
		if o.Pool != nil {
			o.Connections = min(o.Connections, int(o.Pool.Config().MaxConns))
		}
	}
	if o.ChunkBytes <= 0 {
		o.ChunkBytes = chunkBytes
	}
	if o.Patience <= 0 {
		o.Patience = 15 * time.Second
	}
	if o.Stall <= 0 {
		o.Stall = 12 * time.Second
	}
	if o.hashAlong <= 0 {
		o.hashAlong = 64 << 20
	}
	if o.IndexFrom <= 0 {
		o.IndexFrom = 1 << 30
	}
	if o.BulkFrom <= 0 {
		o.BulkFrom = 64 << 20
	}
	if o.BulkChunk <= 0 {
		o.BulkChunk = 32 << 20
	}
	return o
}

// Ingest returns the step that takes files into staging, engine go.
//
// A chunk of a file is the unit of commit: its rows, its rejects and its row in the ledger come in one
// transaction. A load, one file, is the unit of visibility: readers see it when all of it is in. What a
// dead run left half done is continued, what is known by its content is left alone, and what fails
// leaves nothing but its rejects.
func Ingest(o IngestOptions) pipeline.Step {
	o = o.withDefaults()
	return pipeline.Step{
		Name: pipeline.Ingest, Engine: "go",
		Run: func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
			return newIngest(o, rc).run(ctx)
		},
	}
}

// ingest is one execution of the step.
type ingest struct {
	o       IngestOptions
	rc      *pipeline.RunContext
	ledger  *loadLedger
	meter   *meter
	result  pipeline.Result
	touched []int64 // loads that this run began or went on with
	skipped int
}

func newIngest(o IngestOptions, rc *pipeline.RunContext) *ingest {
	return &ingest{
		o: o, rc: rc,
		ledger: &loadLedger{pool: o.Pool, rc: rc, patience: o.Patience, indexFrom: o.IndexFrom},
		meter:  newMeter(rc),
	}
}

func (g *ingest) run(ctx context.Context) (pipeline.Result, error) {
	specs, err := selectSources(g.o.Sources, g.rc.Sources)
	if err != nil {
		return g.result, err
	}
	if err := g.ledger.sweep(ctx); err != nil {
		return g.result, fmt.Errorf("sweep up after stopped loads: %w", err)
	}
	for _, spec := range specs {
		if err := g.takeSource(ctx, spec); err != nil {
			return g.result, err
		}
	}
	if err := g.forget(ctx, specs); err != nil {
		return g.result, err
	}
	if err := g.expire(ctx); err != nil {
		return g.result, err
	}
	if len(g.touched) == 0 && !g.result.Incomplete {
		g.result.Skipped = "nothing new"
	}
	g.result.Gate = g.result.Read > 0 && g.result.Rejected == g.result.Read
	return g.result, nil
}

// takeSource takes in all files of a source. The failure of an optional one is told, not returned.
func (g *ingest) takeSource(ctx context.Context, spec *source.Spec) error {
	jobs, err := g.inputs(ctx, spec)
	if err != nil {
		return g.failSource(ctx, spec, err)
	}
	for _, j := range jobs {
		err := g.take(ctx, j)
		if err == nil {
			continue
		}
		if err := g.failSource(ctx, spec, err); err != nil {
			return err
		}
	}
	return nil
}

// failSource decides what the failure of a source does to the run.
func (g *ingest) failSource(ctx context.Context, spec *source.Spec, err error) error {
	err = fmt.Errorf("source %s: %w", spec.Name, err)
	if ctx.Err() != nil || isRequired(spec) || errors.Is(err, pipeline.ErrFenced) || isGone(err) {
		return err
	}
	g.result.Incomplete = true
	g.rc.Emit(pipeline.Warning{
		Step: pipeline.Ingest, Source: spec.Name, Hint: hintOf(err),
		Message: err.Error() + "; it is optional, the run goes on without it",
	})
	return nil
}

func isRequired(spec *source.Spec) bool { return spec.Required == nil || *spec.Required }

// forget stops loads that dead runs left half done and whose content is not there any more: nothing
// will ever finish them.
func (g *ingest) forget(ctx context.Context, specs []*source.Spec) error {
	if g.result.Incomplete {
		return nil // what could not be read now may be there next time
	}
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	half, err := g.ledger.half(ctx, names, g.touched)
	if err != nil {
		return err
	}
	for _, h := range half {
		const why = "the run that read it ended, and its content was not found again"
		if _, err := g.ledger.abandon(ctx, h.ID, "stopped", why); err != nil {
			return err
		}
		g.rc.Emit(pipeline.Warning{Step: pipeline.Ingest, Source: h.Source, Message: fmt.Sprintf("load %d (%s) is given up: %s", h.ID, h.Name, why)})
	}
	return nil
}

// selectSources returns the sources of those names, all when there are none.
func selectSources(all []*source.Spec, names []string) ([]*source.Spec, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []*source.Spec
	for _, s := range all {
		if slices.Contains(names, s.Name) {
			chosen = append(chosen, s)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s *source.Spec) bool { return s.Name == name }) {
			return nil, hint(fmt.Errorf("no source is called %q", name), "the configuration has: %s", sourceNames(all))
		}
	}
	return chosen, nil
}
