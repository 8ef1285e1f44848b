package widget

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

func widths(areas []Area) (xs, ws []int) {
	for _, a := range areas {
		xs, ws = append(xs, a.X), append(ws, a.W)
	}
	return xs, ws
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		w, gap int
		sizes  []int
		xs, ws []int
	}{
		{80, 2, []int{30, -1}, []int{0, 32}, []int{30, 48}},
		{81, 2, []int{-1, -1}, []int{0, 41}, []int{39, 40}},
		{80, 0, []int{-1, -2, -1}, []int{0, 20, 60}, []int{20, 40, 20}},
		{80, 2, []int{-1, 20, -1}, []int{0, 30, 52}, []int{28, 20, 28}},
		{10, 2, []int{30, 20}, []int{0, 12}, []int{10, 0}},
		{10, 2, []int{4, -1, 4}, []int{0, 6, 6}, []int{4, 0, 4}},
		{0, 2, []int{-1}, []int{0}, []int{0}},
	} {
		area := Area{X: 0, Y: 3, W: c.w, H: 5}
		xs, ws := widths(area.Columns(c.gap, c.sizes...))
		if !slices.Equal(ws, c.ws) || !slices.Equal(xs[:1], c.xs[:1]) || c.ws[len(c.ws)-1] > 0 && !slices.Equal(xs, c.xs) {
			t.Errorf("%d in %v: x %v w %v, want x %v w %v", c.w, c.sizes, xs, ws, c.xs, c.ws)
		}
	}
	lines := Area{X: 1, Y: 2, W: 10, H: 20}.Lines(1, 3, -1)
	if lines[0] != (Area{1, 2, 10, 3}) || lines[1] != (Area{1, 6, 10, 16}) {
		t.Errorf("lines are %v", lines)
	}
}

func TestLocal(t *testing.T) {
	a := Area{X: 10, Y: 5, W: 20, H: 4}
	at := tea.Mouse{X: 12, Y: 6, Button: tea.MouseLeft}
	for _, msg := range []tea.Msg{tea.MouseClickMsg(at), tea.MouseReleaseMsg(at), tea.MouseWheelMsg(at), tea.MouseMotionMsg(at)} {
		got, ok := a.Local(msg)
		mouse, is := got.(tea.MouseMsg)
		if !ok || !is || mouse.Mouse().X != 2 || mouse.Mouse().Y != 1 {
			t.Errorf("%T: %v %v", msg, got, ok)
		}
	}
	if _, ok := a.Local(tea.MouseClickMsg{X: 30, Y: 6}); ok {
		t.Error("a click beside the area is for it")
	}
	if msg, ok := a.Local(tuitest.Key("j")); !ok || msg == nil {
		t.Error("a key is not for everybody")
	}
}

func TestCanvas(t *testing.T) {
	c := NewCanvas(24, 4)
	cols := c.Area().Columns(2, 8, -1)
	c.Put(cols[0], []string{"left", red + "a longer row" + reset, "東京東京東"})
	c.Put(cols[1], []string{"right", "", "京都", "four", "too many"})
	c.Put(Area{X: 3, Y: 0, W: 5, H: 1}, []string{"over"}) // already drawn
	c.Put(Area{X: 20, Y: 3, W: 50, H: 9}, []string{"wider than the canvas"})
	c.Put(Area{X: 0, Y: -1, W: 5, H: 1}, []string{"above"})
	rows := c.Rows()
	exact(t, rows, 24, 4)
	tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 24, 4))
	exact(t, NewCanvas(-1, 2).Rows(), 0, 2)
}

func TestFit(t *testing.T) {
	exact(t, Fit([]string{"a", "bcdef"}, 3, 4), 3, 4)
	exact(t, Fit([]string{"a", "b", "c"}, 3, 2), 3, 2)
	if len(Fit(nil, 3, -1)) != 0 {
		t.Error("negative height")
	}
}

func TestASCII(t *testing.T) {
	in := red + "┌─▸ ● done ✓ ████▌ 东 é … ▲▼ │" + reset
	if got, want := ASCII(in), red+"+-> * done v ####= 东 é ~ ^v |"+reset; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if Width(ASCII(in)) != Width(in) {
		t.Error("the width changed")
	}
	plain := "nothing to do"
	if ASCII(plain) != plain {
		t.Error("plain text changed")
	}
}

type hinted struct{ error }

func (hinted) Hint() string { return "start the server with `penstock --run migrate`" }

func TestPaneStates(t *testing.T) {
	e := colourful(t)
	now := noon()
	e.Now = func() time.Time { return now }
	p := NewPane(e, "Sources")
	body := func(w, h int) []string { return []string{"row 1", "row 2"} }
	var rows []string
	show := func() { rows = append(rows, p.View(40, 5, body)...) }
	p.Loading("reading sources")
	show()
	now = now.Add(7 * time.Second)
	show()
	p.Empty("no source is configured", "press a to add one")
	show()
	p.Failed(hinted{errors.New("staging: connection refused\x1b[2J by a server with a long name")}, "r")
	show()
	p.Every = time.Second
	p.Right = e.Theme.Muted.Paint("3 sources")
	p.Focused = true
	p.Live(now)
	show()
	now = now.Add(3 * time.Second)
	show()
	now = now.Add(time.Second)
	show()
	tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 40, len(rows)))
	for _, row := range rows {
		if Width(row) != 40 {
			t.Errorf("%q is %d wide", row, Width(row))
		}
	}
	if p.State() != Live || p.Stale() != 4*time.Second {
		t.Errorf("state %v, stale %v", p.State(), p.Stale())
	}
}

func TestPaneKeepsItsRows(t *testing.T) {
	e := quiet(t)
	p := NewPane(e, "Sources")
	drawn := 0
	view := func(w, h int) {
		p.View(w, h, func(int, int) []string { drawn++; return []string{"x"} })
	}
	p.Live(noon())
	for _, c := range []struct {
		name   string
		change func()
		w      int
		want   int
	}{
		{"first", func() {}, 20, 1},
		{"again", func() {}, 20, 1},
		{"touched", p.Touch, 20, 2},
		{"new size", func() {}, 21, 3},
		{"new theme", func() { e.Generation++ }, 21, 4},
		{"new data", func() { p.Live(noon()) }, 21, 5},
		{"focus", func() { p.Focused = true }, 21, 6},
		{"title", func() { p.Title = "Other" }, 21, 7},
		{"note", func() { p.Right = "1" }, 21, 8},
		{"nothing", func() {}, 21, 8},
	} {
		c.change()
		view(c.w, 4)
		if drawn != c.want {
			t.Errorf("%s: drawn %d times, want %d", c.name, drawn, c.want)
		}
	}
	if p.View(0, 4, nil) != nil || p.View(4, 0, nil) != nil {
		t.Error("a pane without room draws")
	}
}

func TestMenu(t *testing.T) {
	e := colourful(t)
	var ran string
	on := false
	item := func(title, detail, keys string) Item {
		return Item{Title: title, Detail: detail, Keys: keys, Run: func() tea.Cmd { ran = title; return nil }}
	}
	items := []Item{
		item("runs", "history of runs", "2"), item("rejects", "rows that were refused", "3"), item("insights", "charts", "4"),
		{Title: "just words"},
		{Title: "deploy", Why: "read only", Run: func() tea.Cmd { ran = "deploy"; return nil }},
		{Title: "weekly", On: func() bool { return on }, Run: func() tea.Cmd { on = !on; return nil }},
	}
	m := NewMenu(e, "Go to", items)
	keys := func(names ...string) (done bool) {
		for _, k := range names {
			_, done = m.Update(tuitest.Key(k))
		}
		return done
	}
	tuitest.GoldenStyles(t, tuitest.Draw(t, m.View(50, 8), 50, 8))
	if done := keys("down", "down", "enter"); !done || ran != "insights" {
		t.Errorf("ran %q, done %v", ran, done)
	}
	if done := keys("r", "e", "j", "enter"); !done || ran != "rejects" {
		t.Errorf("ran %q, done %v", ran, done)
	}
	if done := keys("esc"); done {
		t.Error("esc closes before the filter is cleared")
	}
	if done := keys("esc"); !done {
		t.Error("a second esc does not close")
	}
	ran = ""
	if done := keys("d", "e", "p", "enter"); done || ran != "" {
		t.Errorf("a disabled item ran %q", ran)
	}
	m = NewMenu(e, "Go to", items)
	m.View(50, 8)
	if done := keys("pgdown", "space", "enter", "space"); done || !on {
		t.Errorf("switch is %v, done %v", on, done)
	}
	keys("up", "up", "enter")
	m.Update(tea.PasteMsg{Content: "zzz"})
	if s := tuitest.Draw(t, m.View(50, 8), 50, 8); !s.Contains("nothing matches") || keys("enter") {
		t.Errorf("no match:\n%s", s.Text())
	}
	m = NewMenu(e, "Go to", items)
	m.View(50, 4)
	m.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	m.View(50, 4)
	if _, done := m.Update(tea.MouseClickMsg{X: 3, Y: 1, Button: tea.MouseLeft}); !done || ran != "rejects" {
		t.Errorf("click ran %q", ran)
	}
	if m.Title() != "Go to" {
		t.Error("title")
	}
	var _ env.Modal = m
}

func TestRank(t *testing.T) {
	order := []string{"runs", "rejects of a run", "brunch", "r u n", "nothing", "rn"}
	last := 1 << 30
	for _, text := range order[:4] {
		n := Rank("run", text)
		if n == 0 || n >= last {
			t.Errorf("%q ranks %d, not below %d", text, n, last)
		}
		last = n
	}
	for _, text := range order[4:] {
		if n := Rank("run", text); n != 0 {
			t.Errorf("%q ranks %d", text, n)
		}
	}
	if Rank("", "anything") == 0 || Rank("of run", "rejects of a run") == 0 || Rank("of zzz", "rejects of a run") != 0 {
		t.Error("every word of the query has to be found, and none is found everywhere")
	}
}

func TestPlain(t *testing.T) {
	if got := Plain("a" + red + "東" + reset + "b"); got != "a東b" {
		t.Errorf("got %q", got)
	}
	if got := strings.TrimSpace(Plain(spaces(200))); got != "" || Width(spaces(200)) != 200 {
		t.Errorf("got %q", got)
	}
}
