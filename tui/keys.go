package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// key gives a key to whom it is for: an open dialog, a text field, an action of
// the screen, an action that works everywhere, the screen.
func (a *App) key(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	if name == "ctrl+z" && !a.env.Remote {
		return tea.Suspend
	}
	screen := a.current()
	if screen == nil { // before the first frame
		if name == "ctrl+c" {
			return tea.Interrupt
		}
		return nil
	}
	status := screen.Status()
	if name == "ctrl+c" {
		switch {
		case len(a.modals) > 0: // pressed again, or meant
			return tea.Interrupt
		case status.Cancel != nil:
			return status.Cancel()
		}
		return a.unlessUnsaved(true, func() tea.Cmd { return tea.Interrupt })
	}
	switch {
	case a.tooSmall(): // dialogs are not seen either
		if action, ok := a.env.Keys.Match(a.global, name); ok && action.ID == "app.quit" && a.unsaved(true) == nil {
			return tea.Quit
		}
		return nil
	case len(a.modals) > 0:
		return a.keyToModal(msg)
	case status.Typing:
		return screen.Update(msg)
	case name == "esc":
		return a.back(status)
	}
	for _, list := range [][]env.Action{status.Actions, a.Everywhere()} {
		if action, ok := a.env.Keys.Match(runnable(list), name); ok {
			return a.run(action)
		}
	}
	if a.env.Keys.Taken(status.Actions, name) {
		return nil
	}
	return screen.Update(msg)
}

// runnable leaves out actions that only tell of keys.
func runnable(list []env.Action) []env.Action {
	return slices.DeleteFunc(slices.Clone(list), func(a env.Action) bool { return a.Run == nil })
}

// back goes one step back: read notices go, then a query is cancelled, then the
// screen steps back, then the screen before is shown. It never quits.
func (a *App) back(status env.Status) tea.Cmd {
	if a.readToasts() {
		return nil
	}
	if status.Cancel != nil {
		return status.Cancel()
	}
	if status.Back != nil {
		if cmd, stepped := status.Back(); stepped {
			return cmd
		}
	}
	if n := len(a.history); n > 0 {
		return a.visit(a.history[n-1], "", false)
	}
	return nil
}

// run does an action, or says why it cannot, or asks first.
func (a *App) run(action env.Action) tea.Cmd {
	if why := action.Why(); why != "" {
		return a.notify(env.ToastMsg{Level: env.Warn, Text: strings.TrimSuffix(action.Title, "…") + ": " + why})
	}
	if action.Danger != nil {
		if d := action.Danger(); d != nil {
			a.open(env.OpenMsg{Modal: widget.NewConfirm(a.env, *d, action.Run)})
			return nil
		}
	}
	return action.Run()
}

// runNamed does the action with this ID, if it is one of here.
func (a *App) runNamed(id string) tea.Cmd {
	if a.current() == nil {
		return nil
	}
	for _, action := range a.here() {
		if action.ID == id && action.Run != nil {
			return a.run(action)
		}
	}
	return nil
}

// here are the actions of the screen on show and those that work everywhere.
func (a *App) here() []env.Action {
	return slices.Concat(a.current().Status().Actions, a.global, a.env.Actions.All())
}

// Everywhere returns the actions that work on every screen.
func (a *App) Everywhere() []env.Action { return slices.Concat(a.global, a.env.Actions.All()) }

// Of returns the actions of a screen as they are now, also of one that is not open.
func (a *App) Of(id string) []env.Action {
	if s := a.screens[id]; s != nil {
		return s.screen.Status().Actions
	}
	if e, ok := entry(a.o.Screens, id); ok {
		return e.New().Status().Actions
	}
	return nil
}

// globalActions are the actions that work on every screen.
func (a *App) globalActions() []env.Action {
	var list []env.Action
	for _, e := range a.o.Screens {
		action := env.Action{
			ID: "go." + e.ID, Title: e.Title, Help: "go to " + e.Title, Hidden: true,
			Run: func() tea.Cmd { return a.visit(e.ID, "", true) },
		}
		if e.Help != "" {
			action.Help = e.Help
		}
		if e.Key != "" {
			action.Keys = []string{e.Key}
		}
		list = append(list, action)
	}
	list = append(list, []env.Action{
		{ID: "app.palette", Title: "go to", Keys: []string{":", "ctrl+p"}, Help: "find and run anything", Run: a.palette},
		{ID: "app.keys", Title: "keys", Keys: []string{"?"}, Help: "every key that works here", Run: a.keysMenu},
		{ID: "app.command", Title: "copy command", Keys: []string{"c"}, Help: "copy the command that gives this screen as text", Hidden: true, Run: a.copyCommand},
		{ID: "app.notices", Title: "notices", Keys: []string{"!"}, Help: "what was told so far", Hidden: true, Run: a.showNotices},
		{ID: "app.mouse", Title: "mouse", Keys: []string{"m"}, Help: "give the mouse to the terminal for selecting, or take it back", Hidden: true, Run: a.toggleMouse},
		{ID: "app.theme", Title: "theme", Help: "auto, dark, light, contrast, mono", Hidden: true, Run: a.nextTheme},
		{ID: "app.redraw", Title: "redraw", Keys: []string{"ctrl+l"}, Help: "draw everything anew", Hidden: true, Run: func() tea.Cmd { return tea.ClearScreen }},
		{ID: "app.quit", Title: "quit", Keys: []string{"q"}, Help: "leave the console; runs go on", Hidden: true, Run: a.quit},
	}...)
	return list
}

// items returns menu lines for actions.
func (a *App) items(list []env.Action) []widget.Item {
	var items []widget.Item
	for _, action := range list {
		it := widget.Item{Title: action.Title, Detail: action.Help, Keys: a.keyNames(action), Whether: action.Why}
		if action.Run != nil {
			it.Run = func() tea.Cmd { return a.run(action) }
		}
		items = append(items, it)
	}
	return items
}

func (a *App) keyNames(action env.Action) string {
	text := ""
	for _, k := range a.env.Keys.Keys(action) {
		if text != "" {
			text += " "
		}
		text += a.env.KeyName(k)
	}
	return text
}

// keysMenu lists every key that works here; enter runs the action.
func (a *App) keysMenu() tea.Cmd {
	list := slices.DeleteFunc(a.here(), func(x env.Action) bool { return len(a.env.Keys.Keys(x)) == 0 })
	a.open(env.OpenMsg{Modal: widget.NewMenu(a.env, "Keys", a.items(list))})
	return nil
}

// palette finds and runs anything; a screen's name with more words goes there
// with them.
func (a *App) palette() tea.Cmd {
	list := runnable(slices.Concat(a.global, a.env.Actions.All(), a.current().Status().Actions))
	list = slices.DeleteFunc(list, func(x env.Action) bool { return x.ID == "app.palette" })
	items := a.items(list)
	for i, action := range list {
		if action.Headless != nil {
			items[i].Detail += "   " + a.env.Command(action.Headless())
		}
	}
	m := widget.NewMenu(a.env, "Go to", items)
	m.Offer = a.goWithWords
	a.open(env.OpenMsg{Modal: m})
	return nil
}

// goWithWords offers to go to a screen with words: ":insights hours". Of a screen that
// knows its words it offers those that begin so, or says which there are.
func (a *App) goWithWords(text string) []widget.Item {
	name, words, _ := strings.Cut(strings.TrimPrefix(text, ":"), " ")
	e, ok := entry(a.o.Screens, name)
	words = strings.TrimSpace(words)
	if !ok || words == "" || len(e.Words) == 0 && !e.AnyWords {
		return nil
	}
	list := []string{words}
	if !e.AnyWords {
		list = slices.DeleteFunc(slices.Clone(e.Words), func(w string) bool { return !strings.HasPrefix(w, strings.ToLower(words)) })
	}
	if len(list) == 0 {
		return []widget.Item{{Title: e.Title, Why: "has no " + words + ", but " + strings.Join(e.Words, ", ")}}
	}
	var items []widget.Item
	for _, w := range list {
		items = append(items, widget.Item{Title: e.Title, Detail: w, Run: func() tea.Cmd { return a.visit(e.ID, w, true) }})
	}
	return items
}

func (a *App) copyCommand() tea.Cmd {
	status := a.current().Status()
	command := status.Headless
	if command == "" {
		return a.notify(env.ToastMsg{Level: env.Warn, Text: "this screen has no headless form"})
	}
	command = a.env.Command(command)
	told := env.ToastMsg{Text: command}
	if status.Without != "" {
		told = env.ToastMsg{Level: env.Warn, Text: command + " (without " + status.Without + ", which it has no words for)"}
	}
	if list := a.env.Withheld; len(list) > 0 {
		told = env.ToastMsg{
			Level: env.Warn, Text: command + " (without " + strings.Join(list, ", ") + ", which this session was started with)",
			Hint: "a secret does not belong on a command line: give it by a file or a variable",
		}
	}
	return tea.Batch(a.env.Copy("the command", command), a.notify(told))
}

func (a *App) showNotices() tea.Cmd {
	a.readToasts()
	a.open(env.OpenMsg{Modal: widget.NewDialog(a.env, "Notices", a.notices)})
	return nil
}

func (a *App) toggleMouse() tea.Cmd {
	a.mouseOff = !a.mouseOff
	text := "the mouse works in the console"
	if a.mouseOff {
		text = "the mouse selects text; " + a.env.Key("app.mouse", "m") + " takes it back"
	}
	return a.notify(env.ToastMsg{Text: text})
}

func (a *App) nextTheme() tea.Cmd {
	names := theme.Names()
	i := slices.Index(names, a.theme)
	a.theme = names[(max(i, 0)+1)%len(names)]
	return tea.Batch(a.retheme(), a.notify(env.ToastMsg{Text: "theme " + a.theme}))
}

// setTheme changes the colours of the session; a name that is none changes nothing.
func (a *App) setTheme(name string) tea.Cmd {
	if !slices.Contains(theme.Names(), name) {
		return env.Notify(env.Warn, "there is no theme "+name)
	}
	a.theme = name
	cmd := a.retheme()
	if name == "auto" || name == "contrast" { // the background may never have been asked for
		cmd = tea.Batch(cmd, tea.RequestBackgroundColor)
	}
	return cmd
}
