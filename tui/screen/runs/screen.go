package runs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

// id is what the console calls the screen.
const id = "runs"

const (
	most      = 500 // runs of the history on show
	recent    = 20  // of them that may have news
	livePace  = 2 * time.Second
	idlePace  = 5 * time.Second
	logKept   = 10_000
	compareBy = "compare"
)

// view is what the screen shows.
type view int

const (
	viewList view = iota
	viewOne
	viewTwo
)

// Screen shows the history of runs. Make it with New.
type Screen struct {
	env    *env.Env
	ledger Ledger
	ctx    context.Context

	listing, fetching, following, commanding *env.Job

	view  view
	list  []Run
	one   Run    // of viewOne
	two   [2]Run // of viewTwo, the older first
	asked time.Time
	seq   int64 // the next event of one
	end   bool
	torn  bool // events broke off: the next good look goes on
	more  bool // events of one are there already and not told yet

	lists, facts, stepsPane, events, sides *widget.Pane

	table, steps, compared *widget.Table
	log                    *widget.Log
	ring                   *widget.Ring // of viewOne
	panes                  *widget.Panes
	pause                  *widget.Pause
}

// New returns the screen.
func New(e *env.Env, l Ledger) *Screen {
	s := &Screen{
		env: e, ledger: l,
		listing: env.NewJob(id), fetching: env.NewJob(id), following: env.NewJob(id), commanding: env.NewJob(id),
		lists: widget.NewPane(e, "Runs"), facts: widget.NewPane(e, "Run"), stepsPane: widget.NewPane(e, "Steps"),
		events: widget.NewPane(e, "Events"), sides: widget.NewPane(e, "Compare"), pause: widget.NewPause(e),
	}
	for _, p := range []*widget.Pane{s.lists, s.facts, s.stepsPane} {
		p.Every = idlePace
	}
	s.panes = widget.NewPanes(e, s.focused)
	s.pause.Changed = s.paused
	s.lists.Focused, s.sides.Focused = true, true
	s.table = s.newTable()
	s.steps = s.newSteps()
	s.compared = s.newCompared()
	s.forget()
	s.lists.Retries = true
	return s
}

// forget starts the page of one run anew.
func (s *Screen) forget() {
	s.log = widget.NewLog(s.env, logKept)
	log := s.log
	s.ring = widget.NewRing(
		func(on bool) { s.events.Focused, log.Focused = on, on },
		func(on bool) { s.stepsPane.Focused, s.steps.Focused = on, on },
	)
	s.seq, s.end, s.torn, s.more = 1, false, false, true
}

func (s *Screen) newTable() *widget.Table {
	t := widget.NewTable(
		s.env, id, "runs",
		widget.Column{Title: "run", Number: true, Width: 5},
		widget.StateColumn(s.env, 14),
		widget.Column{Title: "started", Width: 16},
		widget.Column{Title: "took", Number: true, Width: 8, Format: widget.Seconds(widget.Duration)},
		widget.Column{Title: "read", Number: true, Width: 10, Format: widget.Counted},
		widget.Column{Title: "rejected", Number: true, Width: 10, Format: widget.Counted},
		widget.Column{Title: "tasks", Max: 22},
		widget.Column{Title: "by", Max: 14},
		widget.Column{Title: "why", Grow: 1, Max: 60},
	)
	t.OnEnter = func(row int) tea.Cmd { return s.open(s.list[row]) }
	t.OnMove = func(row int) tea.Cmd { return s.preview(row) }
	return t
}

func (s *Screen) newSteps() *widget.Table {
	return widget.NewTable(
		s.env, id, "steps",
		widget.Column{Title: "step", Width: 9},
		widget.Column{Title: "engine", Max: 10},
		widget.StateColumn(s.env, 13),
		widget.Column{Title: "read", Number: true, Format: widget.Counted},
		widget.Column{Title: "loaded", Number: true, Format: widget.Counted},
		widget.Column{Title: "rejected", Number: true, Width: 8, Format: widget.Counted},
		widget.Column{Title: "took", Number: true, Width: 8, Format: widget.Seconds(widget.Duration)},
		widget.Column{Title: "why", Grow: 1, Max: 80},
	)
}

func (s *Screen) newCompared() *widget.Table {
	return widget.NewTable(
		s.env, id, compareBy,
		widget.Column{Title: "step", Width: 9},
		widget.Column{Title: "what", Width: 9},
		widget.Column{Title: "A", Number: true, Max: 14},
		widget.Column{Title: "B", Number: true, Max: 14},
		widget.Column{Title: "change", Number: true, Max: 22, Style: func(_ int, raw string) theme.Style {
			if raw == "differs" {
				return s.env.Theme.Warn
			}
			return s.env.Theme.Text
		}},
	)
}

// listedMsg is the history, or its newest part.
type listedMsg struct {
	runs  []Run
	whole bool
	err   error
}

// fetchedMsg is one run that was asked for.
type fetchedMsg struct {
	run Run
	err error
}

// cancelledMsg is what became of a wish to stop a run.
type cancelledMsg struct {
	run int64
	err error
}

// Init implements tui.Screen.
func (s *Screen) Init(ctx context.Context) tea.Cmd {
	s.ctx = ctx
	return s.reload()
}

func (s *Screen) reload() tea.Cmd { return s.ask(most) }

func (s *Screen) ask(limit int) tea.Cmd {
	l := s.ledger
	s.asked = s.env.Now()
	return s.listing.Start(s.ctx, func(ctx context.Context) tea.Msg {
		runs, err := l.Runs(ctx, limit)
		return listedMsg{runs, limit == most, err}
	})
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case listedMsg:
		return s.listed(msg)
	case fetchedMsg:
		return s.fetched(msg)
	case env.EventsMsg:
		return s.told(msg)
	case cancelledMsg:
		return s.cancelled(msg)
	case env.ArrivedMsg:
		return s.arrived(msg.Arg)
	case env.RefreshMsg:
		return s.refresh()
	case env.RestyledMsg:
		s.touch()
		return nil
	case tea.KeyPressMsg:
		return s.key(msg)
	case tea.MouseMsg:
		return s.mouse(msg)
	}
	return tea.Batch(s.table.Update(msg), s.steps.Update(msg), s.compared.Update(msg)) // their own results
}

// refresh looks for news of the newest runs, more often while one is in progress.
func (s *Screen) refresh() tea.Cmd {
	pace := idlePace
	if len(s.list) > 0 && s.list[0].State == pipeline.Running {
		pace = livePace
	}
	if s.pause.On() || s.listing.Running() || s.env.Now().Sub(s.asked) < pace {
		return nil
	}
	if s.lists.State() != widget.Live {
		return s.reload()
	}
	return s.ask(recent)
}

// say has the panes say that they are paused; once they go on, not before there is news.
func (s *Screen) say(paused bool) {
	widget.PaneGroup{s.lists, s.facts, s.stepsPane, s.events}.Pause(paused)
}

// paused holds the history and the events of a run in progress, or goes on with
// them. What was told before is read to its end all the same.
func (s *Screen) paused(on bool) tea.Cmd {
	if on {
		s.say(true)
		if !s.more {
			s.following.Cancel()
		}
		return nil
	}
	cmds := []tea.Cmd{s.ask(recent)}
	if s.view == viewOne && !s.end && !s.following.Running() && !s.fetching.Running() && s.events.State() != widget.Failed {
		cmds = append(cmds, s.following.Start(s.ctx, s.next()))
	}
	return tea.Batch(cmds...)
}

func (s *Screen) listed(msg listedMsg) tea.Cmd {
	s.say(s.pause.On())
	if msg.err != nil {
		s.lists.Missed(msg.err, s.env.Key("runs.reload", "R"))
		s.touch()
		return nil
	}
	if msg.whole || len(msg.runs) == 0 {
		s.list = msg.runs
	} else {
		s.list = merge(s.list, msg.runs)
	}
	now := s.env.Now()
	s.lists.Live(now)
	cmds := []tea.Cmd{s.table.SetRows(history{s.list, now})}
	if len(s.list) == 0 {
		s.lists.Empty("no run yet", "press "+s.env.Key("go.pipeline", "1")+" for the pipeline and "+s.env.Key("pipeline.start", "s")+" to start the first")
		if s.view == viewList {
			cmds = append(cmds, s.show(Run{}))
		}
	}
	if row, ok := s.table.Cursor(); ok && s.view == viewList {
		cmds = append(cmds, s.preview(row))
	} else {
		cmds = append(cmds, s.renew(now))
	}
	if s.view == viewOne {
		cmds = append(cmds, s.goOn())
	}
	return tea.Batch(cmds...)
}

// renew takes what a look at the history says of the run on show. One that is not in it and has ended is
// as it was; of one that was never read, it says nothing.
func (s *Screen) renew(now time.Time) tea.Cmd {
	if i := slices.IndexFunc(s.list, func(r Run) bool { return r.ID == s.one.ID }); i >= 0 {
		return s.show(s.list[i])
	}
	if s.facts.State() == widget.Live && s.one.State.Ended() {
		s.facts.Live(now)
		s.stepsPane.Live(now)
	}
	return nil
}

// goOn takes up what broke off while the ledger was away.
func (s *Screen) goOn() tea.Cmd {
	switch {
	case s.torn && !s.following.Running():
		s.torn = false
		return s.following.Start(s.ctx, s.next())
	case s.events.State() == widget.Failed && !s.following.Running() && !s.fetching.Running():
		return s.fetch(s.one.ID)
	}
	return nil
}

// preview shows the steps of the run under the cursor.
func (s *Screen) preview(row int) tea.Cmd {
	if s.view != viewList || row >= len(s.list) {
		return nil
	}
	return s.show(s.list[row])
}

// show has the facts and steps be those of a run.
func (s *Screen) show(r Run) tea.Cmd {
	s.one = r
	s.facts.Live(s.env.Now())
	s.stepsPane.Live(s.env.Now())
	return s.steps.SetRows(stepRows{r.Steps, s.env.Now()})
}

// turn shows another view, with all of its panes.
func (s *Screen) turn(to view) {
	if s.view != to {
		s.panes.Unzoom()
	}
	s.view = to
}

// open goes to the page of one run and has its events told again.
func (s *Screen) open(r Run) tea.Cmd {
	s.turn(viewOne)
	s.forget()
	s.following.Cancel()
	s.events.Loading("reading the events of run " + fmt.Sprint(r.ID))
	return tea.Batch(s.show(r), s.following.Start(s.ctx, s.next()))
}

func (s *Screen) next() func(context.Context) tea.Msg {
	return env.Follow(s.ledger.Follow, s.one.ID, s.seq)
}

func (s *Screen) told(msg env.EventsMsg) tea.Cmd {
	if msg.Run != s.one.ID || s.view != viewOne {
		return nil
	}
	if errors.Is(msg.Err, io.EOF) {
		s.end = true
		if s.log.Len() == 0 {
			s.events.Empty("this run left no events", "")
		}
		return nil
	}
	if msg.Err != nil {
		s.torn = true
		if s.log.Len() == 0 { // else what was told stays
			s.events.Failed(msg.Err, s.env.Key("runs.reload", "R"))
		}
		return nil
	}
	zone := s.env.Now().Location()
	for _, e := range msg.Events {
		s.seq = e.Head().Seq + 1
		s.log.Add(widget.LogLine{
			At: e.Head().At.In(zone), Source: pipeline.Subject(e), Text: pipeline.Message(e),
			Level: env.LevelOf(e),
		})
	}
	s.events.Live(s.env.Now())
	s.more = s.one.State.Ended() || len(msg.Events) >= Batch
	if s.pause.On() && !s.more { // that was all there was when the page was opened
		return nil
	}
	return s.following.More(s.next())
}

// arrived opens what the screen was visited for: a run's number.
func (s *Screen) arrived(arg string) tea.Cmd {
	arg = strings.TrimSpace(strings.TrimPrefix(arg, "run "))
	if arg == "" {
		return s.refresh()
	}
	run, err := strconv.ParseInt(arg, 10, 64)
	if err != nil {
		return s.table.SetFilter(arg)
	}
	s.turn(viewOne)
	s.forget()
	s.following.Cancel()
	s.one = Run{Run: pipeline.Run{ID: run}}
	s.page().Loading("reading run " + arg)
	return s.fetch(run)
}

// fetch reads a run whose page is on show; until it is there, the page says what it says.
func (s *Screen) fetch(run int64) tea.Cmd {
	l := s.ledger
	return s.fetching.Start(s.ctx, func(ctx context.Context) tea.Msg {
		r, err := l.Run(ctx, run)
		return fetchedMsg{r, err}
	})
}

func (s *Screen) fetched(msg fetchedMsg) tea.Cmd {
	if msg.err != nil {
		retry := s.env.Key("runs.reload", "R")
		s.facts.Missed(msg.err, retry) // the history may have told them
		s.stepsPane.Missed(msg.err, retry)
		s.events.Failed(msg.err, retry)
		return nil
	}
	return s.open(msg.run)
}

func (s *Screen) cancelled(msg cancelledMsg) tea.Cmd {
	if msg.err == nil {
		return tea.Batch(env.Notify(env.Good, fmt.Sprintf("run %d is asked to stop", msg.run)), s.ask(recent))
	}
	return env.Failed("", msg.err, "penstock doctor says what is out of reach")
}

// page are the panes of viewOne.
func (s *Screen) page() widget.PaneGroup { return widget.PaneGroup{s.facts, s.stepsPane, s.events} }

func (s *Screen) touch() {
	widget.PaneGroup{s.lists, s.facts, s.stepsPane, s.events, s.sides}.Touch()
}
