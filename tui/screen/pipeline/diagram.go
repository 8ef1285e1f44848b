package pipeline

import (
	"math"
	"strings"

	"penstock/pipeline"
	"penstock/tui/widget"
)

// drawDiagram draws the steps side by side: name, engine, state and the one fact
// that matters most.
func (s *Screen) drawDiagram(w, _ int) []string {
	if s.env.Plain {
		return s.sayDiagram()
	}
	names := pipeline.StepNames()
	rows := make([]string, 4)
	for i := range names {
		at, next := i*w/len(names), (i+1)*w/len(names)
		for y, cell := range s.stepCells(i, next-at) {
			rows[y] += widget.Pad(cell, next-at)
		}
	}
	return rows
}

// sayDiagram says the steps in words, one a line.
func (s *Screen) sayDiagram() []string {
	var rows []string
	for i, name := range pipeline.StepNames() {
		state, _ := s.stepState(i)
		rows = append(rows, s.env.Theme.Text.Paint(string(name)+" by "+s.engineOf(name)+": "+string(state)+". "+s.fact(i)))
	}
	return rows
}

// stepCells are the four rows of a step.
func (s *Screen) stepCells(i, w int) []string {
	t := s.env.Theme
	name := pipeline.StepNames()[i]
	state, known := s.stepState(i)
	lead, style := " ", t.Text
	if state == pipeline.Running {
		style = t.Accent
	}
	style = style.Bold()
	if i == s.step {
		lead = t.Accent.Paint(s.env.Glyph("▸", ">"))
		if s.diagram.Focused {
			style = style.Underline()
		}
	}
	engine := t.Muted
	if s.engines[name] != "" && !s.state.running() {
		engine = t.Accent2
	}
	word := widget.StateWords(s.env, string(state))
	if !known {
		word = "-" // not part of the run
	}
	return []string{
		lead + style.Paint(string(name)) + s.arrow(i, state, w-2-len(name)),
		" " + engine.Paint(widget.Cut(s.engineOf(name), w-2)),
		" " + widget.StateStyle(s.env, string(state)).Paint(widget.Cut(word, w-2)),
		" " + t.Muted.Paint(widget.Cut(s.fact(i), w-2)),
	}
}

// arrow leads to the next step: heavy where data flows.
func (s *Screen) arrow(i int, state pipeline.State, w int) string {
	if i == len(pipeline.StepNames())-1 || w < 3 {
		return ""
	}
	style, line := s.env.Theme.Rule, s.env.Glyph("─", "-")
	if state == pipeline.Running {
		style, line = s.env.Theme.Accent, s.env.Glyph("━", "=")
	}
	return " " + style.Paint(strings.Repeat(line, w-2)+s.env.Glyph("▶", ">"))
}

// engineOf is the engine of a step in this run, or chosen for the next.
func (s *Screen) engineOf(name pipeline.StepName) string {
	if e := s.engines[name]; e != "" && !s.state.running() {
		return e
	}
	return s.state.engine(name)
}

// stepState is the state of a step in the newest run; false when it is not part of it.
func (s *Screen) stepState(i int) (pipeline.State, bool) {
	st, ok := s.state.step(pipeline.StepNames()[i])
	return st.State, ok
}

// fact is what matters most of a step.
func (s *Screen) fact(i int) string {
	name := pipeline.StepNames()[i]
	st, ok := s.state.step(name)
	switch st.State {
	case pipeline.Running:
		p := s.state.progress()
		if p.Step != name {
			return "starting"
		}
		if share, ok := p.Fraction(); ok {
			return widget.Percent(floor(share))
		}
		if p.Done > 0 {
			return widget.Count(p.Done) + " " + p.Unit
		}
		return widget.Clock(st.Took(s.state.At))
	case pipeline.Done:
		took := "in " + widget.Duration(st.Took(s.state.At))
		if name == pipeline.Check {
			return widget.Count(st.Read) + " checks " + took
		}
		if st.Loaded > 0 {
			return widget.Short(float64(st.Loaded)) + " rows " + took
		}
		return took
	case pipeline.Skipped:
		return st.Reason
	case pipeline.Failed, pipeline.Cancelled, pipeline.Interrupted:
		return "after " + widget.Duration(st.Took(s.state.At))
	}
	if last, found := s.state.last(name); found {
		return "last " + widget.Duration(last.Took(s.state.At))
	}
	if ok {
		return "-"
	}
	return ""
}

// floor keeps 100 % for what is done.
func floor(share float64) float64 { return math.Floor(share*100) / 100 }

// runTitle heads the diagram: which run, and how it is.
func (s *Screen) runTitle() (title, right string) {
	t := s.env.Theme
	r := s.state.Run
	switch {
	case s.busy != "":
		right = t.Accent.Paint(s.busy)
	case !s.known:
		return "Pipeline", ""
	case r.ID == 0:
		return "Pipeline", t.Muted.Paint("no run yet: " + s.env.Key("pipeline.start", "s") + " starts the first")
	default:
		right = s.runWords(r)
	}
	if r.ID == 0 {
		return "Pipeline", right
	}
	return "Run " + widget.Count(r.ID), right
}

func (s *Screen) runWords(r pipeline.Run) string {
	t := s.env.Theme
	style := widget.StateStyle(s.env, string(r.State))
	words := widget.StateWords(s.env, string(r.State))
	detail := " in " + widget.Duration(r.Took(s.state.At))
	switch {
	case r.State == pipeline.Running && r.CancelRequested != nil:
		style, words = t.Warn, "! cleaning up"
		detail = " " + widget.Clock(r.Took(s.state.At))
	case r.State == pipeline.Running:
		detail = " " + widget.Clock(r.Took(s.state.At))
	case r.State == pipeline.Interrupted:
		detail = ", its process died"
	case r.ExitCode != nil && *r.ExitCode == pipeline.ExitGate:
		style, words = t.Warn, "! done, a check failed"
	case r.ExitCode != nil && *r.ExitCode == pipeline.ExitIncomplete:
		style, words = t.Warn, "! done without a source"
	}
	by := "  by " + r.Who + " on " + r.Host
	if r.FinishedAt != nil {
		by += ", " + ago(s.state.At.Sub(*r.FinishedAt))
	}
	return style.Paint(words) + t.Text.Paint(detail) + t.Muted.Paint(by)
}
