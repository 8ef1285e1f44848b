package env

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Level is how much a notice matters.
type Level int

// The levels of a notice.
const (
	Info Level = iota
	Good
	Warn
	Bad
)

// ToastMsg is a short notice over the screen: four seconds, errors until read. All
// of them stay in the notices list.
type ToastMsg struct {
	Level Level
	Text  string
	Hint  string // what to do next, "" if nothing
}

// Notify is the command that shows a notice.
func Notify(level Level, text string) tea.Cmd {
	return func() tea.Msg { return ToastMsg{Level: level, Text: text} }
}

// Failed is the command that tells an error, which stays until it is read: what
// was tried ("copy", "" if the error says so) and the next step, which is the
// error's own hint where it has one.
func Failed(what string, err error, next string) tea.Cmd {
	msg := ToastMsg{Level: Bad, Text: err.Error(), Hint: next}
	if what != "" {
		msg.Text = what + ": " + msg.Text
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		msg.Hint = h.Hint()
	}
	return func() tea.Msg { return msg }
}

// GotoMsg asks the root for another screen; Arg is what it should show, in that
// screen's own words (a run's number, a table's name).
type GotoMsg struct{ Screen, Arg string }

// Visit is the command that goes to a screen.
func Visit(screen, arg string) tea.Cmd {
	return func() tea.Msg { return GotoMsg{Screen: screen, Arg: arg} }
}

// RunMsg asks the root to run the action with this ID of the screen on show or
// of those that work everywhere, as if its key had been pressed.
type RunMsg struct{ ID string }

// ArrivedMsg tells a screen that it is the one on show now, and for what.
type ArrivedMsg struct{ Arg string }

// LeftMsg tells a screen that another one is on show.
type LeftMsg struct{}

// RefreshMsg tells the screen on show, at the pace of ui.refresh, to look for news.
type RefreshMsg struct{ Now time.Time }

// RestyledMsg tells every screen that the theme changed: painted rows that are
// kept must be made anew.
type RestyledMsg struct{}

// ThemeMsg asks the root for other colours, by a name that theme.Names lists.
type ThemeMsg struct{ Name string }

// Modal is a dialog over the screen. It gets every key while it is open.
type Modal interface {
	// Title heads the box.
	Title() string
	// Update handles a message; done closes the dialog.
	Update(msg tea.Msg) (cmd tea.Cmd, done bool)
	// View returns the rows inside the box, at most h of at most w cells.
	View(w, h int) []string
}

// OpenMsg asks the root to put a dialog up. Unasked marks one that opens without a
// key having asked for it: keys are ignored until the user has paused.
type OpenMsg struct {
	Modal   Modal
	Unasked bool
}

// Show is the command that opens a dialog.
func Show(m Modal) tea.Cmd {
	return func() tea.Msg { return OpenMsg{Modal: m} }
}

// Status is what the screen on show tells the root about itself, asked for
// after each message.
type Status struct {
	// Crumbs are the steps from the screen's name inwards: "tune", "sales per product".
	Crumbs []string
	// Note stands right in the header, already painted: a period, a server.
	Note string
	// Paused is when the user held the live updates still; the zero time: they go on.
	Paused time.Time
	// Actions are what can be done here now, most useful first: the footer shows
	// the first five, and their keys run them.
	Actions []Action
	// Typing is true while a text field has the focus: letters belong to it.
	Typing bool
	// Cancel stops the query that this screen issued; nil when none runs.
	Cancel func() tea.Cmd
	// Back takes one step back inside the screen (close the detail, clear the
	// filter) and reports whether there was one; nil when there is none.
	Back func() (cmd tea.Cmd, stepped bool)
	// Unsaved is asked before another screen is shown, or the console is left: what
	// was made here and is kept nowhere else. Nil, or returning nil: nothing.
	Unsaved func(quit bool) *Danger
	// Headless is the command that gives this screen as text, "" if there is none.
	Headless string
	// Without is what of the screen Headless leaves out, "" for nothing.
	Without string
}
