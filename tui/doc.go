// Package tui is the root of the console: one program a session, whose [App]
// knows the size, the screen on show, the dialogs over it and the keys that work
// everywhere. What a person works with are screens; each has a folder below
// screen/ and knows neither the root nor another screen.
//
// # Writing a screen
//
// A screen is a pointer type with four methods ([Screen]). It is built of
// widgets, asks for data in commands of its own jobs, and tells the root by
// env.Status what can be done where the focus is. The whole of one:
//
//	type Screen struct {
//		env   *env.Env
//		store interface{ Rejects(context.Context) ([]Reject, error) } // what it needs, 1 to 4 methods
//		ctx   context.Context
//		load  *env.Job
//		pane  *widget.Pane
//		table *widget.Table
//		at    widget.Area // where the table was drawn, for the mouse
//	}
//
//	func New(e *env.Env, store …) *Screen {
//		s := &Screen{env: e, store: store, load: env.NewJob("rejects"), pane: widget.NewPane(e, "Rejects")}
//		s.table = widget.NewTable(e, "rejects", "rejects", widget.Column{Title: "line", Number: true}, …)
//		return s
//	}
//
//	type loadedMsg struct { rows widget.Rows; err error }
//
//	func (s *Screen) Init(ctx context.Context) tea.Cmd { s.ctx = ctx; return s.reload() }
//
//	func (s *Screen) reload() tea.Cmd { // no I/O here: it happens in the command
//		return s.load.Start(s.ctx, func(ctx context.Context) tea.Msg {
//			list, err := s.store.Rejects(ctx)
//			return loadedMsg{rows: rows(list), err: err}
//		})
//	}
//
//	func (s *Screen) Update(msg tea.Msg) tea.Cmd {
//		switch msg := msg.(type) {
//		case loadedMsg: // arrives also while another screen is on show; never when out of date
//			if msg.err != nil {
//				s.pane.Failed(msg.err, "r")
//				return nil
//			}
//			s.pane.Live(s.env.Now())
//			return s.table.SetRows(msg.rows)
//		case env.RefreshMsg:
//			return s.reload()
//		}
//		s.pane.Touch() // a key may change what is drawn
//		if local, ok := s.at.Local(msg); ok {
//			return s.table.Update(local)
//		}
//		return nil
//	}
//
//	func (s *Screen) View(w, h int) []string {
//		s.pane.Right = s.table.Summary()
//		s.at = s.pane.Body(widget.Area{W: w, H: h}) // for the mouse
//		return s.pane.View(w, h, s.table.View)
//	}
//
//	func (s *Screen) Status() env.Status {
//		retry := env.Action{ID: "rejects.reload", Title: "reload", Keys: []string{"r"}, Help: "read again", Run: s.reload}
//		st := env.Status{Actions: append([]env.Action{retry}, s.table.Actions()...), Typing: s.table.Typing(),
//			Back: s.table.Back, Headless: "penstock --run rejects"}
//		if s.load.Running() {
//			st.Cancel = func() tea.Cmd { s.load.Cancel(); return env.Notify(env.Info, "cancelled") }
//		}
//		return st
//	}
//
// The same, compiled and tested, is the sample screen of this package's tests.
//
// # What holds everywhere
//
//   - Data is painted by a theme style, which cleans it: s.env.Theme.Text.Paint(x).
//     Painted rows are put together with + and cut with widget.Cut, never painted
//     again. (Should a screen forget, the root shows the row as marks.)
//   - Update and View do no I/O and start no goroutine. Work goes into Job.Start;
//     its ctx ends when the job is cancelled, started anew, or the session ends.
//   - Keys are actions: listed in Status they appear in the footer, in ? and in the
//     palette, can be given other keys, and run without the screen seeing the key.
//     Of two actions with one key the first wins. Danger asks before Run.
//   - A table's, log's or viewer's Actions, Typing and Back go into Status; its
//     Update gets every message, so that its own results come back to it.
//   - Esc goes: open dialog, error notices, Cancel, Back, the screen before. It never quits.
//   - Under 100 columns (Env.Narrow) there is room for one pane.
//   - More than one pane: widget.Panes lays them out, draws the splitters, and has
//     the keys and the mouse for them; give it the mouse first, its Actions and Back last.
//   - widget.Ring passes the focus round and hands messages to the parts (Take); panes
//     of the same data change their state together (widget.PaneGroup).
//   - What updates by itself can be held by widget.Pause; Status.Paused says since when.
//   - What the user arranged outlives the session by two methods more, Remember and
//     Recall, which hold nothing of the data.
//   - Env.Plain wants words where there would be drawings; Env.ASCII is applied to
//     whole frames by the root, only charts need to know.
//
// # Running it
//
// Main makes an [App] from env.Env and a list of [Entry], wraps it with
// guard.Guard and runs it with [Terminal].Options; changes from outside (the run
// in progress, the state of databases) it sends as [StateMsg].
package tui
