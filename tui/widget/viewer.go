package widget

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
)

// Viewer shows a text of many lines: scrolls both ways, wraps, finds.
type Viewer struct {
	Focused bool

	env    *env.Env
	lines  []string // painted
	text   string   // as it is copied
	wrap   bool
	top    int
	left   int
	page   int
	find   *Input
	typing bool
	shown  []string // lines as they are broken
	width  int      // that shown is for; 0: not made
}

// NewViewer returns an empty viewer that wraps long lines.
func NewViewer(e *env.Env) *Viewer {
	return &Viewer{Focused: true, env: e, wrap: true, find: NewInput(e)}
}

// SetText shows a text; it is cleaned.
func (v *Viewer) SetText(text string) {
	text = clean.Text(text)
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = v.env.Theme.Text.Paint(lines[i])
	}
	v.SetRows(lines)
	v.text = text
}

// SetRows shows rows that are painted already: SQL in colours, a report.
func (v *Viewer) SetRows(rows []string) {
	v.lines, v.width = rows, 0
	plain := make([]string, len(rows))
	for i, row := range rows {
		plain[i] = Plain(row)
	}
	v.text = strings.Join(plain, "\n")
	v.top = min(v.top, max(0, len(rows)-1))
}

// Typing reports whether what to find is being typed.
func (v *Viewer) Typing() bool { return v.typing }

// Back ends finding and reports whether there was anything to end.
func (v *Viewer) Back() (tea.Cmd, bool) {
	was := v.typing || v.find.Value() != ""
	v.typing = false
	v.find.Set("")
	return nil, was
}

// Update handles keys, pastes and the wheel.
func (v *Viewer) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			v.scroll(-wheelRows)
		case tea.MouseWheelDown:
			v.scroll(wheelRows)
		}
	case tea.PasteMsg:
		if v.typing && v.find.Update(msg) {
			v.jump(v.top, 1)
		}
	case tea.KeyPressMsg:
		if v.Focused {
			v.key(msg)
		}
	}
	return nil
}

func (v *Viewer) key(msg tea.KeyPressMsg) {
	key := msg.String()
	if v.typing {
		switch key {
		case "enter":
			v.typing = false
		case "esc":
			v.Back()
		default:
			if v.find.Update(msg) {
				v.jump(v.top, 1)
			}
		}
		return
	}
	switch key {
	case "up", "k":
		v.scroll(-1)
	case "down", "j":
		v.scroll(1)
	case "pgup", "ctrl+b":
		v.scroll(-v.page)
	case "pgdown", "ctrl+f":
		v.scroll(v.page)
	case "ctrl+u":
		v.scroll(-v.page / 2)
	case "ctrl+d":
		v.scroll(v.page / 2)
	case "home", "g":
		v.scroll(-v.top)
	case "end", "G":
		v.scroll(len(v.shown))
	case "left", "h":
		v.left = max(0, v.left-8)
	case "right", "l":
		if !v.wrap {
			v.left += 8
		}
	}
}

func (v *Viewer) scroll(by int) { v.top = max(0, min(v.top+by, len(v.shown)-v.page)) }

// jump scrolls to the next row from one on, or the one before, that holds what
// is to be found; it goes round.
func (v *Viewer) jump(from, by int) {
	what, n := strings.ToLower(v.find.Value()), len(v.shown)
	if what == "" || n == 0 {
		return
	}
	for i := range n {
		at := ((from+by*i)%n + n) % n
		if strings.Contains(strings.ToLower(Plain(v.shown[at])), what) {
			v.top = max(0, min(at, n-v.page))
			return
		}
	}
}

// Actions returns what can be done with the text.
func (v *Viewer) Actions() []env.Action {
	if !v.Focused {
		return nil
	}
	do := func(f func()) func() tea.Cmd { return func() tea.Cmd { f(); return nil } }
	list := []env.Action{
		{ID: "text.find", Title: "find", Keys: []string{"/"}, Help: "find in the text", Run: do(func() { v.typing = true })},
		{ID: "text.next", Title: "next", Keys: []string{"n"}, Help: "next place", Hidden: true, Run: do(func() { v.jump(v.top+1, 1) })},
		{ID: "text.previous", Title: "previous", Keys: []string{"N"}, Help: "place before", Hidden: true, Run: do(func() { v.jump(v.top-1, -1) })},
		{ID: "text.wrap", Title: "wrap", Keys: []string{"w"}, Help: "wrap long lines, or scroll sideways", Run: do(func() {
			v.wrap, v.left, v.width = !v.wrap, 0, 0
		})},
		{ID: "text.copy", Title: "copy", Keys: []string{"y"}, Help: "copy the whole text", Run: func() tea.Cmd {
			return v.env.Copy("the text", v.text)
		}},
	}
	return append(list, navigation()[:3]...)
}

// View returns the text in exactly h rows of w cells.
func (v *Viewer) View(w, h int) []string {
	if w <= 0 || h <= 0 {
		return Fit(nil, w, h)
	}
	v.layout(w)
	v.page = h
	finding := v.typing || v.find.Value() != ""
	if finding && h > 1 {
		v.page--
	}
	v.scroll(0)
	rows := make([]string, 0, h)
	what := strings.ToLower(v.find.Value())
	for i := v.top; i < len(v.shown) && len(rows) < v.page; i++ {
		row := v.shown[i]
		if !v.wrap {
			row = Window(row, v.left, w)
		}
		if what != "" && strings.Contains(strings.ToLower(Plain(row)), what) {
			row = v.env.Theme.Select.Over(Pad(row, w))
		}
		rows = append(rows, row)
	}
	rows = Fit(rows, w, v.page)
	if finding && h > 1 {
		rows = append(rows, v.env.Theme.Accent.Paint("/")+v.find.View(w-1, v.typing))
	}
	return rows
}

// Height is how many rows of w cells show all.
func (v *Viewer) Height(w int) int {
	v.layout(w)
	n := len(v.shown)
	if v.typing || v.find.Value() != "" {
		n++
	}
	return n
}

// layout breaks the lines for a width.
func (v *Viewer) layout(w int) {
	if v.width == w {
		return
	}
	v.width, v.shown = w, v.lines
	if !v.wrap {
		return
	}
	v.shown = nil
	for _, line := range v.lines {
		v.shown = append(v.shown, wrapPainted(line, w)...)
	}
}

// wrapPainted breaks a painted row at the width, between words where they are not
// too long; colours go on in the next row.
func wrapPainted(row string, w int) []string {
	var rows []string
	style := ""
	for {
		start, _ := head(row, w)
		if len(start) == len(row) || start == "" {
			return append(rows, style+Cut(row, w))
		}
		if i := strings.LastIndexByte(start, ' '); i > len(start)/2 {
			start = start[:i+1]
		}
		before := style
		for s := start; s != ""; {
			p, _, sgr := piece(s)
			if sgr && p == reset {
				style = ""
			} else if sgr {
				style = p
			}
			s = s[len(p):]
		}
		row = row[len(start):]
		if style != "" {
			start += reset
		}
		rows = append(rows, before+start)
	}
}

// widget is what a dialog can hold.
type widget interface {
	Update(msg tea.Msg) tea.Cmd
	View(w, h int) []string
	Actions() []env.Action
	Back() (tea.Cmd, bool)
}

// Dialog is a modal around a Viewer, Log or Table: esc goes a step back, then closes.
type Dialog struct {
	env    *env.Env
	title  string
	widget widget
}

// NewDialog returns a dialog with this title.
func NewDialog(e *env.Env, title string, w widget) *Dialog {
	return &Dialog{env: e, title: title, widget: w}
}

// Title implements env.Modal.
func (d *Dialog) Title() string { return d.title }

// Update implements env.Modal.
func (d *Dialog) Update(msg tea.Msg) (tea.Cmd, bool) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return d.widget.Update(msg), false
	}
	typing := false
	if t, ok := d.widget.(interface{ Typing() bool }); ok {
		typing = t.Typing()
	}
	if !typing {
		if key.String() == "esc" || key.String() == "q" {
			cmd, stepped := d.widget.Back()
			return cmd, !stepped
		}
		all := d.widget.Actions()
		runnable := slices.DeleteFunc(slices.Clone(all), func(a env.Action) bool { return a.Run == nil })
		if a, ok := d.env.Keys.Match(runnable, key.String()); ok {
			return a.Run(), false
		}
		if d.env.Keys.Taken(all, key.String()) {
			return nil, false
		}
	}
	return d.widget.Update(msg), false
}

// View implements env.Modal. The box is no higher than what it holds.
func (d *Dialog) View(w, h int) []string {
	if x, ok := d.widget.(interface{ Height(w int) int }); ok {
		const least = 3
		h = min(h, max(least, x.Height(w)))
	}
	return d.widget.View(w, h)
}
