package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

const (
	toastTime = 4 * time.Second
	toastMost = 3 // on show at once
)

// toast is a notice on show. Errors stay until they are read.
type toast struct {
	env.ToastMsg
	id int
}

// expireMsg takes a notice off the screen.
type expireMsg struct{ id int }

func (a *App) notify(msg env.ToastMsg) tea.Cmd {
	a.lastID++
	id := a.lastID
	a.toasts = append(a.toasts, toast{ToastMsg: msg, id: id})
	text := msg.Text
	if msg.Hint != "" {
		text += " (" + msg.Hint + ")"
	}
	a.notices.Add(widget.LogLine{At: a.env.Now(), Level: msg.Level, Source: "notice", Text: text})
	if msg.Level == env.Bad {
		return nil
	}
	return a.env.After(toastTime, func(time.Time) tea.Msg { return expireMsg{id} })
}

func (a *App) expire(msg expireMsg) {
	for i := range a.toasts {
		if a.toasts[i].id == msg.id {
			a.toasts = append(a.toasts[:i], a.toasts[i+1:]...)
			return
		}
	}
}

// readToasts takes errors that stay off the screen and reports whether there were any.
func (a *App) readToasts() bool {
	kept := a.toasts[:0]
	for _, t := range a.toasts {
		if t.Level != env.Bad {
			kept = append(kept, t)
		}
	}
	read := len(kept) < len(a.toasts)
	a.toasts = kept
	return read
}

// drawToasts puts the latest notices over the bottom right of the frame, all as
// wide as the widest.
func (a *App) drawToasts(frame []string, w, bottom int) {
	var rows []string
	widest := 0
	for _, t := range a.toasts[max(0, len(a.toasts)-toastMost):] {
		rows = append(rows, a.toastRows(t, min(60, w-4))...)
	}
	for _, row := range rows {
		widest = max(widest, widget.Width(row))
	}
	for i, row := range rows {
		row = a.env.Theme.Select.Over(" " + widget.Pad(row, widest) + " ")
		put(frame, w-widest-3, bottom-len(rows)+i, widest+2, row)
	}
}

// toastRows are the painted words of a notice; what does not fit is in the notices list.
func (a *App) toastRows(t toast, w int) []string {
	const most = 4
	style, mark := a.level(t.Level)
	text := t.Text
	if t.Hint != "" {
		text += ": " + t.Hint
	}
	if t.Level == env.Bad {
		text += "  (esc)"
	}
	lines := widget.Wrap(clean.Line(text), w-4)
	if len(lines) > most {
		lines = append(lines[:most-1], "…  (! shows all, esc)")
	}
	rows := make([]string, len(lines))
	for i, line := range lines {
		lead := mark + " "
		if i > 0 {
			lead = spaces(widget.Width(lead))
		}
		rows[i] = style.Paint(lead + line)
	}
	return rows
}

// level returns the style and the mark of a level: never colour alone.
func (a *App) level(l env.Level) (style theme.Style, mark string) {
	th := a.env.Theme
	switch l {
	case env.Good:
		return th.OK, "✓"
	case env.Warn:
		return th.Warn, "!"
	case env.Bad:
		return th.Bad, "✗"
	}
	return th.Info, "·"
}
