package tui_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// Remember has the sample be one that is arranged: by the filter of its table.
func (s *sample) Remember() json.RawMessage {
	raw, err := json.Marshal(s.table.Filter())
	if err != nil {
		return nil
	}
	return raw
}

// Recall implements the other half.
func (s *sample) Recall(raw json.RawMessage) {
	var filter string
	if json.Unmarshal(raw, &filter) == nil {
		s.table.SetFilter(filter)
	}
	s.seen = append(s.seen, "recalled "+string(raw))
}

// keeper is where sessions are kept.
type keeper struct {
	mu   sync.Mutex
	kept []tui.Session
	err  error
}

func (k *keeper) keep(s tui.Session) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, s)
	return k.err
}

// latest returns what was kept with the greatest number.
func (k *keeper) latest() (last tui.Session) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.kept {
		if s.Number > last.Number {
			last = s
		}
	}
	return last
}

func TestSessionsResume(t *testing.T) {
	c, k := newConsole(t), &keeper{}
	last := tui.Session{Screen: "loads", Screens: map[string]json.RawMessage{"loads": []byte(`"quantity"`), "lake": []byte(`"7.x"`), "gone": []byte(`{}`)}}
	c.app.Resume(last, k.keep)
	c.start(t, 100, 24)
	c.WaitText("Rows of loads", "/quantity", "30 of 30")
	c.Keys("1")
	c.WaitText("Rows of rejects", "30")
	c.Keys("/")
	c.WaitText("enter done")
	c.Type("3.x")
	c.Keys("enter")
	c.WaitText("/3.x", "3 of 30")
	c.Keys("2")
	c.WaitText("Rows of loads")
	c.Wait("a session that is kept", func(tuitest.Screen) bool { return k.latest().Screen == "loads" })
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"loads": `"quantity"`, "lake": `"7.x"`, "rejects": `"3.x"`, "gone": `{}`} // lake was not opened
	for _, s := range []tui.Session{k.latest(), c.app.Session()} {
		if s.Screen != "loads" || len(s.Screens) != len(want) {
			t.Errorf("kept %+v", s)
		}
		for id, raw := range want {
			if string(s.Screens[id]) != raw {
				t.Errorf("of %s %s is kept, want %s", id, s.Screens[id], raw)
			}
		}
	}
	if seen := c.samples["loads"].seen; !slices.Contains(seen, `recalled "quantity"`) || !strings.HasPrefix(seen[0], "recalled") {
		t.Errorf("loads saw %v", seen)
	}
}

func TestWhatIsAskedForBeatsTheLastSession(t *testing.T) {
	for name, o := range map[string]struct {
		start, last, want string
	}{
		"asked for":       {"lake", "loads", "Rows of lake"},
		"no longer there": {"", "tune", "Rows of rejects"},
		"none":            {"", "", "Rows of rejects"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, func(p *tui.Options) { p.Start = o.start })
			c.app.Resume(tui.Session{Screen: o.last}, nil, env.ToastMsg{Level: env.Warn, Text: "told at first"})
			c.start(t, 100, 24)
			c.WaitText(o.want, "told at first")
		})
	}
}

func TestASessionThatCannotBeKeptIsToldOnce(t *testing.T) {
	c, k := newConsole(t), &keeper{err: errors.New("no room")}
	c.app.Resume(tui.Session{}, k.keep)
	c.start(t, 100, 24)
	c.WaitText("Rows of rejects", "30")
	c.Keys("2")
	c.WaitText("Rows of loads", "this session is not remembered: no room")
	c.Keys("1")
	c.WaitText("Rows of rejects")
	c.Keys("2")
	c.WaitText("Rows of loads")
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.kept) != 1 {
		t.Errorf("asked %d times", len(k.kept))
	}
}

func TestTheHeaderSaysPaused(t *testing.T) {
	c := newConsole(t)
	c.store.paused = noon().Add(-75 * time.Second)
	c.start(t, 100, 24)
	c.WaitText("paused 1:15")
}
