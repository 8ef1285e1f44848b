package widget

import (
	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// wheelRows is how far one notch of the wheel scrolls.
const wheelRows = 3

// Update handles keys, the mouse (in the table's own coordinates, see
// Area.Local) and the table's own results. Give it every message.
func (t *Table) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ordered:
		return t.arrived(msg)
	case tea.KeyPressMsg:
		if !t.Focused {
			return nil
		}
		if t.typing {
			return t.typed(msg)
		}
		return t.key(msg.String())
	case tea.PasteMsg:
		if t.typing && t.filter.Update(msg) {
			return t.refilter()
		}
	case tea.MouseClickMsg:
		return t.click(msg.Mouse())
	case tea.MouseWheelMsg:
		return t.wheel(msg.Mouse())
	}
	return nil
}

// key handles moving.
func (t *Table) key(key string) tea.Cmd {
	n := t.Len()
	switch key {
	case "up", "k":
		return t.moveTo(t.cursor - 1)
	case "down", "j":
		return t.moveTo(t.cursor + 1)
	case "pgup", "ctrl+b":
		return t.turn(-1)
	case "pgdown", "ctrl+f":
		return t.turn(1)
	case "ctrl+u":
		return t.moveTo(t.cursor - t.leap()/2)
	case "ctrl+d":
		return t.moveTo(t.cursor + t.leap()/2)
	case "home", "g":
		return t.moveTo(0)
	case "end", "G":
		return t.moveTo(n - 1)
	case "left", "h":
		t.col = max(0, t.col-1)
	case "right", "l":
		t.col = min(t.col+1, len(t.shown())-1)
	case "enter":
		return t.enter()
	}
	return nil
}

func (t *Table) enter() tea.Cmd {
	if row, ok := t.Cursor(); ok && t.OnEnter != nil {
		return t.OnEnter(row)
	}
	return nil
}

func (t *Table) moveTo(i int) tea.Cmd {
	t.cursor = i
	t.clamp()
	return t.moved()
}

// typed handles a key while the filter is being typed.
func (t *Table) typed(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		t.typing = false
	case "esc":
		cmd, _ := t.Back()
		return cmd
	case "up", "down", "pgup", "pgdown":
		return t.key(msg.String())
	default:
		if t.filter.Update(msg) {
			return t.refilter()
		}
	}
	return nil
}

func (t *Table) refilter() tea.Cmd {
	t.query = ParseQuery(t.filter.Value(), t.names())
	return t.reorder(t.current())
}

func (t *Table) click(m tea.Mouse) tea.Cmd {
	if m.Button != tea.MouseLeft {
		return nil
	}
	if m.Y == 0 {
		for _, p := range t.place(t.width) {
			if m.X >= p.x && m.X < p.x+p.w {
				t.col = p.index
				return t.toggleSort()
			}
		}
		return nil
	}
	i := t.top + m.Y - 1
	if t.lines != nil && m.Y <= len(t.lines) {
		i = t.lines[m.Y-1]
	} else if t.lines != nil {
		return nil
	}
	if m.Y > t.page || i < 0 || i >= t.Len() {
		return nil
	}
	for _, p := range t.place(t.width) {
		if m.X >= p.x && m.X < p.x+p.w {
			t.col = p.index
		}
	}
	if i == t.cursor {
		return t.enter()
	}
	return t.moveTo(i)
}

func (t *Table) wheel(m tea.Mouse) tea.Cmd {
	switch m.Button {
	case tea.MouseWheelUp:
		return t.moveTo(t.cursor - wheelRows)
	case tea.MouseWheelDown:
		return t.moveTo(t.cursor + wheelRows)
	case tea.MouseWheelLeft:
		t.col = max(0, t.col-1)
	case tea.MouseWheelRight:
		t.col = min(t.col+1, len(t.shown())-1)
	}
	return nil
}

// toggleSort sorts by the column under the cursor: up, down, then not at all;
// numbers the other way round, as the greatest is what one looks for.
func (t *Table) toggleSort() tea.Cmd {
	shown := t.shown()
	if t.col < 0 || t.col >= len(shown) {
		return nil
	}
	c, o := shown[t.col], &t.order
	switch {
	case o.by != c.source:
		o.sort(c.source, c.Number)
	case o.descending == c.Number:
		o.descending = !o.descending
	default:
		o.by = -1
	}
	return t.reorder(t.current())
}

// sortNext sorts by the column before or after the one it is sorted by now.
func (t *Table) sortNext(by int) tea.Cmd {
	shown := t.shown()
	if len(shown) == 0 {
		return nil
	}
	at := -1
	for i, c := range shown {
		if c.source == t.order.by {
			at = i
		}
	}
	switch {
	case at < 0 && by > 0:
		at = 0
	case at < 0:
		at = len(shown) - 1
	default:
		at = (at + by + len(shown)) % len(shown)
	}
	t.col = at
	t.order.sort(shown[at].source, shown[at].Number)
	return t.reorder(t.current())
}

func (t *Table) toggleMark() tea.Cmd {
	row, ok := t.Cursor()
	if !ok {
		return nil
	}
	if t.marked[row] {
		delete(t.marked, row)
	} else {
		t.marked[row] = true
	}
	return t.moveTo(t.cursor + 1)
}

// Actions returns what can be done with the table, for the screen's list.
func (t *Table) Actions() []env.Action {
	if !t.Focused {
		return nil
	}
	do := func(f func()) func() tea.Cmd { return func() tea.Cmd { f(); return nil } }
	list := []env.Action{
		{ID: "table.filter", Title: "filter", Keys: []string{"/"}, Help: "show only rows that match", Run: do(func() { t.typing = true })},
		{ID: "table.sort", Title: "sort", Keys: []string{"s"}, Help: "sort by this column: up, down, not", Run: t.toggleSort},
		{ID: "table.export", Title: "export", Keys: []string{"e"}, Help: "copy or export all rows on show", Run: t.exportMenu},
		{ID: "table.cell", Title: "copy cell", Keys: []string{"y"}, Help: "copy the cell under the cursor", Run: t.copyCell, Hidden: true},
		{ID: "table.row", Title: "copy row", Keys: []string{"Y"}, Help: "copy the row under the cursor, or the marked rows", Run: t.copyRow, Hidden: true},
		{ID: "table.mark", Title: "mark", Keys: []string{"t", "insert"}, Help: "mark the row", Run: t.toggleMark, Hidden: true},
		{ID: "table.columns", Title: "columns", Keys: []string{"C"}, Help: "choose columns", Run: t.chooseColumns, Hidden: true},
		{ID: "table.freeze", Title: "freeze", Keys: []string{"f"}, Help: "keep the columns up to this one at the left", Run: do(t.freeze), Hidden: true},
		{ID: "table.wider", Title: "wider", Keys: []string{"}"}, Help: "widen the column", Run: do(func() { t.widen(2) }), Hidden: true},
		{ID: "table.narrower", Title: "narrower", Keys: []string{"{"}, Help: "narrow the column", Run: do(func() { t.widen(-2) }), Hidden: true},
		{ID: "table.left", Title: "column left", Keys: []string{"["}, Help: "move the column to the left", Run: do(func() { t.moveColumn(-1) }), Hidden: true},
		{ID: "table.right", Title: "column right", Keys: []string{"]"}, Help: "move the column to the right", Run: do(func() { t.moveColumn(1) }), Hidden: true},
		{ID: "table.sort-previous", Title: "sort left", Keys: []string{"<"}, Help: "sort by the column before", Run: func() tea.Cmd { return t.sortNext(-1) }, Hidden: true},
		{ID: "table.sort-next", Title: "sort right", Keys: []string{">"}, Help: "sort by the column after", Run: func() tea.Cmd { return t.sortNext(1) }, Hidden: true},
	}
	return append(list, navigation()...)
}

// FilterAction is the action that filters the table from where it has not the focus: take gives it that.
func (t *Table) FilterAction(take func()) env.Action {
	return env.Action{ID: "table.filter", Title: "filter", Keys: []string{"/"}, Help: "show only rows that match", Hidden: true, Run: func() tea.Cmd {
		take()
		t.typing = true
		return nil
	}}
}

// navigation are the keys that move, for the list of keys.
func navigation() []env.Action {
	return []env.Action{
		{ID: "move.rows", Title: "move", Keys: []string{"up", "down", "k", "j"}, Help: "row up, down", Hidden: true},
		{ID: "move.pages", Title: "page", Keys: []string{"pgup", "pgdown", "ctrl+u", "ctrl+d"}, Help: "a page, half a page", Hidden: true},
		{ID: "move.ends", Title: "ends", Keys: []string{"home", "end", "g", "G"}, Help: "first row, last row", Hidden: true},
		{ID: "move.columns", Title: "columns", Keys: []string{"left", "right", "h", "l"}, Help: "column left, right; scrolls sideways", Hidden: true},
	}
}
