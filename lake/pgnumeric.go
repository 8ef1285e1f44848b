package lake

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
)

var (
	errNumericForm     = errors.New("is no binary numeric")
	errNumericSpecial  = errors.New("is NaN or infinite, which a decimal can not hold")
	errNumericScale    = errors.New("has more decimals than its column")
	errNumericOverflow = errors.New("has more digits than its column")
)

// uint128 is an unsigned integer of 128 bits.
type uint128 struct{ hi, lo uint64 }

// mulAdd returns u*m + a; ok is false when that needs more than 128 bits.
func (u uint128) mulAdd(m, a uint64) (r uint128, ok bool) {
	carry, lo := bits.Mul64(u.lo, m)
	over, hi := bits.Mul64(u.hi, m)
	lo, c := bits.Add64(lo, a, 0)
	hi, c2 := bits.Add64(hi, carry, c)
	return uint128{hi, lo}, over == 0 && c2 == 0
}

func (u uint128) less(v uint128) bool { return u.hi < v.hi || u.hi == v.hi && u.lo < v.lo }

func (u uint128) negate() uint128 {
	u = uint128{hi: ^u.hi, lo: ^u.lo + 1}
	if u.lo == 0 {
		u.hi++
	}
	return u
}

// digits appends u in decimal.
func (u uint128) digits(dst []byte) []byte {
	if u.hi == 0 {
		return strconv.AppendUint(dst, u.lo, 10)
	}
	const chunk = 1e19 // the largest power of ten in 64 bits
	hi, rest := u.hi/chunk, u.hi%chunk
	lo, rest := bits.Div64(rest, u.lo, chunk)
	dst = uint128{hi, lo}.digits(dst)
	var low [20]byte
	tail := strconv.AppendUint(low[:0], rest, 10)
	for range 19 - len(tail) {
		dst = append(dst, '0')
	}
	return append(dst, tail...)
}

// powers are the powers of ten that 64 bits hold.
var powers = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// pow10 returns 10^n for n up to 38.
func pow10(n int) uint128 {
	u, _ := uint128{lo: powers[n/2]}.mulAdd(powers[n-n/2], 0)
	return u
}

// decimal decodes a PostgreSQL binary numeric as value * 10^scale: its
// magnitude and whether it is negative. limit is 10^precision. The value is
// exact; one that would lose digits is an error.
func decimal(b []byte, scale int, limit uint128) (u uint128, negative bool, err error) {
	if len(b) < 8 {
		return u, false, errNumericForm
	}
	ndigits := int(binary.BigEndian.Uint16(b))
	weight := int(int16(binary.BigEndian.Uint16(b[2:]))) //nolint:gosec // the bits of a signed number
	sign := binary.BigEndian.Uint16(b[4:])
	if sign&0xC000 == 0xC000 { // NaN 0xC000, +Infinity 0xD000, -Infinity 0xF000
		return u, false, errNumericSpecial
	}
	if len(b) != 8+2*ndigits || sign&^0x4000 != 0 {
		return u, false, errNumericForm
	}
	// Digit i of base 10,000 stands for d * 10^(4*(weight-i)), that is
	// d * 10^(4*(weight-i)+scale) of what is returned.
	exp := 4*weight + scale
	for d := b[8:]; len(d) > 0; d = d[2:] {
		digit := uint64(binary.BigEndian.Uint16(d))
		if digit > 9999 {
			return u, false, errNumericForm
		}
		mul := uint64(10_000)
		if exp < 0 { // only exp of the four decimal digits are before the scale
			cut := powers[min(-exp, 4)]
			if digit%cut != 0 {
				return u, false, errNumericScale
			}
			mul, digit = 10_000/cut, digit/cut
		}
		var ok bool
		if u, ok = u.mulAdd(mul, digit); !ok {
			return u, false, errNumericOverflow
		}
		exp -= 4
	}
	// exp+4 is now the power that the last digit still lacks.
	if u != (uint128{}) {
		for exp += 4; exp > 0; exp -= 19 {
			var ok bool
			if u, ok = u.mulAdd(powers[min(exp, 19)], 0); !ok {
				return u, false, errNumericOverflow
			}
		}
	}
	if !u.less(limit) {
		return u, false, errNumericOverflow
	}
	return u, sign == 0x4000 && u != uint128{}, nil
}
