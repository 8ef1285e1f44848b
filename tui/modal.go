package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/widget"
)

const (
	quiet     = 425 * time.Millisecond // a pause in typing that makes an unasked dialog take keys
	quietMost = 1500 * time.Millisecond
	modalMost = 84 // cells of a dialog's inside
)

// modal is an open dialog.
type modal struct {
	env.Modal
	unasked bool
	opened  time.Time
	lastKey time.Time
}

func (a *App) open(msg env.OpenMsg) {
	if msg.Modal == nil {
		return
	}
	now := a.env.Now()
	a.modals = append(a.modals, modal{Modal: msg.Modal, unasked: msg.Unasked, opened: now, lastKey: now})
}

func (a *App) closeModal(which env.Modal) {
	for i := range a.modals {
		if a.modals[i].Modal == which {
			a.modals = append(a.modals[:i], a.modals[i+1:]...)
			return
		}
	}
}

// deaf reports whether a dialog that opened by itself still ignores keys: one
// that was on its way to the screen must not answer it.
func (m *modal) deaf(now time.Time) bool {
	if !m.unasked || now.Sub(m.opened) >= quietMost {
		return false
	}
	if now.Sub(m.lastKey) >= quiet {
		m.unasked = false // heard from now on
		return false
	}
	m.lastKey = now
	return true
}

func (a *App) keyToModal(msg tea.Msg) tea.Cmd {
	top := &a.modals[len(a.modals)-1]
	if top.deaf(a.env.Now()) {
		return nil
	}
	which := top.Modal
	cmd, done := which.Update(msg)
	if done {
		a.closeModal(which)
	}
	return cmd
}

func (a *App) paste(msg tea.PasteMsg) tea.Cmd {
	switch {
	case a.tooSmall():
		return nil
	case len(a.modals) > 0:
		return a.keyToModal(msg)
	}
	return a.toScreen(msg)
}

// box returns where the dialog's inside is and its rows.
func (a *App) box(m env.Modal, w, h int) (widget.Area, []string) {
	inW := min(modalMost, w-6)
	rows := m.View(inW, max(1, h-6))
	at := widget.Area{W: inW, H: len(rows), X: (w - inW) / 2, Y: max(1, (h-len(rows))/3)}
	return at, rows
}

// overlay draws the dialogs over a frame, whose colours fade.
func (a *App) overlay(frame []string, w, h int) []string {
	if len(a.modals) == 0 {
		return frame
	}
	t := a.env.Theme
	for y := range frame {
		frame[y] = t.Faint.Paint(widget.Plain(frame[y]))
	}
	for _, m := range a.modals {
		at, rows := a.box(m.Modal, w, h)
		title := widget.Cut(" "+m.Title()+" ", at.W)
		top := t.Rule.Paint("┌─") + t.Accent.Bold().Paint(title) +
			t.Rule.Paint(strings.Repeat("─", at.W+1-widget.Width(title))+"┐")
		bottom := t.Rule.Paint("└" + strings.Repeat("─", at.W+2) + "┘")
		put(frame, at.X-2, at.Y-1, at.W+4, top)
		for i, row := range rows {
			put(frame, at.X-2, at.Y+i, at.W+4, t.Rule.Paint("│")+" "+widget.Pad(row, at.W)+" "+t.Rule.Paint("│"))
		}
		put(frame, at.X-2, at.Y+len(rows), at.W+4, bottom)
	}
	return frame
}

// put replaces w cells of a row of the frame from column x on.
func put(frame []string, x, y, w int, row string) {
	if y < 0 || y >= len(frame) {
		return
	}
	width := widget.Width(frame[y])
	frame[y] = widget.Pad(widget.Clip(frame[y], x), x) + row + widget.Window(frame[y], x+w, max(0, width-x-w))
}
