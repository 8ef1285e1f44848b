package lake

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"
)

// copyStream builds a binary COPY stream as PostgreSQL would.
type copyStream struct{ bytes.Buffer }

func newStream() *copyStream {
	s := &copyStream{}
	s.Write(copySignature)
	s.Write(make([]byte, 8))
	return s
}

// row appends a row; values are nil, string (text, json), jsonb, numeric,
// int16, int32, int64, bool, float64, time.Time (timestamptz), day.
func (s *copyStream) row(values ...any) *copyStream {
	_ = binary.Write(s, binary.BigEndian, int16(len(values)))
	for _, v := range values {
		b := wire(v)
		if b == nil {
			_ = binary.Write(s, binary.BigEndian, int32(-1))
			continue
		}
		_ = binary.Write(s, binary.BigEndian, int32(len(b)))
		s.Write(b)
	}
	return s
}

func (s *copyStream) end() *bytes.Reader {
	s.Write([]byte{0xff, 0xff})
	return bytes.NewReader(s.Bytes())
}

type (
	jsonb   string
	numeric string
	day     string
)

func wire(v any) []byte {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []byte(v)
	case jsonb:
		return append([]byte{1}, v...)
	case numeric:
		return wireNumeric(string(v))
	case time.Time:
		return binary.BigEndian.AppendUint64(nil, uint64(v.UnixMicro()-epochMicros))
	case day:
		t, err := time.Parse(time.DateOnly, string(v))
		if err != nil {
			panic(err)
		}
		return binary.BigEndian.AppendUint32(nil, uint32(int32(t.Unix()/86400)-epochDays))
	case bool:
		if v {
			return []byte{1}
		}
		return []byte{0}
	case int16:
		return binary.BigEndian.AppendUint16(nil, uint16(v))
	case int32:
		return binary.BigEndian.AppendUint32(nil, uint32(v))
	case int64:
		return binary.BigEndian.AppendUint64(nil, uint64(v))
	case float64:
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
	case []byte:
		return v
	}
	panic(v)
}

// wireNumeric encodes a decimal literal as numeric_send does.
func wireNumeric(s string) []byte {
	sign := uint16(0)
	if t, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = t, 0x4000
	}
	whole, frac, _ := strings.Cut(s, ".")
	dscale := len(frac)
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	frac += strings.Repeat("0", (4-len(frac)%4)%4)
	weight := len(whole)/4 - 1
	var digits []uint16
	for all := whole + frac; all != ""; all = all[4:] {
		d := uint16(0)
		for _, c := range all[:4] {
			d = d*10 + uint16(c-'0')
		}
		digits = append(digits, d)
	}
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		weight, sign = 0, 0
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(len(digits)))
	b = binary.BigEndian.AppendUint16(b, uint16(int16(weight)))
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, uint16(dscale))
	for _, d := range digits {
		b = binary.BigEndian.AppendUint16(b, d)
	}
	return b
}

// facts is a small fact table with a column of every type.
func facts() Table {
	return Table{Name: "facts", PartitionByMonth: "ordered_at", Columns: []Column{
		{Name: "invoice_no", Type: Text, Required: true},
		{Name: "quantity", Type: Numeric, Precision: 14, Scale: 3, Required: true},
		{Name: "rate", Type: Numeric, Precision: 9, Scale: 6},
		{Name: "amount", Type: Numeric, Precision: 38, Scale: 9},
		{Name: "ordered_at", Type: Timestamptz, Required: true},
		{Name: "ordered_day", Type: Date},
		{Name: "is_service", Type: Bool},
		{Name: "weekday", Type: Int2},
		{Name: "line", Type: Int4},
		{Name: "load_id", Type: Int8},
		{Name: "score", Type: Float8},
		{Name: "extra", Type: JSON},
	}}
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// factRow is a row of facts for an invoice at a time.
func (s *copyStream) fact(invoice, amount, when string) *copyStream {
	return s.row(invoice, numeric("2"), numeric("0.5"), numeric(amount), at(when), day(when[:10]), false, int16(3), int32(7), int64(1), 0.5, jsonb(`{"k": 1}`))
}

func TestWireNumericIsWhatPostgresSends(t *testing.T) {
	// Taken from PostgreSQL: SELECT numeric_send(x).
	for in, want := range map[string]string{
		"0":          "\x00\x00\x00\x00\x00\x00\x00\x00",
		"-12345.678": "\x00\x03\x00\x01\x40\x00\x00\x03\x00\x01\x09\x29\x1a\x7c",
		"0.00000001": "\x00\x01\xff\xfe\x00\x00\x00\x08\x00\x01",
		"100000000":  "\x00\x01\x00\x02\x00\x00\x00\x00\x00\x01",
	} {
		if got := string(wireNumeric(in)); got != want {
			t.Errorf("%s: %x, want %x", in, got, want)
		}
	}
}
