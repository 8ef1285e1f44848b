package widget

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPaneGroup(t *testing.T) {
	e := quiet(t)
	a, b := NewPane(e, "a"), NewPane(e, "b")
	g := PaneGroup{a, b}
	drawn := 0
	view := func() string {
		text := ""
		for _, p := range g {
			text += Plain(strings.Join(p.View(60, 3, func(int, int) []string { drawn++; return []string{"data"} }), "\n"))
		}
		return text
	}
	both := func(what, word string) {
		t.Helper()
		if text := view(); strings.Count(text, word) != 2 {
			t.Errorf("%s: not two times %q in\n%s", what, word, text)
		}
	}
	g.Loading("reading things")
	both("loading", "reading things")
	g.Failed(errors.New("gone"), "r")
	if text := view(); strings.Count(text, "gone") != 1 || strings.Count(text, "press r to try again") != 1 || !strings.Contains(text, "not read either") {
		t.Errorf("what failed is said as\n%s", text)
	}
	a.Retries = true
	g.Failed(errors.New("gone"), "r")
	if text := view(); !strings.Contains(text, "it is tried again by itself; press r to try again") {
		t.Errorf("that it is tried again is not said:\n%s", text)
	}
	if a.State() != Failed || b.State() != Failed {
		t.Error("not both have failed")
	}
	g.Live(e.Now(), time.Minute)
	both("live", "data")
	if a.Every != time.Minute || b.Every != time.Minute {
		t.Errorf("looked at every %v and %v", a.Every, b.Every)
	}
	drawn = 0
	view()
	if drawn != 0 {
		t.Errorf("drawn %d times without a touch", drawn)
	}
	g.Touch()
	view()
	if drawn != 2 {
		t.Errorf("drawn %d times after a touch", drawn)
	}
	g.Pause(true)
	if view(); !a.Paused || !b.Paused || drawn != 4 {
		t.Errorf("paused %v and %v, drawn %d times", a.Paused, b.Paused, drawn)
	}
	g.Pause(false)
	if a.Paused || b.Paused {
		t.Error("still paused")
	}
}

// TestMissed holds that data stays when news of it cannot be read.
func TestMissed(t *testing.T) {
	e := quiet(t)
	p := NewPane(e, "a")
	p.Missed(errors.New("gone"), "r")
	if p.State() != Failed {
		t.Errorf("without data: %v", p.State())
	}
	p.Live(e.Now())
	p.Missed(errors.New("gone"), "r")
	if p.State() != Live {
		t.Errorf("with data: %v", p.State())
	}
}
