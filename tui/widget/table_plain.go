package widget

import (
	"fmt"
	"strings"
)

// Here begins the row under the cursor when a table is told in words: whoever
// tells them says such a row again when the cursor comes to it, and not when it leaves.
const Here = "at "

// words tells the table for who hears it: a line says what the columns are, then
// each row is a sentence of its own, with its number and the names of its values.
func (t *Table) words(w, h int) []string {
	th := t.env.Theme
	shown := t.shown()
	t.page, t.width = max(1, h-3), w
	t.scroll()
	var rows []string
	say := func(text string) { rows = append(rows, th.Text.Paint(text)) }
	if t.typing || t.filter.Value() != "" {
		say(fmt.Sprintf("filter %s: %s of %s rows", t.filter.Value(), Count(int64(t.Len())), Count(int64(t.rows.Len()))))
	}
	if why := t.whyNone(); why != "" {
		say(why)
	}
	names := make([]string, 0, len(shown))
	for _, c := range shown {
		if c.Title != "" {
			names = append(names, c.Title)
		}
	}
	columns := "columns: " + strings.Join(names, ", ")
	if by, descending := t.Sorted(); by != "" {
		columns += "; sorted by " + by + map[bool]string{true: ", greatest first", false: ", least first"}[descending]
	}
	say(columns)
	t.col = min(max(t.col, 0), max(0, len(shown)-1))
	if t.Focused && t.col > 0 {
		say("column " + shown[t.col].Title)
	}
	group := ""
	for i := t.top; i < t.Len() && len(rows) < h; i++ {
		if t.grouped() && (i == t.top || t.Group(t.order.at(i)) != group) {
			group = t.Group(t.order.at(i))
			say(group)
		}
		say(t.sentence(shown, i))
	}
	return Fit(rows, w, h)
}

// sentence says the row at place i of the order: "row 3 of 12: source web-shop, rows 4,120".
func (t *Table) sentence(shown []*column, i int) string {
	source := t.order.at(i)
	lead := fmt.Sprintf("row %s of %s", Count(int64(i+1)), Count(int64(t.Len())))
	if i == t.cursor && t.Focused {
		lead = Here + lead
	}
	if t.marked[source] {
		lead += ", marked"
	}
	var parts []string
	for _, c := range shown {
		raw := t.rows.Cell(source, c.source)
		text := ""
		if c.Draw != nil {
			const room = 24
			text = Plain(c.Draw(source, raw, room))
		} else if raw != "" {
			text = c.text(raw, plainCell)
		}
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, strings.TrimSpace(c.Title+" "+text))
		}
	}
	return lead + ": " + strings.Join(parts, ", ")
}

// plainCell is how much of a value is told.
const plainCell = 200
