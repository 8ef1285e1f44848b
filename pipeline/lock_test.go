package pipeline

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestASecondRunIsToldWhoHoldsTheLock(t *testing.T) {
	d := localtest.New(t)
	s, started, _ := blocker(Ingest)
	first := start(t, process(t, d, "ann"), Plan{Steps: []Step{s}})
	<-started
	out, err := process(t, d, "bob").Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	mustBe(t, err, ErrLocked)
	if out.ExitCode != ExitLocked || out.Run != 0 {
		t.Errorf("%+v", out)
	}
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Run != first.ID() || locked.Who != "ann" || locked.Host != "host-ann" ||
		locked.PID != 4711 || locked.Since.IsZero() || locked.Database != sql.Staging {
		t.Errorf("%+v", locked)
	}
	for _, part := range []string{"run 1 of ann (host host-ann, process 4711) holds the lock", "since 20"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if n := get[int](t, d.Staging, "SELECT count(*) FROM staging.runs"); n != 1 {
		t.Errorf("%d runs noted", n)
	}
}

// TestPairs starts two runs at once, again and again: exactly one runs, and the
// other names it.
func TestPairs(t *testing.T) {
	d := localtest.New(t)
	ledgers := []*Ledger{process(t, d, "ann"), process(t, d, "bob")}
	pairs := 100
	if testing.Short() {
		pairs = 10
	}
	for pair := range pairs {
		ctx := testContext(t)
		refused := make(chan struct{})
		hold := step(Ingest, func(ctx context.Context, _ *RunContext) (Result, error) {
			select { // the winner stays until the loser was turned away
			case <-refused:
				return Result{}, nil
			case <-ctx.Done():
				return Result{}, context.Cause(ctx)
			}
		})
		outs, errs := make([]Outcome, 2), make([]error, 2)
		var wg sync.WaitGroup
		var once sync.Once
		for i, l := range ledgers {
			wg.Go(func() {
				outs[i], errs[i] = l.Execute(ctx, Plan{Steps: []Step{hold}})
				once.Do(func() { close(refused) })
			})
		}
		wg.Wait()
		winner := slices.Index(errs, nil)
		if winner < 0 || errs[1-winner] == nil {
			t.Fatalf("pair %d: %v", pair, errs)
		}
		var locked *LockedError
		if !errors.As(errs[1-winner], &locked) || locked.Run != outs[winner].Run || locked.Who != ledgers[winner].o.Who {
			t.Fatalf("pair %d: run %d won, the other says: %v", pair, outs[winner].Run, errs[1-winner])
		}
	}
	if n := get[int](t, d.Staging, "SELECT count(*) FROM staging.runs WHERE state = 'done'"); n != pairs {
		t.Errorf("%d runs, want %d", n, pairs)
	}
}

// TestAKilledHolderFreesTheLock kills another process that holds the lock.
func TestAKilledHolderFreesTheLock(t *testing.T) {
	for _, mode := range []string{"idle", "busy"} {
		t.Run(mode, func(t *testing.T) {
			d := localtest.New(t)
			cmd := exec.CommandContext(testContext(t), os.Args[0])
			cmd.Env = append(os.Environ(), "PENSTOCK_TEST_HOLDER="+mode,
				"PENSTOCK_TEST_STAGING="+d.URL(sql.Staging, "etl"), "PENSTOCK_TEST_ANALYTICS="+d.URL(sql.Analytics, "etl"))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, _ := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
				t.Fatalf("the holder says %q", line)
			}
			l := process(t, d, "ann")
			if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); !errors.Is(err, ErrLocked) {
				t.Fatalf("while it lives: %v", err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			killed := time.Now()
			var second Outcome
			eventually(t, "the lock is free", func(ctx context.Context) bool {
				var err error
				second, err = l.Execute(ctx, Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
				return err == nil
			})
			t.Logf("the lock was free after %v", time.Since(killed))
			r, err := l.RunByID(testContext(t), second.Run-1)
			if err != nil || r.State != Interrupted || r.FinishedAt == nil || r.Err == "" || r.Hint == "" {
				t.Errorf("the killed run: %+v %v", r, err)
			}
		})
	}
}

func TestGuardShutsOutAStaleRun(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	write := func(ctx context.Context, rc *RunContext, db sql.Database) error {
		pool := l.staging
		if db == sql.Analytics {
			pool = l.analytics
		}
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return rc.Guard(ctx, tx, db) })
	}
	_, err := l.Execute(testContext(t), Plan{Steps: []Step{step(Ingest, func(ctx context.Context, rc *RunContext) (Result, error) {
		for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
			if err := write(ctx, rc, db); err != nil {
				t.Errorf("as the holder: %v", err)
			}
			do(t, d.Staging, "UPDATE staging.meta SET epoch = epoch + 1")
			do(t, d.Analytics, "UPDATE analytics.meta SET epoch = epoch + 1")
			err := write(ctx, rc, db)
			mustBe(t, err, ErrFenced)
			if !strings.Contains(err.Error(), string(db)) {
				t.Errorf("which database? %v", err)
			}
			do(t, d.Staging, "UPDATE staging.meta SET epoch = epoch - 1")
			do(t, d.Analytics, "UPDATE analytics.meta SET epoch = epoch - 1")
		}
		return Result{}, nil
	})}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestANewRunWaitsForTheTransactionsOfTheLast(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	tx, err := d.Staging.Begin(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // committed by then, unless the test failed
	// A run that lost its lock has passed its guard and is about to commit.
	if _, err := tx.Exec(testContext(t), "SELECT epoch FROM staging.meta FOR SHARE"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
			t.Error(err)
		}
	})
	admin := d.Pool(t, sql.Staging, localtest.Admin)
	eventually(t, "the new run waits", func(context.Context) bool {
		return get[bool](t, admin, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
			AND datname = current_database() AND query LIKE '%UPDATE staging.meta%')`)
	})
	if err := tx.Commit(testContext(t)); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
}

func TestANewRunDoesNotWaitForEver(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann", func(o *Options) { o.EpochLimit = 50 * time.Millisecond })
	for db, pool := range map[string]*pgxpool.Pool{"staging": d.Staging, "analytics": d.Analytics} {
		tx, err := pool.Begin(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(testContext(t), "SELECT epoch FROM "+pgx.Identifier{db, "meta"}.Sanitize()+" FOR SHARE"); err != nil {
			t.Fatal(err)
		}
		out, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
		if err == nil || !strings.Contains(hintOf(err), "still open") || out.ExitCode != ExitFailed {
			t.Errorf("%s: %+v %v (%s)", db, out, err, hintOf(err))
		}
		if err := tx.Rollback(testContext(t)); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
		t.Error(err)
	}
}

// TestAGhostOfTheRunIsLaid has the old session of a run hold the lock although
// the run can no longer reach it.
func TestAGhostOfTheRunIsLaid(t *testing.T) {
	d := localtest.New(t)
	pool := d.Pool(t, sql.Staging, "etl")
	k := newLock(sql.Staging, pool)
	if err := k.open(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if got, err := k.try(testContext(t)); err != nil || !got {
		t.Fatal(got, err)
	}
	ghost := k.conn
	defer ghost.Close(context.Background()) //nolint:errcheck // it was ended from outside
	k.conn = nil
	if err := k.retake(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := ghost.Ping(testContext(t)); err == nil {
		t.Error("the old session lives")
	}
	k.release(testContext(t))
}

// lockSessions kills the sessions that hold the run locks in a database.
const lockSessions = `SELECT count(pg_terminate_backend(pid)) FROM pg_locks
	WHERE locktype = 'advisory' AND classid = 1885695603 AND granted
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

func TestALostLockIsTakenAgain(t *testing.T) {
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		t.Run(string(db), func(t *testing.T) {
			d := localtest.New(t)
			logged := &logLines{}
			l := process(t, d, "ann", func(o *Options) { o.Log = newLogger(logged) })
			s, started, release := blocker(Ingest)
			x := start(t, l, Plan{Steps: []Step{s}})
			<-started
			pool := d.Pool(t, db, localtest.Admin)
			for range 3 {
				before := get[int](t, pool, "SELECT max(pid) FROM pg_stat_activity WHERE application_name LIKE 'penstock run%' AND datname = current_database()")
				if n := get[int](t, pool, lockSessions); n != 1 {
					t.Fatalf("%d sessions held the lock", n)
				}
				eventually(t, "the lock is held again", func(context.Context) bool {
					return get[bool](t, pool, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1885695603
						AND granted AND pid <> $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, before)
				})
			}
			if _, err := process(t, d, "bob").Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); !errors.Is(err, ErrLocked) {
				t.Errorf("another run: %v", err)
			}
			release()
			if out, err := x.Wait(); err != nil || out.Spool != "" {
				t.Errorf("%+v %v", out, err)
			}
			if got := kinds(collect(t, l.Next, x.ID())); !slices.Equal(got, []string{"run_started", "step_started ingest", "step_finished ingest", "run_finished"}) {
				t.Errorf("events %q", got)
			}
			if !logged.has("the lock is lost") || !logged.has("the lock is held again") {
				t.Error("the log says nothing of it")
			}
		})
	}
}

func TestALockThatAnotherRunTookEndsTheRun(t *testing.T) {
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		t.Run(string(db), func(t *testing.T) {
			d := localtest.New(t)
			l := process(t, d, "ann")
			s, started, _ := blocker(Ingest)
			x := start(t, l, Plan{Steps: []Step{s}})
			<-started
			pool := d.Pool(t, db, localtest.Admin)
			next := "UPDATE staging.meta SET epoch = epoch + 1"
			if db == sql.Analytics {
				next = "UPDATE analytics.meta SET epoch = epoch + 1"
			}
			do(t, pool, next)
			get[int](t, pool, lockSessions)
			out, err := x.Wait()
			mustBe(t, err, ErrFenced)
			if out.State != Failed || out.ExitCode != ExitFailed {
				t.Errorf("%+v", out)
			}
			if r, err := l.RunByID(testContext(t), x.ID()); err != nil || r.State != Failed {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
}

func TestALockThatCannotBeTakenAgainEndsTheRun(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann", func(o *Options) { o.LockGrace = 500 * time.Millisecond })
	s, started, _ := blocker(Ingest)
	x := start(t, l, Plan{Steps: []Step{s}})
	<-started
	// Somebody has the lock without being a run: the epoch stays.
	thief, err := d.Pool(t, sql.Staging, "owner").Acquire(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	defer thief.Release()
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := thief.Exec(testContext(t), "SELECT pg_advisory_lock($1, $2)", lockClass, lockStaging); err != nil {
			t.Error(err)
		}
	})
	admin := d.Pool(t, sql.Staging, localtest.Admin)
	eventually(t, "the thief waits", func(context.Context) bool {
		return get[int](t, admin, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1885695603 AND NOT granted") == 1
	})
	get[int](t, admin, lockSessions)
	wg.Wait()
	_, err = x.Wait()
	if err == nil || hintOf(err) == "" || !strings.Contains(err.Error(), "is lost for") {
		t.Errorf("got %v", err)
	}
	if _, err := thief.Exec(testContext(t), "SELECT pg_advisory_unlock_all()"); err != nil {
		t.Error(err)
	}
}

func TestAForeignHolderIsNamedAsFarAsItCanBe(t *testing.T) {
	d, other := localtest.New(t), localtest.New(t)
	s, started, _ := blocker(Ingest)
	start(t, process(t, d, "ann"), Plan{Steps: []Step{s}})
	<-started
	// Another staging database, the same analytics.
	l := NewLedger(other.Staging, d.Analytics, testOptions("bob"))
	t.Cleanup(l.Close)
	_, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	mustBe(t, err, ErrLocked)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Run != 0 || locked.Database != sql.Analytics || !strings.Contains(locked.Who, "another staging database") {
		t.Errorf("%+v", locked)
	}
	// The lock in its own staging was given back.
	out, err := process(t, other, "eve").Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	if err != nil || out.Run != 1 {
		t.Errorf("%+v %v", out, err)
	}
}

func TestRunsNeedTheSchema(t *testing.T) {
	d := localtest.NewWith(t, localtest.Options{Unmigrated: true})
	_, err := NewLedger(d.Staging, d.Analytics, testOptions("ann")).Start(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	if err == nil || !strings.Contains(hintOf(err), "migrate") {
		t.Errorf("%v (%s)", err, hintOf(err))
	}
	_, err = NewLedger(d.Staging, nil, testOptions("ann")).Start(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	if err == nil || !strings.Contains(err.Error(), "no analytics database") {
		t.Error(err)
	}
}
