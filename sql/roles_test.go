package sql_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

const denied = "42501"

// state runs a statement in a transaction that is rolled back, after having
// read something, and returns the SQLSTATE it ended with, "" for none.
func state(t *testing.T, conn *pgx.Conn, statement string) string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Exec(t.Context(), statement)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	var server *pgconn.PgError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &server):
		return server.Code
	}
	t.Fatal(err)
	return ""
}

const newLoad = `INSERT INTO staging.loads (source, entity, name, origin, sha256, file_sha256, fingerprint, state, started_at)
	VALUES ('s', 'purchases', 'f', 'f', '', '', '', 'loading', now())`

func TestWhatRolesMayDo(t *testing.T) {
	d := localtest.New(t)
	if _, err := d.Staging.Exec(t.Context(), newLoad); err != nil {
		t.Fatal(err)
	}
	conns := map[string]*pgx.Conn{}
	for _, user := range []string{"owner", "etl", "analyst"} {
		conns[user] = connect(t, d.URL(sql.Staging, user))
	}
	for _, c := range []struct {
		statement           string
		owner, etl, analyst string
	}{
		{"SELECT * FROM staging.loads", "", "", ""},
		{"SELECT * FROM staging.schema_version", "", "", ""},
		{newLoad + " ON CONFLICT DO NOTHING", "", "", denied},
		{"UPDATE staging.loads SET state = 'loaded'", "", "", denied},
		{"DELETE FROM staging.loads", "", "", denied},
		{"TRUNCATE staging.purchases", "", "", denied},
		{"SELECT nextval('staging.loads_id_seq')", "", "", denied},
		{"SELECT staging.ensure_partition(1000)", "", "", denied},
		{"SELECT staging.index_partition(1000)", "", "", denied},
		{"SELECT staging.make_leaf(1000, 0, 's', 1, 9)", "", "", denied},
		{"SELECT staging.attach_leaves(1000)", "", "", denied},
		{"SELECT staging.drop_leaves(1000)", "", "", denied},
		{"SELECT staging.own_leaves(0, 9)", "", "", denied},
		{"SELECT staging.shared_leaves(0, 9)", "", "", denied},
		{"SELECT id FROM staging.loads FOR UPDATE", "", "", denied},
		{"WITH x AS (DELETE FROM staging.loads RETURNING 1) SELECT * FROM x", "", "", denied},
		{"LOCK staging.loads", "", "", denied},
		{"CREATE TEMPORARY TABLE t ()", "", "", denied},
		{"CREATE TABLE staging.t ()", "", denied, denied},
		{"CREATE TABLE public.t ()", "*", "*", "*"}, // who may depends on the version of PostgreSQL
		{"ALTER TABLE staging.loads ADD x int", "", denied, denied},
		{"DROP TABLE staging.events", "", denied, denied},
		{"CREATE INDEX ON staging.loads (name)", "", denied, denied},
		{"CREATE SCHEMA s", "", denied, denied},
		{"UPDATE staging.schema_version SET version = 99 WHERE version = 1", "", denied, denied},
		{"DELETE FROM staging.schema_version", "", denied, denied},
		{"CREATE ROLE r", denied, denied, denied},
		{"SET ROLE penstock_owner", "", denied, denied},
		{"COPY staging.loads TO PROGRAM 'true'", denied, denied, denied},
		{"SELECT pg_read_file('/etc/hostname')", denied, denied, denied},
	} {
		for user, want := range map[string]string{"owner": c.owner, "etl": c.etl, "analyst": c.analyst} {
			if got := state(t, conns[user], c.statement); want != "*" && got != want {
				t.Errorf("%s: %s ended with %q, want %q", user, c.statement, got, want)
			}
		}
	}
}

// A partition made on behalf of the loading role is everyone's as the table is.
func TestLoaderFillsPartitions(t *testing.T) {
	d := localtest.New(t)
	etl := connect(t, d.URL(sql.Staging, "etl"))
	ctx := t.Context()
	for _, load := range []int64{1, 63, 64, 200} {
		if _, err := etl.Exec(ctx, "SELECT staging.ensure_partition($1)", load); err != nil {
			t.Fatal(err)
		}
		if _, err := etl.Exec(ctx, "SELECT staging.index_partition($1, 0)", load); err != nil {
			t.Fatal(err)
		}
	}
	const insert = `INSERT INTO staging.purchases (source, load_id, record, line, byte_offset, invoice_no, quantity, unit_price, ordered_at)
		VALUES ('s', $1, 1, 2, 0, 'i', 1, 2.5, '2026-01-01')`
	for _, load := range []int64{1, 64} {
		if _, err := etl.Exec(ctx, insert, load); err != nil {
			t.Fatal(err)
		}
	}
	analyst := connect(t, d.URL(sql.Staging, "analyst"))
	for partition, want := range map[string]int{"purchases": 2, "purchases_0": 1, "purchases_64": 1, "purchases_192": 0} {
		var n int
		if err := analyst.QueryRow(ctx, "SELECT count(*) FROM "+pgx.Identifier{"staging", partition}.Sanitize()).Scan(&n); err != nil || n != want {
			t.Errorf("%s has %d rows, want %d (%v)", partition, n, want, err)
		}
	}
	var brin int
	if err := analyst.QueryRow(ctx, "SELECT count(*) FROM pg_indexes WHERE tablename LIKE 'purchases\\_%' AND indexdef LIKE '%USING brin (load_id)%'").Scan(&brin); err != nil || brin != 3 {
		t.Errorf("%d partitions have the index, %v", brin, err)
	}
}

func TestManyAskForOnePartition(t *testing.T) {
	d := localtest.New(t)
	pool := d.Pool(t, sql.Staging, "etl")
	g, ctx := errgroup.WithContext(t.Context())
	for range 8 {
		g.Go(func() error {
			_, err := pool.Exec(ctx, "SELECT staging.ensure_partition(7)")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// A user who may create roles, but is no superuser, sets up a server of a cloud.
func TestEnsureRolesWithoutSuperuser(t *testing.T) {
	d := localtest.NewWith(t, localtest.Options{Unmigrated: true, Own: true})
	admin := connect(t, d.URL(sql.Staging, localtest.Admin))
	ctx := t.Context()
	dropTemplates(t, admin)
	for _, statement := range []string{
		"REASSIGN OWNED BY penstock_owner TO " + localtest.Admin,
		"DROP OWNED BY penstock_owner, penstock_etl, penstock_analyst",
		"DROP ROLE penstock_owner, penstock_etl, penstock_analyst",
		"CREATE ROLE chief LOGIN CREATEROLE",
		"CREATE DATABASE shop OWNER chief",
	} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	chief := connect(t, d.StagingServer.URL("chief", "shop"))
	for range 2 {
		if err := sql.EnsureRoles(ctx, chief, sql.Staging); err != nil {
			t.Fatal(err)
		}
		if _, err := sql.Migrate(ctx, chief, sql.Staging, sql.MigrateOptions{Allow: true}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := chief.Exec(ctx, "CREATE ROLE loader LOGIN IN ROLE penstock_etl"); err != nil {
		t.Fatal(err)
	}
	loader := connect(t, d.StagingServer.URL("loader", "shop"))
	if got := state(t, loader, newLoad); got != "" {
		t.Errorf("the loader may not load: %s", got)
	}
	if got := state(t, loader, "DROP TABLE staging.loads"); got != denied {
		t.Errorf("the loader may drop: %q", got)
	}
}

// dropTemplates removes the databases that hold grants of the group roles.
func dropTemplates(t *testing.T, admin *pgx.Conn) {
	t.Helper()
	rows, err := admin.Query(t.Context(), "SELECT datname FROM pg_database WHERE datname <> current_database() AND NOT datistemplate AND datname <> 'postgres'")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := admin.Exec(t.Context(), "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			t.Fatal(err)
		}
	}
}
