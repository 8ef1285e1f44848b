package widget

import "slices"

// TableState is how the user arranged a table, to be remembered: nothing of its
// rows but the words of the filter.
type TableState struct {
	Sort       string        `json:"sort,omitempty"` // title of a column
	Descending bool          `json:"descending,omitempty"`
	Filter     string        `json:"filter,omitempty"`
	Frozen     int           `json:"frozen,omitempty"`
	Columns    []ColumnState `json:"columns,omitempty"` // in their order; none where nobody changed them
}

// ColumnState is how the user arranged a column.
type ColumnState struct {
	Title  string `json:"title"`
	Hidden bool   `json:"hidden,omitempty"`
	Extra  int    `json:"extra,omitempty"` // cells added to its width
}

// Remember returns how the user arranged the table. A filter that may hold a value
// of a private column is left out: that is any word for all columns, too.
func (t *Table) Remember() TableState {
	var st TableState
	st.Sort, st.Descending = t.Sorted()
	st.Frozen = t.frozen
	if !t.private() {
		st.Filter = t.Filter()
	}
	if !t.arranged() {
		return st
	}
	for _, c := range t.cols {
		st.Columns = append(st.Columns, ColumnState{Title: c.Title, Hidden: c.Hidden, Extra: c.extra})
	}
	return st
}

// private reports whether the filter looks into a private column.
func (t *Table) private() bool {
	into := func(col int) bool {
		return slices.ContainsFunc(t.cols, func(c column) bool { return c.Private && (col < 0 || c.source == col) })
	}
	return slices.ContainsFunc(t.query.terms, func(x term) bool { return into(x.col) })
}

// arranged reports whether the columns are other than the screen has them.
func (t *Table) arranged() bool {
	for i, c := range t.cols {
		if c.source != i || c.extra != 0 || c.Hidden != t.hidden[c.source] {
			return true
		}
	}
	return false
}

// Recall arranges the table as it was. Columns that are no more, or new, stay as
// the screen has them.
func (t *Table) Recall(st TableState) {
	const widest = 200
	var cols []column
	for _, c := range st.Columns {
		i := slices.IndexFunc(t.cols, func(x column) bool { return x.Title == c.Title })
		if i < 0 {
			continue
		}
		x := t.cols[i]
		x.Hidden, x.extra = c.Hidden, max(-widest, min(c.Extra, widest))
		cols = append(cols, x)
		t.cols = slices.Delete(t.cols, i, i+1)
	}
	t.cols = append(cols, t.cols...)
	if len(t.shown()) == 0 { // one stays
		t.cols[0].Hidden = false
	}
	t.frozen = max(0, min(st.Frozen, len(t.cols)))
	t.filter.Set(st.Filter)
	t.query = ParseQuery(t.filter.Value(), t.names())
	t.order.by = -1
	for _, c := range t.cols {
		if st.Sort != "" && c.Title == st.Sort {
			t.order.sort(c.source, st.Descending)
		}
	}
}
