package widget

import (
	"strings"

	"penstock/tui/clean"
	"penstock/tui/theme"
)

// View returns the table in exactly h rows of w cells: the header, the rows
// around the cursor and, while there is a filter, its line at the bottom.
func (t *Table) View(w, h int) []string {
	if h <= 0 || w <= gutter {
		return Fit(nil, w, h)
	}
	if t.env.Plain {
		return t.words(w, h)
	}
	cols := t.place(w)
	var foot []string
	if h > 1 && (t.typing || t.filter.Value() != "") {
		foot = append(foot, t.filterLine(w))
	}
	body := h - 1 - len(foot)
	t.page, t.width, t.lines = max(1, body), w, nil
	rows := make([]string, 0, h)
	rows = append(rows, t.header(cols, w))
	if why := t.whyNone(); why != "" {
		rows = append(rows, wrapped(t.env.Theme.Muted, spaces(gutter), why, w)...)
	}
	if t.grouped() || wraps(cols) {
		t.high = t.heights(cols, w)
		t.lines = t.layLines(max(1, body))
		part := 0
		for i, at := range t.lines {
			if part++; i == 0 || t.lines[i-1] != at {
				part = 0
			}
			rows = append(rows, t.line(cols, at, part, w))
		}
		return append(Fit(rows, w, h-len(foot)), foot...)
	}
	t.scroll()
	for i := t.top; i < t.Len() && len(rows) <= body; i++ {
		rows = append(rows, t.row(cols, i, 0, w))
	}
	return append(Fit(rows, w, h-len(foot)), foot...)
}

// Summary returns in a few painted words what is on show, for a pane's title:
// "12 of 4,070 · by revenue".
func (t *Table) Summary() string {
	n, shown := t.rows.Len(), t.Len()
	text := Count(int64(n))
	if shown != n || !t.query.Empty() {
		text = Count(int64(shown)) + " of " + text
	}
	if m := len(t.marked); m > 0 {
		text += " · " + Count(int64(m)) + " marked"
	}
	switch {
	case t.order.sorting:
		text += " · sorting…"
	case t.order.busy():
		text += " · filtering…"
	}
	return t.env.Theme.Muted.Paint(text)
}

// whyNone says of rows that none passes the filter, and what may be wrong with that.
func (t *Table) whyNone() string {
	if t.Len() > 0 || t.rows.Len() == 0 || t.order.busy() || t.query.Empty() {
		return ""
	}
	if len(t.query.unknown) == 0 {
		return "no row matches"
	}
	var names []string
	for _, c := range t.cols {
		if c.Title != "" {
			names = append(names, c.Title)
		}
	}
	return "no row matches, and no column is called " + clean.Line(strings.Join(t.query.unknown, " or ")) + ": the columns are " + strings.Join(names, ", ")
}

func (t *Table) header(cols []placed, w int) string {
	th := t.env.Theme
	var b strings.Builder
	at := 0
	for _, p := range cols {
		b.WriteString(spaces(p.x - at))
		title := p.Title
		if p.source == t.order.by { // the mark is what the eye looks for: the name gives way
			mark := map[bool]string{true: " ▼", false: " ▲"}[t.order.descending]
			title = Cut(title, p.w-Width(mark)) + mark
		}
		style := th.Muted
		if p.source == t.order.by {
			style = th.Text
		}
		title = Cut(title, p.w)
		pad := p.w - Width(title)
		painted := style.Paint(title)
		if t.Focused && p.index == t.col {
			painted = style.Underline().Paint(title)
		}
		if p.Number {
			b.WriteString(spaces(pad) + painted)
		} else {
			b.WriteString(painted + spaces(pad))
		}
		at = p.x + p.w
	}
	return t.more(Pad(b.String(), w), cols, w)
}

// more marks at the ends of the header that there are columns beyond them.
func (t *Table) more(header string, cols []placed, w int) string {
	if t.left > min(t.frozen, len(t.shown())-1) {
		header = t.env.Theme.Faint.Paint("‹") + Window(header, 1, w-1)
	}
	if len(cols) == 0 {
		return header
	}
	if last := cols[len(cols)-1]; last.index < len(t.shown())-1 && last.x+last.w < w {
		header = Clip(header, w-1) + t.env.Theme.Faint.Paint("›")
	}
	return header
}

// row draws the row at place i of the order: its first line, or what follows of its prose.
func (t *Table) row(cols []placed, i, part, w int) string {
	th := t.env.Theme
	source := t.order.at(i)
	onIt := i == t.cursor
	var b strings.Builder
	if part == 0 {
		b.WriteString(t.mark(onIt, t.marked[source]))
	} else {
		b.WriteString(spaces(gutter))
	}
	at, under := gutter, hasBelow(cols)
	if below := t.below(cols, source, part, w); below != "" {
		b.WriteString(below)
		cols = nil
	}
	for _, p := range cols {
		b.WriteString(spaces(p.x - at))
		cell := t.lineOf(p, source, part, under)
		if onIt && t.Focused && p.index == t.col && part == 0 {
			cell = th.Text.Underline().Over(cell)
		}
		b.WriteString(cell)
		at = p.x + p.w
	}
	row := Pad(b.String(), w)
	if onIt && t.Focused {
		return th.Select.Over(row)
	}
	return row
}

func (t *Table) mark(cursor, marked bool) string {
	th := t.env.Theme
	switch {
	case cursor && marked:
		return th.Accent.Paint("◆")
	case cursor && t.Focused:
		return th.Accent.Paint("▸")
	case cursor:
		return th.Faint.Paint("▸")
	case marked:
		return th.Accent2.Paint("•")
	}
	return " "
}

// cell returns one painted cell of exactly its width.
func (t *Table) cell(p placed, source int) string {
	raw := t.rows.Cell(source, p.source)
	if p.Draw != nil {
		return Pad(p.Draw(source, raw, p.w), p.w)
	}
	if raw == "" && p.Number {
		return spaces(p.w-1) + t.env.Theme.Faint.Paint("-")
	}
	text := p.text(raw, p.w)
	return painted(t.styleOf(p, source), text, p.w, p.Number)
}

func (t *Table) styleOf(p placed, source int) theme.Style {
	if p.Style != nil {
		return p.Style(source, t.rows.Cell(source, p.source))
	}
	return t.env.Theme.Text
}

// painted returns clean text in a style, aligned in w cells.
func painted(style theme.Style, text string, w int, right bool) string {
	pad := spaces(w - Width(text))
	if right {
		return pad + style.Paint(text)
	}
	return style.Paint(text) + pad
}

func (t *Table) filterLine(w int) string {
	th := t.env.Theme
	count := Count(int64(t.Len())) + " of " + Count(int64(t.rows.Len()))
	if t.order.busy() {
		count += "…"
	}
	right := th.Muted.Paint(count)
	room := max(1, w-Width(right)-3)
	return th.Accent.Paint("/") + t.filter.View(room, t.typing) + Right(right, w-room-1)
}

// scroll moves the rows on show so that the cursor is among them.
func (t *Table) scroll() {
	t.clamp()
	if t.cursor < t.top {
		t.top = t.cursor
	}
	if t.cursor >= t.top+t.page {
		t.top = t.cursor - t.page + 1
	}
	t.top = max(0, min(t.top, t.Len()-t.page))
}

func (t *Table) clamp() { t.cursor = max(0, min(t.cursor, t.Len()-1)) }
