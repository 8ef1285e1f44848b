package insights

import (
	"slices"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// column is a column of a table by the name that the mart has for it.
type column struct {
	name string
	widget.Column
	blank string // what stands for NULL
}

// columnsOf returns what a table is made of.
func columnsOf(list []column) []widget.Column {
	out := make([]widget.Column, len(list))
	for i, c := range list {
		out[i] = c.Column
	}
	return out
}

// rows are rows of a mart as a table takes them. They do not change.
type rows struct {
	data [][]mart.Value
	from []int // column of data by column of the table, -1: there is none
	cols []column
	mask []bool // by column of the table
	key  int    // column of data that names a row
}

// rowsOf arranges the rows of a mart for a table.
func (s *Screen) rowsOf(t *mart.Table, list []column, key string) rows {
	at := func(name string) int {
		return slices.IndexFunc(t.Columns, func(c mart.Column) bool { return c.Name == name })
	}
	r := rows{data: t.Rows, cols: list, key: at(key)}
	for _, c := range list {
		r.from = append(r.from, at(c.name))
		r.mask = append(r.mask, s.masks(c.name))
	}
	return r
}

// Len implements widget.Rows.
func (r rows) Len() int { return len(r.data) }

// Cell implements widget.Rows.
func (r rows) Cell(row, col int) string {
	if r.from[col] < 0 {
		return ""
	}
	v := r.data[row][r.from[col]]
	switch {
	case v.Null:
		return r.cols[col].blank
	case r.mask[col]:
		return mart.Hidden
	}
	return v.Text
}

// Key implements widget.Keyed.
func (r rows) Key(row int) string {
	if r.key < 0 {
		return ""
	}
	return r.data[row][r.key].Text
}

// value returns a value by its name in the mart, "" for NULL.
func value(t *mart.Table, row int, name string) string {
	for i, c := range t.Columns {
		if c.Name == name {
			return t.Rows[row][i].Text
		}
	}
	return ""
}

// masks reports whether a column holds personal data that nobody asked to see.
func (s *Screen) masks(name string) bool {
	return !s.reveal && mart.Personal(s.o.PII).Has(name)
}

// shownAs returns a value of a column as people may see it.
func (s *Screen) shownAs(column, text string) string {
	if s.reveal {
		return text
	}
	return mart.Personal(s.o.PII).Show(column, text)
}

// The kinds of columns.

func text(name, title string, most int) column {
	return column{name: name, Column: widget.Column{Title: title, Max: most}}
}

func count(name, title string) column {
	return column{name: name, Column: widget.Column{Title: title, Number: true, Format: counted}}
}

func (s *Screen) money(name, title string) column {
	return column{name: name, Column: widget.Column{Title: title + " " + s.o.Currency, Number: true, Format: widget.Money, Places: 2}}
}

func share(name, title string) column {
	return column{name: name, Column: widget.Column{Title: title, Number: true, Format: percent}}
}

func number(name, title string, places int) column {
	return column{name: name, Column: widget.Column{Title: title, Number: true, Format: func(raw string) string { return widget.Decimal(raw, places) }}}
}

func day(name, title string) column {
	return column{name: name, Column: widget.Column{Title: title, Format: date, Whole: true}}
}

// bar is a column that draws the share which another column names, of most.
func bar(e *env.Env, name string, style func() theme.Style, most func() float64) column {
	const w = 8
	return column{name: name, Column: widget.Column{Title: "", Width: w, Draw: func(_ int, raw string, w int) string {
		if top := most(); top > 0 && !e.Plain {
			return widget.Bar(e, style(), max(0, float(raw)/top), w)
		}
		return ""
	}}}
}

func hidden(c column) column {
	c.Hidden = true
	return c
}
