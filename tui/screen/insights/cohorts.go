package insights

import (
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// cohorts is the tab of who comes back: customers by the month of their first
// purchase, and what they did in the months after.
type cohorts struct {
	s        *Screen
	query    *query[[]mart.Cohort]
	pane     *widget.Pane
	months   []time.Time
	at       map[[2]int]mart.Cohort // by row and months since
	size     map[int]int64          // customers by row
	since    int                    // greatest
	row, col int                    // col is months since the first
	measure  int
	top      int            // first row on show
	drawn    widget.HeatMap // as it was drawn last, in so many cells: what a click is on
	width    int
}

func newCohorts(s *Screen) view {
	v := &cohorts{s: s, pane: widget.NewPane(s.env, "who comes back"), col: 1}
	v.pane.Focused = true
	v.query = newQuery[[]mart.Cohort](s.env, v.pane)
	return v
}

func (v *cohorts) load(again bool) tea.Cmd {
	return loadInto(v.s, v.query, again, "reading the cohorts", v.s.o.Charts.Cohorts)
}

func (v *cohorts) update(msg tea.Msg) tea.Cmd {
	if v.query.take(msg) {
		v.arrange()
		return v.query.outcome()
	}
	if !v.query.ok {
		return nil
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		v.move(msg.String())
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft && v.point(msg.X, msg.Y) {
			return v.drill()
		}
	}
	return nil
}

func (v *cohorts) arrange() {
	v.months, v.at, v.size, v.since = nil, map[[2]int]mart.Cohort{}, map[int]int64{}, 1
	for _, c := range v.query.value {
		if n := len(v.months); n == 0 || !v.months[n-1].Equal(c.Month) {
			v.months = append(v.months, c.Month)
		}
		row := len(v.months) - 1
		v.at[[2]int{row, int(c.Since)}] = c
		v.size[row], v.since = c.Customers, max(v.since, int(c.Since))
	}
	if v.query.ok && len(v.months) == 0 {
		v.pane.Empty("No purchase names its customer.", "")
	}
	v.move("")
}

func (v *cohorts) move(key string) {
	switch key {
	case "up", "k":
		v.row--
	case "down", "j":
		v.row++
	case "left", "h":
		v.col--
	case "right", "l":
		v.col++
	case "home", "g":
		v.row = 0
	case "end", "G":
		v.row = len(v.months) - 1
	}
	v.row = max(0, min(v.row, len(v.months)-1))
	v.col = max(0, min(v.col, v.since))
}

// point puts the cursor on the cell of the map that is drawn there, and reports whether it was there.
func (v *cohorts) point(x, y int) bool {
	row, col, ok := v.drawn.At(v.width, x, y)
	if !ok {
		return false
	}
	row, col = v.row-v.drawn.Row+row, v.col-v.drawn.Col+col
	was := row == v.row && col == v.col
	v.drawn.Row, v.drawn.Col = v.drawn.Row+row-v.row, v.drawn.Col+col-v.col
	v.row, v.col = row, col
	return was
}

// cell returns a cohort some months later; there is none in months to come.
func (v *cohorts) cell(row, since int) (c mart.Cohort, ok bool) {
	c, ok = v.at[[2]int{row, since}]
	if !ok && row < len(v.months) && !v.months[row].AddDate(0, since, 0).After(v.s.health.value.AsOf) {
		return mart.Cohort{Month: v.months[row], Since: int32(since), Customers: v.size[row], Net: "0"}, true //nolint:gosec // a few months
	}
	return c, ok
}

// measureNames are what the map can show.
func (v *cohorts) measureNames() []string {
	return []string{"share that buys", "customers that buy", "net revenue"}
}

func (v *cohorts) draw(w, h int) []string {
	if v.pane.State() != widget.Live {
		return v.pane.View(w, h, nil)
	}
	if v.s.env.Plain {
		return append(v.chart(v.months, w).View(v.s.env, w, h-1), v.detail(w)...)
	}
	const around = 7 // title, columns, legend, and the cell under the cursor
	room := max(1, h-around)
	v.top = max(0, min(v.top, len(v.months)-room, v.row))
	if v.row >= v.top+room {
		v.top = v.row - room + 1
	}
	shown := v.months[v.top:min(len(v.months), v.top+room)]
	chart := v.chart(shown, w)
	v.drawn, v.width = chart, w
	rows := chart.View(v.s.env, w, len(shown)+3)
	rows = append(append(rows, ""), v.detail(w)...)
	if left := h - len(rows) - 1; left > 5 {
		rows = append(append(rows, ""), v.newcomers(w, left)...)
	}
	return widget.Fit(rows, w, h)
}

// newcomers are the customers won each month, the latest first.
func (v *cohorts) newcomers(w, h int) []string {
	c := widget.BarChart{Title: "new customers by month"}
	for i := len(v.months) - 1; i >= 0 && len(c.Items) < h-1; i-- {
		c.Items = append(c.Items, widget.BarItem{
			Label: v.months[i].Format("Jan 2006"), Value: float64(v.size[i]), Text: widget.Count(v.size[i]), Style: v.s.env.Theme.Series[0],
		})
	}
	return c.View(v.s.env, min(w, 90), h)
}

func (v *cohorts) chart(shown []time.Time, w int) widget.HeatMap {
	const label = 15
	cell := 5 + v.measure // longer numbers
	// From month 1: in month 0 all of them buy, which is what a cohort is.
	first, most := 1, max(1, (w-label)/cell)
	if v.col > most {
		first = v.col - most + 1
	}
	cols := min(most, v.since-first+1)
	c := widget.HeatMap{
		Title: "who comes back", Unit: []string{"% of the customers buy, by months since their first purchase", "customers buy", v.s.o.Currency}[v.measure],
		Row: v.row - v.top, Col: v.col - first, Focused: true, Quiet: true,
		Format: func(f float64) string {
			if v.measure == 0 {
				return widget.Percent(f)
			}
			return widget.Short(f)
		},
	}
	size := 0
	for i := range shown {
		size = max(size, widget.Width(widget.Count(v.size[v.top+i])))
	}
	for i, m := range shown {
		c.Rows = append(c.Rows, m.Format("Jan 2006")+" "+widget.Right(widget.Count(v.size[v.top+i]), size))
	}
	for i := range max(1, cols) {
		c.Cols = append(c.Cols, strconv.Itoa(first+i))
	}
	c.Value = func(row, col int) float64 {
		x, _ := v.cell(v.top+row, first+col)
		return v.value(x)
	}
	c.Text = func(row, col int) string {
		x, ok := v.cell(v.top+row, first+col)
		switch {
		case !ok:
			return ""
		case v.measure == 0:
			return strconv.FormatFloat(100*v.value(x), 'f', 0, 64)
		case v.measure == 1:
			return widget.Count(x.Active)
		}
		return widget.Short(v.value(x))
	}
	c.Say = func(row, col int) (of, what string) { return v.say(v.top+row, first+col) }
	return c
}

// say tells a cell: what its customers have in common, and what they did.
func (v *cohorts) say(row, since int) (of, what string) {
	x, ok := v.cell(row, since)
	of, in := "customers who first bought in "+v.months[row].Format("2006-01")+":", " in month "+strconv.Itoa(since)
	switch {
	case !ok:
		return of, "month " + strconv.Itoa(since) + " has not come yet"
	case v.measure == 0:
		return of, widget.Percent(v.value(x)) + " came back" + in
	case v.measure == 1:
		return of, widget.Count(x.Active) + " came back" + in
	}
	return of, widget.Money(string(x.Net)) + " " + v.s.o.Currency + " net" + in
}

// value is what the shade of a cell means.
func (v *cohorts) value(c mart.Cohort) float64 {
	switch {
	case v.measure == 2:
		return float(string(c.Net))
	case v.measure == 1:
		return float64(c.Active)
	case c.Customers == 0:
		return 0
	}
	return float64(c.Active) / float64(c.Customers)
}

// detail is the cell under the cursor in exact numbers.
func (v *cohorts) detail(w int) []string {
	c, ok := v.cell(v.row, v.col)
	if !ok {
		return []string{v.s.env.Theme.Faint.Paint("this month has not come yet")}
	}
	back := "-"
	if c.Customers > 0 {
		back = percent(ratio(mart.Decimal(strconv.FormatInt(c.Active, 10)), mart.Decimal(strconv.FormatInt(c.Customers, 10))))
	}
	return facts(v.s.env, w, []tile{
		{c.Month.Format("Jan 2006"), "first purchase"},
		{c.Month.AddDate(0, int(c.Since), 0).Format("Jan 2006"), since(int(c.Since))},
		{widget.Count(c.Customers), "customers"},
		{widget.Count(c.Active), "bought"},
		{back, "of them"},
		{widget.Money(string(c.Net)), "net " + v.s.o.Currency},
	})
}

func since(n int) string {
	if n == 1 {
		return "a month later"
	}
	return strconv.Itoa(n) + " months later"
}

func (v *cohorts) about() about {
	names := v.measureNames()
	return about{
		crumb: "cohorts", asking: []asking{v.query}, headless: v.s.martCommand("customer_cohorts", ""),
		actions: []env.Action{
			{ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see the lines of these customers in that month", Run: v.drill},
			{ID: "insights.mode", Title: names[(v.measure+1)%len(names)], Keys: []string{"v"}, Help: "share, customers, net revenue", Run: func() tea.Cmd {
				v.measure = (v.measure + 1) % len(names)
				return nil
			}},
			{ID: "insights.move", Title: "move", Keys: []string{"up", "down", "left", "right", "h", "j", "k", "l"}, Help: "to another month", Hidden: true},
		},
	}
}

func (v *cohorts) drill() tea.Cmd {
	c, ok := v.cell(v.row, v.col)
	if !ok || !v.query.ok {
		return nil
	}
	crumb := "customers of " + c.Month.Format("Jan 2006") + " in " + c.Month.AddDate(0, int(c.Since), 0).Format("Jan 2006")
	return v.s.push(v.s.newLines(crumb, mart.Behind{Cohort: c.Month, Since: int(c.Since)}))
}
