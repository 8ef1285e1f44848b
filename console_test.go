package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"penstock/tui/demo"
	"penstock/tui/tuitest"
)

// pictures is the folder that TestPictures draws into; make pictures sets it.
var pictures = flag.String("pictures", "", "draw the screens of the demonstration into this `folder`")

// demoConsole is the console on invented data, as --demo opens it, with a clock that stands still.
func demoConsole(t *testing.T, view func(*consoleFlags)) *console {
	t.Helper()
	dir := t.TempDir()
	a := newApp(host{
		in: strings.NewReader(""), out: io.Discard, err: io.Discard, workdir: dir, now: demo.Start,
		environ: []string{"HOME=" + dir, "TERM=xterm-256color", "PENSTOCK_DATA_DIR=" + dir},
	})
	a.view = consoleFlags{demo: true, theme: "dark"}
	if view != nil {
		view(&a.view)
	}
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.root.Close)
	return c
}

// show runs the console in an emulated terminal and tells it how the invented run is.
func (c *console) show(t *testing.T, w, h int) *tuitest.Term {
	t.Helper()
	term := tuitest.Run(t, c.root, w, h)
	msg, _ := c.demoState(t.Context())
	term.Send(msg)
	return term
}

// inTime runs a test in a bubble.
func inTime(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { bubble(t, test) })
}

// bubble runs a test whose time is its own: it passes once all that was begun waits for it.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	signals := make(chan os.Signal, 1) // what the runtime needs for them is made outside
	signal.Notify(signals, syscall.SIGWINCH)
	signal.Stop(signals)
	synctest.Test(t, test)
}

// still is the screen once all is done that was begun. The test runs in a bubble of its own.
func still(t *testing.T, term *tuitest.Term) tuitest.Screen {
	t.Helper()
	time.Sleep(time.Second) // of the bubble: all that is not done at once, frames and timers too
	synctest.Wait()
	return term.Screen()
}

func sizes() [][2]int { return [][2]int{{80, 24}, {120, 40}, {200, 60}} }

// TestConsoleFrames holds every registered screen of the demonstration to its golden frames.
func TestConsoleFrames(t *testing.T) {
	for _, size := range sizes() {
		for _, e := range demoConsole(t, nil).entries {
			inTime(t, fmt.Sprintf("%s-%dx%d", e.ID, size[0], size[1]), func(t *testing.T) {
				c := demoConsole(t, func(f *consoleFlags) { f.screen = e.ID })
				tuitest.Golden(t, still(t, c.show(t, size[0], size[1])))
			})
		}
	}
}

// TestEveryScreenIsRegisteredAndHasFrames reads the folders, so that no screen is forgotten.
func TestEveryScreenIsRegisteredAndHasFrames(t *testing.T) {
	folders, err := filepath.Glob("tui/screen/*")
	if err != nil || len(folders) == 0 {
		t.Fatal(folders, err)
	}
	c := demoConsole(t, nil)
	taken := map[string]bool{}
	for _, e := range c.entries {
		if taken[e.ID] || taken[e.Key] {
			t.Errorf("screen %s or its key %s is there twice", e.ID, e.Key)
		}
		taken[e.ID], taken[e.Key] = true, true
	}
	for _, dir := range folders {
		id := filepath.Base(dir)
		found := false
		for _, e := range c.entries {
			found = found || e.ID == id
		}
		if !found {
			t.Errorf("screen %s is not listed in console_screens.go", id)
		}
		for _, size := range sizes() {
			name := filepath.Join("testdata", "TestConsoleFrames", fmt.Sprintf("%s-%dx%d.golden", id, size[0], size[1]))
			if text, err := os.ReadFile(name); err != nil || len(bytes.TrimSpace(text)) == 0 {
				t.Errorf("screen %s has no golden frame %s", id, name)
			}
		}
	}
}

// TestPictures draws each screen, dark and light, for the documentation.
func TestPictures(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := *pictures
		if dir == "" {
			dir = t.TempDir()
		}
		for _, name := range []string{"dark", "light"} {
			c := demoConsole(t, func(f *consoleFlags) { f.theme = name })
			term := c.show(t, 120, 36)
			for _, e := range c.entries {
				term.Keys(e.Key)
				term.WaitText("▸ " + e.Title)
				s := still(t, term)
				picture := s.SVG(name == "dark")
				if !strings.Contains(picture, e.Title) || strings.Contains(picture, "…</text></svg>") {
					t.Errorf("the picture of %s does not show it", e.ID)
				}
				file := filepath.Join(dir, e.ID+"-"+name+".svg")
				if err := os.WriteFile(file, []byte(picture), 0o644); err != nil { //nolint:gosec // everybody may look
					t.Fatal(err)
				}
			}
		}
	})
}
