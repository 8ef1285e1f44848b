package source

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	lowBits  = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
	ones     = 0x0101010101010101
)

// splitter cuts records into fields. The fields are valid until the next call
// of split; they alias the record or, where a quoted field had doubled quotes,
// the splitter's own buffer.
type splitter struct {
	fields [][]byte
	clean  []byte
	high   bool // the record has a byte over 0x7f
	nul    bool // the record has a NUL
}

func (s *splitter) split(rec []byte, d *dialect, quoted bool) [][]byte {
	if quoted {
		return s.splitQuoted(rec, d)
	}
	s.clean = s.clean[:0]
	var (
		fields   = s.fields[:0]
		mask     = uint64(d.delimiter) * ones
		high     uint64
		nul      uint64
		from, at int
	)
	for ; at+8 <= len(rec); at += 8 {
		word := binary.LittleEndian.Uint64(rec[at:])
		high |= word
		nul |= (word - ones) & ^word
		x := word ^ mask
		for hit := ^((x&lowBits + lowBits) | x | lowBits); hit != 0; hit &= hit - 1 {
			i := at + bits.TrailingZeros64(hit)>>3
			fields = append(fields, rec[from:i])
			from = i + 1
		}
	}
	for ; at < len(rec); at++ {
		c := rec[at]
		high |= uint64(c)
		if c == 0 {
			nul |= highBits
		}
		if c == d.delimiter {
			fields = append(fields, rec[from:at])
			from = at + 1
		}
	}
	s.fields = append(fields, rec[from:])
	s.high, s.nul = high&highBits != 0, nul&highBits != 0
	return s.fields
}

// splitQuoted cuts a record that the framer found well formed.
func (s *splitter) splitQuoted(rec []byte, d *dialect) [][]byte {
	s.scanBytes(rec)
	fields := s.fields[:0]
	s.clean = s.clean[:0]
	for at := 0; ; {
		if at < len(rec) && rec[at] == d.quote {
			var field []byte
			field, at = s.unquote(rec, at+1, d.quote)
			fields = append(fields, field)
		} else {
			end := len(rec)
			if i := bytes.IndexByte(rec[at:], d.delimiter); i >= 0 {
				end = at + i
			}
			fields = append(fields, rec[at:end])
			at = end
		}
		if at >= len(rec) {
			s.fields = fields
			return fields
		}
		at++ // the delimiter
	}
}

// unquote reads the quoted field whose text starts at from; next is where its
// delimiter stands.
func (s *splitter) unquote(rec []byte, from int, quote byte) (field []byte, next int) {
	start, copied := from, -1
	for {
		i := bytes.IndexByte(rec[from:], quote)
		if i < 0 { // only where the framer was not asked: take the rest
			i = len(rec) - from
		}
		at := from + i
		if at+1 >= len(rec) || rec[at+1] != quote {
			if copied < 0 {
				return rec[start:at], at + 1
			}
			s.clean = append(s.clean, rec[start:at]...)
			return s.clean[copied:len(s.clean):len(s.clean)], at + 1
		}
		if copied < 0 {
			copied = len(s.clean)
		}
		s.clean = append(s.clean, rec[start:at+1]...)
		start, from = at+2, at+2
	}
}

// scanBytes sets high and nul.
func (s *splitter) scanBytes(rec []byte) {
	var high, nul uint64
	at := 0
	for ; at+8 <= len(rec); at += 8 {
		word := binary.LittleEndian.Uint64(rec[at:])
		high |= word
		nul |= (word - ones) & ^word
	}
	for ; at < len(rec); at++ {
		high |= uint64(rec[at])
		if rec[at] == 0 {
			nul |= highBits
		}
	}
	s.high, s.nul = high&highBits != 0, nul&highBits != 0
}
