package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"penstock/config"
	"penstock/pipeline/source"
	"penstock/tui/env"
)

func keysTask() task {
	return task{
		name: "keys", group: groupTools, args: "[SCREEN]", short: "every key of the console and what it does, your own ones included",
		long: "Lists the actions of the console's screens with their keys; what works everywhere comes first. ui.keys of the\n" +
			"configuration gives actions other keys, by the names that stand here.",
		example: "penstock keys\npenstock keys pipeline\npenstock keys --json",
		run: func(ctx context.Context, a *app, args []string) error {
			if len(args) > 1 {
				return noArguments(args[1:])
			}
			return a.printKeys(ctx, strings.Join(args, ""))
		},
		complete: func(a *app, args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return a.screenNames()
		},
	}
}

// mapped is an action with its keys on one screen.
type mapped struct {
	Screen  string   `json:"screen"` // "anywhere" for what works everywhere
	Action  string   `json:"action"`
	Keys    []string `json:"keys"`
	Default []string `json:"default"` // its keys unless ui.keys gives it others
	Help    string   `json:"help"`
}

// keyMap lists the actions of every screen, each once a screen with all keys that it has there.
func (c *console) keyMap() (list []mapped) {
	at := map[string]int{}
	for _, p := range c.root.Places() {
		for _, action := range p.Actions {
			id := p.Title + " " + action.ID
			i, known := at[id]
			if !known {
				i = len(list)
				at[id] = i
				list = append(list, mapped{Screen: p.Title, Action: action.ID, Keys: []string{}, Default: []string{}, Help: action.Help})
			}
			list[i].Keys = union(list[i].Keys, c.env.Keys.Keys(action))
			list[i].Default = union(list[i].Default, action.Keys)
		}
	}
	return list
}

func union(have, more []string) []string {
	for _, x := range more {
		if !slices.Contains(have, x) {
			have = append(have, x)
		}
	}
	return have
}

// printKeys prints the map of keys, or that of one screen and what works everywhere. What is wrong with
// the user's own keys is told after it: the map is what they are mended with.
func (a *app) printKeys(ctx context.Context, screen string) error {
	a.view.demo = true // opens nothing
	c, err := a.keyless(ctx)
	if err != nil {
		return err
	}
	defer c.root.Close()
	wrong := c.useOwnKeys()
	list := c.keyMap()
	if screen != "" {
		var screens []string
		for _, m := range list {
			screens = union(screens, []string{m.Screen})
		}
		if !slices.Contains(screens, screen) {
			return unknownName("screen", screen, screens, "the screens are "+strings.Join(screens, ", "))
		}
		list = slices.DeleteFunc(list, func(m mapped) bool { return m.Screen != screen })
	}
	table := printed{head: []string{"screen", "action", "keys", "what it does"}, whole: true}
	for _, m := range list {
		if a.flags.json {
			if err := a.emit(m); err != nil {
				return err
			}
			continue
		}
		table.row(m.Screen, m.Action, strings.Join(m.Keys, " "), m.Help)
	}
	if a.flags.json {
		return wrong
	}
	if err := table.write(a.out, ""); err != nil {
		return err
	}
	return wrong
}

// screenNames are the places whose keys can be asked for.
func (a *app) screenNames() []string {
	names := []string{"anywhere"}
	for _, e := range (&console{app: a}).screens() {
		names = append(names, e.Title)
	}
	return names
}

// ownKeys are the keys of the configuration by action. A variable can not spell a point or a hyphen, so
// that its action is the one that it spells.
func (c *console) ownKeys(actions []env.Action) map[string][]string {
	spelt := strings.NewReplacer(".", "_", "-", "_")
	own := map[string][]string{}
	for id, keys := range c.cfg.UI.Keys {
		if c.keysFrom(id).Env != "" {
			i := slices.IndexFunc(actions, func(a env.Action) bool { return spelt.Replace(a.ID) == id })
			if i >= 0 {
				id = actions[i].ID
			}
		}
		own[id] = keys
	}
	return own
}

// keysFrom is where the keys of an action were written.
func (c *console) keysFrom(id string) config.Origin {
	spelt := strings.NewReplacer(".", "_", "-", "_")
	for _, s := range c.cfg.Settings() {
		name, ok := strings.CutPrefix(s.Key, "ui.keys.")
		if ok && (name == id || s.From.Env != "" && name == spelt.Replace(id)) {
			return s.From
		}
	}
	return config.Origin{}
}

// useOwnKeys gives the session the keys of the configuration. Those that something is wrong with are left
// out, and it says what.
func (c *console) useOwnKeys() error {
	if len(c.cfg.UI.Keys) == 0 {
		return nil
	}
	var actions []env.Action
	var ids []string
	for _, p := range c.root.Places() {
		for _, a := range p.Actions {
			actions, ids = append(actions, a), union(ids, []string{a.ID})
		}
	}
	keys := c.ownKeys(actions)
	own := env.NewKeymap(keys)
	var problems []config.Problem
	fail := func(id, message, hint string) {
		problems = append(problems, config.Problem{Where: c.keysFrom(id), Key: "ui.keys." + id, Message: message, Hint: hint})
	}
	for _, id := range own.Unknown(actions) {
		hint := "penstock keys lists the actions"
		if near := source.Nearest(id, ids); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		fail(id, "there is no such action", hint)
	}
	stray := map[string]bool{}
	for _, a := range actions {
		idle := own.Elsewhere(a)
		if len(idle) == 0 || stray[a.ID] {
			continue
		}
		stray[a.ID] = true
		fail(a.ID, fmt.Sprintf("%s can lose keys, not get others such as %q", a.ID, idle[0]), "its keys are "+strings.Join(a.Keys, ", "))
	}
	for _, clash := range c.root.Clashes(own) {
		chosen := own.Chosen(actions, clash.Key)
		if slices.ContainsFunc(clash.IDs, func(id string) bool { return stray[id] }) {
			continue // follows from that
		}
		i := slices.IndexFunc(clash.IDs, func(id string) bool { return slices.Contains(chosen, id) })
		where := " on " + clash.Place
		if clash.Place == "anywhere" {
			where = ""
		}
		fail(clash.IDs[max(i, 0)], clash.Error()+where, clash.Hint())
	}
	slices.SortStableFunc(problems, func(a, b config.Problem) int { return a.Where.Line - b.Where.Line })
	if len(problems) == 0 {
		c.env.Keys = own
		return nil
	}
	for id := range stray {
		delete(keys, id)
	}
	c.env.Keys = c.unclashed(keys, actions)
	return &config.Error{Problems: problems}
}

// unclashed is a keymap of the own keys by which no key does two things: those that would are left out,
// until the keys that their actions get back are free too.
func (c *console) unclashed(keys map[string][]string, actions []env.Action) *env.Keymap {
	for {
		own := env.NewKeymap(keys)
		clashes := c.root.Clashes(own)
		if len(clashes) == 0 {
			return own
		}
		for _, clash := range clashes {
			for _, id := range own.Chosen(actions, clash.Key) {
				delete(keys, id)
			}
		}
	}
}
