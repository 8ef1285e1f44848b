// Package clean makes text that came from outside safe to show to a person.
//
// A CSV cell, a column name, a server's notice or a file name can hold bytes
// that a terminal obeys: escape sequences move the cursor, change colours,
// retitle the window or write the clipboard; bidirectional controls reorder
// what is read; zero-width characters hide. Everything of that kind comes out
// as a visible mark (␛, ␀, <U+202E>, <xFF>), so what is there can be seen and
// nothing of it acts. It is used by the console, by headless text and by logs.
//
// The rules, in order:
//   - C0 controls and DEL become their Unicode picture (␀ to ␟, ␡), except TAB,
//     which becomes spaces up to the next multiple of [TabWidth], and, in
//     [Text], LF and CRLF, which end a line;
//   - bytes that are not UTF-8 become <xHH>;
//   - C1 controls, bidirectional and other format characters, zero-width
//     characters (the joiners too), variation selectors, tags, line and
//     paragraph separators, private use, unassigned and noncharacters, skin
//     tone modifiers, enclosing marks and Hangul fillers become <U+HHHH>;
//   - combining marks stay, up to four on a character and none on nothing;
//     what joins letters into one cluster (Indic viramas, Hangul) counts as one.
//
// What it returns is valid UTF-8 and cleaning it again changes nothing.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// TabWidth is the distance in cells between the tab stops that TAB is filled up to.
const TabWidth = 4

// maxMarks is how many combining marks one character may carry; stacks of them
// (zalgo) would paint over the rows above and below.
const maxMarks = 4

// Line returns s as one safe line: line breaks are shown as marks too. Printable
// ASCII comes back as it is, without an allocation.
func Line(s string) string { return run(s, false) }

// Text returns s as safe lines joined by LF. CRLF counts as one line break; a
// CR alone is shown as ␍.
func Text(s string) string { return run(s, true) }

// Cell returns s as one safe line of at most width terminal cells; what does
// not fit is cut at a character and ends in "…". It reads no more of s than it
// needs, so a huge field costs no more than a small one.
func Cell(s string, width int) string {
	if width <= 0 {
		return ""
	}
	// A cell of the result is at most one character with its combining marks.
	const perCell = (maxMarks + 1) * utf8.UTFMax
	if limit := (width + 2) * perCell; len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		if head := Line(s[:limit]); displaywidth.String(head) > width {
			return displaywidth.TruncateString(head, width, "…")
		}
	}
	return displaywidth.TruncateString(Line(s), width, "…")
}

func printable(b byte) bool { return b >= 0x20 && b < 0x7f }

func run(s string, lines bool) string {
	i := 0
	for i < len(s) && printable(s[i]) {
		i++
	}
	if i == len(s) {
		return s
	}
	c := cleaner{src: s, lines: lines, marks: maxMarks}
	if i > 0 {
		i-- // the last plain character may carry combining marks
	}
	return c.from(i)
}

// cleaner walks over src and copies only once something has to change.
type cleaner struct {
	src   string
	lines bool

	out    strings.Builder
	copied int  // src[:copied] is in out, changed where needed
	dirty  bool // something was changed, so out counts

	marks int  // combining marks on the current character; maxMarks: takes no more
	prev  rune // the character before, 0 if that was shown as a mark

	column  int // cells of the current line, up to measured
	counted int // bytes of out that column covers
}

func (c *cleaner) from(i int) string {
	if i > 0 {
		c.marks = 0
	}
	for i < len(c.src) {
		if b := c.src[i]; printable(b) {
			c.marks, c.prev = 0, 0
			i++
			continue
		}
		i += c.step(i)
	}
	if !c.dirty {
		return c.src
	}
	c.flush(len(c.src))
	return c.out.String()
}

// step handles the character at i, which is not printable ASCII, and returns its length.
func (c *cleaner) step(i int) int {
	r, size := utf8.DecodeRuneInString(c.src[i:])
	switch {
	case r == utf8.RuneError && size == 1:
		c.replace(i, 1, "<x"+hex(uint32(c.src[i]), 2)+">")
		c.marks, c.prev = maxMarks, 0
	case r < 0x20 || r == 0x7f:
		return c.control(i)
	case c.allowed(r):
	default:
		c.replace(i, size, "<U+"+hex(uint32(r), 4)+">")
		c.marks, c.prev = maxMarks, 0
	}
	return size
}

// control replaces the C0 control or DEL at i and returns how many bytes it took.
func (c *cleaner) control(i int) int {
	b := c.src[i]
	c.marks, c.prev = 0, 0
	switch {
	case b == '\t':
		c.flush(i)
		c.replace(i, 1, "    "[:TabWidth-c.measure()%TabWidth])
	case b == '\n' && c.lines:
		c.lineEnd(i, 1)
	case b == '\r' && c.lines && strings.HasPrefix(c.src[i+1:], "\n"):
		c.replace(i, 2, "\n")
		c.lineEnd(i, 2)
		return 2
	case b == 0x7f:
		c.replace(i, 1, "␡")
	default:
		c.replace(i, 1, string(rune(0x2400)+rune(b)))
	}
	return 1
}

// lineEnd starts a new line after the break of n bytes at i.
func (c *cleaner) lineEnd(i, n int) {
	c.flush(i + n)
	c.column, c.counted = 0, c.out.Len()
	c.marks = maxMarks
}

// measure returns the width of the line so far; out must be flushed.
func (c *cleaner) measure() int {
	c.column += displaywidth.String(c.out.String()[c.counted:])
	c.counted = c.out.Len()
	return c.column
}

func (c *cleaner) flush(to int) {
	if to > c.copied {
		c.out.WriteString(c.src[c.copied:to])
		c.copied = to
	}
}

func (c *cleaner) replace(i, n int, with string) {
	c.flush(i)
	c.out.WriteString(with)
	c.copied = i + n
	c.dirty = true
}

// allowed reports whether r, which is not ASCII, may be shown as it is after
// what came before, and remembers it.
func (c *cleaner) allowed(r rune) bool {
	if !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) || disguised(r) {
		return false
	}
	switch {
	case hangulTail(r):
		// Vowels and finals have no width of their own: only after Hangul.
		if !hangulLead(c.prev) && !hangulTail(c.prev) || c.marks >= maxMarks {
			return false
		}
		c.marks++
	case unicode.In(r, unicode.M, unicode.Other_Grapheme_Extend), r == 0x0e33, r == 0x0eb3: // Thai, Lao am
		if c.marks >= maxMarks {
			return false
		}
		c.marks++
	case hangulLead(r) && hangulLead(c.prev):
		if c.marks >= maxMarks {
			return false
		}
		c.marks++
	case !linker(c.prev): // after one, r is part of the same character
		c.marks = 0
	}
	c.prev = r
	return true
}

// disguised reports characters that are printable by their category yet are
// drawn as nothing, change the width of others, or join without end.
func disguised(r rune) bool {
	switch {
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), // fillers, grapheme joiner
		unicode.Is(unicode.Variation_Selector, r),
		unicode.Is(unicode.Me, r),
		unicode.Is(unicode.Prepended_Concatenation_Mark, r),
		r >= 0x1f3fb && r <= 0x1f3ff: // skin tones
		return true
	}
	switch r { // letters that Unicode attaches to whatever follows
	case 0x0d4e, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a3a, 0x11a84, 0x11a85, 0x11a86,
		0x11a87, 0x11a88, 0x11a89, 0x11d46, 0x11f02:
		return true
	}
	return false
}

func hangulLead(r rune) bool {
	return r >= 0x1100 && r < 0x1160 || r >= 0xa960 && r <= 0xa97c || r >= 0xac00 && r <= 0xd7a3
}

func hangulTail(r rune) bool {
	return r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7fb
}

// linker reports the viramas that make one character of the letters around them.
func linker(r rune) bool {
	switch r {
	case 0x094d, 0x09cd, 0x0acd, 0x0b4d, 0x0c4d, 0x0d4d, 0x1039, 0x17d2, 0x1a60, 0x1b44, 0x1bab,
		0xa9c0, 0xaaf6, 0x10a3f, 0x11133, 0x113d0, 0x1193e, 0x11a47, 0x11a99, 0x11f42:
		return true
	}
	return false
}

func hex(v uint32, atLeast int) string {
	const digits = "0123456789ABCDEF"
	var b [8]byte
	i := len(b)
	for v > 0 || len(b)-i < atLeast {
		i--
		b[i] = digits[v&15]
		v >>= 4
	}
	return string(b[i:])
}
