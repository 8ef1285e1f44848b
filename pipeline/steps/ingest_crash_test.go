package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// manyChunks makes a file of some fifty chunks of 8 kB, with a reject in most of them.
func (b *bench) manyChunks() *source.Spec {
	b.t.Helper()
	b.o.ChunkBytes = 8 << 10
	var s strings.Builder
	s.WriteString(shopHeader)
	for i := range 9000 {
		if i%97 == 0 {
			s.WriteString("bad,row\n")
			continue
		}
		fmt.Fprintf(&s, "%d,P%d,%d,%d.%02d,2024-01-%02d 10:00:00,C%d\n", 1000+i/3, i%50, 1+i%7, i%90, i%100, 1+i%28, i%11)
	}
	return shopSpec(b.file("many.csv", s.String()))
}

// expected is what a run that nothing disturbs makes of a file.
func expected(t *testing.T) (visible string, rejects int64) {
	t.Helper()
	b := newBench(t)
	b.ingest(b.manyChunks())
	b.lawful()
	return b.visible(), b.number("SELECT count(*) FROM staging.rejects")
}

// sameAs checks that the databases hold what an undisturbed run would have left.
func (b *bench) sameAs(visible string, rejects int64) {
	b.t.Helper()
	b.lawful()
	if got := b.visible(); got != visible {
		b.t.Errorf("visible is %s, want %s", got, visible)
	}
	if got := b.number("SELECT count(*) FROM staging.rejects"); got != rejects {
		b.t.Errorf("%d rejects, want %d", got, rejects)
	}
}

// hook makes a failpoint do something the nth time it is reached.
func (b *bench) hook(point string, n int64, do func()) {
	var count atomic.Int64
	b.fail = func(p string) {
		if p == point && count.Add(1) == n {
			do()
		}
	}
}

func TestCancelLeavesNothingAndLoadsAnew(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	ctx, cancel := context.WithCancel(t.Context())
	b.hook("ingest.chunk.after-commit", 10, cancel)
	o := b.o
	o.Sources = []*source.Spec{spec}
	out := b.run(ctx, Ingest(o))
	if out.State != pipeline.Cancelled {
		t.Fatalf("the run is %s: %v", out.State, out.Err)
	}
	if rows := b.number("SELECT count(*) FROM staging.purchases"); rows != 0 {
		t.Errorf("%d rows are left", rows)
	}
	if state := b.text("SELECT state FROM staging.loads"); state != "stopped" {
		t.Errorf("the load is %s", state)
	}
	if kept := b.number("SELECT count(*) FROM staging.rejects"); kept == 0 {
		t.Error("no rejects are kept")
	}
	b.lawful()
	if finished := of[pipeline.LoadFinished](out); len(finished) != 1 || finished[0].Discarded == 0 {
		t.Errorf("told: %+v", finished)
	}
	b.ingest(spec)
	b.sameAs(visible, rejects)
}

// A server that ends every session, again and again, costs time and nothing else.
func TestSessionsTerminated(t *testing.T) {
	visible, rejects := expected(t)
	for _, point := range []string{"ingest.copy.before", "ingest.copy.after", "ingest.chunk.before-commit", "ingest.chunk.after-commit", "ingest.load.before-commit"} {
		t.Run(point, func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			n := int64(7)
			if point == "ingest.load.before-commit" {
				n = 1
			}
			b.hook(point, n, func() { b.terminate() })
			b.ingest(spec)
			b.sameAs(visible, rejects)
		})
	}
}

// terminate ends all sessions of the pool but the one it uses.
func (b *bench) terminate() {
	conn, err := pgx.Connect(context.Background(), b.db.URL("staging", localtest.Admin))
	if err == nil {
		_, err = conn.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'etl' AND datname = current_database()")
		err = errors.Join(err, conn.Close(context.Background()))
	}
	if err != nil {
		b.t.Error(err)
	}
}

func TestServerCrashesMidLoad(t *testing.T) {
	visible, rejects := expected(t)
	for _, point := range []string{"ingest.copy.after", "ingest.chunk.after-commit", "ingest.load.before-commit"} {
		t.Run(point, func(t *testing.T) {
			b := newBenchOn(t, localtest.NewWith(t, localtest.Options{Durable: true}))
			spec := b.manyChunks()
			n := int64(20)
			if point == "ingest.load.before-commit" {
				n = 1
			}
			b.hook(point, n, func() {
				if err := b.db.StagingServer.Stop(localtest.Immediate); err != nil {
					t.Error(err)
				}
				if err := b.db.StagingServer.Start(context.Background()); err != nil {
					t.Error(err)
				}
			})
			b.ingest(spec)
			b.sameAs(visible, rejects)
		})
	}
}

// A server that does not come back: the run fails with a hint, and the next one goes on.
func TestServerStaysAway(t *testing.T) {
	visible, rejects := expected(t)
	b := newBenchOn(t, localtest.NewWith(t, localtest.Options{Durable: true, Separate: true}))
	spec := b.manyChunks()
	b.o.Patience = time.Second
	b.o.Sources = []*source.Spec{spec}
	b.hook("ingest.chunk.after-commit", 12, func() {
		if err := b.db.StagingServer.Stop(localtest.Immediate); err != nil {
			t.Error(err)
		}
	})
	x, err := b.ledger.Start(t.Context(), pipeline.Plan{Steps: []pipeline.Step{Ingest(b.o)}})
	if err != nil {
		t.Fatal(err)
	}
	var failed pipeline.StepFailed
	for e, err := range x.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := e.(pipeline.StepFailed); ok {
			failed = e
		}
	}
	if !strings.Contains(failed.Err, "out of reach") || failed.Hint == "" {
		t.Errorf("told: %+v", failed)
	}
	if err := b.db.StagingServer.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Wait(); err == nil {
		t.Error("the run did not fail")
	}
	b.fail = func(string) {}
	o := b.ingest(spec)
	if started := of[pipeline.LoadStarted](o); len(started) != 1 || !started[0].Resumed {
		t.Errorf("told: %+v", started)
	}
	b.sameAs(visible, rejects)
}

// A run that lost its epoch to another writes nothing more.
func TestStaleRunIsFenced(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	var then int64
	b.hook("ingest.chunk.after-commit", 5, func() {
		if _, err := b.pool.Exec(context.Background(), "UPDATE staging.meta SET epoch = epoch + 1"); err != nil {
			t.Error(err)
		}
		then = b.number("SELECT count(*) FROM staging.chunks")
	})
	o := b.try(spec)
	if !errors.Is(o.Err, pipeline.ErrFenced) {
		t.Errorf("error %v", o.Err)
	}
	if state := b.text("SELECT state FROM staging.loads"); state != "loading" {
		t.Errorf("the load is %s", state)
	}
	if n := b.number("SELECT count(*) FROM staging.chunks"); n != then {
		t.Errorf("%d chunks were committed after it", n-then)
	}
}

// proxied puts a proxy between the pool and the server.
func (b *bench) proxied() *toxiproxy.Proxy {
	b.t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", fmt.Sprintf("127.0.0.1:%d", b.db.StagingServer.Port))
	if err := proxy.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(proxy.Stop)
	_, port, _ := strings.Cut(proxy.Listen, ":")
	url := strings.Replace(b.db.TCPURL("staging", "etl"), fmt.Sprintf(":%d/", b.db.StagingServer.Port), ":"+port+"/", 1)
	cfg, err := sql.ParseConfig(url, nil, sql.PoolOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	if b.o.Pool, err = pgxpool.NewWithConfig(b.t.Context(), cfg); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(b.o.Pool.Close)
	return proxy
}

// A proxy that cuts every connection, again and again, in the middle of a chunk.
func TestConnectionsCut(t *testing.T) {
	visible, rejects := expected(t)
	for _, point := range []string{"ingest.copy.before", "ingest.chunk.before-commit"} {
		t.Run(point, func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			proxy := b.proxied()
			var cuts atomic.Int64
			b.fail = func(p string) {
				if n := cuts.Load(); p != point || n >= 40 || cuts.Add(1)%8 != 0 {
					return
				}
				proxy.Stop()
				if err := proxy.Start(); err != nil {
					t.Error(err)
				}
			}
			b.ingest(spec)
			b.sameAs(visible, rejects)
		})
	}
}

// A network that swallows everything without a word is noticed, and the chunk sent again when it is back.
func TestNetworkSwallowsEverything(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.o.Stall = 300 * time.Millisecond
	proxy := b.proxied()
	var back *time.Timer
	b.hook("ingest.copy.before", 9, func() {
		if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name": "hole", "type": "timeout", "attributes": {"timeout": 0}}`)); err != nil {
			t.Error(err)
		}
		back = time.AfterFunc(time.Second, func() {
			if err := proxy.Toxics.RemoveToxic(context.Background(), "hole"); err != nil {
				t.Error(err)
			}
		})
	})
	b.ingest(spec)
	b.sameAs(visible, rejects)
	back.Stop()
}

// TestHelperProcess is no test: it is the process that TestKilledRuns kills.
func TestHelperProcess(t *testing.T) {
	stagingURL := os.Getenv("PENSTOCK_TEST_INGEST_STAGING")
	if stagingURL == "" {
		t.Skip("only as a child")
	}
	pools := map[string]*pgxpool.Pool{}
	for name, url := range map[string]string{"staging": stagingURL, "analytics": os.Getenv("PENSTOCK_TEST_INGEST_ANALYTICS")} {
		pool, err := pgxpool.New(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		pools[name] = pool
	}
	point, nth := os.Getenv("PENSTOCK_TEST_INGEST_POINT"), int64(0)
	if _, err := fmt.Sscan(os.Getenv("PENSTOCK_TEST_INGEST_NTH"), &nth); err != nil {
		t.Fatal(err)
	}
	var count atomic.Int64
	ledger := pipeline.NewLedger(pools["staging"], pools["analytics"], pipeline.Options{
		Host: "test", PID: os.Getpid(), Who: "tester", Version: "test", Now: time.Now,
		Fail: func(p string) {
			if p != point || count.Add(1) != nth {
				return
			}
			if p, err := os.FindProcess(os.Getpid()); err == nil {
				_ = p.Kill()
			}
			select {}
		},
	})
	defer ledger.Close()
	o := IngestOptions{Pool: pools["staging"], ChunkBytes: 8 << 10, SpoolDir: t.TempDir(), Sources: []*source.Spec{shopSpec(os.Getenv("PENSTOCK_TEST_INGEST_FILE"))}}
	if os.Getenv("PENSTOCK_TEST_INGEST_BULK") != "" {
		b := (&bench{o: o}).bulky()
		o = b.o
	}
	if _, err := ledger.Execute(t.Context(), pipeline.Plan{Steps: []pipeline.Step{Ingest(o)}}); err != nil {
		t.Fatal(err)
	}
}

// killed runs ingest in a process that dies the nth time it comes to a point.
func (b *bench) killed(spec *source.Spec, point string, nth int64, bulk bool) {
	b.t.Helper()
	here := b.text("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE datname = current_database()")
	child := exec.CommandContext(b.t.Context(), os.Args[0], "-test.run=^TestHelperProcess$")
	child.Env = append(os.Environ(), "PENSTOCK_TEST_INGEST_STAGING="+b.db.URL("staging", "etl"),
		"PENSTOCK_TEST_INGEST_ANALYTICS="+b.db.URL("analytics", "etl"), "PENSTOCK_TEST_INGEST_FILE="+spec.Path,
		"PENSTOCK_TEST_INGEST_POINT="+point, fmt.Sprintf("PENSTOCK_TEST_INGEST_NTH=%d", nth))
	if bulk {
		child.Env = append(child.Env, "PENSTOCK_TEST_INGEST_BULK=1")
	}
	if out, err := child.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		b.t.Fatalf("the child was to be killed: %v\n%s", err, out)
	}
	// A COMMIT that was on its way may still get through.
	for b.number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'etl'
		AND NOT pid::text = ANY (string_to_array($1, ' '))`, here) > 0 {
		time.Sleep(5 * time.Millisecond)
	}
}

func TestKilledRuns(t *testing.T) {
	visible, rejects := expected(t)
	for _, c := range []struct {
		point string
		nth   int64
	}{
		{"ingest.copy.before", 1},
		{"ingest.copy.before", 20},
		{"ingest.copy.after", 13},
		{"ingest.chunk.before-commit", 2},
		{"ingest.chunk.before-commit", 31},
		{"ingest.chunk.after-commit", 1},
		{"ingest.chunk.after-commit", 25},
		{"ingest.load.before-commit", 1},
	} {
		t.Run(fmt.Sprintf("%s@%d", c.point, c.nth), func(t *testing.T) {
			b := newBench(t)
			spec := b.manyChunks()
			b.killed(spec, c.point, c.nth, false)
			if b.visible() != "0 0" {
				t.Error("a load is seen before it is whole")
			}
			before := b.number("SELECT count(*) FROM staging.chunks")
			var again atomic.Int64
			b.fail = func(p string) {
				if p == "ingest.copy.before" {
					again.Add(1)
				}
			}
			o := b.ingest(spec)
			b.sameAs(visible, rejects)
			total := b.number("SELECT count(*) FROM staging.chunks")
			if sent := again.Load(); sent != total-before {
				t.Errorf("%d chunks were there, %d of %d were sent again", before, sent, total)
			}
			if lost := c.nth - 1 - before; strings.HasPrefix(c.point, "ingest.chunk.after") && lost > 0 {
				t.Errorf("%d committed chunks are lost", lost)
			}
			if started := of[pipeline.LoadStarted](o); len(started) != 1 || !started[0].Resumed {
				t.Errorf("told: %+v", started)
			}
		})
	}
}

// A file that changed while a dead run's load was half done is another load; the half one is given up.
func TestHalfLoadOfAChangedFileIsForgotten(t *testing.T) {
	b := newBench(t)
	spec := b.manyChunks()
	b.hook("ingest.chunk.after-commit", 9, func() {
		if _, err := b.pool.Exec(context.Background(), "UPDATE staging.meta SET epoch = epoch + 1"); err != nil {
			t.Error(err)
		}
	})
	if o := b.try(spec); o.Err == nil {
		t.Fatal("the run was to fail")
	}
	b.fail = func(string) {}
	b.file(filepath.Base(spec.Path), shopHeader+shopLines(10))
	b.ingest(spec)
	if got := b.text("SELECT string_agg(state, ' ' ORDER BY id) FROM staging.loads"); got != "stopped loaded" {
		t.Errorf("the loads are %s", got)
	}
	if rows := b.number("SELECT count(*) FROM staging.purchases"); rows != 10 {
		t.Errorf("%d rows", rows)
	}
	b.lawful()
}

// Chunks of another size than those that are there: the load begins anew.
func TestResumeWithAnotherChunkSize(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.hook("ingest.chunk.after-commit", 9, func() {
		if _, err := b.pool.Exec(context.Background(), "UPDATE staging.meta SET epoch = epoch + 1"); err != nil {
			t.Error(err)
		}
	})
	if o := b.try(spec); o.Err == nil {
		t.Fatal("the run was to fail")
	}
	b.fail = func(string) {}
	// A chunk far behind makes the sizes meet.
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.chunks SET n = n + 20 WHERE n = (SELECT max(n) FROM staging.chunks)"); err != nil {
		t.Fatal(err)
	}
	b.o.ChunkBytes = 5000
	b.ingest(spec)
	b.sameAs(visible, rejects)
}

// What a crash of the server takes back of chunks whose COMMIT was answered is sent again.
func TestChunksTakenBackAreSentAgain(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	b.hook("ingest.chunk.after-commit", 30, func() {
		_, err := b.pool.Exec(context.Background(), `
			WITH gone AS (DELETE FROM staging.chunks WHERE n IN (3, 17) RETURNING record_from, record_from + read AS record_to),
			     rows AS (DELETE FROM staging.purchases p USING gone WHERE record >= record_from AND record < record_to)
			DELETE FROM staging.rejects r USING gone WHERE record >= record_from AND record < record_to`)
		if err != nil {
			t.Error(err)
		}
	})
	o := b.ingest(spec)
	b.sameAs(visible, rejects)
	if o.result.Read != 9000 || o.result.Rejected != rejects {
		t.Errorf("%+v", o.result)
	}
	told := 0
	for _, s := range of[pipeline.RejectSample](o) {
		told += int(max(1, s.More))
	}
	if int64(told) != rejects {
		t.Errorf("told of %d rejects, there are %d", told, rejects)
	}
}

// Somebody who keeps the partition busy, as an autovacuum does, keeps no load from being finished.
func TestBusyPartition(t *testing.T) {
	visible, rejects := expected(t)
	b := newBench(t)
	spec := b.manyChunks()
	conn, err := pgx.Connect(t.Context(), b.db.StagingURL)
	if err != nil {
		t.Fatal(err)
	}
	b.hook("ingest.copy.before", 3, func() {
		if _, err := conn.Exec(context.Background(), "BEGIN; LOCK TABLE staging.purchases_0 IN SHARE UPDATE EXCLUSIVE MODE"); err != nil {
			t.Error(err)
		}
	})
	b.o.IndexFrom = 1
	b.ingest(spec)
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	b.sameAs(visible, rejects)
	b.fail = func(string) {}
	b.ingest(shopSpec(b.file("next.csv", shopHeader+shopLines(3))))
	if n := b.number("SELECT count(*) FROM pg_indexes WHERE tablename = 'purchases_0' AND indexdef LIKE '%brin%'"); n != 1 {
		t.Errorf("%d indexes", n)
	}
}

// A large file whose size is new is hashed while it is loaded; that shows nowhere, however the run ends.
func TestHashedWhileLoading(t *testing.T) {
	visible, rejects := expected(t)
	late := func(t *testing.T) (*bench, *source.Spec) {
		b := newBench(t)
		spec := b.manyChunks()
		b.o.hashAlong = 1
		return b, spec
	}
	identity := "SELECT encode(sha256, 'hex') || encode(file_sha256, 'hex') FROM staging.loads WHERE state = 'loaded'"
	b := newBench(t)
	b.ingest(b.manyChunks())
	want := b.text(identity)

	t.Run("to the end", func(t *testing.T) {
		b, spec := late(t)
		b.ingest(spec)
		b.sameAs(visible, rejects)
		if got := b.text(identity); got != want {
			t.Errorf("identity %s, want %s", got, want)
		}
		if o := b.ingest(spec); len(of[pipeline.LoadSkipped](o)) != 1 {
			t.Errorf("the same again: %+v", o.result)
		}
	})
	t.Run("two of one content", func(t *testing.T) {
		b, spec := late(t)
		content, err := os.ReadFile(spec.Path)
		if err != nil {
			t.Fatal(err)
		}
		b.file("in/a.csv", string(content))
		b.file("in/b.csv", string(content))
		b.file("in/c.csv", strings.Replace(string(content), "P1,", "P9,", 1)) // as long
		spec.Path = filepath.Join(b.dir, "in")
		o := b.ingest(spec)
		if o.result.Read != 18000 || len(of[pipeline.LoadSkipped](o)) != 1 {
			t.Errorf("%+v", o.result)
		}
		b.lawful()
	})
	for name, state := range map[string]string{"loading": "loading", "failed": "failed", "stopped": "stopped"} {
		t.Run("ended before the hash was known, "+name, func(t *testing.T) {
			b, spec := late(t)
			b.hook("ingest.chunk.after-commit", 9, func() {
				if _, err := b.pool.Exec(context.Background(), "UPDATE staging.meta SET epoch = epoch + 1"); err != nil {
					t.Error(err)
				}
			})
			if o := b.try(spec); o.Err == nil {
				t.Fatal("the run was to fail")
			}
			b.fail = func(string) {}
			if _, err := b.pool.Exec(t.Context(), "UPDATE staging.loads SET sha256 = 'none yet', file_sha256 = '', state = $1", state); err != nil {
				t.Fatal(err)
			}
			o := b.ingest(spec)
			b.sameAs(visible, rejects)
			if n := b.number("SELECT count(*) FROM staging.loads"); n != 1 || b.text(identity) != want {
				t.Errorf("%d loads", n)
			}
			if started := of[pipeline.LoadStarted](o); len(started) != 1 || started[0].Resumed != (state == "loading") {
				t.Errorf("told: %+v", started)
			}
		})
	}
}

// A load whose COMMIT got through, while the run was cancelled and did not hear of it, is loaded.
func TestCancelDuringTheLastCommit(t *testing.T) {
	for _, bulk := range []bool{false, true} {
		t.Run(fmt.Sprint("bulk ", bulk), func(t *testing.T) {
			visible, rejects := expected(t)
			b := newBench(t)
			spec := b.manyChunks()
			if bulk {
				b.bulky()
			}
			proxy := b.proxied()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var leaving sync.WaitGroup
			b.hook("ingest.load.before-commit", 1, func() {
				if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(`{"name": "mute", "type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`)); err != nil {
					t.Error(err)
				}
				leaving.Go(func() {
					for b.number("SELECT count(*) FROM staging.loads WHERE state = 'loaded'") == 0 {
						time.Sleep(10 * time.Millisecond)
					}
					cancel()
					if err := proxy.Toxics.RemoveToxic(context.WithoutCancel(ctx), "mute"); err != nil {
						t.Error(err)
					}
				})
			})
			o := b.o
			o.Sources = []*source.Spec{spec}
			out := b.run(ctx, Ingest(o))
			leaving.Wait()
			if out.Err == nil {
				t.Error("the run was to be cancelled")
			}
			b.sameAs(visible, rejects)
			if told := of[pipeline.LoadFinished](out); len(told) != 1 || told[0].State != loadLoaded {
				t.Errorf("told: %+v", told)
			}
			b.fail = func(string) {}
			if o := b.ingest(spec); len(of[pipeline.LoadSkipped](o)) != 1 {
				t.Error("it was loaded again")
			}
		})
	}
}
