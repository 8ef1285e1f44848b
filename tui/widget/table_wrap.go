package widget

import (
	"slices"

	"penstock/tui/clean"
)

const (
	leastProse  = 20   // cells; where there are fewer, prose stands below its row
	proseIndent = 2    // cells, below its row
	proseMost   = 1000 // cells of a text that is told whole
)

// wraps reports whether rows may take more than one line.
func wraps(cols []placed) bool {
	return slices.ContainsFunc(cols, func(p placed) bool { return p.Wrap })
}

// heights returns how many lines the row at a place of the order takes.
func (t *Table) heights(cols []placed, w int) func(place int) int {
	under := hasBelow(cols)
	return func(place int) int {
		n := 1
		for _, p := range cols {
			switch {
			case p.below:
				n = 1 + len(t.prose(p, t.order.at(place), w-gutter-proseIndent))
			case p.Wrap && !under:
				n = max(n, len(t.prose(p, t.order.at(place), p.w)))
			}
		}
		return n
	}
}

// hasBelow reports whether prose stands under its row.
func hasBelow(cols []placed) bool {
	return slices.ContainsFunc(cols, func(p placed) bool { return p.below })
}

// prose is a text in rows of at most w cells.
func (t *Table) prose(p placed, source, w int) []string {
	return Wrap(clean.Line(p.text(t.rows.Cell(source, p.source), proseMost)), max(1, w))
}

// lineOf is what a column shows in one line of a row; alone, of the only one that is not prose below it.
func (t *Table) lineOf(p placed, source, part int, alone bool) string {
	if !p.Wrap || p.below || alone {
		if part > 0 || p.below {
			return spaces(p.w)
		}
		return t.cell(p, source)
	}
	rows := t.prose(p, source, p.w)
	if part >= len(rows) {
		return spaces(p.w)
	}
	return painted(t.styleOf(p, source), rows[part], p.w, false)
}

// below is a line of prose under its row, "" if there is none.
func (t *Table) below(cols []placed, source, part, w int) string {
	for _, p := range cols {
		if !p.below || part == 0 {
			continue
		}
		if rows := t.prose(p, source, w-gutter-proseIndent); part <= len(rows) {
			return spaces(proseIndent) + t.styleOf(p, source).Paint(rows[part-1])
		}
	}
	return ""
}
