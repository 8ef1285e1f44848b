package widget

import (
	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Ring passes the focus round among the panes of a screen: tab and shift+tab, or
// a click. Each member says how it takes and gives the focus.
type Ring struct {
	members []func(focused bool)
	at      int
}

// NewRing returns a ring; the first member has the focus.
func NewRing(members ...func(focused bool)) *Ring {
	r := &Ring{members: members}
	r.Set(0)
	return r
}

// At returns which member has the focus.
func (r *Ring) At() int { return r.at }

// Set gives the focus to a member.
func (r *Ring) Set(i int) {
	if len(r.members) == 0 {
		return
	}
	n := len(r.members)
	r.at = (i%n + n) % n
	for j, member := range r.members {
		member(j == r.at)
	}
}

// Each gives the focus to each member in turn, calls f, and gives it back.
func (r *Ring) Each(f func()) {
	was := r.at
	for i := range r.members {
		r.Set(i)
		f()
	}
	r.Set(was)
}

// Click gives the focus to the member whose area was clicked; areas are in the
// order of the members.
func (r *Ring) Click(msg tea.Msg, areas ...Area) {
	click, ok := msg.(tea.MouseClickMsg)
	if !ok {
		return
	}
	for i, a := range areas {
		if i < len(r.members) && a.Contains(click.X, click.Y) {
			r.Set(i)
			return
		}
	}
}

// Stop is a part of a screen: where it is drawn with its title, and what takes the
// messages for its body, nil for nothing.
type Stop struct {
	Area   Area
	Update func(tea.Msg) tea.Cmd
}

// Take gives a message to those stops that it is for; they are in the order of the
// members. A click moves the focus, what has a place goes to the body there, and all
// else to every stop.
func (r *Ring) Take(msg tea.Msg, stops ...Stop) tea.Cmd {
	areas := make([]Area, len(stops))
	for i, s := range stops {
		areas[i] = s.Area
	}
	r.Click(msg, areas...)
	var cmds []tea.Cmd
	for _, s := range stops {
		if local, ok := s.Area.body().Local(msg); ok && s.Update != nil {
			cmds = append(cmds, s.Update(local))
		}
	}
	return tea.Batch(cmds...)
}

// Places returns what status offers while each member has the focus.
func (r *Ring) Places(status func() env.Status) (lists [][]env.Action) {
	r.Each(func() { lists = append(lists, status().Actions) })
	return lists
}

// Actions returns the keys that move the focus.
func (r *Ring) Actions() []env.Action {
	step := func(by int) func() tea.Cmd {
		return func() tea.Cmd { r.Set(r.at + by); return nil }
	}
	return []env.Action{
		{ID: "focus.next", Title: "next", Keys: []string{"tab"}, Help: "the next part of the screen", Run: step(1)},
		{ID: "focus.previous", Title: "previous", Keys: []string{"shift+tab"}, Help: "the part before", Run: step(-1), Hidden: true},
	}
}
