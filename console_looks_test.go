package main

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// TestConsoleLooks holds each screen to its colours: light ones, and attributes alone.
func TestConsoleLooks(t *testing.T) {
	for _, theme := range []string{"light", "mono"} {
		for _, e := range demoConsole(t, nil).entries {
			inTime(t, theme+"/"+e.ID, func(t *testing.T) {
				c := demoConsole(t, func(f *consoleFlags) { f.screen, f.theme = e.ID, theme })
				tuitest.GoldenStyles(t, still(t, c.show(t, 120, 40)))
			})
		}
	}
}

// TestConsoleStates holds what lies over a screen to its frames: the palette, the menu of keys, a question, a
// form, a menu of exports, notices; and what small terminals get.
func TestConsoleStates(t *testing.T) {
	type state struct {
		name, screen string
		do           func(*tuitest.Term)
	}
	keys := func(keys ...string) func(*tuitest.Term) { return func(term *tuitest.Term) { term.Keys(keys...) } }
	states := []state{
		{"palette", "pipeline", func(term *tuitest.Term) { term.Keys(":"); term.WaitText("Go to"); term.Type("reb") }},
		{"keys", "runs", keys("?")},
		{"start", "pipeline", func(term *tuitest.Term) {
			term.Keys("x")
			term.WaitText("Cancel run 42")
			term.Keys("y")
			term.WaitText("! cancelled")
			term.WaitGone("Cancel run 42")
			term.Keys("s")
		}},
		{"cancel", "pipeline", keys("x")},
		{"export", "runs", keys("e")},
		{"mend", "rejects", keys("enter")},
		{"columns", "runs", keys("C")},
		{"filter", "rejects", func(term *tuitest.Term) { term.Keys("/"); term.WaitText("enter done"); term.Type("column:q") }},
		{"statement", "commands", keys("enter")},
		{"setting", "settings", keys("down", "enter")},
		{"notices", "insights", func(term *tuitest.Term) {
			term.Send(env.ToastMsg{Level: env.Good, Text: "12 rows written to sales.csv"})
			term.Send(env.ToastMsg{Level: env.Warn, Text: "lake: 812 MB are free", Hint: "make room, or set retention.snapshots lower"})
			term.Send(env.ToastMsg{
				Level: env.Bad, Text: "load orders-2011-12-09.csv.gz: copy rows: the connection to staging was closed by the server while 331,204 rows were on their way",
				Hint: "penstock doctor says what is reachable; the next run takes up where this one stood",
			})
		}},
	}
	for _, size := range sizes() {
		for _, s := range states {
			inTime(t, fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1]), func(t *testing.T) {
				c := demoConsole(t, func(f *consoleFlags) { f.screen = s.screen })
				term := c.show(t, size[0], size[1])
				still(t, term)
				s.do(term)
				tuitest.Golden(t, still(t, term))
			})
		}
	}
	for _, size := range [][2]int{{59, 15}, {60, 15}, {99, 30}} {
		inTime(t, fmt.Sprintf("small-%dx%d", size[0], size[1]), func(t *testing.T) {
			c := demoConsole(t, nil)
			tuitest.Golden(t, still(t, c.show(t, size[0], size[1])))
		})
	}
}

// TestConsoleInASCII holds that what the console draws is ASCII; letters of data stay as they are.
func TestConsoleInASCII(t *testing.T) {
	bubble(t, func(t *testing.T) {
		for _, size := range sizes() {
			c := demoConsole(t, func(f *consoleFlags) { f.ascii = true })
			term := c.show(t, size[0], size[1])
			for _, e := range c.entries {
				term.Keys(e.Key)
				term.WaitText("> " + e.Title)
				for _, keys := range [][]string{nil, {"?"}} {
					term.Keys(keys...)
					s := still(t, term)
					for _, r := range s.Text() {
						if r > 0x7f && !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) {
							t.Errorf("%s at %dx%d draws %q:\n%s", e.ID, size[0], size[1], r, s.Text())
							break
						}
					}
				}
				term.Keys("esc")
				term.WaitGone("type to find")
			}
		}
	})
}

// TestConsoleInWords holds that every screen can be read out: rows of tables are sentences, nothing is drawn.
func TestConsoleInWords(t *testing.T) {
	said := map[string][]string{
		"pipeline": {"Run 42, running 1:01", "ingest by go: running. 61 %", "publish by folder: waiting", "Log, follow"},
		"runs":     {"columns: run, state", "at row 1 of 42: run 42, state running, started 2011-12-10 09:28", "row 4 of 42: run 39, state cancelled"},
		"rejects":  {"9 open, 3 mended", "columns: state, load, line", "at row 1 of 9: state open, load 7, line 40,113, column quantity"},
		"insights": {"gross GBP: ", "row 1 of 20: product REGENCY CAKESTAND 3 TIER, gross GBP"},
		"settings": {"at row 1 of 28", "key base_currency, value GBP, from penstock.yaml:1:16"},
		"commands": {"at row 1 of 12: time", "statement SELECT"},
		"help":     {"at row 1 of ", "what it does find and run anything"},
	}
	for _, e := range demoConsole(t, nil).entries {
		inTime(t, e.ID, func(t *testing.T) {
			c := demoConsole(t, func(f *consoleFlags) { f.plain, f.screen = true, e.ID })
			term := c.show(t, 150, 120)
			s := term.WaitText(append(said[e.ID], "? for keys, q to leave")...)
			if s.AltScreen() || len(said[e.ID]) == 0 {
				t.Errorf("the alternate screen is on, or nothing is known of %s", e.ID)
			}
			for _, r := range s.Text() {
				if r > 0x7f && !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) {
					t.Errorf("%q is drawn:\n%s", r, s.Text())
					break
				}
			}
			before := rowsSaid(s)
			term.Keys("down", "up")
			still(t, term)
			if after := rowsSaid(term.Screen()); e.ID != "pipeline" && e.ID != "insights" && after > before+2 {
				t.Errorf("two moves said %d rows again:\n%s", after-before-2, term.Screen().Text())
			}
		})
	}
}

// rowsSaid is how many rows of tables were said.
func rowsSaid(s tuitest.Screen) int { return strings.Count(s.Text(), "row ") }

// TestConsoleByMouse works the tables of every screen with the mouse: a click moves the cursor, a heading
// sorts, the wheel scrolls, a key's hint in the footer does what it says.
func TestConsoleByMouse(t *testing.T) {
	for _, c := range []struct{ screen, row, heading, sorted, hint, opened string }{
		{"runs", "38  ✓ done", "read", "read ▼", "/ filter", "enter done"},
		{"rejects", "42,034", "column ", "column ▲", "enter mend…", "of load 7, line 42,034"},
		{"settings", "report_timezone", "value", "value ▲", "t test connections", "✓ staging"},
		{"commands", "connect", "took ms", "took ms ▼", "a copy statement", "sent to the clipboard"},
		{"help", "app.palette", "action", "action ▲", "enter do it", "type to find"},
	} {
		inTime(t, c.screen, func(t *testing.T) {
			con := demoConsole(t, func(f *consoleFlags) { f.screen = c.screen })
			term := con.show(t, 160, 44)
			x, y, ok := still(t, term).Find(c.row)
			if !ok {
				t.Fatalf("%q is missing:\n%s", c.row, term.Screen().Text())
			}
			term.Click(x, y)
			term.Wait("the cursor is on the row", func(s tuitest.Screen) bool {
				return strings.Contains(s.Row(y), "▸") && strings.Contains(s.Row(y), c.row)
			})
			x, y, _ = term.WaitText(c.hint).Find(c.hint)
			term.Click(x, y)
			term.WaitText(c.opened)
			term.Keys("esc")
			s := still(t, term)
			x, y, _ = s.Find(c.heading)
			term.Click(x+1, y)
			term.WaitText(c.sorted)
		})
	}
}
