package demo

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"penstock/pipeline/mart"
)

// TestTheShopIsTheSameEveryTime makes it twice.
func TestTheShopIsTheSameEveryTime(t *testing.T) {
	a, b := newShop(), newShop()
	if !reflect.DeepEqual(a, b) {
		t.Error("two shops differ")
	}
	if len(a.sales) < 20_000 || a.customers < 300 {
		t.Errorf("%d lines, %d customers: too small a shop", len(a.sales), a.customers)
	}
	hostile := 0
	for _, p := range a.products {
		if strings.ContainsAny(p.name, "\x1b\t\n\u202e=") {
			hostile++
		}
	}
	if hostile < 4 {
		t.Errorf("%d names try something", hostile)
	}
}

// TestEveryPaneOfInsightsIsFilled asks all there is to ask, and for numbers that have to agree.
func TestEveryPaneOfInsightsIsFilled(t *testing.T) {
	d, ctx := NewInsights(Start()), t.Context()
	totals, err := d.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Sums(ctx, mart.Behind{})
	if err != nil || all.Gross != totals.Gross || all.Net != totals.Net || all.Purchases != totals.Purchases {
		t.Errorf("lines come to %+v, totals are %+v (%v)", all, totals, err)
	}
	o, err := d.Overview(ctx)
	if err != nil || len(o.Trend) < 50 || len(o.Best) != 20 || len(o.Hours) < 50 || len(o.Segments) != 10 || len(o.Countries.Rows) < 10 || len(o.Reorder) < 10 {
		t.Errorf("overview: %d weeks, %d best, %d hours, %d segments, %d countries, %d to order (%v)",
			len(o.Trend), len(o.Best), len(o.Hours), len(o.Segments), len(o.Countries.Rows), len(o.Reorder), err)
	}
	customers := int64(0)
	for _, s := range o.Segments {
		customers += s.Customers
	}
	if customers != totals.Customers {
		t.Errorf("%d customers in segments, %d in all", customers, totals.Customers)
	}
	for _, of := range []mart.ListName{mart.Products, mart.Customers, mart.Countries, mart.Pairs, mart.Inventory} {
		list, err := d.List(ctx, mart.List{Of: of, Limit: 10})
		if err != nil || len(list.Rows) != 10 {
			t.Errorf("%s: %d rows, %v", of, len(list.Rows), err)
		}
		for _, row := range list.Rows {
			if len(row) != len(list.Columns) {
				t.Fatalf("%s: %d values for %d columns", of, len(row), len(list.Columns))
			}
		}
	}
	g, err := d.Groups(ctx)
	if err != nil || len(g.Scores) < 15 || len(g.Classes) < 5 {
		t.Errorf("%d scores, %d classes, %v", len(g.Scores), len(g.Classes), err)
	}
	if c, err := d.Cohorts(ctx); err != nil || len(c) < 50 {
		t.Errorf("%d cells of cohorts, %v", len(c), err)
	}
	if _, err := d.Lines(ctx, mart.Behind{}, &mart.Place{Record: "nowhere"}, 5); err == nil {
		t.Error("a page after nowhere")
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := d.List(ended, mart.List{Of: mart.Products}); err == nil {
		t.Error("nobody waits for this list")
	}
}
