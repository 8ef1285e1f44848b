package tui

import (
	"strings"
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

// toastRows are the painted words of a notice. Of one that is too long the next step
// is shown all the same; the notices list has all of it.
func (a *App) toastRows(t toast, w int) []string {
	const most, hints = 4, 2
	style, mark := a.level(t.Level)
	leave := ""
	if t.Level == env.Bad {
		leave = "  (esc)"
	}
	text, hint := clean.Line(t.Text), clean.Line(t.Hint)
	whole := text
	if hint != "" {
		whole += ": " + hint
	}
	w -= 4 // margins and the mark
	lines := widget.Wrap(whole+leave, w)
	if len(lines) > most {
		lines = shorten(text, most-hints+1, w)
		if hint != "" {
			lines = append(lines, shorten(hint, hints, w)...)
		}
		lines = append(lines, strings.TrimSpace(a.env.Key("app.notices", "!")+" shows all"+leave))
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

// shorten wraps a text into at most n lines; what is cut ends in an ellipsis.
func shorten(text string, n, w int) []string {
	lines := widget.Wrap(text, w)
	if len(lines) > n {
		lines = append(lines[:n-1:n-1], widget.Clip(lines[n-1], w-1)+"…")
	}
	return lines
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
