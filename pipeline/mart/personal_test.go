package mart

import (
	"fmt"
	"testing"

	"penstock/sql"
)

func TestPersonal(t *testing.T) {
	p := Personal{"customer_id", "product_code"}
	for column, want := range map[string]string{
		"customer_id": Hidden, "product_a": Hidden, "product_b": Hidden, "product_code": Hidden,
		"customers": "x", "customer": "x", "product": "x", "": "x",
	} {
		if got := p.Show(column, "x"); got != want {
			t.Errorf("%s is shown as %s, want %s", column, got, want)
		}
	}
	if got := p.Show("customer_id", ""); got != "" {
		t.Errorf("nothing is shown as %s", got)
	}
	if Personal(nil).Has("customer_id") {
		t.Error("a column is personal that nobody declared")
	}
}

// TestPersonalAsked holds that nobody learns a hidden value by asking for it, smaller and smaller.
func TestPersonalAsked(t *testing.T) {
	p := Personal{"customer_id", "product_code"}
	for _, c := range []struct {
		where, sort, want string
	}{
		{"", "", ""},
		{"country=France", "-net_revenue,country", ""},
		{"customer_id>=17000", "", "customer_id"},
		{"customer_id=", "", "customer_id"},
		{"", "-net_revenue,-customer_id", "customer_id"},
		{"", "product_b", "product_b"},
		{"product_a~85", "customer_id", "product_a"},
	} {
		q := Query{Order: ParseOrder(c.sort)}
		if c.where != "" {
			f, err := ParseFilter(c.where)
			if err != nil {
				t.Fatal(err)
			}
			q.Where = []sql.Filter{{Column: "purchases", Op: ">", Value: "0"}, f}
		}
		if got := p.Asked(q); got != c.want {
			t.Errorf("where %q, sorted by %q: %q is personal, want %q", c.where, c.sort, got, c.want)
		}
		if got := Personal(nil).Asked(q); got != "" {
			t.Errorf("%s is personal though nobody declared it", got)
		}
	}
}

func TestHide(t *testing.T) {
	table := func() *Table {
		return &Table{
			Columns: []Column{{"customer_id", Text}, {"country", Text}, {"purchases", Number}},
			Rows:    [][]Value{{{Text: "17850"}, {Text: "France"}, {Text: "3"}}, {{Null: true}, {Null: true}, {Text: "4"}}},
		}
	}
	for _, c := range []struct {
		pii  Personal
		any  bool
		want string
	}{
		{nil, false, "[[{17850 false} {France false} {3 false}] [{ true} { true} {4 false}]]"},
		{Personal{"channel"}, false, "[[{17850 false} {France false} {3 false}] [{ true} { true} {4 false}]]"},
		{Personal{"customer_id"}, true, "[[{••••• false} {France false} {3 false}] [{ true} { true} {4 false}]]"},
		{Personal{"country", "purchases"}, true, "[[{17850 false} {••••• false} {••••• false}] [{ true} { true} {••••• false}]]"},
	} {
		got := table()
		if any := got.Hide(c.pii); any != c.any || fmt.Sprint(got.Rows) != c.want {
			t.Errorf("%v: %v %v, want %v %s", c.pii, any, got.Rows, c.any, c.want)
		}
		for _, col := range got.Columns {
			if c.pii.Has(col.Name) && col.Kind != Text {
				t.Errorf("%v: %s would be written as a number", c.pii, col.Name)
			}
		}
	}
}

func TestHideInTheSummary(t *testing.T) {
	s := &Summary{Best: []Product{{Code: "A", Description: "Anna's cup"}}, Reorder: []Reorder{{Code: "B", Description: "Bob's cup"}}}
	s.Hide(Personal{"description"})
	if got := fmt.Sprint(s.Best[0].Code, s.Best[0].Description, s.Reorder[0].Code, s.Reorder[0].Description); got != "A"+Hidden+"B"+Hidden {
		t.Errorf("the summary says %s", got)
	}
}
