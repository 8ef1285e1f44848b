// Package theme gives the console its colours: one style a role, made once a
// session from the terminal's background and what colours it can show.
//
// Roles, not colours, are what a screen names, so that the same colour means the
// same thing everywhere and light, dark, high contrast and monochrome terminals
// all read well. State never rests on colour alone: a word or a mark stands
// beside it.
package theme

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Theme is a style for each role.
type Theme struct {
	Name string // "dark", "light", "contrast" or "mono"
	Dark bool   // whether it is for a dark background

	Text    Style // what is read
	Muted   Style // labels, units, what is beside the point
	Faint   Style // chrome: hints, axis labels, ages
	Accent  Style // focus and live data
	Accent2 Style // the second live thing: names, links, keys
	OK      Style // done, healthy
	Warn    Style // slow, stale, needs a look
	Bad     Style // failed, broken
	Info    Style // a remark
	Select  Style // lies under the row that the cursor is on
	Rule    Style // thin lines
	Heat    [8]Style
	Series  [6]Style
}

// Options say which theme to make.
type Options struct {
	// Name is "auto" (or ""), "dark", "light", "contrast" or "mono".
	Name string
	// Dark is whether the terminal's background is dark; for "auto" and "contrast".
	Dark bool
	// Profile is what the terminal can show. Below 16 colours the theme is "mono".
	Profile colorprofile.Profile
}

// Names lists what [Options].Name may be.
func Names() []string { return []string{"auto", "dark", "light", "contrast", "mono"} }

// New returns the theme that the options ask for.
func New(o Options) (Theme, error) {
	name := strings.ToLower(o.Name)
	switch name {
	case "", "auto":
		name = "light"
		if o.Dark {
			name = "dark"
		}
	case "dark", "light":
		o.Dark = name == "dark"
	case "contrast", "mono":
	default:
		return Theme{}, &UnknownError{Name: o.Name}
	}
	if name == "mono" || o.Profile < colorprofile.ANSI {
		return mono(o.Dark), nil
	}
	p := palette(name, o.Dark)
	t := Theme{Name: name, Dark: o.Dark}
	text := func(s shade) Style { return newStyle(s.in(o.Profile), nil, 0) }
	t.Text, t.Muted, t.Faint = text(p.text), text(p.muted), text(p.faint)
	t.Accent, t.Accent2 = text(p.accent), text(p.accent2)
	t.OK, t.Warn, t.Bad, t.Info = text(p.ok), text(p.warn), text(p.bad), text(p.info)
	t.Rule = text(p.rule)
	if t.Select = newStyle(nil, p.selected.in(o.Profile), 0); t.Select.Plain() {
		t.Select = newStyle(nil, nil, reverse)
	}
	for i, s := range p.heat {
		t.Heat[i] = text(s)
	}
	for i, s := range p.series {
		t.Series[i] = text(s)
	}
	return t, nil
}

// mono tells roles apart by attributes alone.
func mono(dark bool) Theme {
	b, u := newStyle(nil, nil, bold), newStyle(nil, nil, underline)
	return Theme{
		Name: "mono", Dark: dark,
		Accent: b, Accent2: u, Warn: u, Bad: b.Underline(), Select: newStyle(nil, nil, reverse),
		Series: [6]Style{1: b, 2: u, 3: b.Underline()},
		Heat:   [8]Style{6: b, 7: b},
	}
}

// UnknownError is a theme name that there is no theme for.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("unknown theme %q", e.Name) }

// Hint says which names there are.
func (e *UnknownError) Hint() string { return "use one of " + strings.Join(Names(), ", ") }
