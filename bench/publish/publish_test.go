package publish

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"penstock/bench/quiet"
	"penstock/lake"
	"penstock/sql"
)

var (
	server = flag.String("server", "", "URL of the PostgreSQL server that bench/marts used, as superuser")
	python = flag.String("python", "", "a Python with duckdb and duckdb-extension-postgres-scanner 1.5.5")
	pairs  = flag.Int("pairs", 5, "interleaved pairs")
	force  = flag.Bool("force", false, "measure on a busy machine too")
)

// BenchmarkPublish reports the medians of both sides and their ratio.
func BenchmarkPublish(b *testing.B) {
	if *server == "" || *python == "" {
		b.Skip("needs -server and -python")
	}
	if err := quiet.Check(*force, os.Stderr); err != nil {
		b.Skip(err)
	}
	at := analyticsURL(b)
	pool, err := pgxpool.New(b.Context(), at)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	table, rows := facts(b, pool)
	var ours, duck []time.Duration
	for i := range *pairs {
		ours = append(ours, timed(b, "penstock", func() { publish(b, pool, table, rows, i) }))
		duck = append(duck, timed(b, "duckdb", func() { duckCopy(b, at, table, rows) }))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours).Seconds(), "s/penstock")
	b.ReportMetric(median(duck).Seconds(), "s/duckdb")
	b.ReportMetric(median(ours).Seconds()/median(duck).Seconds(), "ratio")
}

// analyticsURL is the database that bench/marts made.
func analyticsURL(b *testing.B) string {
	u, err := url.Parse(*server)
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/bench_analytics"
	return u.String()
}

// facts is the shape of the fact table and how many rows it has.
func facts(b *testing.B, pool *pgxpool.Pool) (t lake.Table, n int64) {
	types := map[string]lake.Type{
		"text": lake.Text, "int8": lake.Int8, "numeric": lake.Numeric, "timestamptz": lake.Timestamptz,
		"date": lake.Date, "bool": lake.Bool, "jsonb": lake.JSON,
	}
	rows, err := pool.Query(b.Context(), sql.Text("lake/columns.sql"), "fact_purchase_line")
	if err != nil {
		b.Fatal(err)
	}
	t = lake.Table{Name: "fact_purchase_line", PartitionByMonth: "ordered_at"}
	var c lake.Column
	var typ string
	_, err = pgx.ForEachRow(rows, []any{&c.Name, &typ, &c.Precision, &c.Scale, &c.Required}, func() error {
		c.Type = types[typ]
		t.Columns = append(t.Columns, c)
		return nil
	})
	if err == nil {
		err = pool.QueryRow(b.Context(), "SELECT count(*) FROM analytics.fact_purchase_line").Scan(&n)
	}
	if err != nil || n == 0 {
		b.Fatalf("there are no facts (run bench/marts first): %v", err)
	}
	return t, n
}

func columns(t lake.Table) []string {
	out := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = c.Name
	}
	return out
}

// publish brings the facts to a new lake, as the publish step does.
func publish(b *testing.B, pool *pgxpool.Pool, t lake.Table, rows int64, i int) {
	catalog := stdlib.OpenDBFromPool(pool)
	l, err := lake.Open(b.Context(), lake.Options{
		Dir: filepath.Join(b.TempDir(), "lake"), Catalog: catalog, Namespace: fmt.Sprintf("bench_%d_%d", os.Getpid(), i), Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	r, w := io.Pipe()
	copied := make(chan error, 1)
	go func() { copied <- copyOut(b.Context(), pool, t, w) }()
	s, err := l.Overwrite(b.Context(), lake.Commit{Run: 1, Version: 1, Tables: []string{t.Name}}, t, nil, r, nil)
	if err := errors.Join(err, r.CloseWithError(err), <-copied, l.Close(), catalog.Close()); err != nil {
		b.Fatal(err)
	}
	if s.Rows != rows {
		b.Fatalf("%d of %d rows were published", s.Rows, rows)
	}
}

func copyOut(ctx context.Context, pool *pgxpool.Pool, t lake.Table, w *io.PipeWriter) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return errors.Join(err, w.CloseWithError(err))
	}
	defer conn.Release()
	buffer := bufio.NewWriterSize(w, 256<<10)
	_, err = conn.Conn().PgConn().CopyTo(ctx, buffer, sql.CopyOut(pgx.Identifier{"analytics", t.Name}, columns(t), "", nil))
	if err == nil {
		err = buffer.Flush()
	}
	return errors.Join(err, w.CloseWithError(err))
}

func duckCopy(b *testing.B, at string, t lake.Table, rows int64) {
	target := filepath.Join(b.TempDir(), "facts.parquet")
	out, err := exec.CommandContext(b.Context(), *python, "duckdb_copy.py", at, strings.Join(columns(t), ", "), target).CombinedOutput()
	if err != nil {
		b.Fatalf("duckdb: %v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != fmt.Sprint(rows) {
		b.Fatalf("duckdb copied %s of %d rows", got, rows)
	}
}

func timed(b *testing.B, what string, f func()) time.Duration {
	began := time.Now()
	f()
	took := time.Since(began)
	b.Logf("%-9s %.1f s", what, took.Seconds())
	return took
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}
