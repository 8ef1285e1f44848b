package insights

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// roomy is the width from which things stand side by side.
const roomy = 100

// pipeline is the screen that starts runs.
const pipeline = "pipeline"

// span is where a tab's name is on the first row.
type span struct{ from, to int }

// View returns the screen in h rows of w cells: the tabs, what is wrong with the
// marts, the view on show, and how old it is.
func (s *Screen) View(w, h int) []string {
	if w <= 0 || h <= 0 {
		return nil
	}
	top := []string{s.tabRow(w), s.banner(w)}
	below := 1
	s.body = widget.Area{Y: len(top), W: w, H: max(0, h-len(top)-below)}
	rows := top
	switch {
	case s.ready():
		rows = append(rows, widget.Fit(s.top().draw(w, s.body.H), w, s.body.H)...)
	default:
		rows = append(rows, s.empty.View(w, s.body.H, nil)...)
	}
	return widget.Fit(append(rows, s.footing(w)), w, h)
}

// tabRow names the tabs.
func (s *Screen) tabRow(w int) string {
	t := s.env.Theme
	s.spans = s.spans[:0]
	total := 0
	for _, name := range s.names {
		total += widget.Width(name)
	}
	gap := min(3, max(1, (w-total)/max(1, len(s.names)-1)))
	row, at := "", 0
	for i, name := range s.names {
		style := t.Muted
		if i == s.at {
			style = t.Accent.Bold().Underline()
		}
		if i > 0 {
			row += widget.Pad("", gap)
			at += gap
		}
		row += style.Paint(name)
		s.spans = append(s.spans, span{at, at + widget.Width(name)})
		at += widget.Width(name)
	}
	return widget.Clip(row, w)
}

func (s *Screen) clickTab(x int) tea.Cmd {
	for i, sp := range s.spans {
		if x >= sp.from && x < sp.to {
			return s.show(i)
		}
	}
	return nil
}

// banner says what is wrong with the marts as a whole, nothing if all is well.
func (s *Screen) banner(w int) string {
	style, words := s.trouble()
	if words == "" {
		return ""
	}
	return widget.Cut(style.Paint(words), w)
}

func (s *Screen) trouble() (style theme.Style, words string) {
	t, h := s.env.Theme, s.health
	switch {
	case h.err != nil && h.ok:
		next := "; trying again: "
		if s.pause.On() {
			next = "; paused, " + s.env.Key(ID+".pause", "space") + " tries again: "
		}
		return t.Bad, "✗ analytics is out of reach, this is as it was " + ago(s.env.Now().Sub(s.reached)) + next + h.err.Error()
	case !s.ready():
		return t.Text, ""
	case h.value.State.State == "failed":
		return t.Bad, "✗ a check failed, do not rely on these numbers: " + h.value.Reason + " (penstock --run check)"
	case h.value.Behind:
		return t.Warn, "! the facts changed since: " + s.env.Key("insights.pipeline", "P") + " goes to the pipeline, whose step aggregate brings these numbers up to date"
	case h.value.State.State == "unchecked":
		return t.Warn, "! not checked yet: " + s.env.Key("insights.pipeline", "P") + " goes to the pipeline, whose step check looks whether these numbers hold"
	}
	return t.Text, ""
}

// footing says how old the marts are, what the checks remarked and what is masked.
func (s *Screen) footing(w int) string {
	t := s.env.Theme
	right := ""
	switch {
	case len(s.o.PII) > 0 && s.reveal:
		right = t.Warn.Paint(s.env.Key(personalAction, "p") + " masks personal data")
	case len(s.o.PII) > 0:
		right = t.Faint.Paint(s.env.Key(personalAction, "p") + " shows personal data")
	}
	if !s.ready() {
		return widget.Between("", right, w)
	}
	h := s.health.value
	left := "no sale yet"
	if h.FirstDay != nil {
		left = "as of " + h.AsOf.Format("2 Jan 2006")
	}
	left += " · made " + ago(s.env.Now().Sub(h.BuiltAt))
	if w >= roomy {
		left += " by run " + widget.Count(h.Run)
	}
	row := t.Faint.Paint(left)
	if h.State.State == "ok" {
		row += t.Faint.Paint(" · ") + t.OK.Paint("checked")
		if n := len(h.Checks); n > 0 {
			row += t.Faint.Paint(", " + s.env.Key(remarksAction, "R") + " " + remarks(n))
		}
	}
	return widget.Between(row, right, w)
}

func remarks(n int) string {
	if n == 1 {
		return "1 remark"
	}
	return widget.Count(int64(n)) + " remarks"
}

// showRemarks tells what the checks found.
func (s *Screen) showRemarks() tea.Cmd {
	text := ""
	for _, c := range s.health.value.Checks {
		text += c.Name + " (" + c.Severity + "): " + widget.Count(c.Found) + " " + c.Description + "\n"
	}
	v := widget.NewViewer(s.env)
	v.SetText(strings.TrimSpace(text))
	return env.Show(widget.NewDialog(s.env, "What the checks remarked", v))
}

// Status says what the screen is at.
func (s *Screen) Status() env.Status {
	a := s.top().about()
	st := env.Status{Typing: a.typing && s.ready(), Headless: a.headless, Without: a.without, Note: s.note(), Back: s.back, Paused: s.pause.Since()}
	st.Crumbs = append(st.Crumbs, s.names[s.at])
	for _, v := range s.levels {
		st.Crumbs = append(st.Crumbs, v.about().crumb)
	}
	st.Actions = s.actions(a)
	if slices.ContainsFunc(a.asking, asking.running) {
		st.Cancel = func() tea.Cmd {
			for _, q := range a.asking {
				q.cancel()
			}
			return nil
		}
	}
	if !s.ready() {
		st.Headless = "penstock --run"
	}
	return st
}

// note is the time that the data spans, and its currency.
func (s *Screen) note() string {
	t := s.env.Theme
	if !s.ready() || s.health.value.FirstDay == nil {
		return ""
	}
	h := s.health.value
	return t.Muted.Paint(h.FirstDay.Format("2 Jan 2006") + " – " + h.AsOf.Format("2 Jan 2006") + "  " + s.o.Currency)
}

// always are the actions that need no marts: to the pipeline, and reading again.
func (s *Screen) always() (goTo, again env.Action) {
	goTo = env.Action{
		ID: "insights.pipeline", Title: "pipeline", Keys: []string{"P"}, Help: "go to the pipeline, which makes these numbers", Hidden: true,
		Run: func() tea.Cmd { return env.Visit(pipeline, "") },
	}
	again = env.Action{
		ID: "insights.again", Title: "read again", Keys: []string{"r"}, Help: "read this view again", Hidden: true,
		Run: func() tea.Cmd { return tea.Batch(s.check(), s.load(true)) },
	}
	return goTo, again
}

// actions are those of the view on show and those of the screen.
func (s *Screen) actions(a about) []env.Action {
	goTo, again := s.always()
	if !s.ready() {
		goTo.Hidden, again.Hidden = false, false
		list := []env.Action{goTo, again}
		if s.pause.On() { // which nothing is looked for in
			list = s.pause.Actions(ID, list)
		}
		return list
	}
	return slices.DeleteFunc(s.everything(a), func(x env.Action) bool {
		return x.ID == remarksAction && len(s.health.value.Checks) == 0 || x.ID == personalAction && len(s.o.PII) == 0
	})
}

// The actions that only some marts have.
const (
	remarksAction  = "insights.remarks"
	personalAction = "insights.personal"
)

// everything is what can be done in a view of marts that have it all.
func (s *Screen) everything(a about) []env.Action {
	goTo, again := s.always()
	list := slices.Clone(a.actions)
	step := func(by int) func() tea.Cmd {
		return func() tea.Cmd { return s.show((s.at + by + len(s.tabs)) % len(s.tabs)) }
	}
	next := env.Action{ID: "insights.next", Title: "next", Keys: []string{"tab"}, Help: "next tab", Run: step(1)}
	// After the two most useful of the view, so that the footer has it.
	list = slices.Insert(list, min(2, len(list)), next)
	list = append(list, env.Action{
		ID: "insights.previous", Title: "previous", Keys: []string{"shift+tab"}, Help: "tab before", Hidden: true, Run: step(-1),
	}, again, goTo)
	return s.pause.Actions(ID, append(list,
		env.Action{ID: remarksAction, Title: "remarks", Keys: []string{"R"}, Help: "what the checks found", Hidden: true, Run: s.showRemarks},
		env.Action{ID: personalAction, Title: "personal data", Keys: []string{"p"}, Help: "show or mask personal data", Hidden: true, Run: s.toggleReveal},
	))
}

// revealing is a view with masked columns.
type revealing interface{ remask() tea.Cmd }

// toggleReveal shows personal data, or masks it again.
func (s *Screen) toggleReveal() tea.Cmd {
	s.reveal = !s.reveal
	var cmds []tea.Cmd
	for _, v := range slices.Concat(s.tabs, s.levels) {
		if r, ok := v.(revealing); ok {
			cmds = append(cmds, r.remask())
		}
	}
	return tea.Batch(cmds...)
}
