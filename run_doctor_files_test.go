package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// TestDoctorFindsWhatACrashLeft crashes a server while one transaction makes a table: its file stays. Tables that
// are there, and one that is being made, are not taken for such.
func TestDoctorFindsWhatACrashLeft(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true})
	ctx := t.Context()
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(ctx, db.URL(sql.Staging, localtest.Admin))
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	look := func() lostFiles {
		t.Helper()
		conn := connect()
		defer func() { _ = conn.Close(ctx) }()
		got, err := readLostFiles(ctx, conn)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	making := connect()
	for _, text := range []string{"CREATE TABLE kept AS SELECT g FROM generate_series(1, 100000) g", "CHECKPOINT", "BEGIN", "CREATE TABLE lost AS TABLE kept"} {
		if _, err := making.Exec(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	if got := look(); got != (lostFiles{}) {
		t.Errorf("while a table is made: %+v", got)
	}
	var folder string
	if err := making.QueryRow(ctx, "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database WHERE datname = current_database()").Scan(&folder); err != nil {
		t.Fatal(err)
	}
	if err := db.StagingServer.Stop(localtest.Immediate); err != nil {
		t.Fatal(err)
	}
	_ = making.Close(ctx)
	if err := db.StagingServer.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if got := look(); got != (lostFiles{}) {
		t.Errorf("of files so young nobody can tell: %+v", got)
	}
	makeOld(t, folder, 2*time.Hour)
	if got := look(); got.files == 0 || got.bytes < 100000*28 || got.bytes > 100000*56 { // one table, not two
		t.Errorf("after the crash: %+v", got)
	}
	f := fine("staging", "PostgreSQL")
	lostFiles{}.warn(&f)
	if f.State != "ok" || f.Hint != "" {
		t.Errorf("without any: %+v", f)
	}
	lostFiles{files: 2, bytes: 3 << 20}.warn(&f)
	if f.State != "warning" || f.Hint == "" || f.Detail != "PostgreSQL; 2 files of tables that a crash cut short take up 3.1 MB" {
		t.Errorf("with some: %+v", f)
	}
}

// makeOld has the files of a folder look as if nobody had written them for so long.
func makeOld(t *testing.T, folder string, age time.Duration) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(files), err)
	}
	then := time.Now().Add(-age)
	for _, f := range files {
		if err := os.Chtimes(f, then, then); err != nil {
			t.Fatal(err)
		}
	}
}
