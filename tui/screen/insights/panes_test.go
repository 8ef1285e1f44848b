package insights

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
)

func TestOverviewPanes(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	v := h.screen.top().(*overview)
	h.draw(118, 36)
	was := v.panes.Area(paneRevenue)
	h.press("+")
	now := v.panes.Area(paneRevenue)
	if now.W <= was.W || v.panes.Area(paneHours).W != now.W {
		t.Errorf("larger: %v was %v, and %v below it", now, was, v.panes.Area(paneHours))
	}
	h.press("z")
	if s := h.draw(118, 36); s.Contains("best products") || !s.Contains("revenue per week") {
		t.Errorf("zoomed:\n%s", s.Text())
	}
	h.press("w")
	if s := h.draw(118, 36); !s.Contains("best products") || s.Contains("revenue per week") {
		t.Errorf("zoom follows the focus:\n%s", s.Text())
	}
	h.press("esc")
	h.wantText("best products", "revenue per week")
	h.draw(118, 36)
	x := v.panes.Area(paneBest).X
	mouse := func(x, y int) tea.Mouse { return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft} }
	for _, m := range []tea.Msg{tea.MouseClickMsg(mouse(x-2, 10)), tea.MouseMotionMsg(mouse(x-12, 60)), tea.MouseReleaseMsg(mouse(x-12, 60))} {
		h.run(h.screen.Update(m))
	}
	if got := v.panes.Area(paneBest).X; got != x-10 {
		t.Errorf("dragged from %d to %d", x, got)
	}
}

func TestSalesPanes(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("sales")
	h.draw(118, 36)
	v := h.screen.top().(*sales)
	was := v.panes.Area(paneTrend).H
	h.press("w", "+")
	if got := v.panes.Area(paneTrend).H; got != was+2 || v.table.Focused {
		t.Errorf("the chart has %d rows, had %d", got, was)
	}
	row, _ := v.table.Cursor()
	h.press("left", "left") // the cursor moves as with the table
	if now, _ := v.table.Cursor(); now != row+2 {
		t.Errorf("at %d, was at %d", now, row)
	}
	h.press("z")
	if s := h.draw(118, 36); s.Contains("sales by week") {
		t.Errorf("zoomed:\n%s", s.Text())
	}
	at, _ := v.trend().At(v.panes.Area(paneTrend).W, v.panes.Area(paneTrend).H, 60)
	h.run(h.screen.Update(tea.MouseClickMsg{X: 60, Y: h.screen.body.Y + 5, Button: tea.MouseLeft}))
	now, _ := v.table.Cursor()
	for i, p := range v.list {
		if p.Start.Sub(at).Abs() < v.list[now].Start.Sub(at).Abs() {
			t.Errorf("clicked at %v: the cursor is on %v, %v is nearer (%d)", at, v.list[now].Start, p.Start, i)
		}
	}
}

func TestSpacePauses(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.press("space")
	if h.screen.Status().Paused.IsZero() || h.screen.Status().Actions[0].Title != "go on" {
		t.Error("not paused")
	}
	if cmd := h.screen.refresh(now().Add(checkEvery)); cmd != nil {
		t.Error("the marts are looked at while the screen is paused")
	}
	h.press("space")
	if !h.screen.Status().Paused.IsZero() || h.screen.refresh(now().Add(checkEvery)) == nil {
		t.Error("it does not go on")
	}
}

// TestPausedMartsThatAreAwaySayHowToGoOn holds a paused screen, which asks for nothing, to offering the way on,
// whether there are marts to show or not.
func TestPausedMartsThatAreAwaySayHowToGoOn(t *testing.T) {
	f, o := spoiled(t)
	h := newHarness(t, quiet(t), o)
	h.press("space")
	f.err = errors.New("connection reset")
	h.press("r")
	h.wantText("this is as it was just now; paused, space tries again: connection reset")
	f.err = nil
	h.press("space")
	if s := h.draw(118, 36); s.Contains("out of reach") {
		t.Errorf("it goes on, and the banner stays:\n%s", s.Text())
	}
	whole := f.health
	h.press("space")
	f.health = mart.Health{State: mart.State{State: "missing"}}
	h.press("r")
	h.wantText("Nothing is loaded yet.")
	if list := h.screen.Status().Actions; list[0].Title != "go on" || h.screen.refresh(now().Add(checkEvery)) != nil {
		t.Errorf("paused without marts, and the first action is %q", list[0].Title)
	}
	f.health = whole
	h.press("space")
	h.wantText("best products")
	f.health = mart.Health{State: mart.State{State: "missing"}}
	h.press("r")
	for _, a := range h.screen.Status().Actions {
		if a.ID == ID+".pause" {
			t.Error("there is nothing to pause")
		}
	}
}

// TestEverythingIsRemembered arranges each tab; another screen is arranged alike.
func TestEverythingIsRemembered(t *testing.T) {
	e := quiet(t)
	e.Width = 120
	h := newHarness(t, e, demoOptions())
	h.draw(118, 36)
	h.press("w", "+", "s")
	for _, tab := range []string{"sales", "products", "customers", "hours", "countries", "pairs", "cohorts", "inventory"} {
		h.visit(tab)
		h.draw(118, 36)
		switch tab {
		case "sales":
			h.press("o", ">", "w", "+", "z")
		case "customers", "countries":
			h.press("+", "l", "s")
		default:
			h.press("v")
		}
	}
	raw := h.screen.Remember()
	other := newHarness(t, quiet(t), demoOptions())
	other.screen.Recall(raw)
	if got := other.screen.Remember(); string(got) != string(raw) {
		t.Errorf("%s\nbecame\n%s", raw, got)
	}
	for _, want := range []string{`"tab":"inventory"`, `"mode":"month"`, `"mode":"worst products"`, `"mode":"gross revenue"`, `"zoomed":true`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
}

func TestPersonalDataIsNotRemembered(t *testing.T) {
	o := demoOptions()
	o.PII = []string{"customer_id", "product_code", "description"}
	h := newHarness(t, quiet(t), o)
	h.visit("products")
	l := h.screen.top().(*listing)
	id := value(l.query.value, 0, "product_code")
	for filter, kept := range map[string]bool{id: false, "product:" + id: false, "units:>" + id[:2]: true} {
		h.run(l.table.SetFilter(filter))
		raw := h.screen.Remember()
		if strings.Contains(string(raw), id) || strings.Contains(string(raw), `"filter"`) != kept {
			t.Errorf("filter %q leaves %s", filter, raw)
		}
	}
	h.press("p") // shown, and kept as little
	h.run(l.table.SetFilter(id))
	if raw := h.screen.Remember(); strings.Contains(string(raw), id) {
		t.Errorf("shown: %s", raw)
	}
	h.press("esc", "enter")
	raw := h.screen.Remember()
	if len(h.screen.levels) == 0 || strings.Contains(string(raw), id) {
		t.Errorf("a level below: %s", raw)
	}
}
