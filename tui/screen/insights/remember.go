package insights

import (
	"encoding/json"
	"slices"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// newTable returns a table of the columns, those private that hold personal data.
func (s *Screen) newTable(name string, list []column) *widget.Table {
	cols := columnsOf(list)
	for i := range cols {
		cols[i].Private = mart.Personal(s.o.PII).Has(list[i].name)
	}
	return widget.NewTable(s.env, ID, name, cols...)
}

// viewState is how the user arranged a tab.
type viewState struct {
	Panes *widget.PanesState           `json:"panes,omitempty"`
	Table map[string]widget.TableState `json:"table,omitempty"` // by name
	Mode  string                       `json:"mode,omitempty"`  // order, measure or period
}

// arranged is a view that the user can arrange.
type arranged interface {
	remember() viewState
	recall(st viewState)
}

// remembered is what the next session starts with: no level below a tab, as its
// name may be personal, and nothing that was revealed.
type remembered struct {
	Tab   string               `json:"tab"`
	Views map[string]viewState `json:"views"`
}

// Remember returns how the user arranged the screen.
func (s *Screen) Remember() json.RawMessage {
	st := remembered{Tab: s.names[s.at], Views: map[string]viewState{}}
	for i, v := range s.tabs {
		if a, ok := v.(arranged); ok {
			st.Views[s.names[i]] = a.remember()
		}
	}
	return env.Remember(st)
}

// Recall arranges the screen as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st remembered
	if json.Unmarshal(raw, &st) != nil {
		return
	}
	s.at = max(0, slices.Index(s.names, st.Tab))
	for i, name := range s.names {
		if a, ok := s.tabs[i].(arranged); ok {
			a.recall(st.Views[name])
		}
	}
}

// recallPanes makes panes what they were, and returns the one with the focus.
func recallPanes(p *widget.Panes, st *widget.PanesState, focus int) int {
	if st == nil {
		return focus
	}
	p.Recall(*st)
	return st.Focus
}

func (v *overview) remember() viewState {
	p := v.panes.Remember()
	return viewState{Panes: &p, Table: map[string]widget.TableState{"best": v.best.Remember(), "segments": v.segments.Remember()}}
}

func (v *overview) recall(st viewState) {
	v.setFocus(recallPanes(v.panes, st.Panes, v.focus))
	v.best.Recall(st.Table["best"])
	v.segments.Recall(st.Table["segments"])
}

func (v *sales) remember() viewState {
	p := v.panes.Remember()
	return viewState{Panes: &p, Table: map[string]widget.TableState{"sales": v.table.Remember()}, Mode: string(v.zooms[v.zoom])}
}

func (v *sales) recall(st viewState) {
	v.setFocus(recallPanes(v.panes, st.Panes, v.focus))
	v.table.Recall(st.Table["sales"])
	if i := slices.Index(v.zooms, mart.Zoom(st.Mode)); i >= 0 {
		v.zoom = i
	}
}

func (v *customers) remember() viewState {
	p := v.panes.Remember()
	return viewState{Panes: &p, Table: map[string]widget.TableState{"segments": v.table.Remember()}}
}

func (v *customers) recall(st viewState) {
	recallPanes(v.panes, st.Panes, 0)
	v.table.Recall(st.Table["segments"])
}

func (l *listing) remember() viewState {
	return viewState{Table: map[string]widget.TableState{l.crumb: l.table.Remember()}, Mode: l.modes[l.mode].name}
}

func (l *listing) recall(st viewState) {
	l.table.Recall(st.Table[l.crumb])
	l.mode = max(0, slices.IndexFunc(l.modes, func(m mode) bool { return m.name == st.Mode }))
}

func (v *hours) remember() viewState { return viewState{Mode: v.measures[v.measure].name} }

func (v *hours) recall(st viewState) {
	v.measure = max(0, slices.IndexFunc(v.measures, func(m measure) bool { return m.name == st.Mode }))
}

func (v *cohorts) remember() viewState { return viewState{Mode: v.measureNames()[v.measure]} }

func (v *cohorts) recall(st viewState) {
	v.measure = max(0, slices.Index(v.measureNames(), st.Mode))
}
