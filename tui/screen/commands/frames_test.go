package commands_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/commands"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// console is an app with the screen, in an emulated terminal.
type console struct {
	*tuitest.Term
	app    *tui.App
	mu     sync.Mutex
	copied string
}

type look struct {
	theme   string
	profile colorprofile.Profile
}

func dark() look { return look{"dark", colorprofile.TrueColor} }

// open shows the screen of a log. Clocks stand still and timers never fire.
func open(t *testing.T, l screen.Log, w, h int, as look, change ...func(*env.Env)) *console {
	t.Helper()
	th, err := theme.New(theme.Options{Name: as.theme, Dark: true, Profile: as.profile})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{}
	e := env.New(t.Context(), th, demo.Start)
	e.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	e.Clipboard = func(text string) tea.Cmd {
		return func() tea.Msg {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.copied = text
			return nil
		}
	}
	for _, f := range change {
		f(e)
	}
	c.app, err = tui.New(tui.Options{Env: e, Theme: as.theme, Profile: as.profile, Screens: []tui.Entry{
		{ID: "commands", Title: "commands", Key: "6", New: func() tui.Screen { return screen.New(e, l) }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.app.Close)
	c.Term = tuitest.Run(t, c.app, w, h, tea.WithColorProfile(as.profile))
	return c
}

func TestFrames(t *testing.T) {
	looks := map[string]look{"dark": dark(), "light": {"light", colorprofile.TrueColor}, "nocolor": {"dark", colorprofile.Ascii}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, as := range looks {
			t.Run(fmt.Sprintf("%dx%d-%s", size[0], size[1], name), func(t *testing.T) {
				c := open(t, demo.Commands{}, size[0], size[1], as)
				tuitest.GoldenStyles(t, c.WaitText("Commands", "SELECT r.id, r.state", "connect"))
			})
		}
	}
}

func TestNothingAskedYet(t *testing.T) {
	c := open(t, &growing{}, 80, 24, dark())
	tuitest.Golden(t, c.WaitText("nothing was asked yet", "is listed here"))
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
	c := open(t, log, 120, 40, dark())
	c.WaitText("SELECT 1 FROM one", "1.2", "7")
	c.Keys("p")
	c.WaitText("paused")
	log.add("SELECT 2\x1b]0;owned\x07", "gone")
	c.Send(env.RefreshMsg{Now: demo.Start()}, env.ArrivedMsg{})
	c.Keys("?", "esc")
	c.WaitGone("type to find")
	if s := c.Screen(); s.Contains("SELECT 2") {
		t.Errorf("a paused list goes on:\n%s", s.Text())
	}
	c.Keys("p")
	c.WaitText("SELECT 2␛]0;owned␇  failed: gone")
	c.Keys("/")
	c.Type("!failed")
	c.Keys("enter")
	c.WaitText("1 of 2")
	c.Keys("a")
	c.WaitText("sent to the clipboard")
	c.mu.Lock()
	if c.copied != "SELECT 1\nFROM one" {
		t.Errorf("copied %q", c.copied)
	}
	c.mu.Unlock()
	c.Keys("enter")
	c.WaitText("Statement", "took 1 ms", "rows 7", "FROM one")
	c.Keys("esc", "esc")
	c.WaitText("failed: gone")
	if title := c.Screen().Title(); title != "Penstock local commands" {
		t.Errorf("the title is %q", title)
	}
}

func TestMouseAndWords(t *testing.T) {
	c := open(t, demo.Commands{}, 120, 40, dark())
	s := c.WaitText("Commands", "FROM staging.runs", "connect")
	x, y, _ := s.Find("took ms")
	c.Click(x, y)
	c.WaitText("took ms ▼")
	x, y, _ = c.Screen().Find("list snapshots")
	c.Click(x, y)
	c.Click(x, y) // what the cursor is on is opened
	c.WaitText("Statement", "rows 9")

	plain := open(t, demo.Commands{}, 100, 60, dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("columns: time, to, took ms, rows, statement", "at row 1 of 12: time 09:29:59.863, to staging, took ms 0.8, rows 50, statement SELECT r.id")
}
