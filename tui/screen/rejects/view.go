package rejects

import (
	"fmt"

	"penstock/tui/clean"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.headings()
	c := widget.NewCanvas(w, h)
	lines := c.Area().Lines(1, 1, -1)
	c.Put(lines[0], []string{s.facts(w)})
	s.panes.Lay(lines[1], s.layout(lines[1]))
	s.panes.Draw(c, s.draw)
	return c.Rows()
}

// layout is how the parts share the room; where it is narrow the one with the focus
// has all of it.
func (s *Screen) layout(a widget.Area) widget.Part {
	if s.env.Narrow() {
		return widget.One(s.ring.At(), -1, 0, 0)
	}
	oneH := max(8, min(len(s.fieldNames())+5, a.H*2/5))
	return widget.Across("columns", -1, 3,
		widget.One(onCounts, min(52, a.W*2/5), 24, 0),
		widget.Down("right", -1, 1, widget.One(onList, -1, 40, 4), widget.One(onRecord, oneH, 40, 4)))
}

// draw draws one part.
func (s *Screen) draw(part, w, h int) []string {
	switch part {
	case onCounts:
		return s.countPane.View(w, h, s.countTable.View)
	case onList:
		return s.listPane.View(w, h, s.table.View)
	}
	if s.generation != s.env.Generation {
		s.paint()
	}
	return s.oneP.View(w, h, s.viewer.View)
}

func (s *Screen) headings() {
	t := s.env.Theme
	s.countPane.Right = s.countTable.Summary()
	s.listPane.Title = "Records"
	if s.picked != nil {
		s.listPane.Title = "Records: " + reasonWords(s.picked.Reason)
		if s.picked.Column != "" {
			s.listPane.Title = "Records: " + s.picked.Column + ", " + reasonWords(s.picked.Reason)
		}
	}
	s.listPane.Title = clean.Line(s.listPane.Title)
	s.listPane.Right = s.table.Summary()
	if len(s.rows.list) == listMost {
		s.listPane.Right = t.Warn.Paint("the first ") + s.listPane.Right
	}
	s.oneP.Right = ""
	if s.record != nil {
		s.oneP.Right = t.Muted.Paint(fmt.Sprintf("load %d · %s · line %s", s.record.Load, s.record.Name, widget.Count(s.record.Line)))
	}
}

// facts are the numbers of the whole, or what goes on.
func (s *Screen) facts(w int) string {
	t := s.env.Theme
	open, mended, sources := totals(s.counts)
	style := t.OK
	if open > 0 {
		style = t.Warn
	}
	if s.countPane.State() != widget.Live {
		return ""
	}
	left := style.Bold().Paint(widget.Count(open)) + t.Muted.Paint(" open")
	if sources > 1 {
		left += t.Muted.Paint(fmt.Sprintf(" in %d sources", sources))
	}
	left += t.Muted.Paint("   ") + t.Text.Bold().Paint(widget.Count(mended)) + t.Muted.Paint(" mended")
	if n := len(s.edits); n > 0 {
		left += t.Muted.Paint("   ") + t.Accent.Bold().Paint(widget.Count(int64(n))) + t.Muted.Paint(" changed here, "+s.env.Key("rejects.reingest", "R")+" takes them in")
	}
	return widget.Between(left, s.doing(), w)
}

// doing is what goes on, or what came of it.
func (s *Screen) doing() string {
	t := s.env.Theme
	switch {
	case s.run != nil:
		return t.Accent.Paint(s.env.Glyph("●", "*") + fmt.Sprintf(" run %d takes %s in", s.run.ID, records(len(s.sent))))
	case s.sent != nil:
		return t.Accent.Paint(s.env.Glyph("●", "*") + " a run begins to take " + records(len(s.sent)) + " in")
	case s.mending.Running():
		return t.Accent.Paint(s.env.Glyph("●", "*") + " writing the file")
	case s.last != "" && s.env.Now().Sub(s.over) < news:
		return t.Muted.Paint(s.last)
	case s.showPII:
		return t.Warn.Paint("personal data is shown")
	}
	return ""
}

func (s *Screen) fieldNames() []Field {
	if s.record == nil {
		return nil
	}
	return s.record.Fields
}

// paint makes the viewer's rows of the record.
func (s *Screen) paint() {
	s.generation = s.env.Generation
	s.oneP.Touch()
	if s.record == nil {
		s.viewer.SetRows(nil)
		return
	}
	t, r := s.env.Theme, *s.record
	edit, edited := s.edits[r.Key]
	rows := []string{s.verdict(r, edited)}
	nameW := 0
	for _, f := range r.Fields {
		nameW = max(nameW, min(24, widget.Width(clean.Line(f.Name))))
	}
	for i, f := range r.Fields {
		mark, name, value := "  ", t.Muted, t.Text
		if f.Wrong && !r.Resolved {
			mark, name, value = s.env.Glyph("✗ ", "x "), t.Bad, t.Bad
		}
		text := value.Paint(escape(f.Value))
		if f.Masked {
			text = t.Faint.Paint("*** " + s.env.Key("rejects.pii", "p") + " shows it")
		} else if f.Value == "" {
			text = t.Faint.Paint("(empty)")
		}
		if now, ok := edit.Changes[i]; ok {
			text += t.Muted.Paint("  becomes  ") + t.Accent.Paint(escape(now))
		}
		rows = append(rows, name.Paint(mark)+widget.Pad(name.Paint(f.Name), nameW)+"  "+text)
	}
	if len(r.Fields) == 0 {
		text := t.Text.Paint(escape(r.Text))
		if r.Masked {
			text = t.Faint.Paint("*** " + s.env.Key("rejects.pii", "p") + " shows it")
		}
		rows = append(rows, text)
		if edit.Text != nil {
			rows = append(rows, t.Muted.Paint("becomes"), t.Accent.Paint(escape(*edit.Text)))
		}
	}
	rows = append(rows, t.Faint.Paint(fmt.Sprintf("record %s at byte %s, %s, %s", widget.Count(r.Record), widget.Count(r.ByteOffset), widget.Bytes(r.Bytes), r.Encoding)))
	s.viewer.SetRows(rows)
}

// verdict says what is wrong with the record, or what became of it.
func (s *Screen) verdict(r Record, edited bool) string {
	t := s.env.Theme
	say := func(style theme.Style, mark, words string) string { return style.Paint(mark + " " + words) }
	switch {
	case r.Resolved && r.ResolvedBy != 0:
		return say(t.OK, s.env.Glyph("✓", "+"), fmt.Sprintf("mended: load %d holds it", r.ResolvedBy))
	case r.Resolved:
		return say(t.OK, s.env.Glyph("✓", "+"), "mended")
	case edited:
		return say(t.Accent, s.env.Glyph("●", "*"), "changed here: "+s.env.Key("rejects.reingest", "R")+" takes it in")
	}
	words := why(r.Reject)
	if r.Column != "" {
		words = r.Column + ": " + words
	}
	return say(t.Bad, s.env.Glyph("✗", "x"), words)
}
