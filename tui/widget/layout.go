package widget

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Area is a rectangle of cells: X and Y of its top left corner, width and height.
type Area struct{ X, Y, W, H int }

// Columns splits the area side by side with gap cells between. A size above
// zero is that many cells; the rest is shared by the negative sizes as weights:
// Columns(2, 40, -1) is 40 cells and all that is left. Where the sizes do not
// fit, the last ones shrink to nothing.
func (a Area) Columns(gap int, sizes ...int) []Area {
	areas := make([]Area, len(sizes))
	at := 0
	for i, n := range share(a.W, gap, sizes) {
		areas[i] = Area{X: a.X + at, Y: a.Y, W: n, H: a.H}
		if n > 0 {
			at += n + gap
		}
	}
	return areas
}

// Lines splits the area one above the other, like Columns.
func (a Area) Lines(gap int, sizes ...int) []Area {
	areas := make([]Area, len(sizes))
	at := 0
	for i, n := range share(a.H, gap, sizes) {
		areas[i] = Area{X: a.X, Y: a.Y + at, W: a.W, H: n}
		if n > 0 {
			at += n + gap
		}
	}
	return areas
}

// Contains reports whether a cell lies in the area.
func (a Area) Contains(x, y int) bool {
	return x >= a.X && x < a.X+a.W && y >= a.Y && y < a.Y+a.H
}

// share divides total among fixed sizes and weights.
func share(total, gap int, sizes []int) []int {
	free := total - gap*max(0, len(sizes)-1)
	weights := 0
	for _, s := range sizes {
		if s > 0 {
			free -= s
		} else {
			weights -= s
		}
	}
	left := max(0, free)
	got := make([]int, len(sizes))
	room := total
	for i, s := range sizes {
		n := s
		if s <= 0 {
			n = 0
			if weights > 0 {
				n = left * -s / weights
				left -= n
				weights += s
			}
		}
		got[i] = max(0, min(n, room))
		if got[i] > 0 {
			room -= got[i] + gap
		}
	}
	return got
}

// Local returns a mouse message as seen from the area's corner, and whether it
// is for the area. Messages that have no place (keys, results) are for everybody.
func (a Area) Local(msg tea.Msg) (tea.Msg, bool) {
	mouse, ok := msg.(tea.MouseMsg)
	if !ok {
		return msg, true
	}
	m := mouse.Mouse()
	if !a.Contains(m.X, m.Y) {
		return msg, false
	}
	m.X -= a.X
	m.Y -= a.Y
	switch msg.(type) {
	case tea.MouseClickMsg:
		return tea.MouseClickMsg(m), true
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(m), true
	case tea.MouseWheelMsg:
		return tea.MouseWheelMsg(m), true
	default:
		return tea.MouseMotionMsg(m), true
	}
}

// Within returns a mouse message moved to the nearest cell of the area: a splitter
// is dragged and let go beyond the room that it divides, too.
func (a Area) Within(msg tea.MouseMsg) tea.MouseMsg {
	m := msg.Mouse()
	m.X, m.Y = max(a.X, min(m.X, a.X+a.W-1)), max(a.Y, min(m.Y, a.Y+a.H-1))
	switch msg.(type) {
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(m)
	case tea.MouseMotionMsg:
		return tea.MouseMotionMsg(m)
	}
	return msg
}

// Fit returns rows as exactly h rows of exactly w cells.
func Fit(rows []string, w, h int) []string {
	out := make([]string, max(0, h))
	for i := range out {
		if i < len(rows) {
			out[i] = Pad(rows[i], w)
		} else {
			out[i] = spaces(w)
		}
	}
	return out
}

// Canvas puts areas of rows together into the rows of a frame.
type Canvas struct {
	area   Area
	pieces []drawn
}

// drawn is what was put into an area.
type drawn struct {
	at   Area
	rows []string
}

// NewCanvas returns an empty canvas of w by h cells.
func NewCanvas(w, h int) *Canvas {
	return &Canvas{area: Area{W: max(0, w), H: max(0, h)}}
}

// Area returns the whole canvas.
func (c *Canvas) Area() Area { return c.area }

// Put draws rows into the area, cut to it. Of areas that overlap the one further
// to the left is drawn.
func (c *Canvas) Put(a Area, rows []string) {
	if a.W = min(a.W, c.area.W-a.X); a.W > 0 {
		c.pieces = append(c.pieces, drawn{a, rows[:max(0, min(a.H, len(rows)))]})
	}
}

// Rows returns the frame: h rows of exactly w cells.
func (c *Canvas) Rows() []string {
	slices.SortStableFunc(c.pieces, func(a, b drawn) int { return a.at.X - b.at.X })
	lines := make([]strings.Builder, c.area.H)
	at := make([]int, c.area.H) // cells of each row that are written
	for _, p := range c.pieces {
		for i, row := range p.rows {
			y := p.at.Y + i
			if y < 0 || y >= len(lines) || at[y] > p.at.X {
				continue
			}
			b := &lines[y]
			b.WriteString(spaces(p.at.X - at[y]))
			row = Cut(row, p.at.W)
			b.WriteString(row)
			at[y] = p.at.X + Width(row)
		}
	}
	out := make([]string, len(lines))
	for y := range lines {
		out[y] = lines[y].String() + spaces(c.area.W-at[y])
	}
	return out
}
