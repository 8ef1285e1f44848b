package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// setState takes how things are outside, and says what broke and what is back.
func (a *App) setState(msg StateMsg) tea.Cmd {
	before := a.state.Lights
	a.state = msg
	now := a.env.Now()
	since := map[string]time.Time{}
	var cmds []tea.Cmd
	for _, l := range msg.Lights {
		was, bad := a.away[l.Name]
		switch {
		case l.Lacks != "":
			if !slices.ContainsFunc(before, func(o Light) bool { return o.Name == l.Name && o.Lacks == l.Lacks }) {
				cmds = append(cmds, env.Notify(env.Warn, l.Name+": "+l.Lacks+": "+l.Why))
			}
		case l.Level == env.Bad && bad:
			since[l.Name] = was
		case l.Level == env.Bad:
			since[l.Name] = now
			if l.Why != "" {
				cmds = append(cmds, env.Notify(env.Warn, l.Name+": "+l.Why))
			}
		case bad && l.Level == env.Good:
			cmds = append(cmds, env.Notify(env.Good, fmt.Sprintf("%s is back after %s", l.Name, widget.Clock(now.Sub(was)))))
		case bad: // not known: nothing was looked at
			since[l.Name] = was
		}
	}
	a.away = since
	return tea.Batch(cmds...)
}

// lower is the rule over the footer; it says what is out of reach and since when, or what is not there yet.
func (a *App) lower(w int) string {
	t := a.env.Theme
	for _, l := range a.state.Lights {
		style, words := t.Bad, "✗ "+l.Name
		since, away := a.away[l.Name]
		lasts := widget.Clock(a.env.Now().Sub(since))
		switch {
		case away && a.env.Narrow():
			words += " away " + lasts
		case away:
			words += fmt.Sprintf(" is away since %s (%s); it is tried again by itself", since.Format("15:04:05"), lasts)
		case l.Lacks != "":
			style, words = t.Warn, "! "+l.Name+": "+l.Lacks
		default:
			continue
		}
		if l.Why != "" {
			words += ": " + strings.Join(strings.Fields(clean.Line(l.Why)), " ")
		}
		text := widget.Cut(style.Paint(words), max(0, w-6))
		return t.Rule.Paint("──") + " " + text + " " + t.Rule.Paint(strings.Repeat("─", max(0, w-4-widget.Width(text))))
	}
	return t.Rule.Paint(strings.Repeat("─", w))
}
