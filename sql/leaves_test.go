package sql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// fillLeaf makes the leaf of a chunk as ingest does: leaf, rows and chunk in one transaction.
func fillLeaf(t *testing.T, conn *pgx.Conn, load int64, n int, from, to int64) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		var leaf string
		if err := tx.QueryRow(t.Context(), "SELECT staging.make_leaf($1, $2, $3, $4, $5)", load, n, `it's a "source"`, from, to).Scan(&leaf); err != nil {
			return err
		}
		if want := fmt.Sprintf("purchases_%d_%d", load, n); leaf != want {
			t.Errorf("the leaf is %s, want %s", leaf, want)
		}
		var rows strings.Builder
		for record := from; record < to; record++ {
			fmt.Fprintf(&rows, "%d\t2\t0\ti\t1\t2.5\t2026-01-01\n", record)
		}
		_, err := tx.Conn().PgConn().CopyFrom(t.Context(), strings.NewReader(rows.String()), "COPY "+pgx.Identifier{"staging", leaf}.Sanitize()+
			" (record, line, byte_offset, invoice_no, quantity, unit_price, ordered_at) FROM STDIN (FREEZE)")
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "INSERT INTO staging.chunks (load_id, n, record_from, read) VALUES ($1, $2, $3, $4)", load, n, from, to-from)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func enterLoad(t *testing.T, conn *pgx.Conn, name string) (id int64) {
	t.Helper()
	statement := strings.Replace(newLoad, "'', '', ''", "'"+name+"', '', ''", 1) + " RETURNING id"
	if err := conn.QueryRow(t.Context(), statement).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// A role that may only write rows makes, fills, attaches and drops leaves; one that may only read sees
// them through the table when they are attached, and attaching reads no row.
func TestLoaderMakesLeaves(t *testing.T) {
	d := localtest.New(t)
	etl, analyst := connect(t, d.URL(sql.Staging, "etl")), connect(t, d.URL(sql.Staging, "analyst"))
	ctx := t.Context()
	load := enterLoad(t, etl, "a")
	fillLeaf(t, etl, load, 0, 1, 4)
	fillLeaf(t, etl, load, 1, 4, 9)
	seen := func(want string) {
		t.Helper()
		var got string
		err := analyst.QueryRow(ctx, "SELECT format('%s of %s', count(*), min(source || ' ' || load_id)) FROM staging.purchases").Scan(&got)
		if err != nil || got != want {
			t.Errorf("seen: %s, want %s (%v)", got, want, err)
		}
	}
	seen("0 of ")
	for range 2 { // what is attached stays so
		if _, err := etl.Exec(ctx, "SELECT staging.attach_leaves($1)", load); err != nil {
			t.Fatal(err)
		}
	}
	seen(fmt.Sprintf(`8 of it's a "source" %d`, load))
	var left int
	err := etl.QueryRow(ctx, "SELECT count(*) FROM pg_constraint WHERE conname = 'bounds'").Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d checks are left, %v", left, err)
	}
	if _, err := etl.Exec(ctx, "INSERT INTO staging.chunks (load_id, n, record_from, read) VALUES ($1, 2, 9, 1)", load); err != nil {
		t.Fatal(err)
	}
	if _, err := etl.Exec(ctx, "SELECT staging.attach_leaves($1)", load); err == nil || !strings.Contains(err.Error(), "has no leaf") {
		t.Errorf("a chunk without a leaf: %v", err)
	}
	var dropped int
	if err := etl.QueryRow(ctx, "SELECT staging.drop_leaves($1)", load).Scan(&dropped); err != nil || dropped != 2 {
		t.Errorf("%d leaves dropped, %v", dropped, err)
	}
	seen("0 of ")
}

// Attaching a leaf trusts its check: it reads no row of it.
func TestAttachingReadsNothing(t *testing.T) {
	d := localtest.New(t)
	etl := connectTo(t, d.URL(sql.Staging, "etl"), "debug1")
	load := enterLoad(t, etl.Conn, "a")
	fillLeaf(t, etl.Conn, load, 0, 1, 4)
	if _, err := etl.Exec(t.Context(), "SELECT staging.attach_leaves($1)", load); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(etl.notices, "\n"), "is implied by existing constraints") {
		t.Errorf("told: %q", etl.notices)
	}
}

// noticed is a connection that keeps what the server tells beside.
type noticed struct {
	*pgx.Conn
	notices []string
}

func connectTo(t *testing.T, url, level string) *noticed {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	n := &noticed{}
	cfg.RuntimeParams["client_min_messages"] = level
	cfg.OnNotice = func(_ *pgconn.PgConn, notice *pgconn.Notice) { n.notices = append(n.notices, notice.Message) }
	if n.Conn, err = pgx.ConnectConfig(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close(context.WithoutCancel(t.Context())) })
	return n
}

// Shared leaves take what own ones leave of a block, whatever came first.
func TestSharedLeavesBesideOwnOnes(t *testing.T) {
	d := localtest.New(t)
	etl := connect(t, d.URL(sql.Staging, "etl"))
	ctx := t.Context()
	for i := range 12 {
		enterLoad(t, etl, fmt.Sprint(i))
	}
	fillLeaf(t, etl, 3, 0, 1, 3) // not attached yet, and yet in the way
	fillLeaf(t, etl, 8, 0, 1, 3)
	for load, want := range map[int64]string{5: "purchases_4", 4: "purchases_4", 7: "purchases_4", 1: "purchases_0", 9: "purchases_9", 63: "purchases_9", 64: "purchases_64"} {
		var got string
		if err := etl.QueryRow(ctx, "SELECT staging.ensure_partition($1)", load).Scan(&got); err != nil || got != want {
			t.Errorf("load %d goes to %s, want %s (%v)", load, got, want, err)
		}
	}
	for _, load := range []int64{3, 8} {
		if _, err := etl.Exec(ctx, "SELECT staging.attach_leaves($1)", load); err != nil {
			t.Error(err)
		}
	}
	// What is dropped is free again.
	if _, err := etl.Exec(ctx, "SELECT staging.drop_leaves(3)"); err != nil {
		t.Fatal(err)
	}
	var leaf, bound string
	if err := etl.QueryRow(ctx, "SELECT staging.ensure_partition(3)").Scan(&leaf); err != nil || leaf != "purchases_3" {
		t.Errorf("%s, %v", leaf, err)
	}
	if err := etl.QueryRow(ctx, "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'purchases_3'").Scan(&bound); err != nil || bound != "FOR VALUES FROM ('3', MINVALUE) TO ('4', MINVALUE)" {
		t.Errorf("%s, %v", bound, err)
	}
}

// Somebody who reads keeps an attached leaf from being dropped, and waits for nobody.
func TestDroppingWaitsForNoReader(t *testing.T) {
	d := localtest.New(t)
	etl, analyst := connect(t, d.URL(sql.Staging, "etl")), connect(t, d.URL(sql.Staging, "analyst"))
	ctx := t.Context()
	load, other := enterLoad(t, etl, "a"), enterLoad(t, etl, "b")
	fillLeaf(t, etl, load, 0, 1, 4)
	fillLeaf(t, etl, other, 0, 1, 4)
	if _, err := etl.Exec(ctx, "SELECT staging.attach_leaves($1)", load); err != nil {
		t.Fatal(err)
	}
	if _, err := analyst.Exec(ctx, "BEGIN; SELECT count(*) FROM staging.purchases"); err != nil {
		t.Fatal(err)
	}
	var server *pgconn.PgError
	if _, err := etl.Exec(ctx, "SELECT staging.drop_leaves($1)", load); !errors.As(err, &server) || server.Code != "55P03" {
		t.Errorf("dropping behind a reader: %v", err)
	}
	if _, err := etl.Exec(ctx, "SELECT staging.drop_leaves($1)", other); err != nil {
		t.Errorf("dropping what is not attached: %v", err)
	}
}

// The steps that read by loads read no leaf of other loads.
func TestLoadsPruneLeaves(t *testing.T) {
	d := localtest.New(t)
	etl := connect(t, d.URL(sql.Staging, "etl"))
	ctx := t.Context()
	for i := range 70 {
		enterLoad(t, etl, fmt.Sprint(i))
	}
	for _, load := range []int64{65, 66} {
		for n := range 3 {
			fillLeaf(t, etl, load, n, int64(1+4*n), int64(5+4*n))
		}
		if _, err := etl.Exec(ctx, "SELECT staging.attach_leaves($1)", load); err != nil {
			t.Fatal(err)
		}
	}
	for _, load := range []int64{1, 67} {
		if _, err := etl.Exec(ctx, "SELECT staging.ensure_partition($1)", load); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := etl.Exec(ctx, "CREATE TEMP TABLE touched (source text, invoice_no text)"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ loads, want string }{
		{"{65}", "65_0 65_1 65_2"}, {"{66,1}", "0 66_0 66_1 66_2"}, {"{67}", "67"}, {"{1,2}", "0"},
	} {
		for _, name := range []string{"transform/candidate_some.sql", "transform/touched_added.sql", "transform/candidate_all.sql"} {
			text := sql.Text(name)
			text = strings.NewReplacer("$1", "'"+c.loads+"'::bigint[]", "{loads}", c.loads).Replace(text[strings.Index(text, "SELECT "):])
			rows, err := etl.Query(ctx, "EXPLAIN "+text)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			if got := scanned(lines); got != c.want {
				t.Errorf("%s reads the leaves %s for %s, want %s", name, got, c.loads, c.want)
			}
		}
	}
}

// scanned lists the leaves that a plan reads.
func scanned(plan []string) string {
	var leaves []string
	for _, line := range plan {
		if _, rest, ok := strings.Cut(line, "on purchases_"); ok {
			leaves = append(leaves, strings.Fields(rest)[0])
		}
	}
	return strings.Join(leaves, " ")
}
