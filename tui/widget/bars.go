package widget

import (
	"math"
	"strings"

	"penstock/tui/env"
	"penstock/tui/theme"
)

// eighths returns the share of w cells as blocks, to an eighth of a cell.
func eighths(e *env.Env, share float64, w int) string {
	if math.IsNaN(share) || w <= 0 {
		return ""
	}
	share = max(0, min(1, share))
	if e.ASCII {
		return strings.Repeat("#", int(math.Round(share*float64(w))))
	}
	n := int(math.Round(share * float64(w) * 8))
	if n == 0 && share > 0 {
		n = 1 // something is not nothing
	}
	bar := strings.Repeat("█", n/8)
	if n%8 > 0 {
		bar += string([]rune(" ▏▎▍▌▋▊▉")[n%8])
	}
	return bar
}

// Bar returns a bar that fills share (0 to 1) of w cells, padded to w.
func Bar(e *env.Env, style theme.Style, share float64, w int) string {
	return Pad(style.Paint(eighths(e, share, w)), w)
}

// BarItem is a line of a bar chart.
type BarItem struct {
	Label string
	Value float64
	Text  string // the value in words; "" lets the chart's Format write it
	Style theme.Style
}

// BarChart draws one horizontal bar an item: label, value, bar.
type BarChart struct {
	Title, Unit string
	Items       []BarItem
	Format      func(float64) string // nil: Short
	Max         float64              // value of a full bar; 0: the greatest
	Empty       string
}

// View returns the chart in exactly h rows of w cells; items that do not fit are
// counted in the last row.
func (c BarChart) View(e *env.Env, w, h int) []string {
	format := c.Format
	if format == nil {
		format = Short
	}
	rows := []string{Cut(e.Theme.Text.Bold().Paint(c.Title)+unit(e, c.Unit), w)}
	if len(c.Items) == 0 {
		words := c.Empty
		if words == "" {
			words = "nothing to show"
		}
		return Fit(append(rows, e.Theme.Muted.Paint("  "+words)), w, h)
	}
	items, more := c.Items, 0
	if room := h - 1; len(items) > room && room > 0 {
		more = len(items) - room + 1
		items = items[:max(0, room-1)]
	}
	top, labelW, valueW := c.Max, 0, 0
	texts := make([]string, len(c.Items))
	for i, it := range c.Items {
		if texts[i] = it.Text; texts[i] == "" {
			texts[i] = format(it.Value)
		}
		if c.Max == 0 && !math.IsNaN(it.Value) {
			top = max(top, it.Value)
		}
		labelW, valueW = max(labelW, Width(it.Label)), max(valueW, Width(texts[i]))
	}
	labelW = min(labelW, max(4, w/2-valueW))
	barW := w - labelW - valueW - 2 - 2
	for i, it := range items {
		row := Pad(e.Theme.Text.Paint(it.Label), labelW) + "  " + e.Theme.Text.Paint(Right(texts[i], valueW))
		if barW > 0 && top > 0 && !e.Plain {
			row += "  " + Bar(e, it.Style, it.Value/top, barW)
		}
		rows = append(rows, row)
	}
	if more > 0 {
		rows = append(rows, e.Theme.Faint.Paint("and "+Count(int64(more))+" more"))
	}
	return Fit(rows, w, h)
}

// titled returns a chart's title with its unit.
func titled(e *env.Env, title, u string, focused bool) string {
	style := e.Theme.Text
	if focused {
		style = e.Theme.Accent
	}
	return style.Bold().Paint(title) + unit(e, u)
}

func unit(e *env.Env, u string) string {
	if u == "" {
		return ""
	}
	return " " + e.Theme.Muted.Paint(u)
}

// Spark returns the last w values as a line of blocks of eight heights, from
// zero (or the least value below it) to the greatest. NaN is a gap.
func Spark(e *env.Env, style theme.Style, values []float64, w int) string {
	if len(values) > w {
		values = values[len(values)-w:]
	}
	lo, hi := 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	heights := []rune("▁▂▃▄▅▆▇█")
	if e.ASCII {
		heights = []rune("_.-=oO#@")
	}
	var b strings.Builder
	b.WriteString(spaces(w - len(values)))
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case hi == lo:
			b.WriteRune(heights[0])
		default:
			b.WriteRune(heights[int(math.Round((v-lo)/(hi-lo)*7))])
		}
	}
	return style.Paint(b.String())
}

// Progress returns a bar of w cells for a share from 0 to 1 with its percentage
// ("██████▌   61 %"); a share below 0 is unknown and says so in words.
func Progress(e *env.Env, share float64, words string, w int) string {
	t := e.Theme
	if share < 0 || math.IsNaN(share) {
		return Pad(t.Muted.Paint(words), w)
	}
	percent := Right(Percent(math.Floor(min(1, share)*100)/100), 6)
	room := w - len(percent)
	if e.Plain || room < 4 {
		return Pad(t.Text.Paint(strings.TrimSpace(percent)), w)
	}
	bar := eighths(e, share, room)
	track := "·"
	if e.ASCII {
		track = "-"
	}
	rest := strings.Repeat(track, max(0, room-Width(bar)))
	return t.Accent.Paint(bar) + t.Faint.Paint(rest) + t.Text.Paint(percent)
}
