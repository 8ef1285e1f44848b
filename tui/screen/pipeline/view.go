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
	columnLeast = 30
)

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.titles()
	c := widget.NewCanvas(w, h)
	head := widget.Area{W: w, H: min(h, diagramRows)}
	if s.env.Plain {
		head.H = min(h, 1+len(pipeline.StepNames())) // each in a line of words
	}
	rest := widget.Area{Y: head.H + 1, W: w, H: max(0, h-head.H-1)}
	root := s.wide(rest)
	switch {
	case rest.H < 3:
		rest.H = 0
		root = widget.One(paneFacts, -1, 0, 0)
	case s.env.Narrow():
		root = s.narrow(rest)
	}
	s.panes.Lay(rest, root)
	if s.panes.Zoomed() && s.ring.At() != onSteps {
		head.H = 0
		s.panes.Lay(c.Area(), root)
	}
	s.steps = head
	c.Put(head, s.diagram.View(w, head.H, s.drawDiagram))
	s.panes.Draw(c, s.draw)
	return c.Rows()
}

// The panes under the diagram.
const (
	paneFacts = iota
	paneSources
	paneLog
	paneChart
	paneFiles
)

// focused is the pane that keys are for.
func (s *Screen) focused() int { return s.ring.At() } // facts are of the diagram

// draw draws one pane.
func (s *Screen) draw(pane, w, h int) []string {
	switch pane {
	case paneFacts:
		return s.facts.View(w, h, s.drawFacts)
	case paneSources:
		return s.from.View(w, h, s.table.View)
	case paneLog:
		return s.logPane.View(w, h, s.log.View)
	case paneFiles:
		if h < 3 {
			return nil
		}
		return s.files.View(w, h, s.drawFiles)
	}
	if h <= 3 {
		return nil
	}
	// The chart has a title of its own.
	return s.chart.View(w, h+1, s.drawChart)[1:]
}

// narrow has room for the facts and, under them, one part.
func (s *Screen) narrow(a widget.Area) widget.Part {
	const facts = 5
	part := s.focused()
	if part == onSteps {
		part = paneLog
	}
	switch {
	case a.H >= facts+5:
		return widget.Down("narrow", -1, 1, widget.One(paneFacts, facts, 0, 0), widget.One(part, -1, 0, 4))
	case s.ring.At() == onSteps:
		part = paneFacts
	}
	return widget.One(part, -1, 0, 0)
}

// wide has the facts and the pace beside the sources and their files, and the
// log under them over the whole width.
func (s *Screen) wide(a widget.Area) widget.Part {
	block := min(blockMost, max(factsRows, a.H*3/5))
	low := a.H-block-1 < logLeast
	if low {
		block = a.H
	}
	n := min(max(len(s.state.Sources), 1)+2+extra(s.table), max(factsRows, block/2))
	top := widget.Across(
		"columns", block, gutter,
		widget.Down("run", -1, 1, widget.One(paneFacts, factsRows, columnLeast, 3), widget.One(paneChart, -1, columnLeast, 5)),
		widget.Down("sources", -1, 1, widget.One(paneSources, n, columnLeast, 3), widget.One(paneFiles, -1, columnLeast, 3)),
	)
	if low {
		return top
	}
	return widget.Down("rows", -1, 1, top, widget.One(paneLog, -1, 0, logLeast))
}

// extra is the room for the line of a table's filter.
func extra(t *widget.Table) int {
	if t.Typing() || t.Filter() != "" {
		return 1
	}
	return 0
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
	case onChart:
		s.moveCursor(msg.String())
		return nil
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
	if s.panes.Mouse(msg) {
		s.touch()
		return nil
	}
	steps := s.steps
	if steps.H == 0 || s.panes.Zoomed() {
		steps = s.panes.Area(paneFacts)
	}
	s.from.Touch()
	s.logPane.Touch()
	cmd := s.ring.Take(msg, widget.Stop{Area: steps}, widget.Stop{Area: s.panes.Area(paneSources), Update: s.table.Update},
		widget.Stop{Area: s.panes.Area(paneLog), Update: s.log.Update}, widget.Stop{Area: s.panes.Area(paneChart)})
	m := msg.Mouse()
	_, click := msg.(tea.MouseClickMsg)
	if click && s.steps.Contains(m.X, m.Y) && m.Y > s.steps.Y {
		s.choose((m.X - s.steps.X) * len(pipeline.StepNames()) / max(1, s.steps.W))
		return nil
	}
	if a := s.panes.Area(paneChart); click && a.Contains(m.X, m.Y) {
		s.pointAt(m.X-a.X, a.W, a.H)
	}
	return cmd
}
