package env

import (
	"fmt"
	"slices"
	"strings"
)

// Keymap is which keys run which action: the actions' own, and what the user
// put in their place.
type Keymap struct{ own map[string][]string }

// NewKeymap returns a keymap with the user's own keys by action ID.
func NewKeymap(own map[string][]string) *Keymap { return &Keymap{own: own} }

// Keys returns the keys that run a.
func (k *Keymap) Keys(a Action) []string {
	if k != nil {
		if own, ok := k.own[a.ID]; ok {
			return own
		}
	}
	return a.Keys
}

// Match returns the first action of the list that key runs.
func (k *Keymap) Match(actions []Action, key string) (Action, bool) {
	for _, a := range actions {
		if slices.Contains(k.Keys(a), key) {
			return a, true
		}
	}
	return Action{}, false
}

// Conflict is a key that would run two actions of one place.
type Conflict struct {
	Key string
	IDs []string
}

func (c Conflict) Error() string {
	return fmt.Sprintf("key %q runs %s", c.Key, strings.Join(c.IDs, " and "))
}

// Hint says where to mend it.
func (c Conflict) Hint() string {
	return "give one of them another key under ui.keys: `penstock keys` prints the whole map"
}

// Conflicts returns the keys that, by the user's own choice, run more than one of
// the actions, which are those of one screen together with the ones that work
// everywhere. (Of actions that share a key by themselves the first one has it.)
func (k *Keymap) Conflicts(actions []Action) []Conflict {
	if k == nil {
		return nil
	}
	byKey := map[string][]string{}
	var order []string
	for _, a := range actions {
		for _, key := range k.Keys(a) {
			if slices.Contains(byKey[key], a.ID) {
				continue
			}
			if len(byKey[key]) == 0 {
				order = append(order, key)
			}
			byKey[key] = append(byKey[key], a.ID)
		}
	}
	var list []Conflict
	for _, key := range order {
		if ids := byKey[key]; len(ids) > 1 && slices.ContainsFunc(actions, func(a Action) bool { return k.chosen(a, key) }) {
			list = append(list, Conflict{Key: key, IDs: ids})
		}
	}
	return list
}

// chosen reports whether it was the user who gave the key to an action.
func (k *Keymap) chosen(a Action, key string) bool {
	return slices.Contains(k.own[a.ID], key) && !slices.Contains(a.Keys, key)
}

// Chosen returns those of the actions that the user gave the key to, by ID.
func (k *Keymap) Chosen(actions []Action, key string) []string {
	var ids []string
	for _, a := range actions {
		if k.chosen(a, key) && !slices.Contains(ids, a.ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// Taken reports whether the user took the key from an action that only tells of
// keys (what moves a cursor), and no other such action has it.
func (k *Keymap) Taken(actions []Action, key string) bool {
	taken := false
	for _, a := range actions {
		if a.Run != nil {
			continue
		}
		if slices.Contains(k.Keys(a), key) {
			return false
		}
		taken = taken || slices.Contains(a.Keys, key)
	}
	return taken
}

// Unknown returns the IDs of the user's own keys that no action has, sorted.
func (k *Keymap) Unknown(actions []Action) []string {
	if k == nil {
		return nil
	}
	var list []string
	for id := range k.own {
		if !slices.ContainsFunc(actions, func(a Action) bool { return a.ID == id }) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// Elsewhere returns, for an action that only tells of keys, those of the user's
// own that would do nothing: such keys can be taken away, not moved.
func (k *Keymap) Elsewhere(a Action) []string {
	if k == nil || a.Run != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(k.own[a.ID]), func(key string) bool { return slices.Contains(a.Keys, key) })
}

// Key names, for a text, the key that runs the action with this ID: the user's own, or key, which is the
// action's by itself. An action that lost its keys is found by the palette: ":reload".
func (e *Env) Key(id, key string) string {
	a := Action{ID: id, Keys: []string{key}}
	if keys := e.Keys.Keys(a); len(keys) > 0 {
		return e.KeyName(keys[0])
	}
	name := id[strings.LastIndexByte(id, '.')+1:]
	if palette := e.Keys.Keys(Action{ID: "app.palette", Keys: []string{":"}}); len(palette) > 0 {
		return e.KeyName(palette[0]) + name
	}
	return name
}

// KeyName returns a key as the screen shows it.
func (e *Env) KeyName(key string) string {
	if key == "space" {
		return key
	}
	arrows := map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→"}
	if arrow, ok := arrows[key]; ok && !e.ASCII && !e.Plain {
		return arrow
	}
	return key
}
