package widget

import (
	"math"
	"slices"
	"strings"
	"time"

	"penstock/tui/env"
	"penstock/tui/theme"
)

// Point is a value at a time; NaN is a gap.
type Point struct {
	At time.Time
	V  float64
}

// Series is a line of a chart. Points are in the order of time.
type Series struct {
	Name   string
	Points []Point
	Style  theme.Style
	Area   bool // filled down to zero
}

// LineChart draws values over time in braille: a title with its unit, a value
// axis, a time axis, gaps as gaps, and each series' last value, or its value at
// the time cursor.
type LineChart struct {
	Title, Unit string
	Series      []Series
	From, To    time.Time // the zero times: as the points need
	Cursor      time.Time // a vertical line; the zero time: none
	// CursorAt says where the cursor is; "" writes its time of day.
	CursorAt string
	// Gap is the distance of points that are no longer joined; 0: all are.
	Gap time.Duration
	// FromZero keeps zero on the value axis whatever the values are.
	FromZero bool
	// Format writes values, nil: Short.
	Format func(float64) string
	// Ago labels the time axis by the distance to To ("-30 s", "now").
	Ago bool
	// Empty says why there is nothing to draw.
	Empty string
	// Focused has the title in the colour of the focus.
	Focused bool
}

// View returns the chart in exactly h rows of w cells.
func (c LineChart) View(e *env.Env, w, h int) []string {
	if w <= 0 || h <= 0 {
		return Fit(nil, w, h)
	}
	if c.Format == nil {
		c.Format = Short
	}
	if e.Plain {
		return Fit(c.words(e), w, h)
	}
	rows := []string{c.heading(e, w)}
	plotH := h - 2
	from, to, any := c.span()
	if plotH < 1 || w < 12 || !any {
		if !any {
			words := c.Empty
			if words == "" {
				words = "no values yet"
			}
			rows = append(rows, "", e.Theme.Muted.Paint("  "+words))
		}
		return Fit(rows, w, h)
	}
	sc := c.scale(from, to, plotH)
	labels, labelW := c.labels(sc, plotH)
	plotW := w - labelW - 2
	plot := c.plot(from, to, sc, plotW, plotH)
	styles := make([]theme.Style, len(c.Series))
	for i, s := range c.Series {
		styles[i] = s.Style
	}
	cursor := -1
	if !c.Cursor.IsZero() && !c.Cursor.Before(from) && !c.Cursor.After(to) {
		cursor = column2(c.Cursor, from, to, 2*plotW) / 2
	}
	bar := e.Theme.Faint.Paint("│")
	for y := range plotH {
		axis := "│"
		if labels[y] != "" {
			axis = "┤"
		}
		row := e.Theme.Faint.Paint(Right(labels[y], labelW)+" ") + e.Theme.Rule.Paint(axis)
		rows = append(rows, row+plot.row(y, styles, e.ASCII, func(x int) string {
			if x == cursor {
				return bar
			}
			return ""
		}))
	}
	rows = append(rows, spaces(labelW+1)+e.Theme.Rule.Paint("└")+e.Theme.Faint.Paint(c.timeAxis(from, to, plotW)))
	return Fit(rows, w, h)
}

// At returns the time at column x of the chart drawn in h rows of w cells, and
// whether that is in its plot.
func (c LineChart) At(w, h, x int) (time.Time, bool) {
	if c.Format == nil {
		c.Format = Short
	}
	from, to, any := c.span()
	plotH := h - 2
	if plotH < 1 || w < 12 || !any {
		return time.Time{}, false
	}
	_, labelW := c.labels(c.scale(from, to, plotH), plotH)
	plotW := w - labelW - 2
	x -= labelW + 2
	if x < 0 || x >= plotW || plotW < 2 {
		return time.Time{}, false
	}
	return from.Add(time.Duration(float64(to.Sub(from)) * float64(x) / float64(plotW-1))), true
}

// heading is the title with its unit and, at the right, what each series is at.
func (c LineChart) heading(e *env.Env, w int) string {
	left := titled(e, c.Title, c.Unit, c.Focused)
	var parts []string
	for i, s := range c.Series {
		value := "-"
		if v, ok := c.valueOf(s); ok {
			value = c.Format(v)
		}
		name := s.Name
		if e.ASCII && len(c.Series) > 1 {
			name = string("*o+x#%"[i%6]) + " " + name
		}
		if name != "" {
			name += " "
		}
		parts = append(parts, s.Style.Paint(name)+e.Theme.Text.Paint(value))
	}
	if !c.Cursor.IsZero() {
		at := c.CursorAt
		if at == "" {
			at = c.Cursor.Format("15:04:05")
		}
		parts = append([]string{e.Theme.Faint.Paint(at)}, parts...)
	}
	return Between(left, strings.Join(parts, "  "), w)
}

// valueOf returns the value at the cursor, or the last one.
func (c LineChart) valueOf(s Series) (float64, bool) {
	for _, p := range slices.Backward(s.Points) {
		if !c.Cursor.IsZero() && p.At.After(c.Cursor) {
			continue
		}
		if !math.IsNaN(p.V) {
			return p.V, true
		}
		if c.Cursor.IsZero() {
			continue
		}
		break
	}
	return 0, false
}

// span returns the time on show and whether there is any value.
func (c LineChart) span() (from, to time.Time, any bool) {
	from, to = c.From, c.To
	for _, s := range c.Series {
		for _, p := range s.Points {
			if math.IsNaN(p.V) || math.IsInf(p.V, 0) {
				continue
			}
			any = true
			if c.From.IsZero() && (from.IsZero() || p.At.Before(from)) {
				from = p.At
			}
			if c.To.IsZero() && p.At.After(to) {
				to = p.At
			}
		}
	}
	if any && !to.After(from) {
		from, to = from.Add(-time.Second), from.Add(time.Second)
	}
	return from, to, any
}

func (c LineChart) scale(from, to time.Time, plotH int) scale {
	lo, hi := math.Inf(1), math.Inf(-1)
	zero := c.FromZero
	for _, s := range c.Series {
		zero = zero || s.Area
		for _, p := range s.Points {
			if math.IsNaN(p.V) || math.IsInf(p.V, 0) || p.At.Before(from) || p.At.After(to) {
				continue
			}
			lo, hi = min(lo, p.V), max(hi, p.V)
		}
	}
	return newScale(lo, hi, min(5, max(1, plotH/2)), zero)
}

// labels returns a label for some rows of the plot and their width.
func (c LineChart) labels(sc scale, plotH int) (labels []string, w int) {
	labels = make([]string, plotH)
	for i := range sc.steps() + 1 {
		y := int(math.Round((1 - sc.share(sc.at(i))) * float64(plotH-1)))
		if y >= 0 && y < plotH {
			labels[y] = c.Format(sc.at(i))
			w = max(w, Width(labels[y]))
		}
	}
	return labels, w
}

// column2 returns the dot column of a time among n.
func column2(t, from, to time.Time, n int) int {
	return int(math.Round(float64(t.Sub(from)) / float64(to.Sub(from)) * float64(n-1)))
}

// plot draws all series.
func (c LineChart) plot(from, to time.Time, sc scale, w, h int) *dots {
	d := newDots(w, h)
	bottom := 4*h - 1
	y := func(v float64) int {
		return int(math.Round((1 - sc.share(v)) * float64(bottom)))
	}
	zero := max(0, min(bottom, y(max(sc.lo, min(sc.hi, 0)))))
	for i, s := range c.Series {
		lastX, lastY, joined := 0, 0, false
		var lastAt time.Time
		for _, p := range s.Points {
			if math.IsNaN(p.V) || math.IsInf(p.V, 0) || p.At.Before(from) || p.At.After(to) {
				joined = false
				continue
			}
			px, py := column2(p.At, from, to, 2*w), y(p.V)
			if joined && (c.Gap == 0 || p.At.Sub(lastAt) <= c.Gap) {
				line(d, lastX, lastY, px, py, i, s.Area, zero)
			} else {
				line(d, px, py, px, py, i, s.Area, zero)
			}
			lastX, lastY, lastAt, joined = px, py, p.At, true
		}
	}
	return d
}

// line joins two points, filled down to base for an area.
func line(d *dots, x0, y0, x1, y1, owner int, area bool, base int) {
	prev := y0
	for x := x0; x <= x1; x++ {
		yy := y1
		if x1 > x0 {
			yy = y0 + int(math.Round(float64(y1-y0)*float64(x-x0)/float64(x1-x0)))
		}
		switch {
		case area:
			d.vertical(x, yy, base, owner)
		case x == x0:
			d.vertical(x, yy, y0, owner)
		default:
			// Up to the height of the dot before, so that steep lines hold together.
			d.vertical(x, yy, prev+sign(yy-prev), owner)
		}
		prev = yy
	}
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// timeAxis returns the labels under the plot.
func (c LineChart) timeAxis(from, to time.Time, w int) string {
	if c.Ago {
		left, right := "-"+Age(to.Sub(from)), "now"
		return Between(left, right, w)
	}
	row := []byte(strings.Repeat(" ", w))
	end := 0
	for _, tick := range timeTicks(from, to, w) {
		x := column2(tick.at, from, to, w)
		if x < end || x+len(tick.label) > w {
			continue
		}
		copy(row[x:], tick.label)
		end = x + len(tick.label) + 1
	}
	return string(row)
}

// words says the chart in sentences.
func (c LineChart) words(e *env.Env) []string {
	title := c.Title
	if c.Unit != "" {
		title += ", " + c.Unit
	}
	rows := []string{e.Theme.Text.Paint(title)}
	for _, s := range c.Series {
		lo, hi, any := math.Inf(1), math.Inf(-1), false
		for _, p := range s.Points {
			if !math.IsNaN(p.V) {
				lo, hi, any = min(lo, p.V), max(hi, p.V), true
			}
		}
		name := s.Name
		if name == "" {
			name = "value"
		}
		if !any {
			rows = append(rows, e.Theme.Text.Paint(name+": no values"))
			continue
		}
		v, _ := c.valueOf(s)
		rows = append(rows, e.Theme.Text.Paint(name+": "+c.Format(v)+" now, from "+c.Format(lo)+" to "+c.Format(hi)))
	}
	return rows
}
