package console_test

import (
	"testing"

	"github.com/charmbracelet/colorprofile"
	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOpen(t *testing.T) {
	var order []string
	c := console.Open(t, 80, 24, console.Dark(), func(c *console.Console) tui.Options {
		order = append(order, "options")
		c.Env.ASCII = true
		return tui.Options{Start: "shelf", Screens: []tui.Entry{console.Visited("desk", "1"), console.Visited("shelf", "2")}}
	}, func(e *env.Env) {
		order = append(order, "change")
		e.Profile.Name = "shop"
	})
	c.WaitText("shop", "shelf", "visited for .")
	c.Send(env.GotoMsg{Screen: "desk", Arg: "a pen"})
	c.WaitText("desk", "visited for a pen.")
	if len(order) != 2 || order[1] != "change" || !c.Env.ASCII || c.App == nil || c.Env.Now() != demo.Start() {
		t.Errorf("%q, %+v", order, c.Env)
	}
	if c.Clipboard() != "" {
		t.Errorf("copied %q", c.Clipboard())
	}
	if c.Env.Clipboard("ink")(); c.Clipboard() != "ink" {
		t.Errorf("copied %q", c.Clipboard())
	}
}

func TestFrames(t *testing.T) {
	seen := map[string]bool{}
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		seen[t.Name()] = true
		e := as.Env(t, demo.Start)
		if plain := as.Profile == colorprofile.Ascii; plain != (e.Theme.Name == "mono") || w < 80 || h < 24 {
			t.Errorf("theme %s in %d by %d cells", e.Theme.Name, w, h)
		}
	})
	if len(seen) != 9 || !seen["TestFrames/80x24-dark"] || !seen["TestFrames/200x60-nocolor"] {
		t.Errorf("frames are %v", seen)
	}
}
