package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

func newScratch() *scratch {
	return &scratch{times: make([]timeCache, len(purchases))}
}

// refusal says why a record is no row.
type refusal struct {
	reason string
	column string
	detail string
}

// Chunk maps the records of c and adds rows and rejects to b. It keeps nothing
// of c. The error is ErrContract where the contract stops the load for a value
// of the wrong type; b is then of no use.
func (m *Mapper) Chunk(b *Batch, c *Chunk) error {
	s := &b.scratch
	if s.times == nil {
		s.times = make([]timeCache, len(purchases))
	}
	if s.owner != m { // another mapper's times mean something else
		*s = scratch{times: s.times, owner: m, split: s.split}
		clear(s.times)
	}
	s.encoding = c.encoding
	for i := range c.Records {
		rec := &c.Records[i]
		number := c.RecordFrom + int64(i)
		raw := c.Data[rec.Start:rec.End]
		out, no := m.row(b.Copy, raw, rec, number, s)
		if no.reason == "" {
			b.Copy = out
			b.Loaded++
			continue
		}
		b.Copy = out[:len(b.Copy)]
		if m.stopType && no.reason == ReasonType {
			return withHint("mend the file, or set contract.type to reject", "%w: record %d, line %d: %s: %s",
				ErrContract, number, rec.Line, no.column, no.detail)
		}
		b.reject(c.encoding, raw, rec, number, no)
	}
	b.Read += int64(len(c.Records))
	return nil
}

// reject sets a record aside with its original bytes.
func (b *Batch) reject(e encoding, raw []byte, rec *Record, number int64, no refusal) {
	from := len(b.arena)
	b.arena = e.appendOriginal(b.arena, raw)
	b.Rejects = append(b.Rejects, Reject{
		Record: number, Line: rec.Line, ByteOffset: rec.Byte, Reason: no.reason, Column: no.column, Detail: no.detail,
		Raw: b.arena[from:len(b.arena):len(b.arena)],
	})
	b.Rejected++
}

// row appends the tuple of one record to dst, or says why there is none.
func (m *Mapper) row(dst, raw []byte, rec *Record, number int64, s *scratch) ([]byte, refusal) {
	if rec.state > recordQuoted {
		return dst, faultRefusal(rec.state)
	}
	fields := s.split.split(raw, &m.dialect, rec.state == recordQuoted)
	if len(fields) != len(m.header) {
		return dst, refusal{reason: ReasonFields, detail: fmt.Sprintf("%d fields instead of %d", len(fields), len(m.header))}
	}
	if s.split.high || s.split.nul || len(raw) > m.maxField {
		if no := m.inspect(s); no.reason != "" {
			return dst, no
		}
	}
	start := len(dst)
	dst = append(dst, m.prefix...)
	at := len(dst) - 8
	binary.BigEndian.PutUint64(dst[at-24:], uint64(number))   //nolint:gosec // positive
	binary.BigEndian.PutUint64(dst[at-12:], uint64(rec.Line)) //nolint:gosec // positive
	binary.BigEndian.PutUint64(dst[at:], uint64(rec.Byte))    //nolint:gosec // positive
	if len(m.lookups) > 0 {
		if no := m.resolveLookups(s); no.reason != "" {
			return dst[:start], no
		}
	}
	for i := range m.columns {
		c := &m.columns[i]
		if len(c.before) > 0 {
			dst = append(dst, c.before...)
		}
		var (
			null   bool
			reason string
		)
		if c.field >= 0 {
			dst, null, reason = c.append(dst, fields[c.field], &m.values, s)
		} else {
			dst, null = m.appendLookup(dst, c, s)
		}
		if null {
			switch {
			case c.fallback != nil:
				dst = append(dst, c.fallback...)
			case c.must:
				reason = ReasonRequired
			default:
				dst = append(dst, nullField...)
			}
		}
		if reason != "" {
			var text []byte
			if c.field >= 0 {
				text = fields[c.field]
			}
			return dst, refusal{reason: reason, column: c.name, detail: c.explain(reason, text, m.rules[c.index])}
		}
	}
	dst = append(dst, m.after...)
	if !m.hasExtra() {
		return dst, refusal{}
	}
	if len(m.extra) == 0 {
		return append(dst, nullField...), refusal{}
	}
	return m.appendExtra(dst, s), refusal{}
}

// inspect looks closer at the fields of a record that has bytes beyond ASCII,
// a NUL, or more bytes than a field may have, and turns them into UTF-8. The
// first faulty field, in the file's order, refuses the record.
func (m *Mapper) inspect(s *scratch) refusal {
	fields := s.split.fields
	for i, field := range fields {
		var reason string
		switch {
		case len(field) > m.maxField:
			reason = ReasonTooLong
		case s.split.nul && bytes.IndexByte(field, 0) >= 0:
			reason = ReasonNUL
		case s.split.high:
			text, ok := s.utf8(field)
			if !ok {
				reason = ReasonEncoding
			}
			fields[i] = text
		}
		if reason != "" {
			return m.refuse(reason, i, field)
		}
	}
	return refusal{}
}

// utf8 gives field in UTF-8; false where it is no text of the file's encoding.
func (s *scratch) utf8(field []byte) ([]byte, bool) {
	switch s.encoding {
	case latin1Text, windows1252Text:
		from := len(s.split.clean)
		var ok bool
		s.split.clean, ok = s.encoding.appendText(s.split.clean, field)
		return s.split.clean[from:len(s.split.clean):len(s.split.clean)], ok
	}
	return field, utf8.Valid(field)
}

// refuse names the column that field i fills, or the file's column.
func (m *Mapper) refuse(reason string, i int, field []byte) refusal {
	for k := range m.columns {
		if c := &m.columns[k]; c.field == i {
			return refusal{reason: reason, column: c.name, detail: c.explain(reason, field, m.rules[c.index])}
		}
	}
	c := column{}
	name := m.header[i]
	if name == "" {
		name = fmt.Sprintf("column_%d", i+1)
	}
	return refusal{reason: reason, column: name, detail: c.explain(reason, field, Rule{})}
}

func faultRefusal(state recordState) refusal {
	reason := ReasonQuote
	if state == recordTooLong {
		reason = ReasonTooLong
	}
	return refusal{reason: reason, detail: faultDetail(state)}
}

func faultDetail(state recordState) string {
	switch state {
	case recordUnclosed:
		return "a quote opens here and is not closed"
	case recordAfterQuote:
		return "text follows a closing quote"
	case recordTooLong:
		return "the record is longer than a record may be; its start is kept"
	}
	return ""
}
