package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// View implements tea.Model.
func (a *App) View() tea.View {
	var v tea.View
	if a.env.Plain {
		v.SetContent(a.prompt())
		return v
	}
	v.AltScreen, v.ReportFocus = true, true
	if !a.mouseOff {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = a.title()
	v.ProgressBar = a.progress()
	if !a.sized {
		return v
	}
	rows := a.frame(a.env.Width, a.env.Height)
	for i, row := range rows {
		row = guarded(row)
		if a.env.ASCII {
			row = widget.ASCII(row)
		}
		rows[i] = row
	}
	v.SetContent(strings.Join(rows, "\n"))
	return v
}

// tooSmall reports whether there is no room to draw anything. Words need none.
func (a *App) tooSmall() bool {
	return !a.env.Plain && (a.env.Width < minWidth || a.env.Height < minHeight)
}

// body returns where the screen is drawn.
func (a *App) body() widget.Area {
	below := 2
	if a.env.Height < 20 {
		below = 1 // the rule over the footer makes room
	}
	return widget.Area{X: margin, Y: 2, W: a.env.Width - 2*margin, H: a.env.Height - 2 - below}
}

// frame returns the rows of the whole terminal.
func (a *App) frame(w, h int) []string {
	if a.tooSmall() {
		return a.sizeNotice(w, h)
	}
	screen := a.current()
	if screen == nil {
		return widget.Fit(nil, w, h)
	}
	body := a.body()
	view := widget.Fit(screen.View(body.W, body.H), body.W, body.H)
	// Asked after View, which may have moved things.
	status := screen.Status()
	rows := make([]string, 0, h)
	rows = append(rows, a.header(status, w), a.tabRow(w))
	for _, row := range view {
		rows = append(rows, " "+row+" ")
	}
	if body.Y+body.H < h-1 {
		rows = append(rows, a.lower(w))
	}
	a.drawToasts(rows, w, body.Y+body.H)
	rows = append(rows, a.footer(status, w))
	return a.overlay(rows, w, h)
}

// sizeNotice says kindly how large the terminal has to be.
func (a *App) sizeNotice(w, h int) []string {
	t := a.env.Theme
	lines := []string{
		t.Accent.Bold().Paint("Penstock"),
		t.Text.Paint(fmt.Sprintf("needs %d x %d cells;", minWidth, minHeight)),
		t.Text.Paint(fmt.Sprintf("this terminal has %d x %d.", a.env.Width, a.env.Height)),
		t.Muted.Paint("Make it larger, or press " + a.env.Key("app.quit", "q") + "."),
	}
	if d := a.unsaved(true); d != nil {
		lines[3] = t.Warn.Paint("Make it larger: " + d.Title + ".")
	}
	rows := make([]string, 0, h)
	for range max(0, (h-len(lines))/2) {
		rows = append(rows, "")
	}
	for _, line := range lines {
		rows = append(rows, widget.Centre(line, w))
	}
	return widget.Fit(rows, w, h)
}

// header is who and where one is, and how things are.
func (a *App) header(status env.Status, w int) string {
	t, p := a.env.Theme, a.env.Profile
	profile := t.Accent2.Paint(p.Name)
	if p.Production {
		profile = t.Bad.Bold().Reverse().Paint(" " + p.Name + " ")
	}
	left := " " + t.Accent.Bold().Paint("Penstock") + "  " + profile
	for i, crumb := range append([]string{a.crumb()}, status.Crumbs...) {
		style := t.Muted
		if i == len(status.Crumbs) {
			style = t.Text
		}
		left += t.Faint.Paint(" ▸ ") + style.Paint(crumb)
	}
	right := a.headerRight(status, w, w-2-min(widget.Width(left), max(24, 2*w/5)))
	return widget.Between(widget.Cut(left, max(0, w-widget.Width(right)-1)), right, w)
}

// headerRight is how things are, in at most room cells. What counts least gives way
// first; databases never do.
func (a *App) headerRight(status env.Status, w, room int) string {
	t, p := a.env.Theme, a.env.Profile
	type part struct {
		text  string
		count int
	}
	var right []part
	if status.Note != "" {
		right = append(right, part{status.Note, 3})
	}
	if since := status.Paused; !since.IsZero() {
		right = append(right, part{t.Warn.Paint("paused " + widget.Clock(a.env.Now().Sub(since))), 5})
	}
	if a.state.Run != "" {
		style := t.Muted
		if a.state.Running {
			style = t.Accent
		} else if a.state.Failed {
			style = t.Bad
		}
		right = append(right, part{style.Paint(a.state.Run), 4})
	}
	if p.Role != "" {
		right = append(right, part{t.Muted.Paint(p.Role), 2})
	}
	if p.ReadOnly {
		right = append(right, part{t.Info.Paint("read only"), 5})
	}
	if w >= 100 {
		right = append(right, part{t.Faint.Paint(a.env.Now().Format("15:04")), 1})
	}
	if lights := a.lights(w); lights != "" {
		right = append(right, part{lights, 6})
	}
	join := func() string {
		var texts []string
		for _, r := range right {
			texts = append(texts, r.text)
		}
		return strings.Join(texts, "  ") + " "
	}
	for len(right) > 1 && widget.Width(join()) > room {
		least := slices.MinFunc(right, func(a, b part) int { return a.count - b.count })
		right = slices.DeleteFunc(right, func(r part) bool { return r == least })
	}
	return join()
}

// crumb is the name of the screen on show.
func (a *App) crumb() string {
	e, _ := entry(a.o.Screens, a.at)
	return e.Title
}

// lights are dots with names; a bad one has a mark and a word as well.
func (a *App) lights(w int) string {
	t := a.env.Theme
	var parts []string
	for _, l := range a.state.Lights {
		if l.Quiet && (l.Level == env.Good || l.Level == env.Info) {
			continue
		}
		dot, style := "○", t.Faint
		switch l.Level {
		case env.Good:
			dot, style = "●", t.OK
		case env.Warn:
			dot, style = "!", t.Warn
		case env.Bad:
			dot, style = "✗", t.Bad
		}
		name := l.Name
		if w < 80 && l.Level == env.Good {
			name = widget.Clip(name, 1)
		}
		parts = append(parts, style.Paint(dot)+" "+t.Muted.Paint(name))
	}
	return strings.Join(parts, " ")
}

// hint is a part of a row that can be clicked.
type hint struct {
	from, to int
	run      func() tea.Cmd
}

// tabRow is the rule under the header with the screens' keys and names in it.
func (a *App) tabRow(w int) string {
	t := a.env.Theme
	a.tabs = a.tabs[:0]
	row, at := t.Rule.Paint("─"), 1
	for _, e := range a.o.Screens {
		if e.Key == "" {
			continue
		}
		name, shown := e.Title, a.tabKey(e)
		n := widget.Width(shown) + 1 + widget.Width(name) + 2
		if at+n > w-1 { // the palette has the rest
			break
		}
		key, word := t.Faint, t.Muted
		if e.ID == a.at {
			key, word = t.Accent, t.Accent.Bold()
		}
		row += " " + key.Paint(shown) + " " + word.Paint(name) + " "
		a.tabs = append(a.tabs, hint{from: at, to: at + n, run: func() tea.Cmd { return a.visit(e.ID, "", true) }})
		at += n
	}
	return row + t.Rule.Paint(strings.Repeat("─", max(0, w-at)))
}

// tabKey is the key that goes to a screen, as it is shown.
func (a *App) tabKey(e Entry) string {
	for _, action := range a.global {
		if action.ID == "go."+e.ID {
			return a.keyNames(action)
		}
	}
	return e.Key
}

// footer shows the keys that make sense where the focus is.
func (a *App) footer(status env.Status, w int) string {
	t := a.env.Theme
	a.hints = a.hints[:0]
	size := t.Faint.Paint(fmt.Sprintf("%dx%d ", a.env.Width, a.env.Height))
	if status.Typing {
		return widget.Between(" "+t.Accent2.Paint("enter")+t.Muted.Paint(" done   ")+t.Accent2.Paint("esc")+t.Muted.Paint(" leave"), size, w)
	}
	const most = 5
	var own, always []env.Action
	for _, action := range status.Actions {
		if !action.Hidden && action.Run != nil && len(own) < most {
			own = append(own, action)
		}
	}
	room := w - widget.Width(size) - 2
	for _, action := range a.global {
		if !action.Hidden {
			always = append(always, action)
			room -= widget.Width(a.hintText(action)) + hintGap
		}
	}
	row, at := " ", 1
	for i, action := range append(own, always...) {
		text := a.hintText(action)
		n := widget.Width(text)
		if n == 0 || i < len(own) && at+n+hintGap > room {
			continue
		}
		a.hints = append(a.hints, hint{from: at, to: at + n, run: func() tea.Cmd { return a.run(action) }})
		row += text + spaces(hintGap)
		at += n + hintGap
	}
	return widget.Between(row, size, w)
}

// hintGap is the room between hints.
const hintGap = 3

// hintText is an action's key and word, "" if it has no key.
func (a *App) hintText(action env.Action) string {
	t := a.env.Theme
	keys := a.env.Keys.Keys(action)
	if len(keys) == 0 {
		return ""
	}
	word := t.Muted
	if action.Why() != "" {
		word = t.Faint
	}
	return t.Accent2.Paint(a.env.KeyName(keys[0])) + " " + word.Paint(action.Title)
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

// title is the window's title.
func (a *App) title() string {
	title := "Penstock " + a.env.Profile.Name
	if e, ok := entry(a.o.Screens, a.at); ok {
		title += " " + e.Title
	}
	if a.state.Run != "" {
		title += ", " + a.state.Run
		if a.state.Running && a.state.Share >= 0 {
			title += " " + widget.Percent(a.state.Share)
		}
	}
	return clean.Line(title)
}

// progress is the mark that terminals put on their tab or task bar.
func (a *App) progress() *tea.ProgressBar {
	switch {
	case a.state.Running && a.state.Share < 0:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	case a.state.Running:
		return tea.NewProgressBar(tea.ProgressBarDefault, int(a.state.Share*100))
	case a.state.Failed:
		return tea.NewProgressBar(tea.ProgressBarError, 100)
	}
	return nil
}

// guarded returns the row if it holds nothing but text and colours, and the row
// with everything as marks otherwise: a screen that forgot to paint what it got
// from outside shows an ugly row, and the terminal obeys none of it.
func guarded(row string) string {
	for i := 0; i < len(row); i++ {
		b := row[i]
		switch {
		case b == 0x1b:
			end := colour(row[i:])
			if end == 0 {
				return clean.Line(row)
			}
			i += end - 1
		case b < 0x20 || b == 0x7f, b == 0xc2 && i+1 < len(row) && row[i+1] < 0xa0:
			return clean.Line(row)
		}
	}
	return row
}

// colour returns the length of the SGR sequence that s starts with, 0 if it is none.
func colour(s string) int {
	if len(s) < 3 || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == 'm':
			return i + 1
		case s[i] != ';' && (s[i] < '0' || s[i] > '9'):
			return 0
		}
	}
	return 0
}
