package main

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestLeavesNearTheLimit(t *testing.T) {
	for _, c := range []struct {
		name    string
		locks   leafLocks
		warned  bool
		enough  string
		details string
	}{
		{"few", leafLocks{leaves: 12, perTransaction: 64, transactions: 100}, false, "", ""},
		{"below half", leafLocks{leaves: 3199, perTransaction: 64, transactions: 100}, false, "", ""},
		{"half", leafLocks{leaves: 3200, perTransaction: 64, transactions: 100}, true, "= 128;", "3,200 leaves of staging.purchases, room for 6,400 locks"},
		{"beyond", leafLocks{leaves: 20000, perTransaction: 64, transactions: 100}, true, "= 1024;", "20,000 leaves"},
		{"a tuned server", leafLocks{leaves: 20000, perTransaction: 512, transactions: 100}, false, "", ""},
		{"a server that tells nothing", leafLocks{leaves: 20000}, false, "", ""},
	} {
		f := fine("staging", "PostgreSQL 15")
		c.locks.warn(&f)
		if (f.State == "warning") != c.warned || !strings.Contains(f.Hint, c.enough) || !strings.Contains(f.Detail, c.details) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

// TestDoctorCountsLeaves counts on a real server, as a role that only writes rows.
func TestDoctorCountsLeaves(t *testing.T) {
	db := localtest.New(t)
	if _, err := db.Staging.Exec(t.Context(), "SELECT staging.ensure_partition(g * 64) FROM generate_series(1, 3) g"); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), db.URL(sql.Staging, "etl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	got, err := readLeafLocks(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if want := (leafLocks{leaves: 3, perTransaction: 64, transactions: 102}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	f := fine("staging", "")
	if err := describeDatabase(t.Context(), conn, sql.Staging, &f); err != nil || f.State != "ok" {
		t.Errorf("%+v, %v", f, err)
	}
}
