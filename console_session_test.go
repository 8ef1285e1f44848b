package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"penstock/tui"
	"penstock/tui/tuitest"
)

// again is another session of the demonstration with the same data folder.
func again(t *testing.T, dir string, view func(*consoleFlags)) *console {
	t.Helper()
	c := demoConsole(t, view)
	c.cfg.DataDir = dir
	c.resume()
	return c
}

// leave ends a session as openConsole does.
func (c *console) leave(t *testing.T, term *tuitest.Term) {
	t.Helper()
	term.Keys("q")
	if err := term.Ended(); err != nil {
		t.Fatal(err)
	}
	if err := c.keepSession(c.root.Session()); err != nil {
		t.Fatal(err)
	}
}

// TestSessionsAreTakenUp arranges every screen, leaves, and finds all of it again.
func TestSessionsAreTakenUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	c := again(t, dir, nil)
	term := c.show(t, 120, 40)
	term.WaitText("▸ pipeline", "run 42")
	term.Keys("tab", "/")
	term.WaitText("enter done")
	term.Type("rows:>100000")
	term.Keys("enter", "tab", "tab", "o", "+")
	term.WaitText("-5 min")
	term.Keys("2")
	term.WaitText("▸ runs", "Steps of run 42")
	term.Keys(">")
	term.WaitText("run ▼")
	term.Keys("4")
	term.WaitText("▸ insights ▸ overview", "best products")
	term.Keys("tab")
	term.WaitText("sales by week")
	term.Keys("o")
	term.WaitText("sales by month", "Dec 2011")
	term.Keys("w", "z")
	term.WaitGone("sales by month")
	term.Keys("3")
	term.WaitText("▸ rejects", "9 open")
	term.Keys("-", "-", "/")
	term.WaitText("enter done")
	term.Type("85123A")
	term.Keys("enter", "a")
	term.WaitText("open only")
	c.leave(t, term)

	path := filepath.Join(dir, "session", "demo.json")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode != fs.FileMode(0o600) {
		t.Fatal(mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "85123A") { // it may be somebody's name
		t.Errorf("a value of a record is kept:\n%s", text)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "session", ".*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}

	c = again(t, dir, nil)
	term = c.show(t, 120, 40)
	term.WaitText("▸ rejects", "9 open")
	term.Keys("4")
	s := term.WaitText("▸ insights ▸ sales", "revenue per month")
	if s.Contains("sales by month") {
		t.Errorf("not zoomed:\n%s", s.Text())
	}
	term.Keys("esc")
	term.WaitText("sales by month", "revenue per month")
	term.Keys("2")
	term.WaitText("▸ runs", "run ▼")
	term.Keys("1")
	term.WaitText("▸ pipeline", "/rows:>100000", "-5 min")
	c.leave(t, term)

	c = again(t, dir, func(f *consoleFlags) { f.fresh = true })
	term = c.show(t, 120, 40)
	term.WaitText("▸ pipeline", "-1 min")
}

// TestSessionsOfOthersDoNotMix keeps one of each kind.
func TestSessionsOfOthersDoNotMix(t *testing.T) {
	dir := t.TempDir()
	kinds := map[string]*console{}
	for name, view := range map[string]consoleFlags{"demo.json": {demo: true}, "local.profile.json": {}, "local.read-only.json": {readOnly: true}} {
		c := demoConsole(t, nil)
		c.view, c.cfg.DataDir = view, dir
		if err := c.keepSession(tui.Session{Screen: name, Number: 1}); err != nil {
			t.Fatal(err)
		}
		kinds[name] = c
	}
	for name, c := range kinds {
		if s, err := c.lastSession(); err != nil || s.Screen != name || filepath.Base(c.sessionPath()) != name {
			t.Errorf("%s: %+v %v", name, s, err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "session", "demo.json"), filepath.Join(dir, "session", "local.profile.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := kinds["local.profile.json"].lastSession(); err == nil || !strings.Contains(err.Error(), "of another profile") {
		t.Errorf("another's session: %v", err)
	}
}

// TestTheNewestSessionStays writes from commands that keep no order.
func TestTheNewestSessionStays(t *testing.T) {
	c := demoConsole(t, nil)
	c.cfg.DataDir = t.TempDir()
	var work sync.WaitGroup
	for n := range 20 {
		work.Go(func() {
			if err := c.keepSession(tui.Session{Screen: strings.Repeat("x", 20-n), Number: 20 - n}); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if s, err := c.lastSession(); err != nil || len(s.Screen) != 20 {
		t.Errorf("%+v %v", s, err)
	}
}

// TestBrokenSessionsAreToldAndLeftOut opens the console all the same.
func TestBrokenSessionsAreToldAndLeftOut(t *testing.T) {
	for name, c := range map[string]struct{ text, told string }{
		"cut":         {`{"version":1,"of":"demo","scr`, "is broken"},
		"empty":       {"", "is broken"},
		"of another":  {`{"version":1,"of":"local.profile","screen":"runs"}`, "is of another profile"},
		"older":       {`{"screen":"runs","screens":{}}`, "is of another version"},
		"newer":       {`{"version":99,"of":"demo","screen":"runs"}`, "is of another version"},
		"odd screens": {`{"version":1,"of":"demo","screen":"runs","screens":{"runs":[1,"x"],"pipeline":null}}`, ""},
		"odd values":  {`{"version":1,"of":"demo","screen":"insights","screens":{"insights":{"tab":"x","views":{"overview":{"panes":{"focus":-7,"shares":{"grid2":[9,9]}}}}}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "session"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "session", "demo.json"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			co := again(t, dir, nil)
			term := co.show(t, 160, 40)
			if c.told != "" {
				term.WaitText("▸ pipeline", "the last session is not taken up", c.told)
				return
			}
			var f sessionFile
			if err := json.Unmarshal([]byte(c.text), &f); err != nil {
				t.Fatal(err)
			}
			term.WaitText("▸ " + f.Screen)
			co.leave(t, term)
		})
	}
}

// TestZoomedAndResizedFrames shows each screen with more than one pane as the user arranged it.
func TestZoomedAndResizedFrames(t *testing.T) {
	for name, c := range map[string]struct {
		screen string
		ready  []string
		keys   []string
	}{
		"pipeline-log-zoomed":       {"pipeline", []string{"run 42", "! web-shop"}, []string{"tab", "tab", "z"}},
		"pipeline-chart-larger":     {"pipeline", []string{"run 42", "! web-shop"}, []string{"shift+tab", "+", "+", "i"}},
		"pipeline-paused":           {"pipeline", []string{"run 42", "! web-shop"}, []string{"space"}},
		"runs-steps-larger":         {"runs", []string{"Steps of run 42"}, []string{"-", "-"}},
		"rejects-record-zoomed":     {"rejects", []string{"9 open", "*** p shows it"}, []string{"tab", "z"}},
		"rejects-list-larger":       {"rejects", []string{"9 open", "*** p shows it"}, []string{"+", "+"}},
		"insights-revenue-zoomed":   {"insights", []string{"best products", "come back"}, []string{"z", "left"}},
		"insights-hours-larger":     {"insights", []string{"best products", "come back"}, []string{"w", "w", "+", "+"}},
		"insights-customers-larger": {"insights", []string{"best products", "come back"}, []string{"w", "w", "w", "+", "+", "+"}},
	} {
		inTime(t, name, func(t *testing.T) {
			co := demoConsole(t, func(f *consoleFlags) { f.screen = c.screen })
			term := co.show(t, 120, 40)
			term.WaitText(c.ready...)
			term.Keys(c.keys...)
			tuitest.Golden(t, still(t, term))
		})
	}
}
