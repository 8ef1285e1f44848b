package commands_test

import (
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/commands"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open shows the screen of a log.
func open(t *testing.T, l screen.Log, w, h int, as console.Look, change ...func(*env.Env)) *console.Console {
	t.Helper()
	return console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		return tui.Options{Screens: []tui.Entry{
			{ID: "commands", Title: "commands", Key: "6", New: func() tui.Screen { return screen.New(c.Env, l) }},
		}}
	}, change...)
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		c := open(t, demo.Commands{}, w, h, as)
		tuitest.GoldenStyles(t, c.WaitText("Commands", "SELECT r.id, r.state", "connect"))
	})
}

func TestNothingAskedYet(t *testing.T) {
	c := open(t, &growing{}, 80, 24, console.Dark())
	tuitest.Golden(t, c.WaitText("nothing was asked yet", "is listed here"))
	c.Keys("enter")
	c.WaitText("open: there is no statement")
}

// growing is a log that a test adds to.
type growing struct {
	mu   sync.Mutex
	list []screen.Call // the latest first
}

func (g *growing) add(text, failed string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := screen.Call{ID: uint64(len(g.list) + 1), At: demo.Start(), To: "staging", Text: text, Took: 1234 * time.Microsecond, Rows: 7, Err: failed}
	g.list = append([]screen.Call{c}, g.list...)
}

func (g *growing) Latest() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return uint64(len(g.list))
}

func (g *growing) Calls() []screen.Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.list
}

// TestKeys goes through what the screen can do: pause, copy, open, filter.
func TestKeys(t *testing.T) {
	log := &growing{}
	log.add("SELECT 1\nFROM one", "")
	c := open(t, log, 120, 40, console.Dark())
	c.WaitText("SELECT 1 FROM one", "1.2", "7")
	c.Keys("p")
	c.WaitText("paused 0:00", "space go on")
	log.add("SELECT 2\x1b]0;owned\x07", "gone")
	c.Send(env.RefreshMsg{Now: demo.Start()}, env.ArrivedMsg{})
	c.Keys("?") // drawn after the beat was heard
	c.WaitText("type to find", "show the statement under the cursor whole")
	c.Keys("esc")
	if s := c.WaitGone("type to find"); s.Contains("SELECT 2") {
		t.Errorf("a paused list goes on:\n%s", s.Text())
	}
	c.Keys("p")
	c.WaitText("failed: gone  SELECT 2␛]0;owned␇", "enter open")
	c.WaitGone("paused")
	c.Keys("/")
	c.Type("!failed")
	c.Keys("enter")
	c.WaitText("1 of 2")
	c.Keys("a")
	c.WaitText("sent to the clipboard")
	if got := c.Clipboard(); got != "SELECT 1\nFROM one" {
		t.Errorf("copied %q", got)
	}
	c.Keys("enter")
	c.WaitText("Statement", "took 1 ms", "rows 7", "FROM one")
	c.Keys("esc", "esc")
	c.WaitText("failed: gone")
	if title := c.Screen().Title(); title != "Penstock local commands" {
		t.Errorf("the title is %q", title)
	}
}

func TestMouseAndWords(t *testing.T) {
	c := open(t, demo.Commands{}, 120, 40, console.Dark())
	s := c.WaitText("Commands", "FROM staging.runs", "connect")
	x, y, _ := s.Find("took ms")
	c.Click(x, y)
	c.WaitText("took ms ▼")
	x, y, _ = c.Screen().Find("list snapshots")
	c.Click(x, y)
	c.Click(x, y) // what the cursor is on is opened
	c.WaitText("Statement", "rows 9")

	plain := open(t, demo.Commands{}, 100, 60, console.Dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("columns: time, to, took ms, rows, statement", "at row 1 of 12: time 09:29:59.863, to staging, took ms 0.8, rows 50, statement SELECT r.id")
}
