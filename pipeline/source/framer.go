package source

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	defaultChunk  = 4 << 20
	maxChunk      = 256 << 20
	defaultRecord = 16 << 20
	windowBytes   = 256 << 10
	widerBytes    = 2 << 20  // the next size of the window
	lookSlack     = 2 << 20  // read beyond the longest record, so that a full window moves seldom
	longKept      = 64 << 10 // bytes kept of a line that is over the cap
)

// Framer cuts a file's text into records. It is used by one goroutine and holds
// a window of the file: 256 KiB, or 2 or 18 MiB while a record needs it.
type Framer struct {
	src     io.Reader
	text    io.Reader // src, in UTF-8 where it was UTF-16
	d       dialect
	eol     byte // '\n', or '\r' in a file that has no '\n'
	max     int
	chunk   int
	stop    int64 // stop here, between two records; 0 = at the file's end
	header  []string
	buf     []byte
	r, w    int   // buf[r:w] is read and not yet framed
	quoteAt int   // there is no quote in buf[r:quoteAt]
	base    int64 // text position of buf[0]
	pos     Position
	blank   int64
	ended   bool
	err     error
	chain   chain
}

// NewFramer reads what stands before the records: byte order mark and header.
// r starts at the file's first byte, also where o.Start is further on; it is
// then sought if it can be, else read and thrown away. Records from o.Start to
// o.End are those that a framer of the whole file finds there.
func NewFramer(r io.Reader, f Format, o FramerOptions) (*Framer, error) {
	d, ps := f.resolve()
	if len(ps) > 0 {
		return nil, fmt.Errorf("format %s: %s", ps[0].Path[0], ps[0].Message)
	}
	fr := &Framer{src: r, d: d, max: o.MaxRecord, chunk: o.ChunkBytes, stop: o.End, buf: make([]byte, windowBytes)}
	if fr.max <= 0 || fr.max > maxChunk {
		fr.max = defaultRecord
	}
	if fr.chunk <= 0 {
		fr.chunk = defaultChunk
	}
	fr.chunk = min(fr.chunk, maxChunk)
	fr.pos = Position{Record: 1, Line: 1}
	if err := fr.start(); err != nil {
		return nil, err
	}
	if o.Start != (Position{}) {
		if err := fr.resume(o.Start); err != nil {
			return nil, err
		}
	}
	return fr, nil
}

// Header gives the columns' names, in UTF-8, as they stand in the file or in
// the format's names.
func (f *Framer) Header() []string { return f.header }

// Offset is how many bytes of the file, unpacked, lie before the record that comes next, the header's among them.
// It is not to be asked while Next runs.
func (f *Framer) Offset() int64 { return f.pos.Byte }

// Blank counts the empty lines met so far; they are no records.
func (f *Framer) Blank() int64 { return f.blank }

// Next fills c with the records that follow, up to the one that reaches the
// chunk size. It returns io.EOF when there are none left. Where chunks end
// depends on nothing but the file and the size.
func (f *Framer) Next(c *Chunk) error {
	if f.err != nil {
		return f.err
	}
	f.shrink()
	if cap(c.Data) == 0 {
		c.Data = make([]byte, 0, min(f.chunk, 2*defaultChunk)+windowBytes)
	}
	*c = Chunk{
		N: f.pos.Chunk, ByteFrom: f.pos.Byte, RecordFrom: f.pos.Record, LineFrom: f.pos.Line,
		Data: c.Data[:0], Records: c.Records[:0], encoding: f.d.encoding,
	}
	for len(c.Records) == 0 || f.pos.Byte-c.ByteFrom < int64(f.chunk) {
		if f.stop > 0 && f.pos.Byte >= f.stop {
			break
		}
		more, err := f.frame(c)
		if err != nil {
			f.err = fmt.Errorf("line %d: %w", f.pos.Line, err)
			return f.err
		}
		if !more {
			break
		}
	}
	c.ByteTo, c.LineTo = f.pos.Byte, f.pos.Line-1
	f.blank += c.Blank
	if len(c.Records) == 0 {
		f.err = io.EOF
		return io.EOF
	}
	f.pos.Chunk++
	return nil
}

// frame takes one line or record out of the window; false at the end.
func (f *Framer) frame(c *Chunk) (bool, error) {
	end, long := f.lineEnd()
	switch {
	case f.err != nil:
		return false, f.err
	case long:
		return true, f.frameLong(c)
	case end == f.r && f.r == f.w:
		return false, nil
	}
	if f.d.quoting && f.quoteBefore(end) {
		f.frameQuoted(c, end)
		return true, f.err
	}
	text := f.trimEnd(f.r, end)
	if len(text) == 0 {
		c.Blank++
	} else {
		f.emit(c, text, recordPlain)
	}
	f.pos.Line++
	f.advance(end)
	return true, nil
}

// frameQuoted frames the record at r, whose first line ends at end and holds a
// quote.
func (f *Framer) frameQuoted(c *Chunk, end int) {
	first := end - f.r
	length, state := f.scanQuoted(first)
	if f.err != nil {
		return
	}
	lines := int64(1)
	if state != recordQuoted {
		length = first // only the opening line is refused
	} else if length > first {
		lines += int64(bytes.Count(f.buf[f.r+first:f.r+length], []byte{f.eol}))
	}
	end = f.r + length
	f.emit(c, f.trimEnd(f.r, end), state)
	f.pos.Line += lines
	f.advance(end)
}

// emit adds one record to the chunk; text lies in the window at r.
func (f *Framer) emit(c *Chunk, text []byte, state recordState) {
	start := len(c.Data)
	c.Data = append(c.Data, text...)
	c.Records = append(c.Records, Record{
		Byte: f.pos.Byte, Line: f.pos.Line,
		Start: int32(start), End: int32(len(c.Data)), state: state, //nolint:gosec // a chunk is at most 512 MiB
	})
	f.pos.Record++
}

// trimEnd is buf[from:end] without the CR of a CRLF.
func (f *Framer) trimEnd(from, end int) []byte {
	if f.eol == '\n' && end > from && f.buf[end-1] == '\r' {
		end--
	}
	return f.buf[from:end]
}

// advance steps over the text up to end and the line end there.
func (f *Framer) advance(end int) {
	if end < f.w {
		end++
	}
	if f.d.encoding.wide() {
		f.pos.Byte += wideLength(f.buf[f.r:end])
	} else {
		f.pos.Byte += int64(end - f.r)
	}
	f.r = end
}

// frameLong refuses a line over the cap. Its start is kept, the rest is read
// and dropped, so that memory stays bounded.
func (f *Framer) frameLong(c *Chunk) error {
	f.emit(c, wholeRunes(f.buf[f.r:f.w], min(longKept, f.max)), recordTooLong)
	f.pos.Line++
	for {
		if i := bytes.IndexByte(f.buf[f.r:f.w], f.eol); i >= 0 {
			f.advance(f.r + i)
			return nil
		}
		f.advance(f.w)
		if !f.fill() {
			return f.err
		}
	}
}

// wholeRunes is the first n bytes of text, or a few less where they would end
// inside a character.
func wholeRunes(text []byte, n int) []byte {
	for back := 0; back < utf8.UTFMax && back < n; back++ {
		if utf8.RuneStart(text[n-back]) {
			return text[:n-back]
		}
	}
	return text[:n]
}
