package mart

import (
	"slices"
	"strings"
)

// Hidden stands for a personal value; it says nothing of it, not even its length.
const Hidden = "•••••"

// Personal are the canonical columns whose values only those see who ask for them.
type Personal []string

// Has reports whether a column of a mart, or of the lines behind one, holds personal values: product_a
// and product_b of a pair hold those of product_code.
func (p Personal) Has(column string) bool {
	one := strings.TrimSuffix(strings.TrimSuffix(column, "_a"), "_b")
	return slices.Contains(p, one) || one != column && slices.Contains(p, one+"_code")
}

// Asked returns the first column of the question, of those to compare and then of those to sort by, that holds
// personal values, "" if none does: what is hidden in the answer could be guessed by asking often enough.
func (p Personal) Asked(q Query) string {
	for _, f := range q.Where {
		if p.Has(f.Column) {
			return f.Column
		}
	}
	for _, o := range q.Order {
		if p.Has(o.Column) {
			return o.Column
		}
	}
	return ""
}

// Show returns a value as anybody may see it.
func (p Personal) Show(column, text string) string {
	if text != "" && p.Has(column) {
		return Hidden
	}
	return text
}

// Hide puts Hidden in the place of the table's personal values, which are text from then on, and reports
// whether there are any. NULL stays NULL.
func (t *Table) Hide(p Personal) bool {
	found := false
	for i := range t.Columns {
		if !p.Has(t.Columns[i].Name) {
			continue
		}
		t.Columns[i].Kind = Text
		for _, row := range t.Rows {
			if !row[i].Null {
				found, row[i].Text = true, Hidden
			}
		}
	}
	return found
}

// Hide puts Hidden in the place of the summary's personal values.
func (s *Summary) Hide(p Personal) {
	hide := func(code, description *string) {
		*code, *description = p.Show("product_code", *code), p.Show("description", *description)
	}
	for i := range s.Best {
		hide(&s.Best[i].Code, &s.Best[i].Description)
	}
	for i := range s.Reorder {
		hide(&s.Reorder[i].Code, &s.Reorder[i].Description)
	}
}
