package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// start reads the byte order mark, finds out how lines end, and takes the
// header.
func (f *Framer) start() error {
	head := make([]byte, 4)
	n, err := io.ReadFull(f.src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	if string(head) == "\xff\xfe\x00\x00" || string(head) == "\x00\x00\xfe\xff" {
		return withHint("convert it to UTF-8: iconv -f UTF-32 -t UTF-8", "the file is UTF-32, which is not read")
	}
	if e, length, found := byteOrderMark(head); found {
		f.d.encoding = e
		f.pos.Byte = int64(length)
		head = head[length:]
	}
	f.open(io.MultiReader(bytes.NewReader(head), f.src))
	f.findLineEnd()
	if f.err != nil {
		return f.err
	}
	if !f.d.header {
		f.header = f.d.names
		return nil
	}
	return f.readHeader()
}

// open lets the window read r, which follows f.pos.
func (f *Framer) open(r io.Reader) {
	f.text = r
	if f.d.encoding.wide() {
		f.text = newWideReader(r, f.d.encoding == utf16BEText)
	}
}

// findLineEnd takes a lone CR as line end only where the file's first window
// has no LF.
func (f *Framer) findLineEnd() {
	f.eol = '\n'
	for f.w < windowBytes && bytes.IndexByte(f.buf[:f.w], '\n') < 0 && f.fill() {
		continue
	}
	window := f.buf[:f.w]
	if bytes.IndexByte(window, '\n') < 0 && bytes.IndexByte(window[:max(len(window)-1, 0)], '\r') >= 0 {
		f.eol = '\r'
	}
}

// readHeader takes the first record for the columns' names.
func (f *Framer) readHeader() error {
	var c Chunk
	for len(c.Records) == 0 {
		more, err := f.frame(&c)
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		if !more {
			return withHint("take the file away, or set format.header to false and name the columns in format.names", "%w", ErrEmpty)
		}
	}
	f.blank += c.Blank
	f.pos.Record = 1
	rec := c.Records[0]
	if rec.state > recordQuoted {
		return withHint("close the quote, or set format.quote to the file's quote or to none",
			"header, line %d: %s", rec.Line, faultDetail(rec.state))
	}
	var s splitter
	fields := s.split(c.Data[rec.Start:rec.End], &f.d, rec.state == recordQuoted)
	names := make([]string, len(fields))
	for i, field := range fields {
		text, ok := field, utf8.Valid(field)
		if f.d.encoding == latin1Text || f.d.encoding == windows1252Text {
			text, ok = f.d.encoding.appendText(nil, field)
		}
		if !ok {
			return withHint("set format.encoding to latin-1, windows-1252 or utf-16, whichever the file is written in",
				"header, line %d: column %d is no valid %s: %q", rec.Line, i+1, f.d.encoding, field)
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return withHint("set format.encoding: a file full of NUL characters is often utf-16",
				"header, line %d: column %d holds a NUL character: %q", rec.Line, i+1, field)
		}
		names[i] = string(bytes.Trim(text, " \t"))
	}
	f.header = names
	if len(f.d.names) == 0 {
		return nil
	}
	if len(f.d.names) != len(names) {
		return withHint("give format.names one name for each column of the file",
			"header, line %d: %d columns, but format.names has %d", rec.Line, len(names), len(f.d.names))
	}
	f.header = f.d.names
	return nil
}

// resume goes on at p, which an earlier Chunk.Next gave for the same file.
func (f *Framer) resume(p Position) error {
	if p.Byte < f.pos.Byte {
		return fmt.Errorf("resume at byte %d: the records start at byte %d", p.Byte, f.pos.Byte)
	}
	if s, ok := f.src.(io.Seeker); ok {
		if size, err := s.Seek(0, io.SeekEnd); err != nil || size < p.Byte {
			return errors.Join(shorter(p.Byte, size), err)
		}
		if _, err := s.Seek(p.Byte, io.SeekStart); err != nil {
			return err
		}
		f.r, f.w, f.base, f.quoteAt, f.ended = 0, 0, 0, 0, false
		f.open(f.src)
		f.pos = p
		return nil
	}
	for f.pos.Byte < p.Byte {
		if f.r == f.w && !f.fill() {
			if f.err != nil {
				return f.err
			}
			return shorter(p.Byte, f.pos.Byte)
		}
		f.skip(p.Byte - f.pos.Byte)
	}
	f.pos = p
	return nil
}

func shorter(want, size int64) error {
	return withHint("the file is not the one that the load began with: undo the load and start again",
		"resume at byte %d: the file ends at byte %d", want, size)
}

// skip drops text worth at most n bytes of the original from the window.
func (f *Framer) skip(n int64) {
	if !f.d.encoding.wide() {
		step := min(n, int64(f.w-f.r))
		f.r += int(step)
		f.pos.Byte += step
		return
	}
	var gone int64
	for f.r < f.w && gone < n {
		size := 1
		for f.r+size < f.w && f.buf[f.r+size]&0xc0 == 0x80 {
			size++
		}
		gone += wideLength(f.buf[f.r : f.r+size])
		f.r += size
	}
	f.pos.Byte += gone
}
