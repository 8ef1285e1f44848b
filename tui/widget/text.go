package widget

import (
	"strings"

	"penstock/tui/theme"

	"github.com/clipperhouse/displaywidth"
	"github.com/clipperhouse/uax29/v2/graphemes"
)

const (
	reset    = "\x1b[m"
	ellipsis = "…"
	maxRun   = 256 // so that cutting the start off a long row does not read all of it
)

// piece returns the next part of a painted row: an escape sequence (width 0,
// sgr true), a run of ASCII, or one character of any other kind. s is not empty.
func piece(s string) (p string, width int, sgr bool) {
	switch b := s[0]; {
	case b == 0x1b:
		if end := strings.IndexByte(s, 'm'); end >= 0 {
			return s[:end+1], 0, true
		}
		return s, 0, true
	case b < 0x80:
		i := 1
		for i < len(s) && i < maxRun && s[i] < 0x80 && s[i] != 0x1b {
			i++
		}
		// The last letter may carry marks that follow it.
		if i < len(s) && s[i] >= 0x80 {
			if i > 1 {
				return s[:i-1], i - 1, false
			}
			break
		}
		return s[:i], i, false
	}
	g := graphemes.FromString(s)
	g.Next()
	p = g.Value()
	return p, displaywidth.String(p), false
}

// Width returns how many cells a painted row takes.
func Width(row string) int {
	w := 0
	for row != "" {
		p, n, _ := piece(row)
		w += n
		row = row[len(p):]
	}
	return w
}

// Cut returns the row cut to at most w cells; what does not fit ends in "…".
func Cut(row string, w int) string {
	if len(row) <= w { // a byte is never wider than a cell
		return row
	}
	if w <= 0 {
		return ""
	}
	if Width(row) <= w {
		return row
	}
	head, open := head(row, w-1)
	if open {
		return head + ellipsis + reset
	}
	return head + ellipsis
}

// Clip returns the row cut to at most w cells without a mark.
func Clip(row string, w int) string {
	if len(row) <= w || Width(row) <= w {
		return row
	}
	head, open := head(row, w)
	if open {
		return head + reset
	}
	return head
}

// head returns the start of row that fits in w cells and whether a style is on at its end.
func head(row string, w int) (start string, open bool) {
	w = max(w, 0)
	at := 0
	for at < len(row) {
		p, n, sgr := piece(row[at:])
		switch {
		case sgr:
			open = p != reset
		case n > w && len(p) == n: // plain ASCII is cut anywhere
			return row[:at+w], open
		case n > w:
			return row[:at], open
		}
		w -= n
		at += len(p)
	}
	return row, open
}

// Window returns w cells of the row from cell number from on, padded: a row
// seen through a window that scrolls sideways. A wide character that the edge
// cuts shows as a space.
func Window(row string, from, w int) string {
	var b strings.Builder
	at, style := 0, ""
	for row != "" && at < from {
		p, n, sgr := piece(row)
		if sgr {
			style = p
			if p == reset {
				style = ""
			}
		}
		if over := at + n - from; over > 0 {
			if len(p) == n {
				row = style + p[n-over:] + row[len(p):]
			} else {
				row = style + strings.Repeat(" ", over) + row[len(p):]
			}
			style = ""
			break
		}
		at += n
		row = row[len(p):]
	}
	if row != "" {
		b.WriteString(style)
		b.WriteString(row)
	}
	return Pad(Clip(b.String(), w), w)
}

// Pad returns the row cut or filled with spaces on the right to exactly w cells.
func Pad(row string, w int) string {
	n := Width(row)
	if n > w {
		row = Cut(row, w)
		n = Width(row)
	}
	return row + spaces(w-n)
}

// Right returns the row cut or filled with spaces on the left to exactly w cells.
func Right(row string, w int) string {
	n := Width(row)
	if n > w {
		row = Cut(row, w)
		n = Width(row)
	}
	return spaces(w-n) + row
}

// Centre returns the row in the middle of exactly w cells.
func Centre(row string, w int) string {
	row = Cut(row, w)
	n := Width(row)
	left := max(0, (w-n)/2)
	return spaces(left) + row + spaces(w-n-left)
}

// Between returns left and right at the two ends of exactly w cells; where both
// do not fit, left is cut first down to half.
func Between(left, right string, w int) string {
	l, r := Width(left), Width(right)
	if l+r+1 > w && r > 0 {
		l = min(l, max(w-r-1, w/2))
		left = Cut(left, l)
		l = Width(left)
		right = Cut(right, max(0, w-l-1))
		r = Width(right)
	}
	return Pad(left, w-r) + right
}

// Wrap breaks clean text at spaces into rows of at most w cells; a word that is
// longer is broken where it must be. Line breaks in text are kept.
func Wrap(text string, w int) []string {
	if w <= 0 {
		return nil
	}
	var rows []string
	for line := range strings.SplitSeq(text, "\n") {
		rows = append(rows, wrapLine(line, w)...)
	}
	return rows
}

func wrapLine(line string, w int) []string {
	var rows []string
	row, n := "", 0
	for word := range strings.FieldsSeq(line) {
		m := Width(word)
		if n > 0 && n+1+m <= w {
			row, n = row+" "+word, n+1+m
			continue
		}
		if n > 0 {
			rows = append(rows, row)
		}
		for m > w {
			part, _ := head(word, w)
			if part == "" { // a wide character in one cell
				return append(rows, Cut(word, w))
			}
			rows = append(rows, part)
			word = word[len(part):]
			m -= Width(part)
		}
		row, n = word, m
	}
	return append(rows, row)
}

const blank = "                                                                                                                                "

// spaces returns n spaces, none for n below 1.
func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// Painted returns a text in rows of at most w cells, in a style.
func Painted(style theme.Style, text string, w int) []string {
	rows := Wrap(text, w)
	for i := range rows {
		rows[i] = style.Paint(rows[i])
	}
	return rows
}
