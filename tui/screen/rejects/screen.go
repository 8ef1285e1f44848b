package rejects

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// id is what the console calls the screen.
const id = "rejects"

const (
	listMost = 10_000           // records in the list at once
	pace     = 10 * time.Second // between looks at the counts
	news     = 30 * time.Second // for which the screen says what became of a run; the notices keep it
)

// The parts of the screen that the focus goes round.
const (
	onCounts = iota
	onList
	onRecord
)

// Screen shows refused records and takes mended ones in. Make it with New.
type Screen struct {
	env *env.Env
	o   Options
	ctx context.Context

	counting, listing, reading, mending, awaiting *env.Job

	counts   []Count
	looked   time.Time // when the counts were asked for last
	ofRun    int64     // the run that all this is of, 0 for any
	picked   *Count    // the reason that the list is of, nil for all
	resolved bool      // list those mended since, too
	showPII  bool
	rows     rejectRows
	listed   Filter // what the rows are of
	record   *Record
	wanted   *Key // whose form opens once it is read

	edits map[Key]Mended // mended here and not taken in yet
	run   *Run           // takes records in at the moment
	sent  []Mended       // its records
	last  string         // what became of the latest run, while that is news
	over  time.Time      // when it ended

	ring                      *widget.Ring
	panes                     *widget.Panes
	pause                     *widget.Pause
	countPane, listPane, oneP *widget.Pane
	countTable, table         *widget.Table
	viewer                    *widget.Viewer
	generation                int // of the theme that the viewer's rows are painted in
}

// New returns the screen.
func New(e *env.Env, o Options) *Screen {
	s := &Screen{
		env: e, o: o, edits: map[Key]Mended{},
		counting: env.NewJob(id), listing: env.NewJob(id), reading: env.NewJob(id), mending: env.NewJob(id), awaiting: env.NewJob(id),
		countPane: widget.NewPane(e, "Reasons"), listPane: widget.NewPane(e, "Records"), oneP: widget.NewPane(e, "Record"),
		countTable: newCountTable(e), table: newRejectTable(e), viewer: widget.NewViewer(e),
	}
	s.countPane.Every = pace
	for _, p := range s.panesOf() {
		p.Retries = true // with the counts
	}
	s.table.OnMove = func(int) tea.Cmd { return s.read() }
	s.ring = widget.NewRing(
		func(on bool) { s.countPane.Focused, s.countTable.Focused = on, on },
		func(on bool) { s.listPane.Focused, s.table.Focused = on, on },
		func(on bool) { s.oneP.Focused, s.viewer.Focused = on, on },
	)
	s.ring.Set(onList)
	s.panes = widget.NewPanes(e, s.ring.At)
	s.pause = widget.NewPause(e)
	s.pause.Changed = s.paused
	return s
}

// paused holds the counts still, or counts anew and goes on.
func (s *Screen) paused(on bool) tea.Cmd {
	s.touch()
	if on {
		s.countPane.Paused = true
		return nil
	}
	return s.recount() // it says that it is paused until then
}

type countedMsg struct {
	counts []Count
	err    error
}

type listedMsg struct {
	of   Filter
	list []Reject
	err  error
}

type readMsg struct {
	record Record
	err    error
}

// Init implements tui.Screen.
func (s *Screen) Init(ctx context.Context) tea.Cmd {
	s.ctx = ctx
	return s.reload()
}

// reload reads everything again.
func (s *Screen) reload() tea.Cmd { return tea.Batch(s.recount(), s.relist()) }

func (s *Screen) recount() tea.Cmd {
	store, run := s.o.Store, s.ofRun
	s.looked = s.env.Now()
	return s.counting.Start(s.ctx, func(ctx context.Context) tea.Msg {
		counts, err := store.Counts(ctx, run)
		return countedMsg{counts, err}
	})
}

// filter is what the list is of.
func (s *Screen) filter() Filter {
	f := Filter{Run: s.ofRun, Resolved: s.resolved, ShowPII: s.showPII, Limit: listMost}
	if s.picked != nil {
		f.Source, f.Reason, f.Column = s.picked.Source, s.picked.Reason, s.picked.Column
	}
	return f
}

func (s *Screen) relist() tea.Cmd {
	store, f := s.o.Store, s.filter()
	return s.listing.Start(s.ctx, func(ctx context.Context) tea.Msg {
		list, err := store.List(ctx, f)
		return listedMsg{f, list, err}
	})
}

// read reads the record under the cursor.
func (s *Screen) read() tea.Cmd {
	row, ok := s.table.Cursor()
	if !ok {
		s.record, s.wanted = nil, nil
		s.reading.Cancel()
		s.oneP.Empty("no record is chosen", "")
		return nil
	}
	store, k, show := s.o.Store, s.rows.list[row].Key, s.showPII
	if s.wanted != nil && *s.wanted != k {
		s.wanted = nil
	}
	return s.reading.Start(s.ctx, func(ctx context.Context) tea.Msg {
		record, err := store.Record(ctx, k, show)
		return readMsg{record, err}
	})
}

// Update implements tui.Screen.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case countedMsg:
		return s.counted(msg)
	case listedMsg:
		return s.arrange(msg)
	case readMsg:
		return s.readDone(msg)
	case startedMsg:
		return s.started(msg)
	case endedMsg:
		return s.ended(msg)
	case exportedMsg:
		return s.exported(msg)
	case env.RefreshMsg:
		return s.refresh(msg.Now)
	case env.ArrivedMsg:
		return s.arrived(msg.Arg)
	case env.LeftMsg:
		s.wanted, s.last = nil, "" // a form is no part of another screen, nor is news that was read
		return nil
	case env.RestyledMsg:
		s.touch()
		return nil
	}
	return s.input(msg)
}

// refresh counts anew at its own pace: the tables are large and change with runs only.
func (s *Screen) refresh(now time.Time) tea.Cmd {
	if s.pause.On() || s.counting.Running() || now.Sub(s.looked) < pace {
		return nil
	}
	return s.recount()
}

// arrived shows what was asked for: "run 42", a load's number, a source's name, or any filter.
func (s *Screen) arrived(arg string) tea.Cmd {
	if arg == "" {
		return nil
	}
	s.ring.Set(onList)
	s.picked, s.ofRun, s.last = nil, 0, ""
	if word, ok := strings.CutPrefix(arg, "run "); ok {
		if run, err := strconv.ParseInt(strings.TrimSpace(word), 10, 64); err == nil && run > 0 {
			s.ofRun = run
			return tea.Batch(s.table.SetFilter(""), s.reload())
		}
	}
	if _, err := strconv.ParseInt(arg, 10, 64); err == nil {
		arg = "load:=" + arg
	}
	return tea.Batch(s.table.SetFilter(arg), s.reload())
}

func (s *Screen) counted(msg countedMsg) tea.Cmd {
	s.countPane.Paused = s.pause.On()
	if msg.err != nil {
		s.countPane.Missed(msg.err, s.env.Key("rejects.reload", "r"))
		return nil
	}
	before, mendedBefore, _ := totals(s.counts)
	open, mended, _ := totals(msg.counts)
	s.counts = msg.counts
	if len(msg.counts) == 0 {
		s.countPane.Empty(s.nothing())
	} else {
		s.countPane.Live(s.env.Now())
	}
	cmd := s.countTable.SetRows(countRows(msg.counts))
	switch {
	case before != open || mendedBefore != mended || s.listPane.State() == widget.Failed:
		return tea.Batch(cmd, s.relist())
	case s.oneP.State() == widget.Failed:
		return tea.Batch(cmd, s.read())
	}
	return cmd
}

// nothing says why there is no reject at all, and what to do about it.
func (s *Screen) nothing() (why, hint string) {
	if s.ofRun != 0 {
		return fmt.Sprintf("run %d refused nothing", s.ofRun), "esc shows the rejects of all runs"
	}
	return "nothing was refused", "records that do not fit their source's rules appear here"
}

// arrange shows the list that came.
func (s *Screen) arrange(msg listedMsg) tea.Cmd {
	if msg.err != nil {
		s.listPane.Failed(msg.err, s.env.Key("rejects.reload", "r"))
		return nil
	}
	s.rows, s.listed = rejectRows{list: msg.list, edits: maps.Clone(s.edits)}, msg.of
	cmd := s.table.SetRows(s.rows)
	switch {
	case len(msg.list) > 0:
		s.listPane.Live(s.env.Now())
	case s.resolved:
		s.listPane.Empty(s.nothing())
	case s.ofRun != 0:
		s.listPane.Empty(fmt.Sprintf("no record of run %d is open", s.ofRun), s.env.Key("rejects.all", "a")+" shows those mended since, too; esc the rejects of all runs")
	default:
		s.listPane.Empty("no record is open", s.env.Key("rejects.all", "a")+" shows those mended since, too")
	}
	return tea.Batch(cmd, s.read())
}

func (s *Screen) readDone(msg readMsg) tea.Cmd {
	row, there := s.table.Cursor()
	wanted := s.wanted != nil && msg.err == nil && *s.wanted == msg.record.Key && there && s.rows.list[row].Key == msg.record.Key
	s.wanted = nil
	if msg.err != nil {
		s.record = nil
		s.oneP.Failed(msg.err, s.env.Key("rejects.reload", "r"))
		return nil
	}
	s.record = &msg.record
	s.oneP.Live(s.env.Now())
	s.paint()
	if wanted {
		return s.openForm()
	}
	return nil
}

// reedit shows in the list what is mended here.
func (s *Screen) reedit() tea.Cmd {
	s.rows = rejectRows{list: s.rows.list, edits: maps.Clone(s.edits)}
	s.touch()
	return s.table.SetRows(s.rows)
}

// touch has everything painted anew.
func (s *Screen) touch() { s.panesOf().Touch() }

func (s *Screen) panesOf() widget.PaneGroup { return widget.PaneGroup{s.countPane, s.listPane, s.oneP} }

// input hands keys, the mouse and results to the parts.
func (s *Screen) input(msg tea.Msg) tea.Cmd {
	s.touch()
	if s.panes.Mouse(msg) {
		return nil
	}
	return s.ring.Take(msg, widget.Stop{Area: s.panes.Area(onCounts), Update: s.countTable.Update},
		widget.Stop{Area: s.panes.Area(onList), Update: s.table.Update}, widget.Stop{Area: s.panes.Area(onRecord), Update: s.viewer.Update})
}
