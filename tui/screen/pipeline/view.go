package pipeline

import (
	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/widget"
)

// The rows that parts take, with their titles.
const (
	diagramRows = 5
	factsRows   = 7
	blockMost   = 24
	logLeast    = 4
	gutter      = 4 // cells between the columns
)

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.titles()
	c := widget.NewCanvas(w, h)
	head := widget.Area{W: w, H: min(h, diagramRows)}
	s.steps, s.sources, s.lines = head, widget.Area{}, widget.Area{}
	c.Put(head, s.diagram.View(w, head.H, s.drawDiagram))
	rest := widget.Area{Y: head.H + 1, W: w, H: h - head.H - 1}
	switch {
	case rest.H < 3:
	case s.env.Narrow():
		s.narrow(c, rest)
	default:
		s.wide(c, rest)
	}
	return c.Rows()
}

// narrow has room for the facts and, under them, one part.
func (s *Screen) narrow(c *widget.Canvas, a widget.Area) {
	const facts = 5
	if a.H >= facts+5 {
		c.Put(a, s.facts.View(a.W, facts, s.drawFacts))
		a.Y, a.H = a.Y+facts+1, a.H-facts-1
	} else if s.ring.At() == onSteps {
		c.Put(a, s.facts.View(a.W, a.H, s.drawFacts))
		return
	}
	if s.ring.At() == onSources {
		s.putSources(c, a)
		return
	}
	s.putLog(c, a)
}

// wide has the facts and the pace beside the sources and their files, and the
// log under them over the whole width.
func (s *Screen) wide(c *widget.Canvas, a widget.Area) {
	block := min(blockMost, max(factsRows, a.H*3/5))
	if a.H-block-1 < logLeast {
		block = a.H
	}
	parts := a.Lines(1, block, -1)
	cols := parts[0].Columns(gutter, -1, -1)
	left := cols[0].Lines(1, factsRows, -1)
	c.Put(left[0], s.facts.View(left[0].W, left[0].H, s.drawFacts))
	if left[1].H > 3 {
		// The chart has a title of its own.
		c.Put(left[1], s.chart.View(left[1].W, left[1].H+1, s.drawChart)[1:])
	}
	n := min(max(len(s.state.Sources), 1)+2+extra(s.table), max(factsRows, block/2))
	right := cols[1].Lines(1, n, -1)
	s.putSources(c, right[0])
	if right[1].H > 2 {
		c.Put(right[1], s.files.View(right[1].W, right[1].H, s.drawFiles))
	}
	if parts[1].H > 0 {
		s.putLog(c, parts[1])
	}
}

// extra is the room for the line of a table's filter.
func extra(t *widget.Table) int {
	if t.Typing() || t.Filter() != "" {
		return 1
	}
	return 0
}

func (s *Screen) putSources(c *widget.Canvas, a widget.Area) {
	s.sources = a
	c.Put(a, s.from.View(a.W, a.H, s.table.View))
}

func (s *Screen) putLog(c *widget.Canvas, a widget.Area) {
	s.lines = a
	c.Put(a, s.logPane.View(a.W, a.H, s.log.View))
}

// titles brings the panes' titles up to date.
func (s *Screen) titles() {
	s.diagram.Title, s.diagram.Right = s.runTitle()
	name := string(pipeline.StepNames()[s.step])
	s.facts.Title = string(name[0]-'a'+'A') + name[1:]
	s.from.Right = ""
	if len(s.state.Sources) > 0 {
		s.from.Right = s.table.Summary()
	}
	s.logPane.Right = s.log.Summary()
}

// key gives a key to the part that has the focus.
func (s *Screen) key(msg tea.KeyPressMsg) tea.Cmd {
	switch s.ring.At() {
	case onSources:
		s.from.Touch()
		return s.table.Update(msg)
	case onLog:
		s.logPane.Touch()
		return s.log.Update(msg)
	}
	switch msg.String() {
	case "left", "h":
		s.choose(s.step - 1)
	case "right", "l":
		s.choose(s.step + 1)
	}
	return nil
}

// choose puts the cursor on a step.
func (s *Screen) choose(i int) {
	n := len(pipeline.StepNames())
	s.step, s.chosen = max(0, min(i, n-1)), true
	s.diagram.Touch()
	s.facts.Touch()
}

// mouse gives a click to what is under it, and the focus with it.
func (s *Screen) mouse(msg tea.MouseMsg) tea.Cmd {
	s.ring.Click(msg, s.steps, s.sources, s.lines)
	m := msg.Mouse()
	if _, click := msg.(tea.MouseClickMsg); click && s.steps.Contains(m.X, m.Y) && m.Y > s.steps.Y {
		s.choose((m.X - s.steps.X) * len(pipeline.StepNames()) / max(1, s.steps.W))
		return nil
	}
	for i, area := range []widget.Area{s.sources, s.lines} {
		body := widget.Area{X: area.X, Y: area.Y + 1, W: area.W, H: area.H - 1} // below the title
		local, ok := body.Local(msg)
		if !ok || area.H == 0 {
			continue
		}
		if i == 0 {
			s.from.Touch()
			return s.table.Update(local)
		}
		s.logPane.Touch()
		return s.log.Update(local)
	}
	return nil
}
