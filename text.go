package main

import (
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"penstock/tui/clean"
)

// maxCell is how wide a column of a printed table may grow; JSON and CSV have the whole value.
const maxCell = 60

// printed is a table for humans: aligned, quiet, every cell cleaned.
type printed struct {
	head  []string
	right []bool // align to the right, for numbers; may be shorter than head
	whole bool   // cut nothing: what is in it is to be copied
	text  int    // a column that is not cut, though the others are; 0, the first, is none
	rows  [][]string
}

// row adds a row; its cells are raw data.
func (p *printed) row(cells ...string) { p.rows = append(p.rows, cells) }

// write prints the table, indented.
func (p *printed) write(w io.Writer, indent string) error {
	width := make([]int, len(p.head))
	for i, h := range p.head {
		width[i] = displaywidth.String(h)
	}
	cells := make([][]string, len(p.rows))
	for r, row := range p.rows {
		cells[r] = make([]string, len(p.head))
		for i := range p.head {
			if i < len(row) {
				cells[r][i] = clean.Line(row[i])
				if !p.whole && (p.text == 0 || i != p.text) {
					cells[r][i] = clean.Cell(row[i], maxCell)
				}
			}
			width[i] = max(width[i], displaywidth.String(cells[r][i]))
		}
	}
	var b strings.Builder
	line := func(row []string) {
		var l strings.Builder
		l.WriteString(indent)
		for i, c := range row {
			pad := strings.Repeat(" ", width[i]-displaywidth.String(c))
			if i < len(p.right) && p.right[i] {
				l.WriteString(pad + c)
			} else {
				l.WriteString(c + pad)
			}
			l.WriteString("  ")
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	if strings.Join(p.head, "") != "" {
		line(p.head)
	}
	for _, row := range cells {
		line(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// grouped writes an exact decimal number with thousands separators and, unless
// places is negative, that many decimals, rounded half away from zero.
func grouped(number string, places int) string {
	sign := ""
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		sign, number = "-", rest
	}
	whole, frac, _ := strings.Cut(number, ".")
	if places >= 0 {
		up := len(frac) > places && frac[places] >= '5'
		frac = (frac + strings.Repeat("0", places))[:places]
		if up {
			whole, frac = increment(whole, frac)
		}
	}
	var b strings.Builder
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if frac != "" {
		b.WriteString("." + frac)
	}
	if strings.Trim(b.String(), "0.,") == "" {
		sign = ""
	}
	return sign + b.String()
}

// increment adds one to the last digit of whole.frac.
func increment(whole, frac string) (string, string) {
	digits := []byte(whole + frac)
	i := len(digits) - 1
	for ; i >= 0 && digits[i] == '9'; i-- {
		digits[i] = '0'
	}
	if i < 0 {
		digits = append([]byte{'1'}, digits...)
	} else {
		digits[i]++
	}
	at := len(digits) - len(frac)
	return string(digits[:at]), string(digits[at:])
}
