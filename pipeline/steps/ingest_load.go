package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// load is one input on its way in.
type load struct {
	g         *ingest
	job       *job
	id        int64
	started   time.Time
	committed []chunkRow // by a dead run, in order
	own       bool       // its chunks become tables of their own
	mapper    *source.Mapper
	copySQL   string         // where its chunks do not
	resolved  map[int64]bool // rejects of an earlier attempt that were mended since
	limit     rejectLimit

	mu      sync.Mutex
	sums    counts
	samples sampler
}

// sendings is how often chunks are sent that a crash of the server took back before it fails.
const sendings = 3

// run takes the chunks in that are missing and then makes all of them visible.
func (l *load) run(ctx context.Context, framer *source.Framer) error {
	if err := l.prepare(ctx); err != nil {
		return err
	}
	for n := 1; ; n++ {
		err := l.send(ctx, framer)
		if err != nil {
			return err
		}
		err = l.finish(ctx)
		if !errors.Is(err, errMissingChunk) || n == sendings {
			return err
		}
		framer = nil
		if err := l.recount(ctx); err != nil {
			return err
		}
	}
}

// send commits what is missing of the input.
func (l *load) send(ctx context.Context, framer *source.Framer) (err error) {
	if l.own {
		err = l.sendSlabs(ctx)
	} else {
		err = l.sendChunks(ctx, framer)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil {
		l.job.late = false
	}
	return err
}

// sendChunks frames the input from the first missing chunk on and commits what is missing, each chunk on
// a connection of its own.
func (l *load) sendChunks(ctx context.Context, framer *source.Framer) error {
	framer, closer, err := l.resume(ctx, framer)
	if err != nil {
		return err
	}
	if closer != nil {
		defer closer.Close()
	}
	group, gctx := errgroup.WithContext(ctx)
	if l.job.late {
		group.Go(func() error { return l.hash(gctx) })
	}
	size := int(min(int64(l.g.o.ChunkBytes), l.job.input.hashes.Bytes))
	group.Go(func() error {
		fill := func(c *source.Chunk, b *source.Batch) error { return l.mapper.Chunk(b, c) }
		return flow(gctx, l.g.o.Connections, size, l.missing(framer), fill, func(ctx context.Context, c *source.Chunk, b *source.Batch) error {
			if err := l.commit(ctx, c, b); err != nil {
				return err
			}
			return l.committedChunk(c, b)
		})
	})
	return group.Wait()
}

// hash gives a load that began without the hash of its content that hash.
func (l *load) hash(ctx context.Context) error {
	in := &l.job.input
	h, err := source.Hash(ctx, in.file, l.job.spec.Limits, nil)
	if err == nil {
		err = in.file.Unchanged()
	}
	if err != nil {
		return err
	}
	return l.identified(ctx, h)
}

func (l *load) identified(ctx context.Context, h source.Hashes) error {
	in := &l.job.input
	in.hashes.Content, in.hashes.File = h.Content, h.File
	return l.g.ledger.identified(ctx, l.id, h)
}

// recount begins to count anew with what the ledger has.
func (l *load) recount(ctx context.Context) error {
	l.mu.Lock()
	l.g.meter.forget(l.job, l.sums)
	l.sums = counts{}
	l.mu.Unlock()
	return l.g.ledger.write(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		l.committed, err = readChunks(ctx, tx, l.id)
		return err
	})
}

// prepare compiles the mapping and makes the place that rows go to.
func (l *load) prepare(ctx context.Context) (err error) {
	j := l.job
	var findings []source.Finding
	l.mapper, findings, err = source.NewMapper(j.spec, j.header, source.MapperOptions{Load: l.id, Lookups: j.lookups, Sparse: true, OneLoad: l.own})
	if err != nil {
		return err
	}
	for _, f := range findings {
		l.g.rc.Emit(pipeline.Warning{Step: pipeline.Ingest, Source: j.spec.Name, Message: j.input.name + ": " + findingText(f)})
	}
	if l.limit, err = parseRejectLimit(j.spec.MaxRejects); err != nil {
		return err
	}
	if !l.own {
		partition, err := l.g.ledger.ensurePartition(ctx, l.id)
		if err != nil {
			return err
		}
		l.copySQL = l.copyTo(partition, "FORMAT binary")
	}
	resolved, err := l.g.ledger.ids(ctx, "SELECT record FROM staging.rejects WHERE load_id = $1 AND state = 'resolved'", l.id)
	if err != nil {
		return err
	}
	l.resolved = make(map[int64]bool, len(resolved))
	for _, r := range resolved {
		l.resolved[r] = true
	}
	l.samples = newSampler()
	return nil
}

// copyTo is the statement that takes rows into a leaf.
func (l *load) copyTo(leaf, options string) string {
	return fmt.Sprintf("COPY %s (%s) FROM STDIN (%s)",
		pgx.Identifier{"staging", leaf}.Sanitize(), strings.Join(l.mapper.CopyColumns(), ", "), options)
}

// firstMissing accounts for the chunks that are there from the first one on, and returns where the first
// one that is missing starts.
func (l *load) firstMissing() (from source.Position) {
	whole := wholeChunks(l.committed)
	for _, c := range l.committed[:whole] {
		l.account(c.counts, c.ByteTo-c.ByteFrom)
	}
	if whole > 0 {
		from = l.committed[whole-1].next()
		l.samples.next = max(l.samples.next, from.Chunk)
	}
	return from
}

// resume goes to the first chunk that is missing. What is committed after it is known by its place and
// is not sent again.
func (l *load) resume(ctx context.Context, framer *source.Framer) (*source.Framer, io.Closer, error) {
	from := l.firstMissing()
	if from == (source.Position{}) && framer != nil {
		return framer, nil, nil
	}
	content, _, err := source.Open(ctx, l.job.input.file, l.job.spec.Limits)
	if err != nil {
		return nil, nil, err
	}
	framer, err = source.NewFramer(content, l.job.spec.Format, source.FramerOptions{ChunkBytes: l.g.o.ChunkBytes, Start: from})
	if err != nil {
		return nil, nil, errors.Join(err, content.Close())
	}
	return framer, content, nil
}

// missing returns what gives the next chunk that the ledger does not have.
func (l *load) missing(framer *source.Framer) func(*source.Chunk) error {
	return func(c *source.Chunk) error {
		for {
			err := framer.Next(c)
			if errors.Is(err, io.EOF) {
				if changed := l.job.input.file.Unchanged(); changed != nil {
					return changed
				}
			}
			if err != nil {
				return err
			}
			row, ok, err := there(l.committed, c.N, c.ByteFrom, c.ByteTo)
			if err != nil || !ok {
				return err
			}
			l.skipChunk(row)
		}
	}
}

// account adds records to the sums: those of a chunk that is committed, or of what was sent of a slab.
// Counts below zero take them back.
func (l *load) account(c counts, size int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sums.add(c)
	l.g.meter.loaded(l.job, c, size)
}

func (l *load) skipChunk(row chunkRow) {
	l.account(row.counts, row.ByteTo-row.ByteFrom)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emit(l.samples.add(row.N, nil))
}

// committedChunk accounts for a chunk and stops the load when it has too many rejects.
func (l *load) committedChunk(c *source.Chunk, b *source.Batch) error {
	l.account(counts{Read: b.Read, Loaded: b.Loaded, Rejected: b.Rejected}, c.ByteTo-c.ByteFrom)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.emit(l.samples.add(c.N, sampleRejects(b.Rejects, l.id, l.job)))
	return l.limit.midway(l.sums)
}

// promptly is how long a cancelled run may go on deleting rows that nobody sees.
const promptly = 1500 * time.Millisecond

// fail ends a load that did not make it, and returns why in words for people.
func (l *load) fail(ctx context.Context, err error) error {
	state := ""
	switch {
	case asked(ctx):
		state = loadStopped
	case ctx.Err() == nil && !errors.Is(err, pipeline.ErrFenced) && !isGone(err):
		state = loadFailed
	}
	l.mu.Lock()
	l.emit(l.samples.rest(l.id, l.job))
	l.mu.Unlock()
	if state == "" {
		return err // what is committed stays: the next run goes on from there
	}
	cctx, cancel := l.g.rc.Cleanup(ctx)
	defer cancel()
	if state == loadStopped { // somebody waits for the prompt; what is left is swept up by the next run
		cctx, cancel = context.WithTimeout(cctx, promptly)
		defer cancel()
	}
	c, dropErr := l.g.ledger.abandon(cctx, l.id, state, err.Error())
	if errors.Is(dropErr, errFinished) {
		l.tellFinished()
		return err
	}
	l.g.result.Read += c.Read
	l.g.result.Rejected += c.Rejected
	l.g.result.Discarded += c.Discarded
	l.g.meter.end(l.job, state)
	l.g.rc.Emit(pipeline.LoadFinished{
		Load: l.id, Source: l.job.spec.Name, Name: l.job.input.name, State: state,
		Read: c.Read, Rejected: c.Rejected, Discarded: c.Discarded, Bytes: l.job.input.hashes.Bytes,
		Took: l.g.took(l.started), Err: err.Error(), Hint: hintOf(err),
	})
	if dropErr != nil && !isGone(dropErr) && cctx.Err() == nil {
		return errors.Join(err, fmt.Errorf("sweep up after load %d: %w", l.id, dropErr))
	}
	return err
}

func findingText(f source.Finding) string {
	if f.Kind == "missing" {
		return fmt.Sprintf("column %q, mapped to %s, is missing", f.Column, f.Field)
	}
	return fmt.Sprintf("column %q is new; it is kept in extra", f.Column)
}
