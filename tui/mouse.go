package tui

import tea "charm.land/bubbletea/v2"

// mouse gives a mouse message to what is under it: the dialog, a tab, a hint of
// the footer, or the screen in its own coordinates.
func (a *App) mouse(msg tea.MouseMsg) tea.Cmd {
	if a.tooSmall() || a.current() == nil {
		return nil
	}
	if n := len(a.modals); n > 0 {
		return a.mouseToModal(&a.modals[n-1], msg)
	}
	m := msg.Mouse()
	if _, click := msg.(tea.MouseClickMsg); click && m.Button == tea.MouseLeft {
		switch m.Y {
		case 1:
			return clicked(a.tabs, m.X)
		case a.env.Height - 1:
			return clicked(a.hints, m.X)
		}
	}
	if local, ok := a.body().Local(a.body().Within(msg)); ok {
		return a.toScreen(local)
	}
	return nil
}

func clicked(list []hint, x int) tea.Cmd {
	for _, h := range list {
		if x >= h.from && x < h.to {
			return h.run()
		}
	}
	return nil
}

func (a *App) mouseToModal(m *modal, msg tea.MouseMsg) tea.Cmd {
	at, _ := a.box(m.Modal, a.env.Width, a.env.Height)
	local, ok := at.Local(msg)
	if !ok || m.deaf(a.env.Now()) {
		return nil
	}
	which := m.Modal
	cmd, done := which.Update(local)
	if done {
		a.closeModal(which)
	}
	return cmd
}
