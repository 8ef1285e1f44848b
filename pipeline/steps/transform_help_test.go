package steps

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
)

// testLine is a staged line; an empty text is NULL, or the default where there is one.
type testLine struct {
	invoice, lineNo, product, description, quantity, price, rate, discount, tax, currency string
	at                                                                                    time.Time
	updated                                                                               string // RFC 3339
	customer, country, channel, status                                                    string
}

// testLoad is a load: its lines, and what its hash is made from.
type testLoad struct {
	source string
	lines  []testLine
	id     int64 // 0: not there
}

func (l *testLoad) hash() [32]byte {
	var b bytes.Buffer
	for _, x := range l.lines {
		fmt.Fprintf(&b, "%+v\n", x)
	}
	return sha256.Sum256(b.Bytes())
}

// works is a pair of databases and the steps from transform to check on them.
type works struct {
	t         *testing.T
	db        *localtest.Databases
	ledger    *pipeline.Ledger
	transform TransformOptions
	aggregate AggregateOptions
	check     CheckOptions
	fail      func(point string)
	last      pipeline.Outcome
	events    []pipeline.Event
}

func newWorks(t *testing.T, db *localtest.Databases, sources ...*source.Spec) *works {
	t.Helper()
	staging, analytics := db.Pool(t, "staging", "etl"), db.Pool(t, "analytics", "etl")
	w := &works{
		t: t, db: db, fail: func(string) {},
		transform: TransformOptions{
			Staging: staging, Analytics: analytics, Sources: sources, BaseCurrency: "GBP", ReportTimezone: "Europe/London",
		},
		aggregate: AggregateOptions{
			Analytics: analytics, ReportTimezone: "Europe/London",
			PairMinProducts: 2, PairMaxProducts: 100, PairMinInvoices: 20, LeadTimeDays: 14, ServiceLevel: 0.95,
		},
		check: CheckOptions{Staging: staging, Analytics: analytics},
	}
	w.ledger = pipeline.NewLedger(staging, analytics, pipeline.Options{
		Host: "test", PID: os.Getpid(), Who: "tester", Version: "test", Now: time.Now,
		Fail: func(point string) { w.fail(point) }, Heartbeat: 100 * time.Millisecond,
	})
	t.Cleanup(w.ledger.Close)
	return w
}

// try runs the three steps.
func (w *works) try(ctx context.Context, rebuild bool) pipeline.Outcome {
	w.t.Helper()
	x, err := w.ledger.Start(ctx, pipeline.Plan{
		Steps: []pipeline.Step{Transform(w.transform), Aggregate(w.aggregate), Check(w.check)}, Rebuild: rebuild,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.events = nil
	for e, err := range x.Events(context.WithoutCancel(ctx)) {
		if err != nil {
			w.t.Fatal(err)
		}
		w.events = append(w.events, e)
	}
	w.last, _ = x.Wait()
	return w.last
}

// run is try where nothing may fail.
func (w *works) run() pipeline.Outcome {
	w.t.Helper()
	o := w.try(w.t.Context(), false)
	if o.State != pipeline.Done {
		w.t.Fatalf("the run ended %s, exit %d: %v\n%s", o.State, o.ExitCode, o.Err, w.told())
	}
	return o
}

// told returns what the last run said, a line an event.
func (w *works) told() string {
	var b strings.Builder
	for _, e := range w.events {
		fmt.Fprintln(&b, pipeline.Describe(e))
	}
	return b.String()
}

// load takes a load in, as ingest would.
func (w *works) load(l *testLoad) {
	w.t.Helper()
	ctx := w.t.Context()
	hash, n := l.hash(), len(l.lines)
	err := w.db.Staging.QueryRow(ctx, `
		INSERT INTO staging.loads AS l (source, entity, name, origin, sha256, file_sha256, fingerprint, state, started_at, read, loaded, rejected)
		VALUES ($1, 'purchases', 'test', 'test', $2, $2, $2, 'loading', now(), $3, $3, 0)
		ON CONFLICT (source, sha256, fingerprint) DO UPDATE SET state = 'loading' RETURNING id`, l.source, hash[:], n).Scan(&l.id)
	if err != nil {
		w.t.Fatal(err)
	}
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	for i, x := range l.lines {
		zero := func(s string) string {
			if s == "" {
				return "0"
			}
			return s
		}
		_ = c.Write([]string{
			l.source, fmt.Sprint(l.id), fmt.Sprint(i + 1), fmt.Sprint(i + 2), fmt.Sprint(100 * i), x.invoice, x.lineNo, x.product, x.description,
			x.quantity, x.price, zero(x.rate), zero(x.discount), x.tax, x.currency, x.at.Format(time.RFC3339Nano), x.updated,
			x.customer, x.country, x.channel, x.status, "",
		})
	}
	c.Flush()
	conn, err := w.db.Staging.Acquire(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT staging.ensure_partition($1)", l.id); err != nil {
		w.t.Fatal(err)
	}
	if _, err := conn.Conn().PgConn().CopyFrom(ctx, &b, "COPY staging.purchases FROM STDIN (FORMAT csv)"); err != nil {
		w.t.Fatal(err)
	}
	w.exec("staging", "SELECT staging.index_partition($1)", l.id)
	w.exec("staging", "UPDATE staging.loads SET state = 'loaded' WHERE id = $1", l.id)
}

// undo takes a load out, rows and all.
func (w *works) undo(l *testLoad) {
	w.t.Helper()
	w.exec("staging", "UPDATE staging.loads SET state = 'undone' WHERE id = $1", l.id)
	w.exec("staging", "DELETE FROM staging.purchases WHERE load_id = $1", l.id)
	l.id = 0
}

func (w *works) exec(db, statement string, args ...any) {
	w.t.Helper()
	pool := w.db.Analytics
	if db == "staging" {
		pool = w.db.Staging
	}
	if _, err := pool.Exec(w.t.Context(), statement, args...); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
}

// number reads one number from analytics.
func (w *works) number(statement string, args ...any) (n int64) {
	w.t.Helper()
	if err := w.db.Analytics.QueryRow(w.t.Context(), statement, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	return n
}

// dumpQueries read facts, dimensions and marts, without their lineage.
func dumpQueries() map[string]string {
	const fact = `source, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate, discount, tax, currency,
		ordered_at, updated_at, customer_id, country, channel, status, kind, is_service, ordered_day, amount, amount_base`
	queries := map[string]string{
		"facts": `SELECT source, invoice_no, count(*), sum(hashtextextended(t::text, 0)::numeric)
			FROM (SELECT ` + fact + ` FROM analytics.fact_purchase_line) AS t GROUP BY source, invoice_no`,
		"facts_full": "SELECT " + fact + " FROM analytics.fact_purchase_line",
		"products":   "SELECT product_code, description, is_service FROM analytics.dim_product",
		"customers":  "SELECT customer_id, country FROM analytics.dim_customer",
		"lineage":    "SELECT source, invoice_no, staged, collapsed, superseded FROM analytics.purchase_lineage",
	}
	for _, name := range append(martStatements(), pairsMart) {
		queries[name] = "SELECT * FROM analytics." + name
	}
	return queries
}

// dump reads a query's rows as sorted texts, fields parted by |, NULL as ~.
func (w *works) dump(query string) []string {
	w.t.Helper()
	rows, err := w.db.Analytics.Query(w.t.Context(), `SELECT (
		SELECT string_agg(coalesce(value, '~'), '|' ORDER BY ordinality) FROM json_each_text(row_to_json(t)) WITH ORDINALITY) FROM (`+query+") AS t")
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	slices.Sort(lines)
	return lines
}

// snapshot reads everything that must not depend on how it came about.
func (w *works) snapshot() map[string][]string {
	w.t.Helper()
	all := map[string][]string{}
	for name, query := range dumpQueries() {
		if name != "facts_full" {
			all[name] = w.dump(query)
		}
	}
	return all
}

// same compares two dumps and shows where they part.
func same(t *testing.T, what string, want, got map[string][]string) {
	t.Helper()
	for name := range want {
		if diff := firstDifference(want[name], got[name]); diff != "" {
			t.Errorf("%s: %s: %s", what, name, diff)
		}
	}
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		var a, b string
		if i < len(want) {
			a = want[i]
		}
		if i < len(got) {
			b = got[i]
		}
		if a != b {
			return fmt.Sprintf("row %d of %d (got %d)\nwant %s\ngot  %s", i, len(want), len(got), a, b)
		}
	}
	return ""
}

// retailSpec is Online Retail's source as the design's example has it.
func retailSpec() *source.Spec {
	return &source.Spec{
		Name: "online-retail", Duplicates: "collapse", ReturnPrefix: "C", AdjustPrefix: "A",
		ServiceCodes: []string{
			"POST", "DOT", "M", "m", "D", "S", "B", "C2", "CRUK", "PADS", "AMAZONFEE", "BANK CHARGES", "gift_*", "DCGS*",
		},
	}
}

// retailLines reads the whole of Online Retail.
func retailLines(t *testing.T) []testLine {
	t.Helper()
	f, err := os.Open(filepath.Join(dataDir(t), "online-retail", "online-retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]testLine, 0, len(rows))
	for _, r := range rows[1:] {
		at, err := time.ParseInLocation("2006-01-02 15:04:05", r[4], london)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, testLine{
			invoice: r[0], product: r[1], description: r[2], quantity: r[3], at: at.UTC(), price: r[5],
			customer: strings.TrimSuffix(r[6], ".0"), country: r[7],
		})
	}
	return lines
}

func asHint(err error, target *interface{ Hint() string }) bool { return errors.As(err, target) }
