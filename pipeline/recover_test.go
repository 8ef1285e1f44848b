package pipeline

import (
	"context"
	"errors"
	"io"
	"testing"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// deadRun notes a run whose process died a while ago, in ingest.
func deadRun(t *testing.T, d *localtest.Databases) int64 {
	t.Helper()
	run := get[int64](t, d.Staging, `WITH r AS (
		INSERT INTO staging.runs (state, tasks, epoch, started_at, heartbeat_at, host, pid, who, version)
		SELECT 'running', '{ingest,transform}', epoch, now() - interval '1 hour', now() - interval '50 minutes', 'box', 12, 'ann', 'test'
		FROM staging.meta RETURNING id)
		SELECT id FROM r`)
	do(t, d.Staging, `INSERT INTO staging.steps (run, step, engine, state, started_at)
		VALUES ($1, 'ingest', 'go', 'running', now() - interval '1 hour'), ($1, 'transform', 'sql', 'waiting', NULL)`, run)
	do(t, d.Staging, `INSERT INTO staging.events (run, seq, at, kind, body) VALUES ($1, 1, now(), 'warning', '{"message": "last words"}')`, run)
	return run
}

func TestALookMarksADeadRun(t *testing.T) {
	for name, look := range map[string]func(ctx context.Context, l *Ledger, run int64) error{
		"the list": func(ctx context.Context, l *Ledger, _ int64) error { _, err := l.Runs(ctx, 5); return err },
		"the run":  func(ctx context.Context, l *Ledger, run int64) error { _, err := l.RunByID(ctx, run); return err },
		"its end": func(ctx context.Context, l *Ledger, run int64) error {
			_, err := l.Next(ctx, run, 2)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		},
		"recovery": func(ctx context.Context, l *Ledger, _ int64) error { return l.Recover(ctx) },
		"a start": func(ctx context.Context, l *Ledger, _ int64) error {
			_, err := l.Execute(ctx, Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := localtest.New(t)
			run := deadRun(t, d)
			if err := look(testContext(t), process(t, d, "bob"), run); err != nil {
				t.Fatal(err)
			}
			if s := get[string](t, d.Staging, "SELECT state FROM staging.runs WHERE id = $1", run); s != "interrupted" {
				t.Errorf("the ledger says %s", s)
			}
			r, err := process(t, d, "eve").RunByID(testContext(t), run)
			if err != nil || r.State != Interrupted || r.Err != "process 12 on host box ended without a word" || r.Hint == "" ||
				r.FinishedAt == nil || !r.FinishedAt.Equal(r.HeartbeatAt) || r.ExitCode != nil {
				t.Errorf("%+v %v", r, err)
			}
			steps, err := process(t, d, "eve").Steps(testContext(t), run)
			if err != nil || steps[0].State != Interrupted || steps[1].State != Skipped || steps[1].Reason == "" {
				t.Errorf("%+v %v", steps, err)
			}
		})
	}
}

func TestAnAnalystSeesADeadRunAsInterrupted(t *testing.T) {
	d := localtest.New(t)
	run := deadRun(t, d)
	l := NewLedger(d.Pool(t, sql.Staging, "analyst"), nil, testOptions("ann"))
	t.Cleanup(l.Close)
	runs, err := l.Runs(testContext(t), 5)
	if err != nil || len(runs) != 1 || runs[0].State != Interrupted {
		t.Errorf("%+v %v", runs, err)
	}
	if e, err := l.Next(testContext(t), run, 2); !errors.Is(err, io.EOF) {
		t.Errorf("%v %v", e, err)
	}
	if s := get[string](t, d.Staging, "SELECT state FROM staging.runs"); s != "running" {
		t.Errorf("the ledger says %s", s)
	}
}

// TestAStaleRunThatHoldsItsLockIsAlive makes the heartbeat of a live run look
// old, again and again.
func TestAStaleRunThatHoldsItsLockIsAlive(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	s, started, release := blocker(Ingest)
	x := start(t, l, Plan{Steps: []Step{s}})
	<-started
	watcher := process(t, d, "bob")
	analyst := NewLedger(d.Pool(t, sql.Staging, "analyst"), nil, testOptions("ann"))
	t.Cleanup(analyst.Close)
	for range 20 {
		do(t, d.Staging, "UPDATE staging.runs SET heartbeat_at = now() - interval '1 hour'")
		for _, l := range []*Ledger{watcher, analyst} {
			r, err := l.RunByID(testContext(t), x.ID())
			if err != nil || r.State != Running {
				t.Fatalf("%+v %v", r, err)
			}
		}
	}
	release()
	if _, err := x.Wait(); err != nil {
		t.Error(err)
	}
}

// TestARunGivenUpTooEarlyLivesAgain has a run that lost its lock for a while.
func TestARunGivenUpTooEarlyLivesAgain(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	s, started, release := blocker(Ingest)
	x := start(t, l, Plan{Steps: []Step{s, quick(Transform, Result{}, nil)}})
	<-started
	eventually(t, "the ledger knows that ingest runs", func(context.Context) bool {
		return get[bool](t, d.Staging, "SELECT EXISTS (SELECT FROM staging.steps WHERE state = 'running')")
	})
	if err := interrupt(testContext(t), d.Staging, []int64{x.ID()}, 0); err != nil {
		t.Fatal(err)
	}
	get[int](t, d.Pool(t, sql.Staging, localtest.Admin), lockSessions)
	eventually(t, "it is running again", func(context.Context) bool {
		return get[bool](t, d.Staging, `SELECT state = 'running' AND finished_at IS NULL AND error IS NULL AND
			(SELECT array_agg(state ORDER BY step) = '{running,waiting}' FROM staging.steps) FROM staging.runs`)
	})
	release()
	if _, err := x.Wait(); err != nil {
		t.Error(err)
	}
	r, err := l.RunByID(testContext(t), x.ID())
	if err != nil || r.State != Done || r.Err != "" {
		t.Errorf("%+v %v", r, err)
	}
}
