package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline/source"
	"penstock/sql"
)

// chunkRow is a chunk as the ledger has it.
type chunkRow struct {
	N                            int
	ByteFrom, ByteTo             int64
	RecordFrom, LineFrom, LineTo int64
	counts
}

// next is where the chunk after it starts.
func (c chunkRow) next() source.Position {
	return source.Position{Chunk: c.N + 1, Byte: c.ByteTo, Record: c.RecordFrom + c.Read, Line: c.LineTo + 1}
}

// errOtherChunks: an earlier run cut the file in other places, so nothing of it fits.
var errOtherChunks = errors.New("the chunks that are there were cut by another size")

func readChunks(ctx context.Context, tx pgx.Tx, id int64) ([]chunkRow, error) {
	rows, err := tx.Query(ctx, sql.Text("ingest/chunks.sql"), id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c chunkRow, err error) {
		return c, row.Scan(&c.N, &c.ByteFrom, &c.ByteTo, &c.RecordFrom, &c.LineFrom, &c.LineTo, &c.Read, &c.Loaded, &c.Rejected)
	})
}

// wholeChunks counts the chunks from the first on that follow each other without a gap.
func wholeChunks(rows []chunkRow) int {
	for i, c := range rows {
		if c.N != i || i > 0 && c.ByteFrom != rows[i-1].ByteTo {
			return i
		}
	}
	return len(rows)
}

// there tells whether a chunk is among the committed ones, which are in order, and returns it as it is
// there.
func there(rows []chunkRow, n int, from, to int64) (chunkRow, bool, error) {
	i := sort.Search(len(rows), func(i int) bool { return rows[i].ByteTo > from })
	if i == len(rows) || rows[i].ByteFrom >= to {
		return chunkRow{}, false, nil
	}
	if row := rows[i]; row.N == n && row.ByteFrom == from && row.ByteTo == to {
		return row, true, nil
	}
	return chunkRow{}, false, errOtherChunks
}

// lazily begins the transaction of a chunk. Its COMMIT need not wait for the disk: nobody sees the rows
// before the load is finished, and that waits for all that was committed before it. A chunk that a crash
// of the server takes back is found missing then, and sent again.
func lazily() pgx.TxOptions {
	return pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit TO off"}
}

// commitLimit is how long a COMMIT may take: that of a slab brings a whole table to the disk.
const commitLimit = time.Minute

// commit brings a chunk in: its row in the ledger, its rows and its rejects in one transaction. When the
// connection breaks it tries again on another one; the ledger's key tells whether the first attempt had
// been committed.
func (l *load) commit(ctx context.Context, c *source.Chunk, b *source.Batch) error {
	row := chunkRow{
		N: c.N, ByteFrom: c.ByteFrom, ByteTo: c.ByteTo, RecordFrom: c.RecordFrom, LineFrom: c.LineFrom, LineTo: c.LineTo,
		counts: counts{Read: b.Read, Loaded: b.Loaded, Rejected: b.Rejected},
	}
	err := l.g.ledger.persist(ctx, func(ctx context.Context) error {
		return l.attempt(ctx, row, func(watch *stallWatch, tx pgx.Tx) error {
			if err := l.sendBatch(watch, tx.Conn().PgConn(), l.copySQL, rowStream(b.Copy), b); err != nil || l.job.claims == nil {
				return err
			}
			return l.job.claims.take(watch.ctx, tx, l.id, c.RecordFrom, b.Read)
		})
	})
	if err != nil {
		return fmt.Errorf("lines %d to %d: %w", c.LineFrom, c.LineTo, err)
	}
	return nil
}

// attempt enters a chunk into the ledger and lets send add what it holds, all in one transaction. When
// the chunk is there already, nothing is sent.
func (l *load) attempt(ctx context.Context, row chunkRow, send func(*stallWatch, pgx.Tx) error) error {
	conn, err := l.g.o.Pool.Acquire(ctx) // it may wait for a chunk that another one sends
	if err != nil {
		return err
	}
	defer conn.Release()
	watch := newStallWatch(ctx, l.g.o.Stall)
	defer watch.stop()
	if err := l.transact(watch, conn, row, send); err != nil {
		return watch.explain(err)
	}
	return nil
}

func (l *load) transact(watch *stallWatch, conn *pgxpool.Conn, row chunkRow, send func(*stallWatch, pgx.Tx) error) error {
	ctx, rc := watch.ctx, l.g.rc
	tx, err := conn.BeginTx(ctx, lazily())
	if err != nil {
		return err
	}
	defer func() {
		cctx, cancel := rc.Cleanup(ctx)
		defer cancel()
		_ = tx.Rollback(cctx) // after a commit it does nothing
	}()
	if err := rc.Guard(ctx, tx, sql.Staging); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sql.Text("ingest/insert_chunk.sql"), l.id, row.N, row.ByteFrom, row.ByteTo,
		row.RecordFrom, row.LineFrom, row.LineTo, row.Read, row.Loaded, row.Rejected)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return nil // committed before: only the answer was lost
	}
	if err := send(watch, tx); err != nil {
		return err
	}
	watch.touch()
	rc.Fail("ingest.chunk.before-commit")
	// A COMMIT that is on its way is waited for: cutting it off would only leave its outcome unknown.
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	if err := tx.Commit(cctx); err != nil {
		return err
	}
	rc.Fail("ingest.chunk.after-commit")
	return nil
}

// sendBatch writes rows and, when they are read to their end, the rejects of the batch.
func (l *load) sendBatch(watch *stallWatch, conn *pgconn.PgConn, statement string, rows io.Reader, b *source.Batch) error {
	l.g.rc.Fail("ingest.copy.before")
	if err := copyIn(watch, conn, statement, rows, func() int64 { return b.Loaded }); err != nil {
		return fmt.Errorf("copy staging.purchases: %w", err)
	}
	if err := l.copyRejects(watch, conn, b); err != nil {
		return fmt.Errorf("copy staging.rejects: %w", err)
	}
	l.g.rc.Fail("ingest.copy.after")
	return nil
}

// copyRejects writes the rejects of a chunk, less those that were mended after an earlier attempt.
func (l *load) copyRejects(watch *stallWatch, conn *pgconn.PgConn, b *source.Batch) error {
	rejects := b.Rejects
	if len(l.resolved) > 0 {
		rejects = nil
		for _, r := range b.Rejects {
			if !l.resolved[r.Record] {
				rejects = append(rejects, r)
			}
		}
	}
	if len(rejects) == 0 {
		return nil
	}
	return copyIn(watch, conn, sql.Text("ingest/copy_rejects.sql"), newRejectStream(l.id, rejects), func() int64 { return int64(len(rejects)) })
}

// copyIn sends a binary COPY stream and makes sure that all of its rows arrived; sent tells how many, once
// the stream is read. Nothing reads rows when it has returned.
func copyIn(watch *stallWatch, conn *pgconn.PgConn, statement string, rows io.Reader, sent func() int64) error {
	r := &stallReader{r: rows, w: watch}
	tag, err := conn.CopyFrom(watch.ctx, r, statement)
	r.close()
	if err != nil {
		return err
	}
	if tag.RowsAffected() != sent() {
		return fmt.Errorf("sent %d rows, the server took %d", sent(), tag.RowsAffected())
	}
	return nil
}

// stallWatch ends an attempt whose connection takes nothing any more: a peer that vanished without a
// word would else be waited for until the kernel gives up.
type stallWatch struct {
	ctx    context.Context //nolint:containedctx // it is what the watch is about
	cancel context.CancelCauseFunc
	timer  *time.Timer
	limit  time.Duration
}

var errStalled = errors.New("the server took nothing for too long")

func newStallWatch(ctx context.Context, limit time.Duration) *stallWatch {
	ctx, cancel := context.WithCancelCause(ctx)
	return &stallWatch{ctx: ctx, cancel: cancel, limit: limit, timer: time.AfterFunc(limit, func() { cancel(errStalled) })}
}

func (w *stallWatch) touch() { w.timer.Reset(w.limit) }

func (w *stallWatch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain makes a stall an error of the connection, which is tried again.
func (w *stallWatch) explain(err error) error {
	if errors.Is(context.Cause(w.ctx), errStalled) {
		return fmt.Errorf("%w: %w", errStalled, io.ErrUnexpectedEOF)
	}
	return err
}

// stallReader is what a COPY is read from. The time that its source takes is not the server's. CopyFrom
// may return while its goroutine still reads, so the reader is closed behind it.
type stallReader struct {
	r io.Reader
	w *stallWatch

	mu     sync.Mutex
	closed bool
}

// Read implements io.Reader.
func (s *stallReader) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	s.w.timer.Stop()
	defer s.w.touch()
	return s.r.Read(p)
}

// close waits for a Read that is under way, and lets none follow.
func (s *stallReader) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
