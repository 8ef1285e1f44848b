package widget

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// grid returns rows, by their places in the source, as they go out: the columns
// on show, in their order, with raw values.
func (t *Table) grid(rows []int) Grid {
	source := t.rows
	shown := slices.DeleteFunc(t.shown(), func(c *column) bool { return c.Draw != nil && c.Title == "" })
	g := Grid{Len: len(rows), KeepBytes: t.KeepBytes}
	from := make([]int, len(shown))
	for i, c := range shown {
		g.Titles = append(g.Titles, c.Title)
		g.Number = append(g.Number, c.Number)
		from[i] = c.source
	}
	g.Cell = func(row, col int) string { return shown[col].out(source.Cell(rows[row], from[col])) }
	return g
}

// out is a raw value as it leaves: exact, a number with as many decimals as its column has at least.
func (c *column) out(raw string) string {
	if _, _, _, ok := decimalParts(raw); !ok || c.Places == 0 || strings.Trim(raw, "+-") == "" {
		return raw
	}
	whole, fraction, _ := strings.Cut(raw, ".")
	return whole + "." + fraction + strings.Repeat("0", max(0, c.Places-len(fraction)))
}

// visible returns the source rows that pass the filter, in order.
func (t *Table) visible() []int {
	list := make([]int, t.Len())
	for i := range list {
		list[i] = t.order.at(i)
	}
	return list
}

func (t *Table) copyCell() tea.Cmd {
	row, ok := t.Cursor()
	shown := t.shown()
	if !ok || t.col >= len(shown) {
		return nil
	}
	return t.env.Copy(shown[t.col].Title, shown[t.col].out(t.rows.Cell(row, shown[t.col].source)))
}

func (t *Table) copyRow() tea.Cmd {
	rows, what := t.Marked(), ""
	if len(rows) == 0 {
		row, ok := t.Cursor()
		if !ok {
			return nil
		}
		rows, what = []int{row}, "the row"
	} else {
		// In the order on show, as that is what one sees.
		slices.SortFunc(rows, func(a, b int) int { return t.order.find(a, t.rows.Len()) - t.order.find(b, t.rows.Len()) })
		what = Count(int64(len(rows))) + " rows"
	}
	return t.copyRows(what, rows, TSV)
}

func (t *Table) copyRows(what string, rows []int, f Format) tea.Cmd {
	var b short
	err := t.grid(rows).Write(t.env.Context, &b, f)
	if err != nil && !errors.Is(err, errTooLong) {
		return env.Failed("copy", err, t.env.Key("table.export", "e")+" writes a file instead")
	}
	return t.env.Copy(what, b.String()) // which refuses what is too long
}

var errTooLong = errors.New("too long for the clipboard")

// short is a buffer that ends just past what a clipboard takes, so that copying
// a million rows costs no more than finding out that they are too many.
type short struct{ strings.Builder }

func (s *short) Write(p []byte) (int, error) {
	n, _ := s.Builder.Write(p)
	if s.Len() > env.MaxCopy {
		return n, errTooLong
	}
	return n, nil
}

// exportMenu offers every way out for the rows on show, or those that are marked.
func (t *Table) exportMenu() tea.Cmd {
	rows := t.Marked()
	if len(rows) == 0 {
		rows = t.visible()
	}
	what := Count(int64(len(rows))) + " rows"
	why := ""
	if t.env.Export == nil {
		why = "files are not written in this session"
	}
	var items []Item
	for _, f := range []struct {
		format Format
		title  string
	}{{CSV, "CSV"}, {JSON, "JSON"}, {Markdown, "Markdown"}} {
		items = append(items, Item{
			Title: "write " + f.title + " file", Detail: what, Why: why,
			Run: func() tea.Cmd { return t.exportFile(rows, f.format) },
		})
	}
	for _, f := range []struct {
		format Format
		title  string
	}{{TSV, "tab-separated"}, {CSV, "CSV"}, {JSON, "JSON"}, {Markdown, "Markdown"}} {
		items = append(items, Item{
			Title: "copy as " + f.title, Detail: what,
			Run: func() tea.Cmd { return t.copyRows(what, rows, f.format) },
		})
	}
	return env.Show(NewMenu(t.env, "Copy or export "+what, items))
}

// exportFile writes in a command: a million rows take a while.
func (t *Table) exportFile(rows []int, f Format) tea.Cmd {
	grid, ctx, write := t.grid(rows), t.env.Context, t.env.Export
	name := fmt.Sprintf("%s-%s.%s", t.name, t.env.Now().Format("20060102-150405"), f)
	otherwise := t.env.Key("table.export", "e") + " copies instead"
	return func() tea.Msg { return export(ctx, grid, f, name, write, otherwise) }
}

func export(
	ctx context.Context, g Grid, f Format, name string, to func(string, func(io.Writer) error) (string, error), otherwise string,
) tea.Msg {
	path, err := to(name, func(w io.Writer) error { return g.Write(ctx, w, f) })
	if err != nil {
		return env.Failed("", err, "nothing is written; see whether the working folder can be written to, or "+otherwise)()
	}
	return env.ToastMsg{Level: env.Good, Text: Count(int64(g.Len)) + " rows written to " + path}
}

// chooseColumns puts up a menu of switches, one a column.
func (t *Table) chooseColumns() tea.Cmd {
	var items []Item
	for i := range t.cols {
		source := t.cols[i].source
		at := func() *column {
			j := slices.IndexFunc(t.cols, func(c column) bool { return c.source == source })
			return &t.cols[j]
		}
		items = append(items, Item{
			Title: t.cols[i].Title,
			On:    func() bool { return !at().Hidden },
			Run: func() tea.Cmd {
				if c := at(); c.Hidden || len(t.shown()) > 1 { // one stays
					c.Hidden = !c.Hidden
				}
				return nil
			},
		})
	}
	return env.Show(NewMenu(t.env, "Columns", items))
}
