package steps

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// A slab is a chunk of a large load. It is a table of its own, made in the transaction that brings it in:
// its rows are written without a log of them, and a load that fails is dropped, not deleted row by row. A
// slab is too large to be kept until it is committed: it is read from the file when it is sent, in pieces,
// and read again when the connection breaks.

const (
	scanBytes   = 256 << 10 // what the scan frames at a time
	pieceBytes  = 512 << 10 // what is mapped of a slab at a time
	rejectBytes = 1 << 20   // so much of rejects is kept before they are sent
	// rejectOverhead is what a reject occupies besides its texts.
	rejectOverhead = 128
	slabsAtMost    = 64 // of one load, while slabs stay below slabMaximum
	slabMaximum    = 256 << 20
)

// slabSize is the size of the slabs of a file. They are as large as each other, and as many for each
// connection, so that none is left alone with the end.
func (o IngestOptions) slabSize(file int64) int64 {
	size := min(max(file/slabsAtMost, o.BulkChunk), max(slabMaximum, o.BulkChunk))
	turn := int64(o.Connections)
	return file/(turn*max(1, file/(turn*size))) + 1
}

// sendSlabs scans the input for slabs and commits those that are missing, each on a connection of its own.
// When the load has too many rejects, each ends its slab where it stands and commits it, so that they can
// be looked at.
func (l *load) sendSlabs(ctx context.Context) error {
	slabs := make(chan chunkRow)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(slabs)
		return l.scan(ctx, slabs)
	})
	size := min(pieceBytes, l.g.o.ChunkBytes)
	for range l.g.o.Connections {
		group.Go(func() error {
			w := slabWriter{
				load: l, piece: source.Chunk{Data: make([]byte, 0, size+size/16)}, batch: source.Batch{Copy: make([]byte, 0, 33*size/16)},
			}
			for row := range slabs {
				if err := w.commit(ctx, row); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return l.tooMany()
}

// tooMany is not nil when the load has too many rejects whatever follows.
func (l *load) tooMany() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit.midway(l.sums)
}

// errEnough ends the scan of a load that has too many rejects.
var errEnough = errors.New("the load has too many rejects")

// scan frames the input from the first missing slab on, keeping nothing of it but where slabs start and
// end, and hashes it on the way where its hash is not known.
func (l *load) scan(ctx context.Context, slabs chan<- chunkRow) error {
	j := l.job
	from := l.firstMissing()
	content, _, err := source.Open(ctx, j.input.file, j.spec.Limits)
	if err != nil {
		return err
	}
	defer content.Close()
	text, sum := io.Reader(content), sha256.New()
	if j.late { // nothing of it is there: it is read from its start to its end
		text = &hashingReader{content, sum}
	}
	framer, err := source.NewFramer(text, j.spec.Format, source.FramerOptions{ChunkBytes: min(scanBytes, l.g.o.ChunkBytes), Start: from})
	if err != nil {
		return err
	}
	if err := l.cut(ctx, framer, from.Chunk, slabs); err != nil {
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
	if err := j.input.file.Unchanged(); err != nil || !j.late {
		return err
	}
	h := source.Hashes{Content: [32]byte(sum.Sum(nil)), Bytes: j.input.hashes.Bytes}
	h.File = h.Content
	return l.identified(ctx, h)
}

// cut hands out the slabs that are missing; n is the number of the first.
func (l *load) cut(ctx context.Context, framer *source.Framer, n int, slabs chan<- chunkRow) error {
	size := l.g.o.slabSize(l.job.input.hashes.Bytes)
	c, slab := &source.Chunk{}, chunkRow{N: n}
	for {
		err := framer.Next(c)
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return err
		}
		if !ended {
			if slab.Read == 0 {
				slab = chunkRow{N: slab.N, ByteFrom: c.ByteFrom, RecordFrom: c.RecordFrom, LineFrom: c.LineFrom}
			}
			slab.ByteTo, slab.LineTo = c.ByteTo, c.LineTo
			slab.Read += int64(len(c.Records))
		}
		if slab.Read > 0 && (ended || slab.ByteTo-slab.ByteFrom >= size) {
			if err := l.handOut(ctx, slab, slabs); err != nil {
				return err
			}
			slab = chunkRow{N: slab.N + 1}
		}
		if ended {
			return nil
		}
	}
}

func (l *load) handOut(ctx context.Context, slab chunkRow, slabs chan<- chunkRow) error {
	row, ok, err := there(l.committed, slab.N, slab.ByteFrom, slab.ByteTo)
	if err != nil {
		return err
	}
	if ok {
		l.skipChunk(row)
		return nil
	}
	if l.tooMany() != nil {
		return errEnough
	}
	select {
	case slabs <- slab:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hashingReader hashes what is read. It cannot be sought.
type hashingReader struct {
	r   io.Reader
	sum hash.Hash
}

// Read implements io.Reader.
func (h *hashingReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	_, _ = h.sum.Write(p[:n]) // a hash takes everything
	return n, err
}

// slabWriter commits slabs one after another, using its memory again.
type slabWriter struct {
	*load
	piece source.Chunk
	batch source.Batch
	sent  sentSlab
}

// sentSlab is what was sent of a slab so far. It is counted as it goes, so that progress is seen, and
// taken back when the slab fails.
type sentSlab struct {
	counts
	byteTo, lineTo int64
	size           int64
	samples        []pipeline.RejectSample
	short          bool // the load has too many rejects, so that the rest of it was not sent
}

// commit brings a slab in. When the connection breaks it is read and sent again; the ledger's key tells
// whether the attempt before had been committed.
func (w *slabWriter) commit(ctx context.Context, row chunkRow) error {
	entered := row
	entered.counts = counts{}
	w.sent = sentSlab{}
	furthest := int64(0)
	err := w.g.ledger.persistLong(ctx, func(ctx context.Context, ahead func()) error {
		return w.attempt(ctx, entered, func(watch *stallWatch, tx pgx.Tx) error {
			w.takeBack()
			return w.write(watch, tx, row, func() {
				if w.sent.size > furthest {
					furthest = w.sent.size
					ahead()
				}
			})
		})
	})
	if err != nil {
		w.takeBack()
		if errors.Is(err, source.ErrContract) {
			return err // it says which line
		}
		return fmt.Errorf("lines %d to %d: %w", row.LineFrom, row.LineTo, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.emit(w.samples.add(row.N, w.sent.samples))
	return nil
}

// takeBack makes what was counted of a slab undone.
func (w *slabWriter) takeBack() {
	c := w.sent.counts
	w.account(counts{Read: -c.Read, Loaded: -c.Loaded, Rejected: -c.Rejected}, -w.sent.size)
	w.sent = sentSlab{}
}

// write makes the slab's leaf, fills it, and enters what came of it. A load that has too many rejects by
// then ends with what it has sent, so that they can be looked at.
func (w *slabWriter) write(watch *stallWatch, tx pgx.Tx, row chunkRow, ahead func()) error {
	var leaf string
	err := tx.QueryRow(watch.ctx, "SELECT staging.make_leaf($1, $2, $3, $4, $5)",
		w.id, row.N, w.job.spec.Name, row.RecordFrom, row.RecordFrom+row.Read).Scan(&leaf)
	if err != nil {
		return fmt.Errorf("make its leaf: %w", err)
	}
	w.g.rc.Fail("ingest.leaf.after-make")
	content, _, err := source.Open(watch.ctx, w.job.input.file, w.job.spec.Limits)
	if err != nil {
		return err
	}
	defer content.Close()
	framer, err := source.NewFramer(content, w.job.spec.Format, source.FramerOptions{
		ChunkBytes: min(pieceBytes, w.g.o.ChunkBytes), End: row.ByteTo,
		Start: source.Position{Chunk: row.N, Byte: row.ByteFrom, Record: row.RecordFrom, Line: row.LineFrom},
	})
	if err != nil {
		return err
	}
	statement := w.copyTo(leaf, "FORMAT binary, FREEZE")
	for ended := false; !ended && !w.sent.short; {
		w.batch.Reset()
		s := &stretch{w: w, framer: framer, ahead: ahead, out: []byte(source.CopyHeader)}
		err := w.sendBatch(watch, tx.Conn().PgConn(), statement, s, &w.batch)
		if s.err != nil {
			return s.err
		}
		if err != nil {
			return err
		}
		ended = s.ended
	}
	return w.enter(watch.ctx, tx, row)
}

// stretch reads as one binary COPY stream what the framer gives, until the slab ends, the load has too
// many rejects, or so many came together that they want to be sent, too.
type stretch struct {
	w      *slabWriter
	framer *source.Framer
	ahead  func()

	out     []byte // not read yet
	closed  bool   // the trailer is out
	ended   bool   // the slab is
	rejects int    // bytes of those that were not sent
	err     error  // of the file: the server is only told that there is one
}

var errStretch = errors.New("the file cannot be read on")

// Read implements io.Reader.
func (s *stretch) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.closed {
			return 0, io.EOF
		}
		if s.err = s.next(); s.err != nil {
			return 0, errStretch
		}
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

// next maps a piece and counts it, or ends the stream.
func (s *stretch) next() error {
	w := s.w
	// What is taken back of an attempt is in the sums no more, so something of each is sent.
	w.sent.short = !s.ended && w.sent.size > 0 && w.tooMany() != nil
	if s.ended || w.sent.short || s.rejects >= min(rejectBytes, w.g.o.ChunkBytes) {
		s.out, s.closed = []byte(source.CopyTrailer), true
		return nil
	}
	err := s.framer.Next(&w.piece)
	if errors.Is(err, io.EOF) {
		s.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	b := &w.batch
	b.Copy = b.Copy[:0]
	before, known := counts{Read: b.Read, Loaded: b.Loaded, Rejected: b.Rejected}, len(b.Rejects)
	if err := w.mapper.Chunk(b, &w.piece); err != nil {
		return err
	}
	s.out = b.Copy
	for _, r := range b.Rejects[known:] {
		s.rejects += len(r.Raw) + len(r.Detail) + rejectOverhead
	}
	w.count(counts{Read: b.Read - before.Read, Loaded: b.Loaded - before.Loaded, Rejected: b.Rejected - before.Rejected}, b.Rejects[known:])
	s.ahead()
	return nil
}

// count notes what a piece holds.
func (w *slabWriter) count(c counts, rejects []source.Reject) {
	size := w.piece.ByteTo - w.piece.ByteFrom
	w.sent.add(c)
	w.sent.size += size
	w.sent.byteTo, w.sent.lineTo = w.piece.ByteTo, w.piece.LineTo
	w.sent.samples = append(w.sent.samples, sampleRejects(rejects, w.id, w.job)...)
	w.account(c, size)
}

// enter notes what became of a slab, after it made sure that this is what the scan saw.
func (w *slabWriter) enter(ctx context.Context, tx pgx.Tx, row chunkRow) error {
	if err := w.job.input.file.Unchanged(); err != nil {
		return err
	}
	s := &w.sent
	if !s.short {
		if s.Read != row.Read {
			return hint(fmt.Errorf("%s: %w: %d records where %d were counted", w.job.input.file.Path, source.ErrChanged, s.Read, row.Read),
				"load it when nothing writes to it any more")
		}
		w.account(counts{}, row.ByteTo-s.byteTo) // blank lines at its end
		s.size += row.ByteTo - s.byteTo
		s.byteTo, s.lineTo = row.ByteTo, row.LineTo
	}
	_, err := tx.Exec(ctx, sql.Text("ingest/update_chunk.sql"), w.id, row.N, s.byteTo, s.lineTo, s.Read, s.Loaded, s.Rejected)
	return err
}
