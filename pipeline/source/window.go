package source

import (
	"bytes"
	"errors"
	"io"
)

// lineEnd finds the end of the line at r: the index of its line end, or w at
// the file's end. long means that the line is over the record cap.
func (f *Framer) lineEnd() (end int, long bool) {
	seen := 0
	for {
		if i := bytes.IndexByte(f.buf[f.r+seen:f.w], f.eol); i >= 0 {
			return f.r + seen + i, seen+i > f.max+1
		}
		seen = f.w - f.r
		if seen > f.max+1 {
			return 0, true
		}
		if !f.fill() {
			return f.w, false
		}
	}
}

// quoteBefore tells whether a quote stands in buf[r:end]. It remembers how far
// it has looked, so that text without quotes is scanned once.
func (f *Framer) quoteBefore(end int) bool {
	f.quoteAt = max(f.quoteAt, f.r)
	for f.quoteAt < end {
		i := bytes.IndexByte(f.buf[f.quoteAt:f.w], f.d.quote)
		if i < 0 {
			f.quoteAt = f.w
			return false
		}
		f.quoteAt += i
		if i == 0 {
			return true
		}
	}
	return false
}

// fill reads more text behind w, making room where there is none. It is false
// at the end of the file and on an error, which f.err then holds.
func (f *Framer) fill() bool {
	if f.ended || f.err != nil {
		return false
	}
	if f.w == len(f.buf) {
		f.makeRoom()
	}
	for tries := 0; tries < 100; tries++ {
		n, err := f.text.Read(f.buf[f.w:])
		f.w += n
		if errors.Is(err, io.EOF) {
			f.ended = true
			return n > 0
		}
		if err != nil {
			f.err = err
			return false
		}
		if n > 0 {
			return true
		}
	}
	f.err = io.ErrNoProgress
	return false
}

// makeRoom moves the unframed text to the front, into a larger window where it
// fills more than half of this one.
func (f *Framer) makeRoom() {
	to := f.buf
	if held := f.w - f.r; held > len(f.buf)/2 && f.r < lookSlack {
		size := widerBytes
		if len(f.buf) >= widerBytes { // at once: what is outgrown is garbage
			size = f.max + 2 + lookSlack
		}
		to = make([]byte, max(size, len(f.buf)))
	}
	f.move(to)
}

// shrink gives a large window back once its text fits the usual one.
func (f *Framer) shrink() {
	if len(f.buf) > windowBytes && f.w-f.r <= windowBytes/2 {
		f.move(make([]byte, windowBytes))
	}
}

func (f *Framer) move(to []byte) {
	copy(to, f.buf[f.r:f.w])
	f.base += int64(f.r)
	f.quoteAt = max(f.quoteAt-f.r, 0)
	f.w -= f.r
	f.buf, f.r = to, 0
}
