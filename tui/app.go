package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

const (
	minWidth, minHeight = 60, 15
	margin              = 1 // cells left and right of a screen
	blurredPace         = 5 // refreshes are so much slower while the terminal has no focus
	noticesKept         = 500
)

// Options say how a session is run.
type Options struct {
	Env     *env.Env
	Screens []Entry
	Start   string        // ID of the first screen; "" for the one of the session before, or the first of Screens
	Arg     string        // what the first screen should show
	Theme   string        // "auto" follows the terminal's background
	Refresh time.Duration // pace of refreshing; 0: a second
	NoSync  bool          // never ask the terminal for synchronised output
	// Profile is which colours there are until the terminal tells; 0: all.
	Profile colorprofile.Profile
}

// App is the root of the console: it knows the size, the screen on show, the
// dialogs over it, and the keys that work everywhere. Screens own everything else.
type App struct {
	o       Options
	placed  bool // the first screen was asked for
	env     *env.Env
	screens map[string]*opened
	at      string
	history []string
	global  []env.Action

	modals  []modal
	toasts  []toast
	lastID  int
	notices *widget.Log
	state   StateMsg
	session Session // the one before
	keep    func(Session) error
	told    []env.ToastMsg       // when the first screen is shown
	away    map[string]time.Time // since when things are out of reach, by name

	dark    bool
	profile colorprofile.Profile
	theme   string

	sized, blurred, mouseOff bool
	hints                    []hint // what of the footer can be clicked
	tabs                     []hint
	plain                    plainOutput
}

// New returns the root. It opens no screen before the terminal told its size.
func New(o Options) (*App, error) {
	if len(o.Screens) == 0 {
		return nil, fmt.Errorf("a console needs a screen")
	}
	placed := o.Start != ""
	if !placed {
		o.Start = o.Screens[0].ID
	}
	if _, ok := entry(o.Screens, o.Start); !ok {
		return nil, fmt.Errorf("there is no screen %q", o.Start)
	}
	if o.Refresh <= 0 {
		o.Refresh = time.Second
	}
	a := &App{
		o: o, placed: placed, env: o.Env, screens: map[string]*opened{}, theme: o.Theme, dark: true,
		profile: cmp.Or(o.Profile, colorprofile.TrueColor), notices: widget.NewLog(o.Env, noticesKept),
	}
	if err := a.restyle(); err != nil {
		return nil, err
	}
	a.global = a.globalActions()
	return a, nil
}

func entry(list []Entry, id string) (Entry, bool) {
	i := slices.IndexFunc(list, func(e Entry) bool { return e.ID == id })
	if i < 0 {
		return Entry{}, false
	}
	return list[i], true
}

// Close ends what the screens have under way. Call it after the program ended.
func (a *App) Close() {
	for _, s := range a.screens {
		s.cancel()
	}
}

// Init implements tea.Model.
func (a *App) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := a.update(msg)
	if a.env.Plain {
		cmd = tea.Batch(cmd, a.speak(msg))
	}
	return a, cmd
}

func (a *App) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return a.resize(msg)
	case tea.ColorProfileMsg:
		a.profile = msg.Profile
		return a.retheme()
	case tea.BackgroundColorMsg:
		a.dark = msg.IsDark()
		return a.retheme()
	case tea.FocusMsg:
		a.blurred = false
		return a.toScreen(env.RefreshMsg{Now: a.env.Now()})
	case tea.BlurMsg:
		a.blurred = true
	case tea.KeyPressMsg:
		return a.key(msg)
	case tea.PasteMsg:
		return a.paste(msg)
	case tea.MouseMsg:
		return a.mouse(msg)
	case env.LetterMsg:
		return a.deliver(msg)
	case env.GotoMsg:
		return a.visit(msg.Screen, msg.Arg, true)
	case env.RunMsg:
		return a.runNamed(msg.ID)
	case env.ThemeMsg:
		return a.setTheme(msg.Name)
	case env.OpenMsg:
		a.open(msg)
	case env.ToastMsg:
		return a.notify(msg)
	case unkeptMsg:
		return a.unkept(msg)
	case expireMsg:
		a.expire(msg)
	case askMsg:
		return a.ask()
	case StateMsg:
		return a.setState(msg)
	case refreshMsg:
		return tea.Batch(a.toScreen(env.RefreshMsg{Now: a.env.Now()}), a.refreshLater())
	default:
		return a.toScreen(msg)
	}
	return nil
}

// resize takes the terminal's size; the first one opens the first screen.
func (a *App) resize(msg tea.WindowSizeMsg) tea.Cmd {
	a.env.Width, a.env.Height = msg.Width, msg.Height
	if a.sized {
		return nil
	}
	a.sized = true
	cmds := []tea.Cmd{a.visit(a.o.Start, a.o.Arg, false), a.refreshLater()}
	for _, msg := range a.told {
		cmds = append(cmds, a.notify(msg))
	}
	// The first frame waits for nothing that a terminal may answer late or never.
	cmds = append(cmds, a.env.After(askTime, func(time.Time) tea.Msg { return askMsg{} }))
	return tea.Batch(cmds...)
}

// askMsg says that the first frame is drawn, so that the terminal may be asked.
type askMsg struct{}

// askTime is when the first frame is surely drawn.
const askTime = 100 * time.Millisecond

// ask asks the terminal what it can do; the answers come as messages, or never.
func (a *App) ask() tea.Cmd {
	if a.env.Plain {
		return nil
	}
	modes := ansi.RequestModeUnicodeCore
	if !a.o.NoSync {
		modes += ansi.RequestModeSynchronizedOutput
	}
	cmds := []tea.Cmd{tea.Raw(modes)}
	if a.theme == "" || a.theme == "auto" || a.theme == "contrast" {
		cmds = append(cmds, tea.RequestBackgroundColor)
	}
	return tea.Batch(cmds...)
}

// refreshMsg is the beat at which the screen on show looks for news.
type refreshMsg struct{}

func (a *App) refreshLater() tea.Cmd {
	pace := a.o.Refresh
	if a.blurred {
		pace *= blurredPace
	}
	return a.env.After(pace, func(time.Time) tea.Msg { return refreshMsg{} })
}

// current returns the screen on show, nil before there is one.
func (a *App) current() Screen {
	if s := a.screens[a.at]; s != nil {
		return s.screen
	}
	return nil
}

func (a *App) toScreen(msg tea.Msg) tea.Cmd {
	if s := a.current(); s != nil {
		return s.Update(msg)
	}
	return nil
}

// deliver gives a job's result to the screen it is for, on show or not, unless it
// is out of date. Dialogs see it too: what they hold may have asked.
func (a *App) deliver(letter env.LetterMsg) tea.Cmd {
	s := a.screens[letter.Screen()]
	body, fresh := letter.Open()
	if s == nil || !fresh {
		return nil
	}
	var cmds []tea.Cmd
	for _, m := range a.modals {
		cmd, _ := m.Update(body)
		cmds = append(cmds, cmd)
	}
	return tea.Batch(append(cmds, s.screen.Update(body))...)
}

// visit shows a screen; back tells whether esc returns from it. What would be left
// behind unsaved is asked about first.
func (a *App) visit(id, arg string, back bool) tea.Cmd {
	enter := func() tea.Cmd { return a.enter(id, arg, back) }
	if id == a.at {
		return enter()
	}
	return a.unlessUnsaved(false, enter)
}

// enter shows a screen, opening it at first.
func (a *App) enter(id, arg string, back bool) tea.Cmd {
	e, ok := entry(a.o.Screens, id)
	if !ok {
		return env.Notify(env.Warn, fmt.Sprintf("there is no screen %q", id))
	}
	var cmds []tea.Cmd
	if a.at != id {
		cmds = append(cmds, a.toScreen(env.LeftMsg{}))
		if back && a.at != "" {
			const steps = 32
			a.history = append(a.history, a.at)
			a.history = a.history[max(0, len(a.history)-steps):]
		}
		if n := len(a.history); !back && n > 0 && a.history[n-1] == id {
			a.history = a.history[:n-1]
		}
	}
	changed := a.at != "" && a.at != id
	a.at = id
	if a.screens[id] == nil {
		ctx, cancel := context.WithCancel(a.env.Context)
		a.screens[id] = &opened{Entry: e, screen: e.New(), cancel: cancel}
		a.recall(id, a.current())
		cmds = append(cmds, a.current().Init(ctx))
	}
	cmds = append(cmds, a.toScreen(env.ArrivedMsg{Arg: arg}))
	if changed {
		cmds = append(cmds, a.keepSession())
	}
	return tea.Batch(cmds...)
}

// restyle makes the theme that the terminal can show.
func (a *App) restyle() error {
	t, err := theme.New(theme.Options{Name: a.theme, Dark: a.dark, Profile: a.profile})
	if err != nil {
		return err
	}
	a.env.Theme = t
	a.env.Generation++
	return nil
}

// retheme restyles and tells every screen.
func (a *App) retheme() tea.Cmd {
	before := a.env.Theme
	if err := a.restyle(); err != nil || a.env.Theme == before {
		return nil // the name was checked by New
	}
	var cmds []tea.Cmd
	for _, s := range a.screens {
		cmds = append(cmds, s.screen.Update(env.RestyledMsg{}))
	}
	return tea.Batch(cmds...)
}
