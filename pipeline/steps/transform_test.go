package steps

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

func TestNothingLoaded(t *testing.T) {
	w := newWorks(t, localtest.New(t))
	w.run()
	for _, step := range []pipeline.StepName{pipeline.Transform, pipeline.Aggregate, pipeline.Check} {
		if w.last.Results[step].Skipped == "" {
			t.Errorf("%s did something with nothing", step)
		}
	}
}

func TestCounts(t *testing.T) {
	w := newWorks(t, localtest.New(t), &source.Spec{Name: "shop", Duplicates: "collapse"})
	x := testLine{invoice: "1", product: "A", quantity: "1", price: "2", at: time.Date(2011, 1, 2, 12, 0, 0, 0, time.UTC)}
	y := x
	y.invoice = "2"
	w.load(&testLoad{source: "shop", lines: []testLine{x, x, y, y, y}})
	w.run()
	if r := w.last.Results[pipeline.Transform]; r.Read != 5 || r.Loaded != 2 || r.Collapsed != 3 {
		t.Errorf("got %+v", r)
	}
	w.load(&testLoad{source: "shop", lines: []testLine{y}})
	w.run()
	if r := w.last.Results[pipeline.Transform]; r.Read != 4 || r.Loaded != 1 || r.Collapsed != 3 {
		t.Errorf("only the touched invoice is derived anew: got %+v", r)
	}
}

// The first rule that holds decides the kind of a line, whatever else holds.
func TestKinds(t *testing.T) {
	w := newWorks(t, localtest.New(t), &source.Spec{
		Name: "shop", VoidStatus: []string{"void"}, AdjustPrefix: "A", ReturnPrefix: "C", ReturnStatus: []string{"back"},
		ServiceCodes: []string{"POST", "gift_*"},
	})
	l := &testLoad{source: "shop"}
	want := []string{}
	for _, c := range []struct{ invoice, status, quantity, price, product, kind, service string }{
		{"A1", "void", "-1", "5", "", "void", "false"},
		{"A2", "back", "-1", "5", "", "adjustment", "false"},
		{"C3", "", "1", "5", "POST", "return", "true"},
		{"C4", "", "-1", "0", "gift_1", "return", "true"},
		{"5", "back", "1", "5", "giftX", "return", "false"},
		{"6", "", "-1", "5", "POSTER", "return", "false"},
		{"7", "", "-1", "0", "post", "stock_movement", "false"},
		{"8", "", "0", "5", "xgift_", "stock_movement", "false"},
		{"9", "", "-1", "-5", "", "stock_movement", "false"},
		{"B1", "paid", "1", "0", "", "giveaway", "false"},
		{"B2", "", "1", "-5", "", "giveaway", "false"},
		{"a3", "Void", "1", "5", "", "sale", "false"},
		{"c4", "", "0.001", "0.000001", "", "sale", "false"},
	} {
		l.lines = append(l.lines, testLine{
			invoice: c.invoice, status: c.status, quantity: c.quantity, price: c.price, product: c.product, at: time.Date(2011, 1, 2, 12, 0, 0, 0, time.UTC),
		})
		want = append(want, c.invoice+"|"+c.kind+"|"+c.service)
	}
	w.load(l)
	w.try(t.Context(), false)
	slices.Sort(want)
	if diff := firstDifference(want, w.dump("SELECT invoice_no, kind, is_service FROM analytics.fact_purchase_line")); diff != "" {
		t.Error(diff)
	}
}

// The lines of an untouched invoice stay where they are, and so does its month.
func TestOnlyTouchedInvoicesMove(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	place := func() string {
		return strings.Join(w.dump("SELECT invoice_no, ctid FROM analytics.fact_purchase_line WHERE invoice_no <> '9'"), " ")
	}
	before := place()
	w.load(&testLoad{source: "shop", lines: []testLine{
		{invoice: "9", product: "A", quantity: "1", price: "2", at: time.Date(2011, 2, 2, 12, 0, 0, 0, time.UTC), customer: "c"},
	}})
	w.run()
	if after := place(); after != before {
		t.Errorf("lines moved:\nbefore %s\nafter  %s", before, after)
	}
	months := w.dump("SELECT month, version FROM analytics.fact_months")
	if got := strings.Join(months, " "); got != "2011-01-01|1 2011-02-01|2" {
		t.Errorf("months: %s", got)
	}
}

// The greatest numbers that staging can hold become facts; what conversion makes of them may not fit.
func TestGreatNumbers(t *testing.T) {
	w := newWorks(t, localtest.New(t), &source.Spec{Name: "shop"})
	w.exec("staging", "INSERT INTO staging.rates VALUES ('EUR', '2011-01-02', 999999999)")
	x := testLine{
		invoice: "1", product: "A", quantity: "99999999999.999", price: "999999999999.999999", rate: "0.999999", discount: "999999999999.999999",
		at: time.Date(2011, 1, 2, 12, 0, 0, 0, time.UTC),
	}
	y := x
	y.invoice, y.currency, y.rate = "2", "EUR", "-999.999999"
	w.load(&testLoad{source: "shop", lines: []testLine{x, y}})
	if o := w.try(t.Context(), false); o.ExitCode != pipeline.ExitGate || w.failed()["missing_rate"] == "" {
		t.Fatalf("exit code %d: %v\n%s", o.ExitCode, o.Err, w.told())
	}
	// 99999999999.999 * 999999999999.999999 * 0.000001 - 999999999999.999999 has fifteen decimals.
	got := w.dump("SELECT invoice_no, amount, amount_base FROM analytics.fact_purchase_line WHERE invoice_no = '1'")[0]
	if want := "1|99998999999998999.900001000|99998999999998999.900001000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTwoServers(t *testing.T) {
	w, l := shopWorks(t, localtest.NewWith(t, localtest.Options{Separate: true}))
	w.run()
	w.load(&testLoad{source: "shop", lines: l.lines[:1]})
	w.run()
	if got, want := w.dump(dumpQueries()["daily_sales"]), newReference(w, nil, l, &testLoad{source: "shop", lines: l.lines[:1]}).marts()["daily_sales"]; firstDifference(want, got) != "" {
		t.Error(firstDifference(want, got))
	}
}

func TestRebuildsByItself(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	facts := w.table("fact_purchase_line")
	rebuilt := func(why string) {
		t.Helper()
		w.run()
		now := w.table("fact_purchase_line")
		if now == facts {
			t.Fatalf("no rebuild for %s", why)
		}
		facts = now
		var told bool
		for _, e := range w.events {
			if e, ok := e.(pipeline.Warning); ok && strings.Contains(e.Message, why) {
				told = true
			}
		}
		if !told {
			t.Errorf("nothing was told of %s:\n%s", why, w.told())
		}
	}
	w.transform.Sources[0].ServiceCodes = []string{"A"}
	rebuilt("rules of source shop")
	if n := w.number("SELECT count(*) FROM analytics.product_sales WHERE is_service"); n != 1 {
		t.Error("the new rules were not kept to")
	}
	w.transform.ReportTimezone, w.aggregate.ReportTimezone = "Asia/Tokyo", "Asia/Tokyo"
	rebuilt("report timezone")
	w.exec("staging", "UPDATE staging.meta SET uuid = gen_random_uuid()")
	rebuilt("another staging database")
	w.transform.Sources = nil
	w.run()
	if !strings.Contains(w.told(), "not in the config") {
		t.Errorf("a source that nobody configured must be told of:\n%s", w.told())
	}
}

// Marts follow a change of their settings although no fact has changed.
func TestMartSettings(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	if n := w.number("SELECT count(*) FROM analytics.product_pairs"); n != 0 {
		t.Fatalf("%d pairs", n)
	}
	w.aggregate.PairMinInvoices = 1
	w.run()
	if n := w.number("SELECT rows FROM analytics.mart_state WHERE mart = 'product_pairs'"); n != 1 {
		t.Errorf("%d pairs", n)
	}
}

// The shares of pairs are what dividing decimals gives, also where a bigint is too small for it.
func TestSharesAreExact(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.aggregate.PairMinInvoices = 1
	w.run()
	if n := w.number(`SELECT count(*) FROM generate_series(1, 20000) AS i, LATERAL (SELECT 1 + i * 7919 % 9973 AS whole) AS w,
		LATERAL (SELECT i * 104729 % 3000 AS part) AS p WHERE analytics.share(part, whole) <> round(part::numeric / whole, 6)`); n != 0 {
		t.Errorf("%d shares differ", n)
	}
	const pair = `SELECT count(*) FROM analytics.product_pairs WHERE
		lift = round(invoices::numeric * %[1]d / (%[2]d::numeric * %[2]d), 6) AND support = round(invoices::numeric / %[1]d, 6)`
	for _, of := range []struct{ baskets, with, both int64 }{
		{1000, 30, 7}, {3_000_000, 500_000, 400_000}, {40_000_000, 3_000_000, 1_000_001}, {4_000_000_000_000, 3_000_000_000, 1_000_000},
	} {
		w.exec("analytics", fmt.Sprintf(`UPDATE analytics.agg_total SET baskets = %d`, of.baskets))
		w.exec("analytics", fmt.Sprintf(`UPDATE analytics.agg_product SET baskets = %d`, of.with))
		w.exec("analytics", fmt.Sprintf(`UPDATE analytics.agg_pair SET baskets = %d`, of.both))
		if n := w.number(fmt.Sprintf(pair, of.baskets, of.with)); n != 1 {
			t.Errorf("the only pair is not what it should be for %+v", of)
		}
	}
}

// An analyst reads tables that were rebuilt, and cannot write them.
func TestRightsOutliveARebuild(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	if o := w.try(t.Context(), true); o.Err != nil {
		t.Fatal(o.Err)
	}
	analyst := w.db.Pool(t, sql.Analytics, "analyst")
	for _, name := range append(append(transformTables(), sumTables()...), append(martStatements(), pairsMart)...) {
		var n int
		if err := analyst.QueryRow(t.Context(), "SELECT count(*) FROM analytics."+name).Scan(&n); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := analyst.Exec(t.Context(), "DELETE FROM analytics."+name); err == nil {
			t.Errorf("%s: an analyst may delete", name)
		}
	}
	if _, err := w.transform.Analytics.Exec(t.Context(), "SELECT analytics.build_begin('{schema_version}'), analytics.build_swap('{schema_version}')"); err == nil {
		t.Error("who loads data may replace the list of migrations")
	}
}

// A rebuild waits for a reader of the old tables, and says so.
func TestRebuildWaitsForReaders(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	tx, err := w.db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT count(*) FROM analytics.dim_product"); err != nil {
		t.Fatal(err)
	}
	x, err := w.ledger.Start(t.Context(), pipeline.Plan{Steps: []pipeline.Step{Transform(w.transform)}, Rebuild: true})
	if err != nil {
		t.Fatal(err)
	}
	var waited bool
	for e, err := range x.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := e.(pipeline.Warning); ok && strings.Contains(e.Message, "waiting") {
			waited = true
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if o, err := x.Wait(); err != nil || o.State != pipeline.Done || !waited {
		t.Errorf("waited %v: %+v %v", waited, o, err)
	}
}

// What somebody built on the tables is not dropped with them.
func TestRebuildSparesDependents(t *testing.T) {
	w, _ := shopWorks(t, localtest.New(t))
	w.run()
	w.exec("analytics", "CREATE VIEW public.mine AS SELECT * FROM analytics.dim_product")
	o := w.try(t.Context(), true)
	var hint interface{ Hint() string }
	if o.State != pipeline.Failed || !strings.Contains(o.Err.Error(), "view public.mine") || !asHint(o.Err, &hint) || !strings.Contains(hint.Hint(), "drop") {
		t.Fatalf("got %v", o.Err)
	}
	w.exec("analytics", "DROP VIEW public.mine")
	if o := w.try(t.Context(), true); o.Err != nil {
		t.Fatal(o.Err)
	}
}

// A cancelled run stops in the middle of a statement and leaves what was there.
func TestCancel(t *testing.T) {
	w, l := shopWorks(t, localtest.New(t))
	w.run()
	before := w.snapshot()
	w.load(&testLoad{source: "shop", lines: l.lines[:2]})
	lock, err := w.db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := lock.Exec(t.Context(), "LOCK TABLE analytics.purchase_lineage IN EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.fail = func(point string) {
		if point == "transform.copied" {
			cancel() // with the lock held, the statement after it cannot end
		}
	}
	if o := w.try(ctx, false); o.State != pipeline.Cancelled {
		t.Fatalf("got %s: %v", o.State, o.Err)
	}
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "after a cancelled run", before, w.snapshot())
}

// Online Retail cut into its days, loaded in any order, some of them twice in other company, one undone
// and loaded again, with runs that end half way: the same as loaded whole.
func TestOnlineRetailByDay(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 541,909 lines twice")
	}
	lines := retailLines(t)
	whole := newWorks(t, localtest.New(t), retailSpec())
	whole.load(&testLoad{source: "online-retail", lines: lines})
	whole.run()
	want := whole.snapshot()

	byDay := map[string][]testLine{}
	var names []string
	for _, x := range lines {
		day := x.at.Format(time.DateOnly)
		if byDay[day] == nil {
			names = append(names, day)
		}
		byDay[day] = append(byDay[day], x)
	}
	if len(names) != 305 {
		t.Fatalf("%d days", len(names))
	}
	d := rand.New(rand.NewPCG(5, 305))
	d.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	w := newWorks(t, localtest.New(t), retailSpec())
	points := []string{"transform.copied", "transform.before-commit", "transform.after-commit", "aggregate.before-commit", "aggregate.after-commit"}
	var undone *testLoad
	for len(names) > 0 {
		for range min(len(names), 1+d.IntN(60)) {
			l := &testLoad{source: "online-retail", lines: byDay[names[0]]}
			w.load(l)
			if d.IntN(10) == 0 { // the day once more, as part of another file: all of it repeated lines
				w.load(&testLoad{source: "online-retail", lines: append([]testLine{byDay[names[len(names)-1]][0]}, l.lines...)})
			}
			if undone == nil && d.IntN(20) == 0 {
				undone = l
			}
			names = names[1:]
		}
		ctx, stop := context.WithCancel(t.Context())
		point := points[d.IntN(len(points))]
		w.fail = func(at string) {
			if at == point {
				stop()
			}
		}
		w.try(ctx, false)
		stop()
		w.fail = func(string) {}
		w.run()
	}
	w.undo(undone)
	w.run()
	w.load(undone)
	w.run()
	got := w.snapshot()
	delete(want, "lineage") // staged more often
	same(t, "by day", want, got)
}
