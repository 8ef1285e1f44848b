package mart

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"penstock/sql"
)

// TestFoundCountsWhatTheFiltersKeep asks for fewer rows than there are.
func TestFoundCountsWhatTheFiltersKeep(t *testing.T) {
	db, do := shop(t)
	for _, day := range []string{"2010-12-01", "2010-12-02", "2010-12-03", "2010-12-04", "2010-12-05"} {
		do(addDay, day, "10")
	}
	do(addDay, "2010-12-06", "99")
	do(addState, "daily_sales", "ok", nil)
	for name, c := range map[string]struct {
		where []string
		limit int
		rows  int
		found int64
	}{
		"all":          {nil, 0, 6, 6},
		"some":         {nil, 2, 2, 6},
		"kept":         {[]string{"gross_revenue<50"}, 2, 2, 5},
		"kept by two":  {[]string{"gross_revenue<50", "day>2010-12-03"}, 1, 1, 2},
		"exactly":      {[]string{"gross_revenue<50"}, 5, 5, 5},
		"more allowed": {[]string{"gross_revenue>50"}, 5, 1, 1},
		"nothing":      {[]string{"gross_revenue="}, 5, 0, 0},
	} {
		q := Query{Mart: "daily_sales", Limit: c.limit}
		for _, w := range c.where {
			f, err := ParseFilter(w)
			if err != nil {
				t.Fatal(err)
			}
			q.Where = append(q.Where, f)
		}
		got, err := Read(t.Context(), db, q)
		if err != nil || len(got.Rows) != c.rows || got.Found != c.found {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestValuesOfAnotherTypeAreTheAskersMistake compares columns with what they cannot be.
func TestValuesOfAnotherTypeAreTheAskersMistake(t *testing.T) {
	db, _ := shop(t)
	for name, c := range map[string]struct{ mart, where, message, hint string }{
		"number":    {"product_sales", "units>abc", `the filter "units>abc": "abc" is no number`, "units>100"},
		"separated": {"product_sales", "units>=1,000", `the filter "units>=1,000": "1,000" is no number`, "without separators"},
		"whole":     {"daily_sales", "lines=2.5", `"2.5" is no number`, "lines=100"},
		"too great": {"daily_sales", "lines>99999999999999999999", "is out of range", "smaller"},
		"day":       {"daily_sales", "day>soon", `the filter "day>soon": "soon" is no time`, "2010-12-01"},
		"no day":    {"daily_sales", "day=2010-13-45", `is out of range`, "calendar"},
		"time":      {"product_sales", "first_sold_at<x", `"x" is no time`, "2010-12-01T14:30:00Z"},
		"bool":      {"product_sales", "is_service=maybe", `"maybe" is neither true nor false`, "is_service=true"},
	} {
		f, err := ParseFilter(c.where)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Read(t.Context(), db, Query{Mart: c.mart, Where: []sql.Filter{{Column: "net_revenue", Op: ">", Value: "1"}, f}})
		var asked *Error
		if !errors.As(err, &asked) || !strings.Contains(err.Error(), c.message) || !strings.Contains(asked.Hint(), c.hint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), db, Query{Mart: "product_sales", Where: []sql.Filter{{Column: "units", Op: "~", Value: "abc"}}}); err != nil {
		t.Errorf("to contain is no comparison of numbers: %v", err)
	}
}

// TestSummaryInJSON writes days as days and times with their zone.
func TestSummaryInJSON(t *testing.T) {
	first, loaded := at("2010-12-01"), time.Date(2011, 12, 10, 10, 0, 0, 0, time.FixedZone("", 3600))
	s := &Summary{
		Totals:  Totals{FirstDay: &first, Lines: 3, Gross: "9007199254740993.10"},
		Sources: []Freshness{{Source: "shop", LastLoadAt: &loaded}, {Source: "new"}},
		State:   State{State: "ok", Run: 7, AsOf: first, BuiltAt: loaded},
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"totals":{"first_day":"2010-12-01","last_day":null,`, `"lines":3,`, `"gross_revenue":9007199254740993.10,`,
		`"marts":{"state":"ok","run":7,"rows":0,"as_of":"2010-12-01","built_at":"2011-12-10T09:00:00Z"}`,
		`"source":"shop",`, `"last_load_at":"2011-12-10T09:00:00Z"`, `"last_load_at":null`, `"best_products":null`,
	} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%s once in %s", want, text)
		}
	}
	if s.Sources[0].LastLoadAt != &loaded {
		t.Error("the summary itself was changed")
	}
	if text, err = json.Marshal(Summary{State: State{State: "missing", AsOf: time.Unix(0, 0)}}); err != nil || !strings.Contains(string(text), `"as_of":null`) {
		t.Errorf("%s, %v", text, err)
	}
}
