package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"
)

// row is a decoded COPY tuple: column -> text; NULL columns are absent.
type row map[string]string

// decodeCopy reads the tuples of a Batch the way PostgreSQL would, and is as
// strict: a stream that the server would refuse fails the test.
func decodeCopy(t testing.TB, data []byte) []row {
	t.Helper()
	names := CopyColumns()
	var rows []row
	for len(data) > 0 {
		if n := int(binary.BigEndian.Uint16(data)); n != len(names) {
			t.Fatalf("tuple %d has %d fields, want %d", len(rows), n, len(names))
		}
		data = data[2:]
		r := row{}
		for _, name := range names {
			length := int32(binary.BigEndian.Uint32(data))
			data = data[4:]
			if length == -1 {
				continue
			}
			r[name] = decodeField(t, name, data[:length])
			data = data[length:]
		}
		rows = append(rows, r)
	}
	return rows
}

func decodeField(t testing.TB, name string, field []byte) string {
	t.Helper()
	switch name {
	case "load_id", "record", "line", "byte_offset":
		return fmt.Sprint(int64(binary.BigEndian.Uint64(field)))
	case "extra":
		if field[0] != 1 {
			t.Fatalf("jsonb version %d", field[0])
		}
		return string(field[1:])
	}
	switch i := canonicalIndex(name); {
	case i >= 0 && purchases[i].kind == numberKind:
		return decodeNumeric(t, field)
	case i >= 0 && purchases[i].kind == timeKind:
		micros := int64(binary.BigEndian.Uint64(field))
		seconds := micros / 1e6
		if micros%1e6 < 0 {
			seconds--
		}
		return time.Unix(postgresEpoch+seconds, (micros-seconds*1e6)*1000).UTC().Format("2006-01-02T15:04:05.999999Z")
	}
	return string(field)
}

// decodeNumeric gives the value without trailing zeros.
func decodeNumeric(t testing.TB, field []byte) string {
	t.Helper()
	n := int(binary.BigEndian.Uint16(field))
	weight := int(int16(binary.BigEndian.Uint16(field[2:])))
	sign := binary.BigEndian.Uint16(field[4:])
	scale := int(binary.BigEndian.Uint16(field[6:]))
	if len(field) != 8+2*n || sign != 0 && sign != 0x4000 {
		t.Fatalf("bad numeric % x", field)
	}
	sum := new(big.Rat)
	for i := range n {
		digit := binary.BigEndian.Uint16(field[8+2*i:])
		if digit > 9999 {
			t.Fatalf("bad numeric digit in % x", field)
		}
		exp := weight - i
		term := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10000), big.NewInt(int64(max(exp, -exp))), nil))
		if exp < 0 {
			term.Inv(term)
		}
		sum.Add(sum, term.Mul(term, new(big.Rat).SetInt64(int64(digit))))
	}
	if sign != 0 {
		sum.Neg(sum)
	}
	text := sum.FloatString(scale)
	if back, _ := new(big.Rat).SetString(text); back.Cmp(sum) != 0 {
		t.Fatalf("numeric % x has more digits than its scale %d", field, scale)
	}
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// taken is what came of a text.
type taken struct {
	header   []string
	rows     []row
	rejects  []Reject
	findings []Finding
	read     int64
	loaded   int64
	blank    int64
	chunks   []Chunk // without data
}

// ingestOptions changes how a test reads.
type ingestOptions struct {
	chunk     int
	record    int
	field     int
	lookups   *Lookups
	undecoded bool // leave the rows
}

// ingest runs text through framer and mapper and checks the law and the
// positions of every record.
func ingest(t testing.TB, s *Spec, text []byte, o ingestOptions) (taken, error) {
	t.Helper()
	f, err := NewFramer(bytes.NewReader(text), s.Format, FramerOptions{ChunkBytes: o.chunk, MaxRecord: o.record})
	if err != nil {
		return taken{}, err
	}
	out := taken{header: f.Header()}
	m, findings, err := NewMapper(s, f.Header(), MapperOptions{Load: 7, MaxField: o.field, Lookups: o.lookups})
	out.findings = findings
	if err != nil {
		return out, err
	}
	var c Chunk
	var b Batch
	next := Position{}
	for {
		err := f.Next(&c)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out, err
		}
		if next != (Position{}) && (next.Byte != c.ByteFrom || next.Record != c.RecordFrom || next.Line != c.LineFrom || next.Chunk != c.N) {
			t.Fatalf("chunk %d does not follow on: %+v after %+v", c.N, c, next)
		}
		next = c.Next()
		b.Reset()
		if err := m.Chunk(&b, &c); err != nil {
			return out, err
		}
		if b.Read != b.Loaded+b.Rejected || b.Read != int64(len(c.Records)) || b.Rejected != int64(len(b.Rejects)) {
			t.Fatalf("law broken: read %d, loaded %d, rejected %d, %d records", b.Read, b.Loaded, b.Rejected, len(c.Records))
		}
		out.read += b.Read
		out.loaded += b.Loaded
		if !o.undecoded {
			rows := decodeCopy(t, b.Copy)
			if int64(len(rows)) != b.Loaded {
				t.Fatalf("%d tuples for %d loaded", len(rows), b.Loaded)
			}
			out.rows = append(out.rows, rows...)
		}
		for _, r := range b.Rejects {
			r.Raw = bytes.Clone(r.Raw)
			if r.Reason != ReasonTooLong && !bytes.HasPrefix(text[r.ByteOffset:], r.Raw) {
				t.Fatalf("reject of record %d: raw %q is not at byte %d", r.Record, r.Raw, r.ByteOffset)
			}
			out.rejects = append(out.rejects, r)
		}
		out.chunks = append(out.chunks, Chunk{N: c.N, ByteFrom: c.ByteFrom, ByteTo: c.ByteTo, RecordFrom: c.RecordFrom, LineFrom: c.LineFrom, LineTo: c.LineTo})
	}
	out.blank = f.Blank()
	return out, nil
}

// mustIngest is ingest without an error.
func mustIngest(t testing.TB, s *Spec, text string, o ingestOptions) taken {
	t.Helper()
	out, err := ingest(t, s, []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// reasons lists record, reason and column of each reject.
func (o taken) reasons() []string {
	var list []string
	for _, r := range o.rejects {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s %s", r.Record, r.Reason, r.Column)))
	}
	return list
}
