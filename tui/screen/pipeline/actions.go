package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	st := env.Status{Actions: s.actions(), Typing: s.table.Typing() || s.log.Typing(), Back: s.back, Headless: "penstock --run", Paused: s.pause.Since()}
	if s.run != 0 {
		st.Headless = fmt.Sprintf("penstock --run runs events %d", s.run)
	}
	if s.away != nil && s.known {
		t := s.env.Theme
		st.Note = t.Bad.Paint("✗ ledger away") + " " + t.Muted.Paint(widget.Clock(s.env.Now().Sub(s.since)))
	}
	return st
}

func (s *Screen) actions() []env.Action {
	list := []env.Action{
		{ID: "pipeline.details", Title: "details", Keys: []string{"enter"}, Help: "the run with all its facts", Run: s.details, Disabled: s.noRun},
		{
			ID: "pipeline.start", Title: "start…", Keys: []string{"s"}, Help: "start the pipeline, or one step", Run: s.startForm,
			Disabled: s.cannotStart, Headless: func() string { return "penstock --run" },
		},
		{
			ID: "pipeline.cancel", Title: "cancel", Keys: []string{"x"}, Help: "ask the run to stop", Run: s.cancel, Danger: s.cancelDanger,
			Disabled: s.cannotCancel, Headless: func() string { return fmt.Sprintf("penstock --run runs cancel %d", s.run) },
		},
		{ID: "pipeline.rejects", Title: "rejects", Keys: []string{"r"}, Help: "what this run refused, and why", Run: s.rejects},
		{ID: "pipeline.engine", Title: "engine", Keys: []string{"E"}, Help: "choose what executes the steps of the next run", Run: s.engineForm, Disabled: s.unread},
		{
			ID: "pipeline.resume", Title: "resume", Keys: []string{"u"}, Help: "start what was cancelled, interrupted or failed again; it takes up where that ended",
			Run: s.resume, Disabled: s.cannotResume, Hidden: true, Headless: func() string { return command(s.resumed()) },
		},
		{
			ID: "pipeline.rebuild", Title: "rebuild", Keys: []string{"B"}, Help: "derive facts and marts anew from everything that is loaded",
			Run: func() tea.Cmd { return s.start(rebuildRequest(s.engines)) }, Danger: func() *env.Danger { return rebuildDanger() },
			Disabled: s.cannotStart, Hidden: true, Headless: func() string { return command(rebuildRequest(s.engines)) },
		},
		{ID: "pipeline.reload", Title: "reload", Keys: []string{"R"}, Help: "look again now", Run: s.reload, Hidden: true},
	}
	if s.ring.At() == onChart {
		list = append(s.chartActions(), list...)
	}
	if s.ring.At() == onSteps {
		list = append(list, env.Action{ID: "pipeline.step", Title: "step", Keys: []string{"left", "right", "h", "l"}, Help: "the step that the facts are of", Hidden: true})
	} else {
		list = slices.DeleteFunc(list, func(a env.Action) bool { return a.ID == "pipeline.details" })
	}
	list = append(list, s.ring.Actions()...)
	parts := env.Rekeyed(append(s.table.Actions(), s.log.Actions()...), "table.sort") // s starts a run here; < and > sort
	for _, a := range env.Before(s.touch, parts) {
		a.Hidden = true
		list = append(list, a)
	}
	return s.panes.Actions(s.pause.Actions(id, list))
}

func (s *Screen) back() (tea.Cmd, bool) {
	if cmd, stepped := s.table.Back(); stepped {
		s.from.Touch()
		return cmd, true
	}
	if cmd, stepped := s.log.Back(); stepped {
		s.logPane.Touch()
		return cmd, true
	}
	if !s.cursor.IsZero() {
		s.cursor = time.Time{}
		s.chart.Touch()
		return nil, true
	}
	if s.panes.Back() {
		s.touch()
		return nil, true
	}
	if s.chosen {
		s.chosen = false
		s.step = current(s.state)
		s.touch()
		return nil, true
	}
	return nil, false
}

// rejects goes to what the run on show refused, or to all there is before the first.
func (s *Screen) rejects() tea.Cmd {
	if s.run == 0 {
		return env.Visit("rejects", "")
	}
	return env.Visit("rejects", fmt.Sprintf("run %d", s.run))
}

func (s *Screen) details() tea.Cmd { return env.Visit("runs", fmt.Sprint(s.run)) }

// The reasons why something cannot be done now; "" when it can.

func (s *Screen) noRun() string {
	if s.run == 0 {
		return "there was no run yet"
	}
	return ""
}

func (s *Screen) unread() string {
	if !s.known {
		return "the ledger was not read yet"
	}
	return ""
}

func (s *Screen) mayWrite() string {
	switch {
	case s.env.Profile.ReadOnly:
		return "this session is read only"
	case s.busy != "":
		return s.busy
	}
	return s.unread()
}

func (s *Screen) cannotStart() string {
	if why := s.mayWrite(); why != "" {
		return why
	}
	if s.state.running() {
		return fmt.Sprintf("run %d is in progress", s.run)
	}
	return ""
}

func (s *Screen) cannotCancel() string {
	if s.known && !s.env.Profile.ReadOnly && !s.state.running() {
		return "nothing is running"
	}
	return s.mayWrite()
}

func (s *Screen) cannotResume() string {
	if why := s.cannotStart(); why != "" {
		return why
	}
	switch s.state.Run.State {
	case pipeline.Cancelled, pipeline.Interrupted, pipeline.Failed:
		return ""
	}
	return "the last run left nothing undone"
}

func (s *Screen) cancelDanger() *env.Danger {
	d := env.CancelDanger(s.run)
	if p := s.state.progress(); p.Step != "" {
		d.Details = append(d.Details, fmt.Sprintf("%s is at it, since %s", p.Step, widget.Clock(s.state.At.Sub(p.Since))))
	}
	if s.state.Run.CancelRequested != nil {
		d.Details = append(d.Details, "it was asked before and is cleaning up")
	}
	return d
}

func rebuildDanger() *env.Danger {
	return &env.Danger{
		Title: "Rebuild",
		What:  "Facts and marts are derived anew from all that is loaded, beside the old ones, and changed for them at the end. It takes as long as the first run did.",
	}
}

func (s *Screen) cancel() tea.Cmd {
	l, run := s.ledger, s.run
	s.busy = fmt.Sprintf("run %d is asked to stop", run)
	s.touch()
	return s.commanding.Start(s.ctx, func(ctx context.Context) tea.Msg {
		return commandedMsg{run: run, err: l.Cancel(ctx, run)}
	})
}

func (s *Screen) start(r Request) tea.Cmd {
	l := s.ledger
	s.busy = "a run is being started"
	s.touch()
	return s.commanding.Start(s.ctx, func(ctx context.Context) tea.Msg {
		run, err := l.Start(ctx, r)
		return commandedMsg{started: true, run: run, err: err}
	})
}

// resumed is the request that takes up what the last run left.
func (s *Screen) resumed() Request {
	r := Request{Engines: s.engines}
	for _, task := range s.state.Run.Tasks {
		if name := pipeline.StepName(task); slices.Contains(pipeline.StepNames(), name) {
			r.Steps = append(r.Steps, name)
		}
	}
	if len(r.Steps) == len(pipeline.StepNames()) {
		r.Steps = nil
	}
	return r
}

func (s *Screen) resume() tea.Cmd { return s.start(s.resumed()) }

// rebuildRequest derives everything anew and reads nothing new.
func rebuildRequest(engines map[pipeline.StepName]string) Request {
	return Request{Steps: pipeline.StepNames()[1:], Engines: engines, Rebuild: true}
}

// Args returns the words after --run that ask for the same.
func (r Request) Args() []string {
	var args []string
	for _, name := range r.Steps {
		args = append(args, string(name))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Engines)) {
		args = append(args, "--engine", string(name)+"="+r.Engines[name])
	}
	for _, name := range r.Sources {
		args = append(args, "--source", name)
	}
	if r.Rebuild {
		args = append(args, "--rebuild")
	}
	return args
}

func command(r Request) string {
	return strings.Join(append([]string{"penstock", "--run"}, r.Args()...), " ")
}
