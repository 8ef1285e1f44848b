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

// drawToasts puts the latest notices over the bottom right of the frame.
func (a *App) drawToasts(frame []string, w, bottom int) {
	var rows []string
	for _, t := range a.toasts[max(0, len(a.toasts)-toastMost):] {
		rows = append(rows, a.toastRows(t, min(60, w-4))...)
	}
	for i, row := range rows {
		n := widget.Width(row)
		put(frame, w-n-1, bottom-len(rows)+i, n, row)
	}
}

func (a *App) toastRows(t toast, w int) []string {
	style, mark := a.level(t.Level)
	text := mark + " " + t.Text
	if t.Hint != "" {
		text += ": " + t.Hint
	}
	if t.Level == env.Bad {
		text += "  (esc)"
	}
	var rows []string
	widest := 0
	lines := widget.Wrap(clean.Line(text), w-2)
	lines = lines[:min(len(lines), 4)]
	for _, line := range lines {
		widest = max(widest, widget.Width(line))
	}
	for _, line := range lines {
		rows = append(rows, a.env.Theme.Select.Over(widget.Pad(" "+style.Paint(line), widest+2)))
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
