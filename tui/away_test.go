package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// TestAwayIsSaidOnEveryScreen holds the frame to what is out of reach, since when, and that it is back.
func TestAwayIsSaidOnEveryScreen(t *testing.T) {
	c := newConsole(t)
	now := noon()
	c.env.Now = func() time.Time { return now }
	light := func(level env.Level, why string) tui.StateMsg {
		return tui.StateMsg{Lights: []tui.Light{{Name: "lake", Level: env.Good}, {Name: "staging", Level: level, Why: why}}}
	}
	update := func(msg tea.Msg) {
		_, cmd := c.app.Update(msg)
		for _, inner := range batch(cmd) {
			if toast, ok := inner().(env.ToastMsg); ok {
				c.app.Update(toast)
			}
		}
	}
	update(tea.WindowSizeMsg{Width: 100, Height: 24})
	update(light(env.Good, ""))
	see(t, c, false, "away since")
	update(light(env.Bad, "connection\nrefused"))
	now = now.Add(75 * time.Second)
	update(light(env.Bad, "connection\nrefused"))
	for _, e := range []string{"rejects", "loads", "lake"} {
		update(env.GotoMsg{Screen: e})
		see(t, c, true, "✗ staging is away since 12:00:00 (1:15); it is tried again by itself: connection")
	}
	update(light(env.Info, ""))
	see(t, c, true, "since 12:00:00")
	update(light(env.Good, ""))
	see(t, c, true, "✓ staging is back after 1:15")
	see(t, c, false, "away since")
}

// TestQuietLightsShowTrouble keeps the time since when a light is bad while nothing is known of it, and
// names it in the header only as long as something is wrong.
func TestQuietLightsShowTrouble(t *testing.T) {
	c := newConsole(t)
	now := noon()
	c.env.Now = func() time.Time { return now }
	light := func(level env.Level) {
		_, cmd := c.app.Update(tui.StateMsg{Lights: []tui.Light{{Name: "staging", Level: env.Good}, {Name: "analytics", Level: level, Quiet: true}}})
		for _, inner := range batch(cmd) {
			if toast, ok := inner().(env.ToastMsg); ok {
				c.app.Update(toast)
			}
		}
	}
	c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	for _, level := range []env.Level{env.Good, env.Info} {
		light(level)
		see(t, c, true, "● staging")
		see(t, c, false, "analytics")
	}
	light(env.Bad)
	see(t, c, true, "✗ analytics is away since 12:00:00")
	now = now.Add(time.Minute)
	light(env.Info) // staging is away, say
	light(env.Bad)
	see(t, c, true, "● staging ✗ analytics")
	see(t, c, true, "✗ analytics is away since 12:00:00 (1:00)")
	light(env.Good)
	see(t, c, true, "✓ analytics is back after 1:00")
	see(t, c, false, "✗ analytics")
}

// see holds the frame to showing a text, or not.
func see(t *testing.T, c *console, want bool, text string) {
	t.Helper()
	if s := tuitest.Draw(t, strings.Split(c.app.View().Content, "\n"), 100, 24); s.Contains(text) != want {
		t.Errorf("%q is shown: %t\n%s", text, !want, s.Text())
	}
}

// TestWhatWasNeverThereIsNotAway holds the frame to saying what is missing and what makes it, once as a notice
// and in the rule for as long as it is so; narrow terminals have the reason first.
func TestWhatWasNeverThereIsNotAway(t *testing.T) {
	c := newConsole(t)
	now := noon()
	c.env.Now = func() time.Time { return now }
	toasts := 0
	update := func(msg tea.Msg) {
		_, cmd := c.app.Update(msg)
		for _, inner := range batch(cmd) {
			if _, ok := inner().(env.ToastMsg); ok {
				toasts++
			}
		}
	}
	state := func(l tui.Light) tui.StateMsg {
		l.Name = "staging"
		return tui.StateMsg{Lights: []tui.Light{l}}
	}
	update(tea.WindowSizeMsg{Width: 100, Height: 24})
	empty := tui.Light{Level: env.Warn, Lacks: "no tables yet", Why: "penstock --run makes them"}
	update(state(empty))
	update(state(empty))
	see(t, c, true, "── ! staging: no tables yet: penstock --run makes them ──")
	see(t, c, false, "away")
	if toasts != 1 {
		t.Errorf("it was told %d times", toasts)
	}
	update(state(tui.Light{Level: env.Good}))
	see(t, c, false, "no tables yet")
	if toasts != 1 {
		t.Error("what was not away is back")
	}
	update(tea.WindowSizeMsg{Width: 80, Height: 24})
	update(state(tui.Light{Level: env.Bad, Why: "the server is not running: any penstock --run starts it"}))
	now = now.Add(75 * time.Second)
	see(t, c, true, "── ✗ staging away 1:15: the server is not running: any penstock --run sta")
}

// TestAllThatIsAwayIsNamed takes two things away one after the other, and a third that never was there.
func TestAllThatIsAwayIsNamed(t *testing.T) {
	c := newConsole(t)
	now := noon()
	c.env.Now = func() time.Time { return now }
	staging := tui.Light{Name: "staging", Level: env.Bad, Why: "connection refused"}
	analytics := tui.Light{Name: "analytics", Level: env.Warn, Lacks: "no tables yet", Why: "a run makes them"}
	c.app.Update(tea.WindowSizeMsg{Width: 100, Height: 24})
	c.app.Update(tui.StateMsg{Lights: []tui.Light{analytics, staging, {Name: "lake", Level: env.Good}}})
	see(t, c, true, "✗ staging is away since 12:00:00 (0:00), analytics: no tables yet; it is tried again by itsel")
	now = now.Add(time.Minute)
	lake := tui.Light{Name: "lake", Level: env.Bad, Why: "no route"}
	c.app.Update(tui.StateMsg{Lights: []tui.Light{staging, lake}})
	now = now.Add(15 * time.Second)
	see(t, c, true, "✗ staging is away since 12:00:00 (1:15), lake is away since 12:01:00 (0:15); each is tried ag")
	c.app.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	see(t, c, true, "── ✗ staging away 1:15, lake away 0:15: connection refused ──")
	c.app.Update(tui.StateMsg{Lights: []tui.Light{{Name: "staging", Level: env.Good}, lake}})
	see(t, c, true, "── ✗ lake away 0:15: no route ──")
}
