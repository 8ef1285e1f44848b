package insights

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// mostRows is how many rows of a mart a table takes. The server puts them in order,
// so that what is left out is what matters least.
const mostRows = 10_000

// listing is a view of one table.
type listing struct {
	s     *Screen
	crumb string
	cols  []column
	key   string // names a row
	modes []mode
	mode  int

	query *query[*mart.Table]
	pane  *widget.Pane
	table *widget.Table
	area  widget.Area

	// open goes to what stands behind a row; nil where nothing does.
	open func(t *mart.Table, row int) view
	// head draws rows above the table, as many as it wants of h; nil for none.
	head func(w, h int) []string
	// note says what is to be known of the rows, "" if nothing.
	note func() string
	// more is what else is to be asked, drawn or done.
	more extra
	// command is what prints the rows of a mode, by columns of the mart.
	command func(m mode) string
	columns []string
	limit   int // rows that are read
	// most is the greatest share, for bars.
	most float64
}

// mode is one of the orders or selections that a listing has.
type mode struct {
	name  string // "best products"
	empty string // why there may be nothing
	list  mart.List
}

// extra is what a listing has beside its table.
type extra interface {
	load(again bool) tea.Cmd
	take(msg tea.Msg) bool
	asking() asking
}

func newListing(s *Screen, crumb, key string, cols []column, modes ...mode) *listing {
	l := &listing{s: s, crumb: crumb, cols: cols, key: key, modes: modes, limit: mostRows}
	l.pane = widget.NewPane(s.env, modes[0].name)
	l.pane.Focused = true
	l.query = newQuery[*mart.Table](s.env, l.pane)
	l.table = s.newTable(crumb, cols)
	l.table.OnEnter = func(int) tea.Cmd { return l.drill() }
	return l
}

func (l *listing) load(again bool) tea.Cmd {
	m := l.modes[l.mode]
	m.list.Timezone, m.list.Limit = l.s.o.Timezone, l.limit
	cmd := loadInto(l.s, l.query, again, "reading "+m.name, func(ctx context.Context) (*mart.Table, error) {
		return l.s.o.Marts.List(ctx, m.list)
	})
	if l.more != nil {
		cmd = tea.Batch(cmd, l.more.load(again))
	}
	return cmd
}

func (l *listing) update(msg tea.Msg) tea.Cmd {
	if l.query.take(msg) {
		if l.query.err != nil {
			return l.query.outcome()
		}
		return l.arrange()
	}
	if l.more != nil && l.more.take(msg) {
		return nil
	}
	if local, ok := l.area.Local(msg); ok {
		return l.table.Update(local)
	}
	return nil
}

// arrange shows the rows that came.
func (l *listing) arrange() tea.Cmd {
	t := l.query.value
	l.most = 0
	for i := range t.Rows {
		l.most = max(l.most, float(value(t, i, "share")))
	}
	if len(t.Rows) == 0 {
		m := l.modes[l.mode]
		why := m.empty
		if why == "" {
			why = "There is nothing here."
		}
		l.pane.Empty(why, "")
	}
	return l.table.SetRows(l.s.rowsOf(t, l.cols, l.key))
}

// remask implements revealing.
func (l *listing) remask() tea.Cmd {
	if !l.query.ok {
		return nil
	}
	return l.table.SetRows(l.s.rowsOf(l.query.value, l.cols, l.key))
}

func (l *listing) draw(w, h int) []string {
	var rows []string
	if l.head != nil {
		rows = append(rows, l.head(w, h)...)
	}
	m := l.modes[l.mode]
	l.pane.Title = m.name
	if l.query.ok {
		l.pane.Right = l.table.Summary()
		if l.note != nil {
			l.pane.Right = l.s.env.Theme.Info.Paint(l.note()) + "  " + l.pane.Right
		}
		if l.limit == mostRows && len(l.query.value.Rows) >= mostRows {
			l.pane.Right = l.s.env.Theme.Warn.Paint("only the first ") + l.pane.Right
		}
	}
	top := len(rows)
	l.area = widget.Area{Y: top + 1, W: w, H: max(0, h-top-1)}
	// The table moves with every key, so that nothing of it is kept.
	l.pane.Touch()
	return append(rows, l.pane.View(w, max(0, h-top), l.table.View)...)
}

func (l *listing) about() about {
	a := about{crumb: l.crumb, typing: l.table.Typing(), back: l.table.Back, asking: []asking{l.query}}
	if l.open != nil {
		a.actions = append(a.actions, env.Action{
			ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see what stands behind the row", Run: l.drill, Disabled: l.noRow,
		})
	}
	if len(l.modes) > 1 {
		next := l.modes[(l.mode+1)%len(l.modes)]
		a.actions = append(a.actions, env.Action{
			ID: "insights.mode", Title: next.name, Keys: []string{"v"}, Help: "show the next of: " + modeNames(l.modes), Run: l.nextMode,
		})
	}
	a.actions = append(a.actions, l.table.Actions()...)
	if l.command != nil {
		a.headless = l.command(l.modes[l.mode])
		if _, all := l.where(); !all {
			a.without = "the filter " + clean.Line(l.table.Filter())
		}
	}
	if l.more != nil {
		a.asking = append(a.asking, l.more.asking())
	}
	return a
}

func modeNames(list []mode) string {
	text := ""
	for i, m := range list {
		if i > 0 {
			text += ", "
		}
		text += m.name
	}
	return text
}

func (l *listing) noRow() string {
	if _, ok := l.table.Cursor(); !ok || !l.query.ok {
		return "there is no row"
	}
	return ""
}

// drill goes to what stands behind the row under the cursor.
func (l *listing) drill() tea.Cmd {
	row, ok := l.table.Cursor()
	if !ok || !l.query.ok || l.open == nil {
		return nil
	}
	return l.s.push(l.open(l.query.value, row))
}

// nextMode shows the next order or selection.
func (l *listing) nextMode() tea.Cmd {
	l.mode = (l.mode + 1) % len(l.modes)
	l.query.forget()
	clear := l.table.SetRows(rows{key: -1})
	l.pane.Loading("reading " + l.modes[l.mode].name)
	return tea.Batch(clear, l.s.load(false))
}
