// Package help is the console's screen of everything that can be done: all keys
// and actions of all screens, filtered as one types and run from the list, beside
// the ideas that the program stands on and where its documentation is.
package help

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// ID is the screen's.
const ID = "help"

// Group is what can be done in one place.
type Group struct {
	Screen  string // its ID, "" for what works everywhere
	Title   string
	Actions []env.Action
}

// Options say what the screen tells.
type Options struct {
	// Groups returns everything that can be done, as of now.
	Groups func() []Group
	// Docs are lines that say where to read on.
	Docs []string
}

// Screen is the screen.
type Screen struct {
	env   *env.Env
	o     Options
	ring  *widget.Ring
	pane  *widget.Pane
	about *widget.Pane
	table *widget.Table
	ideas *widget.Viewer
	lines lines

	at, aboutAt widget.Area
	made        [2]int // width and theme that the ideas' rows are for
}

// line is one action in the table.
type line struct {
	screen, place string
	action        env.Action
	keys          string
}

type lines []line

// Len implements widget.Rows.
func (l lines) Len() int { return len(l) }

// Key implements widget.Keyed.
func (l lines) Key(row int) string { return l[row].place + " " + l[row].action.ID }

// Cell implements widget.Rows.
func (l lines) Cell(row, col int) string {
	r := l[row]
	switch col {
	case 0:
		return r.keys
	case 1:
		return r.place
	case 2:
		return r.action.Title
	case 3:
		return r.action.Help
	}
	return r.action.ID
}

// New returns the screen.
func New(e *env.Env, o Options) *Screen {
	s := &Screen{env: e, o: o, pane: widget.NewPane(e, "Keys"), about: widget.NewPane(e, "In five lines"), ideas: widget.NewViewer(e)}
	s.table = widget.NewTable(
		e, ID, ID,
		widget.Column{Title: "keys", Width: 14, Wrap: true, Style: func(int, string) theme.Style { return e.Theme.Accent2 }},
		widget.Column{Title: "where", Width: 10, Style: func(int, string) theme.Style { return e.Theme.Muted }},
		widget.Column{Title: "action", Max: 24},
		widget.Column{Title: "what it does", Grow: 1, Max: 90, Wrap: true},
		widget.Column{Title: "name", Max: 24, Style: func(int, string) theme.Style { return e.Theme.Faint }},
	)
	s.ring = widget.NewRing(
		func(on bool) { s.pane.Focused, s.table.Focused = on, on },
		func(on bool) { s.about.Focused, s.ideas.Focused = on, on },
	)
	s.table.OnEnter = s.run
	s.about.Live(e.Now())
	return s
}

// Init implements tui.Screen.
func (s *Screen) Init(context.Context) tea.Cmd { return s.load() }

// load lists everything anew: what can be done depends on what is open.
func (s *Screen) load() tea.Cmd {
	s.lines = nil
	for _, g := range s.o.Groups() {
		for _, a := range g.Actions {
			var keys []string
			for _, k := range s.env.Keys.Keys(a) {
				keys = append(keys, s.env.KeyName(k))
			}
			s.lines = append(s.lines, line{g.Screen, g.Title, a, strings.Join(keys, " ")})
		}
	}
	s.pane.Live(s.env.Now())
	return s.table.SetRows(s.lines)
}

// run does the action under the cursor, on its screen.
func (s *Screen) run(row int) tea.Cmd {
	l := s.lines[row]
	if l.action.Run == nil {
		return env.Notify(env.Info, fmt.Sprintf("%s: %s (%s)", l.keys, l.action.Help, l.place))
	}
	perform := func() tea.Msg { return env.RunMsg{ID: l.action.ID} }
	if l.screen == "" || l.screen == ID {
		return perform
	}
	return tea.Sequence(env.Visit(l.screen, ""), perform)
}

// concepts are the ideas that the rest follows from.
func concepts() [][2]string {
	return [][2]string{
		{"run", "one pass from ingest to publish: a process of its own, which goes on when the console quits"},
		{"load", "one file as it was read, seen whole or not at all; the same content is never loaded twice"},
		{"reject", "a record that breaks a rule: kept with line and reason, to be mended and read again"},
		{"mart", "a table of answers made from the facts: sales, customers, products, hours, stock"},
		{"lake", "the published tables as Apache Iceberg: every run is a snapshot that stays readable"},
	}
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(env.ArrivedMsg); ok {
		return s.load()
	}
	s.pane.Touch()
	s.about.Touch()
	return s.ring.Take(msg, widget.Stop{Area: s.at, Update: s.table.Update}, widget.Stop{Area: s.aboutAt, Update: s.ideas.Update})
}

// View implements tui.Screen. Where there is no room for both, the part that has
// the focus has all of it.
func (s *Screen) View(w, h int) []string {
	t := s.env.Theme
	if made := [2]int{w, s.env.Generation}; s.made != made {
		s.made = made
		s.ideas.SetRows(s.body(w - 2))
	}
	top := len(s.body(w-2)) + 2
	canvas := widget.NewCanvas(w, h)
	areas := canvas.Area().Lines(0, top, -1)
	s.pane.Right, s.about.Right = s.table.Summary(), ""
	switch {
	case h >= 2*top && !s.env.Plain:
	case s.ring.At() == 0:
		areas = []widget.Area{{}, canvas.Area()}
		s.pane.Right = t.Muted.Paint(s.env.Key("focus.next", "tab")+": in five lines   ") + s.pane.Right
	default:
		areas = []widget.Area{canvas.Area(), {}}
		s.about.Right = t.Muted.Paint(s.env.Key("focus.next", "tab") + ": the keys")
	}
	s.aboutAt, s.at = areas[0], areas[1]
	canvas.Put(areas[0], s.about.View(areas[0].W, areas[0].H, s.ideas.View))
	canvas.Put(areas[1], s.pane.View(areas[1].W, areas[1].H, s.table.View))
	return canvas.Rows()
}

// body tells the concepts and where to read on.
func (s *Screen) body(w int) []string {
	t := s.env.Theme
	var rows []string
	say := func(name theme.Style, word, text string) {
		const indent = 8
		for i, part := range widget.Wrap(text, max(20, w-indent)) {
			if i > 0 {
				word = ""
			}
			rows = append(rows, name.Paint(word)+strings.Repeat(" ", indent-len(word))+t.Text.Paint(part))
		}
	}
	for _, c := range concepts() {
		say(t.Accent.Bold(), c[0], c[1])
	}
	for i, doc := range s.o.Docs {
		say(t.Muted, [...]string{"docs", ""}[min(i, 1)], doc)
	}
	return rows
}

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	do := env.Action{ID: "help.run", Title: "do it", Keys: []string{"enter"}, Help: "do what the cursor is on, on its screen", Run: func() tea.Cmd {
		row, ok := s.table.Cursor()
		if !ok {
			return nil
		}
		return s.run(row)
	}}
	st := env.Status{Typing: s.table.Typing() || s.ideas.Typing(), Back: s.back, Headless: "penstock --help"}
	if s.ring.At() == 0 {
		st.Actions = append(st.Actions, do)
	}
	st.Actions = append(append(append(st.Actions, s.table.Actions()...), s.ideas.Actions()...), s.ring.Actions()...)
	return st
}

// back leaves a filter, or the ideas for the keys.
func (s *Screen) back() (tea.Cmd, bool) {
	if s.ring.At() == 0 {
		return s.table.Back()
	}
	cmd, stepped := s.ideas.Back()
	if !stepped {
		s.ring.Set(0)
	}
	return cmd, true
}

// Places returns what can be done while each part of the screen has the focus.
func (s *Screen) Places() [][]env.Action { return s.ring.Places(s.Status) }
