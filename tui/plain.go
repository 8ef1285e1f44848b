package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// plainRows is how many rows a screen may say at once in plain mode.
const plainRows = 40

// plainOutput is what was said, for sessions of screen readers: nothing is drawn
// over; new lines are added when a key, a result or a notice changed something.
type plainOutput struct {
	ready    bool // the prompt is drawn
	said     map[string]bool
	queue    []string // rows that wait for those before to be printed
	printing bool
}

// printedMsg says that the rows before are printed: commands keep no order.
type printedMsg struct{}

// readyMsg says that the prompt is drawn: what is printed before is lost.
type readyMsg struct{}

const promptTime = 150 * time.Millisecond

// speak prints the rows that were not said yet.
func (a *App) speak(cause tea.Msg) tea.Cmd {
	switch cause.(type) {
	case printedMsg:
		return a.print()
	case readyMsg:
		a.plain.ready = true
	case tea.WindowSizeMsg:
		if !a.plain.ready {
			return tea.Tick(promptTime, func(time.Time) tea.Msg { return readyMsg{} })
		}
	case tea.KeyPressMsg, env.LetterMsg, env.GotoMsg, env.OpenMsg, env.ToastMsg:
	default:
		return nil // clocks and colours are nothing to be told
	}
	if a.current() == nil || !a.plain.ready {
		return nil
	}
	rows := a.spoken()
	said := map[string]bool{}
	var fresh []string
	for _, row := range rows {
		if !said[row] && !a.plain.said[row] {
			fresh = append(fresh, row)
		}
		said[row] = true
	}
	a.plain.said = said
	a.plain.queue = append(a.plain.queue, fresh...)
	if a.plain.printing {
		return nil
	}
	return a.print()
}

// print prints what waits.
func (a *App) print() tea.Cmd {
	p := &a.plain
	p.printing = len(p.queue) > 0
	if !p.printing {
		return nil
	}
	text := strings.Join(p.queue, "\n")
	p.queue = nil
	return tea.Sequence(tea.Println(text), func() tea.Msg { return printedMsg{} })
}

// spoken returns the rows of what has the focus, without colours and padding.
func (a *App) spoken() []string {
	w := max(40, min(a.env.Width-2, 200))
	var view []string
	if n := len(a.modals); n > 0 {
		view = append([]string{a.modals[n-1].Title()}, a.modals[n-1].View(w, plainRows)...)
	} else {
		status := a.current().Status()
		view = append([]string{strings.Join(append([]string{a.crumb()}, status.Crumbs...), ", ")},
			a.current().View(w, plainRows)...)
	}
	for _, t := range a.toasts {
		view = append(view, [...]string{"Note: ", "Done: ", "Warning: ", "Error: "}[t.Level]+t.Text+" "+t.Hint)
	}
	var rows []string
	for _, row := range view {
		row = clean.Line(strings.TrimRight(widget.Plain(row), " "))
		if row != "" {
			rows = append(rows, widget.ASCII(row))
		}
	}
	return rows
}

// prompt is the one line that is drawn in plain mode.
func (a *App) prompt() string {
	return clean.Line("Penstock " + a.env.Profile.Name + " " + a.crumb() + ", ? for keys, q to leave: ")
}
