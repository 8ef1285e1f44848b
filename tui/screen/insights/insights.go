// Package insights is the console's screen of what the shop learns: charts and
// tables of every mart, each of which leads to the lines behind its numbers.
//
// The screen has tabs; enter goes a step deeper and esc comes back. Every question
// to the database is asked in the background, shows what it is waiting for, and is
// stopped at the server by esc. Columns that hold personal data are masked until
// they are asked for.
package insights

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// ID is the screen's.
const ID = "insights"

const (
	checkEvery = 10 * time.Second // how often the screen looks whether the marts are new
	retryEvery = 3 * time.Second  // and while it cannot
)

// ErrStopped says that a question was stopped at the server, as it was asked to be.
var ErrStopped = errors.New("the server stopped the query")

// Marts reads marts.
type Marts interface {
	Health(ctx context.Context) (mart.Health, error)
	Totals(ctx context.Context) (mart.Totals, error)
	Overview(ctx context.Context) (mart.Overview, error)
	List(ctx context.Context, l mart.List) (*mart.Table, error)
}

// Charts reads what charts are drawn from.
type Charts interface {
	Trend(ctx context.Context, z mart.Zoom) ([]mart.Period, error)
	Hours(ctx context.Context) ([]mart.Hour, error)
	Cohorts(ctx context.Context) ([]mart.Cohort, error)
	Groups(ctx context.Context) (mart.Groups, error)
}

// Facts reads the lines behind a number.
type Facts interface {
	Lines(ctx context.Context, b mart.Behind, after *mart.Place, limit int) (*mart.Lines, error)
	Sums(ctx context.Context, b mart.Behind) (mart.LineSums, error)
}

// Options are where the screen's data comes from and what it needs to know of it.
type Options struct {
	Marts  Marts
	Charts Charts
	Facts  Facts

	Currency string   // of all money: "GBP"
	Timezone string   // of the report
	PII      []string // canonical columns that are masked until asked for
	// Smallest and Largest are how many distinct goods the baskets of pairs have.
	Smallest, Largest int
}

// view is a tab, or a level that one went down to from it.
type view interface {
	// load asks for data that is not there or older than the marts; again asks in any case.
	load(again bool) tea.Cmd
	// update handles keys that no action took, the mouse in the view's coordinates, and answers.
	update(msg tea.Msg) tea.Cmd
	draw(w, h int) []string
	about() about
}

// about is what a view says of itself.
type about struct {
	crumb    string
	actions  []env.Action
	typing   bool
	back     func() (tea.Cmd, bool)
	headless string
	without  string   // what headless leaves out
	asking   []asking // its questions
}

// Screen is the screen.
type Screen struct {
	env *env.Env
	o   Options
	ctx context.Context

	names  []string
	tabs   []view
	at     int
	levels []view // below the tab on show

	health  *query[mart.Health]
	checked time.Time // when health was last asked for
	reached time.Time // and last answered
	empty   *widget.Pane
	reveal  bool // show what is masked
	pause   *widget.Pause

	spans []span // where the tabs' names are
	body  widget.Area
}

// New returns the screen.
func New(e *env.Env, o Options) *Screen {
	s := &Screen{env: e, o: o, ctx: e.Context, health: newQuery[mart.Health](e, nil), empty: widget.NewPane(e, ""), pause: widget.NewPause(e)}
	s.empty.Retries = true
	s.pause.Changed = func(on bool) tea.Cmd {
		if on {
			return nil
		}
		return s.check()
	}
	s.names = Tabs()
	for _, tab := range []func(*Screen) view{
		newOverview, newSales, newProducts, newCustomers, newHours, newCountries, newPairs, newCohorts, newInventory,
	} {
		s.tabs = append(s.tabs, tab(s))
	}
	return s
}

// Tabs are the names of the screen's tabs in their order.
func Tabs() []string {
	return []string{"overview", "sales", "products", "customers", "hours", "countries", "pairs", "cohorts", "inventory"}
}

// Init starts looking at the marts.
func (s *Screen) Init(ctx context.Context) tea.Cmd {
	s.ctx = ctx
	return s.check()
}

// Update handles a message.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case env.ArrivedMsg:
		if i := slices.Index(s.names, msg.Arg); i >= 0 {
			return s.show(i)
		}
		return s.load(false)
	case env.LeftMsg:
		return nil
	case env.RefreshMsg:
		return s.refresh(msg.Now)
	case env.RestyledMsg:
		return nil // rows are painted anew by their panes, which know the theme's generation
	case tea.MouseClickMsg:
		if msg.Y == 0 && msg.Button == tea.MouseLeft {
			return s.clickTab(msg.X)
		}
		return s.toTop(msg)
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		return s.toTop(msg)
	}
	if s.health.take(msg) {
		return s.learned()
	}
	// An answer: every view looks whether it asked.
	var cmds []tea.Cmd
	for _, v := range slices.Concat(s.tabs, s.levels) {
		cmds = append(cmds, v.update(msg))
	}
	return tea.Batch(cmds...)
}

// toTop gives a key or the mouse to the view on show.
func (s *Screen) toTop(msg tea.Msg) tea.Cmd {
	if m, ok := msg.(tea.MouseMsg); ok {
		msg = s.body.Within(m)
	}
	if local, ok := s.body.Local(msg); ok && s.ready() {
		return s.top().update(local)
	}
	return nil
}

// top returns the view on show.
func (s *Screen) top() view {
	if n := len(s.levels); n > 0 {
		return s.levels[n-1]
	}
	return s.tabs[s.at]
}

// ready reports whether there are marts to show.
func (s *Screen) ready() bool { return s.health.ok && s.health.value.State.State != "missing" }

// built is when the marts were made, the zero time before they were.
func (s *Screen) built() time.Time {
	if !s.ready() {
		return time.Time{}
	}
	return s.health.value.BuiltAt
}

// load has the view on show ask for what it lacks.
func (s *Screen) load(again bool) tea.Cmd {
	if !s.ready() {
		return nil
	}
	return s.top().load(again)
}

// check asks whether the marts are new.
func (s *Screen) check() tea.Cmd {
	s.checked = s.env.Now()
	return s.health.ask(s.ctx, "looking at the marts", s.o.Marts.Health)
}

// learned goes on after the health of the marts came.
func (s *Screen) learned() tea.Cmd {
	if s.health.err == nil {
		s.reached = s.env.Now()
	}
	switch h := s.health; {
	case h.err != nil && !h.ok:
		s.empty.Failed(h.err, s.env.Key("insights.again", "r"))
	case s.ready():
		return s.load(false)
	case h.value.Loaded:
		s.empty.Empty("Purchases are loaded, but the analytics are not made of them yet.",
			s.env.Key("insights.pipeline", "P")+" goes to the pipeline, which makes them; without the console: penstock --run")
	default:
		s.empty.Empty("Nothing is loaded yet.",
			s.env.Key("insights.pipeline", "P")+" goes to the pipeline, which loads purchases and makes the analytics; without the console: penstock --run")
	}
	return nil
}

// refresh looks for news at the screen's own pace.
func (s *Screen) refresh(now time.Time) tea.Cmd {
	pace := checkEvery
	if s.health.err != nil || !s.ready() {
		pace = retryEvery
	}
	if s.pause.On() || s.health.running() || now.Sub(s.checked) < pace {
		return nil
	}
	return s.check()
}

// show changes to a tab.
func (s *Screen) show(i int) tea.Cmd {
	s.stopAll(s.levels)
	s.at, s.levels = i, nil
	return s.load(false)
}

// push goes down to a view.
func (s *Screen) push(v view) tea.Cmd {
	s.levels = append(s.levels, v)
	return s.load(false)
}

// back goes one step back and reports whether there was one.
func (s *Screen) back() (tea.Cmd, bool) {
	if b := s.top().about().back; b != nil {
		if cmd, stepped := b(); stepped {
			return cmd, true
		}
	}
	n := len(s.levels)
	if n == 0 {
		return nil, false
	}
	s.stopAll(s.levels[n-1:])
	s.levels = s.levels[:n-1]
	return s.load(false), true
}

// stopAll ends the questions of views that are left for good.
func (s *Screen) stopAll(list []view) {
	for _, v := range list {
		for _, q := range v.about().asking {
			q.drop()
		}
	}
}
