package widget

import (
	"math"

	"penstock/tui/env"
)

// HeatMap draws a value as a shaded cell for each row and column: hours by
// weekdays, cohorts by months. Shade and colour say the same.
type HeatMap struct {
	Title, Unit string
	Rows, Cols  []string
	// Value returns the value of a cell, NaN for none.
	Value  func(row, col int) float64
	Format func(float64) string // nil: Short
	// Text is written in a cell before its shade where cells are wide enough; nil
	// for shades alone.
	Text func(row, col int) string
	// Say tells a cell in words for who hears the map: what its row is called, and
	// what follows: "Monday", "10:00: 1,234 purchases". Nil: the labels and the value.
	Say func(row, col int) (of, what string)
	// Most and Least are what the cells with the greatest and the least value are
	// called then; "": just that.
	Most, Least string
	// Row and Col are under the cursor, whose value is in the title; -1: none.
	Row, Col int
	// Quiet leaves the value under the cursor out of the title.
	Quiet bool
	// Focused has the title in the colour of the focus.
	Focused bool
}

// View returns the map in exactly h rows of w cells: title, column labels, a row
// each, and the scale where there is room.
func (m HeatMap) View(e *env.Env, w, h int) []string {
	if m.Format == nil {
		m.Format = Short
	}
	labelW, top := m.labels(w), 0.0
	for r := range m.Rows {
		for c := range m.Cols {
			if v := m.Value(r, c); !math.IsNaN(v) {
				top = max(top, v)
			}
		}
	}
	if e.Plain {
		return Fit(m.words(e, w, h), w, h)
	}
	cellW, textW := m.cellWidth(w - labelW - 1)
	rows := []string{m.heading(e, w), spaces(labelW+1) + m.columns(e, cellW, textW)}
	for r, label := range m.Rows {
		row := Pad(e.Theme.Muted.Paint(label), labelW) + " "
		for c := range m.Cols {
			row += m.cell(e, r, c, top, cellW, textW)
		}
		rows = append(rows, Clip(row, w))
	}
	if len(rows) < h {
		rows = append(rows, spaces(labelW+1)+m.legend(e, top))
	}
	return Fit(rows, w, h)
}

// labels is the width of the rows' labels in w cells.
func (m HeatMap) labels(w int) int {
	n := 0
	for _, r := range m.Rows {
		n = max(n, Width(r))
	}
	return min(n, w/3)
}

// At returns which cell of the map is drawn at a place in w cells; false beside the cells.
func (m HeatMap) At(w, x, y int) (row, col int, ok bool) {
	const headed = 2 // title and column labels
	from := m.labels(w) + 1
	cellW, _ := m.cellWidth(w - from)
	row, col = y-headed, (x-from)/cellW
	return row, col, x >= from && row >= 0 && row < len(m.Rows) && col < len(m.Cols)
}

// cellWidth returns the cells of a column and how many of them its text takes,
// 0 where there is no room for texts.
func (m HeatMap) cellWidth(w int) (cellW, textW int) {
	n := max(1, len(m.Cols))
	room := max(1, w/n)
	if m.Text != nil {
		for r := range m.Rows {
			for c := range m.Cols {
				textW = max(textW, Width(m.Text(r, c)))
			}
		}
	}
	const shade, space = 2, 1
	if textW == 0 || room < textW+shade {
		return min(6, room), 0
	}
	return min(textW+shade+space, room), textW
}

func (m HeatMap) heading(e *env.Env, w int) string {
	left := titled(e, m.Title, m.Unit, m.Focused)
	right := ""
	if !m.Quiet && m.Row >= 0 && m.Row < len(m.Rows) && m.Col >= 0 && m.Col < len(m.Cols) {
		right = e.Theme.Muted.Paint(m.Rows[m.Row]+" "+m.Cols[m.Col]+": ") + e.Theme.Text.Paint(m.Format(m.Value(m.Row, m.Col)))
	}
	return Between(left, right, w)
}

// columns returns the column labels; where cells are narrow, every second or
// third only.
func (m HeatMap) columns(e *env.Env, cellW, textW int) string {
	if textW > 0 { // as the numbers under them
		row := ""
		for _, c := range m.Cols {
			row += Pad(Right(c, textW), cellW)
		}
		return e.Theme.Faint.Paint(row)
	}
	widest := 1
	for _, c := range m.Cols {
		widest = max(widest, Width(c))
	}
	every := (widest + cellW) / cellW // a space between
	if widest <= cellW-1 || cellW == widest && cellW > 1 {
		every = 1
	}
	row := ""
	for i, c := range m.Cols {
		if i%every == 0 {
			row += Pad(c, min(cellW*every, cellW*(len(m.Cols)-i)))
		}
	}
	return e.Theme.Faint.Paint(row)
}

// level returns how warm a value is, 0 to 7; -1 for no value and nothing.
func level(v, top float64) int {
	if math.IsNaN(v) || v <= 0 || top <= 0 {
		return -1
	}
	return min(7, int(v/top*8))
}

func (m HeatMap) cell(e *env.Env, r, c int, top float64, w, textW int) string {
	v := m.Value(r, c)
	block := max(1, w-1)
	text := ""
	if textW > 0 {
		text = e.Theme.Text.Paint(Right(m.Text(r, c), textW))
		block -= textW
	}
	text += shadeOf(e, level(v, top), block)
	if r == m.Row && c == m.Col {
		text = e.Theme.Accent.Reverse().Paint(Plain(text))
	}
	return text + spaces(w-block-textW)
}

// shadeOf returns w cells of a level.
func shadeOf(e *env.Env, level, w int) string {
	if level < 0 {
		return spaces(w)
	}
	shades := []string{"░", "░", "▒", "▒", "▓", "▓", "█", "█"}
	if e.ASCII {
		shades = []string{".", ":", "-", "=", "+", "*", "%", "#"}
	}
	text := ""
	for range w {
		text += shades[level]
	}
	return e.Theme.Heat[level].Paint(text)
}

func (m HeatMap) legend(e *env.Env, top float64) string {
	scale := ""
	for i := range 8 {
		scale += shadeOf(e, i, 1)
	}
	return e.Theme.Faint.Paint("0 ") + scale + e.Theme.Faint.Paint(" "+m.Format(top))
}
