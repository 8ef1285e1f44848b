package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// TestPlainKeepsNewsWaiting holds that what changes by itself is told at a pace that can be listened to, and
// what answers a key at once.
func TestPlainKeepsNewsWaiting(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var waits []time.Duration
	a := &App{env: &env.Env{Now: func() time.Time { return now }}}
	a.env.After = func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		waits = append(waits, d)
		return func() tea.Msg { return msg(now) }
	}
	a.plain = plainOutput{ready: true, asked: now, told: now}
	step := func(after time.Duration, want bool) {
		t.Helper()
		now = now.Add(after)
		if _, later := a.tellLater(); later != want {
			t.Errorf("at %s: later %v", now.Format(time.TimeOnly), later)
		}
	}
	step(time.Second, false) // answers the key
	step(2*time.Second, true)
	step(time.Second, true) // waits already
	if len(waits) != 1 || waits[0] != 7*time.Second {
		t.Errorf("waits %v", waits)
	}
	step(7*time.Second, false) // the pace is over
	a.plain.asked = now
	step(0, false)
}

func TestSentence(t *testing.T) {
	for row, want := range map[string]string{
		"▸ runs    the history of runs      2": "at runs, the history of runs, 2",
		"✗ staging is away":                    "error: staging is away",
		"! slow":                               "warning: slow",
		"  ● running   load 7 · a.csv · line 3   start…  ":     "running, load 7, a.csv, line 3, start...",
		"row 4 of 42: run 39, state ! cancelled, by \x1b[1mme": "row 4 of 42: run 39, state cancelled, by ?[1mme",
		"──────": "",
		"":       "",
	} {
		if got := sentence(row); got != want {
			t.Errorf("%q: %q, want %q", row, got, want)
		}
	}
}
