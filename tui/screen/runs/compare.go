package runs

import (
	"fmt"
	"strconv"
	"time"

	"penstock/pipeline"
	"penstock/tui/widget"
)

// compared is two runs side by side: a row for each thing that can differ.
type compared struct{ rows [][]string }

// Len implements widget.Rows.
func (c compared) Len() int { return len(c.rows) }

// Cell implements widget.Rows.
func (c compared) Cell(row, col int) string { return c.rows[row][col] }

// Key implements widget.Keyed.
func (c compared) Key(row int) string { return c.rows[row][0] + " " + c.rows[row][1] }

// compare sets two runs side by side.
func compare(a, b Run, now time.Time) compared {
	var c compared
	add := func(step, what, x, y, change string) {
		c.rows = append(c.rows, []string{step, what, x, y, change})
	}
	stamp := func(r Run) string { return r.StartedAt.In(now.Location()).Format("01-02 15:04:05") }
	add("run", "state", a.verdict(), b.verdict(), differs(a.verdict(), b.verdict()))
	add("run", "started", stamp(a), stamp(b), "")
	took(add, "run", a.Took(now), b.Took(now))
	add("run", "version", a.Version, b.Version, differs(a.Version, b.Version))
	for _, d := range pipeline.Compare(a.Steps, b.Steps) {
		name := string(d.Step)
		add(name, "state", side(d.HasA, string(d.A.State)), side(d.HasB, string(d.B.State)), differs(string(d.A.State), string(d.B.State)))
		if d.A.Engine != d.B.Engine && d.HasA && d.HasB {
			add(name, "engine", d.A.Engine, d.B.Engine, "differs")
		}
		for _, n := range []struct {
			what string
			a, b int64
		}{
			{"read", d.A.Read, d.B.Read},
			{"loaded", d.A.Loaded, d.B.Loaded},
			{"rejected", d.A.Rejected, d.B.Rejected},
			{"collapsed", d.A.Collapsed, d.B.Collapsed},
		} {
			if n.a != 0 || n.b != 0 {
				add(name, n.what, widget.Count(n.a), widget.Count(n.b), change(float64(n.a), float64(n.b), signed(n.b-n.a)))
			}
		}
		tookA, tookB := d.A.Took(now), d.B.Took(now)
		took(add, name, tookA, tookB)
		if x, y := pace(d.A.Read, tookA), pace(d.B.Read, tookB); x > 0 || y > 0 {
			add(name, "rows/s", widget.Short(x), widget.Short(y), change(x, y, ""))
		}
	}
	return c
}

func took(add func(step, what, x, y, change string), step string, a, b time.Duration) {
	sign := ""
	if b > a {
		sign = "+"
	}
	add(step, "took", widget.Duration(a), widget.Duration(b), change(float64(a), float64(b), sign+widget.Duration(b-a)))
}

func pace(n int64, took time.Duration) float64 {
	if took < time.Millisecond {
		return 0
	}
	return float64(n) / took.Seconds()
}

// side is what a run says of a step that it may not have had.
func side(has bool, text string) string {
	if !has {
		return "not run"
	}
	return text
}

func differs(a, b string) string {
	if a == b {
		return ""
	}
	return "differs"
}

func signed(n int64) string {
	if n > 0 {
		return "+" + widget.Count(n)
	}
	return widget.Count(n)
}

// change is the difference with its share, "" where there is none.
func change(a, b float64, text string) string {
	if a == b {
		return ""
	}
	if a == 0 {
		return text
	}
	share := (b - a) / a * 100
	words := strconv.FormatFloat(share, 'f', 1, 64) + " %"
	if share > 0 {
		words = "+" + words
	}
	if text == "" {
		return words
	}
	return fmt.Sprintf("%s  %s", text, words)
}
