package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	"penstock/tui/guard"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// consoleFlags are the flags of `penstock` without a task.
type consoleFlags struct {
	demo, plain, ascii, readOnly, noSync, fresh bool
	theme, screen                               string
}

func (f *consoleFlags) declare(fs *pflag.FlagSet) {
	fs.BoolVar(&f.demo, "demo", false, "open the console on invented data: no database, no network")
	fs.BoolVar(&f.plain, "plain", false, "open the console as lines of words, for screen readers")
	fs.BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	fs.BoolVar(&f.readOnly, "read-only", false, "look only: the session can change nothing")
	fs.StringVar(&f.theme, "theme", "", "colours: "+strings.Join(theme.Names(), ", ")+" (`name`; default: ui.theme)")
	fs.StringVar(&f.screen, "screen", "", "open this screen first (`name`)")
	fs.BoolVar(&f.fresh, "fresh", false, "begin anew instead of where the last session ended")
	fs.BoolVar(&f.noSync, "no-sync", false, "never ask the terminal for whole frames")
}

// console is one session: what its screens are given and what goes on behind them.
type console struct {
	*app
	cfg     *config.Config
	env     *env.Env
	root    *tui.App
	pace    time.Duration
	entries []tui.Entry

	runs *runLedger
	demo *demoData // with --demo, instead of everything that is opened

	// The session's file.
	sessions sync.Mutex
	kept     int // number of what was written last

	// Used by the goroutine that watches.
	recovered bool  // what earlier runs left behind was taken care of
	newest    int64 // run that the header shows
}

// openConsole runs the console until the user leaves it.
func (a *app) openConsole(ctx context.Context) error {
	t := a.terminalOf()
	if err := t.Usable(); err != nil {
		return &codeError{code: codeUsage, err: err}
	}
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	c, err := a.newConsole(ctx)
	if err != nil {
		return err
	}
	t.FPS = c.cfg.UI.FPS
	c.resume()
	a.releaseSignals()
	g := guard.New(c.guardOptions())
	paced := tui.NewPaced(g.Wrap(c.root), t.FPS)
	program := tea.NewProgram(paced, append(t.Options(), tea.WithInput(a.in), tea.WithOutput(a.out))...)
	paced.Of(program)
	defer paced.Close()
	last := c.watch(ctx, g, program)
	code, err := g.Run(&ending{Program: program, then: leave})
	if err == nil && code != guard.CodePanic {
		if unkept := c.keepSession(c.root.Session()); unkept != nil {
			a.logger(c.cfg).WarnContext(ctx, "keep the session", "error", unkept.Error())
		}
	}
	c.root.Close()
	if late := a.closeSoon(); late != nil {
		a.logger(c.cfg).WarnContext(ctx, "close what the console opened", "error", late.Error())
	}
	if err != nil {
		return err
	}
	c.farewell(last())
	if code != codeDone {
		return &codeError{code: code}
	}
	return nil
}

// ending is a program that does something as soon as it has ended.
type ending struct {
	*tea.Program
	then func()
}

// Run runs the program. The guard waits for what goes on in the background, so that ends here.
func (e *ending) Run() (tea.Model, error) {
	defer e.then()
	return e.Program.Run()
}

// closeSoon closes what was opened, but lets nobody wait for a server that does not answer.
func (a *app) closeSoon() error {
	const patience = 2 * time.Second
	closed := make(chan error, 1)
	var work sync.WaitGroup
	work.Go(func() { closed <- a.close() })
	select {
	case err := <-closed:
		return err
	case <-time.After(patience):
		return nil
	}
}

// terminalOf says what the console would be drawn on.
func (a *app) terminalOf() tui.Terminal {
	isTerminal := func(f any) bool {
		file, ok := f.(*os.File)
		return ok && term.IsTerminal(file.Fd())
	}
	return tui.Terminal{In: isTerminal(a.in), Out: isTerminal(a.out), Environ: a.environ}
}

// newConsole makes a session. It reads the configuration and opens nothing else.
func (a *app) newConsole(ctx context.Context) (*console, error) {
	c, err := a.keyless(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.useOwnKeys(); err != nil {
		c.root.Close()
		return nil, err
	}
	return c, nil
}

// keyless makes a session in which every action has the keys that it has by itself.
func (a *app) keyless(ctx context.Context) (*console, error) {
	cfg, err := a.config()
	if err != nil {
		return nil, err
	}
	now := a.now
	if a.view.demo {
		now = demo.Clock(a.now) // which begins at the same moment each time
	}
	a.calls = newCallLog(a.now)
	c := &console{app: a, cfg: cfg, env: env.New(ctx, theme.Theme{}, now), pace: time.Duration(cfg.UI.Refresh)}
	e := c.env
	e.Profile = c.profile()
	e.Plain = a.view.plain
	e.ASCII = a.view.ascii || a.getenv("TERM") == "linux" // whose fonts have neither braille nor marks
	e.After = afterIn(ctx)
	e.Clipboard = env.OSC52(a.getenv)
	e.Export = widget.ExportTo(a.workdir)
	e.Carried, e.Withheld = a.flags.carriedWords()
	c.runs = newRunLedger(a, cfg, os.Executable)
	if a.view.demo {
		c.demo = newDemo(now)
	}
	c.entries = c.screens()
	o := tui.Options{
		Env: e, Screens: c.entries, Start: a.view.screen, Theme: cmp.Or(a.view.theme, cfg.UI.Theme), Refresh: c.pace, NoSync: a.view.noSync,
	}
	if a.getenv("NO_COLOR") != "" {
		o.Profile = colorprofile.Ascii
	}
	c.root, err = tui.New(o)
	if err != nil {
		return nil, &codeError{code: codeUsage, err: err}
	}
	return c, nil
}

// afterIn is a timer for commands that does not outlive the session.
func afterIn(ctx context.Context) func(time.Duration, func(time.Time) tea.Msg) tea.Cmd {
	return func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-ctx.Done():
				return nil
			case at := <-timer.C:
				return msg(at)
			}
		}
	}
}

// profile is what the header shows of the surroundings.
func (c *console) profile() env.Profile {
	p := env.Profile{Name: cmp.Or(c.cfg.Profile(), "local"), Production: c.cfg.Production, Role: "operator", ReadOnly: c.view.readOnly}
	if p.ReadOnly {
		p.Role = "viewer"
	}
	if c.view.demo {
		p.Name, p.Production = "demo", false
	}
	return p
}

func (c *console) guardOptions() guard.Options {
	in, _ := c.in.(*os.File)
	out, _ := c.out.(*os.File)
	return guard.Options{
		In: in, Out: out, Errs: c.err, Folder: filepath.Join(c.cfg.DataDir, "log"), Now: c.now, Exit: c.exit,
		About: map[string]string{"version": versionString(), "profile": c.env.Profile.Name},
		Notes: c.lately,
	}
}

// lately are the latest calls, for a crash file.
func (c *console) lately() []string {
	var notes []string
	const most = 200
	for _, call := range c.calls.Calls() {
		if len(notes) == most {
			break
		}
		line := call.At.Format(time.RFC3339Nano) + " " + call.To + " " + strings.Join(strings.Fields(call.Text), " ")
		notes = append(notes, line+" "+call.Err)
	}
	return notes
}

// mayWrite refuses a change in a session that only looks. The database refuses it as well.
func (a *app) mayWrite() error {
	if a.view.readOnly {
		return &hinted{"this session is read-only", "open the console without --read-only"}
	}
	return nil
}
