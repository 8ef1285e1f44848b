package pipeline

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// id is what the console calls the screen.
const id = "pipeline"

const (
	idlePace = 5 * time.Second  // between looks while nothing runs; a run that begins is heard of at once
	mostWait = 15 * time.Second // between looks while the ledger is away
	logKept  = 2000
)

// The parts of the screen that the focus goes round.
const (
	onSteps = iota
	onSources
	onLog
	onChart
)

// Screen drives the pipeline. Make it with New.
type Screen struct {
	env    *env.Env
	ledger Ledger
	pace   time.Duration
	ctx    context.Context

	looking, following, commanding *env.Job

	state   State
	known   bool // state is there
	away    error
	retry   time.Duration // until the next look, while the ledger is away
	since   time.Time     // when the ledger went away
	samples *samples

	run     int64                   // whose events are read
	seq     int64                   // the next of them
	end     bool                    // all are read
	watched bool                    // the run was seen running
	loads   []pipeline.LoadProgress // of the run, as its events tell

	step    int  // the one that the facts are of
	chosen  bool // by the user, so that it does not follow the run
	engines map[pipeline.StepName]string
	busy    string // what was asked for and has not happened yet

	ring                               *widget.Ring
	diagram, facts, chart, files, from *widget.Pane
	logPane                            *widget.Pane
	table                              *widget.Table
	rows                               sourceRows
	log                                *widget.Log
	panes                              *widget.Panes
	pause                              *widget.Pause
	steps                              widget.Area // where the diagram was drawn, for the mouse
	window                             int         // of windows: the time that the chart shows
	cursor                             time.Time   // in the chart; the zero time: the latest
}

// New returns the screen; pace is how often a run in progress is looked at.
func New(e *env.Env, l Ledger, pace time.Duration) *Screen {
	s := &Screen{
		env: e, ledger: l, pace: pace,
		looking: env.NewJob(id), following: env.NewJob(id), commanding: env.NewJob(id),
		samples: newSamples(0), engines: map[pipeline.StepName]string{},
		diagram: widget.NewPane(e, "Run"), facts: widget.NewPane(e, "Step"), chart: widget.NewPane(e, ""),
		files: widget.NewPane(e, "Files"), from: widget.NewPane(e, "Sources"), logPane: widget.NewPane(e, "Log"),
		log: widget.NewLog(e, logKept), pause: widget.NewPause(e), window: minute,
	}
	s.panes = widget.NewPanes(e, s.focused)
	s.pause.Changed = s.paused
	s.table = newSourceTable(s)
	s.ring = widget.NewRing(
		func(on bool) { s.diagram.Focused = on },
		func(on bool) { s.from.Focused, s.table.Focused = on, on },
		func(on bool) { s.logPane.Focused, s.log.Focused = on, on },
		func(on bool) { s.chart.Focused = on },
	)
	s.diagram.Retries = true
	return s
}

// lookedMsg is how things are.
type lookedMsg struct {
	state State
	err   error
}

// commandedMsg is what became of a start or a cancel.
type commandedMsg struct {
	started bool
	run     int64
	err     error
}

// Init implements tui.Screen.
func (s *Screen) Init(ctx context.Context) tea.Cmd {
	s.ctx = ctx
	return s.reload()
}

// reload looks at once and goes on looking.
func (s *Screen) reload() tea.Cmd { return s.looking.Start(s.ctx, s.look(0)) }

func (s *Screen) look(after time.Duration) func(context.Context) tea.Msg {
	l := s.ledger
	return func(ctx context.Context) tea.Msg {
		state, err := l.Look(ctx, after)
		return lookedMsg{state, err}
	}
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case lookedMsg:
		return s.looked(msg)
	case env.EventsMsg:
		return s.told(msg)
	case commandedMsg:
		return s.commanded(msg)
	case env.RestyledMsg:
		s.touch()
		return nil
	case tea.KeyPressMsg:
		return s.key(msg)
	case tea.MouseMsg:
		return s.mouse(msg)
	}
	return s.table.Update(msg) // its own results
}

// looked takes how things are and arranges for the next look.
func (s *Screen) looked(msg lookedMsg) tea.Cmd {
	s.say(s.pause.On())
	if msg.err != nil {
		if s.away == nil {
			s.since, s.retry = s.env.Now(), s.pace/2
		}
		s.away = msg.err
		s.retry = min(2*s.retry, mostWait)
		s.fail(msg.err)
		if s.pause.On() {
			return nil
		}
		return s.looking.More(s.look(s.retry))
	}
	var cmds []tea.Cmd
	if s.away != nil && s.known {
		cmds = append(cmds, env.Notify(env.Good, "the ledger is back"))
	}
	s.away, s.known = nil, true
	cmds = append(cmds, s.apply(msg.state), s.follow())
	if s.pause.On() { // this was asked for; nothing comes by itself
		return tea.Batch(cmds...)
	}
	wait := idlePace
	if s.state.running() {
		wait = s.pace
	}
	return tea.Batch(append(cmds, s.looking.More(s.look(wait)))...)
}

// paused stops looking, or looks at once and goes on. The first look is waited for
// all the same: without it there is nothing to hold still.
func (s *Screen) paused(on bool) tea.Cmd {
	if !on {
		return s.reload()
	}
	s.say(true)
	if s.known {
		s.looking.Cancel()
		s.following.Cancel()
	}
	return nil
}

// say has the panes say that they are paused; once they go on, not before there is news.
func (s *Screen) say(paused bool) { s.panesOf().Pause(paused) }

// fail has the panes say what is wrong; those with data keep it and grow stale.
func (s *Screen) fail(err error) {
	if !s.known {
		s.panesOf().Failed(err, s.env.Key("pipeline.reload", "R"))
	}
	s.touch()
}

// apply takes a new state.
func (s *Screen) apply(next State) tea.Cmd {
	s.state = next
	if next.Run.ID != s.run {
		s.run, s.seq, s.end, s.watched, s.chosen = next.Run.ID, 1, next.Run.ID == 0, false, false
		s.following.Cancel()
		s.samples, s.loads, s.cursor = newSamples(s.run), nil, time.Time{}
	}
	s.watched = s.watched || next.running()
	for _, p := range next.Trail {
		s.samples.add(p)
	}
	if !s.chosen {
		s.step = current(next)
	}
	pace := idlePace
	if next.running() {
		pace = s.pace
	}
	s.panesOf().Live(next.At, pace)
	if len(next.Sources) == 0 {
		s.from.Empty("no sources are configured", "penstock init --from FILE... writes the first")
	}
	rows := sourceRows{state: next}
	if rows.same(s.rows) {
		return nil
	}
	s.rows = rows
	return s.table.SetRows(rows)
}

// current returns the step to look at: the one that runs, that broke, or the last that did something.
func current(state State) int {
	at := 0
	for i, name := range pipeline.StepNames() {
		st, ok := state.step(name)
		switch {
		case !ok || st.State == pipeline.Waiting || st.State == pipeline.Skipped:
		case st.State == pipeline.Done:
			at = i
		default:
			return i
		}
	}
	return at
}

// follow reads the events of the run unless it does already or has them all.
func (s *Screen) follow() tea.Cmd {
	if s.end || s.following.Running() || s.pause.On() {
		return nil
	}
	return s.following.Start(s.ctx, s.next())
}

func (s *Screen) next() func(context.Context) tea.Msg {
	return env.Follow(s.ledger.Follow, s.run, s.seq)
}

// told takes events into the log.
func (s *Screen) told(msg env.EventsMsg) tea.Cmd {
	if msg.Run != s.run {
		return nil
	}
	if msg.Err != nil {
		// Other errors are those of the ledger being away; the next good look goes on.
		s.end = errors.Is(msg.Err, io.EOF)
		return nil
	}
	var cmds []tea.Cmd
	turned := false
	for _, e := range msg.Events {
		s.seq = e.Head().Seq + 1
		s.log.Add(logLine(e, s.env.Now().Location()))
		s.loads = withLoad(s.loads, e)
		switch e := e.(type) {
		case pipeline.StepStarted, pipeline.StepFinished, pipeline.StepFailed:
			turned = true
		case pipeline.RunFinished:
			turned = true
			if s.watched {
				s.finished(e)
				cmds = append(cmds, s.ended(e))
			}
		}
	}
	s.logPane.Touch()
	s.files.Touch()
	if turned && s.watched {
		cmds = append(cmds, s.reload())
	}
	return tea.Batch(append(cmds, s.following.More(s.next()))...)
}

// finished takes what the last event tells, so that the log is not ahead of what can be done until the next look.
func (s *Screen) finished(e pipeline.RunFinished) {
	at := e.Head().At
	s.state.Run.State, s.state.Run.FinishedAt = e.Status, &at
	s.touch()
}

// withLoad notes what an event tells of a file.
func withLoad(loads []pipeline.LoadProgress, e pipeline.Event) []pipeline.LoadProgress {
	var l pipeline.LoadProgress
	switch e := e.(type) {
	case pipeline.LoadStarted:
		l = pipeline.LoadProgress{Source: e.Source, Name: e.Name, State: "loading", Total: e.Bytes}
	case pipeline.LoadFinished:
		l = pipeline.LoadProgress{Source: e.Source, Name: e.Name, State: e.State, Read: e.Read, Rejected: e.Rejected}
	case pipeline.LoadSkipped:
		l = pipeline.LoadProgress{Source: e.Source, Name: e.Name, State: "skipped"}
	default:
		return loads
	}
	i := slices.IndexFunc(loads, func(o pipeline.LoadProgress) bool { return o.Source == l.Source && o.Name == l.Name })
	if i < 0 {
		return append(loads, l)
	}
	loads[i] = l
	return loads
}

// ended is the notice of a run's end.
func (s *Screen) ended(e pipeline.RunFinished) tea.Cmd {
	level := [...]env.Level{env.Good, env.Warn, env.Bad}[pipeline.WeightOf(e)]
	if e.Status == pipeline.Cancelled {
		level = env.Warn
	}
	msg := env.ToastMsg{Level: level, Text: pipeline.Message(e)}
	if level == env.Bad {
		msg.Hint = s.env.Key("pipeline.details", "enter") + " shows all of it; " + s.env.Key("pipeline.resume", "u") + " takes up where it ended"
	}
	return func() tea.Msg { return msg }
}

func logLine(e pipeline.Event, zone *time.Location) widget.LogLine {
	return widget.LogLine{
		At: e.Head().At.In(zone), Source: pipeline.Subject(e), Text: pipeline.Message(e),
		Level: env.LevelOf(e),
	}
}

// commanded takes what became of a start or a cancel.
func (s *Screen) commanded(msg commandedMsg) tea.Cmd {
	s.busy = ""
	s.touch()
	if msg.err != nil {
		return tea.Batch(env.Failed("", msg.err, s.env.Key("pipeline.reload", "R")+" looks again; penstock doctor says what is out of reach"), s.reload())
	}
	return s.reload()
}

func (s *Screen) panesOf() widget.PaneGroup {
	return widget.PaneGroup{s.diagram, s.facts, s.chart, s.files, s.from, s.logPane}
}

func (s *Screen) touch() { s.panesOf().Touch() }
