package steps

import (
	"testing"

	"penstock/dbadmin/local/localtest"
)

// The facts of Online Retail, as its source note and two other programs found them.
func TestOnlineRetailFacts(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 541,909 lines")
	}
	w := newWorks(t, localtest.New(t), retailSpec())
	whole := &testLoad{source: "online-retail", lines: retailLines(t)}
	w.load(whole)
	w.run()
	for _, c := range []struct {
		what, query string
		want        int64
	}{
		{"facts", "SELECT count(*) FROM analytics.fact_purchase_line", 536_641},
		{"collapsed", "SELECT sum(collapsed) FROM analytics.purchase_lineage", 5_268},
		{"invoices", "SELECT count(*) FROM analytics.purchase_lineage", 25_900},
		{"sale lines", "SELECT sum(lines) FROM analytics.daily_sales", 524_877},
		{"units", "SELECT sum(units) FROM analytics.daily_sales", 5_572_419},
		{"gross in thousandths", "SELECT sum(gross_revenue) * 1000 FROM analytics.daily_sales", 10_631_048_744},
		{"purchases", "SELECT sum(purchases) FROM analytics.country_sales", 19_959},
		{"products sold", "SELECT count(*) FROM analytics.product_sales WHERE units > 0", 3_921},
		{"customers", "SELECT count(*) FROM analytics.customer_value", 4_338},
		{"purchases of customers", "SELECT sum(purchases) FROM analytics.customer_value", 18_532},
		{"gross of customers in thousandths", "SELECT sum(gross_revenue) * 1000 FROM analytics.customer_value", 8_887_208_894},
		{"cancelled lines", "SELECT count(*) FROM analytics.fact_purchase_line WHERE kind = 'return'", 9_251},
		{"adjustments", "SELECT count(*) FROM analytics.fact_purchase_line WHERE kind = 'adjustment'", 3},
		{"stock movements", "SELECT count(*) FROM analytics.fact_purchase_line WHERE kind = 'stock_movement'", 1_336},
		{"giveaways", "SELECT count(*) FROM analytics.fact_purchase_line WHERE kind = 'giveaway'", 1_174},
	} {
		if got := w.number(c.query); got != c.want {
			t.Errorf("%s: got %d, want %d", c.what, got, c.want)
		}
	}
	for name, want := range newReference(w, nil, whole).marts() {
		if name == "facts_full" {
			continue // compared by the tests of rules; the counts above are of the same facts
		}
		if diff := firstDifference(want, w.dump(dumpQueries()[name])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
