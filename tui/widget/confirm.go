package widget

import (
	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Confirm asks before something happens that cannot be taken back, in the words
// of what will happen. Either a name has to be typed, or y pressed; enter alone
// never confirms, so a key that was on its way cannot.
type Confirm struct {
	env    *env.Env
	danger env.Danger
	yes    func() tea.Cmd
	name   *Input
	wrong  bool
}

// NewConfirm returns the question for a danger; yes runs when it is confirmed. In
// a production profile its name has to be typed where nothing else has.
func NewConfirm(e *env.Env, d env.Danger, yes func() tea.Cmd) *Confirm {
	if d.Type == "" && e.Profile.Production && !d.Session {
		d.Type = e.Profile.Name
	}
	return &Confirm{env: e, danger: d, yes: yes, name: NewInput(e)}
}

// Title implements env.Modal.
func (c *Confirm) Title() string { return c.danger.Title }

// Update implements env.Modal.
func (c *Confirm) Update(msg tea.Msg) (tea.Cmd, bool) {
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false // a paste is not typing
	}
	switch {
	case key.String() == "esc":
		return nil, true
	case c.danger.Type == "":
		switch key.String() {
		case "y", "Y":
			return c.yes(), true
		case "n", "N", "q":
			return nil, true
		}
	case key.String() == "enter":
		if c.name.Value() == c.danger.Type {
			return c.yes(), true
		}
		c.wrong = true
	default:
		if c.name.Update(msg) {
			c.wrong = false
		}
	}
	return nil, false
}

// View implements env.Modal.
func (c *Confirm) View(w, h int) []string {
	t := c.env.Theme
	var rows []string
	if c.env.Profile.Production && !c.danger.Session {
		rows = append(rows, Pad(t.Bad.Reverse().Paint(" production: "+c.env.Profile.Name+" "), w))
	}
	rows = append(rows, wrapped(t.Text, "", c.danger.What, w)...)
	for i, d := range c.danger.Details {
		if i == 8 {
			rows = append(rows, t.Muted.Paint("  and "+Count(int64(len(c.danger.Details)-i))+" more"))
			break
		}
		rows = append(rows, t.Muted.Paint("  ")+t.Muted.Paint(d))
	}
	rows = append(rows, "")
	if c.danger.Type == "" {
		rows = append(rows, t.Accent2.Paint("y")+t.Text.Paint(" yes, do it   ")+t.Accent2.Paint("n")+t.Text.Paint(" no"))
		return Fit(rows, w, min(h, len(rows)))
	}
	rows = append(rows, t.Text.Paint("Type ")+t.Text.Bold().Paint(c.danger.Type)+t.Text.Paint(" and press enter; esc leaves everything as it is."))
	rows = append(rows, t.Accent.Paint("> ")+c.name.View(w-2, true))
	if c.wrong {
		rows = append(rows, t.Bad.Paint("that is another name"))
	}
	return Fit(rows, w, min(h, len(rows)))
}
