package widget

import (
	"slices"
	"strconv"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// run plays the root: it runs commands and hands letters to the table until
// there are no more, and returns how many there were.
func run(t testing.TB, table *Table, cmd tea.Cmd) (letters int) {
	t.Helper()
	for cmd != nil {
		letter, ok := cmd().(env.LetterMsg)
		if !ok {
			t.Fatal("not a letter")
		}
		letters++
		body, fresh := letter.Open()
		if !fresh {
			return letters
		}
		cmd = table.Update(body)
	}
	return letters
}

func bigTable(t testing.TB, n int) *Table {
	t.Helper()
	table := NewTable(quiet(t), "big", "big", Column{Title: "id", Number: true}, Column{Title: "last", Number: true})
	run(t, table, table.SetRows(numbers(n)))
	table.View(60, 20)
	return table
}

func TestBigTableSortsInTheBackground(t *testing.T) {
	table := bigTable(t, 100_000)
	press(t, table, "j", "j", "l")
	cmd := press(t, table, "s")
	if cmd == nil || !table.order.busy() || !table.order.sorting {
		t.Fatal("not in the background")
	}
	if s := Plain(table.Summary()); s != "100,000 · sorting…" {
		t.Errorf("summary %q", s)
	}
	// Meanwhile keys work, on the rows as they are.
	press(t, table, "down")
	if row, _ := table.Cursor(); row != 3 {
		t.Errorf("the cursor is on %d", row)
	}
	run(t, table, cmd)
	if table.order.busy() {
		t.Error("still busy")
	}
	if row, _ := table.Cursor(); row != 3 {
		t.Errorf("sorting moved the cursor off its row, to %d", row)
	}
	last := 1000
	for i := range table.Len() {
		n, _ := strconv.Atoi(table.rows.Cell(table.order.at(i), 1))
		if n > last {
			t.Fatalf("row %d is out of order: %d after %d", i, n, last)
		}
		last = n
	}
}

func TestBigTableFiltersInChunks(t *testing.T) {
	table := bigTable(t, 230_000)
	cmd := table.SetFilter("id:999")
	if !table.order.busy() {
		t.Fatal("not in the background")
	}
	if n := run(t, table, cmd); n != 5 {
		t.Errorf("%d chunks, want 5", n)
	}
	want := 0
	for i := range 230_000 {
		if containsFold(strconv.Itoa(i), "999") {
			want++
		}
	}
	if table.Len() != want {
		t.Errorf("%d rows, want %d", table.Len(), want)
	}
	if !slices.IsSorted(table.order.view) {
		t.Error("rows are out of order")
	}
}

func TestBigTableShowsWhatItFoundSoFar(t *testing.T) {
	table := bigTable(t, 230_000)
	letter, ok := table.SetFilter("id:<100")().(env.LetterMsg)
	if !ok {
		t.Fatal("not a letter")
	}
	body, _ := letter.Open()
	more := table.Update(body)
	if table.Len() != 100 || more == nil {
		t.Fatalf("after the first chunk: %d rows, more %v", table.Len(), more != nil)
	}
	if s := tuitest.Draw(t, table.View(60, 6), 60, 6); !s.Contains("100 of 230,000…") {
		t.Errorf("no count of what was found:\n%s", s.Text())
	}
	// Another letter typed: what the old filter still finds is dropped.
	next := table.SetFilter("id:<50")
	run(t, table, more)
	run(t, table, next)
	if table.Len() != 50 {
		t.Errorf("%d rows", table.Len())
	}
}

func TestBigTableFilteredAndSorted(t *testing.T) {
	table := bigTable(t, 120_000)
	run(t, table, putInOrder(table, "id", true))
	run(t, table, table.SetFilter("last:=1"))
	if first := table.order.at(0); table.Len() == 0 || first < 119_000 {
		t.Errorf("%d rows, the first is %d", table.Len(), first)
	}
	// New rows, fewer than before: nothing of the old order may be shown.
	run(t, table, table.SetRows(numbers(10_000)))
	for i := range table.Len() {
		if table.order.at(i) >= 10_000 {
			t.Fatal("a row that is gone is on show")
		}
	}
	cmd := putInOrder(table, "last", false)
	table.SetRows(numbers(10))
	table.View(60, 20)
	run(t, table, cmd)
	table.View(60, 20)
	if table.Len() == 0 || table.Len() > 10 {
		t.Errorf("%d rows", table.Len())
	}
}

func TestTwoTablesOfAScreen(t *testing.T) {
	a, b := bigTable(t, 10_000), bigTable(t, 10_000)
	cmd := a.SetFilter("id:<5")
	letter, ok := cmd().(env.LetterMsg)
	if !ok {
		t.Fatal("not a letter")
	}
	body, _ := letter.Open()
	b.Update(body)
	if b.Len() != 10_000 {
		t.Error("one table took the other's rows")
	}
	a.Update(body)
	if a.Len() != 5 {
		t.Errorf("%d rows", a.Len())
	}
}

func BenchmarkMillionRows(b *testing.B) {
	table := bigTable(b, 1_000_000)
	b.Run("view", func(b *testing.B) {
		for b.Loop() {
			table.Update(tuitest.Key("down"))
			table.View(200, 58)
		}
	})
	b.Run("end", func(b *testing.B) {
		for b.Loop() {
			table.Update(tuitest.Key("end"))
			table.View(200, 58)
			table.Update(tuitest.Key("home"))
			table.View(200, 58)
		}
	})
	b.Run("filter chunk", func(b *testing.B) {
		q := ParseQuery("77", table.names())
		for b.Loop() {
			filtered(table.rows, q, 2, 0, filterChunk)
		}
	})
	b.Run("sort in the background", func(b *testing.B) {
		for b.Loop() {
			sortBy{col: 1, number: true}.apply(b.Context(), table.rows, filtered(table.rows, Query{}, 0, 0, 1_000_000))
		}
	})
}
