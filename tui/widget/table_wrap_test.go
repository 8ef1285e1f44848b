package widget

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/tuitest"
)

// essays are rows whose second column is prose, longer from row to row.
type essays struct{}

func (essays) Len() int { return 12 }

func (essays) Cell(row, col int) string {
	switch col {
	case 0:
		return fmt.Sprintf("k%d", row)
	case 1:
		return strings.TrimSpace(strings.Repeat("word ", 1+4*row)) + fmt.Sprint(row)
	}
	return fmt.Sprintf("n%d", row)
}

func proseTable(t *testing.T) *Table {
	t.Helper()
	table := NewTable(quiet(t), "help", "help", Column{Title: "key", Width: 8}, Column{Title: "what", Max: 90, Grow: 1, Wrap: true}, Column{Title: "name"})
	table.SetRows(essays{})
	return table
}

// whole holds a row of prose to being told whole on the screen, in order.
func whole(rows []string, row int) bool {
	var words []string
	for _, r := range rows {
		for _, word := range strings.Fields(Plain(r)) {
			if strings.HasPrefix(word, "word") { // not what stands beside
				words = append(words, word)
			}
		}
	}
	text := " " + strings.Join(words, " ") + " "
	return strings.Contains(text, strings.Repeat(" word", 4*row)+fmt.Sprintf(" word%d ", row))
}

func TestProseIsToldWhole(t *testing.T) {
	for _, w := range []int{24, 30, 40, 60, 78, 140} {
		table := proseTable(t)
		for row := range 12 {
			rows := table.View(w, 16)
			if len(rows) != 16 || !whole(rows, row) || slices.ContainsFunc(rows, func(r string) bool { return Width(r) > w || strings.Contains(r, "…") }) {
				t.Fatalf("row %d in %d cells:\n%s", row, w, strings.Join(rows, "\n"))
			}
			press(t, table, "down")
		}
	}
}

func TestProseBesideAndBelow(t *testing.T) {
	table := proseTable(t)
	trimmed := func(w, h int) string {
		var rows []string
		for _, r := range table.View(w, h) {
			rows = append(rows, strings.TrimRight(Plain(r), " "))
		}
		return strings.Join(rows, "\n")
	}
	if got, want := trimmed(34, 5), " key       what                  ›\n▸k0        word0\n k1        word word word word\n           word1\n k2        word word word word"; got != want {
		t.Errorf("beside: got\n%s\nwant\n%s", got, want)
	}
	if got, want := trimmed(24, 6), " key       name\n▸k0        n0\n   word0\n k1        n1\n   word word word word\n   word1"; got != want {
		t.Errorf("below: got\n%s\nwant\n%s", got, want)
	}
	table.Update(tea.MouseClickMsg{X: 5, Y: 5, Button: tea.MouseLeft}) // the last line of k1
	if row, _ := table.Cursor(); row != 1 {
		t.Errorf("a click on the prose of row 1 is taken for row %d", row)
	}
	table.Update(tea.MouseClickMsg{X: 5, Y: 1, Button: tea.MouseLeft})
	seen := map[int]bool{0: true}
	for range 12 { // no row is jumped over by pages
		table.View(34, 12)
		for _, at := range table.lines {
			seen[at] = true
		}
		press(t, table, "pgdown")
	}
	if row, _ := table.Cursor(); row != 11 || len(seen) != 12 {
		t.Errorf("by pages to row %d, on show were %v", row, seen)
	}
}

func TestMenuTellsWhole(t *testing.T) {
	const help = "give every pane the room that the screen gives it by itself, whatever was done before"
	ran := ""
	var items []Item
	for i := range 9 {
		name := fmt.Sprintf("item%d", i)
		items = append(items, Item{Title: name, Detail: help, Keys: "ctrl+x", Run: func() tea.Cmd { ran = name; return nil }})
	}
	for _, w := range []int{40, 54, 74} {
		m := NewMenu(quiet(t), "Keys", items)
		for i := range items {
			rows := m.View(w, 12)
			var words []string
			at := -1
			for y, r := range rows {
				if Width(r) > w || strings.Contains(r, "…") {
					t.Fatalf("cut at %d cells:\n%s", w, strings.Join(rows, "\n"))
				}
				if strings.Contains(r, "▸") {
					at = y
				}
				if at >= 0 {
					words = append(words, strings.Fields(strings.ReplaceAll(Plain(r), "ctrl+x", ""))...)
				}
			}
			if text := strings.Join(words, " "); at < 0 || !strings.HasPrefix(text, fmt.Sprintf("▸ item%d %s", i, help)) {
				t.Fatalf("item %d at %d cells:\n%s", i, w, strings.Join(rows, "\n"))
			}
			m.Update(tuitest.Key("down"))
		}
	}
	m := NewMenu(quiet(t), "Keys", items)
	m.View(40, 12)
	m.Update(tea.MouseClickMsg{X: 20, Y: 2, Button: tea.MouseLeft}) // the second line of the first
	if ran != "item0" {
		t.Errorf("a click on the first item's text ran %q", ran)
	}
}
