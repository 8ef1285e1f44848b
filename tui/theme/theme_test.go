package theme

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/lucasb-eyer/go-colorful"
)

// backgrounds that terminals really have, and the theme's own selection.
func backgrounds(dark bool) []color.Color {
	hexes := []uint32{0xffffff, 0xfdf6e3, 0xeeeeee}
	if dark {
		hexes = []uint32{0x000000, 0x1e1e1e, 0x282c34, 0x002b36}
	}
	var list []color.Color
	for _, h := range hexes {
		list = append(list, shade{hex: h}.in(colorprofile.TrueColor))
	}
	return list
}

func luminance(c color.Color) float64 {
	f, _ := colorful.MakeColor(c)
	r, g, b := f.LinearRgb()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func coloured(t *testing.T) []Theme {
	t.Helper()
	var list []Theme
	for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
		for _, o := range []Options{{Name: "dark"}, {Name: "light"}, {Name: "contrast", Dark: true}, {Name: "contrast"}} {
			o.Profile = profile
			th, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, th)
		}
	}
	return list
}

func TestContrast(t *testing.T) {
	for _, th := range coloured(t) {
		texts := map[string]Style{
			"text": th.Text, "muted": th.Muted, "faint": th.Faint, "accent": th.Accent, "accent2": th.Accent2,
			"ok": th.OK, "warn": th.Warn, "bad": th.Bad, "info": th.Info,
		}
		marks := map[string]Style{"rule": th.Rule, "heat7": th.Heat[7]}
		for i, s := range th.Series {
			marks[fmt.Sprint("series", i+1)] = s
		}
		atLeast := 4.5
		if th.Name == "contrast" {
			atLeast = 7
			if _, exact := th.Text.Foreground().(color.RGBA); !exact {
				atLeast = 5.5 // there are few dark colours among the 256
			}
		}
		for _, bg := range backgrounds(th.Dark) {
			for name, s := range texts {
				if c := contrast(s.Foreground(), bg); c < atLeast {
					t.Errorf("%s %s on %v: %.2f", th.Name, name, bg, c)
				}
			}
			for name, s := range marks {
				if c := contrast(s.Foreground(), bg); c < 3 {
					t.Errorf("%s %s on %v: %.2f", th.Name, name, bg, c)
				}
			}
		}
		for name, s := range texts {
			if c := contrast(s.Foreground(), th.Select.Background()); c < 3 || c < 4.5 && (name == "text" || name == "muted") {
				t.Errorf("%s %s on the selection: %.2f", th.Name, name, c)
			}
		}
	}
}

// sixteen are the colours that terminals without more have, as xterm sets them.
func sixteen(n ansi.BasicColor) color.Color {
	return shade{hex: [16]uint32{
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
		0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	}[n]}.in(colorprofile.TrueColor)
}

// ends returns what a style of sixteen colours is drawn in on xterm in white on black
// or black on white.
func ends(t *testing.T, s Style, dark bool) (text, under color.Color) {
	t.Helper()
	own := map[bool][2]ansi.BasicColor{true: {7, 0}, false: {0, 15}}[dark]
	for i, c := range []color.Color{s.Foreground(), s.Background()} {
		if basic, ok := c.(ansi.BasicColor); ok {
			own[i] = basic
		} else if c != nil {
			t.Fatalf("%v is none of the sixteen", c)
		}
	}
	return sixteen(own[0]), sixteen(own[1])
}

// themesOfSixteen are all that can be asked for, as a terminal of sixteen colours gets them.
func themesOfSixteen(t *testing.T) []Theme {
	t.Helper()
	var list []Theme
	for _, name := range Names() {
		for _, dark := range []bool{true, false} {
			th, err := New(Options{Name: name, Dark: dark, Profile: colorprofile.ANSI})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, th)
		}
	}
	return list
}

func TestContrastOfSixteen(t *testing.T) {
	for _, th := range themesOfSixteen(t) {
		atLeast := map[float64]map[string]Style{
			4.5: {
				"text": th.Text, "muted": th.Muted, "faint": th.Faint, "accent": th.Accent, "accent2": th.Accent2,
				"ok": th.OK, "warn": th.Warn, "bad": th.Bad, "info": th.Info, "select": th.Select,
			},
			3: {"rule": th.Rule},
		}
		for name, s := range atLeast[4.5] {
			atLeast[4.5][name+" on the selection"] = s.On(th.Select)
		}
		for i, s := range th.Series {
			atLeast[3][fmt.Sprint("series", i+1)] = s
		}
		for i, s := range th.Heat {
			atLeast[3][fmt.Sprint("heat", i)] = s
		}
		for least, styles := range atLeast {
			for name, s := range styles {
				text, under := ends(t, s, th.Dark)
				if c := contrast(text, under); c < least { // reversed it is the same
					t.Errorf("%s, dark %v, %s: %.2f, not %.1f", th.Name, th.Dark, name, c, least)
				}
			}
		}
	}
}

// TestSixteenKeepApart holds that lines of a chart, and heat, can be told apart with sixteen colours, too.
func TestSixteenKeepApart(t *testing.T) {
	const least = 0.08 // on white eight can be seen; no six of them differ by more
	for _, th := range themesOfSixteen(t) {
		if th.Name == "mono" {
			continue
		}
		for eye, m := range visions() {
			for i, s := range th.Series {
				a, _ := ends(t, s, th.Dark)
				for j := range i {
					b, _ := ends(t, th.Series[j], th.Dark)
					if d := seen(a, m).DistanceCIEDE2000(seen(b, m)); d < least {
						t.Errorf("%s, dark %v, %s: series %d and %d differ by %.3f", th.Name, th.Dark, eye, i+1, j+1, d)
					}
				}
			}
		}
		for i := 1; i < len(th.Heat); i++ {
			a, ground := ends(t, th.Heat[i-1], th.Dark)
			b, _ := ends(t, th.Heat[i], th.Dark)
			if contrast(b, ground) < contrast(a, ground) {
				t.Errorf("%s, dark %v: heat%d stands out less than heat%d", th.Name, th.Dark, i, i-1)
			}
		}
	}
}

// vision maps linear RGB to what a colour-blind eye makes of it (Machado 2009, full severity).
func visions() map[string][3][3]float64 {
	return map[string][3][3]float64{
		"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
		"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
	}
}

func seen(c color.Color, m [3][3]float64) colorful.Color {
	f, _ := colorful.MakeColor(c)
	r, g, b := f.LinearRgb()
	var out [3]float64
	for i, row := range m {
		out[i] = math.Min(1, math.Max(0, row[0]*r+row[1]*g+row[2]*b))
	}
	return colorful.LinearRgb(out[0], out[1], out[2])
}

func TestSeriesKeepApart(t *testing.T) {
	for _, th := range coloured(t) {
		for eye, m := range visions() {
			for i := range th.Series {
				for j := range i {
					a, b := seen(th.Series[i].Foreground(), m), seen(th.Series[j].Foreground(), m)
					// 0.1 is ten times the least difference an eye can tell.
					if d := a.DistanceCIEDE2000(b); d < 0.1 {
						t.Errorf("%s, %s: series %d and %d differ by %.3f", th.Name, eye, i+1, j+1, d)
					}
				}
			}
		}
	}
}

func TestStatesKeepApart(t *testing.T) {
	for _, th := range coloured(t) {
		for eye, m := range visions() {
			ok, bad := seen(th.OK.Foreground(), m), seen(th.Bad.Foreground(), m)
			if d := ok.DistanceCIEDE2000(bad); d < 0.065 {
				t.Errorf("%s, %s: ok and bad differ by %.3f", th.Name, eye, d)
			}
		}
	}
}

func TestHeatGrows(t *testing.T) {
	for _, th := range coloured(t) {
		for eye, m := range visions() {
			for i := 1; i < len(th.Heat); i++ {
				a, b := seen(th.Heat[i-1].Foreground(), m), seen(th.Heat[i].Foreground(), m)
				la, lb := luminance(a), luminance(b)
				if th.Dark && lb <= la || !th.Dark && lb >= la {
					t.Errorf("%s, %s: heat%d does not stand out more than heat%d", th.Name, eye, i, i-1)
				}
				if d := a.DistanceCIEDE2000(b); d < 0.05 {
					t.Errorf("%s, %s: heat%d and heat%d differ by %.3f", th.Name, eye, i-1, i, d)
				}
			}
		}
	}
}

// all returns every style of a theme.
func all(th Theme) []Style {
	list := []Style{
		th.Text, th.Muted, th.Faint, th.Accent, th.Accent2, th.OK, th.Warn, th.Bad, th.Info, th.Select, th.Rule,
	}
	return append(append(list, th.Heat[:]...), th.Series[:]...)
}

func TestProfiles(t *testing.T) {
	for profile, want := range map[colorprofile.Profile]*regexp.Regexp{
		colorprofile.TrueColor: regexp.MustCompile(`^\x1b\[[34]8;2;\d+;\d+;\d+m$`),
		colorprofile.ANSI256:   regexp.MustCompile(`^\x1b\[[34]8;5;\d+m$`),
		colorprofile.ANSI:      regexp.MustCompile(`^(\x1b\[(3[0-7]|9[0-7]|7)m)?$`),
		colorprofile.Ascii:     regexp.MustCompile(`^(\x1b\[[1247;]+m)?$`),
		colorprofile.NoTTY:     regexp.MustCompile(`^(\x1b\[[1247;]+m)?$`),
	} {
		for _, name := range Names() {
			if name == "mono" && profile >= colorprofile.ANSI {
				continue
			}
			for _, dark := range []bool{true, false} {
				th, err := New(Options{Name: name, Dark: dark, Profile: profile})
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range all(th) {
					if !want.MatchString(s.open) {
						t.Errorf("%s at %v: style %d opens with %q", name, profile, i, s.open)
					}
				}
			}
		}
	}
}

func TestMonoTellsRolesApart(t *testing.T) {
	th, err := New(Options{Name: "dark", Profile: colorprofile.Ascii})
	if err != nil {
		t.Fatal(err)
	}
	if th.Name != "mono" || th.Select.Plain() || th.Bad.Plain() || th.Bad.open == th.Warn.open || th.Accent.Plain() {
		t.Errorf("mono theme is %+v", th)
	}
}

func TestAutoFollowsTheBackground(t *testing.T) {
	for dark, want := range map[bool]string{true: "dark", false: "light"} {
		th, err := New(Options{Name: "AUTO", Dark: dark, Profile: colorprofile.TrueColor})
		if err != nil || th.Name != want || th.Dark != dark {
			t.Errorf("dark=%v: %s %v", dark, th.Name, err)
		}
	}
	// A named theme is kept whatever the background is.
	if th, _ := New(Options{Name: "light", Dark: true, Profile: colorprofile.TrueColor}); th.Dark || th.Name != "light" {
		t.Errorf("light on dark: %s, dark %v", th.Name, th.Dark)
	}
}

func TestUnknownName(t *testing.T) {
	_, err := New(Options{Name: "neon"})
	var unknown *UnknownError
	if !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "contrast") {
		t.Errorf("err = %v", err)
	}
}

func TestPaint(t *testing.T) {
	th, err := New(Options{Name: "dark", Profile: colorprofile.ANSI})
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		th.OK.Paint("done"):                          "\x1b[92mdone\x1b[m",
		th.OK.Paint(""):                              "",
		th.Text.Paint("as is"):                       "as is",
		th.Bad.Bold().Underline().Paint("x"):         "\x1b[1;4;91mx\x1b[m",
		th.Bad.Paint("\x1b[2J"):                      "\x1b[91m␛[2J\x1b[m",
		th.Select.Over("a" + th.OK.Paint("b") + "c"): "\x1b[7ma\x1b[92mb\x1b[m\x1b[7mc\x1b[m",
		th.Select.Over(""):                           "",
		Style{}.Over("x"):                            "x",
		th.OK.On(th.Select).Paint("b"):               "\x1b[7;92mb\x1b[m",
		Style{}.Italic().Paint("i"):                  "\x1b[3mi\x1b[m",
		newStyle(nil, shade{0, 16, 12}.in(colorprofile.ANSI), 0).Paint("  "):           "\x1b[104m  \x1b[m",
		newStyle(shade{0x102030, 16, 0}.in(colorprofile.TrueColor), nil, 0).Paint("c"): "\x1b[38;2;16;32;48mc\x1b[m",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
