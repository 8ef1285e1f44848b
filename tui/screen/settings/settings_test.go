package settings_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/settings"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open shows the screen.
func open(t *testing.T, test screen.Tester, w, h int, as console.Look, change ...func(*env.Env)) *console.Console {
	t.Helper()
	return console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		return tui.Options{Screens: []tui.Entry{
			{ID: "settings", Title: "settings", Key: "5", New: func() tui.Screen { return screen.New(c.Env, demo.Settings(), test) }},
		}}
	}, change...)
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		c := open(t, demo.TestPart, w, h, as)
		c.WaitText("Configuration", "base_currency")
		if w < 100 {
			tuitest.GoldenStyles(t, c.Screen())
			return
		}
		c.Keys("t")
		c.WaitText("PostgreSQL 16.4", "192.0.2.7", "little room is left")
		tuitest.GoldenStyles(t, c.Screen())
	})
}

func TestNarrowShowsWhatIsAskedFor(t *testing.T) {
	c := open(t, demo.TestPart, 80, 24, console.Dark())
	c.WaitText("base_currency")
	c.Keys("t")
	tuitest.Golden(t, c.WaitText("✓ staging", "✗ analytics", "server verified", "! lake"))
	c.Keys("tab")
	c.WaitText("This program", "version")
	c.Keys("esc")
	c.WaitText("base_currency")
}

func TestThemeSwitches(t *testing.T) {
	c := open(t, demo.TestPart, 120, 40, console.Dark())
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
	c := open(t, demo.TestPart, 120, 40, console.Dark())
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
	}, 120, 40, console.Dark())
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
	c := open(t, demo.TestPart, 80, 24, console.Dark())
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
	c := open(t, demo.TestPart, 160, 44, console.Dark())
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

	plain := open(t, demo.TestPart, 100, 60, console.Dark(), func(e *env.Env) { e.Plain = true })
	plain.WaitText("Databases", "row 7 of 28: key staging.max_conns, value 8, from --set", "Console")
	plain.Keys("t")
	plain.WaitText("staging, ok", "analytics, failed", "server verified")
}
