package widget

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// parted are rows in three groups of ten.
type parted struct{}

func (parted) Len() int                 { return 30 }
func (parted) Cell(row, col int) string { return fmt.Sprintf("%s%d", [...]string{"k", "v"}[col], row) }

func partedTable(t *testing.T) *Table {
	t.Helper()
	table := NewTable(quiet(t), "settings", "settings", Column{Title: "key"}, Column{Title: "value"})
	table.Group = func(row int) string { return "part " + string(rune('A'+row/10)) }
	if cmd := table.SetRows(parted{}); cmd != nil {
		t.Fatal("few rows need no command")
	}
	return table
}

func view(table *Table, h int) string {
	rows := table.View(20, h)
	for i := range rows {
		rows[i] = strings.TrimRight(Plain(rows[i]), " ")
	}
	return strings.Join(rows, "\n")
}

func TestTableGroups(t *testing.T) {
	table := partedTable(t)
	if got, want := view(table, 6), " key    value\npart A\n▸k0     v0\n k1     v1\n k2     v2\n k3     v3"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	press(t, table, "G")
	if got, want := view(table, 6), " key    value\npart C\n k26    v26\n k27    v27\n k28    v28\n▸k29    v29"; got != want {
		t.Errorf("at the end: got\n%s\nwant\n%s", got, want)
	}
	for h := 2; h < 36; h++ { // the cursor is always on show, below the name of its group
		press(t, table, "g")
		for row := range 30 {
			text := view(table, h)
			at := strings.Index(text, fmt.Sprintf("▸k%d ", row))
			if at < 0 || h > 2 && !strings.Contains(text[:at], "part "+string(rune('A'+row/10))) {
				t.Fatalf("row %d in %d lines:\n%s", row, h, text)
			}
			press(t, table, "down")
		}
	}
}

func TestTableGroupsByMouse(t *testing.T) {
	table := partedTable(t)
	press(t, table, "end", "home", "down", "down", "down", "down", "down", "down", "down", "down")
	text := view(table, 8) // k8 is under the cursor, part B begins below
	for y, line := range strings.Split(text, "\n") {
		table.View(20, 8)
		before, _ := table.Cursor()
		table.Update(tea.MouseClickMsg{X: 2, Y: y, Button: tea.MouseLeft})
		row, _ := table.Cursor()
		switch {
		case y == 0:
			press(t, table, "s", "s") // the click on the heading sorted
		case strings.HasPrefix(line, "part") && row != before:
			t.Errorf("a click on %q went to row %d", line, row)
		case strings.HasPrefix(line[1:], "k") && !strings.Contains(line, fmt.Sprintf("k%d ", row)):
			t.Errorf("a click on %q went to row %d", line, row)
		}
		table.order.by = -1
		table.moveTo(8)
	}
}

func TestTableGroupsWhenSortedOrFiltered(t *testing.T) {
	table := partedTable(t)
	press(t, table, "s")
	if text := view(table, 8); strings.Contains(text, "part") {
		t.Errorf("sorted rows stand below a group's name:\n%s", text)
	}
	press(t, table, "s", "s")
	table.SetFilter("9")
	text := view(table, 9)
	for _, want := range []string{"part A\n k9     v9", "part B\n k19    v19", "part C\n k29    v29", "3 of 30"} {
		if !strings.Contains(strings.ReplaceAll(text, "▸", " "), want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	table.env.Plain = true
	rows := table.View(80, 12)
	if text := strings.Join(rows, "\n"); !strings.Contains(text, "filter 9: 3 of 30 rows") || !strings.Contains(text, "part C") || !strings.Contains(text, "row 3 of 3: key k29, value v29") {
		t.Errorf("in words:\n%s", text)
	}
}
