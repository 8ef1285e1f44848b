package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// setState takes how things are outside, and says what broke and what is back.
func (a *App) setState(msg StateMsg) tea.Cmd {
	a.state = msg
	now := a.env.Now()
	since := map[string]time.Time{}
	var cmds []tea.Cmd
	for _, l := range msg.Lights {
		was, bad := a.away[l.Name]
		switch {
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

// lower is the rule over the footer; it says what is out of reach and since when.
func (a *App) lower(w int) string {
	t := a.env.Theme
	for _, l := range a.state.Lights {
		since, away := a.away[l.Name]
		if !away {
			continue
		}
		words := fmt.Sprintf("%s is away since %s (%s); it is tried again by itself", l.Name, since.Format("15:04:05"), widget.Clock(a.env.Now().Sub(since)))
		if l.Why != "" {
			words += ": " + strings.Join(strings.Fields(clean.Line(l.Why)), " ")
		}
		text := widget.Cut(t.Bad.Paint("✗ "+words), max(0, w-6))
		return t.Rule.Paint("──") + " " + text + " " + t.Rule.Paint(strings.Repeat("─", max(0, w-4-widget.Width(text))))
	}
	return t.Rule.Paint(strings.Repeat("─", w))
}
