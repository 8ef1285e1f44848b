package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/sql"
)

// lostFiles are what a crash left in a database's folder: PostgreSQL knows of them no more.
type lostFiles struct{ files, bytes int64 }

// readLostFiles looks for those that are older than an hour; only a superuser may.
func readLostFiles(ctx context.Context, conn *pgx.Conn) (l lostFiles, err error) {
	if err := conn.QueryRow(ctx, sql.Text("dbadmin/lost_files.sql")).Scan(&l.files, &l.bytes); err != nil {
		return l, fmt.Errorf("look for files that a crash left: %w", err)
	}
	return l, nil
}

// warn makes a finding a warning when there are any; what it says already stays.
func (l lostFiles) warn(f *finding) {
	if l.files == 0 {
		return
	}
	f.Detail += fmt.Sprintf("; %s of tables that a crash cut short take up %s", countFiles(int(l.files)), pipeline.FormatBytes(l.bytes))
	if f.State == "ok" {
		f.State, f.Hint = "warning", "they cost nothing but room: docs/operations.md, The managed PostgreSQL, says how to be rid of them"
	}
}
