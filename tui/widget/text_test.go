package widget

import (
	"slices"
	"strings"
	"testing"

	"penstock/tui/theme"

	"github.com/charmbracelet/x/ansi"
)

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
)

func TestCutPadRight(t *testing.T) {
	for _, c := range []struct {
		in               string
		w                int
		cut, pad, rights string
	}{
		{"abc", 5, "abc", "abc  ", "  abc"},
		{"abc", 3, "abc", "abc", "abc"},
		{"abcdef", 3, "ab…", "ab…", "ab…"},
		{"abc", 0, "", "", ""},
		{"abc", -1, "", "", ""},
		{"", 2, "", "  ", "  "},
		{"東京都", 6, "東京都", "東京都", "東京都"},
		{"東京都", 5, "東京…", "東京…", "東京…"},
		{"東京都", 4, "東…", "東… ", " 東…"},
		{"e\u0301e\u0301", 1, "…", "…", "…"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301", "e\u0301e\u0301", "e\u0301e\u0301"},
		{red + "ab" + reset, 2, red + "ab" + reset, red + "ab" + reset, red + "ab" + reset},
		{red + "abc" + reset + "d", 3, red + "ab…" + reset, red + "ab…" + reset, red + "ab…" + reset},
		{red + "a" + reset + "bcd", 3, red + "a" + reset + "b…", red + "a" + reset + "b…", red + "a" + reset + "b…"},
		{red + "a" + reset, 3, red + "a" + reset, red + "a" + reset + "  ", "  " + red + "a" + reset},
	} {
		if got := Cut(c.in, c.w); got != c.cut {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.w, got, c.cut)
		}
		if got := Pad(c.in, c.w); got != c.pad {
			t.Errorf("Pad(%q, %d) = %q, want %q", c.in, c.w, got, c.pad)
		}
		if got := Right(c.in, c.w); got != c.rights {
			t.Errorf("Right(%q, %d) = %q, want %q", c.in, c.w, got, c.rights)
		}
	}
}

func TestWindow(t *testing.T) {
	row := red + "abc" + reset + "def" + green + "東京" + reset
	for _, c := range []struct {
		from, w int
		want    string
	}{
		{0, 3, red + "abc" + reset},
		{1, 3, red + "bc" + reset + "d"},
		{3, 3, "def"},
		{6, 4, green + "東京" + reset},
		{7, 3, green + " 京" + reset},
		{8, 4, green + "京" + reset + "  "},
		{6, 3, green + "東" + reset + " "},
		{10, 2, "  "},
		{50, 2, "  "},
	} {
		got := Window(row, c.from, c.w)
		if ansi.Strip(got) != ansi.Strip(c.want) || Width(got) != c.w {
			t.Errorf("Window(%d, %d) = %q, want %q", c.from, c.w, got, c.want)
		}
		if strings.Count(c.want, "\x1b") > 0 && !strings.Contains(got, c.want[:strings.IndexByte(c.want, 'm')+1]) {
			t.Errorf("Window(%d, %d) = %q lost the colour of %q", c.from, c.w, got, c.want)
		}
	}
}

func TestCenterAndBetween(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Centre("ab", 6), "  ab  "},
		{Centre("abc", 6), " abc  "},
		{Centre("abcdef", 3), "ab…"},
		{Between("left", "right", 12), "left   right"},
		{Between("left", "", 6), "left  "},
		{Between("a long left part", "right", 12), "a lon… right"},
		{Between("a long left part", "a long right part", 12), "a lon… a lo…"},
		{Between("ab", "cd", 4), "ab …"},
		{Between("", "right", 3), " r…"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		w    int
		want []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"one\ntwo", 10, []string{"one", "two"}},
		{"", 10, []string{""}},
		{"a\n\nb", 10, []string{"a", "", "b"}},
		{"abcdefgh ij", 3, []string{"abc", "def", "gh", "ij"}},
		{"東京都庁", 4, []string{"東京", "都庁"}},
		{"東", 1, []string{"…"}},
		{"x", 0, nil},
	} {
		if got := Wrap(c.in, c.w); !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

// FuzzRows holds the laws of cutting: never too wide, padded exactly, the same
// width as the terminal library counts, and no colour left on.
func FuzzRows(f *testing.F) {
	f.Add("plain", 3)
	f.Add(red+"東京"+reset+"x", 4)
	f.Add("e\u0301\u0301 ok", 2)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w %= 50
		row := red + strings.ToValidUTF8(strings.Map(func(r rune) rune {
			if r < 0x20 || r >= 0x7f && r < 0xa0 {
				return -1
			}
			return r
		}, s), "") + reset + "tail"
		if got, want := Width(row), ansi.StringWidth(row); got != want {
			t.Fatalf("Width(%q) = %d, ansi says %d", row, got, want)
		}
		for name, got := range map[string]string{"cut": Cut(row, w), "clip": Clip(row, w)} {
			if Width(got) > max(w, 0) {
				t.Fatalf("%s(%q, %d) = %q: %d wide", name, row, w, got, Width(got))
			}
			if i := strings.LastIndexByte(got, 0x1b); i >= 0 && !strings.HasPrefix(got[i:], reset) {
				t.Fatalf("%s(%q, %d) = %q leaves a colour on", name, row, w, got)
			}
		}
		for name, got := range map[string]string{
			"pad": Pad(row, w), "right": Right(row, w), "centre": Centre(row, w), "window": Window(row, 2, w),
		} {
			if Width(got) != max(w, 0) {
				t.Fatalf("%s(%q, %d) = %q: %d wide", name, row, w, got, Width(got))
			}
		}
	})
}

func BenchmarkPad(b *testing.B) {
	row := red + "WHITE HANGING HEART" + reset + " 1,234 rows of nothing in particular"
	for b.Loop() {
		Pad(row, 80)
	}
}

func TestPainted(t *testing.T) {
	style := theme.Style{}.Underline()
	rows := Painted(style, "one two three", 7)
	if len(rows) != 2 || rows[0] != style.Paint("one two") || rows[1] != style.Paint("three") {
		t.Errorf("%q", rows)
	}
}
