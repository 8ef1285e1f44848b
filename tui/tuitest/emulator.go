package tuitest

import (
	"bytes"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
)

// Attributes as the emulator keeps them.
const (
	attrReverse = 1 << iota
	attrUnderline
	attrBold
	_
	attrItalic
)

// emulator is a terminal in memory. The one underneath gives every character
// one cell and knows no newer sequences; write bridges that.
type emulator struct {
	mu      sync.Mutex
	term    vt10x.Terminal
	w, h    int
	pending []byte // a sequence or character that is not complete
	alt     bool
	changed chan struct{} // closed and made anew with each write
}

func newEmulator(w, h int) *emulator {
	e := &emulator{term: vt10x.New(vt10x.WithSize(w, h)), w: w, h: h, changed: make(chan struct{})}
	// Without a tty nothing else makes a line feed start a line.
	_, _ = e.term.Write([]byte("\x1b[20h"))
	return e
}

// Write implements io.Writer for a program's output.
func (e *emulator) Write(p []byte) (int, error) {
	e.write(p)
	return len(p), nil
}

func (e *emulator) write(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	data := append(e.pending, p...)
	var out bytes.Buffer
	for len(data) > 0 {
		seq, width, n, state := ansi.GraphemeWidth.DecodeSequence(data, ansi.NormalState, nil)
		if state != ansi.NormalState {
			break
		}
		switch {
		case width > 0:
			out.WriteString(string([]rune(string(seq))[:1]))
			out.WriteString(strings.Repeat(string(filler), width-1))
		case understood(string(seq)):
			out.Write(seq)
		}
		switch string(seq) {
		case ansi.SetModeAltScreenSaveCursor:
			e.alt = true
		case ansi.ResetModeAltScreenSaveCursor:
			e.alt = false
		}
		data = data[n:]
	}
	e.pending = append([]byte(nil), data...)
	_, _ = e.term.Write(out.Bytes())
	close(e.changed)
	e.changed = make(chan struct{})
}

// understood reports whether the emulator takes the sequence for what it is:
// the keyboard protocol's CSI > 1 u would move its cursor.
func understood(seq string) bool {
	if seq[0] > 0x7f { // a mark that belongs to the character before
		return false
	}
	if !strings.HasPrefix(seq, "\x1b[") || len(seq) < 3 {
		return !strings.HasPrefix(seq, "\x1bP") && !strings.HasPrefix(seq, "\x1b_")
	}
	private := strings.ContainsRune("<=>", rune(seq[2])) || seq[2] == '?' && strings.HasSuffix(seq, "u")
	return !private && !strings.HasSuffix(seq, "$p")
}

func (e *emulator) screen() Screen {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.term.Lock()
	defer e.term.Unlock()
	s := Screen{W: e.w, H: e.h, title: e.term.Title(), alt: e.alt, cells: make([][]Cell, e.h)}
	for y := range s.cells {
		s.cells[y] = make([]Cell, e.w)
		for x := range s.cells[y] {
			g := e.term.Cell(x, y)
			if g.Char == 0 {
				g.Char = ' '
			}
			s.cells[y][x] = Cell{
				Char: g.Char, FG: color(g.FG), BG: color(g.BG),
				Bold: g.Mode&attrBold != 0, Italic: g.Mode&attrItalic != 0,
				Underline: g.Mode&attrUnderline != 0, Reverse: g.Mode&attrReverse != 0,
			}
		}
	}
	return s
}

// next returns the channel that closes with the next write.
func (e *emulator) next() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed
}

func (e *emulator) resize(w, h int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.w, e.h = w, h
	e.term.Resize(w, h)
}
