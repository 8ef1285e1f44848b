package runs_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/runs"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open shows the screen with a ledger.
func open(t *testing.T, l screen.Ledger, w, h int, as console.Look, change ...func(*env.Env)) *console.Console {
	t.Helper()
	return console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		return tui.Options{Screens: []tui.Entry{
			{ID: "runs", Title: "runs", Key: "2", New: func() tui.Screen { return screen.New(c.Env, l) }},
			console.Visited("rejects", "3"),
		}}
	}, change...)
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		c := open(t, demo.NewLedger(demo.Start()), w, h, as)
		tuitest.GoldenStyles(t, c.WaitText("Steps of run 42", "42  ● running"))
	})
}

// TestPages shows the page of a run that failed, and two runs side by side.
func TestPages(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			c := open(t, demo.NewLedger(demo.Start()), size[0], size[1], console.Dark())
			c.WaitText("Steps of run 42")
			c.Send(env.GotoMsg{Screen: "runs", Arg: "37"})
			tuitest.Golden(t, c.WaitText("runs ▸ run 37", "run 37 failed"))
			t.Run("compare", func(t *testing.T) {
				c.Keys("d")
				tuitest.Golden(t, c.WaitText("Run 36 (A) and run 37 (B)"))
			})
		})
	}
}
