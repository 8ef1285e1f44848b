// Package console gives tests of screens a whole console with these screens in an
// emulated terminal, and draws it in the ways that people have theirs.
package console

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

// Look is a way that frames are drawn in.
type Look struct {
	Theme   string
	Profile colorprofile.Profile
}

// Dark is the look of tests that look at no colours.
func Dark() Look { return Look{"dark", colorprofile.TrueColor} }

// Env returns the surroundings of a session in this look; its clock stands still and
// its timers never fire.
func (l Look) Env(t testing.TB, now func() time.Time) *env.Env {
	t.Helper()
	th, err := theme.New(theme.Options{Name: l.Theme, Dark: true, Profile: l.Profile})
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, now)
	e.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	return e
}

// Frames runs show as a test for each look and each size that frames are kept of:
// "80x24-dark", "200x60-nocolor".
func Frames(t *testing.T, show func(t *testing.T, w, h int, as Look)) {
	t.Helper()
	looks := map[string]Look{"dark": Dark(), "light": {"light", colorprofile.TrueColor}, "nocolor": {"dark", colorprofile.Ascii}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, as := range looks {
			t.Run(fmt.Sprintf("%dx%d-%s", size[0], size[1], name), func(t *testing.T) { show(t, size[0], size[1], as) })
		}
	}
}

// Console is an app in an emulated terminal.
type Console struct {
	*tuitest.Term
	Env *env.Env
	App *tui.App

	mu     sync.Mutex
	copied string
}

// Open shows the screens that options returns; it may use the Env that these get, and
// App in what runs later. Changes are made to the Env before the app is.
func Open(t *testing.T, w, h int, as Look, options func(c *Console) tui.Options, change ...func(*env.Env)) *Console {
	t.Helper()
	c := &Console{Env: as.Env(t, demo.Start)}
	c.Env.Clipboard = c.copy
	o := options(c)
	for _, f := range change {
		f(c.Env)
	}
	o.Env, o.Theme, o.Profile = c.Env, as.Theme, as.Profile
	app, err := tui.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.App = app
	t.Cleanup(app.Close)
	c.Term = tuitest.Run(t, app, w, h, tea.WithColorProfile(as.Profile))
	return c
}

func (c *Console) copy(text string) tea.Cmd {
	return func() tea.Msg {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.copied = text
		return nil
	}
}

// Clipboard returns what was copied last.
func (c *Console) Clipboard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copied
}

// Visited is the entry of a screen that says what it was visited for: "visited for run 42.".
func Visited(id, key string) tui.Entry {
	return tui.Entry{ID: id, Title: id, Key: key, New: func() tui.Screen { return &visited{} }}
}

type visited struct{ arg string }

func (v *visited) Init(context.Context) tea.Cmd { return nil }
func (v *visited) Status() env.Status           { return env.Status{} }
func (v *visited) View(int, int) []string       { return []string{"visited for " + v.arg + "."} }
func (v *visited) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(env.ArrivedMsg); ok {
		v.arg = m.Arg
	}
	return nil
}
