package source

import (
	"hash/maphash"
	"strings"
)

// nullSpellings are words that files use for a missing value. The strong ones
// mean it wherever they stand, the others only among numbers and times.
var nullSpellings = map[string]bool{
	"NULL": true, "null": true, "Null": true, `\N`: true, "(null)": true, "#N/A": true, "<NA>": true, "None": true, "NaN": true, "nan": true,
	"N/A": false, "n/a": false, "NA": false, "-": false, "--": false, "?": false, "none": false, "nil": false, "NaT": true,
}

// columnStats gathers what the values of a column look like.
type columnStats struct {
	values   int64 // not empty and no null word
	empty    int64
	nulls    map[string]int64
	shapes   [numberShapes]int64
	groups   map[string]int64 // thousands separators other than . and ,
	negative int64
	unit     int64 // numbers from 0 to 1
	zeroed   int64 // like 17850.0
	emails   int64
	phones   int64
	times    []timeStats
	tried    int64 // values that the layouts were tried on
	example  string
}

// add looks at one value.
func (c *columnStats) add(field []byte, set layoutSet) {
	text := strings.Trim(string(field), " \t")
	if text == "" {
		c.empty++
		return
	}
	if _, isNull := nullSpellings[text]; isNull {
		if c.nulls == nil {
			c.nulls = map[string]int64{}
		}
		c.nulls[text]++
		return
	}
	c.values++
	if c.example == "" {
		c.example = text
	}
	shape := classify(text)
	c.shapes[shape]++
	if shape == notNumber {
		c.addPersonal(text)
	} else {
		c.addNumber(text, shape)
	}
	if shape == notNumber || shape == integerNumber && (len(text) == 8 || len(text) == 10) || c.tried < 50 {
		c.addTime(text, set)
	}
}

func (c *columnStats) addNumber(text string, shape numberShape) {
	f := decimalFormat{point: '.', whole: 17, scale: 9}
	d, reason := f.parse([]byte(text))
	if reason == ReasonType {
		f.point = ','
		d, reason = f.parse([]byte(text))
	}
	switch {
	case reason != "":
	case d.neg:
		c.negative++
	case d.whole == 0 || d.whole == 1 && d.frac == 0:
		c.unit++
	}
	if shape != integerNumber && len(cutZeros([]byte(text))) < len(text) {
		c.zeroed++
	}
	if shape == otherGroups {
		if c.groups == nil {
			c.groups = map[string]int64{}
		}
		c.groups[groupMark(text)]++
	}
}

// numbers is how many values read as numbers with this decimal point.
func (c *columnStats) numbers(point byte) int64 {
	n := c.shapes[integerNumber] + c.shapes[otherGroups]
	if point == ',' {
		return n + c.shapes[commaDecimal] + c.shapes[commaAmbiguous] + c.shapes[pointThenComma] + c.shapes[pointGroups] + c.shapes[pointAmbiguous]
	}
	return n + c.shapes[pointDecimal] + c.shapes[pointAmbiguous] + c.shapes[commaThenPoint] + c.shapes[commaGroups] + c.shapes[commaAmbiguous]
}

// rowStats gathers what whole records look like.
type rowStats struct {
	good, wrong, faults, undecoded int64
	seen                           map[uint64]struct{}
	seed                           maphash.Seed
	repeated                       int64
	invoice, quantity, price       int // columns by their names; -1 = none
	prefixes                       map[string]*prefixStats
	plain                          int64 // invoice numbers that are all digits
	services                       serviceStats
}

// prefixStats counts the invoice numbers that have letters before their digits.
type prefixStats struct {
	lines         int64
	negative      int64 // of negative quantity
	negativePrice int64
	example       string
}

const (
	maxSeen     = 1 << 20 // records remembered to find repeated ones
	maxPrefixes = 64
)

func (r *rowStats) add(raw []byte, fields [][]byte) {
	if r.seen == nil {
		r.seen = map[uint64]struct{}{}
		r.seed = maphash.MakeSeed()
	}
	h := maphash.Bytes(r.seed, raw)
	if _, twice := r.seen[h]; twice {
		r.repeated++
	} else if len(r.seen) < maxSeen {
		r.seen[h] = struct{}{}
	}
	if r.invoice >= 0 {
		r.addInvoice(fields)
	}
	r.services.add(fields)
}

func (r *rowStats) addInvoice(fields [][]byte) {
	number := fields[r.invoice]
	digits := len(number)
	for digits > 0 && number[digits-1]-'0' <= 9 {
		digits--
	}
	switch {
	case len(number) == 0 || digits == len(number):
		return
	case digits == 0:
		r.plain++
		return
	}
	p := r.prefixes[string(number[:digits])]
	if p == nil {
		if len(r.prefixes) >= maxPrefixes {
			return
		}
		if r.prefixes == nil {
			r.prefixes = map[string]*prefixStats{}
		}
		p = &prefixStats{example: string(number)}
		r.prefixes[string(number[:digits])] = p
	}
	p.lines++
	if r.quantity >= 0 && len(fields[r.quantity]) > 0 && fields[r.quantity][0] == '-' {
		p.negative++
	}
	if r.price >= 0 && len(fields[r.price]) > 0 && fields[r.price][0] == '-' {
		p.negativePrice++
	}
}
