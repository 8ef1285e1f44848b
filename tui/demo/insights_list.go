package demo

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"time"

	"penstock/pipeline/mart"
)

// table makes a table of the rows that were put into it.
type table struct{ mart.Table }

func newTable(name string, columns ...string) *table {
	t := &table{mart.Table{Mart: name}}
	for _, c := range columns {
		t.Columns = append(t.Columns, mart.Column{Name: c})
	}
	return t
}

// row adds a row of strings, whole numbers, days and shares; an empty text is NULL.
func (t *table) row(values ...any) {
	row := make([]mart.Value, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			row[i] = mart.Value{Text: v, Null: v == ""}
		case int:
			row[i] = mart.Value{Text: strconv.Itoa(v)}
		case int16:
			row[i] = mart.Value{Text: strconv.Itoa(int(v))}
		case int64:
			row[i] = mart.Value{Text: strconv.FormatInt(v, 10)}
		case time.Time:
			row[i] = mart.Value{Text: v.Format(time.DateOnly), Null: v.IsZero()}
		case float64:
			row[i] = mart.Value{Text: strconv.FormatFloat(v, 'f', 6, 64)}
		case *mart.Decimal:
			row[i] = mart.Value{Null: v == nil}
			if v != nil {
				row[i].Text = string(*v)
			}
		}
	}
	t.Rows = append(t.Rows, row)
}

// cut returns the first rows of a table.
func cut(t *mart.Table, limit int) *mart.Table {
	if limit > 0 && len(t.Rows) > limit {
		t.Rows = t.Rows[:limit]
	}
	return t
}

// List answers a list.
func (d *Insights) List(ctx context.Context, l mart.List) (*mart.Table, error) {
	s := d.made()
	var t *mart.Table
	switch l.Of {
	case mart.Products:
		t = s.productList(l)
	case mart.Customers:
		t = s.customerList(l)
	case mart.Countries:
		t = s.countryList()
	case mart.Pairs:
		t = s.pairList(l)
	default:
		t = s.inventoryList(l)
	}
	return cut(t, l.Limit), ctx.Err()
}

func (s *shop) productList(l mart.List) *mart.Table {
	t := newTable("products", "product_code", "description", "units", "gross_revenue", "share", "invoices", "customers",
		"returned_units", "returned_value", "net_revenue", "first_sold", "last_sold")
	all := s.total().gross
	list := slices.DeleteFunc(s.byProduct(), func(p productTally) bool { return p.service != l.Services })
	if l.Worst {
		sort.SliceStable(list, func(i, j int) bool { return list[i].net() < list[j].net() })
	}
	for _, p := range list {
		t.row(p.code, p.name, p.units, pounds(p.gross), part(p.gross, all), len(p.invoices), len(p.customers),
			p.unitsBack, pounds(p.returned), pounds(p.net()), p.first, p.last)
	}
	return &t.Table
}

func (s *shop) customerList(l mart.List) *mart.Table {
	t := newTable("customers", "customer_id", "country", "segment", "purchases", "gross_revenue", "avg_purchase_value", "returned_value",
		"net_revenue", "first_purchase", "last_purchase", "recency_days", "r_score", "f_score", "m_score")
	list := s.buyers()
	sort.SliceStable(list, func(i, j int) bool { return list[i].net > list[j].net })
	for _, b := range list {
		name := segment(b.r, b.f)
		if l.Segment == "" || l.Segment == name {
			t.row(customerID(b.id), s.countries[b.id], name, b.purchases, pounds(b.gross), each(b.gross, b.purchases), pounds(b.returned),
				pounds(b.net), b.first, b.last, b.days, b.r, b.f, b.m)
		}
	}
	return &t.Table
}

func (s *shop) countryList() *mart.Table {
	t := newTable("countries", "country", "purchases", "customers", "lines", "units", "gross_revenue", "share", "returned_value", "net_revenue", "avg_purchase_value")
	by := tallies(s, func(x sale) (string, bool) { return x.country, true })
	var names []string
	for name := range by {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return by[names[i]].gross > by[names[j]].gross })
	all := s.total().gross
	for _, name := range names {
		c := by[name]
		t.row(name, len(c.invoices), len(c.customers), c.lines, c.units, pounds(c.gross), part(c.gross, all), pounds(c.returned), pounds(c.net()),
			each(c.gross, int64(len(c.invoices))))
	}
	return &t.Table
}

// pairList counts the baskets that hold two products.
func (s *shop) pairList(l mart.List) *mart.Table {
	baskets := s.baskets()
	single, both := map[int]int{}, map[[2]int]int{}
	for _, b := range baskets {
		for i, p := range b {
			single[p]++
			for _, q := range b[i+1:] {
				both[[2]int{min(p, q), max(p, q)}]++
			}
		}
	}
	type pair struct {
		a, b               int
		n                  int
		lift, forth, backs float64
	}
	var list []pair
	const least = 20
	for k, n := range both {
		if n < least {
			continue
		}
		p := pair{a: k[0], b: k[1], n: n}
		if s.products[p.b].code < s.products[p.a].code {
			p.a, p.b = p.b, p.a
		}
		p.forth, p.backs = float64(n)/float64(single[p.a]), float64(n)/float64(single[p.b])
		p.lift = float64(n) * float64(len(baskets)) / float64(single[p.a]) / float64(single[p.b])
		list = append(list, p)
	}
	by := func(p pair) float64 {
		switch l.By {
		case "invoices":
			return float64(p.n)
		case "confidence":
			return max(p.forth, p.backs)
		}
		return p.lift
	}
	sort.Slice(list, func(i, j int) bool {
		x, y := by(list[i]), by(list[j])
		return x > y || x == y && s.products[list[i].a].code+s.products[list[i].b].code < s.products[list[j].a].code+s.products[list[j].b].code
	})
	t := newTable("pairs", "product_a", "description_a", "product_b", "description_b", "invoices", "support", "confidence_ab", "confidence_ba", "lift")
	for _, p := range list {
		a, b := s.products[p.a], s.products[p.b]
		t.row(a.code, a.name, b.code, b.name, p.n, float64(p.n)/float64(len(baskets)), p.forth, p.backs, p.lift)
	}
	return &t.Table
}

// baskets are the distinct goods of the purchases with two and more.
func (s *shop) baskets() map[string][]int {
	out := map[string][]int{}
	for _, x := range s.sales {
		if !x.returned() && !s.products[x.product].service {
			out[x.invoice] = append(out[x.invoice], x.product)
		}
	}
	for invoice, b := range out {
		if len(b) < 2 {
			delete(out, invoice)
		}
	}
	return out
}

func (s *shop) inventoryList(l mart.List) *mart.Table {
	t := newTable("inventory", "product_code", "description", "abc", "xyz", "weekly_mean", "weekly_deviation", "weeks_since_sale", "on_hand",
		"on_order", "reorder_point", "order_quantity", "gross_revenue")
	list := s.stock()
	sort.SliceStable(list, func(i, j int) bool { return list[i].order > list[j].order })
	for _, x := range list {
		if x.order > 0 || !l.Due {
			t.row(x.code, x.name, x.abc, x.xyz, x.mean, x.deviation, x.idle, x.onHand, x.onOrder, x.reorder, x.order, pounds(x.gross))
		}
	}
	return &t.Table
}
