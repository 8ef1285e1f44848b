package widget

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"penstock/tui/env"
	"penstock/tui/theme"
)

// noon is the time it is in these tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// quiet returns an Env without colours whose clock stands still and whose
// timers answer at once.
func quiet(t testing.TB) *env.Env { return session(t, colorprofile.Ascii) }

// colourful returns an Env with the dark theme.
func colourful(t testing.TB) *env.Env { return session(t, colorprofile.TrueColor) }

func session(t testing.TB, p colorprofile.Profile) *env.Env {
	t.Helper()
	th, err := theme.New(theme.Options{Name: "dark", Profile: p})
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, noon)
	e.After = func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg { return msg(noon().Add(d)) }
	}
	return e
}

// recorder is a clipboard that keeps the last text.
func recorder(last *string) func(string) tea.Cmd {
	return func(text string) tea.Cmd {
		*last = text
		return func() tea.Msg { return nil }
	}
}

// putInOrder sorts a table by a column, whatever it was sorted by.
func putInOrder(t *Table, title string, descending bool) tea.Cmd {
	col := slices.IndexFunc(t.cols, func(c column) bool { return c.Title == title })
	t.order.sort(t.cols[col].source, descending)
	return t.reorder(t.current())
}
