package lake

import (
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// physical is how a vector keeps its values, which is how Parquet stores them.
type physical uint8

const (
	physBool physical = iota
	phys32
	phys64
	physFloat
	physFixed // decimals of more than 18 digits, big-endian two's complement
	physBytes
)

// What PostgreSQL counts from 2000-01-01, the lake counts from 1970-01-01.
const (
	epochMicros = 946_684_800_000_000
	epochDays   = 10_957
)

var (
	errWidth    = errors.New("has a binary form of another length: the stream's type is not the column's")
	errInfinite = errors.New("is infinite, which the lake can not hold")
	errUTF8     = errors.New("is not valid UTF-8")
	errJSON     = errors.New("is no binary jsonb of version 1")
	errNull     = errors.New("is NULL in a required column")
)

// vector is one column of a batch: the values that are not NULL, one after the
// other, and the rows that are NULL.
type vector struct {
	Column
	phys   physical
	width  int     // bytes of a physFixed value
	limit  uint128 // 10^precision of a decimal
	rows   int
	nulls  []uint32
	bools  []bool
	i32    []int32
	i64    []int64
	floats []float64
	data   []byte   // physBytes and physFixed
	ends   []uint32 // physBytes: where each value ends in data
}

func newVector(c Column) *vector {
	v := &vector{Column: c}
	switch c.Type {
	case Bool:
		v.phys = physBool
	case Int2, Int4, Date:
		v.phys = phys32
	case Int8, Timestamptz, wallTime:
		v.phys = phys64
	case Float8:
		v.phys = physFloat
	case Numeric:
		v.limit = pow10(c.Precision)
		switch {
		case c.Precision <= 9:
			v.phys = phys32
		case c.Precision <= 18:
			v.phys = phys64
		default:
			v.phys, v.width = physFixed, decimalWidth(c.Precision)
		}
	default:
		v.phys = physBytes
	}
	return v
}

// decimalWidth is the fewest bytes whose two's complement holds precision digits.
func decimalWidth(precision int) int {
	n := 1
	for u := pow10(precision); ; n++ {
		// 2^(8n-1) >= 10^precision
		bit := uint(8*n - 1)
		top := uint128{lo: 1 << bit}
		if bit >= 64 {
			top = uint128{hi: 1 << (bit - 64)}
		}
		if !top.less(u) {
			return n
		}
	}
}

func (v *vector) reset() {
	v.rows = 0
	v.nulls, v.bools, v.i32, v.i64, v.floats, v.data, v.ends = v.nulls[:0], v.bools[:0], v.i32[:0], v.i64[:0], v.floats[:0], v.data[:0], v.ends[:0]
}

func (v *vector) null() error {
	if v.Required {
		return errNull
	}
	v.nulls = append(v.nulls, uint32(v.rows)) //nolint:gosec // a batch has far fewer rows than 2^32
	v.rows++
	return nil
}

// add appends a value in PostgreSQL's binary form.
func (v *vector) add(b []byte) error {
	switch v.Type {
	case Numeric:
		return v.addNumeric(b)
	case Text:
		if !utf8.Valid(b) {
			return errUTF8
		}
		v.addBytes(b)
	case JSON:
		if len(b) > 0 && b[0] < ' ' { // jsonb begins with its version, json with its text
			if b[0] != 1 {
				return errJSON
			}
			b = b[1:]
		}
		if !utf8.Valid(b) {
			return errUTF8
		}
		v.addBytes(b)
	default:
		return v.addFixed(b)
	}
	v.rows++
	return nil
}

func (v *vector) addBytes(b []byte) {
	v.data = append(v.data, b...)
	v.ends = append(v.ends, uint32(len(v.data))) //nolint:gosec // a batch has far fewer bytes than 2^32
}

func (v *vector) addFixed(b []byte) error {
	if len(b) != fixedWidth(v.Type) {
		return errWidth
	}
	switch v.Type {
	case Int2:
		v.i32 = append(v.i32, int32(int16(binary.BigEndian.Uint16(b)))) //nolint:gosec // the bits of a signed number
	case Int4:
		v.i32 = append(v.i32, int32(binary.BigEndian.Uint32(b))) //nolint:gosec // the bits of a signed number
	case Date:
		d := int32(binary.BigEndian.Uint32(b)) //nolint:gosec // the bits of a signed number
		if d == math.MaxInt32 || d == math.MinInt32 {
			return errInfinite
		}
		v.i32 = append(v.i32, d+epochDays)
	case Int8:
		v.i64 = append(v.i64, int64(binary.BigEndian.Uint64(b))) //nolint:gosec // the bits of a signed number
	case Timestamptz:
		t := int64(binary.BigEndian.Uint64(b)) //nolint:gosec // the bits of a signed number
		if t == math.MaxInt64 || t == math.MinInt64 {
			return errInfinite
		}
		v.i64 = append(v.i64, t+epochMicros)
	case Bool:
		v.bools = append(v.bools, b[0] != 0)
	case Float8:
		v.floats = append(v.floats, math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	v.rows++
	return nil
}

func fixedWidth(t Type) int {
	switch t {
	case Bool:
		return 1
	case Int2:
		return 2
	case Int4, Date:
		return 4
	}
	return 8
}

func (v *vector) addNumeric(b []byte) error {
	u, negative, err := decimal(b, v.Scale, v.limit)
	if err != nil {
		return err
	}
	v.addDecimal(u, negative)
	return nil
}

// addDecimal appends a decimal that is known to fit.
func (v *vector) addDecimal(u uint128, negative bool) {
	if negative {
		u = u.negate()
	}
	switch v.phys {
	case phys32:
		v.i32 = append(v.i32, int32(u.lo)) //nolint:gosec // fits, by the column's precision
	case phys64:
		v.i64 = append(v.i64, int64(u.lo)) //nolint:gosec // fits, by the column's precision
	default:
		var b [16]byte
		binary.BigEndian.PutUint64(b[:], u.hi)
		binary.BigEndian.PutUint64(b[8:], u.lo)
		v.data = append(v.data, b[16-v.width:]...)
	}
	v.rows++
}
