package source

import (
	"bytes"
	"cmp"
	"encoding/binary"
)

// decimal is an exact number: whole and billionths.
type decimal struct {
	neg   bool
	whole uint64
	frac  uint64 // billionths
}

// decimalFormat is how a column's numbers are written and how many digits it
// keeps.
type decimalFormat struct {
	point     byte
	thousands string
	whole     int
	scale     int
}

var powers = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

func (d decimal) compare(e decimal) int {
	if d.neg != e.neg {
		if d.neg {
			return -1
		}
		return 1
	}
	c := cmp.Or(cmp.Compare(d.whole, e.whole), cmp.Compare(d.frac, e.frac))
	if d.neg {
		return -c
	}
	return c
}

// parse reads text: a sign, digits, the decimal point, digits. No exponent: who
// writes 1.2E+05 may have lost digits already. The reason is empty, type, range
// or scale; zeros behind the scale are not counted as decimals.
func (f *decimalFormat) parse(text []byte) (d decimal, reason string) {
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		d.neg = text[0] == '-'
		i = 1
	}
	from := i
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		if d.whole >= powers[17] {
			reason = ReasonRange
			continue
		}
		d.whole = d.whole*10 + uint64(text[i]-'0')
	}
	digits := i - from
	if i < len(text) && text[i] == f.point {
		i++
		places := 0
		for ; i < len(text) && text[i]-'0' <= 9; i++ {
			if places < f.scale {
				d.frac = d.frac*10 + uint64(text[i]-'0')
			} else if text[i] != '0' && reason == "" {
				reason = ReasonScale
			}
			places++
		}
		digits += places
		d.frac *= powers[9-min(places, f.scale)]
	}
	if i < len(text) || digits == 0 {
		if f.thousands != "" {
			return f.parseGrouped(text)
		}
		return d, ReasonType
	}
	if d.whole >= powers[f.whole] {
		reason = ReasonRange
	}
	if d.whole == 0 && d.frac == 0 {
		d.neg = false
	}
	return d, reason
}

// parseGrouped reads a number with thousands separators, which must stand
// before every third digit: 1,5 with separator "," is no number, for it may
// have meant one and a half.
func (f *decimalFormat) parseGrouped(text []byte) (decimal, string) {
	plain := make([]byte, 0, 64)
	if len(text) > cap(plain) {
		return decimal{}, ReasonType
	}
	head, tail := text, []byte(nil)
	if i := bytes.IndexByte(text, f.point); i >= 0 {
		head, tail = text[:i], text[i:]
	}
	groups := bytes.Split(head, []byte(f.thousands))
	for i, g := range groups {
		digits := g
		if i == 0 && len(g) > 0 && (g[0] == '-' || g[0] == '+') {
			digits = g[1:]
		}
		if len(digits) > 3 || i > 0 && len(digits) < 3 || len(digits) == 0 {
			return decimal{}, ReasonType
		}
		plain = append(plain, g...)
	}
	if len(groups) < 2 {
		return decimal{}, ReasonType
	}
	exact := *f
	exact.thousands = ""
	return exact.parse(append(plain, tail...))
}

// appendNumeric appends d as a COPY field of type numeric: digits in base
// 10,000 around the decimal point.
func appendNumeric(dst []byte, d decimal, scale int) []byte {
	var groups [8]uint16 // 5 before the point, 3 behind
	first, end := 5, 5
	for w := d.whole; w != 0; w /= 10000 {
		first--
		groups[first] = uint16(w % 10000)
	}
	if d.frac != 0 {
		groups[5] = uint16(d.frac / 100000) //nolint:gosec // under 10000
		groups[6] = uint16(d.frac / 10 % 10000)
		groups[7] = uint16(d.frac % 10 * 1000)
		for end = 8; groups[end-1] == 0; {
			end--
		}
	}
	for first < end && groups[first] == 0 {
		first++
	}
	for end > first && groups[end-1] == 0 {
		end--
	}
	n, weight, sign := end-first, 4-first, uint64(0)
	if n == 0 {
		weight = 0
	}
	if d.neg {
		sign = 0x4000
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(8+2*n))                                                   //nolint:gosec // at most 24
	dst = binary.BigEndian.AppendUint64(dst, uint64(n)<<48|uint64(uint16(weight))<<32|sign<<16|uint64(scale)) //nolint:gosec // small numbers
	for _, g := range groups[first:end] {
		dst = binary.BigEndian.AppendUint16(dst, g)
	}
	return dst
}
