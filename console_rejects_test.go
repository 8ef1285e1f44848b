package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/config"
	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	pipelinescreen "penstock/tui/screen/pipeline"
	"penstock/tui/screen/rejects"
)

const mendConfig = `sources:
  - name: shop
    path: in
    pii: [customer_id]
    columns: {invoice_no: invoice, product_code: sku, quantity: qty, unit_price: price, ordered_at: at, customer_id: customer}
`

// The second record is refused for its quantity, the third for its shape, the fourth is hostile as well.
const mendInput = "invoice,sku,qty,price,at,customer\n" +
	"1,A,2,2.50,2024-01-05 10:00:00,C1\n" +
	"1,\"A, b\",two,2.50,2024-01-05 10:00:00,C2\n" +
	"short,row\n" +
	"2,\x1b]0;owned\x07,\x1b[2Jx,1.00,2024-01-05 10:00:00,C\xe9\n"

func newRejectStore(t *testing.T) (rejectStore, *localtest.Databases) {
	t.Helper()
	db := localtest.New(t)
	dir := dataDir(t)
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{config.FileName: mendConfig, "in/one.csv": mendInput} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := rejectStore{newTestLedger(t, db, dir)}
	run, err := s.Start(t.Context(), pipelinescreen.Request{})
	if err != nil {
		t.Fatal(err)
	}
	events := follow(t, s.runLedger, run)
	if end, ok := events[len(events)-1].(pipeline.RunFinished); !ok || end.Status != pipeline.Done {
		t.Fatalf("the run ended with %+v", events[len(events)-1])
	}
	return s, db
}

// units is what the marts say was sold.
func units(t *testing.T, db *localtest.Databases) (sum string) {
	t.Helper()
	if err := db.Analytics.QueryRow(t.Context(), "SELECT coalesce(sum(units), 0)::numeric(14,0)::text FROM analytics.product_sales").Scan(&sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestConsoleMendsRejects goes the whole way on real databases: read, mend, take in, totals change exactly.
func TestConsoleMendsRejects(t *testing.T) {
	s, db := newRejectStore(t)
	ctx := t.Context()
	counts, err := s.Counts(ctx, 0)
	if err != nil || len(counts) < 2 {
		t.Fatalf("%+v, %v", counts, err)
	}
	list, err := s.List(ctx, rejects.Filter{Limit: 10})
	if err != nil || len(list) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, r := range list {
		if strings.Contains(r.Excerpt, "C2") || strings.Contains(r.Excerpt, "C\xe9") || !r.Masked {
			t.Errorf("a customer is shown: %+v", r)
		}
	}
	k := rejects.Key{Load: list[0].Load, Record: 2}
	record, err := s.Record(ctx, k, false)
	if err != nil || len(record.Fields) != 6 {
		t.Fatalf("%+v, %v", record, err)
	}
	if f := record.Fields[2]; f.Name != "qty" || f.Column != "quantity" || f.Value != "two" || !f.Wrong {
		t.Errorf("the wrong field is %+v", f)
	}
	if f := record.Fields[5]; f.Value != "" || !f.Masked || record.Fields[1].Value != "A, b" {
		t.Errorf("the fields are %+v", record.Fields)
	}
	if shown, err := s.Record(ctx, k, true); err != nil || shown.Masked || shown.Fields[5].Value != "C2" {
		t.Errorf("asked for: %+v, %v", shown, err)
	}
	hostile, err := s.Record(ctx, rejects.Key{Load: k.Load, Record: 4}, true)
	if err != nil || len(hostile.Fields) != 6 || hostile.Fields[5].Value != "C\xe9" || hostile.Fields[1].Value != "\x1b]0;owned\x07" {
		t.Fatalf("hostile bytes: %+v, %v", hostile, err)
	}
	if got := units(t, db); got != "2" {
		t.Fatalf("%s units before", got)
	}
	whole := "3,B,5,1.00,2024-01-06 10:00:00,C3"
	run, err := s.Mend(ctx, []rejects.Mended{
		{Key: k, Source: "shop", Changes: map[int]string{2: "7"}},
		{Key: rejects.Key{Load: k.Load, Record: 3}, Source: "shop", Text: &whole},
	})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Await(ctx, run)
	if err != nil || o.State != "done" || len(o.Resolved) != 2 || o.Refused != 0 || o.Load != k.Load+1 {
		t.Fatalf("%+v, %v", o, err)
	}
	if got := units(t, db); got != "14" {
		t.Errorf("%s units after 7 and 5 more", got)
	}
	if _, err := os.Stat(run.File); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", run.File, err)
	}
	var customer string
	if err := db.Staging.QueryRow(ctx, "SELECT customer_id FROM staging.purchases WHERE load_id = $1 AND product_code = 'A, b'", o.Load).Scan(&customer); err != nil || customer != "C2" {
		t.Errorf("the masked field became %q, %v", customer, err)
	}
	if list, err = s.List(ctx, rejects.Filter{Limit: 10, Resolved: true, Source: "shop", Reason: "type", Column: "quantity"}); err != nil || !list[0].Resolved || list[0].ResolvedBy != o.Load {
		t.Errorf("%+v, %v", list, err)
	}
	var out bytes.Buffer
	n, err := s.Export(ctx, rejects.Filter{}, &out)
	if err != nil || n != 1 || !bytes.Contains(out.Bytes(), []byte("\x1b[2Jx,1.00,2024-01-05 10:00:00,C\xe9\n")) {
		t.Errorf("%d exported, %v:\n%q", n, err, out.Bytes())
	}
}

// TestMendRefusedAgain holds that what still does not fit is a reject of the new load, and that a session
// that only looks starts nothing.
func TestMendRefusedAgain(t *testing.T) {
	s, db := newRejectStore(t)
	list, err := s.List(t.Context(), rejects.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	mended := []rejects.Mended{{Key: rejects.Key{Load: list[0].Load, Record: 2}, Source: "shop", Changes: map[int]string{2: "three"}}}
	s.view.readOnly = true
	if _, err := s.Mend(t.Context(), mended); err == nil || hintOf(err) == "" {
		t.Errorf("a session that only looks: %v", err)
	}
	s.view.readOnly = false
	run, err := s.Mend(t.Context(), mended)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Await(t.Context(), run)
	if err != nil || o.Refused != 1 || units(t, db) != "2" {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := s.Mend(t.Context(), []rejects.Mended{{Key: rejects.Key{Load: 99, Record: 1}}}); err == nil || hintOf(err) == "" {
		t.Errorf("a reject that is none: %v", err)
	}
}

// TestAwaitWaitsForWhatPasses pulls the databases away, which ends no waiting for a run, and then takes the
// table of events away, which does.
func TestAwaitWaitsForWhatPasses(t *testing.T) {
	s, db := newRejectStore(t)
	runs, err := s.Runs(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	run := rejects.Run{ID: runs[0].ID}
	if o, err := s.Await(t.Context(), run); err != nil || o.State != "done" || o.Refused != 3 {
		t.Errorf("%+v, %v", o, err)
	}
	var o rejects.Outcome
	await := func(ctx context.Context, seq int64) error { return s.await(ctx, run, &seq, &o) }
	pull(t, db, true)
	for range 2 { // a connection that breaks, and one that is refused
		if err := await(t.Context(), 1); err == nil || !passes(err) {
			t.Errorf("away, and the waiting ends with %v", err)
		}
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	if err := await(late, 1); err == nil || !passes(err) {
		t.Errorf("no answer in time, and the waiting ends with %v", err)
	}
	pull(t, db, false)
	db.Staging.Reset()
	if _, err := db.Staging.Exec(t.Context(), "ALTER TABLE staging.events RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var server *pgconn.PgError
	if _, err := s.Await(ctx, run); !errors.As(err, &server) || server.Code != "42P01" {
		t.Errorf("the events are gone, and the waiting goes on until %v", err)
	}
	if _, err := s.Await(ctx, rejects.Run{ID: 999}); err == nil {
		t.Error("a run that is not there ended")
	}
}
