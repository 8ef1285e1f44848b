package source

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Limit is how many rejects a load bears: a count, or a share of the records
// read. The zero value bears none; NoLimit any number.
type Limit struct {
	count int64
	share decimal // of 100 records
	part  bool
	none  bool
}

// NoLimit bears any number of rejects.
func NoLimit() Limit { return Limit{none: true} }

// ParseLimit reads "1%", "0.5%" or a count. The empty text is NoLimit.
func ParseLimit(text string) (Limit, error) {
	if text == "" {
		return NoLimit(), nil
	}
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		f := decimalFormat{point: '.', whole: 3, scale: 6}
		d, reason := f.parse([]byte(strings.TrimSpace(percent)))
		if reason != "" || d.neg || d.whole > 100 || d.whole == 100 && d.frac > 0 {
			return Limit{}, fmt.Errorf("%q is not a share from 0%% to 100%%", text)
		}
		return Limit{share: d, part: true}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return Limit{}, fmt.Errorf("%q is neither a count nor a share like 1%%", text)
	}
	return Limit{count: n}, nil
}

// Exceeded tells whether so many rejects among read records are more than the
// limit bears. Shares are compared exactly.
func (l Limit) Exceeded(rejected, read int64) bool {
	switch {
	case l.none:
		return false
	case !l.part:
		return rejected > l.count
	}
	// rejected/read > share/100 in whole numbers: share has six decimals
	millionths := l.share.whole*1e6 + l.share.frac/1000
	hi1, lo1 := bits.Mul64(uint64(rejected), 1e8)    //nolint:gosec // counts
	hi2, lo2 := bits.Mul64(millionths, uint64(read)) //nolint:gosec // counts
	return hi1 > hi2 || hi1 == hi2 && lo1 > lo2
}

// String gives the limit as it is written in the configuration.
func (l Limit) String() string {
	switch {
	case l.none:
		return ""
	case l.part:
		text := strconv.FormatUint(l.share.whole, 10)
		if l.share.frac != 0 {
			text += "." + strings.TrimRight(fmt.Sprintf("%09d", l.share.frac), "0")
		}
		return text + "%"
	}
	return strconv.FormatInt(l.count, 10)
}
