package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Terminal says what the console would be drawn on.
type Terminal struct {
	In, Out bool     // whether input and output are terminals
	Environ []string // the session's environment
	FPS     int      // frames a second, at most; 0: 30
}

const defaultFPS = 30

// NoTerminalError says that there is no terminal to draw the console on.
type NoTerminalError struct{ Why string }

func (e *NoTerminalError) Error() string { return "the console needs a terminal: " + e.Why }

// Hint names the form that needs none.
func (e *NoTerminalError) Hint() string {
	return "use `penstock --run`, which needs no terminal; `penstock --help` lists the tasks"
}

// Usable returns nil, or why the console cannot be drawn.
func (t Terminal) Usable() error {
	term := lookup(t.Environ, "TERM")
	switch {
	case !t.In:
		return &NoTerminalError{Why: "standard input is not one"}
	case !t.Out:
		return &NoTerminalError{Why: "standard output is not one"}
	case term == "dumb":
		return &NoTerminalError{Why: "TERM is dumb"}
	}
	return nil
}

// Options returns the options for the program of this terminal.
func (t Terminal) Options() []tea.ProgramOption {
	fps := t.FPS
	if fps <= 0 {
		fps = defaultFPS
	}
	// With this set Bubble Tea does not ask the terminal before the first frame;
	// App asks after it, over SSH too: that does no harm, and frames that arrive
	// whole do not tear.
	environ := append(slices.Clone(t.Environ), "SSH_TTY=none")
	return []tea.ProgramOption{tea.WithFPS(fps), tea.WithoutSignalHandler(), tea.WithEnvironment(environ)}
}

func lookup(environ []string, name string) string {
	for _, s := range slices.Backward(environ) {
		if value, ok := strings.CutPrefix(s, name+"="); ok {
			return value
		}
	}
	return ""
}
