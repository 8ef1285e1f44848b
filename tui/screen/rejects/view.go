package rejects

import (
	"fmt"

	"penstock/tui/clean"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.countArea, s.listArea, s.oneArea = widget.Area{}, widget.Area{}, widget.Area{}
	s.headings()
	c := widget.NewCanvas(w, h)
	lines := c.Area().Lines(1, 1, -1)
	c.Put(lines[0], []string{s.facts(w)})
	body := lines[1]
	switch {
	case s.env.Narrow():
		s.narrow(body)
	default:
		cols := body.Columns(3, min(52, w*2/5), -1)
		s.countArea = cols[0]
		oneH := max(8, min(len(s.fieldNames())+5, body.H*2/5))
		parts := cols[1].Lines(1, -1, oneH)
		s.listArea, s.oneArea = parts[0], parts[1]
	}
	if a := s.countArea; a.W > 0 {
		c.Put(a, s.countPane.View(a.W, a.H, s.countTable.View))
	}
	if a := s.listArea; a.W > 0 {
		c.Put(a, s.listPane.View(a.W, a.H, s.table.View))
	}
	if a := s.oneArea; a.W > 0 {
		if s.generation != s.env.Generation {
			s.paint()
		}
		c.Put(a, s.oneP.View(a.W, a.H, s.viewer.View))
	}
	return c.Rows()
}

// narrow shows the part that has the focus; the list has the record below it where there is room.
func (s *Screen) narrow(body widget.Area) {
	switch s.ring.At() {
	case onCounts:
		s.countArea = body
	case onList:
		s.listArea = body
	default:
		s.oneArea = body
	}
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
		left += t.Muted.Paint("   ") + t.Accent.Bold().Paint(widget.Count(int64(n))) + t.Muted.Paint(" changed here, R takes them in")
	}
	return widget.Between(left, s.doing(), w)
}

// doing is what goes on, or what came of it.
func (s *Screen) doing() string {
	t := s.env.Theme
	switch {
	case s.run != nil:
		return t.Accent.Paint(s.env.Glyph("●", "*") + fmt.Sprintf(" run %d takes %s in", s.run.ID, records(len(s.sent))))
	case s.mending.Running():
		return t.Accent.Paint(s.env.Glyph("●", "*") + " starting")
	case s.last != "":
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
			text = t.Faint.Paint("*** p shows it")
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
			text = t.Faint.Paint("*** p shows it")
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
		return say(t.Accent, s.env.Glyph("●", "*"), "changed here: R takes it in")
	}
	words := why(r.Reject)
	if r.Column != "" {
		words = r.Column + ": " + words
	}
	return say(t.Bad, s.env.Glyph("✗", "x"), words)
}
