package localtest_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestMain(m *testing.M) { localtest.Main(m) }

func ask(t *testing.T, url, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	var answer string
	if err := conn.QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Error(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return answer
}

func TestNewIsMigratedAndFresh(t *testing.T) {
	a, b := localtest.New(t), localtest.New(t)
	const uuid = "SELECT uuid::text FROM staging.meta"
	if first, second := ask(t, a.StagingURL, uuid), ask(t, b.StagingURL, uuid); first == second {
		t.Errorf("two databases have one uuid %s", first)
	}
	if a.StagingServer != b.AnalyticsServer {
		t.Error("tests of one package do not share a server")
	}
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		conn, err := pgx.Connect(t.Context(), a.URL(db, "owner"))
		if err != nil {
			t.Fatal(err)
		}
		have, want, err := sql.SchemaVersion(t.Context(), conn, db)
		if err != nil || have != want || want == 0 {
			t.Errorf("%s has version %d of %d, %v", db, have, want, err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := ask(t, a.TCPURL(sql.Analytics, "etl"), "SELECT session_user || ' ' || current_database()"); !strings.HasPrefix(got, "etl test") {
		t.Errorf("over TCP: %s", got)
	}
}

func TestDatabasesAreDropped(t *testing.T) {
	keep := localtest.New(t)
	var gone string
	t.Run("one", func(t *testing.T) {
		d := localtest.New(t)
		gone = ask(t, d.StagingURL, "SELECT current_database()")
	})
	if got := ask(t, keep.StagingURL, "SELECT count(*)::text FROM pg_database WHERE datname = '"+gone+"'"); got != "0" {
		t.Errorf("%s is still there", gone)
	}
}

func TestUnmigrated(t *testing.T) {
	d := localtest.NewWith(t, localtest.Options{Unmigrated: true})
	if got := ask(t, d.StagingURL, "SELECT count(*)::text FROM pg_namespace WHERE nspname IN ('staging', 'analytics')"); got != "0" {
		t.Errorf("%s schemas are there", got)
	}
}

func TestSeparateServersThatCrash(t *testing.T) {
	d := localtest.NewWith(t, localtest.Options{Separate: true, Durable: true})
	if d.StagingServer == d.AnalyticsServer {
		t.Fatal("one server")
	}
	if got := ask(t, d.StagingURL, "SELECT current_setting('fsync')"); got != "on" {
		t.Errorf("fsync is %s", got)
	}
	if _, err := d.Staging.Exec(t.Context(), "CREATE TABLE staging.t AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []localtest.StopMode{localtest.Immediate, localtest.Fast, localtest.Killed} {
		if err := d.StagingServer.Stop(mode); err != nil {
			t.Fatal(err)
		}
		if err := d.Staging.Ping(t.Context()); err == nil {
			t.Error("a stopped server answers")
		}
		if err := d.Analytics.Ping(t.Context()); err != nil {
			t.Errorf("the other server went too: %v", err)
		}
		if err := d.StagingServer.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, d.StagingURL, "SELECT n::text FROM staging.t"); got != "7" {
			t.Errorf("the row is %q", got)
		}
	}
}
