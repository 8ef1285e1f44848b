package mart

import (
	"fmt"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

const (
	addLine = `INSERT INTO analytics.fact_purchase_line (source, invoice_no, product_code, description, quantity, unit_price, discount_rate, discount,
		currency, ordered_at, customer_id, country, kind, is_service, ordered_day, amount, amount_base, load_id, record, line, byte_offset)
		VALUES ('shop', $1, $2, 'thing', $3::numeric, 2.50, 0, 0, 'GBP', $4::timestamptz, $5, $6, $7, false, ($4::timestamptz AT TIME ZONE 'Europe/London')::date,
		$3::numeric * 2.50, CASE WHEN $8 THEN $3::numeric * 2.50 END, 1, $9::bigint, $9::bigint + 1, 0)`
	addDay = `INSERT INTO analytics.daily_sales (day, lines, purchases, customers, units, gross_revenue, returned_value, net_revenue)
		VALUES ($1, 2, 2, 1, 3, $2::numeric, 0.5, $2::numeric - 0.5)`
	addState = `INSERT INTO analytics.mart_state (mart, state, reason, run, version, rows, as_of, built_at) VALUES ($1, $2, $3, 7, 1, 3, '2011-12-09', '2011-12-10 09:00Z')`
)

// shop is a database with a few lines, as the analyst reads it.
func shop(t *testing.T) (Querier, func(statement string, args ...any)) {
	t.Helper()
	db := localtest.New(t)
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.Analytics.Exec(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for i, l := range []struct {
		invoice, product, quantity, at, kind string
		customer, country                    any
		rated                                bool
	}{
		{"1", "A", "2", "2011-03-27 00:59:59Z", "sale", "C1", "France", true},
		{"1", "B", "1", "2011-03-27 00:59:59Z", "sale", "C1", "France", true},
		{"2", "A", "1", "2011-03-27 01:00:00Z", "sale", nil, nil, true}, // 2 o'clock in London, where clocks change
		{"C2", "A", "-1", "2011-03-28 10:00:00Z", "return", nil, nil, true},
		{"3", "A", "5", "2011-03-28 23:30:00Z", "sale", "C2", "France", true}, // the 29th in London
		{"4", "A", "9", "2011-03-28 10:00:00Z", "giveaway", nil, nil, true},
		{"5", "A", "9", "2011-03-28 10:00:00Z", "sale", nil, nil, false}, // without a rate
	} {
		do(addLine, l.invoice, l.product, l.quantity, l.at, l.customer, l.country, l.kind, l.rated, int64(i+1))
	}
	return db.Pool(t, sql.Analytics, "analyst"), do
}

func TestLinesBehind(t *testing.T) {
	db, _ := shop(t)
	france, none := "France", ""
	for name, c := range map[string]struct {
		of   Behind
		want LineSums
	}{
		"all":      {Behind{}, LineSums{5, 3, "9", "22.5", "2.5", "20"}},
		"product":  {Behind{Product: "A"}, LineSums{4, 3, "8", "20", "2.5", "17.5"}},
		"nothing":  {Behind{Product: "Z"}, LineSums{0, 0, "0", "0", "0", "0"}},
		"customer": {Behind{Customer: "C1"}, LineSums{2, 1, "3", "7.5", "0", "7.5"}},
		"country":  {Behind{Country: &france}, LineSums{3, 2, "8", "20", "0", "20"}},
		"no land":  {Behind{Country: &none}, LineSums{2, 1, "1", "2.5", "2.5", "0"}},
		"day":      {Behind{From: at("2011-03-29"), To: at("2011-03-30")}, LineSums{1, 1, "5", "12.5", "0", "12.5"}},
		"since":    {Behind{From: at("2011-03-28")}, LineSums{2, 1, "5", "12.5", "2.5", "10"}},
		"hour":     {Behind{Weekday: 7, Hour: 2}, LineSums{1, 1, "1", "2.5", "0", "2.5"}},
		"midnight": {Behind{Weekday: 7, Hour: 0}, LineSums{2, 1, "3", "7.5", "0", "7.5"}},
		"both":     {Behind{Product: "A", Customer: "C1"}, LineSums{1, 1, "2", "5", "0", "5"}},
		"pair":     {Behind{Product: "A", With: "B"}, LineSums{2, 1, "3", "7.5", "0", "7.5"}},
		"hostile":  {Behind{Product: "'; DELETE FROM x --", Customer: "@product", Country: &france}, LineSums{0, 0, "0", "0", "0", "0"}},
	} {
		c.of.Timezone = "Europe/London"
		got, err := SumLines(t.Context(), db, c.of)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, want %+v (%v)", name, got, c.want, err)
		}
		page, err := ReadLines(t.Context(), db, c.of, nil, 100)
		if err != nil || int64(len(page.Table.Rows)) != c.want.Lines || page.Next != nil {
			t.Errorf("%s: %+v, %v", name, page, err)
		}
	}
}

// TestPagesOfLines reads line by line; some have the same time.
func TestPagesOfLines(t *testing.T) {
	db, _ := shop(t)
	var got []string
	for after := (*Place)(nil); ; {
		page, err := ReadLines(t.Context(), db, Behind{Timezone: "Europe/London"}, after, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Table.Rows {
			got = append(got, row[0].Text+" "+row[2].Text+row[4].Text)
			if n := len(page.Table.Columns); len(row) != n || page.Table.Columns[n-1].Name != "line" {
				t.Errorf("%d cells under %d columns", len(row), n)
			}
		}
		if after = page.Next; after == nil {
			break
		}
	}
	want := "[2011-03-29 00:30:00 3A 2011-03-28 11:00:00 C2A 2011-03-27 02:00:00 2A 2011-03-27 00:59:59 1B 2011-03-27 00:59:59 1A]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestHealth(t *testing.T) {
	db, do := shop(t)
	health := func() Health {
		t.Helper()
		h, err := HealthOf(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if h := health(); h.State.State != "missing" || h.Loaded || h.Behind || h.FirstDay != nil {
		t.Errorf("at first: %+v", h)
	}
	do("UPDATE analytics.meta SET version = 1")
	if h := health(); h.State.State != "missing" || !h.Loaded || !h.Behind {
		t.Errorf("loaded: %+v", h)
	}
	do("UPDATE analytics.meta SET marts_version = 1")
	do(addState, "daily_sales", "ok", nil)
	do(addState, "product_sales", "failed", "three rows")
	do(addDay, "2010-12-01", "10")
	do("INSERT INTO analytics.check_results VALUES (7, 'sums', 'error', 'sums differ', 3, '[]', now()), (7, 'fine', 'warn', 'nothing', 0, '[]', now())")
	h := health()
	if h.State.State != "failed" || h.Reason != "three rows" || h.Run != 7 || h.Behind || h.FirstDay == nil || !h.FirstDay.Equal(at("2010-12-01")) {
		t.Errorf("made: %+v", h)
	}
	if !h.BuiltAt.Equal(time.Date(2011, 12, 10, 9, 0, 0, 0, time.UTC)) || !h.AsOf.Equal(at("2011-12-09")) {
		t.Errorf("as of %v, built at %v", h.AsOf, h.BuiltAt)
	}
	if len(h.Checks) != 1 || h.Checks[0].Name != "sums" || h.Checks[0].Found != 3 {
		t.Errorf("checks %+v", h.Checks)
	}
}

func TestTrend(t *testing.T) {
	db, do := shop(t)
	for day, gross := range map[string]string{"2010-12-31": "0.10", "2011-01-01": "0.20", "2011-01-17": "9007199254740993.000000001"} {
		do(addDay, day, gross)
	}
	for z, want := range map[Zoom]string{
		Day:   "18: 0.1 0.2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9007199254740993.000000001",
		Week:  "4: 0.3 0 0 9007199254740993.000000001",
		Month: "2: 0.1 9007199254740993.200000001",
	} {
		list, err := Trend(t.Context(), db, z)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%d:", len(list))
		for _, p := range list {
			got += " " + string(p.Gross)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", z, got, want)
		}
		if first := list[0]; first.Average == nil || first.Purchases == 0 || first.End != z.next(first.Start) {
			t.Errorf("%s: first %+v", z, first)
		}
	}
	o, err := ReadOverview(t.Context(), db, 5)
	if err != nil || o.Zoom != Day || len(o.Trend) != 18 {
		t.Errorf("overview by %s with %d periods: %v", o.Zoom, len(o.Trend), err)
	}
	do(addDay, "2004-01-17", "1")
	if o, err = ReadOverview(t.Context(), db, 5); err != nil || o.Zoom != Month {
		t.Errorf("overview of seven years by %s: %v", o.Zoom, err)
	}
}

func TestEmptyMartsAnswer(t *testing.T) {
	db := localtest.New(t).Analytics
	o, err := ReadOverview(t.Context(), db, 5)
	if err != nil || len(o.Trend)+len(o.Best)+len(o.Hours)+len(o.Segments)+len(o.Countries.Rows)+len(o.Reorder) != 0 {
		t.Errorf("overview %+v, %v", o, err)
	}
	if g, err := ReadGroups(t.Context(), db); err != nil || len(g.Classes)+len(g.Scores) != 0 {
		t.Errorf("groups %+v, %v", g, err)
	}
	if list, err := Cohorts(t.Context(), db, 12); err != nil || len(list) != 0 {
		t.Errorf("cohorts %+v, %v", list, err)
	}
	for _, of := range []ListName{Products, Customers, Countries, Pairs, Inventory} {
		for _, l := range []List{{Of: of}, {Of: of, Worst: true, Due: true, Services: true, By: "invoices", Segment: "loyal"}} {
			l.Timezone, l.Limit = "Europe/London", 10
			table, err := ReadList(t.Context(), db, l)
			if err != nil || len(table.Rows) != 0 || len(table.Columns) < 9 {
				t.Errorf("%+v: %+v, %v", l, table, err)
			}
		}
	}
}
