package steps

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// stream is a query of one database whose rows go into a table of another, as binary COPY.
type stream struct {
	query    string
	table    pgx.Identifier
	options  string // further options of COPY FROM
	progress func(rows, bytes int64)
}

// run copies the rows and returns their number.
func (s stream) run(ctx context.Context, from, to *pgx.Conn) (int64, error) {
	r, w := io.Pipe()
	counted := &rowCounter{w: bufio.NewWriterSize(w, 1<<18), report: s.progress}
	sent := make(chan error, 1)
	go func() {
		_, err := from.PgConn().CopyTo(ctx, counted, "COPY ("+s.query+"\n) TO STDOUT (FORMAT binary)")
		if err == nil {
			err = counted.w.Flush()
		}
		_ = w.CloseWithError(err) // never fails
		sent <- err
	}()
	tag, err := to.PgConn().CopyFrom(ctx, r, "COPY "+s.table.Sanitize()+" FROM STDIN (FORMAT binary"+s.options+")")
	cause := err
	if cause == nil {
		cause = io.ErrClosedPipe
	}
	_ = r.CloseWithError(cause) // never fails; ends the sender, should it still write
	switch out := <-sent; {
	case out != nil && !errors.Is(out, cause):
		return 0, fmt.Errorf("read from staging: %w", out)
	case err != nil:
		return 0, fmt.Errorf("copy into %s: %w", s.table.Sanitize(), err)
	}
	return tag.RowsAffected(), nil
}

// rowCounter counts what passes through: the server sends each row in a message of its own, and pgconn
// writes each message at once.
type rowCounter struct {
	w           *bufio.Writer
	rows, bytes int64
	report      func(rows, bytes int64)
}

// Write passes a row on.
func (c *rowCounter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	if c.rows++; c.rows%10_000 == 0 && c.report != nil {
		c.report(c.rows, c.bytes)
	}
	return c.w.Write(p)
}
