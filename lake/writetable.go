package lake

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TableOptions says how WriteTable writes.
type TableOptions struct {
	MaxRows  int                 // rows shown, at most; 10,000 when 0
	MaxWidth int                 // cells of a column's width, at most; 60 when 0
	Clean    func(string) string // makes a hostile text safe to show; replaces what is not printable when nil
	Width    func(string) int    // cells that a clean text takes; its characters when nil
}

// sampleRows decide how wide the columns of a table are.
const sampleRows = 500

// WriteTable writes rows as a table of aligned columns for people and returns
// how many it wrote. The first rows decide the widths: what is wider later is
// cut short with an ellipsis. After MaxRows it says so and leaves the rest.
func (r *Rows) WriteTable(w io.Writer, o TableOptions) (int64, error) {
	o = o.defaults()
	t := tableWriter{o: o, out: bufio.NewWriterSize(w, 1<<16), columns: r.columns}
	var n int64
	more := false
	for r.Next() {
		if more = n == int64(o.MaxRows); more {
			break
		}
		t.row(r)
		if n++; n == sampleRows {
			t.flush()
		}
		if n > sampleRows {
			t.line(t.sample[0])
			t.sample = t.sample[:0]
		}
	}
	if err := r.Err(); err != nil {
		return n, err
	}
	if n < sampleRows {
		t.flush()
	}
	switch {
	case more:
		t.print("(only the first %d rows are shown)\n", n)
	case n == 1:
		t.print("(1 row)\n")
	default:
		t.print("(%d rows)\n", n)
	}
	if t.err == nil {
		t.err = t.out.Flush()
	}
	return n, t.err
}

func (o TableOptions) defaults() TableOptions {
	if o.MaxRows <= 0 {
		o.MaxRows = 10_000
	}
	if o.MaxWidth <= 0 {
		o.MaxWidth = 60
	}
	if o.Clean == nil {
		o.Clean = printable
	}
	if o.Width == nil {
		o.Width = utf8.RuneCountInString
	}
	return o
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

type tableWriter struct {
	o       TableOptions
	out     *bufio.Writer
	columns []ResultColumn
	sample  [][]string // rows that are not written yet
	widths  []int
	err     error
}

// row takes the current row's cells.
func (t *tableWriter) row(r *Rows) {
	cells := make([]string, len(t.columns))
	for i := range cells {
		if r.Null(i) {
			cells[i] = "NULL"
			continue
		}
		cells[i] = t.o.Clean(r.Text(i))
	}
	t.sample = append(t.sample, cells)
}

// flush sets the widths by the sample and writes the header and the sample.
func (t *tableWriter) flush() {
	header := make([]string, len(t.columns))
	t.widths = make([]int, len(t.columns))
	rules := make([]string, len(t.columns))
	for i, c := range t.columns {
		header[i] = t.o.Clean(c.Name)
		t.widths[i] = t.o.Width(header[i])
		for _, row := range t.sample {
			t.widths[i] = max(t.widths[i], t.o.Width(row[i]))
		}
		t.widths[i] = min(t.widths[i], t.o.MaxWidth)
		rules[i] = strings.Repeat("-", t.widths[i])
	}
	t.line(header)
	t.line(rules)
	for _, row := range t.sample {
		t.line(row)
	}
	t.sample = t.sample[:0]
}

// line writes one row, numbers to the right, without spaces at its end.
func (t *tableWriter) line(cells []string) {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		cell = t.cut(cell, t.widths[i])
		pad := strings.Repeat(" ", max(0, t.widths[i]-t.o.Width(cell)))
		if t.columns[i].Numeric {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	t.print("%s\n", strings.TrimRight(b.String(), " "))
}

// cut shortens a text to width cells.
func (t *tableWriter) cut(s string, width int) string {
	if t.o.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := min(len(runes), width); n > 0; n-- {
		if short := string(runes[:n-1]) + "\u2026"; t.o.Width(short) <= width {
			return short
		}
	}
	return ""
}

func (t *tableWriter) print(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format, args...)
	}
}
