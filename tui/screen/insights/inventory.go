package insights

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/widget"
)

// classes is what the inventory shows above its table.
type classes struct {
	s     *Screen
	query *query[mart.Groups]
}

func (c *classes) load(again bool) tea.Cmd {
	return loadInto(c.s, c.query, again, "", c.s.o.Charts.Groups)
}
func (c *classes) take(msg tea.Msg) bool { return c.query.take(msg) }
func (c *classes) asking() asking        { return c.query }

// draw shows how many products are in which class.
func (c *classes) draw(w, h int) []string {
	if h < 16 || !c.query.ok {
		return nil
	}
	at := map[string]mart.Class{}
	for _, x := range c.query.value.Classes {
		at[x.ABC+x.XYZ] = x
	}
	of := func(r, col int) mart.Class { return at["ABC"[r:r+1]+"XYZ"[col:col+1]] }
	const mapW, mapH = 40, 6
	m := widget.HeatMap{
		Title: "products by class", Rows: []string{"A first 80 %", "B next 15 %", "C the rest"}, Row: -1, Col: -1,
		Cols:  []string{"X", "Y", "Z"},
		Value: func(r, col int) float64 { return float64(of(r, col).Products) },
		Text:  func(r, col int) string { return widget.Count(of(r, col).Products) },
		Say: func(r, col int) (class, what string) {
			return "class " + "ABC"[r:r+1], "XYZ"[col:col+1] + ": " + widget.Count(of(r, col).Products) + " products"
		},
	}
	if c.s.env.Plain {
		const all = 3 + 9 // title, most, least, and every class
		return append(m.View(c.s.env, w, all), c.words()...)
	}
	canvas := widget.NewCanvas(w, mapH+1)
	canvas.Put(widget.Area{W: min(w, mapW), H: mapH}, m.View(c.s.env, min(w, mapW), mapH))
	canvas.Put(widget.Area{X: mapW + 4, W: max(0, w-mapW-4), H: mapH}, c.words())
	return canvas.Rows()
}

// words say what the letters and columns mean.
func (c *classes) words() []string {
	t := c.s.env.Theme
	var rows []string
	for _, line := range strings.Split("X sells steadily, Y with ups and downs, Z by fits and starts\n"+
		"(over the last 13 weeks)\n\n"+
		"reorder at: order when the stock falls to this\n"+
		"order: how much now, where stock is loaded", "\n") {
		rows = append(rows, t.Faint.Paint(line))
	}
	return rows
}

// newInventory is the tab of what to order, and when.
func newInventory(s *Screen) view {
	cols := []column{
		text("product_code", "product", 16),
		text("description", "description", 32),
		text("abc", "ABC", 5), text("xyz", "XYZ", 5),
		count("order_quantity", "order"),
		count("reorder_point", "reorder at"),
		count("on_hand", "on hand"), count("on_order", "on order"),
		number("weekly_mean", "a week", 1),
		number("weekly_deviation", "± a week", 1),
		count("weeks_since_sale", "weeks idle"),
		s.money("gross_revenue", "gross"),
	}
	l := newListing(s, "inventory", "product_code", cols,
		mode{name: "what to order", list: mart.List{Of: mart.Inventory, Due: true}, empty: "Nothing is to be ordered."},
		mode{name: "every product", list: mart.List{Of: mart.Inventory}},
	)
	c := &classes{s: s, query: newQuery[mart.Groups](s.env, nil)}
	l.more, l.head = c, c.draw
	l.note = func() string {
		if anyStock(l.query.value) {
			return ""
		}
		return "no stock is loaded: order when it falls to reorder at"
	}
	l.open = func(t *mart.Table, row int) view {
		code := value(t, row, "product_code")
		return s.newLines(named(s.shownAs("product_code", code), s.shownAs("description", value(t, row, "description"))),
			mart.Behind{Product: code})
	}
	l.columns = []string{
		"product_code", "abc", "xyz", "weekly_mean", "weeks_since_sale", "reorder_point", "on_hand", "on_order", "order_quantity",
	}
	l.command = func(m mode) string {
		var where []string
		if m.list.Due {
			where = append(where, "order_quantity>0")
			if l.query.ok && !anyStock(l.query.value) {
				where = []string{"abc=A", "reorder_point>0"}
			}
		}
		return l.asCommand("inventory", "-order_quantity", where...)
	}
	return l
}

// anyStock reports whether stock is known of any product.
func anyStock(t *mart.Table) bool {
	for i := range t.Rows {
		if value(t, i, "order_quantity") != "" {
			return true
		}
	}
	return false
}
