package runs

import (
	"context"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	st := env.Status{Actions: s.actions(), Back: s.back, Headless: "penstock --run runs", Paused: s.pause.Since()}
	switch s.view {
	case viewOne:
		st.Crumbs = []string{fmt.Sprintf("run %d", s.one.ID)}
		st.Headless = fmt.Sprintf("penstock --run runs %d", s.one.ID)
		if s.log.Focused {
			st.Headless = fmt.Sprintf("penstock --run runs events %d", s.one.ID)
		}
		st.Typing = s.log.Typing() || s.steps.Typing()
		if s.fetching.Running() {
			st.Cancel = func() tea.Cmd {
				s.fetching.Cancel()
				s.turn(viewList)
				return env.Notify(env.Info, "cancelled")
			}
		}
	case viewTwo:
		st.Crumbs = []string{fmt.Sprintf("%d and %d", s.two[0].ID, s.two[1].ID)}
		st.Headless = fmt.Sprintf("penstock --run runs compare %d %d", s.two[0].ID, s.two[1].ID)
		st.Typing = s.compared.Typing()
	default:
		st.Typing = s.table.Typing()
		if s.listing.Running() && s.lists.State() != widget.Live {
			st.Cancel = func() tea.Cmd {
				s.listing.Cancel()
				s.lists.Empty("not read: it was cancelled", "press "+s.env.Key("runs.reload", "R")+" to read the history")
				return env.Notify(env.Info, "cancelled")
			}
		}
	}
	return st
}

func (s *Screen) actions() []env.Action {
	cancel := env.Action{
		ID: "runs.cancel", Title: "cancel", Keys: []string{"x"}, Help: "ask the run to stop", Run: s.cancel, Danger: s.cancelDanger,
		Disabled: s.cannotCancel, Headless: func() string { return fmt.Sprintf("penstock --run runs cancel %d", s.one.ID) },
	}
	rejects := env.Action{ID: "runs.rejects", Title: "rejects", Keys: []string{"r"}, Help: "what it refused, and why", Disabled: s.noOne, Hidden: true, Run: func() tea.Cmd {
		return env.Visit("rejects", fmt.Sprintf("run %d", s.one.ID))
	}}
	reload := env.Action{ID: "runs.reload", Title: "reload", Keys: []string{"R"}, Help: "read again now", Run: s.again, Hidden: true}
	var list []env.Action
	switch s.view {
	case viewOne:
		list = append(list, s.ring.Actions()...)
		list = append(list, s.compareAction(), cancel, rejects, reload)
		list = append(list, s.log.Actions()...)
		list = append(list, s.steps.Actions()...)
	case viewTwo:
		list = append([]env.Action{reload}, s.compared.Actions()...)
	default:
		list = append(list,
			env.Action{ID: "runs.open", Title: "open", Keys: []string{"enter"}, Help: "the run with all its facts", Run: s.openCursor, Disabled: s.noRun},
			s.compareAction(), cancel, rejects, reload)
		list = append(list, s.table.Actions()...)
	}
	if s.view != viewTwo || s.pause.On() {
		list = s.pause.Actions(id, list)
	}
	return env.Before(s.touch, s.panes.Actions(list))
}

func (s *Screen) compareAction() env.Action {
	return env.Action{
		ID: "runs.compare", Title: "compare", Keys: []string{"d"}, Help: "set two marked runs side by side, or this one and the one before",
		Run: s.compare, Disabled: func() string {
			if _, ok := s.pair(); !ok {
				return "it takes two runs: mark them with " + s.env.Key("table.mark", "t")
			}
			return ""
		},
		Headless: func() string {
			if p, ok := s.pair(); ok {
				return fmt.Sprintf("penstock --run runs compare %d %d", p[0].ID, p[1].ID)
			}
			return "penstock --run runs compare RUN RUN"
		},
	}
}

// pair returns the runs to compare, the older first: those that are marked, else
// the one on show and the one before it.
func (s *Screen) pair() ([2]Run, bool) {
	if m := s.table.Marked(); len(m) == 2 && s.view == viewList {
		p := [2]Run{s.list[m[0]], s.list[m[1]]}
		if p[0].ID > p[1].ID {
			p[0], p[1] = p[1], p[0]
		}
		return p, true
	} else if len(m) > 0 && s.view == viewList {
		return [2]Run{}, false
	}
	i := slices.IndexFunc(s.list, func(r Run) bool { return r.ID == s.one.ID })
	if i < 0 || i+1 >= len(s.list) {
		return [2]Run{}, false
	}
	return [2]Run{s.list[i+1], s.list[i]}, true
}

func (s *Screen) compare() tea.Cmd {
	p, ok := s.pair()
	if !ok {
		return nil
	}
	s.two = p
	s.turn(viewTwo)
	s.leave()
	s.compared = s.newCompared()
	s.sides.Title = fmt.Sprintf("Run %d (A) and run %d (B)", p[0].ID, p[1].ID)
	s.sides.Live(s.env.Now())
	return s.compared.SetRows(compare(p[0], p[1], s.env.Now()))
}

// back closes a filter, then the page of a run or of two.
func (s *Screen) back() (tea.Cmd, bool) {
	s.touch()
	var parts []interface{ Back() (tea.Cmd, bool) }
	switch s.view {
	case viewOne:
		parts = append(parts, s.log, s.steps)
	case viewTwo:
		parts = append(parts, s.compared)
	default:
		parts = append(parts, s.table)
	}
	for _, p := range parts {
		if cmd, stepped := p.Back(); stepped {
			return cmd, true
		}
	}
	if s.panes.Back() {
		return nil, true
	}
	if s.view == viewList {
		return nil, false
	}
	s.turn(viewList)
	s.leave()
	if row, ok := s.table.Cursor(); ok {
		return s.preview(row), true
	}
	return nil, true
}

// leave ends what the page of a run asks for.
func (s *Screen) leave() {
	s.following.Cancel()
	s.fetching.Cancel()
}

func (s *Screen) again() tea.Cmd {
	if s.view == viewOne && (s.facts.State() == widget.Failed || s.events.State() == widget.Failed) {
		return s.arrived(fmt.Sprint(s.one.ID))
	}
	return s.reload()
}

func (s *Screen) noRun() string {
	if _, ok := s.table.Cursor(); !ok {
		return "there is no run"
	}
	return ""
}

// noOne says that no run is on show or under the cursor.
func (s *Screen) noOne() string {
	if s.one.ID == 0 {
		return "there is no run"
	}
	return ""
}

func (s *Screen) openCursor() tea.Cmd {
	row, ok := s.table.Cursor()
	if !ok {
		return nil
	}
	return s.open(s.list[row])
}

func (s *Screen) cannotCancel() string {
	switch {
	case s.env.Profile.ReadOnly:
		return "this session is read only"
	case s.one.State != pipeline.Running:
		return "it is not running"
	}
	return ""
}

func (s *Screen) cancelDanger() *env.Danger { return env.CancelDanger(s.one.ID) }

func (s *Screen) cancel() tea.Cmd {
	l, run := s.ledger, s.one.ID
	return s.commanding.Start(s.ctx, func(ctx context.Context) tea.Msg {
		return cancelledMsg{run, l.Cancel(ctx, run)}
	})
}
