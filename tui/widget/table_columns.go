package widget

import (
	"slices"

	"penstock/tui/clean"
)

const (
	gutter    = 1 // cells left of the first column: the cursor's mark
	columnGap = 2
	minColumn = 3
	maxColumn = 40
	sample    = 200 // rows that a column's width is taken from
)

// measure widens columns to what their contents need. Widths never shrink, so
// that nothing jumps while values tick.
func (t *Table) measure() {
	n := t.rows.Len()
	for i := range t.cols {
		c := &t.cols[i]
		if c.Width > 0 {
			c.width = c.Width
			continue
		}
		limit := c.Max
		if limit <= 0 {
			limit = maxColumn
		}
		need := max(c.width, minColumn, Width(clean.Line(c.Title))+2) // room for the mark of sorting
		for j := 0; j < n && need < limit; j++ {
			if j == sample/2 && n > sample {
				j = n - sample/2
			}
			need = max(need, Width(c.text(t.rows.Cell(j, c.source), limit)))
		}
		c.width = min(need, max(limit, c.width))
	}
}

// text returns a raw value as the column shows it, without colour.
func (c *column) text(raw string, limit int) string {
	if c.Format != nil && raw != "" {
		return clean.Cell(c.Format(raw), limit)
	}
	return clean.Cell(raw, limit)
}

// placed is a column with the cells it gets on the screen.
type placed struct {
	*column
	index int // among the columns on show
	x, w  int
	below bool // its prose stands under the row
}

// place returns the columns that are to be drawn in w cells, frozen ones first.
func (t *Table) place(w int) []placed {
	shown := t.shown()
	if len(shown) == 0 {
		return nil
	}
	t.col = min(max(t.col, 0), len(shown)-1)
	frozen := min(t.frozen, len(shown)-1)
	t.left = min(max(t.left, frozen), len(shown)-1)
	if t.col >= frozen && t.col < t.left {
		t.left = t.col
	}
	for {
		list := t.fill(shown, frozen, w)
		last := list[len(list)-1]
		// The column under the cursor has to be whole, if it can be, or have half the room.
		if t.col >= frozen && (t.col > last.index || t.col == last.index && !last.Wrap && last.w < min(last.total(), w/2)) && t.left < t.col {
			t.left++
			continue
		}
		return list
	}
}

func (c *column) total() int { return max(minColumn, c.width+c.extra) }

// fill places columns from the left until w cells are used.
func (t *Table) fill(shown []*column, frozen, w int) []placed {
	var list []placed
	x := gutter
	for i := 0; i < len(shown); i++ {
		if i == frozen && t.left > frozen {
			i = t.left
		}
		c := shown[i]
		room := w - x
		if i < len(shown)-1 {
			room-- // for the mark of more columns
		}
		least := min(minColumn, c.total())
		if c.Number || c.Whole {
			least = c.total() // half a number is a wrong number
		}
		if c.Wrap && room < min(leastProse, c.total()) {
			list = append(list, placed{column: c, index: i, x: x, below: true})
			continue
		}
		if room < least && len(list) > 0 {
			break
		}
		list = append(list, placed{column: c, index: i, x: x, w: max(0, min(c.total(), room))})
		x += c.total() + columnGap
	}
	free := w - (x - columnGap)
	if list[len(list)-1].index < len(shown)-1 {
		free--
	}
	grow(list, free)
	return list
}

// grow shares cells that are left over among the columns that want them.
func grow(list []placed, free int) {
	weights := 0
	for i := range list {
		if p := &list[i]; !p.below {
			weights += p.Grow
		}
	}
	if free <= 0 || weights == 0 {
		return
	}
	shift := 0
	for i := range list {
		list[i].x += shift
		if g := list[i].Grow; g > 0 && !list[i].below {
			more := free * g / weights
			list[i].w += more
			shift += more
			free -= more
			weights -= g
		}
	}
}

// moveColumn changes the places of the column under the cursor and its neighbour.
func (t *Table) moveColumn(by int) {
	shown := t.shown()
	to := t.col + by
	if to < 0 || to >= len(shown) {
		return
	}
	a := slices.IndexFunc(t.cols, func(c column) bool { return c.source == shown[t.col].source })
	b := slices.IndexFunc(t.cols, func(c column) bool { return c.source == shown[to].source })
	t.cols[a], t.cols[b] = t.cols[b], t.cols[a]
	t.col = to
}

// widen changes the width of the column under the cursor.
func (t *Table) widen(by int) {
	shown := t.shown()
	if t.col < 0 || t.col >= len(shown) {
		return
	}
	c := shown[t.col]
	c.extra = max(c.total()+by, minColumn) - c.width
}

// freeze keeps the columns up to the cursor at the left, or lets them go.
func (t *Table) freeze() {
	if t.frozen == t.col+1 {
		t.frozen = 0
		return
	}
	t.frozen = t.col + 1
}
