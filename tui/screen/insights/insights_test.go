package insights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline/mart"
	"penstock/tui/env"
	"penstock/tui/tuitest"
	"penstock/tui/widget"
)

func quiet(t testing.TB) *env.Env { return session(t, looks()["nocolor"]) }

// visit goes to a tab.
func (h *harness) visit(name string) {
	h.t.Helper()
	h.run(h.screen.Update(env.ArrivedMsg{Arg: name}))
}

func (h *harness) crumbs() string { return strings.Join(h.screen.Status().Crumbs, " > ") }

// sums is what the lines on show come to.
func (h *harness) sums() mart.LineSums {
	h.t.Helper()
	v, ok := h.screen.top().(*lines)
	if !ok || !v.sums.ok {
		h.t.Fatalf("no lines are on show, but %s", h.crumbs())
	}
	return v.sums.value
}

// TestDrillDowns goes from a number of every tab to its lines, which add up to it, and back.
func TestDrillDowns(t *testing.T) {
	rowValue := func(h *harness, name string) mart.Decimal {
		l := h.screen.top().(*listing)
		row, _ := l.table.Cursor()
		return mart.Decimal(value(l.query.value, row, name))
	}
	for _, c := range []struct {
		tab, keys, crumbs string
		gross             func(h *harness) mart.Decimal
	}{
		{"products", "j j", "products > 22697 GREEN REGENCY TEACUP AND SAUCER", func(h *harness) mart.Decimal { return rowValue(h, "gross_revenue") }},
		{"products", "v j", "products > 90214 LETTER\tBLING\nKEY RING", func(h *harness) mart.Decimal { return rowValue(h, "gross_revenue") }},
		{"products", "v v", "products > POST POSTAGE", nil},
		{"countries", "j", "countries > Germany", func(h *harness) mart.Decimal { return rowValue(h, "gross_revenue") }},
		{"pairs", "", "pairs > 21754 with 21755", nil},
		{"inventory", "", "inventory > 22961 JAM MAKING SET PRINTED", func(h *harness) mart.Decimal { return rowValue(h, "gross_revenue") }},
		{"sales", "left left", "sales > week 21 Nov 2011", func(h *harness) mart.Decimal { return h.screen.top().(*sales).list[2].Gross }},
		{"sales", "o down", "sales > Nov 2011", func(h *harness) mart.Decimal { return h.screen.top().(*sales).list[1].Gross }},
		{"sales", "i down", "sales > Thu 8 Dec 2011", func(h *harness) mart.Decimal { return h.screen.top().(*sales).list[1].Gross }},
		{"hours", "", "hours > Thu 12:00 to 13:00", func(h *harness) mart.Decimal {
			w := h.screen.top().(*hours).week
			x, _ := w.hour(w.row, w.col)
			return x.Gross
		}},
		{"cohorts", "down", "cohorts > customers of Jan 2011 in Feb 2011", nil},
		{"overview", "", "overview > week 5 Dec 2011", nil},
		{"overview", "left left", "overview > week 28 Nov 2011", nil},
		{"overview", "w j", "overview > 22698 PINK REGENCY TEACUP AND SAUCER", nil},
		{"overview", "w w up", "overview > Wed 12:00 to 13:00", nil},
	} {
		t.Run(c.tab+" "+c.keys, func(t *testing.T) {
			h := newHarness(t, quiet(t), demoOptions())
			h.visit(c.tab)
			h.press(strings.Fields(c.keys)...)
			want := mart.Decimal("")
			if c.gross != nil {
				want = c.gross(h)
			}
			h.press("enter")
			if got := h.crumbs(); got != c.crumbs {
				t.Fatalf("at %s, want %s", got, c.crumbs)
			}
			s := h.sums()
			if s.Lines == 0 || want != "" && s.Gross != want {
				t.Errorf("the lines come to %+v, the number was %s", s, want)
			}
			h.wantText("lines, the latest first", widget.Count(s.Lines), widget.Money(string(s.Net)))
			h.press("esc")
			if got := h.crumbs(); got != c.tab {
				t.Errorf("esc leads to %s", got)
			}
			h.press("esc")
			if got := h.crumbs(); got != c.tab {
				t.Errorf("esc leaves the tab for %s", got)
			}
		})
	}
}

func TestCohortsAddUp(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("cohorts")
	v := h.screen.top().(*cohorts)
	for range 4 {
		h.press("down", "right")
	}
	c, _ := v.cell(v.row, v.col)
	h.press("enter")
	if s := h.sums(); s.Net != c.Net || s.Net == "0.00" {
		t.Errorf("the lines come to %s, the cohort to %s", s.Net, c.Net)
	}
}

func TestCustomersOfSegments(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("customers")
	h.wantText("champion, the most valuable first", "all ")
	h.press("down")
	h.wantText("loyal, the most valuable first")
	if got := h.screen.Status().Headless; got != "penstock --run insights customer_value --where segment=loyal" {
		t.Errorf("command: %s", got)
	}
	h.press("end")
	h.wantText("all customers, the most valuable first")
	h.press("home", "enter")
	if got := h.crumbs(); got != "customers > champion" {
		t.Fatalf("at %s", got)
	}
	l := h.screen.top().(*listing)
	purchases := value(l.query.value, 0, "purchases")
	h.press("enter")
	if got := fmt.Sprint(h.sums().Purchases); got != purchases {
		t.Errorf("%s purchases, the customer has %s", got, purchases)
	}
	h.press("esc", "esc")
	if got := h.crumbs(); got != "customers" {
		t.Errorf("at %s", got)
	}
}

// TestMembersComeToAHiddenScreen leaves the screen before the segments came: the customers under them are
// there when it is shown again.
func TestMembersComeToAHiddenScreen(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	cmd := h.screen.Update(env.ArrivedMsg{Arg: "customers"})
	h.hidden = true
	h.run(h.screen.Update(env.LeftMsg{}))
	h.run(cmd)
	h.hidden = false
	h.run(h.screen.Update(env.ArrivedMsg{}))
	h.wantText("champion, the most valuable first", "all ")
}

func TestPersonalDataIsMaskedUntilAskedFor(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("customers")
	h.press("enter")
	id := value(h.screen.top().(*listing).query.value, 0, "customer_id")
	if s := h.draw(118, 36); s.Contains(id) || !s.Contains(mart.Hidden) {
		t.Errorf("customer %s is shown:\n%s", id, s.Text())
	}
	h.press("Y")
	if strings.Contains(h.copied, id) || !strings.Contains(h.copied, mart.Hidden) {
		t.Errorf("copied %q", h.copied)
	}
	h.press("enter")
	if got := h.crumbs(); strings.Contains(got, id) || !strings.Contains(got, mart.Hidden) {
		t.Errorf("the crumb tells: %s", got)
	}
	h.press("esc", "p")
	h.wantText(id, "p masks personal data")
	h.press("y")
	if h.copied != id {
		t.Errorf("copied %q", h.copied)
	}
	h.press("p")
	if s := h.draw(118, 36); s.Contains(id) {
		t.Error("still shown")
	}
	o := demoOptions()
	o.PII = nil
	h = newHarness(t, quiet(t), o)
	if s := h.draw(118, 36); s.Contains("personal data") {
		t.Error("there is none to be masked")
	}
}

func TestTabsByKeysAndMouse(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	var seen []string
	for range h.screen.names {
		seen = append(seen, h.crumbs())
		h.press("tab")
	}
	if !slices.Equal(seen, h.screen.names) || h.crumbs() != "overview" {
		t.Errorf("went to %v, then %s", seen, h.crumbs())
	}
	h.press("shift+tab")
	if got := h.crumbs(); got != "inventory" {
		t.Errorf("before the first is %s", got)
	}
	s := h.draw(118, 36)
	x, _, _ := s.Find("countries")
	h.run(h.screen.Update(tea.MouseClickMsg{X: x + 2, Y: 0, Button: tea.MouseLeft}))
	if got := h.crumbs(); got != "countries" {
		t.Errorf("a click leads to %s", got)
	}
	h.draw(118, 36)
	_, y, _ := h.draw(118, 36).Find("France")
	h.run(h.screen.Update(tea.MouseClickMsg{X: 4, Y: y, Button: tea.MouseLeft}))
	if l, ok := h.screen.top().(*listing); !ok {
		t.Fatal("the table opened by itself")
	} else if row, _ := l.table.Cursor(); value(l.query.value, row, "country") != "France" {
		t.Error("the click did not move the cursor")
	}
	h.run(h.screen.Update(tea.MouseClickMsg{X: 4, Y: y, Button: tea.MouseLeft}))
	if got := h.crumbs(); got != "countries > France" {
		t.Errorf("a click on the row under the cursor leads to %s", got)
	}
	h.press("esc")
	h.visit("no such tab")
	if got := h.crumbs(); got != "countries" {
		t.Errorf("went to %s", got)
	}
}

func TestClicksInTheOverviewAndTheChart(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	x, y, _ := h.draw(118, 36).Find("HEART OF WICKER LARGE")
	h.run(h.screen.Update(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}))
	h.press("enter")
	if got := h.crumbs(); got != "overview > 22470 HEART OF WICKER LARGE" {
		t.Errorf("at %s", got)
	}
	h.visit("sales")
	h.draw(118, 36)
	v := h.screen.top().(*sales)
	h.run(h.screen.Update(tea.MouseClickMsg{X: 8, Y: 6, Button: tea.MouseLeft}))
	if row, _ := v.table.Cursor(); row != len(v.list)-1 {
		t.Errorf("a click at the left end of the chart is row %d of %d", row, len(v.list))
	}
}

func TestModesAndMeasures(t *testing.T) {
	for _, c := range []struct {
		tab  string
		want []string
	}{
		{"products", []string{"best products", "worst products", "services", "best products"}},
		{"pairs", []string{"together, by lift", "together, by baskets", "together, by confidence", "together, by lift"}},
		{"inventory", []string{"what to order", "every product", "what to order"}},
		{"hours", []string{"purchases by hour", "gross revenue by hour", "units by hour", "returns by hour", "purchases by hour"}},
		{"cohorts", []string{"% of the customers buy", "customers buy", "GBP", "% of the customers buy"}},
	} {
		h := newHarness(t, quiet(t), demoOptions())
		h.visit(c.tab)
		for _, want := range c.want {
			h.wantText(want)
			h.press("v")
		}
	}
}

func TestHeadlessForms(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	for tab, want := range map[string]string{
		"overview":  "penstock --run insights",
		"sales":     "penstock --run insights daily_sales",
		"products":  "penstock --run insights product_sales --where is_service=false --sort -gross_revenue",
		"hours":     "penstock --run insights hourly_sales",
		"countries": "penstock --run insights country_sales --sort -gross_revenue",
		"pairs":     "penstock --run insights product_pairs --sort -lift",
		"cohorts":   "penstock --run insights customer_cohorts",
		"inventory": "penstock --run insights inventory --where 'order_quantity>0' --sort -order_quantity",
	} {
		h.visit(tab)
		if got := h.screen.Status().Headless; got != want {
			t.Errorf("%s: %s", tab, got)
		}
	}
	h.visit("products")
	h.press("v")
	if got := h.screen.Status().Headless; !strings.HasSuffix(got, "--sort net_revenue") {
		t.Errorf("the worst: %s", got)
	}
	h.press("v", "right", "right", "s")
	if got := h.screen.Status().Headless; got != "penstock --run insights product_sales --where is_service=true --sort -units" {
		t.Errorf("services by units: %s", got)
	}
	h.press("enter")
	if got := h.screen.Status().Headless; !strings.HasPrefix(got, "penstock --run query 'SELECT * FROM fact_purchase_line WHERE kind IN") {
		t.Errorf("lines: %s", got)
	}
}

// TestFiltersInCommands has the command keep the rows that the table shows, or say that it does not.
func TestFiltersInCommands(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	for _, c := range []struct{ tab, filter, want, without string }{
		{"products", "units:>20", "product_sales --where is_service=false --where 'units>20' --sort -gross_revenue", ""},
		{"products", "gift", "product_sales --where is_service=false --sort -gross_revenue", "the filter gift"},
		{"products", "share:>0.1 description:lamp", "product_sales --where is_service=false --where 'description~lamp' --sort -gross_revenue", "the filter share:>0.1 description:lamp"},
		{"countries", "country:fra", "country_sales --where 'country~fra' --sort -gross_revenue", ""},
		{"pairs", "lift:>=2", "product_pairs --where 'lift>=2' --sort -lift", ""},
	} {
		h.visit(c.tab)
		l := h.screen.top().(*listing)
		h.run(l.table.SetFilter(c.filter))
		st := h.screen.Status()
		if st.Headless != "penstock --run insights "+c.want || st.Without != c.without {
			t.Errorf("%s of %s: %s, without %q", c.filter, c.tab, st.Headless, st.Without)
		}
		h.run(l.table.SetFilter(""))
	}
	h.visit("customers")
	h.press("enter")
	l := h.screen.top().(*listing)
	h.run(l.table.SetFilter("customer:=17850")) // masked: it would be refused
	if st := h.screen.Status(); strings.Contains(st.Headless, "17850") || st.Without == "" {
		t.Errorf("%s, without %q", st.Headless, st.Without)
	}
}

// TestFilterFromCharts has / filter the table beside a chart, so that what is typed next is no key.
func TestFilterFromCharts(t *testing.T) {
	for tab, keys := range map[string]string{"overview": "", "overview hours": "w w", "sales": "w"} {
		h := newHarness(t, quiet(t), demoOptions())
		name, _, _ := strings.Cut(tab, " ")
		h.visit(name)
		h.press(strings.Fields(keys)...)
		h.press("/")
		if !h.screen.Status().Typing {
			t.Fatalf("%s: what is typed would be keys", tab)
		}
		h.press("q", "r")
		h.wantText("/qr")
	}
}

// TestPairsShowTheirOrder has room for what pairs are ordered by in the smallest usual terminal.
func TestPairsShowTheirOrder(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("pairs")
	if s := tuitest.Draw(t, h.screen.View(78, 20), 78, 20); !s.Contains("lift") || !s.Contains("baskets") || !s.Contains("product B") {
		t.Errorf("what the order is by is not seen:\n%s", s.Text())
	}
}

// TestKeysHaveOneMeaning looks for keys that two actions of a place want, or the root.
func TestKeysHaveOneMeaning(t *testing.T) {
	root := []env.Action{{ID: "root", Keys: []string{
		"q", ":", "ctrl+p", "?", "c", "m", "!", "ctrl+l", "ctrl+z", "ctrl+c", "esc", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0",
	}}}
	h := newHarness(t, quiet(t), demoOptions())
	for _, tab := range h.screen.names {
		h.visit(tab)
		for level := range 2 {
			st := h.screen.Status()
			for _, c := range h.env.Keys.Conflicts(slices.Concat(st.Actions, root)) {
				t.Errorf("%s, level %d: %v", tab, level, c)
			}
			for _, a := range st.Actions {
				if a.Help == "" || a.Title == "" || len(a.Keys) == 0 {
					t.Errorf("%s: action %s has no help, title or key", tab, a.ID)
				}
			}
			h.press("enter")
		}
		h.visit(tab)
	}
}

func TestLinesComePageByPage(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("countries")
	h.press("enter")
	h.wantText("500 · more at the end")
	h.press("end")
	h.wantText("1,000 · more at the end")
	v := h.screen.top().(*lines)
	for v.next != nil && len(v.data.Rows) < mostLines {
		h.press("end")
	}
	if v.next == nil {
		t.Fatalf("%d lines are all: the shop is too small for this test", len(v.data.Rows))
	}
	h.press("end", "home", "end")
	if len(v.data.Rows) != mostLines {
		t.Errorf("%d lines, the limit is %d", len(v.data.Rows), mostLines)
	}
	seen := map[string]bool{}
	for i := range v.data.Rows {
		n := value(v.data, i, "line")
		if seen[n] {
			t.Fatalf("line %s is there twice", n)
		}
		seen[n] = true
	}
	h.wantText("no more are shown, c copies the command that gives all")
}

// fake is data that tests can spoil.
type fake struct {
	Marts
	health mart.Health
	err    error
	list   func(ctx context.Context) error
}

func (f *fake) Health(context.Context) (mart.Health, error) { return f.health, f.err }

func (f *fake) List(ctx context.Context, l mart.List) (*mart.Table, error) {
	if f.list != nil {
		if err := f.list(ctx); err != nil {
			return nil, err
		}
	}
	return f.Marts.List(ctx, l)
}

func spoiled(t *testing.T) (*fake, Options) {
	t.Helper()
	o := demoOptions()
	f := &fake{Marts: o.Marts}
	f.health, f.err = o.Marts.Health(t.Context())
	o.Marts = f
	return f, o
}

func TestNothingThereYet(t *testing.T) {
	f, o := spoiled(t)
	f.health = mart.Health{State: mart.State{State: "missing"}}
	h := newHarness(t, quiet(t), o)
	h.wantText("Nothing is loaded yet.", "P goes to the pipeline", "penstock --run")
	if got := h.screen.Status().Headless; got != "penstock --run" {
		t.Errorf("command: %s", got)
	}
	h.press("enter", "j", "P")
	if !slices.Equal(h.visits, []string{"pipeline"}) {
		t.Errorf("P leads to %v", h.visits)
	}
	f.health.Loaded = true
	h.press("r")
	h.wantText("the analytics are not made of them yet")
	whole, err := demoOptions().Marts.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.health = whole
	h.run(h.screen.Update(env.RefreshMsg{Now: now().Add(retryEvery)}))
	h.wantText("best products", "gross GBP")
}

func TestTroubleIsTold(t *testing.T) {
	for _, c := range []struct {
		spoil func(*mart.Health)
		want  string
	}{
		{func(h *mart.Health) { h.State.State, h.Reason = "failed", "mart_sums found \x1b[2J3" }, "✗ a check failed, do not rely on these numbers: mart_sums found ␛[2J3"},
		{func(h *mart.Health) { h.Behind = true }, "! the facts changed since"},
		{func(h *mart.Health) { h.State.State = "unchecked" }, "! not checked yet"},
		{func(h *mart.Health) { h.Checks = nil }, "· checked"},
		{func(h *mart.Health) { h.Checks = h.Checks[:1] }, "checked, R 1 remark"},
	} {
		f, o := spoiled(t)
		c.spoil(&f.health)
		newHarness(t, quiet(t), o).wantText(c.want)
	}
}

func TestRemarks(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.press("R")
	if len(h.modals) != 1 {
		t.Fatal("no dialog")
	}
	text := widget.Plain(strings.Join(h.modals[0].View(80, 10), "\n"))
	if !strings.Contains(text, "more_returned_than_sold (warn): 2 products") {
		t.Errorf("the dialog says\n%s", text)
	}
}

type hinted struct{ error }

func (hinted) Hint() string { return "start the server" }

// TestDatabaseGoesAndComesBack: an error where there is nothing to show, a banner over what there is, and
// recovery by itself.
func TestDatabaseGoesAndComesBack(t *testing.T) {
	f, o := spoiled(t)
	f.err = hinted{errors.New("connect to analytics: refused")}
	h := newHarness(t, quiet(t), o)
	h.wantText("✗ connect to analytics: refused", "start the server; it is tried again by itself; press r to try again")
	f.err = nil
	h.run(h.screen.Update(env.RefreshMsg{Now: now().Add(retryEvery)}))
	h.wantText("best products")
	f.err = errors.New("connection reset")
	h.run(h.screen.Update(env.RefreshMsg{Now: now().Add(checkEvery)}))
	h.wantText("✗ analytics is out of reach, this is as it was just now; trying again: connection reset", "best products")
	f.err = nil
	h.run(h.screen.Update(env.RefreshMsg{Now: now().Add(checkEvery + retryEvery)}))
	if s := h.draw(118, 36); s.Contains("out of reach") {
		t.Error("the banner stays")
	}
	// One view fails, and heals with the next look at the marts.
	f.list = func(context.Context) error { return errors.New("relation is gone") }
	h.visit("products")
	h.wantText("✗ relation is gone", "press r to try again")
	f.list = nil
	h.run(h.screen.check())
	h.wantText("REGENCY CAKESTAND")
}

func TestNewMartsAreReadByThemselves(t *testing.T) {
	f, o := spoiled(t)
	asked := 0
	f.list = func(context.Context) error { asked++; return nil }
	h := newHarness(t, quiet(t), o)
	h.visit("products")
	h.press("down", "down")
	h.run(h.screen.check())
	if asked != 1 {
		t.Errorf("asked %d times for the same marts", asked)
	}
	f.health.BuiltAt = f.health.BuiltAt.Add(time.Minute)
	h.run(h.screen.check())
	if asked != 2 {
		t.Errorf("asked %d times, the marts are new", asked)
	}
	if row, _ := h.screen.top().(*listing).table.Cursor(); row != 2 {
		t.Errorf("the cursor went to %d", row)
	}
	h.press("r")
	if asked != 3 {
		t.Errorf("r asked %d times", asked)
	}
	h.run(h.screen.Update(env.RefreshMsg{Now: now().Add(time.Second)}))
	if h.screen.health.running() {
		t.Error("looks at the marts every second")
	}
}

// TestEscStopsTheQuery has a query wait for the server to end it, as pgx does.
func TestEscStopsTheQuery(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"server", fmt.Errorf("%w: canceling statement", ErrStopped), "the server stopped the query after"},
		{"before", context.Canceled, "the query was given up after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, o := spoiled(t)
			h := newHarness(t, quiet(t), o)
			f.list = func(ctx context.Context) error { <-ctx.Done(); return c.err }
			cmd := h.screen.Update(env.ArrivedMsg{Arg: "products"})
			var work sync.WaitGroup
			var letter tea.Msg
			work.Go(func() { letter = cmd() })
			h.wantText("reading best products")
			st := h.screen.Status()
			if st.Cancel == nil {
				t.Fatal("there is nothing to cancel")
			}
			h.run(st.Cancel())
			h.run(st.Cancel())
			h.wantText("stopping the query at the server")
			work.Wait()
			h.run(func() tea.Msg { return letter })
			h.wantText("The query was stopped after", "r asks again")
			if len(h.toasts) != 1 || !strings.HasPrefix(h.toasts[0], c.want) {
				t.Errorf("told %v", h.toasts)
			}
			if h.screen.Status().Cancel != nil {
				t.Error("still something to cancel")
			}
			h.run(h.screen.check())
			h.wantText("The query was stopped after") // and is not asked again by itself
			f.list = nil
			h.press("r")
			h.wantText("REGENCY CAKESTAND")
		})
	}
}

func TestLeavingALevelEndsItsQuery(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	h.visit("products")
	h.press("enter")
	v := h.screen.top().(*lines)
	v.page.forget()
	cmd := v.load(true) // not run: it is under way
	if h.screen.Status().Cancel == nil {
		t.Fatal("nothing is under way")
	}
	h.run(h.screen.show(2))
	if v.page.running() {
		t.Error("the query of a level that was left goes on")
	}
	if letter, ok := cmd().(env.LetterMsg); !ok {
		t.Error("no letter")
	} else if _, fresh := letter.Open(); fresh {
		t.Error("its answer arrives")
	}
}

// TestHostileTextStaysText looks at every cell of every tab and level for what a terminal would obey.
func TestHostileTextStaysText(t *testing.T) {
	h := newHarness(t, quiet(t), demoOptions())
	for _, tab := range h.screen.names {
		h.visit(tab)
		for range 2 {
			for _, row := range h.screen.View(198, 56) {
				if plain := widget.Plain(row); strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x202e }) {
					t.Errorf("%s: %q", tab, plain)
				}
			}
			h.press("enter")
		}
	}
}

func TestEverySizeFits(t *testing.T) {
	e := quiet(t)
	h := newHarness(t, e, demoOptions())
	for _, tab := range h.screen.names {
		h.visit(tab)
		for level := range 2 {
			for _, size := range sizesToFit() {
				rows := h.screen.View(size[0], size[1])
				if len(rows) != size[1] {
					t.Fatalf("%s, level %d at %v: %d rows", tab, level, size, len(rows))
				}
				for _, row := range rows {
					if w := widget.Width(row); w > size[0] {
						t.Errorf("%s, level %d at %v: a row of %d cells: %q", tab, level, size, w, widget.Plain(row))
					}
				}
			}
			h.press("enter")
		}
	}
}

// TestPlainMode says in words what is drawn otherwise.
func TestPlainMode(t *testing.T) {
	e := quiet(t)
	e.Plain = true
	h := newHarness(t, e, demoOptions())
	for tab, want := range map[string]string{
		"overview": "revenue per week, GBP",
		"sales":    "net: 20.9k now",
	} {
		h.visit(tab)
		s := tuitest.Draw(t, h.screen.View(120, 100), 120, 100)
		if !s.Contains(want) {
			t.Errorf("%s does not say %q:\n%s", tab, want, s.Text())
		}
		if strings.ContainsAny(s.Text(), "█▒░⣿") {
			t.Errorf("%s draws:\n%s", tab, s.Text())
		}
	}
}

// TestPlainMaps holds that maps are told in sentences that need no other, the
// greatest and the least first, and that a move tells where it came to only.
func TestPlainMaps(t *testing.T) {
	e := quiet(t)
	e.Plain = true
	h := newHarness(t, e, demoOptions())
	told := func() []string {
		var rows []string
		for _, row := range h.screen.View(400, 40) {
			if row = strings.TrimSpace(widget.Plain(row)); row != "" {
				rows = append(rows, row)
			}
		}
		return rows
	}
	for tab, want := range map[string][]string{
		"overview": {"when people buy, purchases by hour", "busiest: Thursday 12:00: 185 purchases", "quietest: Sunday 8:00: 4 purchases"},
		"hours": {
			"when people buy, purchases by hour", "busiest: Thursday 12:00: 185 purchases", "quietest: Sunday 8:00: 4 purchases",
			"Wednesday 8:00: 16 purchases", "at Thursday 12:00: 185 purchases", "and 31 more", "Monday:     671 purchases",
			"Thu 12:00 to 13:00 Europe/London: 185 purchases, 1,417 lines, 9,912 units, 29,146.58 gross GBP, 188.03 returned GBP, 28,958.55 net GBP",
		},
		"cohorts": {
			"most: customers who first bought in 2010-12: 58 % came back in month 1",
			"least: customers who first bought in 2011-03: 2.9 % came back in month 9",
			"at customers who first bought in 2010-12: 58 % came back in month 1",
			"customers who first bought in 2011-01: 21 % came back in month 1",
			"Dec 2010 first purchase: Jan 2011 a month later, 78 customers, 45 bought, 57.7 % of them, 24,994.27 net GBP",
		},
		"customers": {
			"row 2 of 11: segment loyal, customers 99, net GBP 134,273.00, share 25.5 %", "most: recency 1, frequency 1: 72 customers",
			"recency 1, frequency 1: 72 customers, frequency 3: 25 customers, frequency 4: 13 customers, frequency 5: 2 customers",
		},
		"inventory": {"most: class A X: 20 products", "class C Z: 6 products", "X sells steadily, Y with ups and downs, Z by fits and starts"},
	} {
		h.visit(tab)
		rows := told()
		for _, row := range rows {
			if len(want) > 0 && row == want[0] {
				want = want[1:]
			}
		}
		if len(want) > 0 {
			t.Errorf("%s does not say, or not in this order, %q:\n%s", tab, want, strings.Join(rows, "\n"))
		}
	}
	for tab, want := range map[string]string{
		"hours":   "at Thursday 13:00: 170 purchases",
		"cohorts": "at customers who first bought in 2010-12: 55 % came back in month 2",
	} {
		h.visit(tab)
		before := told()
		h.press("right")
		fresh := slices.DeleteFunc(told(), func(row string) bool {
			return slices.Contains(before, row) || slices.Contains(before, widget.Here+row)
		})
		if len(fresh) != 2 || fresh[0] != want {
			t.Errorf("%s: a move says %q", tab, fresh)
		}
	}
	h.visit("cohorts")
	h.press("v")
	h.wantText("at customers who first bought in 2010-12: 43 came back in month 2")
	h.press("v")
	h.wantText("at customers who first bought in 2010-12: 22,248.37 GBP net in month 2")
	h.visit("hours")
	h.press("v")
	h.wantText("GBP gross revenue")
}

// nothing is marts that were made of nothing.
type nothing struct{}

func (nothing) Health(context.Context) (mart.Health, error) {
	return mart.Health{State: mart.State{State: "ok", Run: 1, BuiltAt: now()}, Loaded: true}, nil
}
func (nothing) Totals(context.Context) (mart.Totals, error) { return mart.Totals{}, nil }
func (nothing) Overview(context.Context) (mart.Overview, error) {
	return mart.Overview{Zoom: mart.Week, Countries: &mart.Table{}}, nil
}

func (nothing) List(context.Context, mart.List) (*mart.Table, error)    { return &mart.Table{}, nil }
func (nothing) Trend(context.Context, mart.Zoom) ([]mart.Period, error) { return nil, nil }
func (nothing) Hours(context.Context) ([]mart.Hour, error)              { return nil, nil }
func (nothing) Cohorts(context.Context) ([]mart.Cohort, error)          { return nil, nil }
func (nothing) Groups(context.Context) (mart.Groups, error)             { return mart.Groups{}, nil }

func (nothing) Lines(context.Context, mart.Behind, *mart.Place, int) (*mart.Lines, error) {
	return &mart.Lines{Table: &mart.Table{}}, nil
}

func (nothing) Sums(context.Context, mart.Behind) (mart.LineSums, error) {
	return mart.LineSums{Units: "0", Gross: "0", Returned: "0", Net: "0"}, nil
}

// TestMartsOfNothing presses every key on every tab where no sale was ever made.
func TestMartsOfNothing(t *testing.T) {
	h := newHarness(t, quiet(t), Options{Marts: nothing{}, Charts: nothing{}, Facts: nothing{}, Currency: "GBP"})
	h.wantText("no sale is loaded yet", "No product is sold yet.", "no sale yet · made just now")
	for _, tab := range h.screen.names {
		for _, key := range strings.Fields("enter down up left right home end v w W + - s / esc r y Y e C p R pgdown") {
			h.visit(tab)
			h.press(key, "enter")
			for _, size := range sizesToFit() {
				h.screen.View(size[0], size[1])
			}
			h.press("esc", "esc")
		}
	}
	h.visit("products")
	h.wantText("There is nothing here.")
	h.visit("pairs")
	h.wantText("No two products are bought together often enough")
	h.visit("hours")
	h.wantText("No sale is loaded yet.")
	h.run(h.screen.push(h.screen.newLines("gone", mart.Behind{Product: "gone"})))
	h.wantText("No line is behind this number any more.")
}

// TestKeysBeforeAnyAnswer presses every key on every tab, and enter after it, while the marts are known to
// be there and none of them is read.
func TestKeysBeforeAnyAnswer(t *testing.T) {
	h := &harness{t: t, env: quiet(t)}
	h.screen = New(h.env, demoOptions())
	h.env.Clipboard = func(string) tea.Cmd { return nil }
	letter, _ := h.screen.Init(t.Context())().(env.LetterMsg)
	health, ok := letter.Open()
	if !ok {
		t.Fatal("the marts were not looked at")
	}
	h.lost = true
	h.run(h.screen.Update(health))
	h.wantText("reading the marts")
	for _, tab := range h.screen.names {
		h.visit(tab)
		keys := strings.Fields("left right up down home end h j k l g G pgdown pgup v w W + - < > i o z s S / t y Y e c p R space")
		for _, a := range h.screen.Status().Actions {
			keys = append(keys, a.Keys...)
		}
		for _, key := range keys {
			h.visit(tab)
			h.press(key, "enter")
			h.draw(118, 36)
			h.press("esc", "esc")
		}
	}
}

func sizesToFit() [][2]int {
	return [][2]int{{58, 11}, {60, 14}, {78, 20}, {99, 22}, {100, 30}, {140, 44}, {238, 80}, {20, 4}, {1, 1}}
}
