package sql_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func unmigrated(t *testing.T) (*localtest.Databases, *pgx.Conn) {
	t.Helper()
	d := localtest.NewWith(t, localtest.Options{Unmigrated: true})
	return d, connect(t, d.StagingURL)
}

func TestMigrateFromNothingAndAgain(t *testing.T) {
	d, conn := unmigrated(t)
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		conn := connect(t, d.URL(db, "owner"))
		have, want, err := sql.SchemaVersion(t.Context(), conn, db)
		if err != nil || have != 0 || want != len(sql.Names(string(db))) {
			t.Fatalf("%s: version %d of %d, %v", db, have, want, err)
		}
		var told []string
		o := sql.MigrateOptions{Allow: true, Log: func(_ int, name string) { told = append(told, name) }}
		res, err := sql.Migrate(t.Context(), conn, db, o)
		if err != nil || res.From != 0 || res.To != want || len(res.Applied) != want || len(told) != want {
			t.Fatalf("%s: %+v, told %v, %v", db, res, told, err)
		}
		res, err = sql.Migrate(t.Context(), conn, db, sql.MigrateOptions{})
		if err != nil || res.From != want || res.To != want || len(res.Applied) != 0 {
			t.Errorf("%s again: %+v, %v", db, res, err)
		}
	}
	var owner string
	if err := conn.QueryRow(t.Context(), "SELECT tableowner FROM pg_tables WHERE schemaname = 'staging' AND tablename = 'loads'").Scan(&owner); err != nil || owner != "owner" {
		t.Errorf("tables belong to %q, %v", owner, err)
	}
}

func TestMigrateActsAsTheSchemasOwner(t *testing.T) {
	d, _ := unmigrated(t)
	admin := connect(t, d.URL(sql.Staging, localtest.Admin))
	if err := sql.EnsureRoles(t.Context(), admin, sql.Staging); err != nil {
		t.Fatal(err)
	}
	if _, err := sql.Migrate(t.Context(), connect(t, d.StagingURL), sql.Staging, sql.MigrateOptions{Allow: true}); err != nil {
		t.Fatal(err)
	}
	var strangers int
	if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'staging' AND tableowner <> $1", sql.RoleOwner).Scan(&strangers); err != nil || strangers != 0 {
		t.Errorf("%d tables belong to somebody else, %v", strangers, err)
	}
}

func TestMigrateRefuses(t *testing.T) {
	_, conn := unmigrated(t)
	ctx := t.Context()
	one := sql.MigrateOptions{Allow: true}.WithMigrations("CREATE TABLE staging.a ()")
	two := sql.MigrateOptions{}.WithMigrations("CREATE TABLE staging.a ()", "CREATE TABLE staging.b ()")

	res, err := sql.Migrate(ctx, conn, sql.Staging, two)
	if !errors.Is(err, sql.ErrPending) || !errors.Is(err, sql.ErrNoTables) || !strings.Contains(hint(err), "--run migrate") || len(res.Applied) != 0 ||
		err.Error() != "the staging database has no tables of this program yet" {
		t.Errorf("an empty database, not allowed: %+v, %v", res, err)
	}
	if _, err := sql.Migrate(ctx, conn, sql.Staging, one); err != nil {
		t.Fatal(err)
	}
	res, err = sql.Migrate(ctx, conn, sql.Staging, two)
	if !errors.Is(err, sql.ErrPending) || errors.Is(err, sql.ErrNoTables) || res.From != 1 || res.To != 1 {
		t.Errorf("an older schema, not allowed: %+v, %v", res, err)
	}
	two.Allow = true
	if res, err = sql.Migrate(ctx, conn, sql.Staging, two); err != nil || res.From != 1 || res.To != 2 {
		t.Errorf("an older schema: %+v, %v", res, err)
	}
	if _, err := sql.Migrate(ctx, conn, sql.Staging, one); !errors.Is(err, sql.ErrNewerSchema) || !strings.Contains(hint(err), "upgrade") {
		t.Errorf("a newer schema: %v, hint %q", err, hint(err))
	}
	other := sql.MigrateOptions{Allow: true}.WithMigrations("CREATE TABLE staging.a ()", "CREATE TABLE staging.c ()")
	if _, err := sql.Migrate(ctx, conn, sql.Staging, other); !errors.Is(err, sql.ErrChanged) || hint(err) == "" {
		t.Errorf("another text: %v", err)
	}
}

func TestMigrateLeavesNothingOfOneThatFails(t *testing.T) {
	_, conn := unmigrated(t)
	o := sql.MigrateOptions{Allow: true}.WithMigrations("CREATE TABLE staging.a ()", "CREATE TABLE staging.b ();\nSELECT\n  nonsense;")
	res, err := sql.Migrate(t.Context(), conn, sql.Staging, o)
	var server *pgconn.PgError
	if !errors.As(err, &server) || server.Code != "42703" || !strings.Contains(err.Error(), "migrate staging: test.sql: line 3, column 3:") {
		t.Errorf("error %v", err)
	}
	if res.To != 1 || len(res.Applied) != 1 {
		t.Errorf("result %+v", res)
	}
	var a, b bool
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass('staging.a') IS NOT NULL, to_regclass('staging.b') IS NOT NULL").Scan(&a, &b); err != nil || !a || b {
		t.Errorf("first there: %v, second there: %v, %v", a, b, err)
	}
}

func TestManyMigrateTogether(t *testing.T) {
	d, _ := unmigrated(t)
	total := 0
	applied := make(chan int, 8)
	g, ctx := errgroup.WithContext(t.Context())
	for range cap(applied) {
		g.Go(func() error {
			conn, err := pgx.Connect(ctx, d.StagingURL)
			if err != nil {
				return err
			}
			res, err := sql.Migrate(ctx, conn, sql.Staging, sql.MigrateOptions{Allow: true})
			applied <- len(res.Applied)
			return errors.Join(err, conn.Close(ctx))
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	close(applied)
	for n := range applied {
		total += n
	}
	if want := len(sql.Names("staging")); total != want {
		t.Errorf("%d migrations applied in all, want %d", total, want)
	}
}

func TestMigrateWithoutTheRightSaysSo(t *testing.T) {
	d, _ := unmigrated(t)
	conn := connect(t, d.URL(sql.Staging, "analyst"))
	_, err := sql.Migrate(t.Context(), conn, sql.Staging, sql.MigrateOptions{Allow: true})
	if err == nil || !strings.Contains(hint(err), "owner_url") {
		t.Errorf("error %v, hint %q", err, hint(err))
	}
}
