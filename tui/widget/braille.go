package widget

import (
	"strings"

	"penstock/tui/theme"
)

// dots is a canvas of braille: two dots across and four down in each cell. The
// last one to set a dot gives a cell its colour.
type dots struct {
	w, h  int // cells
	bits  []uint8
	owner []int8 // -1: nobody
}

func newDots(w, h int) *dots {
	d := &dots{w: w, h: h, bits: make([]uint8, w*h), owner: make([]int8, w*h)}
	for i := range d.owner {
		d.owner[i] = -1
	}
	return d
}

// set puts a dot at x from the left and y from the top.
func (d *dots) set(x, y, owner int) {
	if x < 0 || y < 0 || x >= 2*d.w || y >= 4*d.h {
		return
	}
	i := y/4*d.w + x/2
	d.bits[i] |= [2][4]uint8{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}[x%2][y%4]
	d.owner[i] = int8(owner) //nolint:gosec // there are few series
}

// vertical puts dots from y0 to y1, either may be the greater.
func (d *dots) vertical(x, y0, y1, owner int) {
	if y0 > y1 {
		y0, y1 = y1, y0
	}
	for y := max(0, y0); y <= min(y1, 4*d.h-1); y++ {
		d.set(x, y, owner)
	}
}

// row returns a row of cells; styles are by owner. Empty cells come from under,
// which returns "" for a space.
func (d *dots) row(y int, styles []theme.Style, ascii bool, under func(x int) string) string {
	var b strings.Builder
	for x := 0; x < d.w; {
		i := y*d.w + x
		owner := d.owner[i]
		if owner < 0 {
			if u := under(x); u != "" {
				b.WriteString(u)
			} else {
				b.WriteByte(' ')
			}
			x++
			continue
		}
		// Cells of one colour go out as one text.
		var run strings.Builder
		for x < d.w && d.owner[y*d.w+x] == owner {
			if ascii {
				run.WriteByte("*o+x#%"[int(owner)%6])
			} else {
				run.WriteRune(0x2800 + rune(d.bits[y*d.w+x]))
			}
			x++
		}
		b.WriteString(styles[int(owner)%len(styles)].Paint(run.String()))
	}
	return b.String()
}
