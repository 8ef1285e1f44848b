package insights

import (
	"math"
	"strconv"

	"penstock/pipeline/mart"
	"penstock/tui/widget"
)

func (v *overview) draw(w, h int) []string {
	v.areas = [panes]widget.Area{}
	if v.pane.State() != widget.Live {
		return v.pane.View(w, h, nil)
	}
	head := append(v.tiles(w), "")
	canvas := widget.NewCanvas(w, h)
	canvas.Put(widget.Area{W: w, H: len(head)}, head)
	body := widget.Area{Y: len(head), W: w, H: max(0, h-len(head))}
	switch {
	case v.s.env.Plain:
		v.drawLines(canvas, body)
	case w >= roomy && body.H >= 20:
		v.drawGrid(canvas, body)
	default:
		v.drawNarrow(canvas, body)
	}
	return canvas.Rows()
}

// drawGrid draws two columns of panes, and a third row of them where there is room.
func (v *overview) drawGrid(c *widget.Canvas, body widget.Area) {
	const mapH, gap = 10, 4
	sizes := []int{-1, max(mapH, min(13, body.H/3))}
	if body.H >= 42 {
		sizes = append(sizes, 14)
	}
	for i, line := range body.Lines(1, sizes...) {
		parts := line.Columns(gap, -11, -9)
		switch i {
		case 0:
			v.put(c, paneRevenue, parts[0])
			v.put(c, paneBest, parts[1])
		case 1:
			v.put(c, paneHours, parts[0])
			v.put(c, paneCustomers, parts[1])
		default:
			c.Put(parts[0], v.countries(parts[0].W, parts[0].H))
			c.Put(parts[1], v.reorder(parts[1].W, parts[1].H))
		}
	}
}

// drawNarrow draws the chart, and under it the pane with the focus; of small
// screens that pane alone.
func (v *overview) drawNarrow(c *widget.Canvas, body widget.Area) {
	second := v.focus
	if second == paneRevenue {
		second = paneBest
	}
	if body.H < 14 {
		v.put(c, v.focus, body)
		return
	}
	parts := body.Lines(1, -1, max(7, min(11, body.H/2)))
	v.put(c, paneRevenue, parts[0])
	v.put(c, second, parts[1])
}

// drawLines says everything, one pane after another.
func (v *overview) drawLines(c *widget.Canvas, body widget.Area) {
	at := body
	for i := range panes {
		at.H = []int{4, len(v.data.value.Best) + 2, 9, len(v.data.value.Segments) + 2}[i]
		v.put(c, i, at)
		at.Y += at.H
	}
}

// put draws a pane.
func (v *overview) put(c *widget.Canvas, pane int, a widget.Area) {
	v.areas[pane] = a
	o, e := v.data.value, v.s.env
	switch pane {
	case paneRevenue:
		cursor := mart.Period{}
		if v.period >= 0 && v.period < len(o.Trend) {
			cursor = o.Trend[v.period]
		}
		chart := revenueChart(v.s, o.Zoom, o.Trend, cursor)
		chart.Focused = v.focus == pane
		c.Put(a, chart.View(e, a.W, a.H))
	case paneHours:
		chart := v.week.chart("when people buy", measure{name: "purchases", of: func(h mart.Hour) string { return strconv.FormatInt(h.Purchases, 10) }})
		chart.Focused = v.focus == pane
		chart.Quiet = false
		if !chart.Focused {
			chart.Row, chart.Col = -1, -1
		}
		c.Put(a, chart.View(e, a.W, a.H))
	case paneBest:
		v.bestPane.Touch()
		c.Put(a, v.bestPane.View(a.W, a.H, v.best.View))
	case paneCustomers:
		v.segPane.Touch()
		c.Put(a, v.segPane.View(a.W, a.H, v.segments.View))
	}
}

// countries are bars of the best countries.
func (v *overview) countries(w, h int) []string {
	t := v.data.value.Countries
	chart := widget.BarChart{Title: "countries", Unit: "gross " + v.s.o.Currency, Empty: "no line names a country"}
	for i := range t.Rows {
		name := value(t, i, "country")
		if name == "" {
			name = notGiven
		}
		gross := value(t, i, "gross_revenue")
		chart.Items = append(chart.Items, widget.BarItem{
			Label: v.s.shownAs("country", name), Value: float(gross), Text: widget.Money(gross), Style: v.s.env.Theme.Series[2],
		})
	}
	return chart.View(v.s.env, w, h)
}

// reorder are bars of what to order, or when to, as long as no stock is known.
func (v *overview) reorder(w, h int) []string {
	list := v.data.value.Reorder
	chart := widget.BarChart{Title: "order when the stock falls to", Unit: "units", Empty: "nothing is to be ordered"}
	for _, x := range list {
		it := widget.BarItem{Label: x.Description, Value: float64(x.ReorderPoint), Text: widget.Count(x.ReorderPoint), Style: v.s.env.Theme.Series[3]}
		if x.OrderQuantity != nil {
			chart.Title = "order now"
			it.Value, it.Text = float64(*x.OrderQuantity), widget.Count(*x.OrderQuantity)
		}
		if it.Label == "" {
			it.Label = x.Code
		}
		it.Label = v.s.shownAs("description", it.Label)
		chart.Items = append(chart.Items, it)
	}
	chart.Max = typical(chart.Items)
	return chart.View(v.s.env, w, h)
}

// typical returns the value of a full bar: the greatest, but no more than four
// times the one in the middle, so that one order of 80,000 leaves bars to see.
func typical(items []widget.BarItem) float64 {
	if len(items) == 0 {
		return 0
	}
	most, middle := 0.0, items[len(items)/2].Value
	for _, it := range items {
		most = max(most, it.Value)
	}
	if middle <= 0 {
		return most
	}
	return math.Min(most, 4*middle)
}

// tiles are the numbers that come first.
func (v *overview) tiles(w int) []string {
	if !v.totals.ok {
		words := "counting purchases…"
		if v.totals.err != nil {
			words = "not counted; r asks again"
		}
		return []string{v.s.env.Theme.Muted.Paint(words), ""}
	}
	t, cur := v.totals.value, " "+v.s.o.Currency
	list := []tile{
		{widget.Money(string(t.Gross)), "gross" + cur}, {widget.Money(string(t.Net)), "net" + cur}, {widget.Count(t.Purchases), "purchases"},
	}
	if t.AveragePurchase != nil {
		list = append(list, tile{widget.Money(string(*t.AveragePurchase)), "average" + cur})
	}
	list = append(list, tile{widget.Count(t.Customers), "customers"})
	if t.ReturningShare != nil {
		list = append(list, tile{percent(string(*t.ReturningShare)), "come back"})
	}
	if r := ratio(t.Returned, t.Gross); r != "" {
		list = append(list, tile{percent(r), "returned"})
	}
	return tiles(v.s.env, w, list)
}
