package help_test

import (
	"context"
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/env"
	screen "penstock/tui/screen/help"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open shows the screen beside another one, whose actions it lists, too.
func open(t *testing.T, w, h int, as console.Look, change ...func(*env.Env)) *console.Console {
	t.Helper()
	return console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		o := screen.Options{
			Groups: func() []screen.Group {
				return []screen.Group{
					{Title: "anywhere", Actions: c.App.Everywhere()},
					{Screen: "shelf", Title: "shelf", Actions: c.App.Of("shelf")},
				}
			},
			Docs: []string{"docs/console.md (this console), docs/configuration.md", "penstock --help lists what works without a console"},
		}
		return tui.Options{Start: "help", Screens: []tui.Entry{
			{ID: "shelf", Title: "shelf", Key: "1", Help: "what lies on the shelf", New: func() tui.Screen { return &shelf{} }},
			{ID: "help", Title: "help", Key: "7", Help: "every key", New: func() tui.Screen { return screen.New(c.Env, o) }},
		}}
	}, change...)
}

// shelf is a screen with two actions of its own.
type shelf struct{ dusted bool }

func (s *shelf) Init(context.Context) tea.Cmd { return nil }
func (s *shelf) Update(tea.Msg) tea.Cmd       { return nil }
func (s *shelf) View(int, int) []string {
	return []string{map[bool]string{true: "no dust is left", false: "dusty"}[s.dusted]}
}

func (s *shelf) Status() env.Status {
	return env.Status{Actions: []env.Action{
		{ID: "shelf.dust", Title: "dust", Keys: []string{"d"}, Help: "wipe the dust off", Run: func() tea.Cmd { s.dusted = true; return nil }},
		{ID: "shelf.move", Title: "move", Keys: []string{"up", "down"}, Help: "up and down the shelf"},
	}}
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		term := open(t, w, h, as)
		tuitest.GoldenStyles(t, term.WaitText("wipe the dust off", "find and run anything"))
	})
}

// TestIdeas holds that nothing is lost where there is room for one part only.
func TestIdeas(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 15}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			term := open(t, size[0], size[1], console.Dark())
			term.WaitText("tab: in five lines", "find and run anything")
			term.Keys("tab")
			tuitest.Golden(t, term.WaitText("tab: the keys", "one pass from ingest"))
			term.Keys("G")
			term.WaitText("penstock --help lists what works")
			term.Keys("esc")
			term.WaitText("tab: in five lines")
		})
	}
}

func TestRunsWhatIsChosen(t *testing.T) {
	term := open(t, 120, 40, console.Dark())
	term.WaitText("wipe the dust off", "one pass from ingest")
	term.Keys("/")
	term.Type("name:shelf.move")
	term.Keys("enter")
	term.WaitText("1 of ")
	term.Keys("enter") // only tells of a key
	term.WaitText("↑ ↓: up and down the shelf (shelf)")
	term.Keys("esc")
	term.WaitText("wipe the dust off")
	term.Keys("/")
	term.Type("name:shelf.dust")
	term.Keys("enter")
	term.WaitGone("up and down the shelf  ")
	term.Keys("enter")
	term.WaitText("▸ shelf", "no dust is left")
}

func TestMouseAndWords(t *testing.T) {
	term := open(t, 120, 40, console.Dark())
	s := term.WaitText("wipe the dust off", "one pass from ingest")
	x, y, _ := s.Find("one pass from ingest")
	term.Click(x, y) // the focus goes there, and with it the keys of a text
	term.WaitText("w wrap")
	x, y, _ = s.Find("wipe the dust off")
	term.Click(x, y)
	term.WaitText("enter do it")
	term.Wait("the cursor is on the row", func(s tuitest.Screen) bool { return s.Row(y)[1:4] == "▸" })

	plain := open(t, 100, 60, console.Dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("columns: keys, where, action, what it does, name", "keys d, where shelf, action dust, what it does wipe the dust off, name shelf.dust")
	plain.Keys("tab")
	plain.WaitText("run, one pass from ingest to publish")
}
