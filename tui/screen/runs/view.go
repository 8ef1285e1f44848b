package runs

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/widget"
)

// stepRows are the steps of a run as the table shows them.
type stepRows struct {
	list []pipeline.StepRun
	now  time.Time
}

// Len implements widget.Rows.
func (r stepRows) Len() int { return len(r.list) }

// Key implements widget.Keyed.
func (r stepRows) Key(row int) string { return string(r.list[row].Step) }

// Cell implements widget.Rows.
func (r stepRows) Cell(row, col int) string {
	st := r.list[row]
	switch col {
	case 0:
		return string(st.Step)
	case 1:
		return st.Engine
	case 2:
		return string(st.State)
	case 3:
		return some(st.Read)
	case 4:
		return some(st.Loaded)
	case 5:
		return some(st.Rejected)
	case 6:
		if st.StartedAt == nil {
			return ""
		}
		return seconds(st.Took(r.now))
	case 7:
		return st.Reason + st.Err
	}
	return ""
}

// some is a count, "" for none.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

const (
	stepsRows = 7 // with title and header
	factsRows = 7
)

// The panes of the views.
const (
	paneEvents = iota // as the ring of viewOne has them
	paneSteps
	paneFacts
	paneTable // of viewList, and of viewTwo
)

// focused is the pane that keys are for.
func (s *Screen) focused() int {
	if s.view == viewOne {
		return s.ring.At()
	}
	return paneTable
}

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	c := widget.NewCanvas(w, h)
	s.stepsPane.Title = "Steps of run " + fmt.Sprint(s.one.ID)
	s.facts.Title = "Run " + fmt.Sprint(s.one.ID)
	onSteps := s.view == viewOne && s.ring.At() == paneSteps
	s.steps.Focused, s.stepsPane.Focused = onSteps, onSteps
	s.panes.Lay(c.Area(), s.layout(h))
	s.panes.Draw(c, s.draw)
	return c.Rows()
}

// layout is how the view on show shares h rows.
func (s *Screen) layout(h int) widget.Part {
	table := widget.One(paneTable, -1, 0, 4)
	switch {
	case s.view == viewOne && h < factsRows+stepsRows+6:
		return widget.Down("run", -1, 1, widget.One(paneFacts, 4, 0, 2), widget.One(paneSteps, stepsRows, 0, 3), widget.One(paneEvents, -1, 0, 3))
	case s.view == viewOne:
		return widget.Down("run", -1, 1, widget.One(paneFacts, factsRows, 0, 3), widget.One(paneSteps, stepsRows, 0, 3), widget.One(paneEvents, -1, 0, 3))
	case s.view == viewList && s.lists.State() == widget.Live && h >= stepsRows+8 && !s.env.Plain:
		return widget.Down("list", -1, 1, table, widget.One(paneSteps, stepsRows, 0, 3))
	}
	return table
}

// draw draws one pane.
func (s *Screen) draw(pane, w, h int) []string {
	switch pane {
	case paneFacts:
		return s.facts.View(w, h, s.drawFacts)
	case paneSteps:
		return s.stepsPane.View(w, h, s.steps.View)
	case paneEvents:
		s.events.Right = s.log.Summary()
		return s.events.View(w, h, s.log.View)
	}
	if s.view == viewTwo {
		s.sides.Right = s.compared.Summary()
		return s.sides.View(w, h, s.compared.View)
	}
	s.lists.Right = s.table.Summary()
	return s.lists.View(w, h, s.table.View)
}

// drawFacts draws what is known of the run, the most important first.
func (s *Screen) drawFacts(w, h int) []string {
	t, r := s.env.Theme, s.one
	state := r.verdict()
	row := widget.StateStyle(s.env, state).Paint(widget.StateWords(s.env, state)) + t.Text.Paint("  "+r.tasks())
	if r.State == pipeline.Running {
		row += t.Text.Paint("  for " + widget.Clock(r.Took(s.env.Now())))
	} else {
		row += t.Text.Paint("  in " + widget.Duration(r.Took(s.env.Now())))
	}
	if r.ExitCode != nil {
		row += t.Muted.Paint(fmt.Sprintf("  exit code %d", *r.ExitCode))
	}
	rows := []string{row}
	if r.Err != "" {
		rows = append(rows, widget.Painted(t.Bad, r.Err, w)...)
	}
	if r.Hint != "" {
		rows = append(rows, widget.Painted(t.Muted, r.Hint, w)...)
	}
	zone := s.env.Now().Location()
	rows = append(rows, t.Muted.Paint("started ")+t.Text.Paint(r.StartedAt.In(zone).Format(time.DateTime))+
		t.Muted.Paint(" by ")+t.Text.Paint(r.Who)+t.Muted.Paint(" on ")+t.Text.Paint(r.Host)+
		t.Muted.Paint(fmt.Sprintf("  process %d  version %s", r.PID, r.Version)))
	if r.CancelRequested != nil {
		rows = append(rows, t.Warn.Paint("asked to stop by "+r.CancelledBy+" at "+r.CancelRequested.In(zone).Format(time.TimeOnly)))
	}
	if len(r.Options) > 2 {
		rows = append(rows, t.Muted.Paint("options ")+t.Muted.Paint(string(r.Options)))
	}
	return rows[:min(len(rows), max(h, 0))]
}

// key gives a key to the part that has the focus.
func (s *Screen) key(msg tea.KeyPressMsg) tea.Cmd {
	s.touch()
	switch s.view {
	case viewOne:
		if s.ring.At() == 1 {
			return s.steps.Update(msg)
		}
		return s.log.Update(msg)
	case viewTwo:
		return s.compared.Update(msg)
	}
	return s.table.Update(msg)
}

func (s *Screen) mouse(msg tea.MouseMsg) tea.Cmd {
	s.touch()
	if s.panes.Mouse(msg) {
		return nil
	}
	if s.view == viewOne {
		return s.ring.Take(msg, widget.Stop{Area: s.panes.Area(paneEvents), Update: s.log.Update},
			widget.Stop{Area: s.panes.Area(paneSteps), Update: s.steps.Update})
	}
	local, ok := s.panes.Body(paneTable).Local(msg)
	switch {
	case !ok:
		return nil
	case s.view == viewTwo:
		return s.compared.Update(local)
	}
	return s.table.Update(local)
}
