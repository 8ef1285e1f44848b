package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/config"
	"penstock/dbadmin/local/localtest"
	"penstock/pipeline/mart"
	"penstock/sql"
	"penstock/tui/screen/insights"
	"penstock/tui/tuitest"
)

const shopConfig = `base_currency: GBP
report_timezone: Europe/London
sources:
  - name: online-retail
    path: %q
    format: {timestamp: "%%Y-%%m-%%d %%H:%%M:%%S", nulls: ["", "NULL"]}
    timezone: Europe/London
    columns: {invoice_no: InvoiceNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country}
    duplicates: collapse
    return_prefix: C
    adjust_prefix: A
    service_codes: [POST, DOT, M, m, D, S, B, C2, CRUK, PADS, AMAZONFEE, "BANK CHARGES", "gift_*", "DCGS*"]
    pii: [customer_id]
lake: {url: lake}
marts: {pairs: {min_invoices: 10, max_products: 40}}
`

// realShop runs the whole pipeline over some days of real purchases and returns who reads them, and what
// runs a command line on the same databases.
func realShop(t *testing.T) (martReader, *localtest.Databases, func(args ...string) string) {
	t.Helper()
	days, err := filepath.Abs(filepath.Dir(dayFiles(t)[0]))
	if err != nil {
		t.Fatal(err)
	}
	db := localtest.New(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), fmt.Appendf(nil, shopConfig, filepath.Join(days, "*.csv.gz")), 0o600); err != nil {
		t.Fatal(err)
	}
	h := host{
		environ: []string{
			"HOME=" + dir, "TERM=xterm-256color", "PENSTOCK_DATA_DIR=" + dir,
			"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL,
			"PENSTOCK_STAGING_READ_URL=" + db.URL(sql.Staging, "analyst"), "PENSTOCK_ANALYTICS_READ_URL=" + db.URL(sql.Analytics, "analyst"),
		},
		now: time.Now, workdir: dir, hostname: "here", uid: os.Getuid(), gid: os.Getgid(), pid: os.Getpid(),
	}
	run := func(args ...string) string {
		var out, human bytes.Buffer
		h := h
		h.args, h.in, h.out, h.err = append([]string{"--run"}, args...), strings.NewReader(""), &out, &human
		if code := execute(t.Context(), h, func() os.Signal { return nil }); code != codeDone {
			t.Fatalf("penstock --run %s: code %d\n%s%s", strings.Join(args, " "), code, out.String(), human.String())
		}
		return out.String()
	}
	run("pipeline")
	h.in, h.out, h.err = strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}
	a := newApp(h)
	a.calls = newCallLog(time.Now) // as the console has it, with queries that are cancelled at the server
	t.Cleanup(func() { _ = a.close() })
	return martReader{a}, db, run
}

// TestInsightsOnRealMarts reads everything that the screen shows from a real pipeline, and has every number
// add up from the lines behind it, in PostgreSQL and in the lake.
func TestInsightsOnRealMarts(t *testing.T) {
	r, _, run := realShop(t)
	ctx := t.Context()
	health, err := r.Health(ctx)
	if err != nil || health.State.State != "ok" || !health.Loaded || health.Behind || health.FirstDay.Format(time.DateOnly) != "2010-12-01" {
		t.Fatalf("health %+v, %v", health, err)
	}
	totals, err := r.Totals(ctx)
	if err != nil || totals.Purchases == 0 {
		t.Fatalf("totals %+v, %v", totals, err)
	}
	all := sums(t, r, mart.Behind{})
	if all.Gross != totals.Gross || all.Net != totals.Net || all.Purchases != totals.Purchases || all.Units != totals.Units {
		t.Errorf("all lines come to %+v, the totals are %+v", all, totals)
	}
	t.Run("lists", func(t *testing.T) { listsAddUp(t, r) })
	t.Run("charts", func(t *testing.T) { chartsAddUp(t, r, totals) })
	t.Run("overview", func(t *testing.T) {
		o, err := r.Overview(ctx)
		if err != nil || len(o.Best) != overviewRows || len(o.Hours) == 0 || len(o.Segments) == 0 || len(o.Countries.Rows) == 0 || len(o.Reorder) == 0 || o.Zoom != mart.Week {
			t.Errorf("overview of %s: %d best, %d hours, %d segments, %d to order, %v", o.Zoom, len(o.Best), len(o.Hours), len(o.Segments), len(o.Reorder), err)
		}
	})
	t.Run("lake", func(t *testing.T) { lakeAgrees(t, r, run) })
	t.Run("pages", func(t *testing.T) { pagesMeet(t, r) })
}

func sums(t *testing.T, r martReader, b mart.Behind) mart.LineSums {
	t.Helper()
	b.Timezone = "Europe/London"
	s, err := r.Sums(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rowsOf reads a list and returns its rows by the names of their columns.
func rowsOf(t *testing.T, r martReader, l mart.List) []map[string]string {
	t.Helper()
	l.Timezone, l.Limit = "Europe/London", 10_000
	table, err := r.List(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, row := range table.Rows {
		m := map[string]string{}
		for i, c := range table.Columns {
			m[c.Name] = row[i].Text
		}
		rows = append(rows, m)
	}
	if len(rows) == 0 {
		t.Fatalf("%+v has no rows", l)
	}
	return rows
}

func listsAddUp(t *testing.T, r martReader) {
	for _, l := range []mart.List{{Of: mart.Products}, {Of: mart.Products, Worst: true}, {Of: mart.Products, Services: true}} {
		for _, row := range few(rowsOf(t, r, l)) {
			s := sums(t, r, mart.Behind{Product: row["product_code"]})
			if string(s.Gross) != row["gross_revenue"] || string(s.Net) != row["net_revenue"] || fmt.Sprint(s.Purchases) != row["invoices"] || string(s.Units) != row["units"] {
				t.Errorf("product %v: lines come to %+v", row, s)
			}
		}
	}
	for _, row := range few(rowsOf(t, r, mart.List{Of: mart.Customers, Segment: "champion"})) {
		s := sums(t, r, mart.Behind{Customer: row["customer_id"]})
		if string(s.Gross) != row["gross_revenue"] || fmt.Sprint(s.Purchases) != row["purchases"] || row["segment"] != "champion" {
			t.Errorf("customer %v: lines come to %+v", row, s)
		}
	}
	for _, row := range rowsOf(t, r, mart.List{Of: mart.Countries}) {
		country := row["country"]
		if s := sums(t, r, mart.Behind{Country: &country}); string(s.Gross) != row["gross_revenue"] || string(s.Net) != row["net_revenue"] {
			t.Errorf("country %v: lines come to %+v", row, s)
		}
	}
	for _, by := range []string{"lift", "invoices", "confidence"} {
		for _, row := range few(rowsOf(t, r, mart.List{Of: mart.Pairs, By: by})) {
			s := sums(t, r, mart.Behind{Product: row["product_a"], With: row["product_b"]})
			if fmt.Sprint(s.Purchases) != row["invoices"] || row["description_a"] == "" {
				t.Errorf("pair %v: lines come to %+v", row, s)
			}
		}
	}
	every := rowsOf(t, r, mart.List{Of: mart.Inventory})
	due := rowsOf(t, r, mart.List{Of: mart.Inventory, Due: true})
	if len(due) >= len(every) {
		t.Errorf("%d of %d products are to be ordered", len(due), len(every))
	}
	for _, row := range due {
		if row["abc"] != "A" || row["reorder_point"] == "0" {
			t.Errorf("to be ordered: %v", row)
		}
	}
}

// few are the first rows, the last and some between.
func few(rows []map[string]string) []map[string]string {
	var out []map[string]string
	for i := 0; i < len(rows); i += 1 + len(rows)/8 {
		out = append(out, rows[i])
	}
	return append(out, rows[len(rows)-1])
}

func chartsAddUp(t *testing.T, r martReader, totals mart.Totals) {
	ctx := t.Context()
	for _, z := range []mart.Zoom{mart.Day, mart.Week, mart.Month} {
		list, err := r.Trend(ctx, z)
		if err != nil || len(list) < 2 {
			t.Fatalf("%s: %d periods, %v", z, len(list), err)
		}
		for i, p := range list {
			if i > 0 && !p.Start.Equal(list[i-1].End) {
				t.Errorf("%s: %v does not follow %v", z, p.Start, list[i-1].End)
			}
			if i%10 != 0 {
				continue
			}
			if s := sums(t, r, mart.Behind{From: p.Start, To: p.End}); s.Gross != p.Gross || s.Net != p.Net || s.Units != p.Units {
				t.Errorf("%s of %v: %+v, lines come to %+v", z, p.Start, p, s)
			}
		}
	}
	hours, err := r.Hours(ctx)
	if err != nil || len(hours) == 0 {
		t.Fatal(len(hours), err)
	}
	for _, h := range hours {
		s := sums(t, r, mart.Behind{Weekday: int(h.Weekday), Hour: int(h.Hour)})
		if s.Gross != h.Gross || s.Purchases != h.Purchases {
			t.Errorf("hour %+v: lines come to %+v", h, s)
		}
	}
	cohorts, err := r.Cohorts(ctx)
	if err != nil || len(cohorts) == 0 {
		t.Fatal(len(cohorts), err)
	}
	for _, c := range cohorts {
		if s := sums(t, r, mart.Behind{Cohort: c.Month, Since: int(c.Since)}); s.Net != c.Net {
			t.Errorf("cohort %+v: lines come to %+v", c, s)
		}
	}
	groups, err := r.Groups(ctx)
	if err != nil {
		t.Fatal(err)
	}
	bySegment, byScore := int64(0), int64(0)
	for _, s := range groups.Segments {
		bySegment += s.Customers
	}
	for _, s := range groups.Scores {
		byScore += s.Customers
	}
	if bySegment != totals.Customers || byScore != totals.Customers || len(groups.Classes) == 0 {
		t.Errorf("%d customers in segments, %d in scores, %d in all; %d classes", bySegment, byScore, totals.Customers, len(groups.Classes))
	}
}

// lakeAgrees runs what the screen copies as a command: the lake has the same lines.
func lakeAgrees(t *testing.T, r martReader, run func(...string) string) {
	france, pair := "France", rowsOf(t, r, mart.List{Of: mart.Pairs, By: "invoices"})[0]
	for name, b := range map[string]mart.Behind{
		"product":  {Product: "22423"},
		"hostile":  {Product: "it's; DROP TABLE x --"},
		"customer": {Customer: "17850"},
		"country":  {Country: &france},
		"days":     {From: time.Date(2010, 12, 5, 0, 0, 0, 0, time.UTC), To: time.Date(2010, 12, 7, 0, 0, 0, 0, time.UTC)},
		"hour":     {Weekday: 4, Hour: 12},
		"cohort":   {Cohort: time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC), Since: 12},
		"pair":     {Product: pair["product_a"], With: pair["product_b"], Smallest: 2, Largest: 40},
	} {
		b.Timezone = "Europe/London"
		want := sums(t, r, b)
		out := run("query", "SELECT count(*) AS n, coalesce(sum(amount_base), 0)::varchar AS net FROM ("+b.LakeQuery(0)+")", "--json")
		var got struct {
			N   int64
			Net json.Number
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, out)
		}
		if trimmed := strings.TrimSuffix(strings.TrimRight(got.Net.String(), "0"), "."); got.N != want.Lines || trimmed != string(want.Net) && want.Lines > 0 {
			t.Errorf("%s: the lake has %d lines worth %s, analytics %+v", name, got.N, got.Net, want)
		}
		if (want.Lines == 0) != (name == "hostile") {
			t.Errorf("%s: %d lines", name, want.Lines)
		}
	}
}

// pagesMeet reads lines in pages of a few: none is left out, none is there twice.
func pagesMeet(t *testing.T, r martReader) {
	b := mart.Behind{Product: "85123A", Timezone: "Europe/London"}
	want := sums(t, r, b).Lines
	seen := map[string]bool{}
	last := "9999"
	for after := (*mart.Place)(nil); ; {
		page, err := r.Lines(t.Context(), b, after, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Table.Rows {
			cells := map[string]string{}
			for i, c := range page.Table.Columns {
				cells[c.Name] = row[i].Text
			}
			if id := cells["load"] + "/" + cells["line"]; seen[id] {
				t.Fatalf("line %s is there twice", id)
			} else {
				seen[id] = true
			}
			if cells["ordered"] > last {
				t.Errorf("%s comes after %s", cells["ordered"], last)
			}
			last = cells["ordered"]
		}
		if after = page.Next; after == nil {
			break
		}
	}
	if int64(len(seen)) != want || want < 50 {
		t.Errorf("%d lines in pages, %d in all", len(seen), want)
	}
}

// TestInsightsStopAtTheServer holds a query up and gives it up: the server says that it stopped, and the
// connection lives on.
func TestInsightsStopAtTheServer(t *testing.T) {
	r, db, _ := realShop(t)
	if _, err := r.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	holder, err := db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(context.Background()) }()
	if _, err := holder.Exec(t.Context(), "LOCK TABLE analytics.fact_purchase_line, analytics.daily_sales IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func(context.Context) error{
		"lines": func(ctx context.Context) error {
			_, err := r.Lines(ctx, mart.Behind{Timezone: "UTC"}, nil, 10)
			return err
		},
		"overview": func(ctx context.Context) error { _, err := r.Overview(ctx); return err },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		var asked error
		work.Go(func() { asked = ask(ctx) })
		waiting(t, db, 1)
		cancel()
		work.Wait()
		if !errors.Is(asked, insights.ErrStopped) {
			t.Errorf("%s ended with %v", name, asked)
		}
		waiting(t, db, 0)
	}
}

// waiting waits until so many statements wait for a lock.
func waiting(t *testing.T, db *localtest.Databases, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		n := 0
		if err := db.Analytics.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == want {
			return
		}
	}
}

// TestInsightsBeforeAnything has the console say what to do where nothing is loaded.
func TestInsightsBeforeAnything(t *testing.T) {
	db := localtest.New(t)
	dir := t.TempDir()
	a := newApp(host{
		in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now, workdir: dir, uid: os.Getuid(),
		environ: []string{
			"HOME=" + dir, "TERM=xterm-256color", "PENSTOCK_DATA_DIR=" + dir,
			"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL,
		},
	})
	a.view = consoleFlags{theme: "dark", screen: insights.ID}
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.root.Close(); _ = a.close() })
	term := tuitest.Run(t, c.root, 100, 30)
	term.WaitText("Nothing is loaded yet.", "P goes to the pipeline")
	if _, err := db.Analytics.Exec(t.Context(), "UPDATE analytics.meta SET version = 1"); err != nil {
		t.Fatal(err)
	}
	term.WaitText("the analytics are not made of them yet")
	term.Send(tea.KeyPressMsg{Code: 'P', Text: "P"})
	term.WaitText("▸ pipeline")
}
