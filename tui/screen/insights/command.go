package insights

import (
	"slices"
	"strings"

	"penstock/pipeline/mart"
	"penstock/tui/clean"
	"penstock/tui/widget"
)

// martCommand is the command that prints a mart; sort is as --sort takes it. Personal data is in what it
// prints where it is on the screen, and it sorts by none that is masked: that is refused.
func (s *Screen) martCommand(name, sort string, where ...string) string {
	words := []string{"penstock --run insights", name}
	for _, w := range where {
		words = append(words, "--where "+quoted(w))
	}
	if sort != "" && !s.masks(strings.TrimPrefix(sort, "-")) {
		words = append(words, "--sort "+quoted(sort))
	}
	if s.reveal && len(s.o.PII) > 0 {
		words = append(words, "--show-pii")
	}
	return strings.Join(words, " ")
}

// where returns what --where takes for the filter of the table, and whether that is all of it.
func (l *listing) where() (list []string, all bool) {
	found, all := l.table.Conditions()
	for _, f := range found {
		i := slices.IndexFunc(l.cols, func(c column) bool { return c.Title == f.Column && c.Title != "" })
		if i < 0 || !slices.Contains(l.columns, l.cols[i].name) || l.s.masks(l.cols[i].name) {
			all = false
			continue
		}
		list = append(list, l.cols[i].name+f.Op+f.Value)
	}
	return list, all
}

// asCommand is the command that prints the rows of the table: of a mart's rows that where names, those that
// pass the filter.
func (l *listing) asCommand(name, order string, where ...string) string {
	filters, _ := l.where()
	return l.s.martCommand(name, sorted(l.table, l.cols, l.columns, order), append(where, filters...)...)
}

// linesCommand is the command that prints the lines behind a number.
func linesCommand(b mart.Behind, limit int) string {
	return "penstock --run query " + quoted(b.LakeQuery(limit))
}

// sorted returns what --sort takes for how a table is sorted: by a column of the
// mart, else as otherwise says.
func sorted(t *widget.Table, list []column, martColumns []string, otherwise string) string {
	title, descending := t.Sorted()
	i := slices.IndexFunc(list, func(c column) bool { return c.Title == title && title != "" })
	if i < 0 || !slices.Contains(martColumns, list[i].name) {
		return otherwise
	}
	if descending {
		return "-" + list[i].name
	}
	return list[i].name
}

// quoted returns a word as a shell reads it back: data may be in it.
func quoted(word string) string {
	return clean.Word(clean.Line(word))
}
