package steps

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
)

// bench is a pair of databases, a folder of files and what runs steps on them.
type bench struct {
	t      *testing.T
	db     *localtest.Databases
	pool   *pgxpool.Pool
	ledger *pipeline.Ledger
	dir    string
	o      IngestOptions
	fail   func(point string)
}

func newBench(t *testing.T) *bench { return newBenchOn(t, localtest.New(t)) }

func newBenchOn(t *testing.T, db *localtest.Databases) *bench {
	t.Helper()
	b := &bench{t: t, db: db, pool: db.Pool(t, "staging", "etl"), dir: t.TempDir(), fail: func(string) {}}
	b.o = IngestOptions{Pool: b.pool, SpoolDir: filepath.Join(b.dir, "spool")}
	b.ledger = pipeline.NewLedger(b.pool, db.Pool(t, "analytics", "etl"), pipeline.Options{
		Host: "test", PID: os.Getpid(), Who: "tester", Version: "test", Now: time.Now,
		Fail: func(point string) { b.fail(point) }, Heartbeat: 100 * time.Millisecond,
	})
	t.Cleanup(b.ledger.Close)
	return b
}

// outcome is what a run told.
type outcome struct {
	pipeline.Outcome
	result pipeline.Result
	events []pipeline.Event
}

// of returns the events of one type.
func of[E pipeline.Event](o outcome) (found []E) {
	for _, e := range o.events {
		if e, ok := e.(E); ok {
			found = append(found, e)
		}
	}
	return found
}

func (b *bench) run(ctx context.Context, step pipeline.Step, sources ...string) outcome {
	b.t.Helper()
	x, err := b.ledger.Start(ctx, pipeline.Plan{Steps: []pipeline.Step{step}, Sources: sources})
	if err != nil {
		b.t.Fatal(err)
	}
	var o outcome
	for e, err := range x.Events(context.WithoutCancel(ctx)) {
		if err != nil {
			b.t.Fatal(err)
		}
		o.events = append(o.events, e)
	}
	o.Outcome, _ = x.Wait()
	o.result = o.Results[pipeline.Ingest]
	return o
}

// ingest runs the step over the specs and expects it to succeed.
func (b *bench) ingest(specs ...*source.Spec) outcome {
	b.t.Helper()
	o := b.try(specs...)
	if o.Err != nil {
		b.t.Fatalf("ingest: %v", o.Err)
	}
	return o
}

func (b *bench) try(specs ...*source.Spec) outcome {
	b.t.Helper()
	o := b.o
	o.Sources = specs
	return b.run(b.t.Context(), Ingest(o))
}

func (b *bench) file(name, content string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// number asks for one number.
func (b *bench) number(statement string, args ...any) (n int64) {
	b.t.Helper()
	if err := b.pool.QueryRow(context.WithoutCancel(b.t.Context()), statement, args...).Scan(&n); err != nil {
		b.t.Fatalf("%s: %v", statement, err)
	}
	return n
}

func (b *bench) text(statement string, args ...any) (s string) {
	b.t.Helper()
	if err := b.pool.QueryRow(b.t.Context(), statement, args...).Scan(&s); err != nil {
		b.t.Fatalf("%s: %v", statement, err)
	}
	return s
}

// visible is a fingerprint of all visible rows, less which load they are of.
func (b *bench) visible() string {
	b.t.Helper()
	return b.text(`
		SELECT count(*) || ' ' || coalesce(sum(hashtextextended(
		    (source, record, line, byte_offset, invoice_no, line_no, product_code, description, quantity, unit_price, discount_rate,
		     discount, tax, currency, ordered_at, updated_at, customer_id, country, channel, status, extra)::text, 0)::numeric), 0)
		FROM staging.purchases WHERE load_id IN (SELECT id FROM staging.loads WHERE state = 'loaded')`)
}

// lawful checks the law for every load, against the ledger, the rows and the rejects.
func (b *bench) lawful() {
	b.t.Helper()
	broken := b.text(`
		SELECT coalesce(string_agg(format('load %s %s: read %s loaded %s rejected %s discarded %s; rows %s rejects %s', id, state, read, loaded,
		       rejected, discarded, rows, rejects), E'\n'), '')
		FROM (SELECT l.*, (SELECT count(*) FROM staging.purchases p WHERE p.load_id = l.id) AS rows,
		             (SELECT count(*) FROM staging.rejects r WHERE r.load_id = l.id) AS rejects FROM staging.loads l) x
		WHERE state <> 'loading' AND (read <> loaded + rejected + discarded OR rejects <> rejected OR rows <> loaded)`)
	if broken != "" {
		b.t.Errorf("the law is broken:\n%s", broken)
	}
}

func shopSpec(path string) *source.Spec {
	return &source.Spec{
		Name: "shop", Path: path,
		Columns: map[string]source.Column{
			"invoice_no": {Column: "invoice"}, "product_code": {Column: "sku"}, "quantity": {Column: "qty"},
			"unit_price": {Column: "price"}, "ordered_at": {Column: "at"}, "customer_id": {Column: "customer"},
		},
	}
}

const shopHeader = "invoice,sku,qty,price,at,customer\n"

func shopLines(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "%d,P%d,%d,%d.%02d,2024-01-%02d 10:00:00,C%d\n", 1000+i/3, i%50, 1+i%7, i%90, i%100, 1+i%28, i%11)
	}
	return s.String()
}

func onlineRetail(t *testing.T) *source.Spec {
	t.Helper()
	return &source.Spec{
		Name: "online-retail", Path: filepath.Join(dataDir(t), "online-retail", "online-retail.csv.gz"), Timezone: "Europe/London",
		Columns: map[string]source.Column{
			"invoice_no": {Column: "InvoiceNo"}, "product_code": {Column: "StockCode"}, "description": {Column: "Description"},
			"quantity": {Column: "Quantity"}, "unit_price": {Column: "UnitPrice"}, "ordered_at": {Column: "InvoiceDate"},
			"customer_id": {Column: "CustomerID"}, "country": {Column: "Country"},
		},
		MaxRejects: "1%",
	}
}

func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PENSTOCK_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no test data:", err)
	}
	return dir
}

func zip(t *testing.T, content string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestIngestOnlineRetail(t *testing.T) {
	b := newBench(t)
	o := b.ingest(onlineRetail(t))
	if o.result.Read != 541_909 || o.result.Loaded != 541_909 || o.result.Rejected != 0 {
		t.Errorf("read %d, loaded %d, rejected %d", o.result.Read, o.result.Loaded, o.result.Rejected)
	}
	b.lawful()
	if got := b.text("SELECT sum(quantity * unit_price)::numeric(20,3)::text FROM staging.purchases"); got != "9747747.934" {
		t.Errorf("net amount %s", got)
	}
	if got := b.number("SELECT count(*) FROM staging.purchases WHERE customer_id IS NULL"); got != 135_080 {
		t.Errorf("rows without customer: %d", got)
	}
	if got := b.number("SELECT count(DISTINCT invoice_no) FROM staging.purchases"); got != 25_900 {
		t.Errorf("invoices: %d", got)
	}
	again := b.ingest(onlineRetail(t))
	if again.result.Read != 0 || again.result.Skipped == "" {
		t.Errorf("the same file again: %+v", again.result)
	}
	if skipped := of[pipeline.LoadSkipped](again); len(skipped) != 1 || skipped[0].Load != 1 {
		t.Errorf("skipped: %+v", skipped)
	}
}

func TestIngestNorthwind(t *testing.T) {
	dir := filepath.Join(dataDir(t), "northwind")
	spec := &source.Spec{
		Name: "northwind", Path: filepath.Join(dir, "order-details.csv"),
		Format: source.Format{Timestamp: "%Y-%m-%d %H:%M:%S.%f", Nulls: []string{"NULL"}},
		Columns: map[string]source.Column{
			"invoice_no": {Column: "orderID"}, "product_code": {Column: "productID"}, "quantity": {Column: "quantity"},
			"unit_price": {Column: "unitPrice"}, "discount_rate": {Column: "discount"},
		},
		Lookup: []source.Lookup{{
			Path: filepath.Join(dir, "orders.csv"), Key: map[string]string{"orderID": "orderID"},
			Format:  source.Format{Timestamp: "%Y-%m-%d %H:%M:%S.%f", Nulls: []string{"NULL"}},
			Columns: map[string]source.Column{"ordered_at": {Column: "orderDate"}, "customer_id": {Column: "customerID"}},
			Missing: "reject",
		}},
	}
	b := newBench(t)
	o := b.ingest(spec)
	if o.result.Read != 2155 || o.result.Loaded+o.result.Rejected != 2155 || o.result.Rejected == 0 {
		t.Errorf("read %d, loaded %d, rejected %d", o.result.Read, o.result.Loaded, o.result.Rejected)
	}
	b.lawful()
	// 176 of 830 orders have a comma too many: their lines are refused, not shifted.
	if got := b.number("SELECT count(DISTINCT invoice_no) FROM staging.purchases"); got != 830-176 {
		t.Errorf("orders with good headers: %d", got)
	}
}

func TestSameContentUnderAnotherName(t *testing.T) {
	b := newBench(t)
	content := shopHeader + shopLines(100)
	b.ingest(shopSpec(b.file("a.csv", content)))
	before := b.visible()
	for _, path := range []string{b.file("b.csv", content), b.file("c.csv.gz", zip(t, content))} {
		o := b.ingest(shopSpec(path))
		skipped := of[pipeline.LoadSkipped](o)
		if len(skipped) != 1 || skipped[0].Load != 1 || !strings.Contains(skipped[0].Reason, "a.csv") {
			t.Errorf("%s: skipped %+v", path, skipped)
		}
	}
	if b.visible() != before {
		t.Error("the same content changed what is visible")
	}
	// In one folder, in one run, as well.
	b2 := newBench(t)
	b2.file("in/a.csv", content)
	b2.file("in/b.csv", content)
	o := b2.ingest(shopSpec(filepath.Join(b2.dir, "in")))
	if o.result.Loaded != 100 || len(of[pipeline.LoadSkipped](o)) != 1 {
		t.Errorf("a copy in the same folder: %+v", o.result)
	}
}

func TestDaysInAnyOrder(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(dataDir(t), "online-retail", "by-day", "*.csv.gz"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	spec := onlineRetail(t)
	var sums []string
	for _, reverse := range []bool{false, true} {
		b := newBench(t)
		days := slices.Clone(files)
		if reverse {
			slices.Reverse(days)
		}
		for _, day := range days[:8] {
			spec.Path = day
			b.ingest(spec)
		}
		spec.Path = filepath.Join(dataDir(t), "online-retail", "by-day")
		o := b.ingest(spec)
		if skipped := len(of[pipeline.LoadSkipped](o)); skipped != 8 {
			t.Errorf("%d of 8 days were known", skipped)
		}
		b.lawful()
		sums = append(sums, b.visible())
	}
	if sums[0] != sums[1] {
		t.Errorf("the order shows: %s, %s", sums[0], sums[1])
	}
}

func TestRejectsHaveTheirPlace(t *testing.T) {
	b := newBench(t)
	bad := "1,A,one,2.50,2024-01-01 10:00:00,x\n"
	o := b.ingest(shopSpec(b.file("a.csv", shopHeader+shopLines(3)+bad+shopLines(2)+"short,row\n")))
	if o.result.Read != 7 || o.result.Rejected != 2 || o.result.Loaded != 5 {
		t.Errorf("%+v", o.result)
	}
	b.lawful()
	got := b.text("SELECT string_agg(format('%s %s %s %s %s %s', record, line, byte_offset, reason, column_name, convert_from(raw, 'UTF8')), E'\n' ORDER BY record) FROM staging.rejects")
	offset := len(shopHeader + shopLines(3))
	end := offset + len(bad) + len(shopLines(2))
	want := fmt.Sprintf("4 5 %d type quantity %s\n7 8 %d fields  short,row", offset, strings.TrimSpace(bad), end)
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	samples := of[pipeline.RejectSample](o)
	if len(samples) != 2 || samples[0].Line != 5 || samples[1].Line != 8 || string(samples[1].Raw) != "short,row" {
		t.Errorf("samples %+v", samples)
	}
}

func TestSamplesAreTenThenCounts(t *testing.T) {
	b := newBench(t)
	b.o.ChunkBytes = 400
	lines := strings.ReplaceAll(shopLines(200), "P1,", "P1,x") // P1 and its quantities
	spec := shopSpec(b.file("a.csv", shopHeader+lines+strings.Repeat("too,short\n", 50)))
	spec.PII = []string{"customer_id"}
	o := b.ingest(spec)
	var told []int64
	more := map[string]int64{}
	for _, s := range of[pipeline.RejectSample](o) {
		if s.More > 0 {
			more[s.Reason] += s.More
			continue
		}
		told = append(told, s.Line)
		if s.Raw != nil {
			t.Errorf("a record with a masked column was told: %s", s.Raw)
		}
	}
	if len(told) != 10 || !slices.IsSorted(told) || told[0] != 3 {
		t.Errorf("told lines %v", told)
	}
	if sum := more["type"] + more["fields"]; sum+10 != o.result.Rejected || more["fields"] != 50-6 {
		t.Errorf("rejected %d, counted %v", o.result.Rejected, more)
	}
}

func TestMaxRejects(t *testing.T) {
	content := shopHeader + shopLines(95) + strings.Repeat("too,short\n", 5)
	for _, c := range []struct {
		limit string
		ok    bool
	}{{"5", true}, {"4", false}, {"5%", true}, {"4.99%", false}, {"0", false}, {"", true}, {"0%", false}} {
		t.Run(c.limit, func(t *testing.T) {
			b := newBench(t)
			spec := shopSpec(b.file("a.csv", content))
			spec.MaxRejects = c.limit
			o := b.try(spec)
			if (o.Err == nil) != c.ok {
				t.Fatalf("error %v", o.Err)
			}
			b.lawful()
			if c.ok {
				return
			}
			if o.ExitCode != pipeline.ExitFailed || hintOf(o.Err) == "" {
				t.Errorf("exit code %d, hint %q", o.ExitCode, hintOf(o.Err))
			}
			if rows := b.number("SELECT count(*) FROM staging.purchases"); rows != 0 {
				t.Errorf("%d rows are left", rows)
			}
			if rejects := b.number("SELECT count(*) FROM staging.rejects"); rejects != 5 {
				t.Errorf("%d rejects are kept", rejects)
			}
			spec.MaxRejects = "" // the identity is the same: it may be tried again
			b.ingest(spec)
			b.lawful()
			if loads := b.number("SELECT count(*) FROM staging.loads WHERE state = 'loaded' AND rejected = 5"); loads != 1 {
				t.Errorf("%d loads", loads)
			}
		})
	}
}

func TestContract(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", strings.Replace(shopHeader, "customer", "client", 1)+shopLines(3)))
	o := b.try(spec)
	if !errors.Is(o.Err, source.ErrContract) || hintOf(o.Err) == "" {
		t.Errorf("a missing column: %v (%s)", o.Err, hintOf(o.Err))
	}
	if state := b.text("SELECT state FROM staging.loads"); state != "failed" {
		t.Errorf("the load is %s", state)
	}
	spec.Contract.Missing = "warn"
	o = b.ingest(spec)
	if warnings := of[pipeline.Warning](o); len(warnings) != 2 { // one is missing, one is new
		t.Errorf("warnings %+v", warnings)
	}
	b.lawful()
}
