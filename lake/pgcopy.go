package lake

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxTuple bounds one row of a stream: a length beyond it is a broken stream,
// not a reason to take its memory.
const maxTuple = 64 << 20

var copySignature = []byte("PGCOPY\n\xff\r\n\x00")

// StreamError is a binary COPY stream that is cut short, broken, or does not
// fit the table.
type StreamError struct {
	Row    int64  // counted from 1; 0 before the first
	Column string // "" when it concerns the row
	Reason string
	Err    error // cause, may be nil
}

// Error names row and column.
func (e *StreamError) Error() string {
	s := "COPY stream"
	if e.Row > 0 {
		s = fmt.Sprintf("%s, row %d", s, e.Row)
	}
	if e.Column != "" {
		s += ", column " + e.Column
	}
	s += ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *StreamError) Unwrap() error { return e.Err }

// Hint says that nothing was published.
func (e *StreamError) Hint() string {
	return "nothing of this table was published; the snapshot before it stays in force. Run publish again"
}

// copyReader splits PostgreSQL's binary COPY format into rows. It reads in
// large pieces and hands out slices of its buffer.
type copyReader struct {
	r        io.Reader
	buf      []byte
	pos, end int
	rows     int64
	bytes    int64 // taken from r
	eof      bool
}

func newCopyReader(r io.Reader) *copyReader {
	return &copyReader{r: r, buf: make([]byte, 1<<20)}
}

// need makes buf[pos:pos+n] valid; the bytes move when it refills, so callers
// keep offsets from pos.
func (c *copyReader) need(n int) error {
	if c.end-c.pos >= n {
		return nil
	}
	if c.pos > 0 {
		copy(c.buf, c.buf[c.pos:c.end])
		c.pos, c.end = 0, c.end-c.pos
	}
	if n > len(c.buf) {
		c.buf = append(c.buf, make([]byte, max(n, 2*len(c.buf))-len(c.buf))...)
	}
	for empty := 0; c.end < n; {
		if c.eof {
			return io.ErrUnexpectedEOF
		}
		k, err := c.r.Read(c.buf[c.end:])
		c.end += k
		c.bytes += int64(k)
		switch {
		case errors.Is(err, io.EOF):
			c.eof = true
		case err != nil:
			return err
		case k == 0:
			if empty++; empty > 100 {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// header reads the signature, the flags and the header's extension.
func (c *copyReader) header() error {
	n := len(copySignature)
	if err := c.need(n + 8); err != nil {
		return &StreamError{Reason: "cut short in its header", Err: err}
	}
	if !bytes.Equal(c.buf[c.pos:c.pos+n], copySignature) {
		return &StreamError{Reason: "does not begin as PostgreSQL's binary COPY format does"}
	}
	flags := binary.BigEndian.Uint32(c.buf[c.pos+n:])
	ext := binary.BigEndian.Uint32(c.buf[c.pos+n+4:])
	if flags&0xffff0000 != 0 || ext > maxTuple {
		return &StreamError{Reason: fmt.Sprintf("has flags %#x and a header extension of %d bytes, which this version does not know", flags, ext)}
	}
	if err := c.need(n + 8 + int(ext)); err != nil {
		return &StreamError{Reason: "cut short in its header", Err: err}
	}
	c.pos += n + 8 + int(ext)
	return nil
}

// field is a value's place in a tuple; n is -1 for NULL.
type field struct{ at, n int }

// next returns the next row, its values placed in fields, whose length is the
// number of columns. It returns io.EOF after a proper end, and no other error
// that matches it. The tuple is valid until the next call.
func (c *copyReader) next(fields []field) ([]byte, error) {
	fail := func(reason string, err error) ([]byte, error) {
		return nil, &StreamError{Row: c.rows + 1, Reason: reason, Err: err}
	}
	if err := c.need(2); err != nil {
		return fail("the stream ends before its end mark", err)
	}
	n := int(int16(binary.BigEndian.Uint16(c.buf[c.pos:]))) //nolint:gosec // the bits of a signed number
	if n == -1 {
		return nil, c.trailer()
	}
	if n != len(fields) {
		return fail(fmt.Sprintf("has %d columns where the table has %d", n, len(fields)), nil)
	}
	at := 2
	for i := range fields {
		if c.end-c.pos < at+4 {
			if err := c.need(at + 4); err != nil {
				return fail("cut short", err)
			}
		}
		size := int(int32(binary.BigEndian.Uint32(c.buf[c.pos+at:]))) //nolint:gosec // the bits of a signed number
		at += 4
		if size < -1 || at+size > maxTuple {
			return fail(fmt.Sprintf("has a value of %d bytes", size), nil)
		}
		fields[i] = field{at: at, n: size}
		if size > 0 {
			at += size
		}
	}
	if err := c.need(at); err != nil {
		return fail("cut short", err)
	}
	tuple := c.buf[c.pos : c.pos+at]
	c.pos += at
	c.rows++
	return tuple, nil
}

// trailer takes the end mark and makes sure that nothing follows.
func (c *copyReader) trailer() error {
	c.pos += 2
	err := c.need(1)
	switch {
	case err == nil:
		return &StreamError{Row: c.rows + 1, Reason: "there are bytes after the end mark"}
	case errors.Is(err, io.ErrUnexpectedEOF) && c.eof:
		return io.EOF
	}
	return &StreamError{Row: c.rows + 1, Reason: "the stream fails after its end mark", Err: err}
}
