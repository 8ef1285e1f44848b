package widget

import (
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

// Inset returns the area without x cells at each side and y at top and bottom.
func (a Area) Inset(x, y int) Area {
	return Area{X: a.X + x, Y: a.Y + y, W: max(0, a.W-2*x), H: max(0, a.H-2*y)}
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
	area Area
	rows []strings.Builder
	at   []int // cells of each row that are written
}

// NewCanvas returns an empty canvas of w by h cells.
func NewCanvas(w, h int) *Canvas {
	w, h = max(0, w), max(0, h)
	return &Canvas{area: Area{W: w, H: h}, rows: make([]strings.Builder, h), at: make([]int, h)}
}

// Area returns the whole canvas.
func (c *Canvas) Area() Area { return c.area }

// Put draws rows into the area, cut to it. Areas of one row are put from left to
// right; what is put to the left of something already there is dropped.
func (c *Canvas) Put(a Area, rows []string) {
	w := min(a.W, c.area.W-a.X)
	if w <= 0 {
		return
	}
	for i, row := range rows[:max(0, min(a.H, len(rows)))] {
		y := a.Y + i
		if y < 0 || y >= len(c.rows) || c.at[y] > a.X {
			continue
		}
		b := &c.rows[y]
		b.WriteString(spaces(a.X - c.at[y]))
		row = Cut(row, w)
		b.WriteString(row)
		c.at[y] = a.X + Width(row)
	}
}

// Rows returns the frame: h rows of exactly w cells.
func (c *Canvas) Rows() []string {
	out := make([]string, len(c.rows))
	for y := range c.rows {
		out[y] = c.rows[y].String() + spaces(c.area.W-c.at[y])
	}
	return out
}
