package widget

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
)

// Rows is what a table shows: a snapshot that does not change. Cell returns the
// raw value ("" for NULL); it is called for the rows on show while drawing, and
// for all rows from other goroutines while filtering, sorting and exporting, so
// it must be quick, do no I/O and allow concurrent use.
type Rows interface {
	Len() int
	Cell(row, col int) string
}

// Keyed is implemented by Rows whose rows have an identity: the cursor and the
// marks stay with it when new rows come.
type Keyed interface{ Key(row int) string }

// Column says how a column of a table looks.
type Column struct {
	Title  string // with its unit: "revenue GBP", "own time ms"
	Width  int    // cells; 0: as its contents need, up to Max
	Max    int    // most cells that contents may ask for; 0: 40
	Grow   int    // share of the width that is left over
	Number bool   // right-aligned, sorted by value
	Wrap   bool   // prose: told in as many lines as it takes, not cut
	Whole  bool   // left out where it would be cut, as numbers are: days, codes
	Hidden bool   // until the user chooses it
	Places int    // decimals that a number goes out with at least: 2 of money
	// Private is personal data: a filter that may hold a value of it is not remembered.
	Private bool

	// Format shows the raw value, nil as it is: Money, Count of a number.
	Format func(raw string) string
	// Style colours a cell by its row and raw value, nil for plain text.
	Style func(row int, raw string) theme.Style
	// Draw paints a cell of w cells itself (a bar, a spark line), instead of
	// Format and Style. It is not called for the width: set Width. Without a Title it
	// only draws what another column says, and does not go out.
	Draw func(row int, raw string, w int) string
}

// column is a column as it is arranged at the moment.
type column struct {
	Column
	source int // which column of the rows
	width  int // cells, 0 before the first rows
	extra  int // cells the user added
}

// Table is the one table: any number of rows, sorted by any column, filtered,
// columns chosen, moved, frozen and widened, rows marked, copied and exported,
// by keys and mouse. All work on many rows is done in commands.
type Table struct {
	// Focused is whether keys are for this table.
	Focused bool
	// OnEnter runs when enter is pressed or the row under the cursor is clicked.
	OnEnter func(row int) tea.Cmd
	// OnMove runs when the cursor stands on another row.
	OnMove func(row int) tea.Cmd
	// Group names the group of a source row, nil for none. While the rows stand in
	// their own order, in which groups lie together, each group is drawn below its name.
	Group func(row int) string
	// KeepBytes writes exports without the guard against formulas.
	KeepBytes bool

	env  *env.Env
	name string
	cols []column
	rows Rows

	frozen int // so many columns stay at the left
	col    int // column under the cursor, of those on show
	left   int // first column on show after the frozen ones

	order  ordering
	query  Query
	filter *Input
	typing bool

	cursor, top int                 // in the order on show
	told        int                 // source row that OnMove was called with last
	page        int                 // rows that were on show last
	width       int                 // cells that were on show last
	lines       []int               // places of the order by line on show, where rows do not take one each; below 0: a name
	high        func(place int) int // lines that a row takes
	marked      map[int]bool        // source rows
	hidden      []bool              // by source column, before the user chose
}

// NewTable returns a table without rows. screen is the ID of the screen it is
// on; name is what its exports are called.
func NewTable(e *env.Env, screen, name string, columns ...Column) *Table {
	t := &Table{Focused: true, env: e, name: name, filter: NewInput(e), marked: map[int]bool{}, rows: noRows{}}
	t.order = newOrdering(screen)
	t.filter.Placeholder = "word  !not  column:word  column:>1000  ~letters"
	for i, c := range columns {
		t.cols = append(t.cols, column{Column: c, source: i})
		t.hidden = append(t.hidden, c.Hidden)
	}
	return t
}

// noRows is a table's data before any came.
type noRows struct{}

func (noRows) Len() int             { return 0 }
func (noRows) Cell(int, int) string { return "" }

// SetRows shows other rows. Filter, sorting, cursor and marks stay, by key where
// the rows are Keyed and by position otherwise.
func (t *Table) SetRows(rows Rows) tea.Cmd {
	old, at := t.rows, t.current()
	t.rows = rows
	t.remark(old, rows)
	t.measure()
	want := at
	if was, ok := old.(Keyed); ok && at >= 0 {
		if now, ok := rows.(Keyed); ok {
			want = findKey(now, rows.Len(), was.Key(at), at)
		}
	}
	return t.reorder(want)
}

// findKey returns the row with this key, looking first where it was; -1 if it is gone.
func findKey(rows Keyed, n int, key string, at int) int {
	const near = 64
	for d := range near {
		for _, i := range [2]int{at + d, at - d} {
			if i >= 0 && i < n && rows.Key(i) == key {
				return i
			}
		}
	}
	if n > syncLimit {
		return -1 // not worth stopping for
	}
	for i := range n {
		if rows.Key(i) == key {
			return i
		}
	}
	return -1
}

// remark keeps the marks on the rows they were on.
func (t *Table) remark(old, rows Rows) {
	if len(t.marked) == 0 {
		return
	}
	was, ok := old.(Keyed)
	now, ok2 := rows.(Keyed)
	marked := map[int]bool{}
	for i := range t.marked {
		if ok && ok2 {
			i = findKey(now, rows.Len(), was.Key(i), i)
		}
		if i >= 0 && i < rows.Len() {
			marked[i] = true
		}
	}
	t.marked = marked
}

// Len returns how many rows pass the filter.
func (t *Table) Len() int { return t.order.len(t.rows.Len()) }

// Cursor returns the source row under the cursor; false without rows.
func (t *Table) Cursor() (row int, ok bool) {
	row = t.current()
	return row, row >= 0
}

func (t *Table) current() int {
	if t.cursor < 0 || t.cursor >= t.Len() {
		return -1
	}
	return t.order.at(t.cursor)
}

// Marked returns the source rows that are marked, in the order of the source.
func (t *Table) Marked() []int {
	var list []int
	for i := range t.marked {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// Select puts the cursor on a source row, if it passes the filter.
func (t *Table) Select(row int) tea.Cmd {
	if i := t.order.find(row, t.rows.Len()); i >= 0 {
		return t.moveTo(i)
	}
	return nil
}

// SetFilter filters as if the text had been typed.
func (t *Table) SetFilter(text string) tea.Cmd {
	t.filter.Set(text)
	return t.refilter()
}

// Filter returns the text of the filter.
func (t *Table) Filter() string { return t.filter.Value() }

// Sorted returns the title of the column that the rows are sorted by, and
// whether the greatest comes first; "" where they are in their own order.
func (t *Table) Sorted() (title string, descending bool) {
	for _, c := range t.cols {
		if c.source == t.order.by {
			return c.Title, t.order.descending
		}
	}
	return "", false
}

// Typing reports whether the filter is being typed.
func (t *Table) Typing() bool { return t.typing }

// Back clears the filter, or the marks, and reports whether there was one.
func (t *Table) Back() (tea.Cmd, bool) {
	switch {
	case t.typing || t.filter.Value() != "":
		t.typing = false
		t.filter.Set("")
		return t.refilter(), true
	case len(t.marked) > 0:
		t.marked = map[int]bool{}
		return nil, true
	}
	return nil, false
}

// names returns the titles by source column.
func (t *Table) names() []string {
	names := make([]string, len(t.cols))
	for _, c := range t.cols {
		names[c.source] = c.Title
	}
	return names
}

// shown returns the columns on show, in order.
func (t *Table) shown() []*column {
	var list []*column
	for i := range t.cols {
		if !t.cols[i].Hidden {
			list = append(list, &t.cols[i])
		}
	}
	return list
}
