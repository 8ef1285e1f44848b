package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// verdict is what the ledger says about an input.
type verdict struct {
	load     int64
	skip     string // why it is left alone
	back     bool   // its rows were there: it is visible again
	replaced []known
	chunks   []chunkRow // committed by a dead run
	resumed  bool
	own      bool // its chunks become tables of their own
}

// take takes one input in, or tells why not.
func (g *ingest) take(ctx context.Context, j *job) error {
	if k := j.input.known; k != nil && !j.again {
		g.tellSkipped(j, k.ID, skipReason(*k))
		return nil
	}
	started := g.rc.Now()
	if j.late { // another file of this run may have the same size
		known, err := g.ledger.sizeKnown(ctx, j.spec.Name, j.input.file.Size)
		if err == nil && known {
			j.late, err = false, g.identify(ctx, j)
		}
		if err != nil {
			return fmt.Errorf("load %s: %w", j.input.name, err)
		}
	}
	reader, framer, err := open(ctx, j, g.o.ChunkBytes)
	if err != nil {
		return fmt.Errorf("load %s: %w", j.input.name, err)
	}
	defer reader.Close()
	if j.bulk, err = g.isBulk(j); err != nil {
		return fmt.Errorf("load %s: %w", j.input.name, err)
	}
	v, err := g.decide(ctx, j)
	if err != nil {
		return fmt.Errorf("load %s: %w", j.input.name, err)
	}
	switch {
	case v.skip != "":
		g.tellSkipped(j, v.load, v.skip)
		return nil
	case v.back:
		g.touched = append(g.touched, v.load)
		g.tellBack(j, v)
		return nil
	}
	if v.own { // its slabs open the file themselves
		_ = reader.Close()
	}
	g.touched = append(g.touched, v.load)
	g.rc.Emit(pipeline.LoadStarted{
		Load: v.load, Source: j.spec.Name, Entity: entityOf(j.spec), Name: j.input.name,
		Bytes: j.input.hashes.Bytes, Resumed: v.resumed,
	})
	l := &load{g: g, job: j, id: v.load, started: started, committed: v.chunks, own: v.own}
	err = l.run(ctx, framer)
	if errors.Is(err, errOtherChunks) {
		l, err = g.anew(ctx, l)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", j.input.name, l.fail(ctx, err))
	}
	return nil
}

// anew takes a load in from its start, where what a dead run left of it does not fit.
func (g *ingest) anew(ctx context.Context, old *load) (*load, error) {
	l := &load{g: g, job: old.job, id: old.id, started: old.started, own: old.own}
	err := g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := g.ledger.start(ctx, tx, l.job)
		return err
	})
	if err != nil {
		return l, err
	}
	reader, framer, err := open(ctx, l.job, g.o.ChunkBytes)
	if err != nil {
		return l, err
	}
	defer reader.Close()
	return l, l.run(ctx, framer)
}

// open opens an input and reads its header.
func open(ctx context.Context, j *job, chunk int) (io.Closer, *source.Framer, error) {
	content, _, err := source.Open(ctx, j.input.file, j.spec.Limits)
	if err != nil {
		return nil, nil, err
	}
	framer, err := source.NewFramer(content, j.spec.Format, source.FramerOptions{ChunkBytes: chunk})
	if err != nil {
		return nil, nil, errors.Join(err, content.Close())
	}
	j.header = framer.Header()
	if j.encoding, err = encodingOf(ctx, j); err != nil {
		return nil, nil, errors.Join(err, content.Close())
	}
	return content, framer, nil
}

// decide finds out what becomes of an input, and enters it into the ledger if it is to be loaded.
func (g *ingest) decide(ctx context.Context, j *job) (v verdict, err error) {
	err = g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) error {
		v = verdict{}
		k, found, err := g.ledger.find(ctx, tx, j)
		if err != nil {
			return err
		}
		v.load = k.ID
		switch {
		case j.late, !found || k.State == loadFailed || k.State == loadStopped:
			v.load, err = g.ledger.start(ctx, tx, j)
		case k.State == loadLoading:
			v.resumed = true
			if err = g.ledger.resume(ctx, tx, k.ID, j); err == nil {
				v.chunks, err = readChunks(ctx, tx, k.ID)
			}
		case k.State == loadUndone && (j.again || k.ReplacedBy != 0) && k.RowsKept:
			v.back = true
			v.replaced, err = g.ledger.bringBack(ctx, tx, k.ID)
		case k.State == loadUndone && (j.again || k.ReplacedBy != 0):
			v.load, err = g.ledger.start(ctx, tx, j)
		default:
			v.skip = skipReason(k)
		}
		if err != nil || v.skip != "" || v.back {
			return err
		}
		return g.place(ctx, tx, j, &v)
	})
	return v, err
}

// isBulk tells whether the chunks of an input may become tables of their own: it is large, and each can
// be read from its place again.
func (g *ingest) isBulk(j *job) (bool, error) {
	if j.claims != nil || j.input.file.Size < g.o.BulkFrom {
		return false, nil
	}
	packed, err := compressed(j.input.file.Path)
	return err == nil && !packed, err
}

// place decides where the rows of a load go: to where those are that a dead run left of it, else to
// leaves of its own where it may and no other leaf has its number.
func (g *ingest) place(ctx context.Context, tx pgx.Tx, j *job, v *verdict) error {
	var own, shared bool
	if err := tx.QueryRow(ctx, sql.Text("ingest/leaves_of.sql"), v.load).Scan(&own, &shared); err != nil {
		return err
	}
	if own && !j.bulk { // the file is packed by now, or counts as small
		v.resumed, v.chunks = false, nil
		_, err := g.ledger.start(ctx, tx, j)
		return err
	}
	v.own = own || j.bulk && !shared && len(v.chunks) == 0
	return nil
}

func skipReason(k known) string {
	if k.State == loadUndone {
		return fmt.Sprintf("its content is load %d, which was undone; bring it back with: penstock --run loads reload %d", k.ID, k.ID)
	}
	return fmt.Sprintf("its content is in already: load %d, %s, of %s", k.ID, k.Name, k.StartedAt.UTC().Format("2006-01-02 15:04 MST"))
}

func (g *ingest) tellSkipped(j *job, id int64, why string) {
	g.skipped++
	g.meter.end(j, "skipped")
	g.rc.Emit(pipeline.LoadSkipped{Load: id, Source: j.spec.Name, Name: j.input.name, Reason: why})
}

// tellBack tells of a load whose rows needed not be read again.
func (g *ingest) tellBack(j *job, v verdict) {
	g.meter.end(j, loadLoaded)
	g.rc.Emit(pipeline.Warning{
		Step: pipeline.Ingest, Source: j.spec.Name,
		Message: fmt.Sprintf("load %d (%s) is back, as the mapping is again the one it was read by", v.load, j.input.name),
	})
	g.tellReplaced(j, v.load, v.replaced)
}

func (g *ingest) tellReplaced(j *job, by int64, replaced []known) {
	for _, k := range replaced {
		g.rc.Emit(pipeline.Warning{
			Step: pipeline.Ingest, Source: j.spec.Name,
			Message: fmt.Sprintf("load %d (%s) is undone: load %d has the same content under another mapping", k.ID, k.Name, by),
		})
	}
}

// took is how long a load took, by the run's clock.
func (g *ingest) took(since time.Time) time.Duration { return g.rc.Now().Sub(since) }
