package widget

import (
	"fmt"
	"testing"

	"penstock/tui/tuitest"
)

func TestQuery(t *testing.T) {
	columns := []string{"Product", "Country", "Rows", "Revenue", "Row id"}
	row := []string{"WHITE HANGING Heart", "France", "1200", "-12.50", "Ü7"}
	for q, want := range map[string]bool{
		"":                       true,
		"   ":                    true,
		"heart":                  true,
		"Heart":                  true,
		"HEART":                  false,
		"white heart":            true,
		"white lamp":             false,
		"!lamp":                  true,
		"!heart":                 false,
		"!":                      false,
		"country:fr":             true,
		"country:white":          false,
		"coun:france":            true,
		"!country:france":        false,
		"country:=france":        true,
		"country:=fran":          false,
		"country:=FRANCE":        false,
		"rows:>1000":             true,
		"rows:>1,000":            true,
		"rows:>1200":             false,
		"rows:>=1200":            true,
		"rows:<1200":             false,
		"rows:<=1200":            true,
		"rows:=1200.0":           true,
		"row:=1200":              true,
		"revenue:<0":             true,
		"revenue:>-12.5":         false,
		"product:>5":             false,
		"product:>A":             true,
		"~whh":                   true,
		"~hw":                    false,
		"~zz":                    false,
		"product:~wht":           true,
		`"hanging heart"`:        true,
		`"heart hanging"`:        false,
		`product:"white hang"`:   true,
		"unknown:france":         false,
		"ü":                      true,
		"rows:":                  false,
		"rows:>":                 false,
		"!country:de rows:>1000": true,
	} {
		got := ParseQuery(q, columns).Match(func(c int) string { return row[c] }, len(row))
		if got != want {
			t.Errorf("%q matches: %v, want %v", q, got, want)
		}
	}
	if !ParseQuery(" ", columns).Empty() || ParseQuery("x", columns).Empty() {
		t.Error("Empty is wrong")
	}
}

func FuzzQuery(f *testing.F) {
	f.Add(`a:>1 !b "c d" ~e`, "cell")
	f.Fuzz(func(t *testing.T, q, cell string) {
		query := ParseQuery(q, []string{"a", "b"})
		first := query.Match(func(int) string { return cell }, 2)
		if again := query.Match(func(int) string { return cell }, 2); again != first {
			t.Fatal("not steady")
		}
	})
}

func BenchmarkQuery(b *testing.B) {
	q := ParseQuery("heart rows:>100", []string{"product", "rows"})
	cells := []string{"WHITE HANGING HEART T-LIGHT HOLDER", "1200"}
	cell := func(c int) string { return cells[c] }
	for b.Loop() {
		q.Match(cell, 2)
	}
}

// TestFilterOfNoColumn says of a filter that leaves no row that it names a column which is none.
func TestFilterOfNoColumn(t *testing.T) {
	for filter, want := range map[string]string{
		"unitz:>10":  "no row matches, and no column is called unitz: the columns are code, description, units, revenue GBP, country",
		"units:>1e9": "no row matches",
		"nobody":     "no row matches",
		"12:00":      "no row matches", // a time
		"gift":       "",
	} {
		e := quiet(t)
		table := salesTable(t, e)
		table.SetFilter(filter)
		if filter == "gift" {
			table.SetFilter("")
		}
		if got := table.whyNone(); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
		if s := tuitest.Draw(t, table.View(200, 10), 200, 10); want != "" && !s.Contains(want) {
			t.Errorf("%s is not told:\n%s", filter, s.Text())
		}
		e.Plain = true
		if s := tuitest.Draw(t, table.View(200, 10), 200, 10); want != "" && !s.Contains(want) {
			t.Errorf("%s is not said:\n%s", filter, s.Text())
		}
	}
}

// TestConditions holds what of a filter a database can be asked.
func TestConditions(t *testing.T) {
	for filter, want := range map[string]string{
		"units:>20,000":                     "[{units > 20000}] true",
		"units:<=5 rev:>=1.50":              "[{units <= 5} {revenue GBP >= 1.50}] true",
		"!units:=3 country:fra":             "[{units != 3} {country ~ fra}] true",
		"country:=France":                   "[{country = France}] true",
		"country:=france":                   "[] false", // whose case does not count
		"country:Fra":                       "[] false",
		"gift units:>1":                     "[{units > 1}] false",
		"!country:fra ~gft code:>B":         "[] false",
		"!units:>3":                         "[] false",
		"":                                  "[] true",
		`country:="United Kingdom" units:1`: "[{country = United Kingdom} {units ~ 1}] true",
	} {
		table := salesTable(t, quiet(t))
		table.SetFilter(filter)
		if list, all := table.Conditions(); fmt.Sprint(list, all) != want {
			t.Errorf("%s: %v %v, want %s", filter, list, all, want)
		}
	}
}
