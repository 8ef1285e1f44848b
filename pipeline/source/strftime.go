package source

import (
	"fmt"
	"strings"
)

// timeOp reads one part of a time: a directive, or the literal byte where
// directive is 0.
type timeOp struct {
	directive byte
	literal   byte
}

// timeFormat is a compiled strftime format. Numbers may lack leading zeros.
type timeFormat struct {
	layout string
	ops    []timeOp
	iso    isoShape
}

// isoShape is the fast way for formats that are %Y-%m-%d, alone or followed by
// a time to the second and a fraction, with any one-byte separators.
type isoShape struct {
	length     int // without the fraction; 0 = not such a format
	separators [5]byte
	fraction   byte // literal before %f; 0 = none
}

var composites = map[byte]string{'F': "%Y-%m-%d", 'T': "%H:%M:%S", 'R': "%H:%M", 'D': "%m/%d/%y"}

// compileTime reads a strftime format.
func compileTime(layout string) (*timeFormat, error) {
	f := &timeFormat{layout: layout}
	seen := map[byte]bool{}
	if err := f.add(layout, seen); err != nil {
		return nil, err
	}
	month := seen['m'] || seen['b']
	switch {
	case seen['s']:
	case !seen['Y'] && !seen['y']:
		return nil, fmt.Errorf("the time format %q has no year (%%Y)", layout)
	case !seen['j'] && (!month || !seen['d']):
		return nil, fmt.Errorf("the time format %q needs month and day (%%m, %%d)", layout)
	case seen['I'] != seen['p']:
		return nil, fmt.Errorf("the time format %q needs %%I and %%p together", layout)
	}
	f.findShape()
	return f, nil
}

func (f *timeFormat) add(layout string, seen map[byte]bool) error {
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			f.ops = append(f.ops, timeOp{literal: layout[i]})
			continue
		}
		i++
		if i < len(layout) && (layout[i] == '-' || layout[i] == '_' || layout[i] == '0') {
			i++ // padding makes no difference to reading
		}
		if i == len(layout) {
			return fmt.Errorf("the time format ends with a lone %%")
		}
		c := layout[i]
		if whole, ok := composites[c]; ok {
			if err := f.add(whole, seen); err != nil {
				return err
			}
			continue
		}
		switch c {
		case '%':
			f.ops = append(f.ops, timeOp{literal: '%'})
			continue
		case 'e':
			c = 'd'
		case 'k':
			c = 'H'
		case 'l':
			c = 'I'
		case 'B', 'h':
			c = 'b'
		case 'A':
			c = 'a'
		case 'P':
			c = 'p'
		}
		if !strings.ContainsRune("YymdHIMSfpbajzZs", rune(c)) {
			return fmt.Errorf("the time format has the unknown directive %%%c; known are %%Y %%y %%m %%d %%e %%H %%I %%M %%S %%f %%p %%b %%B %%a %%A %%j %%z %%Z %%s %%F %%T %%R %%D %%%%", c)
		}
		if seen[c] {
			return fmt.Errorf("the time format has %%%c twice", c)
		}
		seen[c] = true
		f.ops = append(f.ops, timeOp{directive: c})
	}
	return nil
}

// findShape sees whether the fast way fits.
func (f *timeFormat) findShape() {
	const order = "YmdHMS"
	var shape isoShape
	for i, op := range f.ops {
		switch {
		case i%2 == 0 && i/2 < len(order) && op.directive == order[i/2]:
		case i%2 == 1 && i/2 < len(shape.separators) && op.directive == 0:
			shape.separators[i/2] = op.literal
		case i == 11 && op.directive == 0 && len(f.ops) == 13:
			shape.fraction = op.literal
		case i == 12 && op.directive == 'f':
		default:
			return
		}
	}
	switch len(f.ops) {
	case 5:
		shape.length = len("2006-01-02")
	case 11, 13:
		shape.length = len("2006-01-02 15:04:05")
	}
	f.iso = shape
}
