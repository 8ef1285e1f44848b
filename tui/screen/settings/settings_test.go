package settings_test

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
	screen "penstock/tui/screen/settings"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// console is an app with the screen, in an emulated terminal.
type console struct {
	*tuitest.Term
	env *env.Env
}

type look struct {
	theme   string
	profile colorprofile.Profile
}

func dark() look { return look{"dark", colorprofile.TrueColor} }

// open shows the screen. Clocks stand still and timers never fire.
func open(t *testing.T, test screen.Tester, w, h int, as look, change ...func(*env.Env)) *console {
	t.Helper()
	th, err := theme.New(theme.Options{Name: as.theme, Dark: true, Profile: as.profile})
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, demo.Start)
	e.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	c := &console{env: e}
	for _, f := range change {
		f(e)
	}
	app, err := tui.New(tui.Options{Env: e, Theme: as.theme, Profile: as.profile, Screens: []tui.Entry{
		{ID: "settings", Title: "settings", Key: "5", New: func() tui.Screen { return screen.New(e, demo.Settings(), test) }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	c.Term = tuitest.Run(t, app, w, h, tea.WithColorProfile(as.profile))
	return c
}

func TestFrames(t *testing.T) {
	looks := map[string]look{"dark": dark(), "light": {"light", colorprofile.TrueColor}, "nocolor": {"dark", colorprofile.Ascii}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, as := range looks {
			t.Run(fmt.Sprintf("%dx%d-%s", size[0], size[1], name), func(t *testing.T) {
				c := open(t, demo.TestPart, size[0], size[1], as)
				c.WaitText("Configuration", "base_currency")
				if size[0] < 100 {
					tuitest.GoldenStyles(t, c.Screen())
					return
				}
				c.Keys("t")
				c.WaitText("PostgreSQL 16.4", "192.0.2.7", "little room is left")
				tuitest.GoldenStyles(t, c.Screen())
			})
		}
	}
}

func TestNarrowShowsWhatIsAskedFor(t *testing.T) {
	c := open(t, demo.TestPart, 80, 24, dark())
	c.WaitText("base_currency")
	c.Keys("t")
	tuitest.Golden(t, c.WaitText("✓ staging", "✗ analytics", "server verified", "! lake"))
	c.Keys("tab")
	c.WaitText("This program", "version")
	c.Keys("esc")
	c.WaitText("base_currency")
}

func TestThemeSwitches(t *testing.T) {
	c := open(t, demo.TestPart, 120, 40, dark())
	before := c.WaitText("base_currency")
	x, y, _ := before.Find("Configuration")
	c.Keys("T")
	c.WaitText("follows the terminal's background")
	c.Type("light")
	c.Keys("enter")
	c.WaitText("theme light for this session")
	c.Wait("other colours", func(s tuitest.Screen) bool { return s.Cell(x, y).FG != before.Cell(x, y).FG })
}

func TestOnlyWhatIsSet(t *testing.T) {
	c := open(t, demo.TestPart, 120, 40, dark())
	c.WaitText("staging.read_url")
	c.Keys("o")
	c.WaitGone("staging.read_url")
	s := c.WaitText("base_currency", "***@db.example", "␛]0;owned␇")
	if s.Title() == "owned" {
		t.Error("a value retitled the window")
	}
	c.Keys("o")
	c.WaitText("staging.read_url")
}

// TestCancelledTests holds that esc ends tests that hang, at their source.
func TestCancelledTests(t *testing.T) {
	ended := make(chan string, 3)
	c := open(t, func(ctx context.Context, part string) screen.Result {
		<-ctx.Done()
		ended <- part
		return screen.Result{}
	}, 120, 40, dark())
	c.WaitText("not tested", "t tests them")
	c.Keys("t")
	c.WaitText("testing 0:00")
	c.Keys("esc")
	c.WaitText("cancelled", "not tested")
	for range 3 {
		<-ended
	}
}

// TestSections holds that values lie under the name of their part, and that long ones can be read whole.
func TestSections(t *testing.T) {
	c := open(t, demo.TestPart, 80, 24, dark())
	c.WaitText("Program", "Databases", "Data")
	c.Keys("/")
	c.Type("section:engines")
	c.Keys("enter")
	c.WaitText("Engines", "engines.ingest")
	c.WaitGone("staging.url")
	c.Keys("esc", "/")
	c.Type("staging.url")
	c.Keys("enter")
	c.WaitText("1 of 28")
	c.Keys("enter")
	c.WaitText("staging.url ─", "postgres://penstock_etl:***@db.example/penstock_staging?", "from PENSTOCK_STAGING_URL")
}

func TestMouseAndWords(t *testing.T) {
	c := open(t, demo.TestPart, 160, 44, dark())
	s := c.WaitText("Configuration", "lake.url", "not tested")
	x, y, _ := s.Find("lake.url")
	c.Click(x, y)
	c.Wait("the cursor is on the row", func(s tuitest.Screen) bool { return []rune(s.Row(y))[1] == '▸' })
	c.Click(x, y)
	c.WaitText("lake.url ─", "from penstock.yaml:20:12")
	c.Keys("esc")
	x, y, _ = c.WaitGone("lake.url ─").Find("t test connections")
	c.Click(x, y)
	c.WaitText("✓ staging", "! lake")

	plain := open(t, demo.TestPart, 100, 60, dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("Databases", "row 7 of 28: key staging.max_conns, value 8, from --set", "Console")
	plain.Keys("t")
	plain.WaitText("staging, ok", "analytics, failed", "server verified")
}
