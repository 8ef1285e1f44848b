package widget

import (
	"testing"

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
