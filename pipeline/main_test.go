package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestMain(m *testing.M) {
	if os.Getenv("PENSTOCK_TEST_HOLDER") != "" {
		os.Exit(holdTheLock())
	}
	localtest.Main(m)
}

// testLimit ends what hangs; nothing is measured by it.
const testLimit = 20 * time.Second

// testContext ends with the test, and fails it if it takes for ever.
func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	t.Cleanup(cancel)
	return ctx
}

// logLines collects what a ledger logs.
type logLines struct {
	mu    sync.Mutex
	lines []slog.Record
}

func (g *logLines) Enabled(context.Context, slog.Level) bool { return true }
func (g *logLines) WithAttrs([]slog.Attr) slog.Handler       { return g }
func (g *logLines) WithGroup(string) slog.Handler            { return g }

func (g *logLines) Handle(_ context.Context, r slog.Record) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lines = append(g.lines, r)
	return nil
}

// attr returns an attribute of the first line with that message.
func (g *logLines) attr(message, key string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	value := ""
	for _, r := range g.lines {
		if r.Message == message && value == "" {
			r.Attrs(func(a slog.Attr) bool {
				if a.Key == key {
					value = a.Value.String()
				}
				return true
			})
		}
	}
	return value
}

func (g *logLines) has(message string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.lines {
		if r.Message == message {
			return true
		}
	}
	return false
}

// testOptions are those of a process called name, with a quick heartbeat.
func testOptions(name string) Options {
	return Options{
		Host: "host-" + name, PID: 4711, Who: name, Version: "test", Now: time.Now, Heartbeat: 100 * time.Millisecond,
	}
}

// process returns a ledger as another process would have it: with pools of its
// own.
func process(t testing.TB, d *localtest.Databases, name string, change ...func(*Options)) *Ledger {
	t.Helper()
	o := testOptions(name)
	for _, c := range change {
		c(&o)
	}
	l := NewLedger(d.Pool(t, sql.Staging, "etl"), d.Pool(t, sql.Analytics, "etl"), o)
	t.Cleanup(l.Close)
	return l
}

// start starts a run that is waited for at the latest when the test ends.
func start(t testing.TB, l *Ledger, plan Plan) *Execution {
	t.Helper()
	x, err := l.Start(testContext(t), plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Cancel("the end of the test")
		_, _ = x.Wait()
	})
	return x
}

// step is a step that does what run does.
func step(name StepName, run func(ctx context.Context, rc *RunContext) (Result, error)) Step {
	return Step{Name: name, Engine: "test", Run: run}
}

// quick is a step that returns this at once.
func quick(name StepName, res Result, err error) Step {
	return step(name, func(context.Context, *RunContext) (Result, error) { return res, err })
}

// blocker is a step that waits to be let go; started is closed once it runs.
func blocker(name StepName) (s Step, started chan struct{}, release func()) {
	started, gate := make(chan struct{}), make(chan struct{})
	s = step(name, func(ctx context.Context, _ *RunContext) (Result, error) {
		close(started)
		select {
		case <-gate:
			return Result{Read: 1, Loaded: 1}, nil
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
	})
	return s, started, sync.OnceFunc(func() { close(gate) })
}

// eventually looks until what is so; the context ends the looking.
func eventually(t testing.TB, what string, is func(ctx context.Context) bool) {
	t.Helper()
	ctx := testContext(t)
	for !is(ctx) {
		if pause(ctx, 10*time.Millisecond) != nil {
			t.Fatalf("never came: %s", what)
		}
	}
}

// collect reads all events by a Next.
func collect(t testing.TB, next func(context.Context, int64, int64) (Event, error), run int64) []Event {
	t.Helper()
	var events []Event
	for e, err := range Events(testContext(t), next, run) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// kinds returns the kinds of events, with the step where there is one.
func kinds(events []Event) []string {
	var list []string
	for _, e := range events {
		k := e.Kind()
		if s := Subject(e); s != "run" {
			k += " " + s
		}
		list = append(list, k)
	}
	return list
}

// do runs a statement as the owner.
func do(t testing.TB, pool *pgxpool.Pool, query string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(testContext(t), query, args...); err != nil {
		t.Fatal(err)
	}
}

// get reads one value as the owner.
func get[T any](t testing.TB, pool *pgxpool.Pool, query string, args ...any) T {
	t.Helper()
	var v T
	if err := pool.QueryRow(testContext(t), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// mustBe fails unless err is target, and has a hint.
func mustBe(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got %v, want %v", err, target)
	}
	if hintOf(err) == "" {
		t.Errorf("no hint on: %v", err)
	}
}

func newLogger(g *logLines) *slog.Logger { return slog.New(g) }

// holdTheLock is a process that takes the lock and keeps it until it is killed.
func holdTheLock() int {
	ctx := context.Background()
	var pools []*pgxpool.Pool
	for _, name := range []string{"PENSTOCK_TEST_STAGING", "PENSTOCK_TEST_ANALYTICS"} {
		cfg, err := sql.ParseConfig(os.Getenv(name), nil, sql.PoolOptions{})
		if err != nil {
			panic(err)
		}
		pool, err := sql.Open(ctx, cfg)
		if err != nil {
			panic(err)
		}
		pools = append(pools, pool)
	}
	o := testOptions("holder")
	o.PID = os.Getpid()
	x, err := NewLedger(pools[0], pools[1], o).Start(ctx, Plan{Steps: []Step{
		step(Ingest, func(ctx context.Context, rc *RunContext) (Result, error) {
			os.Stdout.WriteString("held\n")
			if os.Getenv("PENSTOCK_TEST_HOLDER") == "busy" { // in the middle of a long statement, past its guard
				return Result{}, pgx.BeginFunc(ctx, pools[0], func(tx pgx.Tx) error {
					if err := rc.Guard(ctx, tx, sql.Staging); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, "SELECT pg_sleep(60)")
					return err
				})
			}
			<-ctx.Done()
			return Result{}, ctx.Err()
		}),
	}})
	if err != nil {
		panic(err)
	}
	_, _ = x.Wait()
	return 0
}

// as returns the event as the kind it must be.
func as[E Event](t testing.TB, e Event) E {
	t.Helper()
	v, ok := e.(E)
	if !ok {
		t.Fatalf("got %#v, want a %T", e, v)
	}
	return v
}
