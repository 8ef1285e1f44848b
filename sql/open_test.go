package sql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

const canary = "s3cret-canary"

func hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

func TestTLSPolicy(t *testing.T) {
	for _, c := range []struct {
		name, url string
		allow     bool
		refused   bool
	}{
		{"socket", "postgres://u@/d?host=/run/postgresql", false, false},
		{"abstract socket", "postgres://u@/d?host=@pg", false, false},
		{"localhost", "postgres://u@localhost/d", false, false},
		{"loopback v4", "postgres://u@127.0.0.1/d?sslmode=disable", false, false},
		{"loopback v6", "postgres://u@[::1]:5433/d", false, false},
		{"verify-full", "postgres://u@db.example/d?sslmode=verify-full", false, false},
		{"unset is prefer", "postgres://u@db.example/d", false, true},
		{"disable", "postgres://u@db.example/d?sslmode=disable", false, true},
		{"allow", "postgres://u@db.example/d?sslmode=allow", false, true},
		{"require", "postgres://u@db.example/d?sslmode=require", false, true},
		{"verify-ca", "postgres://u@db.example/d?sslmode=verify-ca", false, true},
		{"one weak of two hosts", "postgres://u@localhost,db.example/d?sslmode=disable", false, true},
		{"two verified hosts", "postgres://u@a.example,b.example/d?sslmode=verify-full", false, false},
		{"private address", "postgres://u@10.0.0.5/d?sslmode=prefer", false, true},
		{"words", "host=db.example user=u dbname=d sslmode=require", false, true},
		{"allowed", "postgres://u@db.example/d?sslmode=require", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sql.ParseConfig(c.url, nil, sql.PoolOptions{AllowWeakTLS: c.allow})
			if got := errors.Is(err, sql.ErrWeakTLS); got != c.refused || !c.refused && err != nil {
				t.Fatalf("error %v", err)
			}
			if c.refused && !strings.Contains(hint(err), "sslmode=verify-full") {
				t.Errorf("hint %q", hint(err))
			}
		})
	}
}

func TestTLSPolicyHoldsForWhatTheEnvironmentAdds(t *testing.T) {
	t.Setenv("PGSSLMODE", "require")
	if _, err := sql.ParseConfig("postgres://u@db.example/d", nil, sql.PoolOptions{}); !errors.Is(err, sql.ErrWeakTLS) {
		t.Errorf("PGSSLMODE=require: %v", err)
	}
	t.Setenv("PGSSLMODE", "verify-full")
	if _, err := sql.ParseConfig("postgres://u@db.example/d", nil, sql.PoolOptions{}); err != nil {
		t.Errorf("PGSSLMODE=verify-full: %v", err)
	}
	t.Setenv("PGHOST", "db.example")
	t.Setenv("PGSSLMODE", "disable")
	if _, err := sql.ParseConfig("postgres:///d", nil, sql.PoolOptions{}); !errors.Is(err, sql.ErrWeakTLS) {
		t.Errorf("PGHOST: %v", err)
	}
}

func TestParseErrorsHoldNoPassword(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "ca.pem")
	for _, c := range []struct{ url, says, hint string }{
		{"postgres://u:" + canary + "/x@h/d", "not valid", "%2F"},
		{"postgres://u:" + canary + "@h:port/d", "not valid", "postgres://"},
		{"postgres://u:%zz" + canary + "@h/d", "not valid", "postgres://"},
		{"postgres://u:" + canary + "@h/d?sslmode=strict", "not valid", "verify-full"},
		{"postgres://u:" + canary + "@h/d?sslmode=verify-full&sslrootcert=" + missing, "ca.pem", "sslrootcert"},
		{"postgres://u:" + canary + "@h/d?service=none", "service", "service"},
		{"host=h password=" + canary + " port=no", "not valid", "postgres://"},
		{"host=h password='" + canary, "not valid", "postgres://"},
		{canary, "not valid", "postgres://"},
	} {
		_, err := sql.ParseConfig(c.url, nil, sql.PoolOptions{})
		if err == nil {
			t.Errorf("%s is taken", c.url)
			continue
		}
		if all := fmt.Sprintf("%v %+v %#v %s", err, err, err, hint(err)); strings.Contains(all, canary) {
			t.Errorf("%s: the error shows the password: %s", c.url, all)
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), canary) {
				t.Errorf("%s: a wrapped error shows the password: %v", c.url, e)
			}
		}
		if !strings.Contains(err.Error(), c.says) || !strings.Contains(hint(err), c.hint) {
			t.Errorf("%s: %v; hint %q", c.url, err, hint(err))
		}
	}
}

func TestEveryConnectionHasItsSettings(t *testing.T) {
	d := localtest.New(t)
	cfg, err := sql.ParseConfig(d.StagingURL+"&datestyle=German&statement_timeout=7s", nil,
		sql.PoolOptions{AppName: "penstock run 7", MaxConns: 3, StatementTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if got := pool.Config().MaxConns; got != 3 {
		t.Errorf("%d connections", got)
	}
	for name, want := range map[string]string{
		"client_connection_check_interval":    "1s",
		"timezone":                            "UTC",
		"datestyle":                           "ISO, YMD",
		"client_encoding":                     "UTF8",
		"extra_float_digits":                  "1",
		"application_name":                    "penstock run 7",
		"idle_in_transaction_session_timeout": "1min",
		"statement_timeout":                   "7s", // the user's own wins
	} {
		var got string
		if err := pool.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	d := localtest.New(t)
	s := d.StagingServer
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, url, says, hint string }{
		{"refused", "postgres://u:" + canary + "@" + nobody + "/d?sslmode=disable", "connect to d at " + nobody + " as u: connect: connection refused", "nothing listens"},
		{"no socket", "postgres://u:" + canary + "@/d?host=/nonexistent", "at /nonexistent as u", "start PostgreSQL"},
		{"no database", s.URL("owner", "nothere"), `database "nothere" does not exist`, "createdb nothere"},
		{"no user", s.URL("stranger", "postgres"), `role "stranger" does not exist`, "does not exist"},
		{"no TLS", strings.Replace(s.TCPURL("owner", "postgres"), "sslmode=disable", "sslmode=require", 1), "server refused TLS", "no TLS"},
		{"no such host", "postgres://u:" + canary + "@host.invalid/d?sslmode=verify-full&connect_timeout=3", "host.invalid", "host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := sql.ParseConfig(c.url, nil, sql.PoolOptions{})
			if err != nil {
				t.Fatal(err)
			}
			pool, err := sql.Open(t.Context(), cfg)
			if err == nil {
				pool.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(hint(err), c.hint) {
				t.Errorf("error %q\nhint %q", err, hint(err))
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), canary) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows a password or has lines: %v", err)
			}
		})
	}
}

func TestPasswordIsAskedForEachConnection(t *testing.T) {
	d := localtest.New(t)
	var asked int
	ask := func() (string, error) { asked++; return "unused", nil }
	cfg, err := sql.ParseConfig(d.StagingURL, ask, sql.PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if asked == 0 {
		t.Error("nobody asked for the password")
	}
	cfg, err = sql.ParseConfig(d.StagingURL, func() (string, error) { return "", os.ErrNotExist }, sql.PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if pool, err := sql.Open(t.Context(), cfg); !errors.Is(err, os.ErrNotExist) {
		pool.Close()
		t.Errorf("error %v", err)
	}
}

func TestClarify(t *testing.T) {
	if sql.Clarify(nil) != nil {
		t.Error("nil became an error")
	}
	plain := errors.New("plain")
	if sql.Clarify(plain) != plain { //nolint:errorlint // the very same error is meant
		t.Error("an error without advice was wrapped")
	}
	for _, c := range []struct {
		err  *pgconn.PgError
		hint string
	}{
		{&pgconn.PgError{Code: "53100"}, "disk is full"},
		{&pgconn.PgError{Code: "53200", Message: "out of memory"}, "work_mem"},
		{&pgconn.PgError{Code: "53200", Message: "out of shared memory"}, "max_locks_per_transaction"},
		{&pgconn.PgError{Code: "53300"}, "max_connections"},
		{&pgconn.PgError{Code: "28P01"}, "password"},
		{&pgconn.PgError{Code: "57P03"}, "try again"},
		{&pgconn.PgError{Code: "42P01", Message: `relation "staging.loads" does not exist`}, "--run migrate"},
		{&pgconn.PgError{Code: "42P01", Message: `relation "lodas" does not exist`, Hint: "the server's own"}, "the server's own"},
	} {
		err := sql.Clarify(fmt.Errorf("copy: %w", c.err))
		if !strings.Contains(hint(err), c.hint) {
			t.Errorf("%s: hint %q", c.err.Code, hint(err))
		}
		var server *pgconn.PgError
		if !errors.As(err, &server) || server.Code != c.err.Code {
			t.Errorf("%s: the server's error is lost in %v", c.err.Code, err)
		}
		if again := sql.Clarify(err); again != err { //nolint:errorlint // the very same error is meant
			t.Errorf("%s: wrapped twice", c.err.Code)
		}
	}
}

// TestServerGoesAway has connections break in the ways that a crash of the server breaks them.
func TestServerGoesAway(t *testing.T) {
	d := localtest.NewWith(t, localtest.Options{Own: true})
	pool := d.Pool(t, sql.Staging, "etl")
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := d.StagingServer.Stop(localtest.Killed); err != nil {
		t.Fatal(err)
	}
	// A session may go on for a moment when the server's first process is dead, and may say why it ends.
	for err = nil; err == nil; {
		_, err = conn.Exec(t.Context(), "SELECT 1")
	}
	if err = sql.Clarify(fmt.Errorf("ask: %w", err)); !sql.Gone(err) || hint(err) == "" {
		t.Errorf("a connection that breaks: %v, hint %q", err, hint(err))
	}
	_, err = conn.Exec(t.Context(), "SELECT 1")
	if err = sql.Clarify(fmt.Errorf("ask: %w", err)); !errors.Is(err, sql.ErrGone) || !sql.Gone(err) || hint(err) == "" {
		t.Errorf("one that broke before: %v, hint %q", err, hint(err))
	}
	if _, err := pool.Exec(t.Context(), "SELECT 1"); !sql.Gone(fmt.Errorf("ask: %w", err)) {
		t.Errorf("a new connection: %v", err)
	}
	for _, other := range []error{
		nil, errors.New("plain"), context.Canceled, fmt.Errorf("read: %w", io.ErrUnexpectedEOF), &pgconn.PgError{Code: "23505"},
		sql.Clarify(fmt.Errorf("%w: %w", context.Canceled, io.ErrUnexpectedEOF)),
	} {
		if sql.Gone(other) {
			t.Errorf("%v is taken for a server that went away", other)
		}
	}
}

// TestCancelQueries stops a statement the way a person does, by ending its context: the server says that
// it did, and the connection goes on.
func TestCancelQueries(t *testing.T) {
	d := localtest.New(t)
	cfg, err := sql.ParseConfig(d.URL(sql.Analytics, "analyst"), nil, sql.PoolOptions{MaxConns: 1, CancelQueries: true})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pid := func() (pid int) {
		if err := pool.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	before := pid()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var working sync.WaitGroup
	var stopped error
	working.Go(func() { _, stopped = pool.Exec(ctx, "SELECT pg_sleep(600)") })
	looking, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	other := d.Pool(t, sql.Analytics, "analyst") // only the same user sees what a connection waits for
	for {
		var state string
		err := other.QueryRow(looking, "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = $1", before).Scan(&state)
		if err != nil {
			t.Fatal(err)
		}
		if state == "PgSleep" {
			break
		}
	}
	cancel()
	working.Wait()
	var server *pgconn.PgError
	if !errors.As(stopped, &server) || server.Code != "57014" {
		t.Errorf("the statement ended with %v, not cancelled by the server", stopped)
	}
	if after := pid(); after != before {
		t.Errorf("connection %d was given up for %d", before, after)
	}
}
