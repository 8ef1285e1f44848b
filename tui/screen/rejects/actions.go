package rejects

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// Status implements tui.Screen.
func (s *Screen) Status() env.Status {
	st := env.Status{Headless: s.headless("--list"), Back: s.back, Paused: s.pause.Since(), Unsaved: s.unsaved}
	if s.ofRun != 0 {
		st.Crumbs = []string{fmt.Sprintf("run %d", s.ofRun)}
	}
	if s.picked != nil {
		reason := reasonWords(s.picked.Reason)
		if s.picked.Column != "" {
			reason = s.picked.Column + " " + reason
		}
		st.Crumbs = append(st.Crumbs, s.picked.Source, reason)
	}
	switch s.ring.At() {
	case onCounts:
		st.Actions = append(st.Actions, env.Action{
			ID: "rejects.pick", Title: "show", Keys: []string{"enter"}, Help: "show the records of this reason", Run: s.pick,
		})
		st.Actions = append(append(st.Actions, s.actions()...), s.countTable.Actions()...)
		st.Typing = s.countTable.Typing()
	case onList:
		st.Actions = append(append(st.Actions, s.mendAction()), s.actions()...)
		st.Actions = append(st.Actions, s.table.Actions()...)
		st.Typing = s.table.Typing()
	default:
		st.Actions = append(append(st.Actions, s.mendAction()), s.actions()...)
		st.Actions = append(st.Actions, env.Rekeyed(s.viewer.Actions(), "text.wrap", "W")...) // w writes a file here
		st.Typing = s.viewer.Typing()
	}
	st.Actions = append(st.Actions, s.ring.Actions()...)
	st.Actions = s.panes.Actions(s.pause.Actions(id, st.Actions))
	if s.listing.Running() || s.counting.Running() && len(s.counts) == 0 {
		st.Cancel = s.cancel
	}
	return st
}

// cancel ends the queries of this screen; a run that was started goes on.
func (s *Screen) cancel() tea.Cmd {
	s.listing.Cancel()
	s.counting.Cancel()
	for _, p := range s.panesOf() {
		if p.State() == widget.Loading {
			p.Empty("cancelled", "press "+s.env.Key("rejects.reload", "r")+" to read again")
		}
	}
	return env.Notify(env.Info, "cancelled")
}

// back takes a filter away: the table's, then the reason, then the run.
func (s *Screen) back() (tea.Cmd, bool) {
	s.touch()
	s.wanted = nil
	switch s.ring.At() {
	case onCounts:
		if cmd, ok := s.countTable.Back(); ok {
			return cmd, true
		}
	case onList:
		if cmd, ok := s.table.Back(); ok {
			return cmd, true
		}
	default:
		if cmd, ok := s.viewer.Back(); ok {
			return cmd, true
		}
		if !s.panes.Back() {
			s.ring.Set(onList)
		}
		return nil, true
	}
	if s.panes.Back() {
		return nil, true
	}
	switch {
	case s.picked != nil:
		s.picked = nil
		return s.relist(), true
	case s.ofRun != 0:
		s.ofRun = 0
		return s.reload(), true
	}
	return nil, false
}

// pick shows the records of the reason under the cursor.
func (s *Screen) pick() tea.Cmd {
	row, ok := s.countTable.Cursor()
	if !ok {
		return nil
	}
	c := s.counts[row]
	s.picked = &c
	s.resolved = s.resolved || c.Open == 0
	s.ring.Set(onList)
	s.touch()
	return s.relist()
}

// headless is the command that gives what is on show.
func (s *Screen) headless(words ...string) string {
	parts := []string{"penstock --run rejects"}
	if s.ofRun != 0 {
		parts = append(parts, fmt.Sprintf("--of-run %d", s.ofRun))
	}
	if s.picked != nil {
		parts = append(parts, "--source "+clean.Word(s.picked.Source), "--reason "+clean.Word(s.picked.Reason))
		if s.picked.Column != "" {
			parts = append(parts, "--column "+clean.Word(s.picked.Column))
		}
	}
	if s.resolved {
		parts = append(parts, "--all")
	}
	if s.showPII {
		parts = append(parts, "--show-pii")
	}
	return strings.Join(append(parts, words...), " ")
}

func (s *Screen) mendAction() env.Action {
	return env.Action{
		ID: "rejects.mend", Title: "mend…", Keys: []string{"enter"}, Help: "change the fields of this record", Run: s.edit,
		Disabled: func() string {
			if _, ok := s.table.Cursor(); !ok {
				return "there is no record here"
			}
			return s.readOnly()
		},
	}
}

func (s *Screen) readOnly() string {
	if s.env.Profile.ReadOnly || s.o.Mender == nil {
		return "this console is read only"
	}
	return ""
}

// actions are what can be done wherever the focus is.
func (s *Screen) actions() []env.Action {
	list := []env.Action{
		{
			ID: "rejects.reingest", Title: "re-ingest…", Keys: []string{"R"}, Help: "take the mended records in, as a load of their own",
			Run: s.takeIn, Danger: s.takeInDanger, Disabled: s.whyNotTakeIn,
			Headless: func() string { return "penstock --run rejects --reingest FILE" },
		},
		{
			ID: "rejects.all", Title: map[bool]string{true: "open only", false: "mended too"}[s.resolved], Keys: []string{"a"},
			Help: "show those mended since, or open ones only", Run: func() tea.Cmd { s.resolved = !s.resolved; return s.relist() },
		},
		{
			ID: "rejects.export", Title: "write file…", Keys: []string{"w"}, Help: "write the raw records as a file to mend with any editor",
			Run: s.export, Danger: s.exportDanger, Disabled: s.whyNotExport,
			Headless: func() string { return s.headless("--export FILE") },
		},
		{
			ID: "rejects.pii", Title: "personal data", Keys: []string{"p"}, Help: "show masked columns, or mask them again",
			Run: s.togglePII, Hidden: true,
		},
		{ID: "rejects.reload", Title: "reload", Keys: []string{"r"}, Help: "read again", Run: s.reload, Hidden: true},
		{
			ID: "rejects.drop", Title: "drop changes", Keys: []string{"U"}, Help: "forget what was changed in this record", Hidden: true,
			Run: s.drop, Disabled: s.whyNotDrop,
		},
	}
	return list
}

func (s *Screen) togglePII() tea.Cmd {
	s.showPII = !s.showPII
	text := "masked columns are masked again"
	if s.showPII {
		text = "masked columns are shown; " + s.env.Key("rejects.pii", "p") + " masks them again"
	}
	return tea.Batch(s.relist(), env.Notify(env.Info, text))
}

func (s *Screen) whyNotDrop() string {
	if s.record != nil {
		if _, ok := s.edits[s.record.Key]; ok {
			return ""
		}
	}
	return "this record was not changed"
}

func (s *Screen) drop() tea.Cmd {
	delete(s.edits, s.record.Key)
	s.paint()
	return s.reedit()
}

func (s *Screen) whyNotTakeIn() string {
	switch {
	case s.readOnly() != "":
		return s.readOnly()
	case s.run != nil || s.mending.Running():
		return "the records before are on their way in"
	case len(s.edits) == 0:
		return "no record was mended: " + s.env.Key("rejects.mend", "enter") + " mends the one under the cursor"
	}
	return ""
}

func (s *Screen) takeInDanger() *env.Danger {
	batch := s.batch()
	d := &env.Danger{
		Title: "Re-ingest " + records(len(batch)),
		What: fmt.Sprintf("A run takes %s of source %s in as a load of its own, then derives facts and marts anew, checks and publishes them. What fits is resolved; what is refused again is a reject of the new load.",
			records(len(batch)), batch[0].Source),
	}
	for _, m := range batch {
		d.Details = append(d.Details, fmt.Sprintf("load %d, record %s", m.Load, widget.Count(m.Record)))
	}
	if left := len(s.edits) - len(batch); left > 0 {
		d.Details = append(d.Details, fmt.Sprintf("(%s of other sources wait for a run of their own)", records(left)))
	}
	return d
}

func (s *Screen) whyNotExport() string {
	switch {
	case s.env.Export == nil || s.o.Export == nil:
		return "there is nowhere to write a file from here"
	case s.listed != s.filter():
		return "the records that the file is of are not read yet" // nor is it known what they hold
	case len(s.rows.list) == 0:
		return "there are no records to write"
	case s.mending.Running():
		return "records are on their way already"
	}
	return ""
}

// exportDanger asks before personal data is written to a file, whether the screen shows it or not.
func (s *Screen) exportDanger() *env.Danger {
	what := "columns that are masked on the screen"
	if s.showPII {
		what = "columns that hold personal data"
	}
	for _, r := range s.rows.list {
		if r.Personal {
			return &env.Danger{Title: "Write the raw records", What: "The file holds the records byte by byte, with the " + what + "."}
		}
	}
	return nil
}

// pending is how many records were mended here and are neither in nor on their way.
func (s *Screen) pending() int {
	n := len(s.edits)
	for _, m := range s.sent {
		if _, ok := s.edits[m.Key]; ok {
			n--
		}
	}
	return n
}

// unsaved tells of mended records that no run has taken in. Those that a run was not begun for yet go on
// their way while the console is open, whichever screen is shown, and are lost with it.
func (s *Screen) unsaved(quit bool) *env.Danger {
	n := s.pending()
	if quit && s.sent != nil && s.run == nil {
		d := &env.Danger{
			Title: records(len(s.sent)) + " not taken in yet",
			What:  "They are on their way, but their run has not begun. What was changed in them is lost with the console. Leave all the same?",
		}
		if n > 0 {
			d.Details = []string{"(" + records(n) + " more not taken in)"}
		}
		return d
	}
	if n == 0 {
		return nil
	}
	d := &env.Danger{Title: records(n) + " not taken in", What: "They stay here while the console is open: " + s.env.Key("rejects.reingest", "R") + " takes them in. Go on without?"}
	if quit {
		d.What = "What was changed in them is lost with the console: R on the screen rejects takes them in. Leave all the same?"
	}
	return d
}
