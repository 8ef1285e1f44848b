package rejects_test

import (
	"context"
	"testing"

	"penstock/tui"
	"penstock/tui/demo"
	screen "penstock/tui/screen/rejects"
	"penstock/tui/tuitest/console"
)

// far is a store that reads a record when it is let.
type far struct {
	*demo.Rejects
	let chan struct{}
}

func (f far) Record(ctx context.Context, k screen.Key, showPII bool) (screen.Record, error) {
	select {
	case <-f.let:
		return f.Rejects.Record(ctx, k, showPII)
	case <-ctx.Done():
		return screen.Record{}, context.Cause(ctx)
	}
}

// TestFormIsOfTheRecordThatWasChosen presses enter on a record that is not read yet, and thinks better of it.
func TestFormIsOfTheRecordThatWasChosen(t *testing.T) {
	for name, x := range map[string]struct {
		keys []string // after enter
		see  string   // once they are done
		back []string // where a record is read again
	}{
		"another record": {[]string{"down"}, "40,113", nil},
		"no record":      {[]string{"/", "z", "z", "enter"}, "0 of 9", []string{"esc"}},
		"another screen": {[]string{"2"}, "visited for", []string{"3"}},
		"esc":            {[]string{"esc"}, "40,113", nil},
	} {
		t.Run(name, func(t *testing.T) {
			store := far{demo.NewRejects(demo.NewLedger(demo.Start()).Next), make(chan struct{})}
			c := console.Open(t, 120, 40, console.Dark(), func(c *console.Console) tui.Options {
				return tui.Options{Screens: []tui.Entry{
					{ID: "rejects", Title: "rejects", Key: "3", New: func() tui.Screen { return screen.New(c.Env, screen.Options{Store: store, Mender: store}) }},
					console.Visited("runs", "2"),
				}}
			})
			c.WaitText("9 open", "40,113")
			c.Keys("enter")
			c.Keys(x.keys...)
			c.WaitText(x.see)
			close(store.let)
			c.Keys(x.back...)
			if x.back == nil || name == "no record" {
				c.WaitText("at byte")
			}
			c.Keys("?") // after whatever the record brought
			c.WaitText("type to find")
			c.Keys("esc")
			if s := c.WaitGone("type to find"); s.Contains("Mend record") {
				t.Errorf("a form that nobody waits for:\n%s", s.Text())
			}
		})
	}
}

// TestFormComesWithItsRecord presses enter on a record that is not read yet, and waits.
func TestFormComesWithItsRecord(t *testing.T) {
	store := far{demo.NewRejects(demo.NewLedger(demo.Start()).Next), make(chan struct{})}
	c := open(t, screen.Options{Store: store, Mender: store}, 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("down", "enter")
	close(store.let)
	c.WaitText("Mend record 40,388 of load 7", "▸ Quantity")
}
