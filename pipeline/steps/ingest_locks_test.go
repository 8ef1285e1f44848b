package steps

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// heldLoad is a large load that was undone and forgotten while a session read its leaves, which therefore are still
// there; the session stays.
func heldLoad(t *testing.T, user string) (b *bench, holder *pgx.Conn, reload pipeline.Step) {
	t.Helper()
	b = newBench(t)
	b.ingestAs(1, "a", shopHeader+shopLines(3000))
	o := b.o
	o.Sources = []*source.Spec{shopSpec(b.dir + "/a.csv")}
	o.Patience = time.Second
	if o := b.run(t.Context(), UndoLoad(o, 1)); o.Err != nil {
		t.Fatal(o.Err)
	}
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.loads SET finished_at = now() - interval '9 days'"); err != nil {
		t.Fatal(err)
	}
	holder = b.session(user, "BEGIN; SELECT count(*) FROM staging.purchases WHERE customer_id <> 'C\u202e1'")
	o.KeepRejects = 24 * time.Hour
	if o := b.run(t.Context(), Ingest(o)); o.Err != nil {
		t.Fatal(o.Err)
	}
	return b, holder, ReloadLoad(o, 1)
}

// session is one of another program, which has done something and stays.
func (b *bench) session(user, statement string) *pgx.Conn {
	b.t.Helper()
	cfg, err := pgx.ParseConfig(b.db.URL("staging", user))
	if err != nil {
		b.t.Fatal(err)
	}
	cfg.RuntimeParams["application_name"] = "left open"
	conn, err := pgx.ConnectConfig(b.t.Context(), cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.PgConn().Conn().Close() })
	if _, err := conn.Exec(b.t.Context(), statement); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// A load whose old leaves another session holds cannot be read again: the run says who that is, since when and
// with what, and how to get on. It is no server that is out of reach.
func TestReloadBehindASession(t *testing.T) {
	b, holder, reload := heldLoad(t, "etl")
	pid := holder.PgConn().PID()
	o := b.run(t.Context(), reload)
	var busy *busyError
	if !errors.As(o.Err, &busy) || o.ExitCode != pipeline.ExitFailed {
		t.Fatalf("exit %d, %v", o.ExitCode, o.Err)
	}
	for _, want := range []string{
		fmt.Sprintf("lock on what is to be changed: process %d of PostgreSQL, left open, user etl, since ", pid), "with: BEGIN; SELECT count(*) FROM staging.purchases WHERE customer_id <> '…'",
	} {
		if !strings.Contains(o.Err.Error(), want) {
			t.Errorf("no %q in %v", want, o.Err)
		}
	}
	if strings.Contains(o.Err.Error(), "out of reach") || !strings.Contains(hintOf(o.Err), fmt.Sprintf("pg_terminate_backend(%d)", pid)) {
		t.Errorf("%v, hint %q", o.Err, hintOf(o.Err))
	}
	told := of[pipeline.Warning](o)
	if len(told) != 1 || !strings.Contains(told[0].Message, fmt.Sprintf("waiting: another session holds a lock on what is to be changed: process %d", pid)) || told[0].Hint == "" {
		t.Errorf("told while it waited: %+v", told)
	}
	if failed := of[pipeline.StepFailed](o); len(failed) != 1 || failed[0].Hint == "" {
		t.Errorf("told at its end: %+v", failed)
	}
	if err := holder.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := b.run(t.Context(), reload); o.Err != nil || o.result.Loaded != 3000 {
		t.Errorf("behind nobody: %v, %+v", o.Err, o.result)
	}
	b.lawful()
}

// What a role may not see of others is left out, and a session that ends in time costs nothing but time.
func TestReloadOutwaitsASession(t *testing.T) {
	b, holder, _ := heldLoad(t, "analyst")
	o := b.o
	o.Sources, o.Patience = []*source.Spec{shopSpec(b.dir + "/a.csv")}, time.Minute
	x, err := b.ledger.Start(t.Context(), pipeline.Plan{Steps: []pipeline.Step{ReloadLoad(o, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	var waited string
	for e, err := range x.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := e.(pipeline.Warning); ok {
			waited = e.Message
			if err := holder.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	if want := fmt.Sprintf("process %d of PostgreSQL, left open, user analyst", holder.PgConn().PID()); !strings.HasSuffix(waited, want) {
		t.Errorf("told %q, want %q", waited, want)
	}
	if _, err := x.Wait(); err != nil {
		t.Error(err)
	}
	b.lawful()
}

// An undo does not wait for ever for somebody who has the load's row.
func TestUndoBehindASession(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+shopLines(3)))
	b.ingest(spec)
	b.o.Patience = time.Second
	holder := b.session("etl", "BEGIN; SELECT FROM staging.loads WHERE id = 1 FOR UPDATE")
	o := b.undo(1, spec)
	if o.Err == nil || !strings.Contains(o.Err.Error(), fmt.Sprintf("undo load 1: another session holds a lock on what is to be changed: process %d", holder.PgConn().PID())) {
		t.Errorf("%v", o.Err)
	}
	if err := holder.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := b.undo(1, spec); o.Err != nil {
		t.Error(o.Err)
	}
}

func TestSessionsInWords(t *testing.T) {
	since := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		session session
		want    string
	}{
		{session{}, "a prepared transaction"},
		{session{pid: 7}, "process 7 of PostgreSQL"},
		{session{pid: 7, app: "psql", user: "ann", since: since, query: "SELECT 1"}, "process 7 of PostgreSQL, psql, user ann, since 2026-11-22 09:00:00 UTC, with: SELECT 1"},
		{session{pid: 7, app: "a\x1b[31m\nb\u202e"}, "process 7 of PostgreSQL, a [31m b"},
		{session{pid: 7, query: "ALTER ROLE x\n\tPASSWORD 'it''s secret'; SELECT $$ more $$, 'cut of"}, "process 7 of PostgreSQL, with: ALTER ROLE x PASSWORD '…'; SELECT '…', '…'"},
		{session{pid: 7, query: strings.Repeat("SELECT 1 ", 40)}, "process 7 of PostgreSQL, with: " + strings.Repeat("SELECT 1 ", 11) + "…"},
	} {
		if got := c.session.String(); got != c.want {
			t.Errorf("%+v:\n%q\n%q", c.session, got, c.want)
		}
	}
	for _, e := range []struct {
		busy       busyError
		text, hint string
	}{
		{busyError{}, "another session holds a lock on what is to be changed", "pg_stat_activity"},
		{busyError{holder: &session{}}, "another session holds a lock on what is to be changed: a prepared transaction", "pg_prepared_xacts"},
		{busyError{holder: &session{pid: 7}, more: 2}, "another session holds a lock on what is to be changed: process 7 of PostgreSQL; and 2 more", "pg_terminate_backend(7)"},
	} {
		if e.busy.Error() != e.text || !strings.Contains(e.busy.Hint(), e.hint) {
			t.Errorf("%q, hint %q", e.busy.Error(), e.busy.Hint())
		}
	}
}
