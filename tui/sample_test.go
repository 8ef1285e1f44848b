package tui_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
	"penstock/tui/widget"
)

// sample is the screen that the package comment shows.
type sample struct {
	env   *env.Env
	id    string
	store *store
	ctx   context.Context
	load  *env.Job
	pane  *widget.Pane
	table *widget.Table
	at    widget.Area
	seen  []string // messages of the root
	raw   string   // a row that was not painted
	dirty int      // things that were made here and are kept nowhere
}

// store is where samples get their rows; hold lets a test keep an answer back.
type store struct {
	mu      sync.Mutex
	err     error
	asked   int
	ended   int // contexts that ended while an answer was held back
	hold    chan struct{}
	deleted []string
	paused  time.Time // screens are, since then
}

func (s *store) rows(ctx context.Context) (widget.Rows, error) {
	s.mu.Lock()
	s.asked++
	n, hold, err := s.asked, s.hold, s.err
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			s.mu.Lock()
			s.ended++
			s.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	return lines{n}, err
}

type lines struct{ asked int }

func (lines) Len() int { return 30 }
func (l lines) Cell(row, col int) string {
	return [...]string{fmt.Sprint(row + 2), fmt.Sprintf("quantity \"%d.x\"\x1b[2J", row), fmt.Sprint(l.asked)}[col]
}
func (lines) Key(row int) string { return fmt.Sprint(row) }

func newSample(e *env.Env, id string, st *store) *sample {
	s := &sample{env: e, id: id, store: st, load: env.NewJob(id), pane: widget.NewPane(e, "Rows of "+id)}
	s.table = widget.NewTable(e, id, id, widget.Column{Title: "line", Number: true},
		widget.Column{Title: "reason", Grow: 1}, widget.Column{Title: "read", Number: true})
	return s
}

type loadedMsg struct {
	rows widget.Rows
	err  error
}

// dirtyMsg makes things that are kept nowhere.
type dirtyMsg int

func (s *sample) Init(ctx context.Context) tea.Cmd { s.ctx = ctx; return s.reload() }

func (s *sample) reload() tea.Cmd {
	return s.load.Start(s.ctx, func(ctx context.Context) tea.Msg {
		rows, err := s.store.rows(ctx)
		return loadedMsg{rows, err}
	})
}

func (s *sample) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case loadedMsg:
		if msg.err != nil {
			s.pane.Failed(msg.err, "r")
			return nil
		}
		s.pane.Live(s.env.Now())
		return s.table.SetRows(msg.rows)
	case env.ArrivedMsg:
		s.seen = append(s.seen, "arrived "+msg.Arg)
	case dirtyMsg:
		s.dirty = int(msg)
	case env.LeftMsg:
		s.seen = append(s.seen, "left")
	case env.RestyledMsg:
		s.seen = append(s.seen, "restyled")
	}
	s.pane.Touch()
	if local, ok := s.at.Local(msg); ok {
		return s.table.Update(local)
	}
	return nil
}

func (s *sample) View(w, h int) []string {
	s.pane.Right = s.table.Summary()
	s.at = s.pane.Body(widget.Area{W: w, H: h})
	rows := s.pane.View(w, h, s.table.View)
	if s.raw != "" {
		rows[h-1] = s.raw
	}
	return rows
}

func (s *sample) Status() env.Status {
	own := []env.Action{
		{ID: s.id + ".reload", Title: "reload", Keys: []string{"r"}, Help: "read again", Run: s.reload},
		{
			ID: s.id + ".delete", Title: "delete…", Keys: []string{"D"}, Help: "delete the row",
			Danger: func() *env.Danger {
				return &env.Danger{Title: "Delete", What: "The row goes for ever.", Type: "row"}
			},
			Run: func() tea.Cmd {
				s.store.deleted = append(s.store.deleted, s.id)
				return env.Notify(env.Good, "deleted")
			},
		},
		{
			ID: s.id + ".deploy", Title: "deploy", Keys: []string{"P"}, Help: "deploy it", Hidden: true,
			Disabled: func() string {
				if e := s.env; e.Width == 90 {
					return ""
				}
				return "read only"
			}, Run: func() tea.Cmd { panic("ran") },
		},
	}
	st := env.Status{
		Paused: s.store.paused,
		Crumbs: []string{"all"}, Actions: append(own, s.table.Actions()...), Typing: s.table.Typing(),
		Back: s.table.Back, Headless: "penstock --run " + s.id,
	}
	if n := s.dirty; n > 0 {
		st.Unsaved = func(quit bool) *env.Danger {
			return &env.Danger{Title: fmt.Sprintf("%d things of %s", n, s.id), What: map[bool]string{true: "They would be lost.", false: "They stay here."}[quit]}
		}
	}
	if s.load.Running() {
		st.Cancel = func() tea.Cmd { s.load.Cancel(); return env.Notify(env.Info, "cancelled") }
	}
	return st
}

// console is an app with samples, and what tests need of it.
type console struct {
	*tuitest.Term
	app     *tui.App
	env     *env.Env
	samples map[string]*sample
	store   *store
	copied  func() string
}

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// newConsole makes an app whose timers never fire, so that frames are steady.
func newConsole(t testing.TB, change ...func(*tui.Options)) *console {
	t.Helper()
	th, err := theme.New(theme.Options{Dark: true, Profile: colorprofile.TrueColor})
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, noon)
	e.After = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	c := &console{env: e, samples: map[string]*sample{}, store: &store{}}
	var mu sync.Mutex
	last := ""
	e.Clipboard = func(text string) tea.Cmd {
		return func() tea.Msg {
			mu.Lock()
			defer mu.Unlock()
			last = text
			return nil
		}
	}
	c.copied = func() string {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
	o := tui.Options{Env: e, Theme: "dark"}
	for i, id := range []string{"rejects", "loads", "lake"} {
		o.Screens = append(o.Screens, tui.Entry{
			ID: id, Title: id, Key: fmt.Sprint(i + 1), Help: "rows of " + id, AnyWords: id == "lake",
			New: func() tui.Screen {
				c.samples[id] = newSample(e, id, c.store)
				return c.samples[id]
			},
		})
	}
	for _, f := range change {
		f(&o)
	}
	if c.app, err = tui.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.app.Close)
	return c
}

// start runs the app in a terminal.
func (c *console) start(t *testing.T, w, h int) *console {
	t.Helper()
	c.Term = tuitest.Run(t, c.app, w, h)
	return c
}

var errDown = errors.New("staging is down\x1b]0;owned\x07")
