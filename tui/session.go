package tui

import (
	"encoding/json"
	"maps"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Session is what a session leaves for the next one: where it was and how the user
// arranged its screens.
type Session struct {
	Screen  string                     `json:"screen"`
	Screens map[string]json.RawMessage `json:"screens"` // by ID, in each one's own words
	Number  int                        `json:"-"`       // grows: what is kept with a lower one is older
}

// remembering is a screen that can be arranged. Remember returns nothing of the data
// on show; Recall is called before Init, and leaves out what it does not understand.
type remembering interface {
	Remember() json.RawMessage
	Recall(raw json.RawMessage)
}

// Resume has the session begin as the one before ended, unless Options.Start says
// where; keep is called from a command at each change of screen with what is to be
// kept. Call it before the program begins; what is told is shown then.
func (a *App) Resume(s Session, keep func(Session) error, told ...env.ToastMsg) {
	a.session, a.keep, a.told = s, keep, told
	if _, ok := entry(a.o.Screens, s.Screen); ok && !a.placed {
		a.o.Start = s.Screen
	}
}

// Session returns what is to be kept of the session as it is now.
func (a *App) Session() Session {
	a.session.Number++
	s := Session{Screen: a.at, Screens: maps.Clone(a.session.Screens), Number: a.session.Number}
	if s.Screen == "" { // it ended before the first frame
		s.Screen = a.session.Screen
	}
	if s.Screens == nil {
		s.Screens = map[string]json.RawMessage{}
	}
	for id, o := range a.screens {
		if r, ok := o.screen.(remembering); ok {
			if raw := r.Remember(); raw != nil {
				s.Screens[id] = raw
			}
		}
	}
	return s
}

// recall arranges a new screen as it was.
func (a *App) recall(id string, screen Screen) {
	if raw := a.session.Screens[id]; raw != nil {
		if r, ok := screen.(remembering); ok {
			r.Recall(raw)
		}
	}
}

// keepSession writes down how things are; that it cannot be done is told once.
func (a *App) keepSession() tea.Cmd {
	if a.keep == nil {
		return nil
	}
	s, keep := a.Session(), a.keep
	return func() tea.Msg {
		if err := keep(s); err != nil {
			return unkeptMsg{err}
		}
		return nil
	}
}

// unkeptMsg says that a session could not be kept.
type unkeptMsg struct{ err error }

func (a *App) unkept(msg unkeptMsg) tea.Cmd {
	if a.keep == nil {
		return nil
	}
	a.keep = nil
	return a.notify(env.ToastMsg{Level: env.Warn, Text: "this session is not remembered: " + msg.err.Error()})
}
