package widget

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Field is one thing that a form asks.
type Field struct {
	ID, Label string
	Help      string   // one line, shown while the field has the focus
	Value     string   // to start with
	Options   []string // a choice of these instead of free text; ("no", "yes") is a switch
	Secret    bool
	Wrong     string // what is wrong with Value, said until it is changed; it keeps nobody from submitting
	// Check returns what is wrong with a value, nil if nothing.
	Check func(value string) error

	input *Input
	wrong error
}

// Form is a dialog with fields. Enter goes to the next one and, on the last,
// submits; each field is checked first and says beside itself what is wrong.
type Form struct {
	// Ready has enter submit a form in which nothing was changed.
	Ready bool
	// Careful has esc ask before what was typed is dropped.
	Careful bool

	title  string
	env    *env.Env
	fields []Field
	at     int
	submit func(values map[string]string) tea.Cmd
	asking bool // whether to drop what was typed
}

// NewForm returns a form; submit gets the values by field ID.
func NewForm(e *env.Env, title string, fields []Field, submit func(values map[string]string) tea.Cmd) *Form {
	f := &Form{title: title, env: e, fields: slices.Clone(fields), submit: submit}
	for i := range f.fields {
		field := &f.fields[i]
		field.input = NewInput(e)
		field.input.Secret = field.Secret
		field.input.Set(field.Value)
		field.Value = field.input.Value() // as it looks, so that it can be compared
		if len(field.Options) > 0 && !slices.Contains(field.Options, field.Value) {
			field.Value = field.Options[0]
			field.input.Set(field.Value)
		}
	}
	return f
}

// Focus puts the cursor into a field.
func (f *Form) Focus(id string) {
	if i := slices.IndexFunc(f.fields, func(field Field) bool { return field.ID == id }); i >= 0 {
		f.at = i
	}
}

// Title implements env.Modal.
func (f *Form) Title() string { return f.title }

// Values returns the values as they are now.
func (f *Form) Values() map[string]string {
	values := map[string]string{}
	for i := range f.fields {
		values[f.fields[i].ID] = f.fields[i].input.Value()
	}
	return values
}

// changed reports whether a value is another than the form began with.
func (f *Form) changed() bool {
	return slices.ContainsFunc(f.fields, func(field Field) bool { return field.input.Value() != field.Value })
}

// ready reports whether enter submits, wherever the cursor is.
func (f *Form) ready() bool { return f.Ready && !f.changed() }

// Update implements env.Modal.
func (f *Form) Update(msg tea.Msg) (tea.Cmd, bool) {
	if len(f.fields) == 0 {
		return nil, true
	}
	field := &f.fields[f.at]
	key, ok := msg.(tea.KeyPressMsg)
	if f.asking {
		return nil, ok && f.answer(key.String())
	}
	if !ok {
		if _, paste := msg.(tea.PasteMsg); paste && len(field.Options) == 0 {
			field.input.Update(msg)
		}
		return nil, false
	}
	switch key.String() {
	case "esc":
		f.asking = f.Careful && f.changed()
		return nil, !f.asking
	case "enter":
		if !f.check(f.at) {
			return nil, false
		}
		if f.ready() {
			return f.send()
		}
		if f.at < len(f.fields)-1 {
			f.at++
			return nil, false
		}
		return f.send()
	case "ctrl+s":
		return f.send()
	case "tab", "down":
		f.step(1)
	case "shift+tab", "up":
		f.step(-1)
	default:
		if len(field.Options) > 0 {
			f.choose(field, key.String())
		} else if field.input.Update(msg) {
			field.wrong = nil
		}
	}
	return nil, false
}

// answer takes a key for whether to drop what was typed, and reports whether to.
func (f *Form) answer(key string) bool {
	switch key {
	case "y", "Y":
		return true
	case "n", "N", "esc":
		f.asking = false
	}
	return false
}

func (f *Form) step(by int) {
	f.check(f.at)
	f.at = (f.at + by + len(f.fields)) % len(f.fields)
}

// choose changes a choice: to the next or previous, or to the one that starts
// with the letter.
func (f *Form) choose(field *Field, key string) {
	i := slices.Index(field.Options, field.input.Value())
	n := len(field.Options)
	switch key {
	case "right", "l", "space":
		i = (i + 1) % n
	case "left", "h":
		i = (i - 1 + n) % n
	default:
		for d := 1; d <= n; d++ {
			if o := field.Options[(i+d)%n]; o != "" && o[:1] == key {
				i = (i + d) % n
				break
			}
		}
	}
	field.input.Set(field.Options[max(0, i)])
}

// check checks one field.
func (f *Form) check(i int) bool {
	field := &f.fields[i]
	field.wrong = nil
	if field.Check != nil {
		field.wrong = field.Check(field.input.Value())
	}
	return field.wrong == nil
}

// send checks all fields, goes to the first that is wrong, or submits.
func (f *Form) send() (tea.Cmd, bool) {
	for i := range slices.Backward(f.fields) {
		if !f.check(i) {
			f.at = i
		}
	}
	for i := range f.fields {
		if f.fields[i].wrong != nil {
			return nil, false
		}
	}
	return f.submit(f.Values()), true
}

// View implements env.Modal.
func (f *Form) View(w, h int) []string {
	t := f.env.Theme
	labelW := 0
	for _, field := range f.fields {
		labelW = max(labelW, Width(field.Label))
	}
	labelW = min(labelW, w/3)
	var rows []string
	focus := 0
	for i := range f.fields {
		field := &f.fields[i]
		mark, label := "  ", t.Muted
		if i == f.at {
			mark, label, focus = "▸ ", t.Accent, len(rows)
		}
		rows = append(rows, label.Paint(mark)+Pad(label.Paint(field.Label), labelW)+"  "+f.value(field, i == f.at, w-labelW-4))
		switch {
		case field.wrong == nil && field.Wrong != "" && field.input.Value() == field.Value:
			rows = append(rows, wrapped(t.Bad, spaces(labelW+4)+"✗ ", field.Wrong, w)...)
		case field.wrong != nil:
			rows = append(rows, wrapped(t.Bad, spaces(labelW+4)+"✗ ", field.wrong.Error(), w)...)
		case i == f.at && field.Help != "":
			rows = append(rows, wrapped(t.Faint, spaces(labelW+4), field.Help, w)...)
		}
	}
	rows = append(append(rows, ""), f.foot(w)...)
	if over := len(rows) - h; over > 0 && h > 0 {
		from := min(over, max(0, focus-h/2))
		if f.asking {
			from = over
		}
		rows = rows[from : from+h]
	}
	return Fit(rows, w, min(h, len(rows)))
}

// foot says what keys do, or asks.
func (f *Form) foot(w int) []string {
	t := f.env.Theme
	switch {
	case f.asking:
		return append(wrapped(t.Warn, "", "What was typed is kept nowhere. Drop it?", w),
			t.Accent2.Paint("y")+t.Text.Paint(" yes, drop it   ")+t.Accent2.Paint("n")+t.Text.Paint(" no, go on"))
	case f.ready():
		return []string{t.Faint.Paint("enter submits it as it is   tab next   esc leave")}
	}
	return []string{t.Faint.Paint("enter next, at the end submits   ctrl+s submit   esc leave")}
}

func (f *Form) value(field *Field, focused bool, w int) string {
	t := f.env.Theme
	if len(field.Options) == 0 {
		return field.input.View(w, focused)
	}
	value := field.input.Value()
	if len(field.Options) == 2 && field.Options[0] == "no" && field.Options[1] == "yes" {
		box := map[bool]string{true: "[x]", false: "[ ]"}[value == "yes"]
		return Pad(t.Text.Paint(box), w)
	}
	if focused {
		return Pad(t.Accent2.Paint("‹ ")+t.Text.Paint(value)+t.Accent2.Paint(" ›"), w)
	}
	return Pad(t.Text.Paint(value), w)
}
