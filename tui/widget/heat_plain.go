package widget

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"penstock/tui/env"
)

// words tells the map for who hears it: the greatest and the least value first, then
// cell by cell a sentence that needs no other. Where there is no room for all, they
// are those around the cursor.
func (m HeatMap) words(e *env.Env, w, h int) []string {
	title := m.Title
	if m.Unit != "" {
		title += ", " + m.Unit
	}
	said := append([]string{title}, m.extremes()...)
	said = append(said, m.window(h-len(said))...)
	var rows []string
	for _, text := range said {
		for _, row := range Wrap(text, w) {
			rows = append(rows, e.Theme.Text.Paint(row))
		}
	}
	return rows
}

// parts are what a row of the map is called, and what one of its cells says.
func (m HeatMap) parts(row, col int) (of, what string) {
	if m.Say != nil {
		return m.Say(row, col)
	}
	return m.Rows[row], m.Cols[col] + ": " + m.Format(m.Value(row, col))
}

func (m HeatMap) sentence(row, col int) string {
	of, what := m.parts(row, col)
	return of + " " + what
}

// some reports whether there is anything in a cell.
func (m HeatMap) some(row, col int) bool {
	v := m.Value(row, col)
	return !math.IsNaN(v) && v != 0
}

// extremes says which cells have the greatest and the least value of those with any.
func (m HeatMap) extremes() []string {
	var at [2][2]int // of the greatest and of the least
	var value [2]float64
	var alike [2]int
	found := false
	for r := range m.Rows {
		for c := range m.Cols {
			if !m.some(r, c) {
				continue
			}
			v := m.Value(r, c)
			for i, better := range []bool{v > value[0], v < value[1]} {
				switch {
				case !found || better:
					at[i], value[i], alike[i] = [2]int{r, c}, v, 0
				case v == value[i]:
					alike[i]++
				}
			}
			found = true
		}
	}
	if !found {
		return []string{"nothing yet"}
	}
	var rows []string
	for i, name := range []string{m.Most, m.Least} {
		if name == "" {
			name = [...]string{"most", "least"}[i]
		}
		row := name + ": " + m.sentence(at[i][0], at[i][1])
		if alike[i] > 0 {
			row += fmt.Sprintf(", and %s more alike", Count(int64(alike[i])))
		}
		if i == 0 || value[0] != value[1] {
			rows = append(rows, row)
		}
	}
	return rows
}

// told is the map as sentences in the order of reading.
type told struct {
	rows   []string
	start  []int    // of each row of the map, and where the last one ends
	joined []string // a row of the map each
	under  string   // the cell under the cursor
}

func (m HeatMap) told() told {
	var t told
	for r := range m.Rows {
		t.start = append(t.start, len(t.rows))
		of, what := "", ""
		var cells []string
		for c := range m.Cols {
			here := r == m.Row && c == m.Col
			if of, what = m.parts(r, c); !here && !m.some(r, c) {
				continue
			}
			cells = append(cells, what)
			text := of + " " + what
			if here && m.Focused {
				text = Here + text
			}
			if here {
				t.under = text
			}
			t.rows = append(t.rows, text)
		}
		if cells == nil && of != "" {
			of, cells = strings.TrimRight(of, ":,")+":", []string{"nothing"}
			t.rows = append(t.rows, of+" nothing")
		}
		t.joined = append(t.joined, of+" "+strings.Join(cells, ", "))
	}
	t.start = append(t.start, len(t.rows))
	return t
}

// window returns as many sentences as there is room for, with those of the cursor's
// row; where these are too many, the one of its cell. Without a cursor that moves on
// to the others, a row tells all its cells.
func (m HeatMap) window(room int) []string {
	t := m.told()
	if len(t.rows) <= room {
		return t.rows
	}
	if m.Row < 0 {
		return t.joined[:min(max(0, room), len(t.joined))]
	}
	room-- // for how many there are beside them
	row := min(m.Row, len(m.Rows)-1)
	if t.start[row+1]-t.start[row] > room {
		if t.under == "" || room < 0 {
			return nil
		}
		return []string{t.under}
	}
	from := 0
	for r := 0; t.start[row+1]-from > room; r++ {
		from = t.start[r+1]
	}
	shown := slices.Clone(t.rows[from:min(from+room, len(t.rows))])
	return append(shown, "and "+Count(int64(len(t.rows)-len(shown)))+" more")
}
