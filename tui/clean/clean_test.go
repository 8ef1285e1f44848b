package clean

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"github.com/clipperhouse/uax29/v2/graphemes"
)

// problem says what of s a terminal could act on or a reader not see, "" if nothing.
func problem(s string, lines bool) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	for i, r := range s {
		switch {
		case r == '\n' && lines:
		case r < 0x20, r >= 0x7f && r < 0xa0:
			return fmt.Sprintf("control %U at %d", r, i)
		case unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Bidi_Control,
			unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point):
			return fmt.Sprintf("hidden %U at %d", r, i)
		}
	}
	// A cluster without end would be one cell here and thousands elsewhere.
	for g := graphemes.FromString(s); g.Next(); {
		if n := utf8.RuneCountInString(g.Value()); n > 2*maxMarks+2 {
			return fmt.Sprintf("%d characters in one cell", n)
		}
	}
	return ""
}

// check holds every output to what the package promises of all of them.
func check(t *testing.T, in string) {
	t.Helper()
	line, text, cell := Line(in), Text(in), Cell(in, 12)
	if p := problem(line, false); p != "" {
		t.Errorf("Line(%q) = %q: %s", in, line, p)
	}
	if p := problem(text, true); p != "" {
		t.Errorf("Text(%q) = %q: %s", in, text, p)
	}
	if p := problem(cell, false); p != "" {
		t.Errorf("Cell(%q) = %q: %s", in, cell, p)
	}
	if again := Line(line); again != line {
		t.Errorf("Line twice of %q: %q then %q", in, line, again)
	}
	if again := Text(text); again != text {
		t.Errorf("Text twice of %q: %q then %q", in, text, again)
	}
	if again := Cell(cell, 12); again != cell {
		t.Errorf("Cell twice of %q: %q then %q", in, cell, again)
	}
	if w := displaywidth.String(cell); w > 12 {
		t.Errorf("Cell(%q, 12) = %q is %d wide", in, cell, w)
	}
	if want := displaywidth.TruncateString(line, 12, "…"); cell != want {
		t.Errorf("Cell(%q, 12) = %q, the whole line cut is %q", in, cell, want)
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "REGENCY CAKESTAND 3 TIER", "REGENCY CAKESTAND 3 TIER"},
		{"empty", "", ""},
		{"latin", "Café £12.50 naïve", "Café £12.50 naïve"},
		{"wide", "東京 タワー 한국어", "東京 タワー 한국어"},
		{"emoji", "gift 🎁 ok", "gift 🎁 ok"},
		{"flag", "🇬🇧 pole", "🇬🇧 pole"},
		{"joiner shown", "👨\u200d👩", "👨<U+200D>👩"},
		{"heart with selector", "❤\ufe0f", "❤<U+FE0F>"},
		{"skin tone", "👍🏽", "👍<U+1F3FD>"},
		{"nul", "a\x00b", "a␀b"},
		{"escape", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"delete", "a\x7f", "a␡"},
		{"line breaks", "a\r\nb\nc\rd", "a␍␊b␊c␍d"},
		{"c1", "a\u009b31m\u0085", "a<U+009B>31m<U+0085>"},
		{"lone byte", "a\x9bb\xff", "a<x9B>b<xFF>"},
		{"cut rune", "\xe2\x82", "<xE2><x82>"},
		{"overlong", "\xc0\xaf", "<xC0><xAF>"},
		{"surrogate", "\xed\xa0\x80", "<xED><xA0><x80>"},
		{"bidi", "a\u202egpj.exe", "a<U+202E>gpj.exe"},
		{"isolate", "\u2067x\u2069", "<U+2067>x<U+2069>"},
		{"mark", "\u200fא", "<U+200F>א"},
		{"zero width", "a\u200bb\ufeffc\u2060", "a<U+200B>b<U+FEFF>c<U+2060>"},
		{"soft hyphen", "a\u00adb", "a<U+00AD>b"},
		{"separators", "a\u2028b\u2029", "a<U+2028>b<U+2029>"},
		{"private use", "\ue0b0\U000f0000", "<U+E0B0><U+F0000>"},
		{"tags", "x\U000e0041\U000e007f", "x<U+E0041><U+E007F>"},
		{"noncharacter", "\ufffe\U0010ffff", "<U+FFFE><U+10FFFF>"},
		{"replacement stays", "\ufffd", "\ufffd"},
		{"fillers", "\u115f\u3164\uffa0", "<U+115F><U+3164><U+FFA0>"},
		{"grapheme joiner", "a\u034fb", "a<U+034F>b"},
		{"decomposed", "e\u0301", "e\u0301"},
		{"decomposed Hangul", "한", "한"},
		{"vowel on nothing", "\u1161", "<U+1161>"},
		{"mark on nothing", "\u0301a", "<U+0301>a"},
		{"zalgo", "a\u0300\u0301\u0302\u0303\u0304\u0305b", "a\u0300\u0301\u0302\u0303<U+0304><U+0305>b"},
		{"Indic conjunct", "क्षत्रिय", "क्षत्रिय"},
		{"endless conjunct", strings.Repeat("क\u094d", 6), strings.Repeat("क\u094d", 4) + "क<U+094D>क\u094d"},
		{"endless leaders", strings.Repeat("\u1100", 7), strings.Repeat("\u1100", 5) + "<U+1100>\u1100"},
		{"keycap", "1\u20e3", "1<U+20E3>"},
		{"tab to the stop", "ab\tc\td", "ab  c   d"},
		{"tab after wide", "東\tx", "東  x"},
		{"tab first", "\t=1", "    =1"},
		{"no-break and wide spaces stay", "a\u00a0b\u3000c", "a\u00a0b\u3000c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Line(c.in); got != c.want {
				t.Errorf("Line(%q) = %q, want %q", c.in, got, c.want)
			}
			check(t, c.in)
		})
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"one\ntwo", "one\ntwo"},
		{"one\r\ntwo\r\n", "one\ntwo\n"},
		{"over\rwrite", "over␍write"},
		{"a\n\tb", "a\n    b"},
		{"abc\r\nab\tc", "abc\nab  c"},
		{"a\n\u0301b", "a\n<U+0301>b"},
		{"東\n\u0301", "東\n<U+0301>"},
		{"\x1b]0;title\x07\nnext", "␛]0;title␇\nnext"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
		check(t, c.in)
	}
}

func TestCell(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"abcd", 0, ""},
		{"abcd", -5, ""},
		{"東京都", 4, "東…"},
		{"東京都", 5, "東京…"},
		{"\x1b[2J", 3, "␛[…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
	} {
		if got := Cell(c.in, c.width); got != c.want {
			t.Errorf("Cell(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
	huge := strings.Repeat("e\u0301\t\x00東", 1<<14)
	check(t, huge)
	if got := Cell(huge, 5); got != "e\u0301   …" {
		t.Errorf("Cell of a huge field = %q", got)
	}
}

// TestEveryByte holds each byte alone, between letters and before a letter.
func TestEveryByte(t *testing.T) {
	for b := range 256 {
		s := string([]byte{byte(b)})
		for _, in := range []string{s, "a" + s + "b", s + s, "é" + s, s + "\u0301"} {
			check(t, in)
		}
		plain := b >= 0x20 && b < 0x7f
		if got := Line(s); (got == s) != plain {
			t.Errorf("byte %#02x came out as %q", b, got)
		}
	}
}

// TestEveryRune holds each code point alone, after a letter and repeated.
func TestEveryRune(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if alike := r > 0x32000 && (r < 0xe0000 || r > 0xe0fff) || unicode.In(r, unicode.Han, unicode.Hangul) && r > 0x3400; alike && r%64 > 1 {
			continue // planes of nothing, of private use and of ideographs: some of them
		}
		s := string(r)
		all := []string{s, "a" + s}
		if Line(all[1]) == all[1] && (clusters(s+s) < 2 || clusters("क"+s+"क") < 3) { // it joins
			all = append(all, strings.Repeat(s, 2*maxMarks+4), strings.Repeat("क"+s, 2*maxMarks+4))
		}
		for _, in := range all {
			got := Line(in)
			if p := problem(got, false); p != "" {
				t.Fatalf("%U: %s", r, p)
			}
			if Line(got) != got {
				t.Fatalf("%U is not steady: %q", r, got)
			}
		}
	}
}

func clusters(s string) (n int) {
	for g := graphemes.FromString(s); g.Next(); {
		n++
	}
	return n
}

func TestFamilies(t *testing.T) {
	for name, in := range families() {
		t.Run(name, func(t *testing.T) { check(t, "before"+in+"after"); check(t, in) })
	}
}

func TestNaughtyStrings(t *testing.T) {
	for _, s := range naughty(t) {
		check(t, s)
		check(t, "cell\t"+s+"\n"+s)
	}
}

func TestPlainIsNotCopied(t *testing.T) {
	s := strings.Repeat("WHITE HANGING HEART ", 10)
	wide := strings.Repeat("Café 東京 ", 10)
	for name, f := range map[string]func(){
		"line":       func() { Line(s) },
		"text":       func() { Text(s) },
		"wide":       func() { Line(wide) },
		"cell fits":  func() { Cell("85123A", 10) },
		"export":     func() { Formula("-12.50") },
		"plain text": func() { Formula(s) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range families() {
		f.Add(s)
	}
	for _, s := range naughty(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { check(t, s) })
}

func BenchmarkLine(b *testing.B) {
	for name, s := range map[string]string{
		"ascii": "WHITE HANGING HEART T-LIGHT HOLDER", "wide": "Café 東京 タワー", "hostile": "\x1b[31mred\x1b[0m\u202e",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Line(s)
			}
		})
	}
}

func naughty(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/blns.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 400 {
		t.Fatalf("only %d naughty strings", len(list))
	}
	return list
}

// families are the kinds of sequences that terminals obey, complete and cut off.
func families() map[string]string {
	return map[string]string{
		"csi cursor":              "\x1b[2J\x1b[H",
		"csi colour":              "\x1b[38;2;255;0;0m",
		"csi hidden text":         "\x1b[8msecret\x1b[0m",
		"csi unterminated":        "\x1b[38;2",
		"csi eight bit":           "\x9b2J",
		"csi as U+009B":           "\u009b2J",
		"csi scroll region":       "\x1b[1;2r",
		"csi mode":                "\x1b[?1049h\x1b[?1000h",
		"csi report":              "\x1b[6n\x1b[c",
		"csi window":              "\x1b[8;1;1t\x1b[21t",
		"osc title bel":           "\x1b]0;owned\x07",
		"osc title st":            "\x1b]2;owned\x1b\\",
		"osc clipboard":           "\x1b]52;c;Y3VybA==\x07",
		"osc link":                "\x1b]8;;http://x.example\x1b\\click\x1b]8;;\x1b\\",
		"osc palette":             "\x1b]4;1;rgb:00/00/00\x07",
		"osc notification":        "\x1b]9;hello\x07\x1b]777;notify;a;b\x07",
		"osc progress":            "\x1b]9;4;1;50\x07",
		"osc unterminated":        "\x1b]0;swallow the frame",
		"osc eight bit":           "\x9d0;owned\x9c",
		"osc image":               "\x1b]1337;File=inline=1:AAAA\x07",
		"dcs sixel":               "\x1bPq#0;2;0;0;0#0!10~\x1b\\",
		"dcs unterminated":        "\x1bP+q544e",
		"dcs eight bit":           "\x90q~\x9c",
		"apc kitty graphics":      "\x1b_Gf=100,a=T;AAAA\x1b\\",
		"pm":                      "\x1b^private\x1b\\",
		"sos":                     "\x1bXstring\x1b\\",
		"charset":                 "\x1b(0lqqk\x1b(B",
		"shift out and in":        "\x0elqqk\x0f",
		"reset":                   "\x1bc\x1b[!p",
		"save and restore":        "\x1b7\x1b8",
		"index":                   "\x1bD\x1bM\x1bE",
		"alignment test":          "\x1b#8",
		"backspace over":          "yes\x08\x08\x08no ",
		"bell and form feed":      "\x07\x0b\x0c",
		"return over":             "safe\rrm -rf",
		"escape at the end":       "\x1b",
		"tmux passthrough":        "\x1bPtmux;\x1b\x1b]52;c;QQ==\x07\x1b\\",
		"bidi override":           "\u202egpj\u202c",
		"bidi isolates unclosed":  "\u2066\u2067\u2068",
		"tag characters":          "\U000e0068\U000e0069\U000e007f",
		"variation selectors":     "a\U000e0101\U000e0102\ufe00",
		"joined family":           "👨\u200d👩\u200d👧\u200d👦",
		"interlinear annotations": "\ufff9a\ufffab\ufffb",
		"invisible operators":     "\u2061\u2062\u2063\u2064",
		"byte order mark":         "\ufeff=1+1",
	}
}
