package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"penstock/pipeline/mart"
)

// behind reports whether a line stands behind a number.
func (s *shop) behind(b mart.Behind) func(sale) bool {
	both := map[string]bool{}
	if b.With != "" {
		for invoice, goods := range s.baskets() {
			a := slices.ContainsFunc(goods, func(p int) bool { return s.products[p].code == b.Product })
			with := slices.ContainsFunc(goods, func(p int) bool { return s.products[p].code == b.With })
			both[invoice] = a && with
		}
	}
	var buyers []buyer
	if !b.Cohort.IsZero() {
		buyers = s.buyers()
	}
	return func(x sale) bool {
		code := s.products[x.product].code
		switch {
		case b.With != "" && (!both[x.invoice] || x.returned() || code != b.Product && code != b.With),
			b.With == "" && b.Product != "" && code != b.Product,
			b.Customer != "" && (x.customer < 0 || customerID(x.customer) != b.Customer),
			b.Country != nil && *b.Country != x.country,
			!b.From.IsZero() && x.at.Before(b.From),
			!b.To.IsZero() && !x.at.Before(b.To),
			b.Weekday > 0 && hourOf(x) != [2]int{b.Weekday, b.Hour}:
			return false
		}
		return b.Cohort.IsZero() || x.customer >= 0 && monthOf(buyers[x.customer].first) == monthOf(b.Cohort) && monthOf(x.at) == monthOf(b.Cohort)+b.Since
	}
}

// Lines returns a page of the lines behind a number.
func (d *Insights) Lines(ctx context.Context, b mart.Behind, after *mart.Place, limit int) (*mart.Lines, error) {
	s := d.made()
	is := s.behind(b)
	t := newTable("fact_purchase_line", "ordered", "source", "invoice_no", "kind", "product_code", "description", "quantity", "unit_price",
		"currency", "amount", "customer_id", "country", "load", "line")
	page := &mart.Lines{Table: &t.Table}
	from := len(s.sales)
	if after != nil {
		var err error
		if from, err = strconv.Atoi(after.Record); err != nil {
			return nil, fmt.Errorf("page after %q: %w", after.Record, err)
		}
	}
	for i := from - 1; i >= 0; i-- {
		x := s.sales[i]
		if !is(x) {
			continue
		}
		if len(t.Rows) == limit {
			page.Next = &mart.Place{Record: strconv.Itoa(i + 1)}
			break
		}
		kind, customer := "sale", ""
		if x.returned() {
			kind = "return"
		}
		if x.customer >= 0 {
			customer = customerID(x.customer)
		}
		p := s.products[x.product]
		t.row(x.at.Format(time.DateTime), "online-retail", x.invoice, kind, p.code, p.name, x.quantity, pounds(p.pence), "GBP",
			pounds(s.worth(x)), customer, x.country, 7, x.record+1)
	}
	return page, ctx.Err()
}

// Sums counts what the lines behind a number come to.
func (d *Insights) Sums(ctx context.Context, b mart.Behind) (mart.LineSums, error) {
	s := d.made()
	is := s.behind(b)
	var t tally
	lines := int64(0)
	for _, x := range s.sales {
		if is(x) {
			t.add(x, s.worth(x))
			lines++
		}
	}
	return mart.LineSums{
		Lines: lines, Purchases: int64(len(t.invoices)), Units: whole(t.units), Gross: money(t.gross), Returned: money(t.returned), Net: money(t.net()),
	}, ctx.Err()
}
