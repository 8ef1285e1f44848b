package insights

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// The panes of the overview in the order of the focus.
const (
	paneRevenue = iota
	paneBest
	paneHours
	paneCustomers
	panes
	// More of them on large screens, without a focus.
	paneCountries
	paneReorder
)

// overview is the first tab: what changed, how much, is it good.
type overview struct {
	s      *Screen
	totals *query[mart.Totals]
	data   *query[mart.Overview]
	pane   *widget.Pane // of data, while there is none

	focus    int
	fresh    bool // the focus came with the click that is handled
	period   int  // of the trend under the cursor, -1: none
	week     week
	best     *widget.Table
	segments *widget.Table
	bestPane *widget.Pane
	segPane  *widget.Pane
	mostBest float64
	mostSeg  float64
	panes    *widget.Panes
}

func newOverview(s *Screen) view {
	v := &overview{s: s, period: -1, pane: widget.NewPane(s.env, "")}
	v.totals, v.data = newQuery[mart.Totals](s.env, nil), newQuery[mart.Overview](s.env, v.pane)
	v.bestPane, v.segPane = widget.NewPane(s.env, "best products"), widget.NewPane(s.env, "customers")
	v.best = s.newTable("best-products", bestColumns(s, func() float64 { return v.mostBest }))
	v.segments = s.newTable("segments", segmentColumns(s, "count", func() float64 { return v.mostSeg }))
	enter := func(int) tea.Cmd {
		if v.fresh {
			return nil
		}
		return v.drill()
	}
	v.best.OnEnter, v.segments.OnEnter = enter, enter
	v.panes = widget.NewPanes(s.env, func() int { return v.focus })
	v.setFocus(paneRevenue)
	return v
}

// bestColumns are the columns of the best products.
func bestColumns(s *Screen, most func() float64) []column {
	what := text("description", "product", 20)
	what.Grow = 1
	length := bar(s.env, "share", func() theme.Style { return s.env.Theme.Series[0] }, most)
	length.Width = 6
	return []column{what, s.money("gross", "gross"), share("share", "share"), length}
}

func (v *overview) setFocus(pane int) {
	v.focus = (pane%panes + panes) % panes
	v.best.Focused, v.segments.Focused = v.focus == paneBest, v.focus == paneCustomers
	v.bestPane.Focused, v.segPane.Focused = v.best.Focused, v.segments.Focused
}

func (v *overview) load(again bool) tea.Cmd {
	m := v.s.o.Marts
	return tea.Batch(
		loadInto(v.s, v.data, again, "reading the marts", m.Overview),
		loadInto(v.s, v.totals, again, "", func(ctx context.Context) (mart.Totals, error) { return m.Totals(ctx) }),
	)
}

func (v *overview) update(msg tea.Msg) tea.Cmd {
	switch {
	case v.data.take(msg):
		if v.data.err != nil {
			return v.data.outcome()
		}
		return v.arrange()
	case v.totals.take(msg):
		return v.totals.outcome()
	}
	switch msg := msg.(type) {
	case tea.MouseMsg:
		return v.mouse(msg)
	case tea.KeyPressMsg:
		return v.key(msg)
	}
	return tea.Batch(v.best.Update(msg), v.segments.Update(msg))
}

// arrange shows what came.
func (v *overview) arrange() tea.Cmd {
	o := &v.data.value
	if h := v.s.health.value; h.FirstDay != nil {
		mart.MarkParts(o.Trend, *h.FirstDay, h.AsOf)
	}
	v.period = min(v.period, len(o.Trend)-1)
	v.week = v.week.with(o.Hours)
	v.mostBest, v.mostSeg = 0, 0
	for _, x := range o.Best {
		v.mostBest = max(v.mostBest, float(optional(x.Share).Text))
	}
	for _, x := range o.Segments {
		v.mostSeg = max(v.mostSeg, float(optional(x.Share).Text))
	}
	v.state(v.bestPane, len(o.Best), "No product is sold yet.")
	v.state(v.segPane, len(o.Segments), "No purchase names its customer.")
	return v.remask()
}

func (v *overview) state(p *widget.Pane, n int, why string) {
	if n == 0 {
		p.Empty(why, "")
		return
	}
	p.Live(v.s.env.Now())
}

// remask implements revealing.
func (v *overview) remask() tea.Cmd {
	if !v.data.ok {
		return nil
	}
	o := v.data.value
	t := &mart.Table{Columns: []mart.Column{{Name: "product_code"}, {Name: "description"}, {Name: "gross"}, {Name: "share"}}}
	for _, x := range o.Best {
		name := x.Description
		if name == "" {
			name = x.Code
		}
		t.Rows = append(t.Rows, []mart.Value{{Text: x.Code}, {Text: name}, {Text: string(x.Gross)}, optional(x.Share)})
	}
	return tea.Batch(
		v.best.SetRows(v.s.rowsOf(t, bestColumns(v.s, nil), "product_code")),
		v.segments.SetRows(v.s.rowsOf(segmentRows(o.Segments, nil), segmentColumns(v.s, "count", nil), "segment")),
	)
}

func (v *overview) key(msg tea.KeyPressMsg) tea.Cmd {
	switch v.focus {
	case paneBest:
		return v.best.Update(msg)
	case paneCustomers:
		return v.segments.Update(msg)
	case paneHours:
		v.week.move(msg.String())
	default:
		v.movePeriod(msg.String())
	}
	return nil
}

// movePeriod moves the cursor of the chart.
func (v *overview) movePeriod(key string) {
	n := len(v.data.value.Trend)
	if n == 0 {
		return // not read yet, or nothing was sold
	}
	at := v.period
	if at < 0 {
		at = n // the first step back is the last period
	}
	switch key {
	case "left", "h":
		at--
	case "right", "l":
		at++
	case "home", "g":
		at = 0
	case "end", "G":
		at = n - 1
	default:
		return
	}
	v.period = max(0, min(at, n-1))
}

func (v *overview) mouse(msg tea.MouseMsg) tea.Cmd {
	if v.panes.Mouse(msg) {
		return nil
	}
	m := msg.Mouse()
	pane, ok := v.panes.At(m.X, m.Y)
	if !ok || pane >= panes {
		return nil
	}
	_, click := msg.(tea.MouseClickMsg)
	focused := v.focus == pane
	v.fresh = click && !focused
	defer func() { v.fresh = false }()
	if click {
		v.setFocus(pane)
	}
	if a := v.panes.Area(pane); click && m.Button == tea.MouseLeft && v.point(pane, m.X-a.X, m.Y-a.Y, a) && focused {
		return v.drill() // what the cursor was on already, as in a table
	}
	local, ok := v.panes.Body(pane).Local(msg)
	switch {
	case ok && pane == paneBest:
		return v.best.Update(local)
	case ok && pane == paneCustomers:
		return v.segments.Update(local)
	}
	return nil
}

// point puts the cursor of a chart on what is drawn at a cell of its pane, and reports whether it was there.
func (v *overview) point(pane, x, y int, a widget.Area) bool {
	switch pane {
	case paneRevenue:
		list := v.data.value.Trend
		at, ok := revenueChart(v.s, v.data.value.Zoom, list, mart.Period{}).At(a.W, a.H, x)
		if !ok || len(list) == 0 || y == 0 {
			return false
		}
		was := v.period
		v.period = 0
		for i, p := range list {
			if p.Start.Sub(at).Abs() < list[v.period].Start.Sub(at).Abs() {
				v.period = i
			}
		}
		return v.period == was
	case paneHours:
		return v.week.point(v.week.chart("", purchases()), a.W, x, y)
	}
	return false
}

func (v *overview) about() about {
	pane := func(by int) func() tea.Cmd { return func() tea.Cmd { v.setFocus(v.focus + by); return nil } }
	a := about{crumb: "overview", headless: "penstock --run insights", asking: []asking{v.data, v.totals}}
	a.actions = []env.Action{
		{ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see what stands behind the number under the cursor", Run: v.drill},
		{ID: "insights.pane", Title: "pane", Keys: []string{"w"}, Help: "next pane: revenue, best products, hours, customers", Run: pane(1)},
		{ID: "insights.pane-before", Title: "pane before", Keys: []string{"W"}, Help: "pane before", Run: pane(-1), Hidden: true},
	}
	a.back = func() (tea.Cmd, bool) { return nil, v.panes.Back() }
	for _, t := range []*widget.Table{v.best, v.segments} {
		if t.Focused {
			a.actions = append(a.actions, t.Actions()...)
			a.typing, a.back = t.Typing(), backOf(t, v.panes)
		}
	}
	if v.focus == paneRevenue || v.focus == paneHours {
		a.actions = append(a.actions, v.best.FilterAction(func() { v.setFocus(paneBest) }), env.Action{
			ID: "insights.move", Title: "move", Keys: []string{"left", "right", "up", "down", "h", "j", "k", "l"}, Help: "to another period or hour", Hidden: true,
		})
	}
	a.actions = v.panes.Actions(a.actions)
	return a
}

// drill goes to what stands behind the number under the cursor.
func (v *overview) drill() tea.Cmd {
	o := v.data.value
	switch v.focus {
	case paneBest:
		if row, ok := v.best.Cursor(); ok {
			x := o.Best[row]
			return v.s.push(v.s.newLines(named(v.s.shownAs("product_code", x.Code), v.s.shownAs("description", x.Description)), mart.Behind{Product: x.Code}))
		}
	case paneCustomers:
		if row, ok := v.segments.Cursor(); ok {
			return v.s.push(newMembers(v.s, o.Segments[row].Name))
		}
	case paneHours:
		if len(o.Hours) > 0 {
			h, _ := v.week.hour(v.week.row, v.week.col)
			return v.s.push(v.s.newHourLines(h))
		}
	default:
		at := v.period
		if at < 0 {
			at = len(o.Trend) - 1
		}
		if at >= 0 {
			p := o.Trend[at]
			return v.s.push(v.s.newLines(periodName(o.Zoom, p.Start), mart.Behind{From: p.Start, To: p.End}))
		}
	}
	return nil
}
