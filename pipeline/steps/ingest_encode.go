package steps

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf8"

	"penstock/pipeline/source"
)

// rejectColumns is how many fields a tuple of staging.rejects has in ingest/copy_rejects.sql.
const rejectColumns = 8

// rowStream reads as one binary COPY stream the tuples that a mapper made.
func rowStream(tuples []byte) io.Reader {
	return io.MultiReader(strings.NewReader(source.CopyHeader), bytes.NewReader(tuples), strings.NewReader(source.CopyTrailer))
}

// rejectStream reads as one binary COPY stream the rejects of one load. It makes the tuples as they are
// read: a second copy of records that may have 16 MiB each is what it is there to avoid.
type rejectStream struct {
	load    int64
	rejects []source.Reject
	fixed   []byte // what is written before a raw record; used again
	next    int
	parts   [2][]byte // not read yet
	ended   bool
}

func newRejectStream(load int64, rejects []source.Reject) *rejectStream {
	return &rejectStream{load: load, rejects: rejects, parts: [2][]byte{[]byte(source.CopyHeader)}}
}

// Read implements io.Reader.
func (s *rejectStream) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		switch {
		case len(s.parts[0]) > 0:
			n += s.take(p[n:], 0)
		case len(s.parts[1]) > 0:
			n += s.take(p[n:], 1)
		case s.next < len(s.rejects):
			r := &s.rejects[s.next]
			s.next++
			s.fixed = appendReject(s.fixed[:0], s.load, r)
			s.parts = [2][]byte{s.fixed, r.Raw}
		case !s.ended:
			s.ended = true
			s.parts[0] = []byte(source.CopyTrailer)
		default:
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
	}
	return n, nil
}

func (s *rejectStream) take(p []byte, part int) int {
	n := copy(p, s.parts[part])
	s.parts[part] = s.parts[part][n:]
	return n
}

// appendReject adds a tuple of staging.rejects up to the raw bytes, which follow.
func appendReject(b []byte, load int64, r *source.Reject) []byte {
	b = binary.BigEndian.AppendUint16(b, rejectColumns)
	b = appendInt8(b, load)
	b = appendInt8(b, r.Record)
	b = appendInt8(b, r.Line)
	b = appendInt8(b, r.ByteOffset)
	b = appendText(b, r.Reason)
	b = appendOptional(b, r.Column)
	b = appendOptional(b, r.Detail)
	return binary.BigEndian.AppendUint32(b, uint32(len(r.Raw))) //nolint:gosec // a record is capped at 16 MiB
}

func appendInt8(b []byte, v int64) []byte {
	b = binary.BigEndian.AppendUint32(b, 8)
	return binary.BigEndian.AppendUint64(b, uint64(v)) //nolint:gosec // two's complement is the wire format
}

func appendOptional(b []byte, s string) []byte {
	if s == "" {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	return appendText(b, s)
}

// appendText makes sure of what the server insists on: a name or a value quoted in a detail comes from
// the data, and one NUL would refuse the whole chunk.
func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // shorter than a record
	return append(b, s...)
}
