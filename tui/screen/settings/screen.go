package settings

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// id is what the console calls the screen.
const id = "settings"

// Screen shows the configuration and tests connections. Make it with New.
type Screen struct {
	env  *env.Env
	info Info
	test Tester
	ctx  context.Context

	theme string
	parts []*part

	ring                         *widget.Ring
	valuePane, partPane, factsP  *widget.Pane
	table                        *widget.Table
	viewer                       *widget.Viewer
	valueArea, partArea, factsAt widget.Area
	generation                   int // of the theme that the viewer's rows are painted in
}

// part is something that can be tested.
type part struct {
	name   string
	job    *env.Job
	result *Result
	at     time.Time // of the result, or of the start
}

// rows are the settings as the table shows them.
type rows []Setting

func (r rows) Len() int { return len(r) }

func (r rows) Key(row int) string { return r[row].Key }

func (r rows) Cell(row, col int) string {
	switch col {
	case 0:
		return section(r[row].Key)
	case 1:
		return r[row].Key
	case 2:
		return r[row].Value
	default:
		return r[row].From
	}
}

// New returns the screen.
func New(e *env.Env, info Info, test Tester) *Screen {
	info.Settings = bySection(info.Settings)
	s := &Screen{
		env: e, info: info, test: test, theme: info.Theme,
		valuePane: widget.NewPane(e, "Configuration"), partPane: widget.NewPane(e, "Connections"), factsP: widget.NewPane(e, "This program"),
		viewer: widget.NewViewer(e),
	}
	for _, name := range info.Parts {
		s.parts = append(s.parts, &part{name: name, job: env.NewJob(id)})
	}
	own := func(row int, _ string) theme.Style {
		if info.Settings[row].Default {
			return e.Theme.Muted
		}
		return e.Theme.Text
	}
	s.table = widget.NewTable(e, id, "settings",
		widget.Column{Title: "section", Max: 16, Hidden: true},
		widget.Column{Title: "key", Max: 28, Style: own},
		widget.Column{Title: "value", Width: 20, Grow: 1, Style: own},
		widget.Column{Title: "from", Max: 24, Style: func(row int, _ string) theme.Style {
			if info.Settings[row].Default {
				return e.Theme.Faint
			}
			return e.Theme.Accent2
		}},
	)
	s.table.Group = func(row int) string { return section(info.Settings[row].Key) }
	s.table.OnEnter = s.open
	s.ring = widget.NewRing(
		func(on bool) { s.valuePane.Focused, s.table.Focused = on, on },
		func(on bool) { s.partPane.Focused = on },
		func(on bool) { s.factsP.Focused, s.viewer.Focused = on, on },
	)
	return s
}

// open shows one value whole: there is no room for long ones in a row.
func (s *Screen) open(row int) tea.Cmd {
	x := s.info.Settings[row]
	value := x.Value
	if value == "" {
		value = "(empty)"
	}
	v := widget.NewViewer(s.env)
	v.SetText(value + "\n\nfrom " + x.From)
	return env.Show(widget.NewDialog(s.env, x.Key, v))
}

type testedMsg struct {
	part   *part
	result Result
}

// Init implements tui.Screen. What needs a network is asked for by the user.
func (s *Screen) Init(ctx context.Context) tea.Cmd {
	s.ctx = ctx
	now := s.env.Now()
	s.valuePane.Live(now)
	s.partPane.Live(now)
	s.factsP.Live(now)
	return s.table.SetRows(rows(s.info.Settings))
}

// testAll tests every part, side by side.
func (s *Screen) testAll() tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range s.parts {
		p.result, p.at = nil, s.env.Now()
		test, name := s.test, p.name
		cmds = append(cmds, p.job.Start(s.ctx, func(ctx context.Context) tea.Msg { return testedMsg{p, test(ctx, name)} }))
	}
	s.partPane.Touch()
	if s.env.Narrow() {
		s.ring.Set(1)
	}
	return tea.Batch(cmds...)
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	s.valuePane.Touch()
	s.partPane.Touch()
	s.factsP.Touch()
	if m, ok := msg.(testedMsg); ok {
		m.part.result, m.part.at = &m.result, s.env.Now()
		return nil
	}
	return s.ring.Take(msg, widget.Stop{Area: s.valueArea, Update: s.table.Update}, widget.Stop{Area: s.partArea},
		widget.Stop{Area: s.factsAt, Update: s.viewer.Update})
}

// chooseTheme offers the themes.
func (s *Screen) chooseTheme() tea.Cmd {
	var items []widget.Item
	for _, name := range theme.Names() {
		detail := map[string]string{
			"auto": "follows the terminal's background", "contrast": "high contrast", "mono": "no colours: bold, underlined, reversed",
		}[name]
		if name == s.theme {
			detail = strings.TrimPrefix(detail+", in use", ", ")
		}
		items = append(items, widget.Item{Title: name, Detail: detail, Run: func() tea.Cmd {
			s.theme = name
			return tea.Batch(
				func() tea.Msg { return env.ThemeMsg{Name: name} },
				env.Notify(env.Info, "theme "+name+" for this session; ui.theme: "+name+" in penstock.yaml keeps it"),
			)
		}})
	}
	return env.Show(widget.NewMenu(s.env, "Theme", items))
}

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	actions := []env.Action{
		{ID: "settings.open", Title: "whole value", Keys: []string{"enter"}, Help: "show the value under the cursor whole", Hidden: true, Run: s.openHere},
		{
			ID: "settings.test", Title: "test connections", Keys: []string{"t"}, Help: "see whether databases and lake answer", Run: s.testAll,
			Headless: func() string { return "penstock doctor" },
		},
		{ID: "settings.theme", Title: "theme…", Keys: []string{"T"}, Help: "choose the colours of this session", Run: s.chooseTheme},
		{ID: "settings.own", Title: "set only", Keys: []string{"o"}, Help: "show only values that are not the program's own, or all", Run: s.ownOnly},
	}
	st := env.Status{Headless: s.info.Headless, Typing: s.table.Typing() || s.viewer.Typing(), Back: s.back}
	actions = append(actions, env.Rekeyed(s.table.Actions(), "table.mark", "insert")...) // t tests here
	st.Actions = append(append(actions, s.viewer.Actions()...), s.ring.Actions()...)
	for _, p := range s.parts {
		if p.job.Running() {
			st.Cancel = s.cancel
		}
	}
	return st
}

// openHere opens the value under the cursor.
func (s *Screen) openHere() tea.Cmd {
	row, ok := s.table.Cursor()
	if !ok || s.ring.At() != 0 {
		return nil
	}
	return s.open(row)
}

// ownOnly filters to what somebody wrote.
func (s *Screen) ownOnly() tea.Cmd {
	s.ring.Set(0)
	const written = "!from:default"
	if s.table.Filter() == written {
		return s.table.SetFilter("")
	}
	return s.table.SetFilter(written)
}

func (s *Screen) cancel() tea.Cmd {
	for _, p := range s.parts {
		p.job.Cancel()
	}
	s.partPane.Touch()
	return env.Notify(env.Info, "cancelled")
}

func (s *Screen) back() (tea.Cmd, bool) {
	if s.ring.At() == 0 {
		return s.table.Back()
	}
	cmd, stepped := s.viewer.Back()
	if !stepped {
		s.ring.Set(0)
	}
	return cmd, true
}
