package source

import "bytes"

// chain remembers how far a quoted field was followed in vain. Every line in
// it starts inside that quote; so a later record whose own quote is still open
// at such a line start goes the same way, and need not be followed again. Only
// this keeps a file in which every line opens a quote from being read once per
// line. It changes no outcome.
type chain struct {
	from   int64 // text position of the first line start inside the quote
	to     int64 // where following stopped; 0 = no chain
	inside bool  // inside a quoted field at to
	state  recordState
	open   bool // stopped by the record cap: following may go on at to
}

// scan is the state of following one quoted record. Positions are relative to
// the record's start, because the window may move.
type scan struct {
	p      int   // where to go on
	inside bool  // p is inside a quoted field
	lines  int64 // text position of the first line start inside quotes; 0 = none yet
}

// scanQuoted follows the record at r, whose first line ends at first. It gives
// the record's length up to its line end, or why its opening line is refused.
func (f *Framer) scanQuoted(first int) (int, recordState) {
	s := scan{}
	eol, capped := first, false
	for {
		if !s.inside {
			if eol < s.p {
				if eol = f.find(f.eol, s.p); eol < 0 {
					eol, capped = min(f.w-f.r, f.max+2), true
				}
			}
			q := f.openingQuote(s.p, eol)
			switch {
			case q < 0 && capped:
				return f.failed(s, recordUnclosed, true)
			case q < 0:
				return eol, recordQuoted
			}
			s.p, s.inside = q+1, true
		}
		j := f.find(f.d.quote, s.p)
		if f.join(&s, j) {
			if !f.chain.open {
				return f.failed(s, f.chain.state, false)
			}
			s.p, s.inside = int(f.chain.to-f.base)-f.r, f.chain.inside
			continue
		}
		if j < 0 {
			return f.failed(s, recordUnclosed, !f.ended || f.w-f.r > f.max+1)
		}
		end, closed := f.afterQuote(&s, j)
		if end >= 0 {
			return end, recordQuoted
		}
		if !closed {
			return f.failed(s, recordAfterQuote, false)
		}
	}
}

// afterQuote looks at what follows the quote at j inside a quoted field: the
// record's end (then end >= 0), a second quote or a delimiter (then true and s
// goes on), or text that may not be there.
func (f *Framer) afterQuote(s *scan, j int) (end int, ok bool) {
	s.p = j + 1
	next, there := f.at(j + 1)
	switch {
	case !there || next == f.eol:
		return j + 1, true
	case next == f.d.quote:
		s.p = j + 2
		return -1, true
	case next == f.d.delimiter:
		s.inside = false
		return -1, true
	case next == '\r' && f.eol == '\n':
		if after, there := f.at(j + 2); !there || after == '\n' {
			return j + 2, true
		}
	}
	return -1, false
}

// openingQuote finds the first quote between p and eol that stands at a field's
// start; others are text.
func (f *Framer) openingQuote(p, eol int) int {
	b := f.buf[f.r:f.w]
	for p < eol {
		i := bytes.IndexByte(b[p:eol], f.d.quote)
		if i < 0 {
			return -1
		}
		p += i
		if p == 0 || b[p-1] == f.d.delimiter {
			return p
		}
		p++
	}
	return -1
}

// find looks for c at p or later within the record cap, reading on as needed;
// the end of the file counts as a line end. -1 = not within the cap.
func (f *Framer) find(c byte, p int) int {
	for {
		top := min(f.w-f.r, f.max+2)
		if p < top {
			if i := bytes.IndexByte(f.buf[f.r+p:f.r+top], c); i >= 0 {
				return p + i
			}
			p = top
		}
		if f.w-f.r > f.max+1 {
			return -1
		}
		if !f.fill() {
			if c == f.eol {
				return f.w - f.r
			}
			return -1
		}
	}
}

// at is the byte at p, reading on as needed; false at the end of the file.
func (f *Framer) at(p int) (byte, bool) {
	for p >= f.w-f.r {
		if !f.fill() {
			return 0, false
		}
	}
	return f.buf[f.r+p], true
}

// join notes the first line start inside the quoted text that begins at s.p
// and ends at the quote j, and tells whether the chain goes through it.
func (f *Framer) join(s *scan, j int) bool {
	known := f.chain.to > f.base+int64(f.r)
	if s.lines != 0 && !known {
		return false
	}
	if j < 0 {
		j = min(f.w-f.r, f.max+2)
	}
	if s.p >= j {
		return false
	}
	i := bytes.IndexByte(f.buf[f.r+s.p:f.r+j], f.eol)
	if i < 0 {
		return false
	}
	start := f.base + int64(f.r+s.p+i) + 1
	if s.lines == 0 {
		s.lines = start
	}
	return known && start >= f.chain.from && start <= f.chain.to
}

// failed remembers the way that was followed and refuses the opening line.
func (f *Framer) failed(s scan, state recordState, open bool) (int, recordState) {
	if s.lines != 0 {
		to := f.base + int64(f.r+s.p)
		if s.inside && state == recordUnclosed { // no quote from s.p on
			to = max(to, f.base+int64(f.r+min(f.w-f.r, f.max+2)))
		}
		if known := f.chain.to > f.base+int64(f.r); known && s.lines >= f.chain.from && s.lines <= f.chain.to {
			s.lines = f.chain.from
			to = max(to, f.chain.to)
		}
		f.chain = chain{from: s.lines, to: to, inside: s.inside, state: state, open: open}
	}
	return 0, state
}
