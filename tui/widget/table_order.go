package widget

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

const (
	// syncLimit is how many rows are filtered and sorted at once; more than
	// that happens in a command while keys go on working.
	syncLimit = 3000
	// filterChunk is how many rows one command filters before what it found is shown.
	filterChunk = 50_000
)

// ordering is which rows are on show and in what order.
type ordering struct {
	view []int32 // source rows; nil: all in their own order
	all  bool    // view is nil because nothing is filtered or sorted
	of   int     // how many rows there were when view was made

	by         int // source column, -1: none
	descending bool

	job     *env.Job
	sorting bool
}

func newOrdering(screen string) ordering {
	return ordering{all: true, by: -1, job: env.NewJob(screen)}
}

func (o *ordering) len(n int) int {
	if o.all {
		return n
	}
	return len(o.view)
}

func (o *ordering) at(i int) int {
	if o.all {
		return i
	}
	return int(o.view[i])
}

// find returns where a source row stands, -1 if it is not on show.
func (o *ordering) find(row, n int) int {
	if o.all {
		if row < n {
			return row
		}
		return -1
	}
	return slices.Index(o.view, int32(row)) //nolint:gosec // rows are counted in int32
}

func (o *ordering) busy() bool { return o.job.Running() }

func (o *ordering) sort(col int, descending bool) { o.by, o.descending = col, descending }

// sorted returns how to sort, none if not.
func (t *Table) sorted() sortBy {
	if t.order.by < 0 {
		return sortBy{col: -1}
	}
	for _, c := range t.cols {
		if c.source == t.order.by {
			return sortBy{col: c.source, number: c.Number, descending: t.order.descending}
		}
	}
	return sortBy{col: -1}
}

// ordered is what a table's command found. It comes back to the table through
// the screen's Update.
type ordered struct {
	table *Table
	part  []int32 // rows that pass, to be added
	next  int     // where filtering goes on
	view  []int32 // all rows in order, when done
	done  bool
}

// reorder filters and sorts anew and keeps the cursor on the source row want.
func (t *Table) reorder(want int) tea.Cmd {
	o := &t.order
	by, rows, q, n := t.sorted(), t.rows, t.query, t.rows.Len()
	o.job.Cancel()
	o.sorting = false
	if n < o.of {
		o.view, o.all = nil, true // it names rows that are gone
	}
	o.of = n
	switch {
	case q.Empty() && by.col < 0:
		o.view, o.all = nil, true
	case n <= syncLimit:
		o.view, o.all = by.apply(t.env.Context, rows, filtered(rows, q, len(t.cols), 0, n)), false
	case q.Empty():
		o.sorting = true
		t.settle(want)
		return o.job.Start(t.env.Context, t.sortCmd(by, rows, nil))
	default:
		o.view, o.all = nil, false
		t.settle(want)
		return o.job.Start(t.env.Context, t.filterCmd(0))
	}
	return t.settle(want)
}

// settle puts the cursor back on a row, or as near as the rows allow.
func (t *Table) settle(want int) tea.Cmd {
	if want >= 0 {
		if i := t.order.find(want, t.rows.Len()); i >= 0 {
			t.cursor = i
		}
	}
	t.clamp()
	return t.moved()
}

// moved tells of the row under the cursor if it is another than was told of last:
// a filter moves it as keys do.
func (t *Table) moved() tea.Cmd {
	now := t.current()
	if now == t.told || now < 0 {
		return nil
	}
	t.told = now
	if t.OnMove == nil {
		return nil
	}
	return t.OnMove(now)
}

func (t *Table) filterCmd(from int) func(context.Context) tea.Msg {
	rows, q, cols := t.rows, t.query, len(t.cols)
	return func(context.Context) tea.Msg {
		to := min(from+filterChunk, rows.Len())
		return ordered{table: t, part: filtered(rows, q, cols, from, to), next: to, done: to == rows.Len()}
	}
}

func (t *Table) sortCmd(by sortBy, rows Rows, view []int32) func(context.Context) tea.Msg {
	return func(ctx context.Context) tea.Msg {
		if view == nil {
			view = filtered(rows, Query{}, 0, 0, rows.Len())
		}
		return ordered{table: t, view: by.apply(ctx, rows, slices.Clone(view)), done: true}
	}
}

// arrived takes what a command found and goes on.
func (t *Table) arrived(m ordered) tea.Cmd {
	if m.table != t {
		return nil
	}
	o := &t.order
	at := t.current()
	if m.view != nil {
		o.view, o.all, o.sorting = m.view, false, false
		return t.settle(at)
	}
	o.view = append(o.view, m.part...)
	if !m.done {
		t.clamp()
		return o.job.More(t.filterCmd(m.next))
	}
	if by := t.sorted(); by.col >= 0 && len(o.view) > 0 {
		o.sorting = true
		return o.job.More(t.sortCmd(by, t.rows, o.view))
	}
	return t.settle(at)
}

// filtered returns the rows from one up to another that pass the query.
func filtered(rows Rows, q Query, cols, from, to int) []int32 {
	view := make([]int32, 0, max(16, (to-from)/8))
	if q.Empty() {
		view = make([]int32, 0, to-from)
	}
	at := 0
	cell := func(c int) string { return rows.Cell(at, c) }
	for at = from; at < to; at++ {
		if q.Match(cell, cols) {
			view = append(view, int32(at)) //nolint:gosec // rows are counted in int32
		}
	}
	return view
}

// sortBy is a column to sort by.
type sortBy struct {
	col                int
	number, descending bool
}

// apply sorts the rows of view; equal ones keep the order of the source. Missing
// values and, in a column of numbers, words come last in either direction. A
// context that ends stops it half done.
func (s sortBy) apply(ctx context.Context, rows Rows, view []int32) []int32 {
	if s.col < 0 {
		return view
	}
	if s.number {
		return s.numbers(ctx, rows, view)
	}
	keys := make([]string, len(view))
	for i, row := range view {
		if i%8192 == 0 && ctx.Err() != nil {
			return view
		}
		keys[i] = rows.Cell(int(row), s.col)
	}
	return permute(view, func(a, b int32) int {
		x, y := keys[a], keys[b]
		if (x == "") != (y == "") {
			if x == "" {
				return 1
			}
			return -1
		}
		return s.turn(strings.Compare(x, y))
	})
}

func (s sortBy) numbers(ctx context.Context, rows Rows, view []int32) []int32 {
	keys := make([]float64, len(view))
	for i, row := range view {
		if i%8192 == 0 && ctx.Err() != nil {
			return view
		}
		n, err := strconv.ParseFloat(rows.Cell(int(row), s.col), 64)
		if err != nil {
			n = math.NaN()
		}
		keys[i] = n
	}
	return permute(view, func(a, b int32) int {
		x, y := keys[a], keys[b]
		switch {
		case x < y:
			return s.turn(-1)
		case x > y:
			return s.turn(1)
		case x == y:
			// Decimals that are one float may differ yet.
			return s.turn(compareDecimals(rows.Cell(int(view[a]), s.col), rows.Cell(int(view[b]), s.col)))
		case math.IsNaN(x) && math.IsNaN(y):
			p, q := rows.Cell(int(view[a]), s.col), rows.Cell(int(view[b]), s.col)
			if (p == "") != (q == "") {
				if p == "" {
					return 1
				}
				return -1
			}
			return strings.Compare(p, q)
		case math.IsNaN(x):
			return 1
		}
		return -1
	})
}

func (s sortBy) turn(order int) int {
	if s.descending {
		return -order
	}
	return order
}

// permute returns view in the order that cmp gives to its positions.
func permute(view []int32, cmp func(a, b int32) int) []int32 {
	at := make([]int32, len(view))
	for i := range at {
		at[i] = int32(i)
	}
	slices.SortStableFunc(at, cmp)
	out := make([]int32, len(view))
	for i, p := range at {
		out[i] = view[p]
	}
	return out
}

// compareDecimals compares two plain decimals exactly; what is none counts as equal.
func compareDecimals(a, b string) int {
	if a == b {
		return 0
	}
	negA, wholeA, fracA, okA := decimalParts(a)
	negB, wholeB, fracB, okB := decimalParts(b)
	if !okA || !okB || negA != negB {
		return 0
	}
	order := len(wholeA) - len(wholeB)
	if order == 0 {
		order = strings.Compare(wholeA, wholeB)
	}
	if order == 0 {
		order = strings.Compare(fracA, fracB)
	}
	if negA {
		return -order
	}
	return order
}

func decimalParts(s string) (negative bool, whole, fraction string, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	whole, fraction, _ = strings.Cut(s, ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	return negative, whole, fraction, allDigits(whole) && allDigits(fraction)
}
