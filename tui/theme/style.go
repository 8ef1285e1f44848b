package theme

import (
	"image/color"
	"strconv"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"penstock/tui/clean"
)

// reset ends every painted text; it is the only way this program turns a style off.
const reset = "\x1b[m"

// attr is a set of text attributes.
type attr uint8

const (
	bold attr = 1 << iota
	faint
	italic
	underline
	reverse
)

// Style is how a text is drawn: colours and attributes. It is a small value;
// the zero Style draws text as the terminal does.
type Style struct {
	fg, bg color.Color
	attrs  attr
	open   string // the escape sequence that turns the style on, "" for none
}

// Paint returns text in the style. The text is cleaned first, so data may be
// painted as it is; because of that, text that is already painted must be put
// together with +, never painted again (see [Style.Over]).
func (s Style) Paint(text string) string {
	if text == "" {
		return ""
	}
	text = clean.Line(text)
	if s.open == "" {
		return text
	}
	return s.open + text + reset
}

// Over lays the style under a row that is already painted: parts keep their own
// colours and attributes and take the style's where they have none.
func (s Style) Over(row string) string {
	if s.open == "" || row == "" {
		return row
	}
	return s.open + strings.ReplaceAll(row, reset, reset+s.open) + reset
}

// Bold returns the style with bold text.
func (s Style) Bold() Style { return s.with(bold) }

// Italic returns the style with slanted text.
func (s Style) Italic() Style { return s.with(italic) }

// Underline returns the style with underlined text.
func (s Style) Underline() Style { return s.with(underline) }

// Reverse returns the style with text and background changed for each other.
func (s Style) Reverse() Style { return s.with(reverse) }

// On returns the style's text on the background of under.
func (s Style) On(under Style) Style {
	return newStyle(s.fg, under.bg, s.attrs|under.attrs&reverse)
}

// Foreground returns the text colour, nil for the terminal's own.
func (s Style) Foreground() color.Color { return s.fg }

// Background returns the background colour, nil for the terminal's own.
func (s Style) Background() color.Color { return s.bg }

// Plain reports whether the style changes nothing.
func (s Style) Plain() bool { return s.open == "" }

func (s Style) with(a attr) Style { return newStyle(s.fg, s.bg, s.attrs|a) }

func newStyle(fg, bg color.Color, attrs attr) Style {
	var codes []string
	for i := range 5 {
		if attrs&(1<<i) != 0 {
			codes = append(codes, [...]string{"1", "2", "3", "4", "7"}[i])
		}
	}
	codes = appendColor(codes, fg, 30)
	codes = appendColor(codes, bg, 40)
	s := Style{fg: fg, bg: bg, attrs: attrs}
	if len(codes) > 0 {
		s.open = "\x1b[" + strings.Join(codes, ";") + "m"
	}
	return s
}

// appendColor adds the SGR parameters of c; base is 30 for text and 40 for background.
func appendColor(codes []string, c color.Color, base int) []string {
	switch c := c.(type) {
	case nil:
		return codes
	case ansi.BasicColor:
		if c >= 8 {
			return append(codes, strconv.Itoa(base+60+int(c)-8))
		}
		return append(codes, strconv.Itoa(base+int(c)))
	case ansi.IndexedColor:
		return append(codes, strconv.Itoa(base+8), "5", strconv.Itoa(int(c)))
	default:
		r, g, b, _ := c.RGBA()
		return append(codes, strconv.Itoa(base+8), "2",
			strconv.Itoa(int(r>>8)), strconv.Itoa(int(g>>8)), strconv.Itoa(int(b>>8)))
	}
}

// shade is a colour of a palette: the exact one, the one of the 256 and the one
// of the sixteen that terminals without more show instead (-1: the terminal's own).
type shade struct {
	hex            uint32
	indexed, basic int
}

// in returns the colour as the profile can show it, nil for the terminal's own.
func (s shade) in(p colorprofile.Profile) color.Color {
	exact := color.RGBA{R: uint8(s.hex >> 16), G: uint8(s.hex >> 8), B: uint8(s.hex), A: 0xff} //nolint:gosec // bytes of a 24-bit constant
	switch {
	case p >= colorprofile.TrueColor:
		return exact
	case p == colorprofile.ANSI256:
		return ansi.IndexedColor(s.indexed) //nolint:gosec // 16 to 255 by the palettes
	case p == colorprofile.ANSI && s.basic >= 0:
		return ansi.BasicColor(s.basic) //nolint:gosec // 0 to 15 by the palettes
	}
	return nil
}
