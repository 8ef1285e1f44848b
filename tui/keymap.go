package tui

import (
	"slices"

	"penstock/tui/env"
)

// Place is a part of the console in which a key means one thing: everywhere, a
// screen, or a screen while a part of it has the focus.
type Place struct {
	Screen, Title string // of the screen; "" and "anywhere" for what works everywhere
	Actions       []env.Action
}

// placed is a screen with more than one place. Places is asked of a screen that is
// not shown, and returns the actions of each, those included that data brings.
type placed interface{ Places() [][]env.Action }

// Places returns every place of the console, what works everywhere first. It makes
// screens anew and opens none.
func (a *App) Places() []Place {
	places := []Place{{Title: "anywhere", Actions: a.Everywhere()}}
	for _, e := range a.o.Screens {
		screen := e.New()
		lists := [][]env.Action{screen.Status().Actions}
		if p, ok := screen.(placed); ok {
			lists = p.Places()
		}
		for _, list := range lists {
			places = append(places, Place{Screen: e.ID, Title: e.Title, Actions: list})
		}
	}
	return places
}

// Clash is a key that the user's own choice gives to two actions of one place.
type Clash struct {
	env.Conflict
	Place string // its title
}

// Clashes returns the keys that run more than one action somewhere, each once.
func (a *App) Clashes(own *env.Keymap) []Clash {
	var list []Clash
	places := a.Places()
	for i, p := range places {
		actions := p.Actions
		if i > 0 {
			actions = slices.Concat(actions, places[0].Actions)
		}
		for _, c := range own.Conflicts(actions) {
			same := func(o Clash) bool { return o.Key == c.Key && slices.Equal(o.IDs, c.IDs) }
			if !slices.ContainsFunc(list, same) {
				list = append(list, Clash{Conflict: c, Place: p.Title})
			}
		}
	}
	return list
}
