package runs

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/theme"
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

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	c := widget.NewCanvas(w, h)
	s.body, s.stepsAt, s.logAt = widget.Area{}, widget.Area{}, widget.Area{}
	s.stepsPane.Title = "Steps of run " + fmt.Sprint(s.one.ID)
	s.facts.Title = "Run " + fmt.Sprint(s.one.ID)
	switch s.view {
	case viewOne:
		s.viewOne(c)
	case viewTwo:
		s.body = c.Area()
		s.sides.Right = s.compared.Summary()
		c.Put(s.body, s.sides.View(w, h, s.compared.View))
	default:
		s.viewList(c)
	}
	return c.Rows()
}

func (s *Screen) viewList(c *widget.Canvas) {
	all := c.Area()
	s.body = all
	s.lists.Right = s.table.Summary()
	below := s.lists.State() == widget.Live && all.H >= stepsRows+8
	if below {
		parts := all.Lines(1, -1, stepsRows)
		s.body, s.stepsAt = parts[0], parts[1]
	}
	c.Put(s.body, s.lists.View(s.body.W, s.body.H, s.table.View))
	if below {
		s.steps.Focused = false
		c.Put(s.stepsAt, s.stepsPane.View(s.stepsAt.W, s.stepsAt.H, s.steps.View))
	}
}

func (s *Screen) viewOne(c *widget.Canvas) {
	all := c.Area()
	s.steps.Focused = s.stepsPane.Focused
	s.events.Right = s.log.Summary()
	parts := all.Lines(1, factsRows, stepsRows, -1)
	if all.H < factsRows+stepsRows+6 {
		parts = all.Lines(1, 4, stepsRows, -1)
	}
	s.stepsAt, s.logAt = parts[1], parts[2]
	c.Put(parts[0], s.facts.View(parts[0].W, parts[0].H, s.drawFacts))
	c.Put(parts[1], s.stepsPane.View(parts[1].W, parts[1].H, s.steps.View))
	c.Put(parts[2], s.events.View(parts[2].W, parts[2].H, s.log.View))
}

// drawFacts draws what is known of the run, the most important first.
func (s *Screen) drawFacts(w, h int) []string {
	t, r := s.env.Theme, s.one
	state := r.verdict()
	row := s.stateStyle(0, state).Paint(s.mark(state)+" "+state) + t.Text.Paint("  "+r.tasks())
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
		rows = append(rows, wrap(t.Bad, r.Err, w)...)
	}
	if r.Hint != "" {
		rows = append(rows, wrap(t.Muted, r.Hint, w)...)
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

func wrap(style theme.Style, text string, w int) []string {
	rows := widget.Wrap(text, w)
	for i := range rows {
		rows[i] = style.Paint(rows[i])
	}
	return rows
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
	under := func(a widget.Area) widget.Area { return widget.Area{X: a.X, Y: a.Y + 1, W: a.W, H: a.H - 1} }
	if s.view == viewOne {
		s.ring.Click(msg, s.logAt, s.stepsAt)
		if local, ok := under(s.logAt).Local(msg); ok {
			return s.log.Update(local)
		}
		if local, ok := under(s.stepsAt).Local(msg); ok {
			return s.steps.Update(local)
		}
		return nil
	}
	local, ok := under(s.body).Local(msg)
	switch {
	case !ok:
		return nil
	case s.view == viewTwo:
		return s.compared.Update(local)
	}
	return s.table.Update(local)
}
