package widget

import (
	"fmt"
	"strings"
	"testing"

	"penstock/tui/env"

	tea "charm.land/bubbletea/v2"
)

func TestRing(t *testing.T) {
	var table, log bool
	r := NewRing(func(f bool) { table = f }, func(f bool) { log = f })
	is := func(want int) {
		t.Helper()
		if r.At() != want || table != (want == 0) || log != (want == 1) {
			t.Errorf("the focus is at %d (%v, %v), want %d", r.At(), table, log, want)
		}
	}
	is(0)
	actions := r.Actions()
	actions[0].Run()
	is(1)
	actions[0].Run()
	is(0)
	actions[1].Run()
	is(1)
	left, right := Area{0, 0, 10, 5}, Area{12, 0, 10, 5}
	r.Click(tea.MouseClickMsg{X: 3, Y: 3}, left, right)
	is(0)
	r.Click(tea.MouseClickMsg{X: 11, Y: 3}, left, right)
	is(0)
	r.Click(tea.MouseClickMsg{X: 12, Y: 0}, left, right)
	is(1)
	r.Click(tea.KeyPressMsg{}, left, right)
	is(1)
	NewRing().Set(3)
}

// TestRingTakes holds that a message goes to the parts that it is for, the mouse below their titles.
func TestRingTakes(t *testing.T) {
	var got []string
	part := func(name string) func(tea.Msg) tea.Cmd {
		return func(msg tea.Msg) tea.Cmd {
			text := fmt.Sprintf("%s %T", name, msg)
			if m, ok := msg.(tea.MouseMsg); ok {
				text = fmt.Sprintf("%s at %d,%d", name, m.Mouse().X, m.Mouse().Y)
			}
			got = append(got, text)
			return func() tea.Msg { return name }
		}
	}
	r := NewRing(func(bool) {}, func(bool) {}, func(bool) {})
	take := func(msg tea.Msg) tea.Cmd {
		got = nil
		return r.Take(msg, Stop{Area: Area{W: 10, H: 5}, Update: part("left")}, Stop{Area: Area{X: 12, W: 10, H: 5}, Update: part("right")}, Stop{Area: Area{Y: 6, W: 10, H: 3}})
	}
	for _, c := range []struct {
		msg   tea.Msg
		at    int
		heard string
	}{
		{tea.MouseClickMsg{X: 14, Y: 3, Button: tea.MouseLeft}, 1, "right at 2,2"},
		{tea.MouseWheelMsg{X: 1, Y: 1}, 1, "left at 1,0"},
		{tea.MouseClickMsg{X: 1, Y: 0, Button: tea.MouseLeft}, 0, ""}, // a title
		{tea.MouseClickMsg{X: 1, Y: 7, Button: tea.MouseLeft}, 2, ""}, // nothing takes it
		{tea.KeyPressMsg{Code: 'x'}, 2, "left tea.KeyPressMsg, right tea.KeyPressMsg"},
	} {
		cmd := take(c.msg)
		if heard := strings.Join(got, ", "); heard != c.heard || r.At() != c.at || (cmd == nil) != (c.heard == "") {
			t.Errorf("%v: heard %q, the focus is at %d", c.msg, heard, r.At())
		}
	}
}

func TestRingPlaces(t *testing.T) {
	r := NewRing(func(bool) {}, func(bool) {})
	r.Set(1)
	places := r.Places(func() env.Status { return env.Status{Actions: []env.Action{{ID: fmt.Sprint("a", r.At())}}} })
	if len(places) != 2 || places[0][0].ID != "a0" || places[1][0].ID != "a1" || r.At() != 1 {
		t.Errorf("%v, the focus is at %d", places, r.At())
	}
}
