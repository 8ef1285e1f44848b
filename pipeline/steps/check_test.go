package steps

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// shopWorks has one small, faultless load.
func shopWorks(t *testing.T, db *localtest.Databases) (*works, *testLoad) {
	w := newWorks(t, db, &source.Spec{Name: "shop", ReturnPrefix: "C"})
	l := &testLoad{source: "shop"}
	for i, code := range []string{"A", "B", "A", "C"} {
		l.lines = append(l.lines, testLine{
			invoice: []string{"1", "1", "2", "C3"}[i], product: code, description: "thing", quantity: []string{"1", "2", "3", "-1"}[i],
			price: "2.5", at: time.Date(2011, 1, 2+i, 12, 0, 0, 0, time.UTC), customer: "c",
		})
	}
	w.load(l)
	return w, l
}

// failed returns the names of the checks that found something in the last run, by severity.
func (w *works) failed() map[string]string {
	found := map[string]string{}
	for _, e := range w.events {
		if e, ok := e.(pipeline.CheckFailed); ok {
			found[e.Check] = e.Severity
		}
	}
	return found
}

func TestChecksPassAndAreKept(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	if found := w.failed(); len(found) != 1 || found["more_returned_than_sold"] != "warn" {
		t.Errorf("got %v", found)
	}
	if n := w.number("SELECT count(*) FROM analytics.mart_state WHERE state = 'ok' AND version = 1 AND as_of = '2011-01-04'"); n != 8 {
		t.Errorf("%d marts are ok", n)
	}
	if n := w.number("SELECT count(*) FROM analytics.check_results WHERE run = $1", w.last.Run); n != int64(len(sql.Names("check"))) {
		t.Errorf("%d results are kept", n)
	}
	if n := w.number("SELECT found FROM analytics.check_results WHERE check_name = 'more_returned_than_sold' AND sample->0->>'product_code' = 'C'"); n != 1 {
		t.Errorf("found %d", n)
	}
	w.run()
	for _, step := range []pipeline.StepName{pipeline.Transform, pipeline.Aggregate, pipeline.Check} {
		if w.last.Results[step].Skipped == "" {
			t.Errorf("%s did something when nothing had changed", step)
		}
	}
}

// Whatever is wrong with facts or marts is found by the check that is there for it.
func TestChecksFind(t *testing.T) {
	for _, c := range []struct {
		check, severity, database, damage string
	}{
		{"load_counts", "error", "staging", "UPDATE staging.loads SET rejected = 1"},
		{"fact_counts", "error", "analytics", "DELETE FROM analytics.fact_purchase_line WHERE invoice_no = '2'"},
		{"daily_sums", "error", "analytics", "UPDATE analytics.daily_sales SET gross_revenue = gross_revenue + 0.000000001 WHERE day = '2011-01-02'"},
		{"daily_sums", "error", "analytics", "DELETE FROM analytics.daily_sales WHERE day = '2011-01-02'"},
		{"daily_sums", "error", "analytics", "UPDATE analytics.fact_purchase_line SET amount_base = amount_base + 1 WHERE invoice_no = '2'"},
		{"mart_sums", "error", "analytics", "UPDATE analytics.hourly_sales SET units = units + 1"},
		{"mart_sums", "error", "analytics", "UPDATE analytics.country_sales SET lines = lines + 1"},
		{"mart_sums", "error", "analytics", "DELETE FROM analytics.customer_cohorts"},
		{"marts_current", "error", "analytics", "UPDATE analytics.mart_state SET version = 0 WHERE mart = 'inventory'"},
		{"missing_rate", "error", "analytics", "UPDATE analytics.fact_purchase_line SET amount_base = NULL WHERE invoice_no = '2'"},
		{"negative_price", "warn", "analytics", "UPDATE analytics.fact_purchase_line SET unit_price = -1 WHERE invoice_no = '2'"},
		{"future_order", "warn", "analytics", "UPDATE analytics.fact_purchase_line SET ordered_at = now() + interval '2 days' WHERE invoice_no = '2'"},
		{"several_descriptions", "warn", "analytics", "UPDATE analytics.fact_purchase_line SET description = 'other' WHERE invoice_no = '2'"},
		{"revenue_without_product", "warn", "analytics", "UPDATE analytics.product_sales SET gross_revenue = 0 WHERE product_code = 'A'"},
	} {
		t.Run(c.check, func(t *testing.T) {
			w, _ := shopWorks(t, localtest.New(t))
			w.run()
			w.exec("analytics", "UPDATE analytics.meta SET checked_version = 0")
			w.exec(c.database, c.damage)
			o := w.try(t.Context(), false)
			if w.failed()[c.check] != c.severity {
				t.Fatalf("not found, only %v: %v", w.failed(), o.Err)
			}
			gate := c.severity == "error"
			if (o.ExitCode == pipeline.ExitGate) != gate {
				t.Errorf("exit code %d", o.ExitCode)
			}
			marked := w.number("SELECT count(*) FROM analytics.mart_state WHERE state = 'failed' AND reason LIKE '%' || $1 || '%'", c.check)
			if (marked == 8) != gate || (marked == 0) == gate {
				t.Errorf("%d marts are marked", marked)
			}
		})
	}
}

func TestGateStaysShutUntilMended(t *testing.T) {
	w := newWorks(t, localtest.New(t), &source.Spec{Name: "shop"})
	w.load(&testLoad{source: "shop", lines: []testLine{
		{invoice: "1", product: "A", quantity: "1", price: "2", currency: "EUR", at: time.Date(2011, 1, 2, 12, 0, 0, 0, time.UTC), customer: "c"},
		{invoice: "2", product: "A", quantity: "1", price: "3", at: time.Date(2011, 1, 2, 12, 0, 0, 0, time.UTC), customer: "c"},
	}})
	for range 2 {
		if o := w.try(t.Context(), false); o.ExitCode != pipeline.ExitGate || w.failed()["missing_rate"] != "error" {
			t.Fatalf("exit code %d, found %v", o.ExitCode, w.failed())
		}
		if n := w.number("SELECT (sum(gross_revenue) * 100)::bigint FROM analytics.daily_sales"); n != 300 {
			t.Errorf("a line without a rate is in the marts: %d", n)
		}
	}
	w.exec("staging", "INSERT INTO staging.rates VALUES ('EUR', '2011-01-02', 0.85)")
	w.run()
	if n := w.number("SELECT (sum(gross_revenue) * 100)::bigint FROM analytics.daily_sales"); n != 470 {
		t.Errorf("with a rate: %d", n)
	}
}

func TestOwnChecks(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	own := fstest.MapFS{"big.sql": {Data: []byte(
		"-- name: big_order\n-- severity: error\n-- database: analytics\n-- description: orders above three pieces\n" +
			"SELECT invoice_no FROM analytics.fact_purchase_line WHERE quantity >= 3;\n")}}
	w.run()
	w.check.Own = own
	if o := w.try(t.Context(), false); o.ExitCode != pipeline.ExitGate || w.failed()["big_order"] != "error" {
		t.Fatalf("exit code %d, found %v", o.ExitCode, w.failed())
	}
	own["big.sql"].Data = []byte(strings.Replace(string(own["big.sql"].Data), "SELECT invoice_no", "DELETE", 1))
	if o := w.try(t.Context(), false); o.State != pipeline.Failed || !strings.Contains(o.Err.Error(), "big_order") {
		t.Fatalf("a check that writes: %v", o.Err)
	}
}
