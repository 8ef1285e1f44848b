package marts

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/bench/quiet"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/pipeline/steps"
	"penstock/sql"
)

var (
	server = flag.String("server", "", "URL of a PostgreSQL server, as superuser")
	rows   = flag.Int("rows", 5_000_000, "lines to stage")
	pairs  = flag.Int("pairs", 5, "interleaved pairs; 0 leaves the hand-written side out")
	force  = flag.Bool("force", false, "measure on a busy machine too")

	//go:embed stage.sql
	stageText string
	//go:embed stage_day.sql
	dayText string
	//go:embed baseline.sql
	baselineText string
)

const rawTable = `DROP TABLE IF EXISTS public.bench_raw; CREATE UNLOGGED TABLE public.bench_raw (
	n bigint GENERATED ALWAYS AS IDENTITY, invoice_no text COLLATE "C", line_no text, product_code text COLLATE "C", description text COLLATE "C",
	quantity numeric(14,3), ordered_at timestamp, unit_price numeric(18,6), customer_id text COLLATE "C", country text COLLATE "C", currency text)`

// BenchmarkMarts reports the medians of both sides, their ratio, and what one more day takes.
func BenchmarkMarts(b *testing.B) {
	if *server == "" {
		b.Skip("needs -server")
	}
	if err := quiet.Check(*force, os.Stderr); err != nil {
		b.Skip(err)
	}
	ctx := b.Context()
	staging := create(ctx, b, sql.Staging)
	stage(ctx, b, staging)
	watch := newClock(ctx, b, staging)
	var ours, hand []took
	var analytics *pgxpool.Pool
	for i := range max(1, *pairs) {
		if analytics != nil {
			analytics.Close()
		}
		analytics = create(ctx, b, sql.Analytics)
		checkpoint(ctx, b, staging)
		ours = append(ours, watch.timed("penstock", func() { run(ctx, b, staging, analytics, 2) }))
		if *pairs == 0 {
			break
		}
		checkpoint(ctx, b, staging)
		hand = append(hand, watch.timed("by hand", func() { byHand(ctx, b, staging) }))
		if i == 0 {
			compare(ctx, b, staging, analytics)
		}
		execAll(ctx, b, staging, "DROP SCHEMA hand CASCADE")
	}
	var days []took
	run(ctx, b, staging, analytics, 3) // the checks of all months, once
	for range max(3, *pairs) {
		execAll(ctx, b, staging, dayText)
		checkpoint(ctx, b, staging)
		days = append(days, watch.timed("one more day", func() { run(ctx, b, staging, analytics, 3) }))
	}
	b.ReportMetric(0, "ns/op")
	report(b, "penstock", ours)
	report(b, "day", days)
	if *pairs > 0 {
		report(b, "hand", hand)
		b.ReportMetric(median(ours, wall)/median(hand, wall), "ratio")
		b.ReportMetric(median(ours, cpu)/median(hand, cpu), "cpu-ratio")
	}
}

func create(ctx context.Context, b *testing.B, db sql.Database) *pgxpool.Pool {
	b.Helper()
	name := "bench_" + string(db)
	admin, err := pgx.Connect(ctx, *server)
	if err != nil {
		b.Fatal(err)
	}
	defer admin.Close(ctx)
	for _, text := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name + " TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'"} {
		if _, err := admin.Exec(ctx, text); err != nil {
			b.Fatal(err)
		}
	}
	cfg, err := sql.ParseConfig(*server, nil, sql.PoolOptions{AllowWeakTLS: true})
	if err != nil {
		b.Fatal(err)
	}
	cfg.ConnConfig.Database = name
	pool, err := sql.Open(ctx, cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	conn, err := pool.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := sql.Migrate(ctx, conn.Conn(), db, sql.MigrateOptions{Allow: true}); err != nil {
		b.Fatal(err)
	}
	return pool
}

// stage fills staging with lines of the generator.
func stage(ctx context.Context, b *testing.B, staging *pgxpool.Pool) {
	b.Helper()
	execAll(ctx, b, staging, rawTable)
	gen := exec.CommandContext(ctx, "go", "run", "penstock/bench/gen", "-rows", fmt.Sprint(*rows), "-o", "-")
	gen.Dir = "../.."
	out, err := gen.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	gen.Stderr = os.Stderr
	if err := gen.Start(); err != nil {
		b.Fatal(err)
	}
	conn, err := staging.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	const columns = "invoice_no, line_no, product_code, description, quantity, ordered_at, unit_price, customer_id, country, currency"
	_, err = conn.Conn().PgConn().CopyFrom(ctx, out, "COPY public.bench_raw ("+columns+") FROM STDIN (FORMAT csv, HEADER)")
	conn.Release()
	if waited := gen.Wait(); err != nil || waited != nil {
		b.Fatal(err, waited)
	}
	execAll(ctx, b, staging, stageText)
	execAll(ctx, b, staging, "DROP TABLE public.bench_raw;\nVACUUM ANALYZE staging.purchases")
}

// execAll runs statements on one connection, which forgets its settings afterwards.
func execAll(ctx context.Context, b *testing.B, pool *pgxpool.Pool, text string) {
	b.Helper()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	for _, s := range strings.Split(text, ";\n") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := conn.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
			b.Fatalf("%s: %v", s, err)
		}
	}
	if _, err := conn.Exec(ctx, "RESET ALL", pgx.QueryExecModeSimpleProtocol); err != nil {
		b.Fatal(err)
	}
}

func checkpoint(ctx context.Context, b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	if _, err := pool.Exec(ctx, "CHECKPOINT"); err != nil {
		b.Fatal(err)
	}
}

// took is what one run took, in seconds.
type took struct{ wall, cpu float64 }

func wall(t took) float64 { return t.wall }
func cpu(t took) float64  { return t.cpu }

func (c clock) timed(what string, f func()) took {
	from := c.read()
	f()
	to := c.read()
	t := took{to.at.Sub(from.at).Seconds(), (to.cpu - from.cpu).Seconds()}
	logf("%-14s %8.2f s, %.2f s of processors", what, t.wall, t.cpu)
	return t
}

func report(b *testing.B, what string, runs []took) {
	b.ReportMetric(median(runs, wall), "s/"+what)
	b.ReportMetric(median(runs, cpu), "cpu-s/"+what)
}

type silent struct{}

func (silent) Emit(pipeline.Event)        {}
func (silent) Progress(pipeline.Progress) {}

// run executes the first n of transform, aggregate and check.
func run(ctx context.Context, b *testing.B, staging, analytics *pgxpool.Pool, n int) {
	b.Helper()
	all := []pipeline.Step{
		steps.Transform(steps.TransformOptions{
			Staging: staging, Analytics: analytics, BaseCurrency: "GBP", ReportTimezone: "Europe/London",
			Sources: []*source.Spec{{
				Name: "online-retail", Duplicates: "collapse", ReturnPrefix: "C", AdjustPrefix: "A",
				ServiceCodes: []string{
					"POST", "DOT", "M", "m", "D", "S", "B", "C2", "CRUK", "PADS", "AMAZONFEE", "BANK CHARGES", "gift_*", "DCGS*",
				},
			}},
		}),
		steps.Aggregate(steps.AggregateOptions{
			Analytics: analytics, ReportTimezone: "Europe/London",
			PairMinProducts: 2, PairMaxProducts: 100, PairMinInvoices: 20, LeadTimeDays: 14, ServiceLevel: 0.95,
		}),
		steps.Check(steps.CheckOptions{Staging: staging, Analytics: analytics}),
	}
	rc := &pipeline.RunContext{
		Reporter: silent{}, ID: 1, Now: time.Now, Fail: func(string) {}, CleanupLimit: time.Minute,
		Guard: func(context.Context, pgx.Tx, sql.Database) error { return nil },
	}
	for _, step := range all[:n] {
		start := time.Now()
		result, err := step.Run(ctx, rc)
		if err != nil {
			b.Fatal(err)
		}
		logf("  %-12s %8.2f s  %s", step.Name, time.Since(start).Seconds(), result.Skipped)
	}
}

// byHand runs the pinned statements and logs what each phase took.
func byHand(ctx context.Context, b *testing.B, staging *pgxpool.Pool) {
	b.Helper()
	conn, err := staging.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	for _, phase := range strings.Split(baselineText, "-- phase: ")[1:] {
		name, text, _ := strings.Cut(phase, "\n")
		start := time.Now()
		if _, err := conn.Exec(ctx, text, pgx.QueryExecModeSimpleProtocol); err != nil {
			b.Fatalf("%s: %v", name, err)
		}
		logf("  %-18s %8.2f s", name, time.Since(start).Seconds())
	}
	if _, err := conn.Exec(ctx, "RESET ALL", pgx.QueryExecModeSimpleProtocol); err != nil {
		b.Fatal(err)
	}
}

// compare makes sure that both sides made the same marts.
func compare(ctx context.Context, b *testing.B, staging, analytics *pgxpool.Pool) {
	b.Helper()
	marts := []string{
		"product_sales", "customer_value", "daily_sales", "hourly_sales", "country_sales", "product_pairs", "customer_cohorts", "inventory",
	}
	for _, mart := range marts {
		const q = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM %s.%s AS t"
		var n, m int64
		var ours, hand string
		if err := analytics.QueryRow(ctx, fmt.Sprintf(q, "analytics", mart)).Scan(&n, &ours); err != nil {
			b.Fatal(err)
		}
		if err := staging.QueryRow(ctx, fmt.Sprintf(q, "hand", mart)).Scan(&m, &hand); err != nil {
			b.Fatal(err)
		}
		logf("  %-18s %8d rows", mart, n)
		if n != m || ours != hand {
			b.Errorf("%s differs: %d rows, by hand %d", mart, n, m)
		}
	}
}

func median(runs []took, of func(took) float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// logf prints at once: the benchmark is long, and the test's own log is cut short.
func logf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
