package widget

import "strings"

// Condition is a part of a filter as a command line says it: Column is a title, Op one of
// = != < <= > >= ~.
type Condition struct{ Column, Op, Value string }

// Conditions returns what of the filter a database can be asked as it is, and whether that is
// all of it: words for all columns, letters in order and letter case are not among it.
func (t *Table) Conditions() (list []Condition, all bool) {
	all = true
	for _, x := range t.query.terms {
		c, ok := t.condition(x)
		if !ok {
			all = false
			continue
		}
		list = append(list, c)
	}
	return list, all
}

func (t *Table) condition(x term) (c Condition, ok bool) {
	for i := range t.cols {
		if t.cols[i].source != x.col {
			continue
		}
		c = Condition{Column: t.cols[i].Title, Value: x.text}
		number := t.cols[i].Number && x.isN
		if number && x.op != opHas {
			c.Value = strings.ReplaceAll(x.text, ",", "")
		}
		switch {
		case x.op == opHas && x.fold && !x.not:
			c.Op = "~"
		case x.op == opIs && (number || !x.fold) && !x.not:
			c.Op = "="
		case x.op == opIs && (number || !x.fold):
			c.Op = "!="
		case number && !x.not:
			c.Op = map[byte]string{opLess: "<", opMore: ">", opMax: "<=", opMin: ">="}[x.op]
		}
	}
	return c, c.Op != ""
}
