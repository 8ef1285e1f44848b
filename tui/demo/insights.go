package demo

import (
	"context"
	"math"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"penstock/pipeline/mart"
)

// Insights is the data of the screen insights: marts counted from an invented
// shop. It may be used from several goroutines.
type Insights struct {
	now  time.Time
	made func() *shop
}

// NewInsights returns the data; now is when it is looked at, shortly after the
// marts were made.
func NewInsights(now time.Time) *Insights {
	return &Insights{now: now, made: sync.OnceValue(newShop)}
}

// tally is what some lines come to.
type tally struct {
	lines, units, gross, returned int64
	unitsBack                     int64
	invoices                      map[string]bool
	customers                     map[int]bool
	first, last                   time.Time
}

func (t *tally) add(x sale, worth int64) {
	if x.returned() {
		t.returned -= worth
		t.unitsBack -= x.quantity
		return
	}
	if t.invoices == nil {
		t.invoices, t.customers, t.first = map[string]bool{}, map[int]bool{}, x.at
	}
	t.lines++
	t.units += x.quantity
	t.gross += worth
	t.invoices[x.invoice] = true
	if x.customer >= 0 {
		t.customers[x.customer] = true
	}
	t.last = x.at
}

func (t *tally) net() int64 { return t.gross - t.returned }

// tallies counts lines by a key; lines whose key is not ok are left out.
func tallies[K comparable](s *shop, key func(sale) (K, bool)) map[K]*tally {
	out := map[K]*tally{}
	for _, x := range s.sales {
		k, ok := key(x)
		if !ok {
			continue
		}
		if out[k] == nil {
			out[k] = &tally{}
		}
		out[k].add(x, s.worth(x))
	}
	return out
}

// total counts all lines.
func (s *shop) total() *tally {
	all := tallies(s, func(sale) (bool, bool) { return true, true })
	return all[true]
}

// pounds writes pence exactly.
func pounds(pence int64) string {
	sign := ""
	if pence < 0 {
		sign, pence = "-", -pence
	}
	fraction := strconv.FormatInt(pence%100, 10)
	if len(fraction) == 1 {
		fraction = "0" + fraction
	}
	return sign + strconv.FormatInt(pence/100, 10) + "." + fraction
}

func money(pence int64) mart.Decimal { return mart.Decimal(pounds(pence)) }

func whole(n int64) mart.Decimal { return mart.Decimal(strconv.FormatInt(n, 10)) }

// part is n of all as a share, nil without any.
func part(n, all int64) *mart.Decimal {
	if all == 0 {
		return nil
	}
	d := mart.Decimal(strconv.FormatFloat(float64(n)/float64(all), 'f', 6, 64))
	return &d
}

// each is an amount divided among n, nil among none.
func each(pence, n int64) *mart.Decimal {
	if n == 0 {
		return nil
	}
	d := mart.Decimal(strconv.FormatFloat(float64(pence)/100/float64(n), 'f', 4, 64))
	return &d
}

// Health says that all is well, and what the checks remarked.
func (d *Insights) Health(ctx context.Context) (mart.Health, error) {
	s := d.made()
	return mart.Health{
		State:  mart.State{State: "ok", Run: 42, Rows: int64(len(s.products)), AsOf: s.last, BuiltAt: d.now.Add(-4 * time.Minute)},
		Loaded: true, FirstDay: &s.first,
		Checks: []mart.CheckFound{
			{Name: "more_returned_than_sold", Severity: "warn", Description: "products of which more came back than was sold", Found: 2},
			{Name: "several_descriptions", Severity: "warn", Description: "products sold under more than one description", Found: 7},
		},
	}, ctx.Err()
}

// Totals counts everything.
func (d *Insights) Totals(ctx context.Context) (mart.Totals, error) {
	s := d.made()
	t := s.total()
	days := tallies(s, func(x sale) (string, bool) { return x.at.Format(time.DateOnly), !x.returned() })
	out := mart.Totals{
		FirstDay: &s.first, LastDay: &s.last, TradingDays: int64(len(days)), Lines: t.lines, Purchases: int64(len(t.invoices)),
		Units: whole(t.units), Gross: money(t.gross), Returned: money(t.returned), Net: money(t.net()),
		AveragePurchase: each(t.gross, int64(len(t.invoices))),
	}
	for _, c := range s.buyers() {
		out.Customers++
		out.IdentifiedPurchases += c.purchases
		if c.purchases > 1 {
			out.ReturningCustomers++
		}
	}
	named := tallies(s, func(x sale) (bool, bool) { return true, x.customer >= 0 })[true]
	out.IdentifiedGross, out.ReturningShare = money(named.gross), part(out.ReturningCustomers, out.Customers)
	return out, ctx.Err()
}

// Overview counts what is shown first.
func (d *Insights) Overview(ctx context.Context) (mart.Overview, error) {
	const top = 20
	s := d.made()
	o := mart.Overview{Zoom: mart.Week, Countries: cut(s.countryList(), top)}
	var err error
	if o.Trend, err = d.Trend(ctx, mart.Week); err != nil {
		return mart.Overview{}, err
	}
	if o.Hours, err = d.Hours(ctx); err != nil {
		return mart.Overview{}, err
	}
	o.Segments = s.segments()
	all := s.total().gross
	for _, p := range s.byProduct() {
		if p.service || len(o.Best) == top {
			continue
		}
		o.Best = append(o.Best, mart.Product{
			Code: p.code, Description: p.name, Units: whole(p.units), Gross: money(p.gross), Share: part(p.gross, all), Returned: money(p.returned),
		})
	}
	for _, x := range s.stock() {
		if x.order > 0 && len(o.Reorder) < top {
			onHand := whole(x.onHand)
			o.Reorder = append(o.Reorder, mart.Reorder{
				Code: x.code, Description: x.name, ABC: x.abc, XYZ: x.xyz, ReorderPoint: x.reorder, OnHand: &onHand, OrderQuantity: &x.order,
			})
		}
	}
	return o, nil
}

// Trend counts by day, week or month.
func (d *Insights) Trend(ctx context.Context, z mart.Zoom) ([]mart.Period, error) {
	s := d.made()
	start := func(at time.Time) time.Time {
		day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
		switch z {
		case mart.Week:
			return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
		case mart.Month:
			return day.AddDate(0, 0, 1-day.Day())
		}
		return day
	}
	next := func(at time.Time) time.Time {
		switch z {
		case mart.Week:
			return at.AddDate(0, 0, 7)
		case mart.Month:
			return at.AddDate(0, 1, 0)
		}
		return at.AddDate(0, 0, 1)
	}
	by := tallies(s, func(x sale) (time.Time, bool) { return start(x.at), true })
	var list []mart.Period
	for at := start(s.first); !at.After(s.last); at = next(at) {
		t := by[at]
		if t == nil {
			t = &tally{}
		}
		list = append(list, mart.Period{
			Start: at, End: next(at), Lines: t.lines, Purchases: int64(len(t.invoices)), Units: whole(t.units),
			Gross: zero(t.gross), Returned: zero(t.returned), Net: zero(t.net()), Average: each(t.gross, int64(len(t.invoices))),
		})
	}
	mart.MarkParts(list, s.first, s.last)
	return list, ctx.Err()
}

// zero writes nothing as the database does.
func zero(pence int64) mart.Decimal {
	if pence == 0 {
		return "0"
	}
	return money(pence)
}

// Hours counts by hour of the week.
func (d *Insights) Hours(ctx context.Context) ([]mart.Hour, error) {
	s := d.made()
	var list []mart.Hour
	for k, t := range tallies(s, func(x sale) ([2]int, bool) { return hourOf(x), true }) {
		list = append(list, mart.Hour{
			Weekday: int16(k[0]), Hour: int16(k[1]), Lines: t.lines, Purchases: int64(len(t.invoices)), //nolint:gosec // 1 to 7, 0 to 23
			Units: whole(t.units), Gross: money(t.gross), Returned: money(t.returned), Net: money(t.net()),
		})
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].Weekday < list[j].Weekday || list[i].Weekday == list[j].Weekday && list[i].Hour < list[j].Hour
	})
	return list, ctx.Err()
}

func hourOf(x sale) [2]int { return [2]int{(int(x.at.Weekday())+6)%7 + 1, x.at.Hour()} }

// Cohorts counts who comes back.
func (d *Insights) Cohorts(ctx context.Context) ([]mart.Cohort, error) {
	s := d.made()
	buyers := s.buyers()
	type key struct{ cohort, since int }
	size, net, active := map[int]int64{}, map[key]int64{}, map[key]map[int]bool{}
	for _, b := range buyers {
		size[monthOf(b.first)]++
	}
	for _, x := range s.sales {
		if x.customer < 0 {
			continue
		}
		cohort := monthOf(buyers[x.customer].first)
		k := key{cohort, monthOf(x.at) - cohort}
		if active[k] == nil {
			active[k] = map[int]bool{}
		}
		net[k] += s.worth(x)
		if !x.returned() {
			active[k][x.customer] = true
		}
	}
	var list []mart.Cohort
	for k := range active {
		list = append(list, mart.Cohort{
			Month: time.Date(k.cohort/12, time.Month(k.cohort%12+1), 1, 0, 0, 0, 0, time.UTC), Since: int32(k.since), //nolint:gosec // a year
			Customers: size[k.cohort], Active: int64(len(active[k])), Net: money(net[k]),
		})
	}
	slices.SortFunc(list, func(a, b mart.Cohort) int {
		if c := a.Month.Compare(b.Month); c != 0 {
			return c
		}
		return int(a.Since - b.Since)
	})
	return list, ctx.Err()
}

func monthOf(at time.Time) int { return at.Year()*12 + int(at.Month()) - 1 }

// Groups counts customers and products in groups.
func (d *Insights) Groups(ctx context.Context) (mart.Groups, error) {
	s := d.made()
	g := mart.Groups{Segments: s.segments()}
	scores := map[[2]int16]*mart.Score{}
	net := map[[2]int16]int64{}
	for _, b := range s.buyers() {
		k := [2]int16{b.r, b.f}
		if scores[k] == nil {
			scores[k] = &mart.Score{R: b.r, F: b.f, Segment: segment(b.r, b.f)}
		}
		scores[k].Customers++
		net[k] += b.net
	}
	for k, x := range scores {
		x.Net = money(net[k])
		g.Scores = append(g.Scores, *x)
	}
	slices.SortFunc(g.Scores, func(a, b mart.Score) int { return int(a.R-b.R)*10 + int(a.F-b.F) })
	classes, gross := map[string]*mart.Class{}, map[string]int64{}
	for _, x := range s.stock() {
		k := x.abc + x.xyz
		if classes[k] == nil {
			classes[k] = &mart.Class{ABC: x.abc, XYZ: x.xyz}
		}
		classes[k].Products++
		gross[k] += x.gross
	}
	for k, x := range classes {
		x.Gross = money(gross[k])
		g.Classes = append(g.Classes, *x)
	}
	slices.SortFunc(g.Classes, func(a, b mart.Class) int {
		return int(a.ABC[0])*10 + int(a.XYZ[0]) - int(b.ABC[0])*10 - int(b.XYZ[0])
	})
	return g, ctx.Err()
}

// buyer is a customer who bought.
type buyer struct {
	id            int
	purchases     int64
	gross         int64
	returned, net int64
	first, last   time.Time
	days          int // since the last purchase
	r, f, m       int16
}

// buyers are all customers, with scores as the marts give them.
func (s *shop) buyers() []buyer {
	list := make([]buyer, s.customers)
	for id, t := range tallies(s, func(x sale) (int, bool) { return x.customer, x.customer >= 0 }) {
		list[id] = buyer{
			id: id, purchases: int64(len(t.invoices)), gross: t.gross, returned: t.returned, net: t.net(), first: t.first, last: t.last,
			days: int(s.last.Sub(t.last.Truncate(24*time.Hour)) / (24 * time.Hour)),
		}
	}
	score(list, func(b *buyer) (int64, *int16) { return -int64(b.days), &b.r })
	score(list, func(b *buyer) (int64, *int16) { return b.purchases, &b.f })
	score(list, func(b *buyer) (int64, *int16) { return b.net, &b.m })
	return list
}

// score ranks by one measure, the worst first, and gives each fifth a score.
func score(list []buyer, by func(*buyer) (int64, *int16)) {
	order := make([]*buyer, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, _ := by(order[i])
		b, _ := by(order[j])
		return a < b
	})
	rank := 0
	for i, b := range order {
		v, to := by(b)
		if i > 0 {
			if before, _ := by(order[i-1]); before != v {
				rank = i
			}
		}
		*to = int16(1 + 5*rank/len(order)) //nolint:gosec // 1 to 5
	}
}

// segment names scores of recency and frequency, as the database does.
func segment(r, f int16) string {
	switch {
	case r == 5 && f >= 4:
		return "champion"
	case r >= 3 && f >= 4:
		return "loyal"
	case r >= 4 && f >= 2:
		return "potential loyalist"
	case r == 5:
		return "new"
	case r == 4:
		return "promising"
	case r == 3 && f == 3:
		return "needs attention"
	case r == 3:
		return "about to sleep"
	case f == 5:
		return "cannot lose"
	case f >= 3:
		return "at risk"
	}
	return "hibernating"
}

// segments are the customers by segment, the most valuable first.
func (s *shop) segments() []mart.Segment {
	count, net, all := map[string]int64{}, map[string]int64{}, int64(0)
	for _, b := range s.buyers() {
		name := segment(b.r, b.f)
		count[name]++
		net[name] += b.net
		all += b.net
	}
	var list []mart.Segment
	for name, n := range count {
		list = append(list, mart.Segment{Name: name, Customers: n, Net: money(net[name]), Share: part(net[name], all)})
	}
	sort.Slice(list, func(i, j int) bool { return net[list[i].Name] > net[list[j].Name] })
	return list
}

// productTally is a product with what it sold.
type productTally struct {
	product
	tally
}

// byProduct are the products, the best first.
func (s *shop) byProduct() []productTally {
	var list []productTally
	for i, t := range tallies(s, func(x sale) (int, bool) { return x.product, true }) {
		list = append(list, productTally{s.products[i], *t})
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].gross > list[j].gross || list[i].gross == list[j].gross && list[i].code < list[j].code
	})
	return list
}

// stocked is a product with what is in stock and what to order.
type stocked struct {
	productTally
	abc, xyz               string
	mean, deviation        float64
	idle                   int
	onHand, onOrder        int64
	reorder, order, number int64
}

// stock is the inventory: classes, and what to order for a lead time of two weeks.
func (s *shop) stock() []stocked {
	const weeks, lead, z = 13, 2.0, 1.6449
	byWeek := tallies(s, func(x sale) ([2]int, bool) {
		return [2]int{x.product, int(s.last.Sub(x.at.Truncate(24*time.Hour)) / (7 * 24 * time.Hour))}, !x.returned()
	})
	index := map[string]int{}
	for i, p := range s.products {
		index[p.code] = i
	}
	var list []stocked
	all, before := int64(0), int64(0)
	goods := slices.DeleteFunc(s.byProduct(), func(p productTally) bool { return p.service })
	for _, p := range goods {
		all += p.gross
	}
	for n, p := range goods {
		x := stocked{productTally: p, number: int64(n), abc: "C"}
		switch share := float64(before) / float64(all); {
		case share < 0.8:
			x.abc = "A"
		case share < 0.95:
			x.abc = "B"
		}
		before += p.gross
		x.idle = int(s.last.Sub(p.last) / (7 * 24 * time.Hour))
		var sum, squares float64
		for w := range weeks {
			if t := byWeek[[2]int{index[p.code], w}]; t != nil {
				sum += float64(t.units)
				squares += float64(t.units) * float64(t.units)
			}
		}
		x.mean = sum / weeks
		variance := squares/weeks - x.mean*x.mean
		x.deviation = math.Sqrt(max(0, variance))
		x.xyz = "Z"
		switch v := variance / (x.mean*x.mean + 1e-9); {
		case v <= 0.25:
			x.xyz = "X"
		case v <= 1:
			x.xyz = "Y"
		}
		x.reorder = int64(math.Ceil(x.mean*lead + z*math.Sqrt(variance*lead)))
		x.onHand = int64(float64(x.reorder) * (0.4 + float64(n*37%19)/10))
		x.onOrder = int64(n % 4 * 12)
		x.order = max(0, int64(math.Ceil(float64(x.reorder)+x.mean*lead-float64(x.onHand+x.onOrder))))
		list = append(list, x)
	}
	return list
}
