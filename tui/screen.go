package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Screen is one screen of the console. It is a pointer type: Update changes it
// and returns what is to be done. All methods are called on the update goroutine.
type Screen interface {
	// Init is called once, when the screen is first shown. ctx ends with the session.
	Init(ctx context.Context) tea.Cmd
	// Update handles a message: keys that no action took, the mouse in the
	// screen's own coordinates, the results of its jobs (hidden or not), and
	// env.ArrivedMsg, env.LeftMsg, env.RefreshMsg and env.RestyledMsg.
	Update(msg tea.Msg) tea.Cmd
	// View returns at most h painted rows of at most w cells.
	View(w, h int) []string
	// Status says what the screen is at.
	Status() env.Status
}

// Entry is a screen of the console before it is opened.
type Entry struct {
	ID    string // "rejects": as in the palette, in GotoMsg and in jobs
	Title string // the tab's word
	Key   string // "3"; "" leaves it to the palette
	Help  string // one line
	New   func() Screen

	Words    []string // what may follow its name in the palette: "hours"
	AnyWords bool     // anything may: the screen makes of it what it can
}

// opened is a screen that was shown at least once.
type opened struct {
	Entry
	screen Screen
	cancel context.CancelFunc
}

// StateMsg tells the root what goes on outside the session: main sends it when
// something changed.
type StateMsg struct {
	Run     string  // "run 42 · running 0:07", "" for none
	Running bool    // a run is in progress
	Share   float64 // of the run that is done, below 0: unknown
	Failed  bool    // the last run failed
	Lights  []Light // what the console depends on
}

// Light is the state of a thing that the console depends on: a database, the lake.
type Light struct {
	Name  string
	Level env.Level // Good, Warn or Bad; Info: not known yet
	Why   string    // what is wrong, shown as a notice when it turns bad
	Quiet bool      // it has no place in the header but while something is wrong with it
	Lacks string    // of what is not away, but was never there: "no tables yet"; Why says what makes it
}
