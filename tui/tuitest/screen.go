// Package tuitest shows tests what a person would see: it draws rows or runs a
// whole program against an emulated terminal and gives back its cells.
//
// Tests look at the screen and never at the bytes, because the program sends
// only what changed. For a view:
//
//	s := tuitest.Draw(t, view.View(80, 24), 80, 24)
//	tuitest.Golden(t, s)                      // testdata/<test name>.golden; -update writes it
//
// For a journey:
//
//	term := tuitest.Run(t, app, 120, 40)
//	term.Keys("3", "/", "g", "enter")
//	term.WaitText("gift")
package tuitest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/hinshun/vt10x"
)

// filler stands in the second cell of a wide character.
const filler = '\ue000'

// Cell is one cell of the screen: its character and how it is drawn. Colours
// are "" for the terminal's own, "4" for one of 256, "#rrggbb" otherwise. With
// reverse on, FG and BG are as they appear.
type Cell struct {
	Char                             rune
	FG, BG                           string
	Bold, Italic, Underline, Reverse bool
}

// Screen is what a terminal shows.
type Screen struct {
	W, H  int
	cells [][]Cell
	title string
	alt   bool
}

// Draw returns the screen that shows rows from the top.
func Draw(t testing.TB, rows []string, w, h int) Screen {
	t.Helper()
	term := newEmulator(w, h)
	for y, row := range rows {
		if y >= h {
			t.Fatalf("row %d of %d does not fit in %d rows", y+1, len(rows), h)
		}
		if n := ansi.StringWidth(row); n > w {
			t.Fatalf("row %d is %d cells wide, more than %d: %q", y+1, n, w, row)
		}
		term.write([]byte(fmt.Sprintf("\x1b[%d;1H", y+1) + row))
	}
	return term.screen()
}

// Row returns the text of a row without spaces at its end.
func (s Screen) Row(y int) string {
	var b strings.Builder
	for _, c := range s.cells[y] {
		if c.Char != filler {
			b.WriteRune(c.Char)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// Text returns all rows, without empty ones at the end.
func (s Screen) Text() string {
	rows := make([]string, s.H)
	for y := range rows {
		rows[y] = s.Row(y)
	}
	return strings.TrimRight(strings.Join(rows, "\n"), "\n") + "\n"
}

// Cell returns the cell at column x of row y, both from 0.
func (s Screen) Cell(x, y int) Cell { return s.cells[y][x] }

// Title returns the window title that the program set.
func (s Screen) Title() string { return s.title }

// AltScreen reports whether the program has the alternate screen on.
func (s Screen) AltScreen() bool { return s.alt }

// Contains reports whether text stands on one row of the screen.
func (s Screen) Contains(text string) bool {
	_, _, ok := s.Find(text)
	return ok
}

// Find returns the column and row of the first place where text stands.
func (s Screen) Find(text string) (x, y int, ok bool) {
	for y := range s.H {
		i := strings.Index(s.Row(y), text)
		if i < 0 {
			continue
		}
		return ansi.StringWidth(s.Row(y)[:i]), y, true
	}
	return 0, 0, false
}

// Styles returns the text with, under each row that has any, a row of letters
// that say how its cells are drawn, and the legend of the letters.
func (s Screen) Styles() string {
	var b, legend strings.Builder
	letters := map[string]byte{}
	for y := range s.H {
		marks := make([]byte, s.W)
		for x, c := range s.cells[y] {
			name := c.style()
			if name == "" {
				marks[x] = ' '
				continue
			}
			if letters[name] == 0 {
				n := len(letters)
				letters[name] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[n%52]
				fmt.Fprintf(&legend, "%c %s\n", letters[name], name)
			}
			marks[x] = letters[name]
		}
		b.WriteString(s.Row(y) + "\n")
		if under := strings.TrimRight(string(marks), " "); under != "" {
			b.WriteString(under + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n\n" + legend.String()
}

// style names how the cell is drawn, "" for plain.
func (c Cell) style() string {
	var parts []string
	for _, a := range []struct {
		name string
		on   bool
	}{{"bold", c.Bold}, {"italic", c.Italic}, {"underline", c.Underline}, {"reverse", c.Reverse}} {
		if a.on {
			parts = append(parts, a.name)
		}
	}
	if c.FG != "" {
		parts = append(parts, "text "+c.FG)
	}
	if c.BG != "" {
		parts = append(parts, "on "+c.BG)
	}
	return strings.Join(parts, ", ")
}

// Golden compares the screen's text with testdata/<test name>.golden; running
// the test with -update writes the file.
func Golden(t testing.TB, s Screen) {
	t.Helper()
	golden.RequireEqual(t, s.Text())
}

// GoldenStyles is Golden with the styles of the cells.
func GoldenStyles(t testing.TB, s Screen) {
	t.Helper()
	golden.RequireEqual(t, s.Styles())
}

// color names a colour of the emulator.
func color(c vt10x.Color) string {
	switch {
	case c >= vt10x.DefaultFG:
		return ""
	case c < 256:
		return fmt.Sprint(uint32(c))
	}
	return fmt.Sprintf("#%06x", uint32(c))
}
