package widget

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Pause holds the live updates of a screen, so that one can read what moves. What
// the user asks for is read all the same.
type Pause struct {
	// Changed runs when updates are held or go on; its command goes on with them.
	Changed func(paused bool) tea.Cmd

	env    *env.Env
	screen string // whose updates they are
	since  time.Time
}

// NewPause returns updates that go on.
func NewPause(e *env.Env) *Pause { return &Pause{env: e} }

// On reports whether updates are held.
func (p *Pause) On() bool { return !p.since.IsZero() }

// Since returns when they were held, the zero time while they go on.
func (p *Pause) Since() time.Time { return p.since }

// Actions returns a screen's actions with the one that pauses: last, but first
// while updates are held, so that the footer says how they go on.
func (p *Pause) Actions(screen string, list []env.Action) []env.Action {
	p.screen = screen
	a := env.Action{
		ID: screen + ".pause", Title: "pause", Keys: []string{"space"}, Help: "hold the live updates of this screen still, or go on", Hidden: true,
		Run: p.toggle,
	}
	if p.On() {
		a.Title, a.Hidden = "go on", false
		return append([]env.Action{a}, list...)
	}
	return append(list, a)
}

func (p *Pause) toggle() tea.Cmd {
	words := "paused: " + p.env.Key(p.screen+".pause", "space") + " goes on"
	if p.On() {
		p.since = time.Time{}
		words = "live again"
	} else {
		p.since = p.env.Now()
	}
	var cmd tea.Cmd
	if p.Changed != nil {
		cmd = p.Changed(p.On())
	}
	if p.env.Plain { // others see it in the header
		cmd = tea.Batch(cmd, env.Notify(env.Info, words))
	}
	return cmd
}
