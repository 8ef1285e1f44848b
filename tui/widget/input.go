package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/clipperhouse/uax29/v2/graphemes"

	"penstock/tui/clean"
	"penstock/tui/env"
)

// Input is a one-line text field with the keys of a shell's line editor. What is
// typed or pasted is cleaned, so a value never holds a control character.
type Input struct {
	Placeholder string // shown faint while the field is empty
	Secret      bool   // shows dots

	env   *env.Env
	chars []string // grapheme clusters
	at    int      // cursor: before chars[at]
}

// NewInput returns an empty field.
func NewInput(e *env.Env) *Input { return &Input{env: e} }

// Value returns the text.
func (in *Input) Value() string { return strings.Join(in.chars, "") }

// Set replaces the text and puts the cursor at its end.
func (in *Input) Set(text string) {
	in.chars = split(text)
	in.at = len(in.chars)
}

func split(text string) []string {
	var chars []string
	for g := graphemes.FromString(clean.Line(text)); g.Next(); {
		chars = append(chars, g.Value())
	}
	return chars
}

// Update handles a key or a paste and reports whether the text changed.
func (in *Input) Update(msg tea.Msg) (changed bool) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return in.insert(strings.TrimRight(msg.Content, "\r\n"))
	case tea.KeyPressMsg:
		before := len(in.chars)
		if in.move(msg.String()) {
			return len(in.chars) != before
		}
		return msg.Text != "" && in.insert(msg.Text)
	}
	return false
}

func (in *Input) insert(text string) bool {
	// Cleaned together, so that a mark that was typed goes with its letter.
	before := in.Value()
	head := clean.Line(strings.Join(in.chars[:in.at], "") + text)
	in.chars = split(head + strings.Join(in.chars[in.at:], ""))
	in.at = min(len(split(head)), len(in.chars))
	return in.Value() != before
}

// move handles an editing key and reports whether it was one.
func (in *Input) move(key string) bool {
	switch key {
	case "left", "ctrl+b":
		in.at = max(0, in.at-1)
	case "right", "ctrl+f":
		in.at = min(len(in.chars), in.at+1)
	case "home", "ctrl+a":
		in.at = 0
	case "end", "ctrl+e":
		in.at = len(in.chars)
	case "alt+b", "ctrl+left":
		in.at = in.word()
	case "alt+f", "ctrl+right":
		for in.at < len(in.chars) && in.chars[in.at] == " " {
			in.at++
		}
		for in.at < len(in.chars) && in.chars[in.at] != " " {
			in.at++
		}
	case "backspace", "ctrl+h":
		in.cut(in.at-1, in.at)
	case "delete", "ctrl+d":
		in.cut(in.at, in.at+1)
	case "ctrl+w", "alt+backspace":
		in.cut(in.word(), in.at)
	case "ctrl+u":
		in.cut(0, in.at)
	case "ctrl+k":
		in.cut(in.at, len(in.chars))
	default:
		return false
	}
	return true
}

// word returns where the word before the cursor starts.
func (in *Input) word() int {
	i := in.at
	for i > 0 && in.chars[i-1] == " " {
		i--
	}
	for i > 0 && in.chars[i-1] != " " {
		i--
	}
	return i
}

func (in *Input) cut(from, to int) {
	from, to = max(0, from), min(len(in.chars), to)
	if from >= to {
		return
	}
	in.chars = append(in.chars[:from:from], in.chars[to:]...)
	in.at = from
}

// View returns the field in exactly w cells; with focus it shows the cursor and
// scrolls with it.
func (in *Input) View(w int, focused bool) string {
	t := in.env.Theme
	if len(in.chars) == 0 && in.Placeholder != "" {
		if !focused {
			return Pad(t.Faint.Paint(in.Placeholder), w)
		}
		head, rest := Clip(in.Placeholder, 1), strings.TrimPrefix(in.Placeholder, Clip(in.Placeholder, 1))
		return Pad(t.Faint.Reverse().Paint(head)+t.Faint.Paint(rest), w)
	}
	shown := make([]string, len(in.chars), len(in.chars)+1)
	copy(shown, in.chars)
	if in.Secret {
		for i := range shown {
			shown[i] = in.env.Glyph("•", "*")
		}
	}
	if !focused {
		return Pad(t.Text.Paint(strings.Join(shown, "")), w)
	}
	shown = append(shown, " ")
	from := in.scroll(shown, w)
	var row strings.Builder
	row.WriteString(t.Text.Paint(strings.Join(shown[from:in.at], "")))
	row.WriteString(t.Text.Reverse().Paint(shown[in.at]))
	row.WriteString(t.Text.Paint(strings.Join(shown[in.at+1:], "")))
	return Pad(Clip(row.String(), w), w)
}

// scroll returns the first character to show so that the cursor is in w cells.
func (in *Input) scroll(shown []string, w int) int {
	from, used := in.at, Width(shown[in.at])
	for from > 0 && used+Width(shown[from-1]) <= w {
		from--
		used += Width(shown[from])
	}
	return from
}
