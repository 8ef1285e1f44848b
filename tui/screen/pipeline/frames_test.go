package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/pipeline"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// console is an app with the screen, in an emulated terminal.
type console struct {
	*tuitest.Term
	env    *env.Env
	mu     sync.Mutex
	copied string
}

func (c *console) clipboard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.copied
}

// look is a way that frames are drawn in.
type look struct {
	theme   string
	profile colorprofile.Profile
}

func dark() look { return look{"dark", colorprofile.TrueColor} }

// open shows the screen with a ledger. Clocks stand still and timers never fire.
func open(t *testing.T, l screen.Ledger, w, h int, as look, change ...func(*env.Env)) *console {
	t.Helper()
	th, err := theme.New(theme.Options{Name: as.theme, Dark: true, Profile: as.profile})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{env: env.New(t.Context(), th, demo.Start)}
	c.env.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	c.env.Clipboard = func(text string) tea.Cmd {
		return func() tea.Msg {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.copied = text
			return nil
		}
	}
	for _, f := range change {
		f(c.env)
	}
	app, err := tui.New(tui.Options{Env: c.env, Theme: as.theme, Profile: as.profile, Screens: []tui.Entry{
		{ID: "pipeline", Title: "pipeline", Key: "1", New: func() tui.Screen { return screen.New(c.env, l, time.Second) }},
		{ID: "runs", Title: "runs", Key: "2", New: func() tui.Screen { return &other{} }},
		{ID: "rejects", Title: "rejects", Key: "3", New: func() tui.Screen { return &other{} }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	c.Term = tuitest.Run(t, app, w, h, tea.WithColorProfile(as.profile))
	return c
}

// other is a screen that says what it was visited for.
type other struct{ arg string }

func (o *other) Init(context.Context) tea.Cmd { return nil }
func (o *other) Status() env.Status           { return env.Status{} }
func (o *other) View(int, int) []string       { return []string{"visited for " + o.arg + "."} }
func (o *other) Update(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(env.ArrivedMsg); ok {
		o.arg = m.Arg
	}
	return nil
}

func TestFrames(t *testing.T) {
	looks := map[string]look{"dark": dark(), "light": {"light", colorprofile.TrueColor}, "nocolor": {"dark", colorprofile.Ascii}}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, as := range looks {
			t.Run(fmt.Sprintf("%dx%d-%s", size[0], size[1], name), func(t *testing.T) {
				c := open(t, demo.NewLedger(demo.Start()), size[0], size[1], as)
				tuitest.GoldenStyles(t, c.WaitText("Run 42", "running 1:01", "! web-shop"))
			})
		}
	}
}
