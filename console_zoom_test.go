package main

import (
	"fmt"
	"testing"

	"penstock/tui/tuitest"
)

// TestZoomStaysWhereItWasMade zooms a pane of a wide terminal, makes the terminal so narrow that a screen has
// one pane only, and holds the screen, and what esc does there, to that of a console without zoom.
func TestZoomStaysWhereItWasMade(t *testing.T) {
	for _, c := range []struct {
		screen, ready string
		keys          []string
	}{
		{"pipeline", "! web-shop", []string{"right", "tab"}},
		{"pipeline", "! web-shop", []string{"tab", "tab"}},
		{"runs", "Steps of run 42", []string{"enter"}},
		{"rejects", "9 open", []string{"tab"}},
		{"insights", "best products", []string{"w"}},
	} {
		inTime(t, fmt.Sprint(c.screen, len(c.keys)), func(t *testing.T) {
			shrunk := func(zoom bool) (term *tuitest.Term, narrow, back string) {
				co := demoConsole(t, func(f *consoleFlags) { f.screen = c.screen })
				term = co.show(t, 120, 40)
				term.WaitText(c.ready)
				term.Keys(c.keys...)
				if zoom {
					still(t, term)
					term.Keys("z")
					term.WaitText("z all panes")
				}
				term.Resize(80, 24)
				narrow = still(t, term).Text()
				term.Keys("esc")
				return term, narrow, still(t, term).Text()
			}
			term, narrow, back := shrunk(true)
			_, wantNarrow, wantBack := shrunk(false)
			if narrow != wantNarrow {
				t.Errorf("shrunk while a pane was zoomed:\n%s\nwithout zoom:\n%s", narrow, wantNarrow)
			}
			if back != wantBack {
				t.Errorf("esc while a pane was zoomed:\n%s\nwithout zoom:\n%s", back, wantBack)
			}
			if c.screen != "runs" { // whose page esc has left
				term.Resize(120, 40)
				term.WaitText("z all panes")
			}
		})
	}
}
