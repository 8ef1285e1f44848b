package steps

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// dice makes loads in which every rule has something to do, and lines of one invoice meet in several.
type dice struct {
	*rand.Rand
	start time.Time
}

func newDice(seed uint64) *dice {
	return &dice{rand.New(rand.NewPCG(seed, 7)), time.Date(2011, 3, 20, 22, 0, 0, 0, time.UTC)} // a change of clocks is near
}

func (d *dice) pick(values ...string) string { return values[d.IntN(len(values))] }

func diceSources() []*source.Spec {
	return []*source.Spec{
		{Name: "shop", Duplicates: "collapse", ReturnPrefix: "C", AdjustPrefix: "A", ServiceCodes: []string{"POST", "gift_*"}},
		{Name: "web", OnChange: "replace", VoidStatus: []string{"void"}, ReturnStatus: []string{"returned", "refunded"}, Currency: "EUR"},
		{Name: "till", TaxIncluded: true, ServiceCodes: []string{"*FEE"}},
	}
}

func diceRates() []refRate {
	var rates []refRate
	for i, day := range []string{"2011-03-18", "2011-03-21", "2011-03-22", "2011-03-29", "2011-04-10", "2011-05-01"} {
		rates = append(rates, refRate{"EUR", day, big.NewRat(int64(873_450_001+i*1_234_567), 1_000_000_000)})
	}
	return append(rates, refRate{"USD", "2011-03-25", big.NewRat(613, 1000)})
}

func (d *dice) line(name string) testLine {
	invoice := fmt.Sprint(1000 + d.IntN(25))
	minute := time.Duration(d.IntN(60*24*40)) * time.Minute
	if name == "shop" {
		invoice = d.pick("", "", "", "C", "A") + invoice
	}
	x := testLine{
		invoice: invoice, product: d.pick("A1", "A2", "a1", "B1", "B2", "B3", "Ä1", "POST", "gift_5", "giftX5", "CARDFEE", ""),
		description: d.pick("", "lamp", "Lamp", "lämp", `a "quoted", (odd) \ one`), quantity: d.pick("1", "2", "2.5", "12", "0", "-1", "-3"),
		price: d.pick("0", "1.25", "1.25", "3.333333", "10", "-2", "0.000001"), at: d.start.Add(minute),
		customer: d.pick("", "17850", "13047", "c3", "c4", "c5"), country: d.pick("", "France", "EIRE", "United Kingdom"), channel: d.pick("", "web"),
	}
	if name == "web" || name == "till" {
		x.rate, x.discount = d.pick("", "", "0.1", "0.333333"), d.pick("", "0.5")
		x.lineNo = d.pick("", "1", "2")
	}
	switch name {
	case "web":
		x.currency, x.status = d.pick("", "GBP", "USD", "EUR"), d.pick("", "", "paid", "void", "returned")
		x.updated = d.pick("", "2011-04-01T10:00:00Z", "2011-04-01T10:00:00Z", "2011-04-02T10:00:00Z")
	case "till":
		x.tax = d.pick("", "0.2", "1.000001")
	}
	return x
}

// load makes some lines, some of them twice and some again from an earlier load.
func (d *dice) load(earlier []*testLoad) *testLoad {
	l := &testLoad{source: d.pick("shop", "shop", "web", "till")}
	for range 1 + d.IntN(80) {
		x := d.line(l.source)
		l.lines = append(l.lines, x)
		if d.IntN(6) == 0 {
			l.lines = append(l.lines, x)
		}
	}
	for _, e := range earlier {
		if e.source == l.source && d.IntN(3) == 0 {
			l.lines = append(l.lines, e.lines[d.IntN(len(e.lines))])
		}
	}
	return l
}

func diceWorks(t *testing.T, db *localtest.Databases) *works {
	w := newWorks(t, db, diceSources()...)
	w.transform.RatesMaxAgeDays = 3
	w.aggregate.PairMinInvoices, w.aggregate.PairMaxProducts = 2, 5
	for _, r := range diceRates() {
		w.exec("staging", "INSERT INTO staging.rates VALUES ($1, $2, $3::text::numeric)", r.currency, r.day, r.rate.FloatString(9))
	}
	return w
}

// agree compares facts, dimensions and marts with the reference.
func (w *works) agree(what string, loads []*testLoad) {
	w.t.Helper()
	var there []*testLoad
	for _, l := range loads {
		if l.id != 0 {
			there = append(there, l)
		}
	}
	for name, want := range newReference(w, diceRates(), there...).marts() {
		if diff := firstDifference(want, w.dump(dumpQueries()[name])); diff != "" {
			w.t.Errorf("%s: %s: %s", what, name, diff)
		}
	}
	if w.t.Failed() {
		w.t.Fatal("\n" + w.told())
	}
}

// Loads come, go and come again in any order. After each run the database holds what the reference says,
// which knows nothing of what came before; and so it does after a rebuild.
func TestAnyOrder(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	followed := map[string]int{} // rounds in which a table stayed, so that changes were followed
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			d, w := newDice(seed), diceWorks(t, localtest.New(t))
			var loads []*testLoad
			for round := range rounds {
				w.shuffle(d, &loads)
				facts, sums := w.table("fact_purchase_line"), w.table("agg_pair")
				if o := w.try(t.Context(), false); o.State != pipeline.Done && o.ExitCode != pipeline.ExitGate {
					t.Fatalf("%v\n%s", o.Err, w.told())
				}
				w.agree(fmt.Sprint("round ", round), loads)
				if w.table("fact_purchase_line") == facts {
					followed["facts"]++
				}
				if w.table("agg_pair") == sums {
					followed["sums"]++
				}
			}
			before := w.snapshot()
			if o := w.try(t.Context(), true); o.Err != nil {
				t.Fatal(o.Err)
			}
			same(t, "after a rebuild", before, w.snapshot())
			w.agree("after a rebuild", loads)
			for name, rows := range w.snapshot() {
				if len(rows) == 0 {
					t.Errorf("%s is empty: these loads test nothing of it", name)
				}
			}
		})
	}
	t.Logf("of %d rounds, changes were followed in %v", 3*rounds, followed)
	for _, what := range []string{"facts", "sums"} {
		if n := followed[what]; n == 0 || n == 3*rounds {
			t.Errorf("changes of %s were followed in %d of %d rounds: both ways must be taken", what, n, 3*rounds)
		}
	}
}

// table returns what tells a table from one that took its place.
func (w *works) table(name string) int64 {
	w.t.Helper()
	return w.number("SELECT ('analytics.' || $1::text)::regclass::oid::bigint", name)
}

// shuffle takes some loads in, and some out.
func (w *works) shuffle(d *dice, loads *[]*testLoad) {
	for range 1 + d.IntN(4) {
		switch n := d.IntN(5); {
		case n > 2 && len(*loads) > 3:
			l := (*loads)[d.IntN(len(*loads))]
			if l.id != 0 {
				w.undo(l)
			} else {
				w.load(l)
			}
		default:
			l := d.load(*loads)
			w.load(l)
			*loads = append(*loads, l)
		}
	}
}

// A run that ends at any of its points leaves the old state or the new one, and the next run goes on.
func TestEndAtEveryPoint(t *testing.T) {
	d, w := newDice(11), diceWorks(t, localtest.New(t))
	var loads []*testLoad
	for _, rebuild := range []bool{false, true} {
		for _, point := range []string{
			"transform.copied", "transform.before-commit", "transform.after-commit", "aggregate.before-commit", "aggregate.after-commit", "check.done",
		} {
			w.shuffle(d, &loads)
			ctx, stop := context.WithCancel(t.Context())
			reached := false
			w.fail = func(at string) {
				if at == point {
					reached = true
					stop()
				}
			}
			o := w.try(ctx, rebuild)
			stop()
			w.fail = func(string) {}
			if !reached {
				t.Fatalf("%s was never reached: %s %v\n%s", point, o.State, o.Err, w.told())
			}
			if o = w.try(t.Context(), false); o.Err != nil && o.ExitCode != pipeline.ExitGate {
				t.Fatalf("after %s: %v\n%s", point, o.Err, w.told())
			}
			w.agree("after an end at "+point, loads)
		}
	}
}

// A server that crashes under a step is told of as such, with what to do, wherever the step is; the next run goes
// on.
func TestServerCrashesUnderAStep(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true, Durable: true, Separate: true})
	d, w := newDice(13), diceWorks(t, db)
	var loads []*testLoad
	for _, point := range []string{"transform.copied", "transform.before-commit", "transform.after-commit", "aggregate.before-commit", "aggregate.after-commit"} {
		w.shuffle(d, &loads)
		w.fail = func(at string) {
			if at != point {
				return
			}
			w.fail = func(string) {}
			// With all of its processes: of a first process that dies alone, the others may work on for a moment.
			if err := db.AnalyticsServer.Stop(localtest.Immediate); err != nil {
				t.Error(err)
			}
		}
		o := w.try(t.Context(), false)
		if !sql.Gone(o.Err) || hintOf(o.Err) == "" || o.ExitCode != pipeline.ExitFailed {
			t.Errorf("%s: exit %d, %v, hint %q", point, o.ExitCode, o.Err, hintOf(o.Err))
		}
		if err := db.AnalyticsServer.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		db.Analytics.Reset() // what the test itself asks by
		w.transform.Analytics.Reset()
		if o = w.try(t.Context(), false); o.Err != nil && o.ExitCode != pipeline.ExitGate {
			t.Fatalf("after %s: %v\n%s", point, o.Err, w.told())
		}
		w.agree("after a crash at "+point, loads)
	}
}
