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
	words, away := a.outOfReach()
	if words == "" {
		return t.Rule.Paint(strings.Repeat("─", w))
	}
	style, mark := t.Warn, "! "
	if away {
		style, mark = t.Bad, "✗ "
	}
	text := widget.Cut(style.Paint(mark+words), max(0, w-6))
	return t.Rule.Paint("──") + " " + text + " " + t.Rule.Paint(strings.Repeat("─", max(0, w-4-widget.Width(text))))
}

// outOfReach names all that is away, then all that is not there yet, then why the first
// of them is; away is false for only the latter.
func (a *App) outOfReach() (words string, away bool) {
	var gone, lacking, whys []string
	for _, l := range a.state.Lights {
		since, bad := a.away[l.Name]
		lasts := widget.Clock(a.env.Now().Sub(since))
		why := ""
		if l.Why != "" {
			why = ": " + strings.Join(strings.Fields(clean.Line(l.Why)), " ")
		}
		switch {
		case bad && a.env.Narrow():
			gone = append(gone, l.Name+" away "+lasts)
		case bad:
			gone = append(gone, fmt.Sprintf("%s is away since %s (%s)", l.Name, since.Format("15:04:05"), lasts))
		case l.Lacks != "":
			lacking = append(lacking, l.Name+": "+l.Lacks)
			whys = append(whys, why)
			continue
		default:
			continue
		}
		whys = slices.Insert(whys, len(gone)-1, why)
	}
	words = strings.Join(append(gone, lacking...), ", ")
	switch {
	case len(whys) == 0:
		return "", false
	case a.env.Narrow() || len(gone) == 0:
	case len(gone) == 1:
		words += "; it is tried again by itself"
	default:
		words += "; each is tried again by itself"
	}
	return words + whys[0], len(gone) > 0
}
