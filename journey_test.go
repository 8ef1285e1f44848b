package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"penstock/config"
	"penstock/dbadmin/local/localtest"
	"penstock/tui"
	"penstock/tui/tuitest"
)

// journey is a session of the console that is walked through with teatest. What it writes is looked at on
// an emulated screen: the program sends only what changed, so its bytes say little.
type journey struct {
	*teatest.TestModel
	t        *testing.T
	terminal *tuitest.Terminal
	patience time.Duration
}

func newJourney(t *testing.T, c *console, w, h int) *journey {
	t.Helper()
	j := &journey{t: t, terminal: tuitest.NewTerminal(w, h), patience: time.Minute}
	j.TestModel = teatest.NewTestModel(t, c.root, teatest.WithInitialTermSize(w, h), teatest.WithProgramOptions(
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithEnvironment([]string{"TERM=xterm-256color"}),
	))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen was last:\n%s", j.terminal.Screen().Text())
		}
		_ = j.Quit()
		j.WaitFinished(t, teatest.WithFinalTimeout(time.Minute))
	})
	return j
}

// keys presses keys by name.
func (j *journey) keys(names ...string) {
	for _, name := range names {
		j.Send(tuitest.Key(name))
	}
}

// wait waits for a screen that satisfies ok.
func (j *journey) wait(ok func(tuitest.Screen) bool) {
	j.t.Helper()
	shown := 0 // of what this wait has read
	teatest.WaitFor(j.t, j.Output(), func(read []byte) bool {
		_, _ = j.terminal.Write(read[shown:])
		shown = len(read)
		return ok(j.terminal.Screen())
	}, teatest.WithDuration(j.patience), teatest.WithCheckInterval(10*time.Millisecond))
}

// see waits for texts, each on a row of the screen.
func (j *journey) see(texts ...string) {
	j.t.Helper()
	j.t.Logf("looking for %s", strings.Join(texts, " | "))
	j.wait(func(s tuitest.Screen) bool {
		for _, text := range texts {
			if !s.Contains(text) {
				return false
			}
		}
		return true
	})
}

// gone waits for a text to go.
func (j *journey) gone(text string) {
	j.t.Helper()
	j.wait(func(s tuitest.Screen) bool { return !s.Contains(text) })
}

// resize changes the terminal's size.
func (j *journey) resize(w, h int) {
	j.terminal.Resize(w, h)
	j.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// leave quits and waits for the end.
func (j *journey) leave() {
	j.t.Helper()
	j.keys("q")
	j.WaitFinished(j.t, teatest.WithFinalTimeout(j.patience))
}

// exported is the file that a table of runs was written to, once the notice of it is there.
func (j *journey) exported(dir string) string {
	j.t.Helper()
	j.see("rows written to")
	files, err := filepath.Glob(filepath.Join(dir, "runs-*.csv"))
	if err != nil || len(files) != 1 {
		j.t.Fatalf("exported as %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		j.t.Fatal(err)
	}
	return string(text)
}

// TestJourneysOnDemo walks the journeys of the invented shop, each at every size.
func TestJourneysOnDemo(t *testing.T) {
	for name, walk := range map[string]func(*testing.T, *journey, string){
		"cancel a run":                cancelOnDemo,
		"mend a reject and re-ingest": mendOnDemo,
		"filter and export a table":   exportOnDemo,
		"resize in the middle":        resizeOnDemo,
	} {
		for _, size := range sizes() {
			t.Run(name+" "+sizeName(size), func(t *testing.T) {
				c := demoConsole(t, nil)
				j := newJourney(t, c, size[0], size[1])
				j.patience = 20 * time.Second
				j.see("▸ pipeline", "Run 42", sizeName(size))
				walk(t, j, c.workdir)
				j.leave()
			})
		}
	}
}

func sizeName(size [2]int) string { return fmt.Sprintf("%dx%d", size[0], size[1]) }

func cancelOnDemo(_ *testing.T, j *journey, _ string) {
	j.keys("x")
	j.see("Cancel run 42", "cleans up")
	j.keys("n")
	j.gone("cleans up")
	j.see("● running")
	j.keys("x")
	j.see("Cancel run 42", "cleans up")
	j.keys("y")
	j.see("! cancelled")
	j.keys("x")
	j.see("cancel: nothing is running")
	j.keys("2")
	j.see("▸ runs", "! cancelled")
}

func mendOnDemo(_ *testing.T, j *journey, _ string) {
	j.keys("r")
	j.see("▸ rejects ▸ run 42", "8 open")
	j.keys("enter")
	j.see("Mend record 40,112 of load 7", `✗ type: "1.2.3" is no number`)
	j.keys("ctrl+u", "1", "2", "ctrl+s")
	j.see("1 changed here")
	j.keys("1") // with work unsaved
	j.see("1 mended record not taken in")
	j.keys("n")
	j.gone("They stay here")
	j.keys("R")
	j.see("Re-ingest 1 mended record", "load 7, record 40,112")
	j.keys("y")
	j.see("7 open   1 mended")
	j.keys("1")
	j.see("▸ pipeline", "Run 42")
}

func exportOnDemo(t *testing.T, j *journey, dir string) {
	j.keys("2")
	j.see("▸ runs", "● running")
	j.keys("/")
	j.Type("failed")
	j.keys("enter")
	j.see("/failed")
	j.gone("● running")
	j.keys("e")
	j.see("write CSV file")
	j.Type("write csv")
	j.keys("enter")
	lines := strings.Split(strings.TrimSpace(j.exported(dir)), "\n")
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "run,state,started") {
		t.Fatalf("the file has %q", lines)
	}
	for _, line := range lines[1:] {
		if !strings.Contains(line, "failed") {
			t.Errorf("a row that was not on show was exported: %s", line)
		}
	}
}

func resizeOnDemo(_ *testing.T, j *journey, _ string) {
	j.keys("4")
	j.see("▸ insights", "overview")
	j.keys(":")
	j.see("Go to")
	j.resize(59, 14) // with a dialog open
	j.see("needs 60 x 15 cells")
	j.resize(200, 60)
	j.see("200x60", "Go to")
	j.keys("esc")
	j.gone("type to find")
	for _, size := range [][2]int{{60, 15}, {120, 40}, {80, 24}, {99, 30}, {100, 30}} {
		j.resize(size[0], size[1])
		j.see(sizeName(size), "▸ insights")
	}
	j.keys("1")
	j.see("▸ pipeline", "Run 42")
}

// shopConsole is the console on databases of its own and a file with four purchases, three of which will be
// refused. Runs are processes of this program.
func shopConsole(t *testing.T, db *localtest.Databases) *console {
	t.Helper()
	dir := dataDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{config.FileName: mendConfig, "in/one.csv": mendInput} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return consoleIn(t, db, dir)
}

// consoleIn opens a console in a folder, which is its data folder too.
func consoleIn(t *testing.T, db *localtest.Databases, dir string) *console {
	t.Helper()
	r := newTestLedger(t, db, dir)
	a := r.app
	a.view = consoleFlags{theme: "dark"}
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.runs.program = r.program
	t.Cleanup(c.root.Close)
	return c
}

// stateNow is how things are, as the console watches them.
func stateNow(t *testing.T, c *console) tui.StateMsg {
	t.Helper()
	msg, _ := c.state(t.Context())
	return msg
}

// saidSoFar is what the program said to its user.
func (c *console) saidSoFar() string {
	if b, ok := c.err.(interface{ String() string }); ok {
		return b.String()
	}
	return ""
}

// TestJourneyOfAShop walks through a day of a shop on real databases, with runs that are processes: load,
// look at what was refused, mend it, take it in, filter and export, start again, resize, leave in the
// middle, come back and cancel.
func TestJourneyOfAShop(t *testing.T) {
	db := localtest.New(t)
	c := shopConsole(t, db)
	j := newJourney(t, c, 120, 40)
	j.see("no run yet: s starts the first")
	j.keys("s")
	j.see("Start a run")
	j.keys("ctrl+s")
	j.see("Run 1", "✓ done in", "run 1 done in")

	j.keys("r")
	j.see("▸ rejects ▸ run 1", "3 open   0 mended", "two")
	j.keys("enter")
	j.see("Mend record 2 of load 1", "▸ qty")
	j.keys("ctrl+u", "7", "ctrl+s")
	j.see("two  becomes  7", "1 changed here")
	j.keys("R")
	j.see("Re-ingest 1 mended record")
	j.keys("y")
	j.see("run 2: 1 of 1 mended record in as load 2", "2 open   1 mended")
	if got := units(t, db); got != "9" {
		t.Errorf("%s units were sold, want 2 and the 7 that were mended", got)
	}

	j.keys("2")
	j.see("▸ runs", "rejects --reingest")
	j.keys("/")
	j.Type("run:2")
	j.keys("enter")
	j.see("1 of 2")
	j.keys("e")
	j.see("write CSV file")
	j.Type("write csv")
	j.keys("enter")
	if text := j.exported(c.workdir); strings.Count(text, "\n") != 2 || !strings.Contains(text, "\n2,done,") {
		t.Errorf("the file has %q", text)
	}
	j.keys("esc")
	j.gone("1 of 2")

	hold, err := db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hold.Rollback(t.Context()) }()
	if _, err := hold.Exec(t.Context(), "LOCK TABLE analytics.fact_purchase_line IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	j.keys("1")
	j.see("▸ pipeline")
	j.keys("B")
	j.see("derived anew from all that is loaded")
	j.keys("y")
	j.see("Run 3", "● running")
	j.resize(80, 24)
	j.see("80x24", "● running")
	j.leave()
	c.farewell(stateNow(t, c))
	if want := "Run 3 goes on without the console. To see it again: penstock, or penstock --run runs events 3"; !strings.Contains(c.saidSoFar(), want) {
		t.Errorf("it said %q, want %q", c.saidSoFar(), want)
	}

	again := consoleIn(t, db, c.workdir)
	k := newJourney(t, again, 120, 40)
	k.see("Run 3", "● running")
	k.keys("x")
	k.see("Cancel run 3")
	k.keys("y")
	k.see("! cancelled in", "run 3 cancelled")
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.leave()
	before := again.saidSoFar()
	again.farewell(stateNow(t, again))
	if again.saidSoFar() != before {
		t.Errorf("nothing goes on, and it said %q", again.saidSoFar())
	}
}
