package insights

import (
	"context"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/widget"
)

const (
	fewMembers = 50 // of a segment, under the segments
	fewRows    = 6  // of them that are worth showing
)

// everybody is the row under the segments.
const everybody = "all"

// customers is the tab of who buys: the segments, how recency and frequency make
// them, and what they come to.
type customers struct {
	s      *Screen
	groups *query[mart.Groups]
	totals *query[mart.Totals]
	pane   *widget.Pane
	table  *widget.Table
	panes  *widget.Panes
	most   float64

	// The most valuable customers of the segment under the cursor.
	members *listing
	of      string // their segment
	resting *env.Job
}

// followMsg has the members of the segment shown on which the cursor rests.
type followMsg struct{}

// rest is how long the cursor rests on a segment before its customers are read.
const rest = 150 * time.Millisecond

func newCustomers(s *Screen) view {
	v := &customers{s: s, pane: widget.NewPane(s.env, "segments"), resting: env.NewJob(ID)}
	v.pane.Focused = true
	v.groups, v.totals = newQuery[mart.Groups](s.env, v.pane), newQuery[mart.Totals](s.env, nil)
	v.table = s.newTable("segments", segmentColumns(s, "customers", func() float64 { return v.most }))
	v.table.OnEnter = func(int) tea.Cmd { return v.drill() }
	v.panes = widget.NewPanes(s.env, func() int { return paneSegments })
	v.table.OnMove = func(int) tea.Cmd { return v.follow() }
	return v
}

// follow shows the members of another segment once the cursor rests on it, whichever screen is shown then.
func (v *customers) follow() tea.Cmd {
	rested := v.s.env.After(rest, func(time.Time) tea.Msg { return followMsg{} })
	if rested == nil {
		return nil
	}
	return v.resting.Start(v.s.ctx, func(context.Context) tea.Msg { return rested() })
}

// showMembers reads the most valuable customers of a segment.
func (v *customers) showMembers(segment string) tea.Cmd {
	if v.members == nil || v.of != segment {
		if v.members != nil {
			v.members.query.drop()
		}
		v.of, v.members = segment, newMembers(v.s, segment)
		v.members.limit, v.members.pane.Focused, v.members.table.Focused = fewMembers, false, false
	}
	return v.members.load(false)
}

// segmentColumns are the columns of a table of segments.
func segmentColumns(s *Screen, counts string, most func() float64) []column {
	return []column{
		text("segment", "segment", 20), count("customers", counts), s.money("net", "net"), share("share", "share"),
		bar(s.env, "share", func() theme.Style { return s.env.Theme.Series[1] }, most),
	}
}

// segmentRows are the segments as a table takes them, and all customers together.
func segmentRows(list []mart.Segment, all *mart.Segment) *mart.Table {
	t := &mart.Table{Columns: []mart.Column{{Name: "segment"}, {Name: "customers"}, {Name: "net"}, {Name: "share"}}}
	if all != nil {
		list = append(list[:len(list):len(list)], *all)
	}
	for _, x := range list {
		t.Rows = append(t.Rows, []mart.Value{
			{Text: x.Name}, {Text: strconv.FormatInt(x.Customers, 10)}, {Text: string(x.Net)}, optional(x.Share),
		})
	}
	return t
}

func optional(d *mart.Decimal) mart.Value {
	if d == nil {
		return mart.Value{Null: true}
	}
	return mart.Value{Text: string(*d)}
}

func (v *customers) load(again bool) tea.Cmd {
	o := v.s.o
	return tea.Batch(
		loadInto(v.s, v.groups, again, "reading the segments", o.Charts.Groups),
		loadInto(v.s, v.totals, again, "", o.Marts.Totals),
	)
}

func (v *customers) update(msg tea.Msg) tea.Cmd {
	switch {
	case v.groups.take(msg):
		if v.groups.err != nil {
			return v.groups.outcome()
		}
		return v.arrange()
	case v.totals.take(msg):
		return tea.Batch(v.totals.outcome(), v.arrange())
	case v.members != nil && v.members.query.take(msg):
		if v.members.query.err != nil {
			return v.members.query.outcome()
		}
		return v.members.arrange()
	}
	if _, ok := msg.(followMsg); ok {
		return v.showMembers(v.segment())
	}
	if v.panes.Mouse(msg) {
		return nil
	}
	if local, ok := v.panes.Body(paneSegments).Local(msg); ok {
		return v.table.Update(local)
	}
	if local, ok := v.panes.Area(paneMembers).Local(msg); ok && v.members != nil {
		if _, mouse := msg.(tea.MouseMsg); mouse {
			return v.members.update(local)
		}
	}
	return nil
}

func (v *customers) arrange() tea.Cmd {
	list := v.groups.value.Segments
	if !v.groups.ok {
		return nil
	}
	if len(list) == 0 {
		v.pane.Empty("No purchase names its customer.", "")
	}
	v.most = 0
	for _, x := range list {
		if x.Share != nil {
			v.most = max(v.most, float(string(*x.Share)))
		}
	}
	cols := segmentColumns(v.s, "customers", nil)
	all := mart.Segment{Name: everybody, Customers: v.known(), Net: sum(list)}
	return tea.Batch(v.table.SetRows(v.s.rowsOf(segmentRows(list, &all), cols, "segment")), v.follow())
}

// remask implements revealing.
func (v *customers) remask() tea.Cmd {
	if v.members == nil {
		return nil
	}
	return v.members.remask()
}

// known is how many customers there are.
func (v *customers) known() int64 {
	var n int64
	for _, x := range v.groups.value.Segments {
		n += x.Customers
	}
	return n
}

// The panes of customers.
const (
	paneSegments = iota
	paneScores
	paneMembers
)

func (v *customers) draw(w, h int) []string {
	rows := v.tiles(w)
	canvas := widget.NewCanvas(w, h)
	canvas.Put(widget.Area{W: w, H: len(rows)}, rows)
	area := widget.Area{Y: len(rows), W: w, H: max(0, h-len(rows))}
	v.panes.Lay(area, v.layout(area))
	v.panes.Draw(canvas, v.drawPane)
	return canvas.Rows()
}

// layout has the scores beside the segments and the customers of one below.
func (v *customers) layout(a widget.Area) widget.Part {
	const mapW = 40
	most := 3 + len(v.groups.value.Segments)
	if v.s.env.Plain {
		most += 9
	}
	below := a.H > most+fewRows
	size := -1
	if below {
		size = most
	}
	top := widget.One(paneSegments, size, 40, 4)
	switch {
	case v.s.env.Plain:
		const scores = 3 + 5 // title, most, least, and a row each
		top = widget.Down("told", size, 0, widget.One(paneSegments, -1, 40, 4), widget.One(paneScores, scores, 24, 4))
	case a.W >= roomy:
		top = widget.Across("groups", size, 4, widget.One(paneSegments, -1, 40, 4), widget.One(paneScores, mapW, 24, 4))
	}
	if !below {
		return top
	}
	return widget.Down("customers", -1, 1, top, widget.One(paneMembers, -1, 0, 4))
}

func (v *customers) drawPane(pane, w, h int) []string {
	const mapH = 9
	switch {
	case pane == paneSegments:
		v.pane.Touch()
		return v.pane.View(w, h, v.table.View)
	case pane == paneScores && v.groups.ok && len(v.groups.value.Scores) > 0:
		return v.scores(w, min(h, mapH))
	case pane == paneMembers && v.members != nil:
		return v.members.draw(w, h)
	}
	return nil
}

// backOf clears a table's filter or marks, then gives all panes their room again.
func backOf(t *widget.Table, p *widget.Panes) func() (tea.Cmd, bool) {
	return func() (tea.Cmd, bool) {
		if cmd, stepped := t.Back(); stepped {
			return cmd, true
		}
		return nil, p.Back()
	}
}

// tiles are what the customers come to.
func (v *customers) tiles(w int) []string {
	if !v.totals.ok {
		return []string{v.s.env.Theme.Muted.Paint("counting purchases…"), "", ""}
	}
	t, cur := v.totals.value, " "+v.s.o.Currency
	list := []tile{{widget.Count(t.Customers), "known customers"}}
	if t.ReturningShare != nil {
		list = append(list, tile{percent(string(*t.ReturningShare)), "come back"})
	}
	list = append(list,
		tile{widget.Count(t.IdentifiedPurchases), "purchases of them"},
		tile{widget.Money(string(t.IdentifiedGross)), "gross" + cur})
	if r := average(t.IdentifiedGross, t.Customers); r != "" {
		list = append(list, tile{r, "a customer" + cur})
	}
	if t.AveragePurchase != nil {
		list = append(list, tile{widget.Money(string(*t.AveragePurchase)), "average purchase" + cur})
	}
	return append(tiles(v.s.env, w, list), "")
}

// scores is how many customers have which recency and frequency.
func (v *customers) scores(w, h int) []string {
	at := map[[2]int]mart.Score{}
	for _, x := range v.groups.value.Scores {
		at[[2]int{int(x.R), int(x.F)}] = x
	}
	of := func(r, c int) mart.Score { return at[[2]int{5 - r, c + 1}] }
	return widget.HeatMap{
		Title: "customers by recency and frequency",
		Rows:  []string{"latest 5", "4", "3", "2", "oldest 1"},
		Cols:  []string{"1", "2", "3", "4", "5"}, Row: -1, Col: -1,
		Value: func(r, c int) float64 { return float64(of(r, c).Customers) },
		Text:  func(r, c int) string { return widget.Count(of(r, c).Customers) },
		Say: func(r, c int) (of, what string) {
			n := at[[2]int{5 - r, c + 1}].Customers
			return "recency " + strconv.Itoa(5-r) + ",", "frequency " + strconv.Itoa(c+1) + ": " + widget.Count(n) + " customers"
		},
	}.View(v.s.env, w, h)
}

func (v *customers) about() about {
	a := about{crumb: "customers", typing: v.table.Typing(), back: backOf(v.table, v.panes), asking: []asking{v.groups, v.totals}}
	a.actions = append(a.actions, env.Action{
		ID: "insights.open", Title: "drill down", Keys: []string{"enter"}, Help: "see the customers of the segment", Run: v.drill,
	})
	a.actions = v.panes.Actions(append(a.actions, v.table.Actions()...))
	a.headless = v.s.martCommand("customer_value", "")
	if name := v.segment(); name != "" {
		a.headless = v.s.martCommand("customer_value", "", "segment="+name)
	}
	return a
}

// segment is the one under the cursor, "" for everybody.
func (v *customers) segment() string {
	row, ok := v.table.Cursor()
	if !ok || !v.groups.ok || row >= len(v.groups.value.Segments) {
		return ""
	}
	return v.groups.value.Segments[row].Name
}

// drill goes to the customers of a segment.
func (v *customers) drill() tea.Cmd {
	if _, ok := v.table.Cursor(); !ok || !v.groups.ok {
		return nil
	}
	return v.s.push(newMembers(v.s, v.segment()))
}

// newMembers is the level of the customers of a segment, of everybody if it is "".
func newMembers(s *Screen, segment string) *listing {
	crumb := segment
	if segment == "" {
		crumb = "all customers"
	}
	cols := []column{
		text("customer_id", "customer", 16),
		text("country", "country", 20),
		count("purchases", "purchases"),
		s.money("gross_revenue", "gross"),
		s.money("avg_purchase_value", "average"),
		s.money("returned_value", "returned"),
		s.money("net_revenue", "net"),
		day("first_purchase", "first"),
		day("last_purchase", "last"),
		count("recency_days", "days ago"),
		count("r_score", "R"), count("f_score", "F"), count("m_score", "M"),
		text("segment", "segment", 18),
	}
	cols[len(cols)-1].Hidden = segment != ""
	l := newListing(s, crumb, "customer_id", cols, mode{name: crumb + ", the most valuable first", list: mart.List{Of: mart.Customers, Segment: segment}})
	l.open = func(t *mart.Table, row int) view {
		id := value(t, row, "customer_id")
		return s.newLines(s.shownAs("customer_id", id), mart.Behind{Customer: id})
	}
	l.columns = []string{
		"customer_id", "country", "purchases", "gross_revenue", "avg_purchase_value", "returned_value", "net_revenue", "recency_days",
		"r_score", "f_score", "m_score", "segment",
	}
	l.command = func(mode) string {
		var where []string
		if segment != "" {
			where = append(where, "segment="+segment)
		}
		return l.asCommand("customer_value", "-net_revenue", where...)
	}
	return l
}
