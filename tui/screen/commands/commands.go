// Package commands is the console's log of commands: every statement and call
// that this session made, with its time, how long it took and its rows. It shows
// what the console does and teaches how to do it by hand; values and secrets are
// no part of it.
package commands

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// ID is the screen's.
const ID = "commands"

// Call is a statement or call that was made.
type Call struct {
	ID   uint64 // grows
	At   time.Time
	To   string // whom it was made to: "staging"
	Text string // what was asked, without values
	Took time.Duration
	Rows int64  // read or written, below 0: none
	Err  string // why it failed, "" if it did not
}

// Log is where calls are remembered; both methods return at once.
type Log interface {
	// Latest is the number of the latest call.
	Latest() uint64
	// Calls are those that are remembered, the latest first.
	Calls() []Call
}

// Screen is the screen.
type Screen struct {
	env   *env.Env
	log   Log
	pane  *widget.Pane
	table *widget.Table
	at    widget.Area
	shown uint64
	rows  calls
	pause *widget.Pause
}

// calls are the rows of the table.
type calls []Call

const (
	colTime = iota
	colTo
	colTook
	colRows
	colText
)

// Len implements widget.Rows.
func (c calls) Len() int { return len(c) }

// Key implements widget.Keyed.
func (c calls) Key(row int) string { return fmt.Sprint(c[row].ID) }

// Cell implements widget.Rows.
func (c calls) Cell(row, col int) string {
	call := c[row]
	switch col {
	case colTime:
		return call.At.Format("15:04:05.000")
	case colTo:
		return call.To
	case colTook:
		return fmt.Sprintf("%.1f", float64(call.Took.Microseconds())/1000)
	case colRows:
		if call.Rows >= 0 {
			return fmt.Sprint(call.Rows)
		}
		return ""
	}
	text := strings.Join(strings.Fields(uncommented(call.Text)), " ")
	if call.Err != "" {
		return "failed: " + call.Err + "  " + text // there is not always room for both
	}
	return text
}

// uncommented is a statement without its lines of comment, which would be all that one sees of it in a row.
func uncommented(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return text
	}
	return strings.Join(lines, "")
}

// New returns the screen of a log.
func New(e *env.Env, log Log) *Screen {
	s := &Screen{env: e, log: log, pane: widget.NewPane(e, "Commands"), pause: widget.NewPause(e)}
	s.pause.Changed = func(bool) tea.Cmd { return s.look() }
	s.table = widget.NewTable(
		e, ID, ID,
		widget.Column{Title: "time", Width: len("15:04:05.000")},
		widget.Column{Title: "to", Width: 10},
		widget.Column{Title: "took ms", Number: true, Width: 9, Format: func(raw string) string { return widget.Decimal(raw, 1) }, Style: func(_ int, raw string) theme.Style {
			if len(raw) > len("999.9") {
				return e.Theme.Warn
			}
			return e.Theme.Text
		}},
		widget.Column{Title: "rows", Number: true, Width: 7},
		widget.Column{Title: "statement", Grow: 1, Max: 400, Style: func(row int, _ string) theme.Style {
			if row < len(s.rows) && s.rows[row].Err != "" {
				return e.Theme.Bad
			}
			return e.Theme.Text
		}},
	)
	s.table.Focused, s.pane.Focused = true, true
	s.table.OnEnter = s.open
	return s
}

// Init implements tui.Screen.
func (s *Screen) Init(context.Context) tea.Cmd { return s.look() }

// look takes what was added.
func (s *Screen) look() tea.Cmd {
	latest := s.log.Latest()
	if latest == 0 {
		s.pane.Empty("nothing was asked yet", "what the other screens ask the databases is listed here")
		return nil
	}
	if latest == s.shown || s.pause.On() {
		return nil
	}
	s.shown, s.rows = latest, s.log.Calls()
	s.pane.Live(s.env.Now())
	s.pane.Touch()
	return s.table.SetRows(s.rows)
}

// open shows one statement whole.
func (s *Screen) open(row int) tea.Cmd {
	call := s.rows[row]
	text := fmt.Sprintf("%s  %s  took %s", call.At.Format(time.RFC3339), call.To, widget.Duration(call.Took))
	if call.Rows >= 0 {
		text += "  rows " + widget.Count(call.Rows)
	}
	text += "\n\n" + call.Text
	if call.Err != "" {
		text += "\n\nfailed: " + call.Err
	}
	v := widget.NewViewer(s.env)
	v.SetText(text)
	return env.Show(widget.NewDialog(s.env, "Statement", v))
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case env.RefreshMsg, env.ArrivedMsg:
		return s.look()
	case env.RestyledMsg:
		s.pane.Touch()
		return nil
	}
	s.pane.Touch()
	if local, ok := s.at.Local(msg); ok {
		return s.table.Update(local)
	}
	return nil
}

// View implements tui.Screen.
func (s *Screen) View(w, h int) []string {
	s.pane.Right = s.table.Summary()
	s.at = s.pane.Body(widget.Area{W: w, H: h})
	return s.pane.View(w, h, s.table.View)
}

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	open := env.Action{
		ID: "commands.open", Title: "open", Keys: []string{"enter"}, Help: "show the statement under the cursor whole",
		Disabled: s.none, Run: func() tea.Cmd {
			row, _ := s.cursor()
			return s.open(row)
		},
	}
	copyText := env.Action{
		ID: "commands.copy", Title: "copy statement", Keys: []string{"a"}, Help: "copy the whole statement under the cursor",
		Disabled: s.none, Run: func() tea.Cmd {
			row, _ := s.cursor()
			return s.env.Copy("the statement", s.rows[row].Text)
		},
	}
	list := s.pause.Actions(ID, append([]env.Action{open, copyText}, s.table.Actions()...))
	return env.Status{
		Paused:  s.pause.Since(),
		Actions: env.Rekeyed(list, ID+".pause", "space", "p"),
		Typing:  s.table.Typing(), Back: s.table.Back,
	}
}

// none says that no statement is under the cursor.
func (s *Screen) none() string {
	if _, ok := s.cursor(); !ok {
		return "there is no statement"
	}
	return ""
}

func (s *Screen) cursor() (int, bool) {
	row, ok := s.table.Cursor()
	return row, ok && row < len(s.rows)
}
