package mart

import (
	"fmt"
	"testing"
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
