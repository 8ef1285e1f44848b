package lake

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// text appends a value that is not NULL.
func (r reader) text(dst []byte, v vectorData, row int) []byte {
	switch r.kind {
	case duck.TypeBoolean:
		return strconv.AppendBool(dst, value[bool](v, row))
	case duck.TypeFloat:
		return appendFloat(dst, float64(value[float32](v, row)), 32)
	case duck.TypeDouble:
		return appendFloat(dst, value[float64](v, row), 64)
	case duck.TypeVarchar:
		return append(dst, v.bytes(row)...)
	case duck.TypeBlob:
		return hex.AppendEncode(append(dst, `\x`...), v.bytes(row))
	case duck.TypeDecimal:
		u, negative := r.unscaled(v, row)
		return appendDecimal(dst, u, negative, r.scale)
	case duck.TypeEnum:
		return append(dst, r.enum[r.label(v, row)]...)
	case duck.TypeUUID:
		return appendUUID(dst, value[duckHuge](v, row))
	case duck.TypeList, duck.TypeArray, duck.TypeStruct, duck.TypeMap:
		return r.json(dst, v, row)
	case duck.TypeDate, duck.TypeTime, duck.TypeTimestamp, duck.TypeTimestampS, duck.TypeTimestampMS, duck.TypeTimestampNS, duck.TypeTimestampTZ:
		return r.moment(dst, v, row)
	case duck.TypeInterval:
		return appendInterval(dst, value[duckInterval](v, row))
	}
	u, negative := r.integer(v, row)
	return appendDecimal(dst, u, negative, 0)
}

// integer is the value of a type of whole numbers.
func (r reader) integer(v vectorData, row int) (u uint128, negative bool) {
	switch r.kind {
	case duck.TypeTinyInt:
		return magnitude(int64(value[int8](v, row)))
	case duck.TypeSmallInt:
		return magnitude(int64(value[int16](v, row)))
	case duck.TypeInteger:
		return magnitude(int64(value[int32](v, row)))
	case duck.TypeBigInt:
		return magnitude(value[int64](v, row))
	case duck.TypeUTinyInt:
		return uint128{lo: uint64(value[uint8](v, row))}, false
	case duck.TypeUSmallInt:
		return uint128{lo: uint64(value[uint16](v, row))}, false
	case duck.TypeUInteger:
		return uint128{lo: uint64(value[uint32](v, row))}, false
	case duck.TypeUBigInt:
		return uint128{lo: value[uint64](v, row)}, false
	case duck.TypeUHugeInt:
		h := value[duckHuge](v, row)
		return uint128{hi: uint64(h.hi), lo: h.lo}, false //nolint:gosec // the bits of an unsigned number
	default: // HUGEINT
		return hugeMagnitude(value[duckHuge](v, row))
	}
}

// unscaled is a decimal's value without its point.
func (r reader) unscaled(v vectorData, row int) (u uint128, negative bool) {
	switch r.storage {
	case duck.TypeSmallInt:
		return magnitude(int64(value[int16](v, row)))
	case duck.TypeInteger:
		return magnitude(int64(value[int32](v, row)))
	case duck.TypeBigInt:
		return magnitude(value[int64](v, row))
	default:
		return hugeMagnitude(value[duckHuge](v, row))
	}
}

func magnitude(n int64) (uint128, bool) {
	if n < 0 {
		return uint128{lo: -uint64(n)}, true //nolint:gosec // the magnitude, also of the least number
	}
	return uint128{lo: uint64(n)}, false
}

func hugeMagnitude(h duckHuge) (uint128, bool) {
	u := uint128{hi: uint64(h.hi), lo: h.lo} //nolint:gosec // the bits of a signed number
	if h.hi < 0 {
		return u.negate(), true
	}
	return u, false
}

func (r reader) label(v vectorData, row int) int {
	switch r.storage {
	case duck.TypeUTinyInt:
		return int(value[uint8](v, row))
	case duck.TypeUSmallInt:
		return int(value[uint16](v, row))
	default:
		return int(value[uint32](v, row))
	}
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// appendDecimal appends a number with scale digits after its point.
func appendDecimal(dst []byte, u uint128, negative bool, scale int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	var buf [80]byte
	for i := range 40 {
		buf[i] = '0' // so that there are enough digits for the scale
	}
	digits := u.digits(buf[:40])
	whole := len(digits) - scale
	from := min(40, whole-1) // one digit before the point at least
	dst = append(dst, digits[from:whole]...)
	if scale > 0 {
		dst = append(append(dst, '.'), digits[whole:]...)
	}
	return dst
}

func appendUUID(dst []byte, h duckHuge) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(h.hi)^1<<63) //nolint:gosec // DuckDB flips the highest bit, so that UUIDs sort as numbers
	binary.BigEndian.PutUint64(b[8:], h.lo)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// moment appends a date or time in ISO 8601.
func (r reader) moment(dst []byte, v vectorData, row int) []byte {
	const wall = "2006-01-02T15:04:05.999999999"
	if r.kind == duck.TypeDate {
		d := int64(value[int32](v, row))
		if d == math.MaxInt32 || d == -math.MaxInt32 {
			return appendInfinity(dst, d)
		}
		return time.Unix(d*24*60*60, 0).UTC().AppendFormat(dst, time.DateOnly)
	}
	n := value[int64](v, row)
	if r.kind == duck.TypeTime {
		return time.UnixMicro(n).UTC().AppendFormat(dst, "15:04:05.999999")
	}
	if n == math.MaxInt64 || n == -math.MaxInt64 {
		return appendInfinity(dst, n)
	}
	switch r.kind {
	case duck.TypeTimestampS:
		return time.Unix(n, 0).UTC().AppendFormat(dst, wall)
	case duck.TypeTimestampMS:
		return time.UnixMilli(n).UTC().AppendFormat(dst, wall)
	case duck.TypeTimestampNS:
		return time.Unix(0, n).UTC().AppendFormat(dst, wall)
	case duck.TypeTimestampTZ:
		return time.UnixMicro(n).UTC().AppendFormat(dst, wall+"Z07:00")
	}
	return time.UnixMicro(n).UTC().AppendFormat(dst, wall)
}

func appendInfinity(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
	}
	return append(dst, "infinity"...)
}

// appendInterval appends an ISO 8601 duration.
func appendInterval(dst []byte, i duckInterval) []byte {
	dst = append(dst, 'P')
	dst = append(strconv.AppendInt(dst, int64(i.months), 10), 'M')
	dst = append(strconv.AppendInt(dst, int64(i.days), 10), "DT"...)
	u, negative := magnitude(i.micros)
	return append(appendDecimal(dst, u, negative, 6), 'S')
}

// json appends a value as JSON: numbers as number literals with all their
// digits, times and everything else without a JSON form as strings.
func (r reader) json(dst []byte, v vectorData, row int) []byte {
	if v.null(row) || r.kind == duck.TypeSQLNull {
		return append(dst, "null"...)
	}
	switch {
	case r.kind == duck.TypeBoolean, r.name == "JSON":
		return r.text(dst, v, row)
	case r.kind == duck.TypeFloat, r.kind == duck.TypeDouble:
		at := len(dst)
		dst = r.text(dst, v, row)
		if c := dst[len(dst)-1]; c < '0' || c > '9' { // NaN or infinite
			return appendJSONString(dst[:at], append([]byte(nil), dst[at:]...))
		}
		return dst
	case r.numeric():
		return r.text(dst, v, row)
	case r.kind == duck.TypeList, r.kind == duck.TypeArray:
		return r.jsonList(dst, v, row)
	case r.kind == duck.TypeStruct:
		return r.jsonStruct(dst, v, row)
	case r.kind == duck.TypeMap:
		return r.jsonMap(dst, v, row)
	case r.kind == duck.TypeVarchar:
		return appendJSONString(dst, v.bytes(row))
	}
	return appendJSONString(dst, r.text(nil, v, row))
}

func (r reader) jsonList(dst []byte, v vectorData, row int) []byte {
	var child vectorData
	var from, n int
	if r.kind == duck.TypeArray {
		child, from, n = newVectorData(duck.ArrayVectorGetChild(v.vector)), row*r.size, r.size
	} else {
		entry := value[duckList](v, row)
		child, from, n = newVectorData(duck.ListVectorGetChild(v.vector)), int(entry.offset), int(entry.length) //nolint:gosec // within a chunk
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = r.children[0].json(dst, child, from+i)
	}
	return append(dst, ']')
}

func (r reader) jsonStruct(dst []byte, v vectorData, row int) []byte {
	dst = append(dst, '{')
	for i, c := range r.children {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, []byte(r.names[i])), ':')
		dst = c.json(dst, newVectorData(duck.StructVectorGetChild(v.vector, duck.IdxT(i))), row)
	}
	return append(dst, '}')
}

// jsonMap appends an object; its keys are the text of the map's keys.
func (r reader) jsonMap(dst []byte, v vectorData, row int) []byte {
	entry := value[duckList](v, row)
	pairs := duck.ListVectorGetChild(v.vector) // a list of structs of key and value
	keys, values := newVectorData(duck.StructVectorGetChild(pairs, 0)), newVectorData(duck.StructVectorGetChild(pairs, 1))
	dst = append(dst, '{')
	for i := range int(entry.length) { //nolint:gosec // within a chunk
		if i > 0 {
			dst = append(dst, ',')
		}
		at := int(entry.offset) + i //nolint:gosec // within a chunk
		dst = append(appendJSONString(dst, r.children[0].text(nil, keys, at)), ':')
		dst = r.children[1].json(dst, values, at)
	}
	return append(dst, '}')
}

// appendJSONString appends s quoted; bytes that are no UTF-8 become U+FFFD.
func appendJSONString(dst, s []byte) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for len(s) > 0 {
		c, n := utf8.DecodeRune(s)
		switch {
		case c == '"', c == '\\':
			dst = append(dst, '\\', byte(c))
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < ' ', c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c == utf8.RuneError && n == 1:
			dst = append(dst, "\ufffd"...)
		default:
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return append(dst, '"')
}
