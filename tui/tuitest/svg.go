package tuitest

import (
	"fmt"
	"html"
	"strings"
)

// The cells of a picture, in its units.
const (
	cellWidth, cellHeight = 9.0, 18.0
	baseline              = 13.5
	border                = 14.0
)

// SVG returns the screen as a picture: a grid of monospaced cells on the
// background of a dark or light terminal. Characters that terminals draw to fill
// their cell (rules, blocks, braille) are drawn as shapes, so that they meet
// whatever font shows the picture.
func (s Screen) SVG(dark bool) string {
	fg, bg := "#1f2328", "#ffffff"
	if dark {
		fg, bg = "#e4e7eb", "#12161c"
	}
	var b strings.Builder
	w, h := float64(s.W)*cellWidth+2*border, float64(s.H)*cellHeight+2*border
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.4g %.4g" width="%.4g" height="%.4g" `, w, h, w, h)
	b.WriteString(`font-family="ui-monospace,'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,monospace" font-size="15" xml:space="preserve">` + "\n")
	fmt.Fprintf(&b, `<rect width="%.4g" height="%.4g" rx="8" fill="%s"/>`+"\n", w, h, bg)
	for y := range s.H {
		s.backs(&b, y, fg, bg)
		s.texts(&b, y, fg, bg)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// colours returns a cell's colours in the picture; a background of "" is the screen's.
func (c Cell) colours(fg, bg string) (text, back string) {
	text, back = rgb(c.FG, fg), rgb(c.BG, "")
	if c.Reverse && c.FG == "" && c.BG == "" {
		text, back = bg, fg
	}
	return text, back
}

// rgb is a colour of a cell as SVG writes it.
func rgb(color, none string) string {
	if strings.HasPrefix(color, "#") {
		return color
	}
	palette := [...]string{
		"#3b4048", "#c4384b", "#2f8f4e", "#a8740b", "#2f6fc4", "#8d4fb8", "#16808c", "#aab2bd",
		"#6b7380", "#e0586a", "#4cb56d", "#d09a2c", "#5b97e6", "#b07adb", "#36a8b5", "#f4f6f8",
	}
	var n int
	if _, err := fmt.Sscan(color, &n); err == nil && n >= 0 && n < len(palette) {
		return palette[n]
	}
	return none
}

func left(x int) float64 { return border + float64(x)*cellWidth }
func top(y int) float64  { return border + float64(y)*cellHeight }

func rect(b *strings.Builder, x, y, w, h float64, fill string) {
	fmt.Fprintf(b, `<rect x="%.5g" y="%.5g" width="%.4g" height="%.4g" fill="%s"/>`, x, y, w, h, fill)
}

// backs draws the backgrounds of a row.
func (s Screen) backs(b *strings.Builder, y int, fg, bg string) {
	for x := 0; x < s.W; {
		_, back := s.cells[y][x].colours(fg, bg)
		from := x
		for x < s.W {
			if _, next := s.cells[y][x].colours(fg, bg); next != back {
				break
			}
			x++
		}
		if back != "" {
			rect(b, left(from), top(y), float64(x-from)*cellWidth, cellHeight, back)
		}
	}
}

// texts draws the characters of a row, those of one style and without a space
// between them together.
func (s Screen) texts(b *strings.Builder, y int, fg, bg string) {
	row := s.cells[y]
	for x := 0; x < s.W; {
		c := row[x]
		text, _ := c.colours(fg, bg)
		switch {
		case c.Char == ' ' || c.Char == filler:
			x++
			continue
		case shape(b, c.Char, left(x), top(y), text):
			x++
			continue
		}
		from := x
		var word strings.Builder
		for x < s.W && row[x].Char != ' ' && row[x].Char != filler && row[x].style() == c.style() && (x == from || !shaped(row[x].Char)) {
			word.WriteRune(row[x].Char)
			x++
		}
		style := ""
		if c.Bold {
			style += ` font-weight="bold"`
		}
		if c.Italic {
			style += ` font-style="italic"`
		}
		if c.Underline {
			style += ` text-decoration="underline"`
		}
		fmt.Fprintf(b, `<text x="%.5g" y="%.5g" textLength="%.4g" fill="%s"%s>%s</text>`,
			left(from), top(y)+baseline, float64(x-from)*cellWidth, text, style, html.EscapeString(word.String()))
	}
	b.WriteByte('\n')
}

func shaped(r rune) bool { return shape(&strings.Builder{}, r, 0, 0, "") }

// shape draws a character that fills its cell and reports whether r is one.
func shape(b *strings.Builder, r rune, x, y float64, fill string) bool {
	switch {
	case r >= 0x2801 && r <= 0x28ff:
		braille(b, int(r-0x2800), x, y, fill)
	case r >= '▁' && r <= '█': // eighths from below
		h := cellHeight * float64(r-'▁'+1) / 8
		rect(b, x, y+cellHeight-h, cellWidth, h, fill)
	case r >= '▉' && r <= '▏': // eighths from the left
		rect(b, x, y, cellWidth*float64('▏'-r+1)/8, cellHeight, fill)
	case r >= '░' && r <= '▓':
		fmt.Fprintf(b, `<rect x="%.5g" y="%.5g" width="%.4g" height="%.4g" fill="%s" opacity="%.2g"/>`,
			x, y, cellWidth, cellHeight, fill, 0.25*float64(r-'░'+1))
	case r == '▀':
		rect(b, x, y, cellWidth, cellHeight/2, fill)
	case r == '▐':
		rect(b, x+cellWidth/2, y, cellWidth/2, cellHeight, fill)
	default:
		return lines(b, r, x, y, fill)
	}
	return true
}

// braille draws the dots of a pattern.
func braille(b *strings.Builder, dots int, x, y float64, fill string) {
	for bit, at := range [8][2]float64{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
		if dots>>bit&1 == 1 {
			fmt.Fprintf(b, `<circle cx="%.5g" cy="%.5g" r="1.25" fill="%s"/>`,
				x+cellWidth*(0.27+0.46*at[0]), y+cellHeight*(0.125+0.25*at[1]), fill)
		}
	}
}

// lines draws rules, corners and crossings; each is known by its arms.
func lines(b *strings.Builder, r rune, x, y float64, fill string) bool {
	arms, ok := map[rune]string{
		'─': "lr", '│': "ud", '┌': "rd", '┐': "ld", '└': "ru", '┘': "lu", '├': "udr", '┤': "udl",
		'┬': "lrd", '┴': "lru", '┼': "lrud", '━': "LR", '┃': "UD", '╌': "lr", '╎': "ud", '┊': "ud",
		'╭': "rd", '╮': "ld", '╰': "ru", '╯': "lu", '╴': "l", '╶': "r", '╷': "d", '╵': "u",
	}[r]
	if !ok {
		return false
	}
	midX, midY := x+cellWidth/2, y+cellHeight/2
	for _, arm := range arms {
		thick := 1.1
		if arm < 'a' {
			thick = 2.6
		}
		switch arm | 0x20 {
		case 'l':
			rect(b, x, midY-thick/2, cellWidth/2+thick/2, thick, fill)
		case 'r':
			rect(b, midX-thick/2, midY-thick/2, cellWidth/2+thick/2, thick, fill)
		case 'u':
			rect(b, midX-thick/2, y, thick, cellHeight/2+thick/2, fill)
		case 'd':
			rect(b, midX-thick/2, midY-thick/2, thick, cellHeight/2+thick/2, fill)
		}
	}
	return true
}
