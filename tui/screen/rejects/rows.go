package rejects

import (
	"slices"
	"strconv"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// countRows are the reasons as the left table shows them; the first row stands for all.
type countRows []Count

func (r countRows) Len() int { return len(r) }

func (r countRows) Key(row int) string {
	return r[row].Source + "\x00" + r[row].Reason + "\x00" + r[row].Column
}

func (r countRows) Cell(row, col int) string {
	c := r[row]
	switch col {
	case 0:
		return strconv.FormatInt(c.Open, 10)
	case 1:
		return c.Reason
	case 2:
		return c.Column
	case 3:
		return c.Source
	case 4:
		return strconv.FormatInt(c.Resolved, 10)
	default:
		return strconv.FormatInt(c.Loads, 10)
	}
}

func newCountTable(e *env.Env) *widget.Table {
	muted := func(int, string) theme.Style { return e.Theme.Muted }
	return widget.NewTable(e, id, "reject-reasons",
		widget.Column{Title: "open", Number: true, Format: widget.Counted, Width: 7},
		widget.Column{Title: "reason", Max: 14},
		widget.Column{Title: "column", Max: 14, Grow: 1},
		widget.Column{Title: "source", Max: 16, Style: muted, Whole: true},
		widget.Column{Title: "mended", Number: true, Format: widget.Counted, Style: muted, Hidden: true},
		widget.Column{Title: "loads", Number: true, Format: widget.Counted, Hidden: true},
	)
}

// rejectRows are the records as the list shows them.
type rejectRows struct {
	list  []Reject
	edits map[Key]Mended // a copy: rows are read from other goroutines
}

func (r rejectRows) Len() int { return len(r.list) }

func (r rejectRows) Key(row int) string {
	return strconv.FormatInt(r.list[row].Load, 10) + "/" + strconv.FormatInt(r.list[row].Record, 10)
}

// The states of a record, in words.
const (
	stateOpen   = "open"
	stateEdited = "edited"
	stateMended = "mended"
)

func (r rejectRows) state(row int) string {
	if r.list[row].Resolved {
		return stateMended
	}
	if _, ok := r.edits[r.list[row].Key]; ok {
		return stateEdited
	}
	return stateOpen
}

func (r rejectRows) Cell(row, col int) string {
	x := r.list[row]
	switch col {
	case 0:
		return r.state(row)
	case 1:
		return strconv.FormatInt(x.Load, 10)
	case 2:
		return strconv.FormatInt(x.Line, 10)
	case 3:
		return x.Column
	case 4:
		return x.Reason
	case 5:
		return x.Detail
	case 6:
		return x.Excerpt
	case 7:
		return x.Source
	case 8:
		return x.Name
	default:
		return strconv.FormatInt(x.Record, 10)
	}
}

func newRejectTable(e *env.Env) *widget.Table {
	t := widget.NewTable(e, id, "rejects",
		widget.Column{Title: "state", Width: 6, Style: func(_ int, raw string) theme.Style {
			switch raw {
			case stateMended:
				return e.Theme.OK
			case stateEdited:
				return e.Theme.Accent
			}
			return e.Theme.Warn
		}},
		widget.Column{Title: "load", Number: true},
		widget.Column{Title: "line", Number: true, Format: widget.Counted},
		widget.Column{Title: "column", Max: 14},
		widget.Column{Title: "reason", Max: 12},
		widget.Column{Title: "detail", Max: 28, Private: true, Style: func(int, string) theme.Style { return e.Theme.Bad }},
		widget.Column{Title: "record", Max: 60, Grow: 1, Private: true, Style: func(int, string) theme.Style { return e.Theme.Muted }},
		widget.Column{Title: "source", Max: 20, Hidden: true},
		widget.Column{Title: "file", Max: 30, Hidden: true},
		widget.Column{Title: "number", Number: true, Hidden: true},
	)
	// What is exported here is to be read; what is to be mended is written with its bytes.
	return t
}

// totals sums counts up.
func totals(counts []Count) (open, resolved int64, sources int) {
	var seen []string
	for _, c := range counts {
		open += c.Open
		resolved += c.Resolved
		if c.Open > 0 && !slices.Contains(seen, c.Source) {
			seen = append(seen, c.Source)
		}
	}
	return open, resolved, len(seen)
}
