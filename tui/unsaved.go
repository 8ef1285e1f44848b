package tui

import (
	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// unsaved tells of what would be left that is kept nowhere else, nil for nothing: by
// the screen on show, and on quitting by any.
func (a *App) unsaved(quit bool) *env.Danger {
	for _, e := range a.o.Screens {
		s := a.screens[e.ID]
		if s == nil || !quit && e.ID != a.at {
			continue
		}
		unsaved := s.screen.Status().Unsaved
		if unsaved == nil {
			continue
		}
		if d := unsaved(quit); d != nil {
			d.Session = true
			return d
		}
	}
	return nil
}

// unlessUnsaved goes on at once, or asks first when something would be lost.
func (a *App) unlessUnsaved(quit bool, then func() tea.Cmd) tea.Cmd {
	if d := a.unsaved(quit); d != nil {
		a.open(env.OpenMsg{Modal: widget.NewConfirm(a.env, *d, then)})
		return nil
	}
	return then()
}

// quit leaves the console.
func (a *App) quit() tea.Cmd { return a.unlessUnsaved(true, func() tea.Cmd { return tea.Quit }) }
