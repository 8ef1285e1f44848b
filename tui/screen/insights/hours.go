package insights

import (
	"cmp"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// week is the hours of the week as a map with a cursor.
type week struct {
	at          map[[2]int]mart.Hour
	first, last int // hours of the day that have something
	row, col    int
}

func newWeek(list []mart.Hour) week {
	w := week{at: map[[2]int]mart.Hour{}, first: 24, last: -1}
	for _, h := range list {
		w.at[[2]int{int(h.Weekday), int(h.Hour)}] = h
		w.first, w.last = min(w.first, int(h.Hour)), max(w.last, int(h.Hour))
	}
	return w
}

// with returns the map of other hours with the cursor where it was; of the first
// ones it stands on the busiest.
func (w week) with(list []mart.Hour) week {
	n := newWeek(list)
	if w.at != nil {
		n.row, n.col = w.row, w.col
		n.move("") // back into the map if it became smaller
		return n
	}
	most := int64(-1)
	for _, h := range list {
		if h.Purchases > most {
			most, n.row, n.col = h.Purchases, int(h.Weekday)-1, int(h.Hour)-n.first
		}
	}
	return n
}

// hour returns the cell of a row and column; there may be nothing in it.
func (w week) hour(row, col int) (h mart.Hour, ok bool) {
	h, ok = w.at[[2]int{row + 1, w.first + col}]
	if !ok {
		h = mart.Hour{Weekday: int16(row + 1), Hour: int16(w.first + col), Units: "0", Gross: "0", Returned: "0", Net: "0"} //nolint:gosec // 1 to 7, 0 to 23
	}
	return h, ok
}

// move moves the cursor and reports whether the key was for that.
func (w *week) move(key string) bool {
	switch key {
	case "up", "k":
		w.row--
	case "down", "j":
		w.row++
	case "left", "h":
		w.col--
	case "right", "l":
		w.col++
	case "home", "g":
		w.col = 0
	case "end", "G":
		w.col = w.last - w.first
	default:
		return false
	}
	w.row = max(0, min(w.row, 6))
	w.col = max(0, min(w.col, w.last-w.first))
	return true
}

// point puts the cursor on the hour that a map of w cells has at a cell, and reports whether it was there.
func (w *week) point(drawn widget.HeatMap, width, x, y int) bool {
	row, col, ok := drawn.At(width, x, y)
	if !ok {
		return false
	}
	was := row == w.row && col == w.col
	w.row, w.col = row, col
	return was
}

// chart draws the map; measure is what its shades mean.
func (w week) chart(title string, m measure) widget.HeatMap {
	c := widget.HeatMap{Title: title, Unit: m.name + " by hour", Row: w.row, Col: w.col, Quiet: true}
	for d := 1; d <= 7; d++ {
		c.Rows = append(c.Rows, weekday(d))
	}
	for h := w.first; h <= w.last; h++ {
		c.Cols = append(c.Cols, strconv.Itoa(h))
	}
	c.Value = func(row, col int) float64 {
		h, _ := w.hour(row, col)
		return float(m.of(h))
	}
	c.Most, c.Least = "busiest", "quietest"
	c.Say = func(row, col int) (of, what string) {
		h, _ := w.hour(row, col)
		return fullWeekday(row + 1), strconv.Itoa(w.first+col) + ":00: " + m.words(m.of(h))
	}
	return c
}

// measure is what a map of hours shows.
type measure struct {
	name, unit string
	of         func(mart.Hour) string // exact
	text       func(string) string
}

// words writes an exact value with what it is of: "1,234 purchases", "12.00 GBP returns".
func (m measure) words(raw string) string { return m.with(m.text(raw)) }

func (m measure) with(text string) string {
	switch {
	case m.unit != "":
		text += " " + m.unit
	case text == "1":
		return text + " " + strings.TrimSuffix(m.name, "s")
	}
	return text + " " + m.name
}

// purchases is the measure that maps begin with.
func purchases() measure {
	return measure{"purchases", "", func(h mart.Hour) string { return strconv.FormatInt(h.Purchases, 10) }, counted}
}

// hours is the tab of when people buy.
type hours struct {
	s        *Screen
	query    *query[[]mart.Hour]
	pane     *widget.Pane
	week     week
	measures []measure
	measure  int
	drawn    widget.HeatMap // as it was drawn last, in so many cells: what a click is on
	width    int
}

func newHours(s *Screen) view {
	v := &hours{s: s, pane: widget.NewPane(s.env, "when people buy")}
	v.pane.Focused = true
	v.query = newQuery[[]mart.Hour](s.env, v.pane)
	v.measures = []measure{
		purchases(),
		{"gross revenue", s.o.Currency, func(h mart.Hour) string { return string(h.Gross) }, widget.Money},
		{"units", "", func(h mart.Hour) string { return string(h.Units) }, counted},
		{"returns", s.o.Currency, func(h mart.Hour) string { return string(h.Returned) }, widget.Money},
	}
	return v
}

func (v *hours) load(again bool) tea.Cmd {
	return loadInto(v.s, v.query, again, "reading the hours", v.s.o.Charts.Hours)
}

func (v *hours) update(msg tea.Msg) tea.Cmd {
	if v.query.take(msg) {
		v.arrange()
		return v.query.outcome()
	}
	if !v.query.ok {
		return nil
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		v.week.move(msg.String())
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft && v.week.point(v.drawn, v.width, msg.X, msg.Y) {
			return v.drill()
		}
	}
	return nil
}

func (v *hours) arrange() {
	v.week = v.week.with(v.query.value)
	if v.query.ok && len(v.query.value) == 0 {
		v.pane.Empty("No sale is loaded yet.", "")
	}
}

func (v *hours) draw(w, h int) []string {
	if v.pane.State() != widget.Live {
		return v.pane.View(w, h, nil)
	}
	m := v.measures[v.measure]
	const mapH = 10
	chart := v.week.chart("when people buy", m)
	if m.unit != "" {
		chart.Unit += ", " + m.unit
	}
	chart.Focused = true
	chart.Format = widget.Short
	if v.s.env.Plain {
		rest := append(v.sums(w, 1+7), v.detail(w)...)
		return append(chart.View(v.s.env, w, h-len(rest)), rest...)
	}
	if m.name == "purchases" && (w-4)/max(1, len(chart.Cols)) >= 6 {
		chart.Text = func(row, col int) string {
			if hour, ok := v.week.hour(row, col); ok {
				return counted(m.of(hour))
			}
			return ""
		}
	}
	v.drawn, v.width = chart, w
	rows := chart.View(v.s.env, w, min(h, mapH))
	rows = append(rows, "")
	rows = append(rows, v.detail(w)...)
	if left := h - len(rows) - 1; left >= 8 {
		rows = append(rows, "")
		rows = append(rows, v.sums(w, left)...)
	}
	return widget.Fit(rows, w, h)
}

// detail is the hour under the cursor in exact numbers.
func (v *hours) detail(w int) []string {
	h, _ := v.week.hour(v.week.row, v.week.col)
	cur := " " + v.s.o.Currency
	return facts(v.s.env, w, []tile{
		{weekday(int(h.Weekday)) + " " + clock(int(h.Hour)), v.s.o.Timezone},
		{widget.Count(h.Purchases), "purchases"},
		{widget.Count(h.Lines), "lines"},
		{counted(string(h.Units)), "units"},
		{widget.Money(string(h.Gross)), "gross" + cur},
		{widget.Money(string(h.Returned)), "returned" + cur},
		{widget.Money(string(h.Net)), "net" + cur},
	})
}

// sums are bars by day of the week and by hour.
func (v *hours) sums(w, h int) []string {
	m, t := v.measures[v.measure], v.s.env.Theme
	var days, clocks []widget.BarItem
	for d := range 7 {
		days = append(days, widget.BarItem{Label: weekday(d + 1), Style: t.Series[0]})
	}
	for c := v.week.first; c <= v.week.last; c++ {
		clocks = append(clocks, widget.BarItem{Label: widget.Right(strconv.Itoa(c)+":00", 5), Style: t.Series[0]})
	}
	for _, hour := range v.query.value {
		n := float(m.of(hour))
		days[hour.Weekday-1].Value += n
		clocks[int(hour.Hour)-v.week.first].Value += n
	}
	if m.name == "purchases" {
		for _, list := range [][]widget.BarItem{days, clocks} {
			for i := range list {
				list[i].Text = widget.Count(int64(list[i].Value))
			}
		}
	}
	if v.s.env.Plain { // each row says what it counts
		for i := range days {
			days[i].Label = fullWeekday(i+1) + ":"
			days[i].Text = m.with(cmp.Or(days[i].Text, widget.Short(days[i].Value)))
		}
	}
	byDay := widget.BarChart{Title: m.name + " by day", Unit: m.unit, Items: days}
	if v.s.env.Plain {
		return byDay.View(v.s.env, w, h)
	}
	parts := widget.Area{W: w, H: h}.Columns(4, -1, -1)
	if w < 70 {
		parts = []widget.Area{{W: w, H: h}, {}}
	}
	canvas := widget.NewCanvas(w, h)
	canvas.Put(parts[0], byDay.View(v.s.env, parts[0].W, h))
	canvas.Put(parts[1], widget.BarChart{Title: m.name + " by hour", Unit: m.unit, Items: clocks}.View(v.s.env, parts[1].W, h))
	return canvas.Rows()
}

func (v *hours) about() about {
	next := v.measures[(v.measure+1)%len(v.measures)]
	return about{
		crumb: "hours", asking: []asking{v.query}, headless: v.s.martCommand("hourly_sales", ""),
		actions: []env.Action{
			{ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see the lines of the hour", Run: v.drill},
			{ID: "insights.mode", Title: next.name, Keys: []string{"v"}, Help: "purchases, gross revenue, units, returns", Run: func() tea.Cmd {
				v.measure = (v.measure + 1) % len(v.measures)
				return nil
			}},
			{ID: "insights.move", Title: "move", Keys: []string{"up", "down", "left", "right", "h", "j", "k", "l"}, Help: "to another hour", Hidden: true},
		},
	}
}

func (v *hours) drill() tea.Cmd {
	if !v.query.ok || len(v.query.value) == 0 {
		return nil
	}
	h, _ := v.week.hour(v.week.row, v.week.col)
	return v.s.push(v.s.newHourLines(h))
}

// newHourLines is the level of the lines of an hour of the week.
func (s *Screen) newHourLines(h mart.Hour) view {
	return s.newLines(weekday(int(h.Weekday))+" "+clock(int(h.Hour)), mart.Behind{Weekday: int(h.Weekday), Hour: int(h.Hour)})
}
