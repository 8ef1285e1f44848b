package insights

import (
	"math"

	"penstock/pipeline/mart"
	"penstock/tui/widget"
)

func (v *overview) draw(w, h int) []string {
	if v.pane.State() != widget.Live {
		return v.pane.View(w, h, nil)
	}
	head := append(v.tiles(w), "")
	canvas := widget.NewCanvas(w, h)
	canvas.Put(widget.Area{W: w, H: len(head)}, head)
	body := widget.Area{Y: len(head), W: w, H: max(0, h-len(head))}
	if v.s.env.Plain {
		v.drawLines(canvas, body)
		return canvas.Rows()
	}
	v.panes.Lay(body, v.layout(body))
	v.panes.Draw(canvas, v.drawPane)
	return canvas.Rows()
}

func (v *overview) layout(body widget.Area) widget.Part {
	if body.W >= roomy && body.H >= 20 {
		return v.grid(body)
	}
	return v.narrow(body)
}

// grid is two columns of panes, and a third row of them where there is room.
func (v *overview) grid(body widget.Area) widget.Part {
	const mapH, gap = 10, 4
	line := func(size, left, right, leftH, rightH int) widget.Part {
		return widget.Across("columns", size, gap, widget.One(left, -11, 30, leftH), widget.One(right, -9, 30, rightH))
	}
	rows := []widget.Part{line(-1, paneRevenue, paneBest, 5, 4), line(max(mapH, min(13, body.H/3)), paneHours, paneCustomers, mapH, 4)}
	if body.H >= 42 {
		rows = append(rows, line(14, paneCountries, paneReorder, 4, 4))
	}
	return widget.Down("grid", -1, 1, rows...)
}

// narrow is the chart, and under it the pane with the focus; of small screens that
// pane alone.
func (v *overview) narrow(body widget.Area) widget.Part {
	second := v.focus
	if second == paneRevenue {
		second = paneBest
	}
	if body.H < 14 {
		return widget.One(v.focus, -1, 0, 0)
	}
	return widget.Down("narrow", -1, 1, widget.One(paneRevenue, -1, 0, 5), widget.One(second, max(7, min(11, body.H/2)), 0, 4))
}

// drawLines says everything, one pane after another.
func (v *overview) drawLines(c *widget.Canvas, body widget.Area) {
	at := body
	for i := range panes {
		at.H = []int{4, len(v.data.value.Best) + 2, 4, len(v.data.value.Segments) + 2}[i]
		c.Put(at, v.drawPane(i, at.W, at.H))
		at.Y += at.H
	}
}

func (v *overview) drawPane(pane, w, h int) []string {
	o, e := v.data.value, v.s.env
	switch pane {
	case paneRevenue:
		cursor := mart.Period{}
		if v.period >= 0 && v.period < len(o.Trend) {
			cursor = o.Trend[v.period]
		}
		chart := revenueChart(v.s, o.Zoom, o.Trend, cursor)
		chart.Focused = v.focus == pane
		return chart.View(e, w, h)
	case paneHours:
		chart := v.week.chart("when people buy", purchases())
		chart.Focused = v.focus == pane
		chart.Quiet = false
		if !chart.Focused {
			chart.Row, chart.Col = -1, -1
		}
		return chart.View(e, w, h)
	case paneBest:
		v.bestPane.Touch()
		return v.bestPane.View(w, h, v.best.View)
	case paneCustomers:
		v.segPane.Touch()
		return v.segPane.View(w, h, v.segments.View)
	case paneCountries:
		return v.countries(w, h)
	}
	return v.reorder(w, h)
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
			words = "not counted; " + v.s.env.Key("insights.again", "r") + " asks again"
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
