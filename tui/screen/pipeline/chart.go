package pipeline

import (
	"math"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// window is a time that the chart of the pace can show.
type window struct {
	name string
	of   time.Duration // 0: all there is
}

// windows are the times, the shortest first; minute is the one that one starts with.
func windows() [4]window {
	return [...]window{{"30 s", 30 * time.Second}, {"1 min", time.Minute}, {"5 min", 5 * time.Minute}, {"all", 0}}
}

const minute = 1

// paceChart is the chart of the pace: of the last minute, or as the user wants it.
func (s *Screen) paceChart() widget.LineChart {
	c := widget.LineChart{
		Title: "rows/s", Ago: true, FromZero: true, Empty: "the pace shows while a run is watched", Focused: s.chart.Focused,
		Series: []widget.Series{{Points: s.samples.points, Style: s.env.Theme.Series[0], Area: true}},
	}
	n := len(s.samples.points)
	if n == 0 {
		return c
	}
	c.To = s.samples.points[n-1].At
	c.From = s.samples.points[0].At
	if of := windows()[s.window].of; of > 0 {
		c.From = c.To.Add(-of)
	}
	if s.chart.Focused {
		c.Cursor = c.To
		if !s.cursor.IsZero() {
			c.Cursor = later(s.cursor, c.From)
		}
		c.CursorAt = c.Cursor.In(s.env.Now().Location()).Format("15:04:05")
	}
	return c
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (s *Screen) drawChart(w, h int) []string { return s.paceChart().View(s.env, w, h) }

// chartActions are what can be done while the chart has the focus.
func (s *Screen) chartActions() []env.Action {
	list := windows()
	zoom := func(by int) func() tea.Cmd {
		return func() tea.Cmd {
			s.window = max(0, min(s.window+by, len(list)-1))
			s.chart.Touch()
			return nil
		}
	}
	at := func(end int) func() string {
		return func() string {
			if s.window == end {
				return "the chart shows " + list[end].name
			}
			return ""
		}
	}
	return []env.Action{
		{ID: "chart.shorter", Title: "zoom in", Keys: []string{"i"}, Help: "a shorter time in the chart: all, 5 min, 1 min, 30 s", Run: zoom(-1), Disabled: at(0)},
		{ID: "chart.longer", Title: "zoom out", Keys: []string{"o"}, Help: "a longer time in the chart: 30 s, 1 min, 5 min, all", Run: zoom(1), Disabled: at(len(list) - 1)},
		{ID: "chart.cursor", Title: "cursor", Keys: []string{"left", "right", "h", "l", "home", "end"}, Help: "the value at another time; esc follows the latest", Hidden: true},
	}
}

// moveCursor moves the cursor of the chart by a measurement.
func (s *Screen) moveCursor(key string) {
	points := s.samples.points
	if len(points) == 0 {
		return
	}
	at := s.nearest(s.paceChart().Cursor)
	switch key {
	case "left", "h":
		at--
	case "right", "l":
		at++
	case "home", "g":
		at = s.nearest(s.paceChart().From)
	case "end", "G":
		at = len(points) - 1
	default:
		return
	}
	s.putCursor(max(0, at))
}

// putCursor puts the cursor on a measurement; on the latest one it follows.
func (s *Screen) putCursor(at int) {
	points := s.samples.points
	s.cursor = time.Time{}
	if at < len(points)-1 {
		s.cursor = points[at].At
	}
	s.chart.Touch()
}

// pointAt puts the cursor under a click in a chart of w by h cells.
func (s *Screen) pointAt(x, w, h int) {
	if at, ok := s.paceChart().At(w, h, x); ok {
		s.putCursor(s.nearest(at))
	}
}

// nearest returns which measurement is nearest to a time, -1 if there is none.
func (s *Screen) nearest(t time.Time) int {
	best, least := -1, time.Duration(math.MaxInt64)
	for i, p := range s.samples.points {
		if d := p.At.Sub(t).Abs(); d < least {
			best, least = i, d
		}
	}
	return best
}
