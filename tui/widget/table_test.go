package widget

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

// sales are rows with every kind of trouble in them.
type sales [][]string

func (s sales) Len() int                 { return len(s) }
func (s sales) Cell(row, col int) string { return s[row][col] }
func (s sales) Key(row int) string       { return s[row][0] }

func someSales() sales {
	return sales{
		{"85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "2370", "104462.75", "United Kingdom"},
		{"22423", "REGENCY CAKESTAND 3 TIER", "2203", "174156.54", "France"},
		{"POST", "POSTAGE", "", "", "Germany"},
		{"23843", "PAPER CRAFT , LITTLE BIRDIE", "80995", "168469.60", "United Kingdom"},
		{"J1", "東京タワー 置物", "9", "-12.50", "Japan"},
		{"EVIL", "\x1b[2Jcell\tof\nlines \u202e", "10", "=1+1", "Café"},
	}
}

func salesColumns() []Column {
	return []Column{
		{Title: "code"},
		{Title: "description", Grow: 1, Max: 24},
		{Title: "units", Number: true, Format: func(s string) string { return Decimal(s, 0) }},
		{Title: "revenue GBP", Number: true, Format: Money},
		{Title: "country"},
	}
}

func salesTable(t testing.TB, e *env.Env) *Table {
	t.Helper()
	table := NewTable(e, "insights", "sales", salesColumns()...)
	if cmd := table.SetRows(someSales()); cmd != nil {
		t.Fatal("few rows need no command")
	}
	return table
}

// codes returns the first column as it is on show.
func codes(table *Table) string {
	var list []string
	for i := range table.Len() {
		list = append(list, table.rows.Cell(table.order.at(i), 0))
	}
	return strings.Join(list, " ")
}

// press sends keys the way the root does: first to the actions, then to Update.
func press(t testing.TB, table *Table, keys ...string) tea.Cmd {
	t.Helper()
	var cmd tea.Cmd
	for _, k := range keys {
		if a, ok := table.env.Keys.Match(table.Actions(), k); ok && !table.Typing() && a.Run != nil {
			cmd = a.Run()
			continue
		}
		cmd = table.Update(tuitest.Key(k))
	}
	return cmd
}

func TestTableView(t *testing.T) {
	for name, e := range map[string]*env.Env{"mono": quiet(t), "dark": colourful(t)} {
		for _, w := range []int{40, 80, 110} {
			t.Run(fmt.Sprintf("%s-%d", name, w), func(t *testing.T) {
				table := salesTable(t, e)
				press(t, table, "j", "t", "l", "l", "l", "s")
				rows := table.View(w, 8)
				for _, row := range rows {
					if Width(row) != w {
						t.Errorf("%q is %d wide", row, Width(row))
					}
				}
				tuitest.GoldenStyles(t, tuitest.Draw(t, rows, w, 8))
			})
		}
	}
}

func TestTableMoves(t *testing.T) {
	e := quiet(t)
	table := NewTable(e, "x", "x", Column{Title: "n", Number: true})
	var moved []int
	table.OnMove = func(row int) tea.Cmd { moved = append(moved, row); return nil }
	table.SetRows(numbers(100))
	moved = nil
	table.View(20, 11) // ten rows
	for _, c := range []struct {
		key  string
		want int
	}{
		{"down", 1},
		{"j", 2},
		{"up", 1},
		{"k", 0},
		{"k", 0},
		{"pgdown", 10},
		{"ctrl+d", 15},
		{"ctrl+u", 10},
		{"G", 99},
		{"end", 99},
		{"pgup", 89},
		{"g", 0},
		{"home", 0},
		{"end", 99},
		{"down", 99},
	} {
		press(t, table, c.key)
		if got, _ := table.Cursor(); got != c.want {
			t.Errorf("after %s the cursor is on %d, want %d", c.key, got, c.want)
		}
	}
	if want := []int{1, 2, 1, 0, 10, 15, 10, 99, 89, 0, 99}; !slices.Equal(moved, want) {
		t.Errorf("moves were %v, want %v", moved, want)
	}
	if s := tuitest.Draw(t, table.View(20, 11), 20, 11); !s.Contains("99") || s.Contains("88") {
		t.Errorf("the cursor is not on show:\n%s", s.Text())
	}
}

// numbers are rows 0 to n-1, then their square's last digits.
type numbers int

func (n numbers) Len() int { return int(n) }
func (n numbers) Cell(row, col int) string {
	if col == 0 {
		return strconv.Itoa(row)
	}
	return strconv.Itoa(row * row % 1000)
}

func TestTableSorts(t *testing.T) {
	table := salesTable(t, quiet(t))
	for _, c := range []struct{ keys, want string }{
		{"s", "22423 23843 85123A EVIL J1 POST"},
		{"s", "POST J1 EVIL 85123A 23843 22423"},
		{"s", "85123A 22423 POST 23843 J1 EVIL"},
		{"l l s", "23843 85123A 22423 EVIL J1 POST"},
		{"s", "J1 EVIL 22423 85123A 23843 POST"},
		{">", "22423 23843 85123A J1 EVIL POST"},     // words after numbers, nothing last
		{"s", "J1 85123A 23843 22423 EVIL POST"},     // and also downwards
		{"<", "23843 85123A 22423 EVIL J1 POST"},     // back to units
		{"< < <", "EVIL 22423 POST J1 85123A 23843"}, // round to country
	} {
		press(t, table, strings.Fields(c.keys)...)
		if got := codes(table); got != c.want {
			t.Errorf("after %s: %s, want %s", c.keys, got, c.want)
		}
	}
	putInOrder(table, "revenue GBP", false)
	if got := codes(table); got != "J1 85123A 23843 22423 EVIL POST" {
		t.Errorf("by revenue: %s", got)
	}
	if title, descending := table.Sorted(); title != "revenue GBP" || descending {
		t.Errorf("sorted by %q, descending %v", title, descending)
	}
}

func TestTableSortsDecimalsExactly(t *testing.T) {
	rows := sales{
		{"a", "0.1000000000000000000002"},
		{"b", "0.1000000000000000000001"},
		{"c", "123456789012345678901"},
		{"d", "123456789012345678900"},
		{"e", "-0.1000000000000000000002"},
		{"f", "-0.1000000000000000000001"},
	}
	table := NewTable(quiet(t), "x", "x", Column{Title: "k"}, Column{Title: "n", Number: true})
	table.SetRows(rows)
	putInOrder(table, "n", false)
	if got := codes(table); got != "e f b a d c" {
		t.Errorf("order is %s", got)
	}
}

func TestTableFilters(t *testing.T) {
	table := salesTable(t, quiet(t))
	press(t, table, "G", "/")
	if !table.Typing() {
		t.Fatal("not typing")
	}
	press(t, table, "u", "n", "i", "t", "e", "d")
	if got := codes(table); got != "85123A 23843" {
		t.Errorf("filtered: %s", got)
	}
	tuitest.Golden(t, tuitest.Draw(t, table.View(70, 8), 70, 8))
	press(t, table, "down", "enter")
	if row, _ := table.Cursor(); table.Typing() || row != 3 {
		t.Errorf("typing %v, cursor on %d", table.Typing(), row)
	}
	if _, stepped := table.Back(); !stepped || table.Len() != 6 || table.Filter() != "" {
		t.Error("Back does not clear the filter")
	}
	if row, _ := table.Cursor(); row != 3 {
		t.Errorf("the cursor left its row for %d", row)
	}
	press(t, table, "/", "z", "z", "z")
	if _, ok := table.Cursor(); ok || table.Len() != 0 {
		t.Error("there is a row under the cursor of an empty table")
	}
	press(t, table, "enter", "y", "Y", "t", "down", "G")
	press(t, table, "/", "esc")
	if table.Typing() || table.Len() != 6 {
		t.Error("esc does not leave the filter")
	}
	if _, stepped := table.Back(); stepped {
		t.Error("there was nothing to step back from")
	}
	table.SetFilter("country:japan")
	if got := codes(table); got != "J1" {
		t.Errorf("SetFilter: %s", got)
	}
	table.Update(tea.PasteMsg{Content: "x"})
	if table.Filter() != "country:japan" {
		t.Error("a paste went into a filter that is not being typed")
	}
}

func TestTableMarks(t *testing.T) {
	table := salesTable(t, quiet(t))
	press(t, table, "t", "t")
	if got := table.Marked(); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("marked %v", got)
	}
	// The rows come again in another order, one of them gone.
	again := someSales()
	again[0], again[4] = again[4], again[0]
	again = slices.Delete(again, 1, 2)
	table.SetRows(again)
	if got := table.Marked(); !slices.Equal(got, []int{3}) {
		t.Errorf("after new rows: marked %v", got)
	}
	if row, _ := table.Cursor(); again.Key(row) != "POST" {
		t.Errorf("the cursor is on %s", again.Key(row))
	}
	if _, stepped := table.Back(); !stepped || len(table.Marked()) != 0 {
		t.Error("Back does not clear the marks")
	}
}

func TestTableColumns(t *testing.T) {
	table := salesTable(t, quiet(t))
	titles := func() string {
		var list []string
		for _, p := range table.place(60) {
			list = append(list, p.Title)
		}
		return strings.Join(list, ",")
	}
	if got := titles(); got != "code,description,units,revenue GBP" {
		t.Errorf("at first: %s", got)
	}
	press(t, table, "f", "l", "l", "l", "l")
	if got := titles(); got != "code,units,revenue GBP,country" {
		t.Errorf("scrolled with the first frozen: %s", got)
	}
	press(t, table, "[", "[")
	if got := titles(); got != "code,country,units,revenue GBP" {
		t.Errorf("moved: %s", got)
	}
	press(t, table, "h", "h", "f", "}", "}")
	if w := table.place(80)[0].w; w != table.cols[0].width+4 {
		t.Errorf("widened to %d", w)
	}
	for range 20 {
		press(t, table, "{")
	}
	if w := table.place(80)[0].w; w != minColumn {
		t.Errorf("narrowed to %d", w)
	}
	menu, ok := table.chooseColumns()().(env.OpenMsg)
	if !ok {
		t.Fatal("no menu")
	}
	menu.Modal.Update(tuitest.Key("down"))
	menu.Modal.Update(tuitest.Key("space"))
	if got := titles(); strings.Contains(got, "description") {
		t.Errorf("hidden: %s", got)
	}
	for range 6 { // all off: one stays
		menu.Modal.Update(tuitest.Key("enter"))
		menu.Modal.Update(tuitest.Key("down"))
	}
	for i := range table.cols {
		if c := &table.cols[i]; !c.Hidden && len(table.shown()) > 1 {
			c.Hidden = true
		}
	}
	if len(table.shown()) != 1 {
		t.Errorf("%d columns left", len(table.shown()))
	}
	table.View(30, 5)
}

func TestTableMouse(t *testing.T) {
	table := salesTable(t, quiet(t))
	entered := -1
	table.OnEnter = func(row int) tea.Cmd { entered = row; return nil }
	s := tuitest.Draw(t, table.View(110, 6), 110, 6)
	click := func(x, y int) {
		table.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	}
	x, _, _ := s.Find("units")
	click(x, 0)
	if got := codes(table); got != "23843 85123A 22423 EVIL J1 POST" {
		t.Errorf("a click on the header sorts: %s", got)
	}
	click(3, 3)
	if row, _ := table.Cursor(); row != 1 || entered != -1 {
		t.Errorf("clicked row is %d, entered %d", row, entered)
	}
	click(3, 3)
	if entered != 1 {
		t.Errorf("a second click enters: %d", entered)
	}
	table.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if row, _ := table.Cursor(); row != 2 {
		t.Errorf("the wheel went to %d", row)
	}
	click(3, 50)
	click(1000, 0)
	table.Update(tea.MouseClickMsg{X: 3, Y: 1, Button: tea.MouseRight})
	if row, _ := table.Cursor(); row != 2 {
		t.Errorf("clicks beside the table moved to %d", row)
	}
}

func TestTableKeepsWidths(t *testing.T) {
	table := NewTable(quiet(t), "x", "x", Column{Title: "n"}, Column{Title: "rows", Number: true})
	table.SetRows(sales{{"a", "123456789"}})
	before := table.View(40, 3)[0]
	table.SetRows(sales{{"a", "1"}})
	if after := table.View(40, 3)[0]; after != before {
		t.Errorf("the header jumped:\n%q\n%q", before, after)
	}
}

func TestTableUnfocused(t *testing.T) {
	table := salesTable(t, quiet(t))
	table.Focused = false
	if len(table.Actions()) != 0 || press(t, table, "j", "enter") != nil {
		t.Error("a table without the focus takes keys")
	}
	if row, _ := table.Cursor(); row != 0 {
		t.Error("the cursor moved")
	}
}

func TestTableStylesAndDraw(t *testing.T) {
	e := colourful(t)
	table := NewTable(e, "x", "x",
		Column{Title: "state", Style: func(_ int, raw string) theme.Style {
			if raw == "failed" {
				return e.Theme.Bad
			}
			return e.Theme.OK
		}},
		Column{Title: "share", Width: 6, Draw: func(_ int, raw string, w int) string {
			n, _ := strconv.Atoi(raw)
			return e.Theme.Series[0].Paint(strings.Repeat("█", min(n, w)))
		}})
	table.SetRows(sales{{"done", "3"}, {"failed", "6"}})
	tuitest.GoldenStyles(t, tuitest.Draw(t, table.View(24, 4), 24, 4))
}

func TestTableTinySizes(t *testing.T) {
	table := salesTable(t, quiet(t))
	press(t, table, "/", "a")
	for w := range 12 {
		for h := range 6 {
			rows := table.View(w, h)
			if len(rows) != h {
				t.Fatalf("%dx%d: %d rows", w, h, len(rows))
			}
			for _, row := range rows {
				if Width(row) != w {
					t.Fatalf("%dx%d: %q is %d wide", w, h, row, Width(row))
				}
			}
		}
	}
	empty := NewTable(quiet(t), "x", "x")
	empty.View(20, 5)
	empty.Update(tuitest.Key("right"))
	press(t, empty, "s", ">", "}", "f", "y", "Y", "[", "C")
	empty.View(20, 5)
}

func TestTableCutsNoWholeColumn(t *testing.T) {
	for _, whole := range []bool{false, true} {
		table := NewTable(quiet(t), "x", "x", Column{Title: "code"}, Column{Title: "last sold", Whole: whole})
		table.SetRows(sales{{"a", "9 December 2011"}})
		row := Plain(table.View(16, 2)[1])
		if cut := strings.Contains(row, "9 D"); cut == whole {
			t.Errorf("whole %v: %q", whole, row)
		}
	}
}

func TestTableCutsNoNumbers(t *testing.T) {
	table := salesTable(t, quiet(t))
	for w := 30; w < 90; w++ {
		rows := table.View(w, 4)
		header, first := Plain(rows[0]), Plain(rows[1])
		shown := strings.Contains(header, "revenue GBP")
		if strings.Contains(header, "reven") != shown || shown != strings.Contains(first, "104,462.75") {
			t.Errorf("at %d a number is cut:\n%s\n%s", w, header, first)
		}
		if all := strings.Contains(header, "coun") || strings.Contains(header, "…"); strings.HasSuffix(header, "›") == all {
			t.Errorf("at %d the mark of more columns is wrong:\n%s", w, header)
		}
	}
}

func TestFilterTellsWhereTheCursorWent(t *testing.T) {
	e := quiet(t)
	table := NewTable(e, "x", "x", Column{Title: "n"})
	var moved []int
	table.OnMove = func(row int) tea.Cmd { moved = append(moved, row); return nil }
	run(t, table, table.SetRows(numbers(40)))
	run(t, table, table.SetFilter("7"))
	run(t, table, table.SetFilter("77")) // no row
	run(t, table, table.SetFilter(""))
	if !slices.Equal(moved, []int{7, 0}) {
		t.Errorf("moved to %v", moved)
	}
}
