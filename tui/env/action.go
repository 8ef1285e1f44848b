package env

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// Action is something a user can do: it has a key, a line in the palette and in
// the ? menu, a hint in the footer and, where there is one, a headless form.
type Action struct {
	ID    string   // "pipeline.start": what own keymaps name
	Title string   // "start…": the footer's word; an ellipsis where more is asked
	Keys  []string // as Bubble Tea names them: "s", "ctrl+r", "enter"
	Help  string   // one line: what it does

	// Run does it. It is called on the update goroutine and returns at once;
	// work happens in the command.
	Run func() tea.Cmd
	// Headless is the command that does the same without a console, nil if there is none.
	Headless func() string
	// Danger is asked just before Run: nil for harmless actions, and when it
	// returns nil. Otherwise the user has to confirm first.
	Danger func() *Danger
	// Disabled says why the action cannot run now, "" if it can.
	Disabled func() string
	// Hidden keeps the action out of the footer (it stays in ? and the palette).
	Hidden bool
}

// Danger is what a confirmation tells before something happens that cannot be
// taken back.
type Danger struct {
	Title   string   // "Undo load 42"
	What    string   // what will happen, in one sentence with numbers
	Details []string // objects it happens to
	Type    string   // a name to be typed; "" asks for y, except in production
	Session bool     // it concerns nothing beyond this session: y is enough in production too
}

// Why returns the reason that the action cannot run now, "" if it can.
func (a Action) Why() string {
	if a.Disabled == nil {
		return ""
	}
	return a.Disabled()
}

// Before returns the actions so that first is called before each of them runs.
func Before(first func(), list []Action) []Action {
	list = slices.Clone(list)
	for i, a := range list {
		if a.Run != nil {
			list[i].Run = func() tea.Cmd {
				first()
				return a.Run()
			}
		}
	}
	return list
}

// Rekeyed returns the actions, of which one has other keys by itself: where its own
// do something else.
func Rekeyed(list []Action, id string, keys ...string) []Action {
	list = slices.Clone(list)
	for i := range list {
		if list[i].ID == id {
			list[i].Keys = keys
		}
	}
	return list
}

// Registry is the list of actions that work from anywhere: going to a screen and
// the tasks of the program. It is filled by main before the session starts.
type Registry struct{ list []Action }

// Add appends actions; an ID that is there already is replaced.
func (r *Registry) Add(actions ...Action) {
	for _, a := range actions {
		i := slices.IndexFunc(r.list, func(b Action) bool { return b.ID == a.ID })
		if i >= 0 {
			r.list[i] = a
			continue
		}
		r.list = append(r.list, a)
	}
}

// All returns the actions in the order they were added.
func (r *Registry) All() []Action { return slices.Clone(r.list) }
