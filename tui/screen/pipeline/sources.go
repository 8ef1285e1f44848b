package pipeline

import (
	"fmt"
	"slices"
	"time"

	"penstock/pipeline"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// The columns of the table of sources.
const (
	colSource = iota
	colState
	colRows
	colRejects
	colFresh
	colExpected
)

func newSourceTable(s *Screen) *widget.Table {
	t := &s.env.Theme
	late := func(row int, raw string) theme.Style {
		if row < len(s.rows.state.Sources) && raw != "" && !s.rows.state.Sources[row].Late.IsZero() {
			return t.Warn
		}
		return t.Muted
	}
	return widget.NewTable(
		s.env, id, "sources",
		widget.Column{Title: "source", Grow: 1, Max: 13},
		widget.StateColumn(s.env, 10),
		widget.Column{Title: "rows", Number: true, Width: 10, Format: widget.Counted},
		widget.Column{Title: "rejects", Number: true, Width: 7, Format: widget.Counted},
		widget.Column{Title: "fresh", Number: true, Width: 6, Format: widget.Seconds(widget.Age), Style: late},
		widget.Column{Title: "expected", Max: 16, Style: late},
	)
}

// sourceRows are the sources as the table shows them.
type sourceRows struct{ state State }

// Len implements widget.Rows.
func (r sourceRows) Len() int { return len(r.state.Sources) }

// Key implements widget.Keyed.
func (r sourceRows) Key(row int) string { return r.state.Sources[row].Name }

// Cell implements widget.Rows.
func (r sourceRows) Cell(row, col int) string {
	src := r.state.Sources[row]
	live, loading := r.live(src.Name)
	switch col {
	case colSource:
		return src.Name
	case colState:
		if loading {
			return live.State
		}
		return was(src)
	case colRows:
		return fmt.Sprint(src.Rows + live.Read - live.Rejected)
	case colRejects:
		return fmt.Sprint(src.Rejected + live.Rejected)
	case colFresh:
		if loading {
			return "0"
		}
		if src.Last.IsZero() {
			return ""
		}
		return fmt.Sprint(int64(r.state.At.Sub(src.Last) / time.Second))
	case colExpected:
		return r.expected(src)
	}
	return ""
}

// was is the state of a source that nothing is read from.
func was(src Source) string {
	switch {
	case src.State == "":
		return "never"
	case src.State == "loaded" && (!src.Late.IsZero() || src.Few > 0):
		return "late"
	case src.State == "loaded":
		return "done"
	}
	return src.State
}

// expected says whether the data of a source is there in time.
func (r sourceRows) expected(src Source) string {
	switch {
	case !src.Late.IsZero():
		return "late " + widget.Age(r.state.At.Sub(src.Late))
	case src.Few > 0:
		return widget.Count(src.Few) + " too few"
	case !src.Due.IsZero():
		return "in " + widget.Age(src.Due.Sub(r.state.At))
	}
	return ""
}

// live sums the files of a source that are being read in the run in progress.
func (r sourceRows) live(name string) (sum pipeline.LoadProgress, loading bool) {
	if !r.state.running() || r.state.progress().Step != pipeline.Ingest {
		return sum, false
	}
	for _, l := range r.state.progress().Loads {
		if l.Source != name {
			continue
		}
		switch l.State {
		case "loading":
			loading, sum.State = true, "loading"
			sum.Read += l.Read
			sum.Rejected += l.Rejected
		case "waiting":
			if !loading {
				loading, sum.State = true, "waiting"
			}
		}
	}
	return sum, loading
}

// same reports whether both show the same cells.
func (r sourceRows) same(other sourceRows) bool {
	return slices.Equal(r.cells(), other.cells())
}

func (r sourceRows) cells() []string {
	var list []string
	for row := range r.Len() {
		for col := range colExpected + 1 {
			cell := r.Cell(row, col)
			if col == colFresh { // seconds go by without a change to be seen
				cell = widget.Seconds(widget.Age)(cell)
			}
			list = append(list, cell)
		}
	}
	return list
}
