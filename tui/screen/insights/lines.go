package insights

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

const (
	pageLines = 500    // lines a page
	nearEnd   = 100    // rows before the end at which the next page is asked for
	mostLines = 20_000 // lines that are shown; the command gives all
)

// lines is a level that shows the lines behind a number, page by page, and what
// they come to.
type lines struct {
	s      *Screen
	crumb  string
	behind mart.Behind
	cols   []column

	page  *query[*mart.Lines]
	sums  *query[mart.LineSums]
	data  *mart.Table
	next  *mart.Place
	pane  *widget.Pane
	table *widget.Table
	area  widget.Area
}

// newLines is the level of the lines behind a number.
func (s *Screen) newLines(crumb string, b mart.Behind) view {
	b.Timezone = s.o.Timezone
	v := &lines{s: s, crumb: crumb, behind: b}
	kind := text("kind", "kind", 8)
	kind.Style = func(_ int, raw string) theme.Style {
		if raw == "return" {
			return s.env.Theme.Warn
		}
		return s.env.Theme.Text
	}
	unit := count("unit_price", "price")
	unit.Format = price
	v.cols = []column{
		text("ordered", "ordered", 19), text("invoice_no", "invoice", 14), kind,
		text("product_code", "product", 14), text("description", "description", 36),
		count("quantity", "quantity"), unit, s.money("amount", "amount"),
		text("customer_id", "customer", 14), text("country", "country", 20),
		hidden(text("currency", "currency", 8)), hidden(text("source", "source", 24)),
		hidden(count("load", "load")), hidden(count("line", "line in file")),
	}
	for i := range v.cols { // what is the same in every line says nothing
		switch v.cols[i].name {
		case "product_code", "description":
			v.cols[i].Hidden = b.Product != "" && b.With == ""
		case "customer_id":
			v.cols[i].Hidden, v.cols[i].Whole = b.Customer != "", true
		case "country":
			v.cols[i].Hidden = b.Country != nil
		}
	}
	v.pane = widget.NewPane(s.env, "lines")
	v.pane.Focused = true
	v.page, v.sums = newQuery[*mart.Lines](s.env, v.pane), newQuery[mart.LineSums](s.env, nil)
	v.table = s.newTable("lines", v.cols)
	v.table.OnMove = v.moved
	return v
}

func (v *lines) load(again bool) tea.Cmd {
	if v.page.running() || !again && !v.page.due(v.s.built()) {
		return nil
	}
	v.data, v.next = nil, nil
	v.sums.forget()
	return v.ask()
}

// ask asks for the next page, the first if there is none yet.
func (v *lines) ask() tea.Cmd {
	b, after, facts := v.behind, v.next, v.s.o.Facts
	return v.page.askFor(v.s.ctx, v.s.built(), "reading the lines", func(ctx context.Context) (*mart.Lines, error) {
		return facts.Lines(ctx, b, after, pageLines)
	})
}

// moved asks for the next page when the cursor comes near the end.
func (v *lines) moved(row int) tea.Cmd {
	if v.next == nil || v.data == nil || row < len(v.data.Rows)-nearEnd || v.page.running() || len(v.data.Rows) >= mostLines {
		return nil
	}
	return v.ask()
}

func (v *lines) update(msg tea.Msg) tea.Cmd {
	switch {
	case v.page.take(msg):
		if v.page.err != nil {
			return v.page.outcome()
		}
		return v.arrived()
	case v.sums.take(msg):
		return v.sums.outcome()
	}
	if local, ok := v.area.Local(msg); ok {
		return v.table.Update(local)
	}
	return nil
}

// arrived adds a page; after the first one the sums are asked for, which look at
// all lines.
func (v *lines) arrived() tea.Cmd {
	page, first := v.page.value, v.data == nil
	all := &mart.Table{Mart: page.Table.Mart, Columns: page.Table.Columns}
	if !first {
		all.Rows = v.data.Rows
	}
	all.Rows = append(all.Rows[:len(all.Rows):len(all.Rows)], page.Table.Rows...)
	v.data, v.next = all, page.Next
	if len(all.Rows) == 0 {
		v.pane.Empty("No line is behind this number any more.", v.s.env.Key("insights.again", "r")+" reads again")
	}
	cmd := v.remask()
	if first {
		b, facts := v.behind, v.s.o.Facts
		cmd = tea.Batch(cmd, v.sums.ask(v.s.ctx, "", func(ctx context.Context) (mart.LineSums, error) { return facts.Sums(ctx, b) }))
	}
	return cmd
}

// remask implements revealing.
func (v *lines) remask() tea.Cmd {
	if v.data == nil {
		return nil
	}
	return v.table.SetRows(v.s.rowsOf(v.data, v.cols, ""))
}

func (v *lines) draw(w, h int) []string {
	head := v.tiles(w)
	v.pane.Right = ""
	if v.data != nil {
		v.pane.Right = v.table.Summary() + v.rest()
	}
	v.pane.Title = "lines, the latest first"
	v.area = widget.Area{Y: len(head) + 1, W: w, H: max(0, h-len(head)-1)}
	v.pane.Touch()
	return append(head, v.pane.View(w, max(0, h-len(head)), v.table.View)...)
}

// rest says how many lines are not on show yet.
func (v *lines) rest() string {
	t := v.s.env.Theme
	switch {
	case v.next == nil:
		return ""
	case len(v.data.Rows) >= mostLines:
		return t.Warn.Paint(" · no more are shown, " + v.s.env.Key("app.command", "c") + " copies the command that gives all")
	case v.page.running():
		return t.Muted.Paint(" · reading more…")
	}
	return t.Muted.Paint(" · more at the end")
}

// tiles say what all the lines come to, those that are not on show too.
func (v *lines) tiles(w int) []string {
	q, cur := v.sums, " "+v.s.o.Currency
	if !q.ok {
		words := "summing up all lines…"
		if q.err != nil {
			words = "not summed up; " + v.s.env.Key("insights.again", "r") + " asks again"
		}
		return []string{v.s.env.Theme.Muted.Paint(words), "", ""}
	}
	s := q.value
	return append(tiles(v.s.env, w, []tile{
		{widget.Count(s.Lines), "lines"},
		{widget.Count(s.Purchases), "purchases"},
		{counted(string(s.Units)), "units"},
		{widget.Money(string(s.Gross)), "gross" + cur},
		{widget.Money(string(s.Returned)), "returned" + cur},
		{widget.Money(string(s.Net)), "net" + cur},
	}), "")
}

func (v *lines) about() about {
	return about{
		crumb: v.crumb, typing: v.table.Typing(), back: v.table.Back, actions: v.table.Actions(),
		headless: linesCommand(v.behind, 0), asking: []asking{v.page, v.sums},
	}
}

// tile is a number with its name under it.
type tile struct{ number, name string }

// tiles draws numbers side by side, as many as fit: two rows.
func tiles(e *env.Env, w int, list []tile) []string {
	t := e.Theme
	if e.Plain {
		var rows []string
		for _, x := range list {
			rows = append(rows, t.Text.Paint(x.name+": "+x.number))
		}
		return rows
	}
	total := 0
	for _, x := range list {
		total += max(widget.Width(x.number), widget.Width(x.name))
	}
	const least, most = 2, 5
	gap := least
	if n := len(list) - 1; n > 0 {
		gap = max(least, min(most, (w-total)/n))
	}
	numbers, names, at := "", "", 0
	for i, x := range list {
		n := max(widget.Width(x.number), widget.Width(x.name))
		if i > 0 {
			n += gap
		}
		if at+n > w && i > 0 {
			break
		}
		at += n
		if i > 0 {
			numbers, names = numbers+widget.Pad("", gap), names+widget.Pad("", gap)
			n -= gap
		}
		numbers += t.Text.Bold().Paint(x.number) + widget.Pad("", n-widget.Width(x.number))
		names += t.Muted.Paint(x.name) + widget.Pad("", n-widget.Width(x.name))
	}
	return []string{widget.Cut(numbers, w), widget.Cut(names, w)}
}
