package widget

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// wave is a steady curve with a hole in it.
func wave(n int, scale float64) []Point {
	var list []Point
	for i := range n {
		v := scale * (1 + math.Sin(float64(i)/8))
		if i > n/2 && i < n/2+n/10 {
			v = math.NaN()
		}
		list = append(list, Point{At: noon().Add(time.Duration(i) * time.Second), V: v})
	}
	return list
}

func modes(t *testing.T) map[string]*env.Env {
	t.Helper()
	ascii, plain := quiet(t), quiet(t)
	ascii.ASCII = true
	plain.Plain = true
	return map[string]*env.Env{"braille": colourful(t), "ascii": ascii, "plain": plain}
}

func TestLineChart(t *testing.T) {
	for name, e := range modes(t) {
		for _, size := range [][2]int{{40, 8}, {80, 14}} {
			t.Run(fmt.Sprintf("%s-%d", name, size[0]), func(t *testing.T) {
				chart := LineChart{Title: "rows", Unit: "per second", Series: []Series{
					{Name: "read", Points: wave(120, 400_000), Style: e.Theme.Series[0], Area: true},
					{Name: "loaded", Points: wave(120, 250_000), Style: e.Theme.Series[1]},
				}}
				rows := chart.View(e, size[0], size[1])
				exact(t, rows, size[0], size[1])
				tuitest.Golden(t, tuitest.Draw(t, rows, size[0], size[1]))
			})
		}
	}
}

// exact holds rows to their size.
func exact(t *testing.T, rows []string, w, h int) {
	t.Helper()
	if len(rows) != h {
		t.Errorf("%d rows, want %d", len(rows), h)
	}
	for _, row := range rows {
		if Width(row) != w {
			t.Errorf("%q is %d wide, want %d", row, Width(row), w)
		}
	}
}

func TestLineChartCursorAndAgo(t *testing.T) {
	e := colourful(t)
	chart := LineChart{Title: "rows", Ago: true, Cursor: noon().Add(30 * time.Second), Format: func(v float64) string {
		return fmt.Sprintf("%.1f", v)
	}, Series: []Series{{Points: wave(60, 10), Style: e.Theme.Accent}}}
	s := tuitest.Draw(t, chart.View(e, 60, 10), 60, 10)
	tuitest.GoldenStyles(t, s)
	if !s.Contains("-59 s") || !s.Contains("now") || !s.Contains("12:00:30") {
		t.Errorf("labels are missing:\n%s", s.Text())
	}
}

func TestLineChartGaps(t *testing.T) {
	e := quiet(t)
	points := []Point{{noon(), 1}, {noon().Add(time.Second), 1}, {noon().Add(time.Minute), 1}}
	plot := func(gap time.Duration) int {
		c := LineChart{Series: []Series{{Points: points}}, Gap: gap}
		n := 0
		for _, row := range c.View(e, 40, 6)[1:5] {
			n += strings.Count(row, "⠉") + strings.Count(row, "⣀") + strings.Count(row, "⠤") + strings.Count(row, "⠒")
		}
		return n
	}
	if joined, apart := plot(0), plot(10*time.Second); joined < 30 || apart > 3 {
		t.Errorf("joined %d cells, apart %d", joined, apart)
	}
}

func TestLineChartWithoutValues(t *testing.T) {
	e := quiet(t)
	for _, c := range []LineChart{
		{Title: "t", Empty: "no run yet"},
		{Title: "t", Empty: "no run yet", Series: []Series{{Points: []Point{{noon(), math.NaN()}, {noon(), math.Inf(1)}}}}},
	} {
		rows := c.View(e, 40, 6)
		exact(t, rows, 40, 6)
		if s := tuitest.Draw(t, rows, 40, 6); !s.Contains("no run yet") {
			t.Errorf("says nothing:\n%s", s.Text())
		}
	}
}

func TestChartsAtAnySize(t *testing.T) {
	for _, e := range modes(t) {
		for w := range 20 {
			for h := range 8 {
				line := LineChart{Title: "title", Unit: "unit", Series: []Series{{Name: "a", Points: wave(30, 5)}}}
				exact(t, line.View(e, w, h), w, h)
				one := LineChart{Series: []Series{{Points: wave(1, -5)}}}
				exact(t, one.View(e, w, h), w, h)
				bars := BarChart{Title: "title", Items: []BarItem{{Label: "one", Value: 3}, {Label: "東京", Value: math.NaN()}}}
				exact(t, bars.View(e, w, h), w, h)
				heat := HeatMap{Title: "t", Rows: []string{"Mon", "Tue"}, Cols: []string{"8", "9"}, Value: func(r, c int) float64 { return float64(r + c) }}
				exact(t, heat.View(e, w, h), w, h)
				if got := Width(Progress(e, 0.5, "half", w)); got != w {
					t.Errorf("progress of %d is %d wide", w, got)
				}
			}
		}
	}
}

func TestBarChart(t *testing.T) {
	for name, e := range modes(t) {
		t.Run(name, func(t *testing.T) {
			var items []BarItem
			for i, label := range []string{"REGENCY CAKESTAND 3 TIER", "PAPER CRAFT", "東京タワー", "none", "negative"} {
				items = append(items, BarItem{Label: label, Value: []float64{174157, 168470, 60000, 0, -5}[i], Style: e.Theme.Series[0]})
			}
			chart := BarChart{Title: "best products", Unit: "revenue", Items: items}
			tuitest.Golden(t, tuitest.Draw(t, append(chart.View(e, 60, 6), chart.View(e, 34, 4)...), 60, 10))
		})
	}
	if s := Plain(strings.Join(BarChart{Empty: "no sales"}.View(quiet(t), 30, 3), "")); !strings.Contains(s, "no sales") {
		t.Errorf("an empty chart says %q", s)
	}
}

func TestHeatMap(t *testing.T) {
	hours := []string{"8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19"}
	for name, e := range modes(t) {
		t.Run(name, func(t *testing.T) {
			heat := HeatMap{
				Title: "when people buy", Unit: "purchases", Rows: []string{"Mon", "Tue", "Sat"}, Cols: hours, Row: 1, Col: 3,
				Value: func(r, c int) float64 {
					if r == 2 {
						return math.NaN()
					}
					return float64((r + 1) * c * 10)
				},
			}
			rows := append(heat.View(e, 60, 7), heat.View(e, 30, 6)...)
			tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 60, len(rows)))
		})
	}
}

func TestSparkAndProgress(t *testing.T) {
	e, ascii := quiet(t), quiet(t)
	ascii.ASCII = true
	st := e.Theme.Text
	for _, c := range []struct{ got, want string }{
		{Spark(e, st, []float64{0, 1, 2, 3, 4, 5, 6, 7}, 8), "▁▂▃▄▅▆▇█"},
		{Spark(e, st, []float64{0, 7}, 4), "  ▁█"},
		{Spark(e, st, []float64{9, 9, 0, math.NaN(), 7}, 3), "▁ █"},
		{Spark(e, st, []float64{-7, 0, 7}, 3), "▁▅█"},
		{Spark(e, st, []float64{0, 0}, 2), "▁▁"},
		{Spark(ascii, st, []float64{0, 7}, 2), "_@"},
		{Spark(e, st, nil, 3), "   "},
		{Progress(e, 0.61, "", 26), "████████████▎·······  61 %"},
		{Progress(e, 0, "", 12), "······   0 %"},
		{Progress(e, 0.999, "", 12), "██████  99 %"},
		{Progress(e, 1.5, "", 12), "██████ 100 %"},
		{Progress(e, -1, "counting", 12), "counting    "},
		{Progress(ascii, 0.5, "", 14), "####----  50 %"},
		{Bar(e, st, 0.0001, 4), "▏   "},
		{Bar(e, st, 0, 4), "    "},
		{Bar(e, st, math.NaN(), 2), "  "},
	} {
		if got := Plain(c.got); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		zero   bool
		want   string
	}{
		{0, 10, 5, false, "0 2 4 6 8 10"},
		{0, 812_345, 4, false, "0 500000 1e+06"},
		{0, 0, 4, false, "0 0.5 1"},
		{100, 102, 4, false, "100 100.5 101 101.5 102"},
		{100, 102, 4, true, "0 50 100 150"},
		{-3, 7, 4, false, "-5 0 5 10"},
		{-8, -2, 3, true, "-10 -5 0"},
		{0.1, 0.3, 3, false, "0 0.1 0.2 0.3"},
		{math.NaN(), 3, 2, false, "0 0.5 1"},
		{5, 5, 2, false, "5 5.5 6"},
		{math.Inf(1), math.Inf(-1), 2, false, "0 0.5 1"},
	} {
		s := newScale(c.lo, c.hi, c.n, c.zero)
		var ticks []string
		for i := range s.steps() + 1 {
			ticks = append(ticks, fmt.Sprintf("%.6g", s.at(i)))
		}
		if got := strings.Join(ticks, " "); got != c.want {
			t.Errorf("%v to %v in %d: %s, want %s", c.lo, c.hi, c.n, got, c.want)
		}
	}
}

func TestTimeTicks(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		w        int
		want     string
	}{
		{"2026-11-22T12:00:03", "2026-11-22T12:00:33", 40, "12:00:10 12:00:20 12:00:30"},
		{"2026-11-22T11:50:00", "2026-11-22T12:20:00", 60, "11:50 11:55 12:00 12:05 12:10 12:15 12:20"},
		{"2026-11-22T00:00:00", "2026-11-23T00:00:00", 60, "00:00 03:00 06:00 09:00 12:00 15:00 18:00 21:00 00:00"},
		{"2026-11-20T07:00:00", "2026-11-26T07:00:00", 60, "21 Nov 22 Nov 23 Nov 24 Nov 25 Nov 26 Nov"},
		{"2010-12-01T00:00:00", "2011-12-09T00:00:00", 70, "Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"},
		{"2010-12-01T00:00:00", "2011-12-09T00:00:00", 30, "Jan Apr Jul Oct"},
		{"2010-12-01T00:00:00", "2019-12-09T00:00:00", 70, "2011 2012 2013 2014 2015 2016 2017 2018 2019"},
		{"2026-03-28T12:00:00", "2026-03-30T12:00:00", 60, "12:00 18:00 00:00 06:00 12:00 18:00 00:00 06:00 12:00"}, // clocks change
		{"2026-11-22T12:00:00", "2026-11-22T12:00:00", 60, ""},
		{"2026-11-22T12:00:00", "2026-11-22T12:30:00", 5, ""},
	} {
		parse := func(s string) time.Time {
			at, err := time.ParseInLocation("2006-01-02T15:04:05", s, london)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		var labels []string
		for _, tick := range timeTicks(parse(c.from), parse(c.to), c.w) {
			labels = append(labels, tick.label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%s to %s in %d: %s, want %s", c.from, c.to, c.w, got, c.want)
		}
	}
}

func BenchmarkLineChart(b *testing.B) {
	e := colourful(b)
	chart := LineChart{Title: "rows", Series: []Series{{Points: wave(600, 400_000), Style: e.Theme.Series[0], Area: true}}}
	for b.Loop() {
		chart.View(e, 100, 20)
	}
}

func TestHeatMapWithTexts(t *testing.T) {
	for name, e := range modes(t) {
		t.Run(name, func(t *testing.T) {
			counts := [][]int{{4338, 12}, {7, 0}}
			heat := HeatMap{
				Title: "customers", Rows: []string{"r5", "r1"}, Cols: []string{"f1", "f5"}, Row: 1, Col: 0,
				Value: func(r, c int) float64 { return float64(counts[r][c]) },
				Text:  func(r, c int) string { return Count(int64(counts[r][c])) },
			}
			rows := append(heat.View(e, 40, 5), heat.View(e, 12, 5)...) // texts need room
			tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 40, len(rows)))
		})
	}
}

func TestLineChartSaysWhereTheCursorIs(t *testing.T) {
	chart := LineChart{Title: "revenue", Cursor: noon(), Series: []Series{{Points: []Point{{noon(), 1}, {noon().AddDate(0, 0, 7), 2}}}}}
	if row := Plain(chart.View(quiet(t), 60, 8)[0]); !strings.Contains(row, "12:00:00  1") {
		t.Errorf("by default: %q", row)
	}
	chart.CursorAt = "week of 22 Nov 2026"
	if row := Plain(chart.View(quiet(t), 60, 8)[0]); !strings.Contains(row, "week of 22 Nov 2026  1") {
		t.Errorf("in words: %q", row)
	}
}

func TestFocusedChartsHaveAnAccent(t *testing.T) {
	e := colourful(t)
	accent := fmt.Sprintf("%v", e.Theme.Accent.Bold().Paint("sales"))
	for name, view := range map[string]func(focused bool) string{
		"line": func(f bool) string { return LineChart{Title: "sales", Focused: f}.View(e, 40, 6)[0] },
		"heat": func(f bool) string {
			return HeatMap{Title: "sales", Focused: f, Value: func(int, int) float64 { return 0 }}.View(e, 40, 6)[0]
		},
	} {
		if strings.Contains(view(false), accent) || !strings.Contains(view(true), accent) {
			t.Errorf("%s: %q, focused %q", name, view(false), view(true))
		}
	}
}

func TestHeatMapInWords(t *testing.T) {
	e := quiet(t)
	e.Plain = true
	heat := HeatMap{
		Title: "visits", Unit: "a day", Rows: []string{"Mon", "Tue", "Sun"}, Cols: []string{"8", "9", "10"}, Row: -1,
		Value: func(r, c int) float64 { return [][]float64{{0, 10, 20}, {5, 20, math.NaN()}, {0, 0, 0}}[r][c] },
	}
	say := func(row, col int) (string, string) {
		return []string{"Monday", "Tuesday", "Sunday:"}[row], heat.Cols[col] + ":00: " + heat.Format(heat.Value(row, col)) + " visits"
	}
	lead := "visits, a day|most: Mon 10: 20, and 1 more alike|least: Tue 8: 5"
	for name, c := range map[string]struct {
		h      int
		change func(m *HeatMap)
		want   string
	}{
		"whole":            {8, nil, lead + "|Mon 9: 10|Mon 10: 20|Tue 8: 5|Tue 9: 20|Sun: nothing"},
		"no cursor":        {6, nil, lead + "|Mon 9: 10, 10: 20|Tue 8: 5, 9: 20|Sun: nothing"},
		"title":            {3, nil, lead},
		"cursor":           {8, func(m *HeatMap) { m.Row, m.Col, m.Focused = 1, 1, true }, lead + "|Mon 9: 10|Mon 10: 20|Tue 8: 5|at Tue 9: 20|Sun: nothing"},
		"cursor unfocused": {8, func(m *HeatMap) { m.Row, m.Col = 1, 1 }, lead + "|Mon 9: 10|Mon 10: 20|Tue 8: 5|Tue 9: 20|Sun: nothing"},
		"on nothing":       {9, func(m *HeatMap) { m.Row, m.Col, m.Focused = 2, 1, true }, lead + "|Mon 9: 10|Mon 10: 20|Tue 8: 5|Tue 9: 20|at Sun 9: 0"},
		"window":           {6, func(m *HeatMap) { m.Row, m.Col, m.Focused = 1, 0, true }, lead + "|at Tue 8: 5|Tue 9: 20|and 3 more"},
		"window at once":   {6, func(m *HeatMap) { m.Row, m.Col, m.Focused = 0, 1, true }, lead + "|at Mon 9: 10|Mon 10: 20|and 3 more"},
		"one":              {4, func(m *HeatMap) { m.Row, m.Col, m.Focused = 1, 0, true }, lead + "|at Tue 8: 5"},
		"no room":          {3, func(m *HeatMap) { m.Row, m.Col, m.Focused = 1, 0, true }, lead},
		"own words": {
			4, func(m *HeatMap) { m.Say, m.Most, m.Least, m.Row = say, "busiest", "quietest", 0 },
			"visits, a day|busiest: Monday 10:00: 20 visits, and 1 more alike|quietest: Tuesday 8:00: 5 visits|Monday 8:00: 0 visits",
		},
		"alike":   {4, func(m *HeatMap) { m.Value = func(r, c int) float64 { return float64(1 - min(1, r+c)) } }, "visits, a day|most: Mon 8: 1|Mon 8: 1|Tue: nothing"},
		"nothing": {5, func(m *HeatMap) { m.Value = func(int, int) float64 { return math.NaN() } }, "visits, a day|nothing yet|Mon: nothing|Tue: nothing|Sun: nothing"},
	} {
		m := heat
		m.Format = Short
		heat.Format = Short
		if c.change != nil {
			c.change(&m)
		}
		rows := m.View(e, 200, c.h)
		for i := range rows {
			rows[i] = strings.TrimSpace(Plain(rows[i]))
		}
		if got := strings.TrimRight(strings.Join(rows, "|"), "|"); got != strings.TrimRight(c.want, "|") {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestScaleLeavesOutWhatCannotBeSeen(t *testing.T) {
	if s := newScale(-1, 100, 5, true); s.lo != 0 {
		t.Errorf("a hundredth below zero costs a step: from %v", s.lo)
	}
	if s := newScale(-10, 100, 5, true); s.lo >= 0 {
		t.Errorf("a tenth below zero is lost: from %v", s.lo)
	}
}

func TestQuietHeatMap(t *testing.T) {
	heat := HeatMap{Title: "sales", Rows: []string{"Mon"}, Cols: []string{"8"}, Value: func(int, int) float64 { return 60 }}
	if row := Plain(heat.View(quiet(t), 40, 4)[0]); !strings.Contains(row, "Mon 8: 60") {
		t.Errorf("title %q", row)
	}
	heat.Quiet = true
	if row := Plain(heat.View(quiet(t), 40, 4)[0]); strings.Contains(row, "60") {
		t.Errorf("quiet title %q", row)
	}
}
