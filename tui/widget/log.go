package widget

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// LogLine is one line of a log.
type LogLine struct {
	At     time.Time
	Level  env.Level
	Source string // the step or part that says it
	Text   string
}

// Log shows lines as they come: follows the end until one scrolls up, filters by
// words and by level, copies, and shows a long line whole on enter.
type Log struct {
	Focused bool

	env    *env.Env
	lines  []LogLine
	max    int
	found  []int // indexes of lines that pass
	least  env.Level
	query  Query
	filter *Input
	typing bool
	follow bool
	at     int // line under the cursor, in found
	top    int
	page   int
	source int // width of the sources seen so far
}

// NewLog returns a log that keeps the last most lines.
func NewLog(e *env.Env, most int) *Log {
	return &Log{Focused: true, env: e, max: max(1, most), follow: true, filter: NewInput(e)}
}

// Add appends lines.
func (l *Log) Add(lines ...LogLine) {
	for _, line := range lines {
		l.lines = append(l.lines, line)
		l.source = min(16, max(l.source, Width(line.Source)))
		if l.passes(line) {
			l.found = append(l.found, len(l.lines)-1)
		}
	}
	if over := len(l.lines) - l.max; over > l.max/4 { // in larger steps, so that lines are not moved each time
		l.lines = append([]LogLine(nil), l.lines[over:]...)
		before := len(l.found)
		l.refind()
		l.at -= before - len(l.found)
	}
	if l.follow {
		l.at = len(l.found) - 1
	}
	l.at = max(0, min(l.at, len(l.found)-1))
}

// Len returns how many lines pass the filter.
func (l *Log) Len() int { return len(l.found) }

func (l *Log) passes(line LogLine) bool {
	if line.Level < l.least {
		return false
	}
	cells := [2]string{line.Source, line.Text}
	return l.query.Match(func(c int) string { return cells[c] }, 2)
}

func (l *Log) refind() {
	l.found = l.found[:0]
	for i, line := range l.lines {
		if l.passes(line) {
			l.found = append(l.found, i)
		}
	}
}

// change applies a new filter or level and stays near the line it was on.
func (l *Log) change() tea.Cmd {
	was := -1
	if l.at < len(l.found) {
		was = l.found[l.at]
	}
	l.query = ParseQuery(l.filter.Value(), []string{"source", "text"})
	l.refind()
	l.at = len(l.found) - 1
	for i, n := range l.found {
		if !l.follow && n >= was {
			l.at = i
			break
		}
	}
	l.at = max(0, l.at)
	return nil
}

// Typing reports whether the filter is being typed.
func (l *Log) Typing() bool { return l.typing }

// Back clears the filter and reports whether there was one.
func (l *Log) Back() (tea.Cmd, bool) {
	if !l.typing && l.filter.Value() == "" && l.least == env.Info {
		return nil, false
	}
	l.typing = false
	l.least = env.Info
	l.filter.Set("")
	return l.change(), true
}

// Update handles keys, pastes and the wheel (in the log's own coordinates).
func (l *Log) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			l.move(-wheelRows)
		case tea.MouseWheelDown:
			l.move(wheelRows)
		}
	case tea.MouseClickMsg:
		if i := l.top + msg.Y; msg.Y >= 0 && msg.Y < l.page && i < len(l.found) {
			l.move(i - l.at)
		}
	case tea.PasteMsg:
		if l.typing && l.filter.Update(msg) {
			return l.change()
		}
	case tea.KeyPressMsg:
		if l.Focused {
			return l.key(msg)
		}
	}
	return nil
}

func (l *Log) key(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	if l.typing {
		switch key {
		case "enter":
			l.typing = false
		case "esc":
			cmd, _ := l.Back()
			return cmd
		default:
			if l.filter.Update(msg) {
				return l.change()
			}
		}
		return nil
	}
	switch key {
	case "up", "k":
		l.move(-1)
	case "down", "j":
		l.move(1)
	case "pgup", "ctrl+b":
		l.move(-l.page)
	case "pgdown", "ctrl+f":
		l.move(l.page)
	case "ctrl+u":
		l.move(-l.page / 2)
	case "ctrl+d":
		l.move(l.page / 2)
	case "home", "g":
		l.move(-len(l.found))
	case "end", "G":
		l.move(len(l.found))
	case "enter":
		return l.open()
	}
	return nil
}

// move goes up or down; the end is followed again once it is reached.
func (l *Log) move(by int) {
	l.at = max(0, min(l.at+by, len(l.found)-1))
	l.follow = l.at >= len(l.found)-1
}

// open shows the line under the cursor whole.
func (l *Log) open() tea.Cmd {
	if l.at >= len(l.found) {
		return nil
	}
	line := l.lines[l.found[l.at]]
	v := NewViewer(l.env)
	v.SetText(line.Text)
	return env.Show(NewDialog(l.env, line.At.Format("15:04:05")+" "+line.Source, v))
}

// Actions returns what can be done with the log.
func (l *Log) Actions() []env.Action {
	if !l.Focused {
		return nil
	}
	list := []env.Action{
		{ID: "log.filter", Title: "filter", Keys: []string{"/"}, Help: "show only lines that match", Run: func() tea.Cmd {
			l.typing = true
			return nil
		}},
		{ID: "log.open", Title: "whole line", Keys: []string{"enter"}, Help: "show the line under the cursor whole", Hidden: true, Run: l.open},
		{ID: "log.level", Title: "level", Keys: []string{"L"}, Help: "all lines, warnings and errors, errors", Run: l.nextLevel},
		{ID: "log.follow", Title: "follow", Keys: []string{"f"}, Help: "follow new lines, or stay", Run: func() tea.Cmd {
			if l.follow = !l.follow; l.follow {
				l.move(len(l.found))
			}
			return nil
		}},
		{ID: "log.copy", Title: "copy line", Keys: []string{"y"}, Help: "copy the line under the cursor", Hidden: true, Run: func() tea.Cmd {
			if l.at >= len(l.found) {
				return nil
			}
			return l.env.Copy("the line", l.text(l.lines[l.found[l.at]]))
		}},
		{ID: "log.copy-all", Title: "copy all", Keys: []string{"Y"}, Help: "copy all lines on show", Hidden: true, Run: func() tea.Cmd {
			var b short
			for _, i := range l.found {
				if _, err := b.Write([]byte(l.text(l.lines[i]) + "\n")); err != nil {
					break
				}
			}
			return l.env.Copy(Count(int64(len(l.found)))+" lines", b.String())
		}},
	}
	return append(list, navigation()[:3]...)
}

func (l *Log) nextLevel() tea.Cmd {
	switch l.least {
	case env.Info:
		l.least = env.Warn
	case env.Warn:
		l.least = env.Bad
	default:
		l.least = env.Info
	}
	return l.change()
}

func (l *Log) text(line LogLine) string {
	return line.At.Format("15:04:05") + " " + line.Source + " " + line.Text
}

// Height is how many rows show all lines.
func (l *Log) Height(int) int {
	n := len(l.found)
	if l.typing || l.filter.Value() != "" {
		n++
	}
	return n
}

// View returns the log in exactly h rows of w cells, the latest line last.
func (l *Log) View(w, h int) []string {
	if w <= 0 || h <= 0 {
		return Fit(nil, w, h)
	}
	l.page = h
	var foot []string
	if h > 1 && (l.typing || l.filter.Value() != "") {
		l.page--
		count := l.env.Theme.Muted.Paint(Count(int64(len(l.found))) + " of " + Count(int64(len(l.lines))))
		room := max(1, w-Width(count)-3)
		foot = []string{Pad(l.env.Theme.Accent.Paint("/")+l.filter.View(room, l.typing)+"  "+count, w)}
	}
	if l.at < l.top {
		l.top = l.at
	}
	if l.at >= l.top+l.page {
		l.top = l.at - l.page + 1
	}
	l.top = max(0, min(l.top, len(l.found)-l.page))
	rows := make([]string, 0, h)
	for i := l.top; i < len(l.found) && len(rows) < l.page; i++ {
		row := Pad(l.line(l.lines[l.found[i]]), w)
		if i == l.at && !l.follow && l.Focused {
			row = l.env.Theme.Select.Over(row)
		}
		rows = append(rows, row)
	}
	return append(Fit(rows, w, l.page), foot...)
}

// Summary says in a few painted words what is on show, for a pane's title.
func (l *Log) Summary() string {
	text := "follow"
	if !l.follow {
		text = "stopped at " + Count(int64(l.at+1)) + " of " + Count(int64(len(l.found)))
	}
	switch l.least {
	case env.Warn:
		text = "warnings · " + text
	case env.Bad:
		text = "errors · " + text
	}
	return l.env.Theme.Muted.Paint(text)
}

func (l *Log) line(line LogLine) string {
	t := l.env.Theme
	style, mark := t.Text, "  "
	switch line.Level {
	case env.Warn:
		style, mark = t.Warn, "! "
	case env.Bad:
		style, mark = t.Bad, "✗ "
	}
	if l.env.Plain { // read out, a sign is no word
		mark = map[env.Level]string{env.Warn: "warning: ", env.Bad: "failed: "}[line.Level]
	}
	return t.Faint.Paint(line.At.Format("15:04:05")) + " " + Pad(t.Accent2.Paint(line.Source), l.source) + " " + style.Paint(mark+line.Text)
}
