package insights

import (
	"context"
	"math"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// sales is the tab of revenue over time: a chart, and under it a row a period.
// The cursor of both is the same.
type sales struct {
	s     *Screen
	zooms []mart.Zoom
	zoom  int
	query *query[[]mart.Period]
	pane  *widget.Pane
	table *widget.Table
	cols  []column
	list  []mart.Period // the latest first, as in the table
	panes *widget.Panes
	focus int
}

func newSales(s *Screen) view {
	v := &sales{s: s, zooms: []mart.Zoom{mart.Day, mart.Week, mart.Month}, zoom: 1, pane: widget.NewPane(s.env, "")}
	v.query = newQuery[[]mart.Period](s.env, v.pane)
	part := text("part", "", 8)
	part.Style = func(int, string) theme.Style { return s.env.Theme.Warn }
	by := share("change", "change")
	by.Format = signed
	by.Style = func(_ int, raw string) theme.Style {
		if float(raw) < 0 {
			return s.env.Theme.Warn
		}
		return s.env.Theme.Text
	}
	from := text("start", "period", 18)
	from.Format = func(raw string) string { return v.period(raw) }
	from.Width = 16
	v.cols = []column{
		from, part, count("purchases", "purchases"), count("units", "units"),
		s.money("gross", "gross"), by, s.money("returned", "returned"), s.money("net", "net"), s.money("average", "average"), hidden(count("lines", "lines")),
	}
	v.table = s.newTable("sales", v.cols)
	v.table.OnEnter = func(int) tea.Cmd { return v.drill() }
	v.panes = widget.NewPanes(s.env, func() int { return v.focus })
	v.setFocus(panePeriods)
	return v
}

// The panes of sales.
const (
	paneTrend = iota
	panePeriods
)

// setFocus says which pane keys are for; the cursor of both is the same.
func (v *sales) setFocus(pane int) {
	v.focus = paneTrend
	if pane != paneTrend {
		v.focus = panePeriods
	}
	v.pane.Focused, v.table.Focused = v.focus == panePeriods, v.focus == panePeriods
}

// period names a period by its first day.
func (v *sales) period(raw string) string {
	at, err := time.Parse(time.DateOnly, raw)
	if err != nil {
		return raw
	}
	return periodName(v.zooms[v.zoom], at)
}

func periodName(z mart.Zoom, at time.Time) string {
	switch z {
	case mart.Month:
		return at.Format("Jan 2006")
	case mart.Week:
		return "week " + at.Format("2 Jan 2006")
	}
	return at.Format("Mon 2 Jan 2006")
}

func (v *sales) load(again bool) tea.Cmd {
	z, charts := v.zooms[v.zoom], v.s.o.Charts
	return loadInto(v.s, v.query, again, "reading the sales by "+string(z), func(ctx context.Context) ([]mart.Period, error) {
		return charts.Trend(ctx, z)
	})
}

func (v *sales) update(msg tea.Msg) tea.Cmd {
	if v.query.take(msg) {
		if v.query.err != nil {
			return v.query.outcome()
		}
		return v.arrange()
	}
	if v.panes.Mouse(msg) {
		return nil
	}
	if m, ok := msg.(tea.MouseClickMsg); ok {
		if pane, ok := v.panes.At(m.X, m.Y); ok {
			v.setFocus(pane)
		}
		if a := v.panes.Area(paneTrend); a.Contains(m.X, m.Y) {
			return v.pick(m.X-a.X, a.W, a.H)
		}
	}
	if local, ok := v.panes.Body(panePeriods).Local(msg); ok {
		return v.table.Update(local)
	}
	return nil
}

// arrange shows the periods that came, the latest first. Days without a sale are
// left out of the table, as shops have days off.
func (v *sales) arrange() tea.Cmd {
	list := v.query.value
	if h := v.s.health.value; h.FirstDay != nil {
		mart.MarkParts(list, *h.FirstDay, h.AsOf)
	}
	if len(list) == 0 {
		v.pane.Empty("No sale is loaded yet.", "")
	}
	v.list = v.list[:0:0]
	t := &mart.Table{}
	for _, c := range v.cols {
		t.Columns = append(t.Columns, mart.Column{Name: c.name})
	}
	for i := len(list) - 1; i >= 0; i-- {
		p := list[i]
		if v.zooms[v.zoom] == mart.Day && p.Gross == "0" && p.Returned == "0" {
			continue
		}
		v.list = append(v.list, p)
		before := mart.Period{Part: true}
		if i > 0 {
			before = list[i-1]
		}
		t.Rows = append(t.Rows, periodRow(before, p))
	}
	return v.table.SetRows(v.s.rowsOf(t, v.cols, "start"))
}

// periodRow are the values of a period in the order of the table's columns.
func periodRow(before, p mart.Period) []mart.Value {
	cell := func(s string) mart.Value { return mart.Value{Text: s, Null: s == ""} }
	part, by := "", change(before.Gross, p.Gross)
	if p.Part {
		part = "in part"
	}
	if p.Part || before.Part {
		by = "" // nothing to compare
	}
	return []mart.Value{
		cell(p.Start.Format(time.DateOnly)), cell(part), cell(strconv.FormatInt(p.Purchases, 10)), cell(string(p.Units)),
		cell(string(p.Gross)), cell(by), cell(string(p.Returned)), cell(string(p.Net)), optional(p.Average), cell(strconv.FormatInt(p.Lines, 10)),
	}
}

func (v *sales) draw(w, h int) []string {
	v.pane.Title = "sales by " + string(v.zooms[v.zoom])
	if v.query.ok {
		v.pane.Right = v.table.Summary()
	}
	canvas := widget.NewCanvas(w, h)
	v.panes.Lay(canvas.Area(), widget.Down("sales", -1, 1, widget.One(paneTrend, max(6, h*2/5), 0, 5), widget.One(panePeriods, -1, 0, 4)))
	v.panes.Draw(canvas, v.drawPane)
	return canvas.Rows()
}

func (v *sales) drawPane(pane, w, h int) []string {
	switch {
	case pane == panePeriods:
		v.pane.Touch()
		return v.pane.View(w, h, v.table.View)
	case v.pane.State() != widget.Live:
		return nil
	}
	return v.trend().View(v.s.env, w, h)
}

// trend is the chart with its cursor on the period of the table's.
func (v *sales) trend() widget.LineChart {
	row, _ := v.table.Cursor()
	cursor := mart.Period{}
	if row >= 0 && row < len(v.list) {
		cursor = v.list[row]
	}
	chart := revenueChart(v.s, v.zooms[v.zoom], v.query.value, cursor)
	chart.Focused = v.focus == paneTrend
	return chart
}

// revenueChart draws gross revenue and, over it, what is left of it: net is drawn
// last because a cell has the colour of the last series, and it must not look less
// than it is.
func revenueChart(s *Screen, z mart.Zoom, list []mart.Period, cursor mart.Period) widget.LineChart {
	t := s.env.Theme
	gross := widget.Series{Name: "gross", Style: t.Series[1]}
	net := widget.Series{Name: "net", Style: t.Series[0], Area: true}
	for _, p := range list {
		g, n := float(string(p.Gross)), float(string(p.Net))
		if z == mart.Day && g == 0 && n == 0 {
			g, n = math.NaN(), math.NaN() // a day off
		}
		gross.Points = append(gross.Points, widget.Point{At: p.Start, V: g})
		net.Points = append(net.Points, widget.Point{At: p.Start, V: n})
	}
	c := widget.LineChart{
		Title: "revenue per " + string(z), Unit: s.o.Currency, Series: []widget.Series{gross, net}, FromZero: true,
		Cursor: cursor.Start, Empty: "no sale is loaded yet",
	}
	if !cursor.Start.IsZero() {
		c.CursorAt = periodName(z, cursor.Start)
	}
	return c
}

func (v *sales) about() about {
	do := func(by int) func() tea.Cmd { return func() tea.Cmd { return v.move(by) } }
	zoom := func(by int) func() tea.Cmd { return func() tea.Cmd { return v.setZoom(v.zoom + by) } }
	at := func(i int) func() string {
		return func() string {
			if v.zoom == i {
				return "it is by " + string(v.zooms[i])
			}
			return ""
		}
	}
	a := about{crumb: "sales", typing: v.table.Typing(), back: backOf(v.table, v.panes), asking: []asking{v.query}}
	a.actions = []env.Action{
		{ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see the lines of the period", Run: v.drill},
		{ID: "insights.zoom-in", Title: "finer", Keys: []string{"i"}, Help: "months to weeks to days", Run: zoom(-1), Disabled: at(0)},
		{ID: "insights.zoom-out", Title: "coarser", Keys: []string{"o"}, Help: "days to weeks to months", Run: zoom(1), Disabled: at(len(v.zooms) - 1)},
		{ID: "insights.earlier", Title: "earlier", Keys: []string{"left"}, Help: "the period before", Run: do(1), Hidden: true},
		{ID: "insights.later", Title: "later", Keys: []string{"right"}, Help: "the period after", Run: do(-1), Hidden: true},
		{ID: "insights.pane", Title: "pane", Keys: []string{"w"}, Help: "the chart, or the table", Hidden: true, Run: func() tea.Cmd { v.setFocus(1 - v.focus); return nil }},
	}
	for _, x := range v.table.Actions() {
		if x.ID == "move.columns" { // left and right are the periods here
			x.Keys = []string{"h", "l"}
		}
		a.actions = append(a.actions, x)
	}
	if v.focus == paneTrend {
		a.actions = append(a.actions, v.table.FilterAction(func() { v.setFocus(panePeriods) }))
	}
	a.actions = v.panes.Actions(a.actions)
	a.headless = v.s.martCommand("daily_sales", "")
	return a
}

// move moves the cursor to an earlier or later period.
func (v *sales) move(by int) tea.Cmd {
	row, ok := v.table.Cursor()
	if !ok {
		return nil
	}
	return v.table.Select(max(0, min(row+by, len(v.list)-1)))
}

// pick moves the cursor to the period that was clicked in the chart of w by h cells.
func (v *sales) pick(x, w, h int) tea.Cmd {
	at, ok := v.trend().At(w, h, x)
	if !ok || len(v.list) == 0 {
		return nil
	}
	best := 0
	for i, p := range v.list {
		if p.Start.Sub(at).Abs() < v.list[best].Start.Sub(at).Abs() {
			best = i
		}
	}
	return v.table.Select(best)
}

func (v *sales) setZoom(i int) tea.Cmd {
	if i < 0 || i >= len(v.zooms) {
		return nil
	}
	v.zoom = i
	v.query.forget()
	v.list = nil
	v.pane.Loading("reading the sales by " + string(v.zooms[i]))
	return tea.Batch(v.table.SetRows(rows{key: -1}), v.s.load(false))
}

// drill goes to the lines of the period under the cursor.
func (v *sales) drill() tea.Cmd {
	row, ok := v.table.Cursor()
	if !ok || row >= len(v.list) {
		return nil
	}
	p := v.list[row]
	return v.s.push(v.s.newLines(periodName(v.zooms[v.zoom], p.Start), mart.Behind{From: p.Start, To: p.End}))
}
