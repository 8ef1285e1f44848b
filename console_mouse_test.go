package main

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/tuitest"
)

// pointer works a terminal with the mouse.
type pointer struct {
	*testing.T
	*tuitest.Term
}

// place is where a text stands, once it does.
func (p pointer) place(text string) (x, y int) {
	p.T.Helper()
	x, y, _ = p.WaitText(text).Find(text)
	return x, y
}

// on waits until the cursor of a table is on the row with this text.
func (p pointer) on(text string) {
	p.T.Helper()
	p.Wait("the cursor is on "+text, func(s tuitest.Screen) bool {
		for row := range strings.Lines(s.Text()) {
			if _, after, ok := strings.Cut(row, "▸"); ok && strings.Contains(after, text) {
				return true
			}
		}
		return false
	})
}

// back presses esc once nothing is asked for any more, which it would stop.
func (p pointer) back() {
	p.T.Helper()
	still(p.T, p.Term)
	p.Keys("esc")
}

// wheel turns the wheel over a cell, down as often as notches says, up where that is below zero.
func (p pointer) wheel(x, y, notches int) {
	m := tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown}
	if notches < 0 {
		m.Button = tea.MouseWheelUp
	}
	for range max(notches, -notches) {
		p.Send(m)
	}
}

// drag moves what is held at a cell to another one.
func (p pointer) drag(x, y, toX, toY int) {
	at := func(x, y int) tea.Mouse { return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft} }
	p.Send(tea.MouseClickMsg(at(x, y)), tea.MouseMotionMsg(at((x+toX)/2, (y+toY)/2)), tea.MouseMotionMsg(at(toX, toY)), tea.MouseReleaseMsg(at(toX, toY)))
}

func insightsByMouse(t *testing.T) pointer {
	t.Helper()
	con := demoConsole(t, func(f *consoleFlags) { f.screen = "insights" })
	p := pointer{t, con.show(t, 160, 44)}
	p.WaitText("best products", "come back")
	return p
}

// TestInsightsTablesByMouse goes to each tab by a click, and there to a row, by the wheel to another one, sorts
// by a heading, and opens a row that is clicked again.
func TestInsightsTablesByMouse(t *testing.T) {
	for _, c := range []struct{ tab, row, later, heading, sorted, crumb string }{
		{"sales", "week 21 Nov 2011    ", "week 31 Oct 2011    ", "units  ", "units ▼", "▸ sales ▸ week "},
		{"products", "22697", "22470", "purchases  ", "purchases ▼", "▸ products ▸ "},
		{"customers", "loyal", "cannot lose", "net GBP    share", "net GBP ▼", "▸ customers ▸ "},
		{"countries", "Germany", "Spain", "lines", "lines ▼", "▸ countries ▸ "},
		{"pairs", "22086", "82482", "of all", "of all ▼", "▸ pairs ▸ "},
		{"inventory", "22383", "22423", "weeks idle", "weeks idle ▼", "▸ inventory ▸ "},
	} {
		inTime(t, c.tab, func(t *testing.T) {
			p := insightsByMouse(t)
			x, y := p.place("   " + c.tab)
			p.Click(x+4, y)
			p.WaitText("▸ insights ▸ " + c.tab)
			x, y = p.place(c.row)
			p.Click(x, y)
			p.on(c.row)
			p.wheel(x, y, 1)
			p.on(c.later)
			p.wheel(x, y, -1)
			p.on(c.row)
			x, y, _ = still(t, p.Term).Find(" " + c.heading)
			p.Click(x+2, y)
			p.WaitText(c.sorted)
			p.on(c.row)
			x, y = p.place(c.row)
			p.Click(x, y)
			p.WaitText("▸ insights " + c.crumb)
			still(t, p.Term) // what is asked for is there, which esc would stop
			p.back()
			p.WaitGone("▸ insights " + c.crumb)
		})
	}
}

// TestInsightsOverviewByMouse points at what the overview draws: its chart, its map, its tables; and drags.
func TestInsightsOverviewByMouse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := insightsByMouse(t)
		x, y := p.place("▸REGENCY")
		p.Click(x+1, y) // the focus first, though the cursor is there
		p.WaitText("/ filter")
		p.Click(x+1, y)
		p.WaitText("▸ overview ▸ 22423")
		p.back()
		p.wheel(x+1, y, 1)
		p.on("ROSES REGENCY")
		x, y = p.place("gross GBP    share")
		p.Click(x, y)
		p.WaitText("gross GBP ▼")

		x, y = p.place("revenue per week")
		p.Click(x+30, y+6)
		before := p.WaitText("week ").Row(y)
		p.Click(x+40, y+6)
		p.Wait("another week", func(s tuitest.Screen) bool {
			return strings.Contains(s.Row(y), "week ") && s.Row(y) != before
		})
		p.Click(x+40, y+6)
		p.WaitText("▸ overview ▸ week ")
		p.back()

		x, y = p.place(" Tue ")
		p.Click(x+6, y) // the first hour
		p.WaitText("Tue 8: 26")
		p.Click(x+6, y)
		p.WaitText("▸ overview ▸ Tue 8:00")
		p.back()

		x, y = p.place("╌╌╌")
		p.drag(x+1, y, x+1, y-4)
		p.Wait("the splitter is higher", func(s tuitest.Screen) bool { return strings.Contains(s.Row(y-4), "╌╌╌") })
		x, y = p.place("╎")
		p.drag(x, y, x-12, y)
		p.Wait("the splitter is further left", func(s tuitest.Screen) bool {
			at, _, ok := s.Find("╎")
			return ok && at == x-12
		})
	})
}

// TestInsightsMapsByMouse clicks cells of the maps of hours and cohorts, and drags the splitters of tabs.
func TestInsightsMapsByMouse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := insightsByMouse(t)
		x, y := p.place("   hours")
		p.Click(x+4, y)
		x, y = p.place(" Wed  16")
		p.Click(x+14, y)
		p.WaitText("Wed 9:00 to 10:00", "59  ")
		p.Click(x+14, y)
		p.WaitText("▸ hours ▸ Wed 9:00")
		p.back()

		x, y = p.place("   cohorts")
		p.Click(x+4, y)
		x, y = p.place(" Mar 2011 35 ")
		p.Click(x+14, y)
		p.WaitText("Mar 2011           Apr 2011")
		p.Click(x+24, y)
		p.WaitText("Mar 2011           Jun 2011")
		p.Click(x+24, y)
		p.WaitText("▸ cohorts ▸ ")
		p.back()

		for _, tab := range []string{"sales", "customers"} {
			x, y = p.place("   " + tab)
			p.Click(x+4, y)
			p.WaitText("▸ insights ▸ " + tab)
			x, y = p.place("╌╌╌")
			p.drag(x+1, y, x+1, y+3)
			p.Wait("the splitter is lower", func(s tuitest.Screen) bool { return strings.Contains(s.Row(y+3), "╌╌╌") })
		}
		x, y, _ = p.Screen().Find("50  ▒") // of the customers below the segments
		_, y = p.place("customer  ")
		p.wheel(6, y+2, 1)
		p.Wait("the customers move", func(s tuitest.Screen) bool { return strings.Contains(s.Row(y+4), "▸") })
		_ = x
	})
}

// TestPipelineByMouse works every part of the pipeline's screen.
func TestPipelineByMouse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		con := demoConsole(t, nil)
		p := pointer{t, con.show(t, 160, 44)}
		p.WaitText("! web-shop", "Sources")
		x, y := p.place("transform ─")
		p.Click(x, y)
		p.WaitText("▸transform", " Transform")

		x, y = p.place("  4,120 ")
		p.Click(x, y)
		p.on("web-shop")
		p.wheel(x, y, -1)
		p.on("online-retail")
		p.wheel(x, y, 1)
		p.on("market")
		x, y = p.place("rejects   fresh")
		p.Click(x+1, y)
		p.WaitText("reje… ▼")

		_, y = p.place("started, engine go")
		p.Click(20, y)
		p.WaitText("stopped at 2 of")
		p.wheel(20, y, 9)
		p.WaitText("follow")
		p.WaitGone("stopped at")
		p.wheel(20, y, -1)
		p.WaitText("stopped at")

		x, y = p.place("└-1 min")
		p.Click(x+30, y-1)
		p.Wait("the cursor of the chart", func(s tuitest.Screen) bool {
			for row := range strings.Lines(s.Text()) {
				if strings.Contains(row, "rows/s  ") && strings.Contains(row, " 09:29:") {
					return true
				}
			}
			return false
		})
		p.back()

		x, y = p.place("╎")
		p.drag(x, y, x-12, y)
		p.Wait("the splitter is further left", func(s tuitest.Screen) bool {
			at, _, ok := s.Find("╎")
			return ok && at == x-12
		})
		_, ly := p.place(" Log ")
		p.drag(x, ly-1, x, ly-5)
		p.Wait("the log is higher", func(s tuitest.Screen) bool { return strings.HasPrefix(strings.TrimSpace(s.Row(ly-4)), "Log") })

		x, y = p.place("x cancel")
		p.Click(x, y)
		p.WaitText("Cancel run 42")
		p.back()
		x, y = p.place(" 4 insights")
		p.Click(x+2, y)
		p.WaitText("▸ insights")
	})
}
