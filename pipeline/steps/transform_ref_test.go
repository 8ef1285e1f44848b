package steps

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"penstock/pipeline/source"
)

// A second implementation of facts and marts, written from their definitions: slow, in memory, line by
// line. Amounts are billionths, units are thousandths, both exact.

type refFact struct {
	testLine
	source, kind, day string
	local             time.Time
	service           bool
	units             int64
	amount, base      int64
	converted         bool
}

func (f *refFact) sale() bool     { return f.kind == "sale" && f.converted }
func (f *refFact) returned() bool { return f.kind == "return" && f.converted }
func (f *refFact) purchase() string {
	return f.source + "\x00" + f.invoice
}

type refRate struct {
	currency, day string
	rate          *big.Rat
}

type reference struct {
	specs map[string]*source.Spec
	t     TransformOptions
	a     AggregateOptions
	rates []refRate
	zone  *time.Location
	facts []*refFact
	asOf  time.Time
}

func newReference(w *works, rates []refRate, loads ...*testLoad) *reference {
	r := &reference{specs: map[string]*source.Spec{}, t: w.transform, a: w.aggregate, rates: rates}
	for _, s := range w.transform.Sources {
		r.specs[s.Name] = s
	}
	zone, err := time.LoadLocation(w.transform.ReportTimezone)
	if err != nil {
		w.t.Fatal(err)
	}
	r.zone = zone
	r.derive(loads)
	for _, f := range r.facts {
		if f.sale() && date(f.local).After(r.asOf) {
			r.asOf = date(f.local)
		}
	}
	return r
}

// date makes a day of a local time, as midnight UTC, so that days can be subtracted.
func date(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func days(a, b time.Time) int { return int(a.Sub(b).Hours() / 24) }

func rat(s string) *big.Rat {
	if s == "" {
		return new(big.Rat)
	}
	v, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("not a number: " + s)
	}
	return v
}

// scaled rounds v * 10^digits half away from zero.
func scaled(v *big.Rat, digits int) int64 {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	n := new(big.Int).Mul(v.Num(), p)
	return divide(n, v.Denom()).Int64()
}

// divide rounds a / b half away from zero; b is positive.
func divide(a, b *big.Int) *big.Int {
	twice := new(big.Int).Abs(a)
	twice.Lsh(twice, 1).Add(twice, b).Quo(twice, new(big.Int).Lsh(b, 1))
	if a.Sign() < 0 {
		twice.Neg(twice)
	}
	return twice
}

// decimal writes n / 10^digits.
func decimal(n *big.Int, digits int) string {
	s := new(big.Int).Abs(n).String()
	for len(s) <= digits {
		s = "0" + s
	}
	s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s
}

func money(n int64) string { return decimal(big.NewInt(n), 9) }
func units(n int64) string { return decimal(big.NewInt(n), 3) }

func (r *reference) derive(loads []*testLoad) {
	loads = slices.Clone(loads)
	slices.SortFunc(loads, func(a, b *testLoad) int {
		x, y := a.hash(), b.hash()
		return bytes.Compare(x[:], y[:])
	})
	type version struct {
		updated string
		load    int
	}
	newest := map[string]version{}
	for i, l := range loads {
		for _, x := range l.lines {
			k, v := l.source+"\x00"+x.invoice, version{x.updated, i}
			if old, ok := newest[k]; !ok || cmp.Or(cmp.Compare(v.updated, old.updated), cmp.Compare(v.load, old.load)) > 0 {
				newest[k] = v
			}
		}
	}
	seen := map[string]bool{}
	for i, l := range loads {
		spec := r.specs[l.source]
		if spec == nil {
			spec = &source.Spec{}
		}
		for _, x := range l.lines {
			if spec.OnChange == "replace" && newest[l.source+"\x00"+x.invoice] != (version{x.updated, i}) {
				continue
			}
			if spec.Duplicates == "collapse" {
				y := x
				for _, n := range []*string{&y.quantity, &y.price, &y.rate, &y.discount} {
					*n = rat(*n).String()
				}
				if y.tax != "" {
					y.tax = rat(y.tax).String()
				}
				k := fmt.Sprintf("%s %+v", l.source, y)
				if seen[k] {
					continue
				}
				seen[k] = true
			}
			r.facts = append(r.facts, r.fact(l.source, spec, x))
		}
	}
}

func (r *reference) fact(name string, s *source.Spec, x testLine) *refFact {
	f := &refFact{testLine: x, source: name, local: x.at.In(r.zone)}
	f.day = f.local.Format(time.DateOnly)
	quantity, price := rat(x.quantity), rat(x.price)
	starts := func(prefix string) bool { return prefix != "" && strings.HasPrefix(x.invoice, prefix) }
	switch {
	case x.status != "" && slices.Contains(s.VoidStatus, x.status):
		f.kind = "void"
	case starts(s.AdjustPrefix):
		f.kind = "adjustment"
	case starts(s.ReturnPrefix), x.status != "" && slices.Contains(s.ReturnStatus, x.status), quantity.Sign() < 0 && price.Sign() > 0:
		f.kind = "return"
	case quantity.Sign() <= 0:
		f.kind = "stock_movement"
	case price.Sign() <= 0:
		f.kind = "giveaway"
	default:
		f.kind = "sale"
	}
	for _, code := range s.ServiceCodes {
		head, tail, star := strings.Cut(code, "*")
		f.service = f.service || x.product != "" && (x.product == code || star && strings.HasPrefix(x.product, head) && strings.HasSuffix(x.product, tail))
	}
	exact := new(big.Rat).Mul(new(big.Rat).Mul(quantity, price), new(big.Rat).Sub(big.NewRat(1, 1), rat(x.rate)))
	exact.Sub(exact, rat(x.discount))
	if s.TaxIncluded {
		exact.Sub(exact, rat(x.tax))
	}
	f.units, f.amount = scaled(quantity, 3), scaled(exact, 9)
	f.currency = cmp.Or(x.currency, s.Currency, r.t.BaseCurrency)
	if f.currency == r.t.BaseCurrency {
		f.base, f.converted = f.amount, true
		return f
	}
	best := ""
	for _, rate := range r.rates {
		low := date(f.local).AddDate(0, 0, -r.t.RatesMaxAgeDays).Format(time.DateOnly)
		if rate.currency == f.currency && rate.day <= f.day && rate.day >= low && rate.day > best {
			best = rate.day
			f.base, f.converted = scaled(new(big.Rat).Mul(exact, rate.rate), 9), true
		}
	}
	return f
}

func abs(n int64) int64 { return max(n, -n) }

// totals are what the marts of sales sum up for a key.
type totals struct {
	lines, units, gross, returnedUnits, returned int64
	purchases, customers                         map[string]bool
	first, last                                  time.Time
}

func (t *totals) add(f *refFact) {
	if f.returned() {
		t.returned += abs(f.base)
		t.returnedUnits += abs(f.units)
		return
	}
	t.lines++
	t.units += f.units
	t.gross += f.base
	t.purchases[f.purchase()] = true
	if f.customer != "" {
		t.customers[f.customer] = true
	}
	if t.first.IsZero() || f.at.Before(t.first) {
		t.first = f.at
	}
	if f.at.After(t.last) {
		t.last = f.at
	}
}

// by sums up sales and returns by a key; an empty key with false is left out.
func (r *reference) by(key func(*refFact) (string, bool)) map[string]*totals {
	all := map[string]*totals{}
	for _, f := range r.facts {
		k, ok := key(f)
		if !ok || (!f.sale() && !f.returned()) {
			continue
		}
		if all[k] == nil {
			all[k] = &totals{purchases: map[string]bool{}, customers: map[string]bool{}}
		}
		all[k].add(f)
	}
	return all
}

// row writes values as the database does.
func row(values ...any) string {
	out := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case time.Time:
			out[i] = "~"
			if !v.IsZero() {
				out[i] = v.UTC().Format("2006-01-02T15:04:05.999999+00:00")
			}
		case string:
			out[i] = cmp.Or(v, "~")
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(out, "|")
}

func (r *reference) marts() map[string][]string {
	m := map[string][]string{
		"facts_full": r.factRows(), "products": nil, "customers": nil,
		"daily_sales":   r.slices(func(f *refFact) string { return f.day }),
		"country_sales": r.slices(func(f *refFact) string { return f.country }),
		"hourly_sales": r.slices(func(f *refFact) string {
			return fmt.Sprintf("%d|%d", (int(f.local.Weekday())+6)%7+1, f.local.Hour())
		}),
		"product_pairs": r.pairs(), "customer_cohorts": r.cohorts(), "inventory": r.inventory(),
		"product_sales": r.products(), "customer_value": r.customers(),
	}
	for code, d := range r.describe(func(f *refFact) (string, string) { return f.product, f.description }) {
		m["products"] = append(m["products"], row(code, d.text, d.service))
	}
	for id, d := range r.describe(func(f *refFact) (string, string) { return f.customer, f.country }) {
		m["customers"] = append(m["customers"], row(id, d.text))
	}
	for _, rows := range m {
		slices.Sort(rows)
	}
	return m
}

func (r *reference) factRows() (rows []string) {
	for _, f := range r.facts {
		base := ""
		if f.converted {
			base = money(f.base)
		}
		tax := ""
		if f.tax != "" {
			tax = decimal(big.NewInt(scaled(rat(f.tax), 6)), 6)
		}
		six := func(s string) string { return decimal(big.NewInt(scaled(rat(s), 6)), 6) }
		var updated time.Time
		if f.updated != "" {
			updated, _ = time.Parse(time.RFC3339, f.updated)
		}
		rows = append(rows, row(f.source, f.invoice, f.lineNo, f.product, f.description, units(f.units), six(f.price), six(f.rate), six(f.discount), tax,
			f.currency, f.at, updated, f.customer, f.country, f.channel, f.status, f.kind, f.service, f.day, money(f.amount), base))
	}
	return rows
}

type described struct {
	text    string
	service bool
	sale    bool
	at      time.Time
}

func (r *reference) describe(of func(*refFact) (key, text string)) map[string]described {
	all := map[string]described{}
	for _, f := range r.facts {
		key, text := of(f)
		if key == "" {
			continue
		}
		d := all[key]
		d.service = d.service || f.service
		sale := f.kind == "sale"
		better := d.text == "" || (sale && !d.sale) ||
			(sale == d.sale && cmp.Or(f.at.Compare(d.at), cmp.Compare(text, d.text)) > 0)
		if text != "" && better {
			d.text, d.sale, d.at = text, sale, f.at
		}
		all[key] = d
	}
	return all
}

func (r *reference) slices(key func(*refFact) string) (rows []string) {
	for k, t := range r.by(func(f *refFact) (string, bool) { return key(f), true }) {
		rows = append(rows, row(k, t.lines, len(t.purchases), len(t.customers), units(t.units), money(t.gross), money(t.returned), money(t.gross-t.returned)))
	}
	return rows
}

func (r *reference) products() (rows []string) {
	names := r.describe(func(f *refFact) (string, string) { return f.product, f.description })
	for code, t := range r.by(func(f *refFact) (string, bool) { return f.product, f.product != "" }) {
		rows = append(rows, row(code, names[code].text, names[code].service, units(t.units), money(t.gross), len(t.purchases), len(t.customers),
			units(t.returnedUnits), money(t.returned), money(t.gross-t.returned), t.first, t.last))
	}
	return rows
}

// refSegment is the table of segments, rows r = 1 to 5, columns f = 1 to 5.
func refSegment(r, f int) string {
	return strings.Split([]string{
		"hibernating,hibernating,at risk,at risk,cannot lose",
		"hibernating,hibernating,at risk,at risk,cannot lose",
		"about to sleep,about to sleep,needs attention,loyal,loyal",
		"promising,potential loyalist,potential loyalist,loyal,loyal",
		"new,potential loyalist,potential loyalist,champion,champion",
	}[r-1], ",")[f-1]
}

func (r *reference) customers() (rows []string) {
	countries := r.describe(func(f *refFact) (string, string) { return f.customer, f.country })
	all := r.by(func(f *refFact) (string, bool) { return f.customer, f.customer != "" })
	var recency, count, net []int64
	for id, t := range all {
		if t.lines == 0 {
			delete(all, id)
			continue
		}
		recency = append(recency, -int64(days(r.asOf, date(t.last.In(r.zone)))))
		count, net = append(count, int64(len(t.purchases))), append(net, t.gross-t.returned)
	}
	for _, list := range [][]int64{recency, count, net} {
		slices.Sort(list)
	}
	score := func(sorted []int64, v int64) int {
		worse, _ := slices.BinarySearch(sorted, v)
		return 1 + 5*worse/len(sorted)
	}
	for id, t := range all {
		days := days(r.asOf, date(t.last.In(r.zone)))
		rs, fs := score(recency, -int64(days)), score(count, int64(len(t.purchases)))
		avg := divide(big.NewInt(t.gross), new(big.Int).Mul(big.NewInt(int64(len(t.purchases))), big.NewInt(100_000)))
		rows = append(rows, row(id, countries[id].text, len(t.purchases), money(t.gross), decimal(avg, 4), money(t.returned), money(t.gross-t.returned),
			t.first, t.last, days, rs, fs, score(net, t.gross-t.returned), refSegment(rs, fs)))
	}
	return rows
}

func (r *reference) cohorts() (rows []string) {
	month := func(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }
	cohort, size := map[string]int{}, map[int]int{}
	for id, t := range r.by(func(f *refFact) (string, bool) { return f.customer, f.customer != "" }) {
		if t.lines > 0 {
			cohort[id] = month(t.first.In(r.zone))
			size[cohort[id]]++
		}
	}
	type cell struct{ cohort, since int }
	active, net := map[cell]map[string]bool{}, map[cell]int64{}
	for _, f := range r.facts {
		c, ok := cohort[f.customer]
		if !ok || (!f.sale() && !f.returned()) {
			continue
		}
		at := cell{c, month(f.local) - c}
		if active[at] == nil {
			active[at] = map[string]bool{}
		}
		if f.sale() {
			active[at][f.customer] = true
			net[at] += f.base
		} else {
			net[at] -= abs(f.base)
		}
	}
	for at := range active {
		rows = append(rows, row(fmt.Sprintf("%04d-%02d-01", at.cohort/12, at.cohort%12+1), at.since, size[at.cohort], len(active[at]), money(net[at])))
	}
	return rows
}

func (r *reference) pairs() (rows []string) {
	baskets := map[string]map[string]bool{}
	for _, f := range r.facts {
		if f.sale() && !f.service && f.product != "" {
			if baskets[f.purchase()] == nil {
				baskets[f.purchase()] = map[string]bool{}
			}
			baskets[f.purchase()][f.product] = true
		}
	}
	total, single, pair := int64(0), map[string]int64{}, map[[2]string]int64{}
	for _, b := range baskets {
		if len(b) < r.a.PairMinProducts || len(b) > r.a.PairMaxProducts {
			continue
		}
		total++
		var codes []string
		for code := range b {
			codes = append(codes, code)
			single[code]++
		}
		slices.Sort(codes)
		for i, x := range codes {
			for _, y := range codes[i+1:] {
				pair[[2]string{x, y}]++
			}
		}
	}
	share := func(a, b int64) string {
		return decimal(divide(new(big.Int).Mul(big.NewInt(a), big.NewInt(1_000_000)), big.NewInt(b)), 6)
	}
	for p, n := range pair {
		if n < int64(r.a.PairMinInvoices) {
			continue
		}
		a, b := single[p[0]], single[p[1]]
		rows = append(rows, row(p[0], p[1], n, share(n, total), share(n, a), share(n, b), share(n*total, a*b)))
	}
	return rows
}

func (r *reference) inventory() (rows []string) {
	names := r.describe(func(f *refFact) (string, string) { return f.product, f.description })
	goods := r.by(func(f *refFact) (string, bool) { return f.product, f.product != "" && !names[f.product].service })
	blocks := map[string]*[13]int64{}
	for _, f := range r.facts {
		if back := days(r.asOf, date(f.local)); f.sale() && f.product != "" && back < 91 {
			if blocks[f.product] == nil {
				blocks[f.product] = &[13]int64{}
			}
			blocks[f.product][back/7] += f.units
		}
	}
	var codes []string
	total := new(big.Int)
	for code, t := range goods {
		codes = append(codes, code)
		total.Add(total, big.NewInt(t.gross))
	}
	slices.SortFunc(codes, func(a, b string) int { return cmp.Or(cmp.Compare(goods[b].gross, goods[a].gross), cmp.Compare(a, b)) })
	before := new(big.Int)
	for _, code := range codes {
		t := goods[code]
		percent := func(p int64) bool { // before < p % of total
			return new(big.Int).Mul(before, big.NewInt(100)).Cmp(new(big.Int).Mul(total, big.NewInt(p))) < 0
		}
		abc := "C"
		switch {
		case total.Sign() <= 0:
		case percent(80):
			abc = "A"
		case percent(95):
			abc = "B"
		}
		before.Add(before, big.NewInt(t.gross))
		rows = append(rows, r.stockRow(code, abc, t, blocks[code]))
	}
	return rows
}

func (r *reference) stockRow(code, abc string, t *totals, blocks *[13]int64) string {
	if t.lines == 0 {
		return row(code, abc, "Z", "0.000000", "0.000000", "", "", "", 0, "")
	}
	n := int64(min(13, days(r.asOf, date(t.first.In(r.zone)))/7+1))
	s, q := new(big.Int), new(big.Int)
	if blocks != nil {
		for _, x := range blocks {
			s.Add(s, big.NewInt(x))
			q.Add(q, new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
		}
	}
	ss, nn := new(big.Int).Mul(s, s), big.NewInt(n*n)
	spread := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(n), q), ss) // n*sum(x^2) - sum(x)^2
	xyz := "Z"
	switch {
	case s.Sign() == 0:
	case new(big.Int).Mul(spread, big.NewInt(4)).Cmp(ss) <= 0:
		xyz = "X"
	case spread.Cmp(ss) <= 0:
		xyz = "Y"
	}
	float := func(i *big.Int) float64 { f, _ := new(big.Float).SetInt(i).Float64(); return f }
	lead := float64(r.a.LeadTimeDays) / 7
	mean, variance := float(s)/float64(n*1000), float(spread)/float64(n*n*1_000_000)
	// Products in variables of their own: no fused multiply and add.
	demand, safety := mean*lead, 1.6449*math.Sqrt(variance*lead)
	return row(code, abc, xyz, decimal(divide(new(big.Int).Mul(s, big.NewInt(1000)), big.NewInt(n)), 6), decimal(divide(spread, nn), 6),
		days(r.asOf, date(t.last.In(r.zone)))/7, "", "", int64(math.Ceil(demand+safety)), "")
}
