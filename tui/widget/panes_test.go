package widget

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// sample is panes 0 to 3: 0 at the left, 1 over 2 at the right, 3 below all.
func samplePanes() Part {
	return Down("rows", -1, 1,
		Across("columns", -1, 3, One(0, 30, 10, 3), Down("right", -1, 1, One(1, -1, 10, 3), One(2, 6, 10, 4))),
		One(3, 8, 10, 5))
}

// paneKey does the action that has a key.
func paneKey(t *testing.T, p *Panes, key string) {
	t.Helper()
	for _, a := range p.Actions(nil) {
		if slices.Contains(a.Keys, key) {
			if a.Why() == "" {
				a.Run()
			}
			return
		}
	}
	t.Fatalf("no action has key %s", key)
}

func TestPanesShareTheRoom(t *testing.T) {
	focus := 1
	p := NewPanes(colourful(t), func() int { return focus })
	room := Area{X: 2, Y: 1, W: 100, H: 40}
	p.Lay(room, samplePanes())
	want := map[int]Area{0: {2, 1, 30, 31}, 1: {35, 1, 67, 24}, 2: {35, 26, 67, 6}, 3: {2, 33, 100, 8}}
	if !maps.Equal(p.areas, want) {
		t.Fatalf("by themselves: %v", p.areas)
	}
	paneKey(t, p, "+")
	want = map[int]Area{0: {2, 1, 26, 33}, 1: {31, 1, 71, 28}, 2: {31, 30, 71, 4}, 3: {2, 35, 100, 6}}
	if !maps.Equal(p.areas, want) {
		t.Errorf("pane 1 larger: %v", p.areas)
	}
	for range 20 {
		paneKey(t, p, "=")
	}
	if a := p.Area(1); a != (Area{15, 1, 87, 29}) || p.Area(2).H != 4 || p.Area(0).W != 10 || p.Area(3).H != 5 {
		t.Errorf("as large as the others can: %v", p.areas)
	}
	for range 50 {
		paneKey(t, p, "-")
	}
	if a := p.Area(1); a.W != 10 || a.H != 3 {
		t.Errorf("as small as it can: %v", p.areas)
	}
	p.Lay(Area{W: 50, H: 20}, samplePanes())
	for i, a := range p.areas {
		if a.W < 10 || a.H < 3 || a.X+a.W > 50 || a.Y+a.H > 20 {
			t.Errorf("pane %d of a small screen: %v", i, a)
		}
	}
	p.reset()
	p.Lay(room, samplePanes())
	if a := p.Area(1); a != (Area{35, 1, 67, 24}) {
		t.Errorf("as they were: %v", p.areas)
	}
}

func TestPanesFillWhateverRoomThereIs(t *testing.T) {
	p := NewPanes(colourful(t), func() int { return 2 })
	p.Lay(Area{W: 100, H: 40}, samplePanes())
	paneKey(t, p, "+")
	for w := range 120 {
		for h := range 45 {
			p.Lay(Area{W: w, H: h}, samplePanes())
			c := NewCanvas(w, h)
			p.Draw(c, func(pane, w, h int) []string { return Fit(nil, w, h) })
			exact(t, c.Rows(), w, h)
			for i, a := range p.areas {
				if a.W < 0 || a.H < 0 || a.W > 0 && a.H > 0 && (a.X+a.W > w || a.Y+a.H > h) {
					t.Fatalf("pane %d in %dx%d is at %v", i, w, h, a)
				}
			}
		}
	}
}

func TestPanesZoom(t *testing.T) {
	focus := 3
	p := NewPanes(colourful(t), func() int { return focus })
	room := Area{W: 100, H: 40}
	if p.Lay(room, One(3, -1, 0, 0)); p.Actions(nil)[0].Why() == "" {
		t.Error("the only pane can be zoomed")
	}
	p.Lay(room, samplePanes())
	paneKey(t, p, "z")
	if p.Area(3) != room || len(p.areas) != 1 || !p.Zoomed() {
		t.Fatalf("zoomed: %v", p.areas)
	}
	if first := p.Actions(nil)[0]; first.Title != "all panes" || first.Hidden {
		t.Errorf("the footer says %+v", first)
	}
	paneKey(t, p, "+") // refused: it has everything
	focus = 0
	p.Lay(room, samplePanes())
	if p.Area(0) != room || p.Area(3) != (Area{}) {
		t.Errorf("zoom follows the focus: %v", p.areas)
	}
	if !p.Back() || p.Back() || len(p.areas) != 4 {
		t.Errorf("back: %v", p.areas)
	}
}

func TestPanesAreDragged(t *testing.T) {
	p := NewPanes(colourful(t), func() int { return 0 })
	p.Lay(Area{W: 100, H: 40}, samplePanes())
	mouse := func(x, y int) tea.Mouse { return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft} }
	if p.Mouse(tea.MouseClickMsg(mouse(5, 5))) || p.Mouse(tea.MouseMotionMsg(mouse(9, 9))) || p.Mouse(tuitest.Key("j")) {
		t.Error("what happens in a pane is taken for a splitter")
	}
	if !p.Mouse(tea.MouseClickMsg(mouse(31, 12))) || !p.Mouse(tea.MouseMotionMsg(mouse(41, 2))) || !p.Mouse(tea.MouseMotionMsg(mouse(46, 3))) {
		t.Fatal("the splitter between the columns is not taken")
	}
	if a, b := p.Area(0), p.Area(1); a.W != 45 || b.X != 48 || b.W != 52 {
		t.Errorf("dragged to 46: %v %v", a, b)
	}
	if !p.Mouse(tea.MouseMotionMsg(mouse(99, 3))) || p.Area(1).W != 10 {
		t.Errorf("dragged too far: %v", p.Area(1))
	}
	if !p.Mouse(tea.MouseReleaseMsg(mouse(60, 3))) || p.Mouse(tea.MouseMotionMsg(mouse(20, 3))) || p.Area(1).W != 10 {
		t.Error("a splitter that was let go moves")
	}
	if !p.Mouse(tea.MouseClickMsg(mouse(50, 31))) || !p.Mouse(tea.MouseMotionMsg(mouse(50, 20))) {
		t.Fatal("the splitter between the rows is not taken")
	}
	if a := p.Area(3); a.Y != 21 || a.H != 19 {
		t.Errorf("dragged to 20: %v", a)
	}
}

func TestPanesFrame(t *testing.T) {
	p := NewPanes(colourful(t), func() int { return 1 })
	draw := func() []string {
		c := NewCanvas(60, 20)
		p.Lay(c.Area(), samplePanes())
		p.Draw(c, func(pane, w, h int) []string {
			return slices.Repeat([]string{strings.Repeat(string(rune('0'+pane)), w)}, h)
		})
		return c.Rows()
	}
	draw()
	rows := draw()
	p.Mouse(tea.MouseClickMsg{X: 31, Y: 2, Button: tea.MouseLeft})
	p.Mouse(tea.MouseMotionMsg{X: 20, Y: 2, Button: tea.MouseLeft})
	rows = append(rows, draw()...)
	tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 60, len(rows)))
}

func TestPanesAreRemembered(t *testing.T) {
	room, focus := Area{W: 100, H: 40}, 2
	p := NewPanes(colourful(t), func() int { return focus })
	p.Lay(room, samplePanes())
	paneKey(t, p, "+")
	want := maps.Clone(p.areas)
	paneKey(t, p, "z")
	raw, err := json.Marshal(p.Remember())
	if err != nil {
		t.Fatal(err)
	}
	var st PanesState
	if err := json.Unmarshal(raw, &st); err != nil {
		t.Fatal(err)
	}
	again := NewPanes(colourful(t), func() int { return focus })
	again.Recall(st)
	again.Lay(room, samplePanes())
	if !again.Zoomed() || st.Focus != 2 || !again.Back() || !maps.Equal(again.areas, want) {
		t.Errorf("%s became %v, want %v", raw, again.areas, want)
	}
	for _, bad := range []string{
		`{"shares":{"rows2":[0.5,0.6]}}`, `{"shares":{"rows2":[1.5,-0.5]}}`, `{"shares":{"rows2":[1]}}`, `{"shares":{"rows2":[0.2,0.3,0.5]}}`, `{"shares":{"rows2":null}}`,
	} {
		var st PanesState
		if err := json.Unmarshal([]byte(bad), &st); err != nil {
			t.Fatal(err)
		}
		p := NewPanes(colourful(t), func() int { return focus })
		p.Recall(st)
		if p.Lay(room, samplePanes()); p.Area(3).H != 8 {
			t.Errorf("%s was taken: %v", bad, p.areas)
		}
	}
}

func TestTablesAreRemembered(t *testing.T) {
	columns := []Column{{Title: "customer", Private: true}, {Title: "revenue", Number: true}, {Title: "country"}, {Title: "extra", Hidden: true}}
	fresh := func() *Table { return NewTable(colourful(t), "test", "test", columns...) }
	trip := func(table *Table) (*Table, string) {
		raw, err := json.Marshal(table.Remember())
		if err != nil {
			t.Fatal(err)
		}
		var st TableState
		if err := json.Unmarshal(raw, &st); err != nil {
			t.Fatal(err)
		}
		again := fresh()
		again.Recall(st)
		return again, string(raw)
	}
	if _, raw := trip(fresh()); raw != "{}" {
		t.Errorf("a table that nobody touched leaves %s", raw)
	}
	a := fresh()
	a.SetFilter("country:france revenue:>10")
	putInOrder(a, "revenue", true)
	a.col = 2
	a.moveColumn(-1)
	a.widen(4)
	a.freeze()
	a.cols[3].Hidden = false
	b, raw := trip(a)
	by, down := b.Sorted()
	if b.Filter() != "country:france revenue:>10" || by != "revenue" || !down || b.frozen != 2 || len(b.shown()) != 4 || b.cols[1].Title != "country" || b.cols[1].extra != a.cols[1].extra {
		t.Errorf("%s became %+v", raw, b.cols)
	}
	if b.query.Match(func(col int) string { return [...]string{"17850", "9", "France", ""}[col] }, 4) {
		t.Error("the filter that was recalled does not filter")
	}
	for filter, kept := range map[string]bool{
		"17850": false, "!17850": false, "customer:17850": false, "cust:=17850": false, "country:france 17850": false, "country:france": true, "revenue:>17850": true,
	} {
		a := fresh()
		a.SetFilter(filter)
		if _, raw := trip(a); strings.Contains(raw, "filter") != kept || !kept && strings.Contains(raw, "17850") {
			t.Errorf("filter %q leaves %s", filter, raw)
		}
	}
	c := fresh()
	c.Recall(TableState{Sort: "gone", Frozen: 99, Columns: []ColumnState{{Title: "gone"}, {Title: "customer", Hidden: true}, {Title: "revenue", Hidden: true}, {Title: "country", Hidden: true}}})
	if by, _ := c.Sorted(); by != "" || len(c.shown()) != 1 {
		t.Errorf("of columns that are no more: %v", c.cols)
	}
}

func TestPause(t *testing.T) {
	e := colourful(t)
	var told []bool
	p := NewPause(e)
	p.Changed = func(on bool) tea.Cmd { told = append(told, on); return nil }
	action := func() env.Action { return p.Actions("runs", nil)[0] }
	if a := action(); a.ID != "runs.pause" || !a.Hidden || a.Keys[0] != "space" {
		t.Errorf("%+v", a)
	}
	action().Run()
	if !p.On() || !p.Since().Equal(e.Now()) || action().Title != "go on" {
		t.Error("not paused")
	}
	action().Run()
	if p.On() || !slices.Equal(told, []bool{true, false}) {
		t.Errorf("told %v", told)
	}
}

// TestChartsKnowWhatIsUnderTheMouse draws a chart with the cursor where a click was, and finds the line there.
func TestChartsKnowWhatIsUnderTheMouse(t *testing.T) {
	e := colourful(t)
	c := LineChart{Title: "rows/s", From: noon(), To: noon().Add(10 * time.Minute)}
	for i := range 11 {
		c.Series = []Series{{Points: append(c.series(), Point{At: noon().Add(time.Duration(i) * time.Minute), V: float64(1000 * i)}), Style: e.Theme.Series[0]}}
	}
	const w, h = 60, 10
	hits := 0
	for x := range w {
		at, ok := c.At(w, h, x)
		if !ok {
			continue
		}
		hits++
		drawn := c
		drawn.Cursor = at
		row := []rune(Plain(drawn.View(e, w, h)[1])) // the line is not drawn over here
		if x >= len(row) || row[x] != '│' && x < w-8 {
			t.Errorf("a click on column %d is taken for %s, which is drawn elsewhere: %q", x, at.Format("15:04:05"), string(row))
		}
	}
	if hits < w-12 {
		t.Errorf("only %d columns are of the plot", hits)
	}
	for _, x := range []int{-1, 0, w, 99} {
		if _, ok := c.At(w, h, x); ok {
			t.Errorf("column %d is in the plot", x)
		}
	}
	if _, ok := (LineChart{}).At(w, h, 30); ok {
		t.Error("a chart without points has times")
	}
}

func (c LineChart) series() []Point {
	if len(c.Series) == 0 {
		return nil
	}
	return c.Series[0].Points
}
