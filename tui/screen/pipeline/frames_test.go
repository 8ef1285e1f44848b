package pipeline_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open shows the screen with a ledger.
func open(t *testing.T, l screen.Ledger, w, h int, as console.Look, change ...func(*env.Env)) *console.Console {
	t.Helper()
	return console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		return tui.Options{Screens: []tui.Entry{
			{ID: "pipeline", Title: "pipeline", Key: "1", New: func() tui.Screen { return screen.New(c.Env, l, time.Second) }},
			console.Visited("runs", "2"), console.Visited("rejects", "3"),
		}}
	}, change...)
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		c := open(t, demo.NewLedger(demo.Start()), w, h, as)
		tuitest.GoldenStyles(t, c.WaitText("Run 42", "running 1:01", "! web-shop"))
	})
}
