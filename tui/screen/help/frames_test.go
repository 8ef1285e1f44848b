package help_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/help"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// look is a way that frames are drawn in.
type look struct {
	theme   string
	profile colorprofile.Profile
}

func dark() look { return look{"dark", colorprofile.TrueColor} }

// open shows the screen beside another one, whose actions it lists, too. Clocks stand still.
func open(t *testing.T, w, h int, as look, change ...func(*env.Env)) *tuitest.Term {
	t.Helper()
	th, err := theme.New(theme.Options{Name: as.theme, Dark: true, Profile: as.profile})
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, demo.Start)
	e.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	for _, f := range change {
		f(e)
	}
	var app *tui.App
	o := screen.Options{
		Groups: func() []screen.Group {
			return []screen.Group{
				{Title: "anywhere", Actions: app.Everywhere()},
				{Screen: "shelf", Title: "shelf", Actions: app.Of("shelf")},
			}
		},
		Docs: []string{"docs/console.md (this console), docs/configuration.md", "penstock --help lists what works without a console"},
	}
	app, err = tui.New(tui.Options{Env: e, Theme: as.theme, Profile: as.profile, Start: "help", Screens: []tui.Entry{
		{ID: "shelf", Title: "shelf", Key: "1", Help: "what lies on the shelf", New: func() tui.Screen { return &shelf{} }},
		{ID: "help", Title: "help", Key: "7", Help: "every key", New: func() tui.Screen { return screen.New(e, o) }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return tuitest.Run(t, app, w, h, tea.WithColorProfile(as.profile))
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
	looks := map[string]look{"dark": dark(), "light": {"light", colorprofile.TrueColor}, "nocolor": {"dark", colorprofile.Ascii}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, as := range looks {
			t.Run(fmt.Sprintf("%dx%d-%s", size[0], size[1], name), func(t *testing.T) {
				term := open(t, size[0], size[1], as)
				tuitest.GoldenStyles(t, term.WaitText("wipe the dust off", "find and run anything"))
			})
		}
	}
}

// TestIdeas holds that nothing is lost where there is room for one part only.
func TestIdeas(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 15}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			term := open(t, size[0], size[1], dark())
			term.WaitText("tab: in five lines", "what it does")
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
	term := open(t, 120, 40, dark())
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
	term := open(t, 120, 40, dark())
	s := term.WaitText("wipe the dust off", "one pass from ingest")
	x, y, _ := s.Find("one pass from ingest")
	term.Click(x, y) // the focus goes there, and with it the keys of a text
	term.WaitText("w wrap")
	x, y, _ = s.Find("wipe the dust off")
	term.Click(x, y)
	term.WaitText("enter do it")
	term.Wait("the cursor is on the row", func(s tuitest.Screen) bool { return s.Row(y)[1:4] == "▸" })

	plain := open(t, 100, 60, dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("columns: keys, where, action, what it does, name", "keys d, where shelf, action dust, what it does wipe the dust off, name shelf.dust")
	plain.Keys("tab")
	plain.WaitText("run, one pass from ingest to publish")
}
