package widget

import "testing"

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
