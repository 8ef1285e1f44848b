package settings

import (
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// wide is from how many cells on there is room beside the values, which are long.
const wide = 140

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.valueArea, s.partArea, s.factsAt = widget.Area{}, widget.Area{}, widget.Area{}
	s.valuePane.Right = s.table.Summary()
	c := widget.NewCanvas(w, h)
	switch {
	case s.env.Narrow():
		switch s.ring.At() {
		case 0:
			s.valueArea = c.Area()
		case 1:
			s.partArea = c.Area()
		default:
			s.factsAt = c.Area()
		}
	case w < wide:
		below := max(len(s.info.Facts), len(s.connections(w/2))) + 1 // with the title
		parts := c.Area().Lines(1, -1, min(below, h/2))
		cols := parts[1].Columns(3, -1, -1)
		s.valueArea, s.partArea, s.factsAt = parts[0], cols[0], cols[1]
	default:
		cols := c.Area().Columns(3, -1, min(56, w*2/5))
		right := cols[1].Lines(1, -1, min(len(s.info.Facts)*2+2, h/2))
		s.valueArea, s.partArea, s.factsAt = cols[0], right[0], right[1]
	}
	if a := s.valueArea; a.W > 0 {
		c.Put(a, s.valuePane.View(a.W, a.H, s.table.View))
	}
	if a := s.partArea; a.W > 0 {
		c.Put(a, s.partPane.View(a.W, a.H, func(w, _ int) []string { return s.connections(w) }))
	}
	if a := s.factsAt; a.W > 0 {
		if s.generation != s.env.Generation {
			s.paintFacts()
		}
		c.Put(a, s.factsP.View(a.W, a.H, s.viewer.View))
	}
	return c.Rows()
}

// connections draws what the tests found.
func (s *Screen) connections(w int) []string {
	t := s.env.Theme
	var out []string
	for _, p := range s.parts {
		mark, style, words := s.env.Glyph("○", "-"), t.Faint, "not tested"
		switch {
		case p.job.Running():
			mark, style, words = "…", t.Accent, "testing "+widget.Clock(s.env.Now().Sub(p.at))
		case p.result == nil:
		case p.result.Health == OK:
			mark, style, words = s.env.Glyph("✓", "+"), t.OK, "ok"
		case p.result.Health == Warning:
			mark, style, words = "!", t.Warn, "warning"
		default:
			mark, style, words = s.env.Glyph("✗", "x"), t.Bad, "failed"
		}
		line := style.Paint(mark+" ") + widget.Pad(t.Text.Bold().Paint(p.name), 12) + style.Paint(words)
		if r := p.result; r != nil {
			out = append(out, widget.Between(line, t.Faint.Paint(p.at.Format("15:04:05")), w))
			out = append(out, lines(t.Text, r.Summary, w)...)
			for _, d := range r.Details {
				out = append(out, "  "+widget.Pad(t.Muted.Paint(d.Name), 10)+t.Text.Paint(d.Value))
			}
			if r.Hint != "" {
				out = append(out, lines(t.Info, r.Hint, w)...)
			}
			out = append(out, "")
			continue
		}
		out = append(out, line)
	}
	if !s.tested() {
		out = append(out, "", t.Faint.Paint("t tests them"))
	}
	return out
}

// lines is text below a part's name.
func lines(style theme.Style, text string, w int) []string {
	var out []string
	for _, line := range widget.Wrap(text, max(1, w-2)) {
		out = append(out, "  "+style.Paint(line))
	}
	return out
}

func (s *Screen) tested() bool {
	for _, p := range s.parts {
		if p.result != nil || p.job.Running() {
			return true
		}
	}
	return false
}

// paintFacts makes the viewer's rows.
func (s *Screen) paintFacts() {
	s.generation = s.env.Generation
	t := s.env.Theme
	nameW := 0
	for _, f := range s.info.Facts {
		nameW = max(nameW, widget.Width(f.Name))
	}
	var out []string
	for _, f := range s.info.Facts {
		out = append(out, widget.Pad(t.Muted.Paint(f.Name), nameW+2)+t.Text.Paint(f.Value))
	}
	s.viewer.SetRows(out)
}
