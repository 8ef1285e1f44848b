// Package env holds what every screen of one session is given: theme, keys,
// clock, clipboard, the profile in use and the registry of actions; and the
// small set of messages by which a screen asks the root for something.
//
// One Env belongs to one session. Two people on the same server have two, so
// nothing here is a package variable. All of it is used on the program's update
// goroutine only; what a command does elsewhere gets its values as arguments.
package env

import (
	"context"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/theme"
)

// Env is a session's surroundings. Main fills it once; the root keeps Theme,
// Generation, Width and Height up to date.
type Env struct {
	// Context ends with the session.
	Context context.Context

	Theme   theme.Theme
	Profile Profile
	Keys    *Keymap
	Actions *Registry

	// Width and Height are the terminal's size in cells.
	Width, Height int
	// Generation grows with each change of the theme: rows that were painted in
	// another generation have to be painted anew.
	Generation int
	// ASCII asks for borders, marks and charts without a character beyond ASCII.
	ASCII bool
	// Plain is for screen readers: lines of words, no boxes, bars or charts.
	Plain bool
	// Still asks for no animation.
	Still bool
	// Remote is a session over SSH: no suspending, no editor, no files of this machine.
	Remote bool

	// Now is the clock.
	Now func() time.Time
	// After is a command that answers with msg(time) once d has passed.
	After func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd
	// Clipboard is a command that puts text on the user's clipboard; see Copy.
	Clipboard func(text string) tea.Cmd
	// Carried is what a command needs beside its own words to mean the surroundings
	// of this session, quoted for a shell: "--profile aws"; see Command.
	Carried string
	// Withheld names settings that Carried leaves out because they hold secrets.
	Withheld []string
	// Export writes a file for the user and returns its path; it is called from
	// a command. Nil where there is nowhere to write, as over SSH.
	Export func(name string, write func(io.Writer) error) (path string, err error)
}

// Profile says which surroundings the session works on; the header shows it.
type Profile struct {
	Name       string // as in the configuration, "local" without one
	Production bool   // destructive actions ask for Name to be typed
	Role       string // "viewer", "operator", "admin" or ""
	ReadOnly   bool
}

// New returns an Env of a local session: main changes what differs.
func New(ctx context.Context, th theme.Theme, now func() time.Time) *Env {
	return &Env{
		Context:   ctx,
		Theme:     th,
		Profile:   Profile{Name: "local"},
		Keys:      NewKeymap(nil),
		Actions:   &Registry{},
		Width:     80,
		Height:    24,
		Now:       now,
		After:     tea.Tick,
		Clipboard: tea.SetClipboard,
	}
}

// Narrow reports whether there is room for one pane only. What is read out has
// room for one at a time, too.
func (e *Env) Narrow() bool { return e.Width < 100 || e.Plain }

// Command returns a command line with what it needs to mean the surroundings of this session.
func (e *Env) Command(line string) string {
	if e.Carried == "" || !strings.HasPrefix(line, "penstock") {
		return line
	}
	return line + " " + e.Carried
}

// Glyph returns the character if the session can show it and its ASCII form otherwise.
func (e *Env) Glyph(unicode, ascii string) string {
	if e.ASCII {
		return ascii
	}
	return unicode
}
