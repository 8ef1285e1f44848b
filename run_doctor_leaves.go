package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/sql"
)

// leafLocks compares the leaves of staging with the locks that the server has room for.
type leafLocks struct {
	leaves                       int64
	perTransaction, transactions int64 // locks are perTransaction * transactions, whoever takes them
}

func readLeafLocks(ctx context.Context, conn *pgx.Conn) (l leafLocks, err error) {
	err = conn.QueryRow(ctx, sql.Text("dbadmin/leaf_locks.sql")).Scan(&l.leaves, &l.perTransaction, &l.transactions)
	return l, err
}

// warn makes a finding a warning when a query over all leaves takes half of the locks or more: others need some.
func (l leafLocks) warn(f *finding) {
	room := l.perTransaction * l.transactions
	if room <= 0 || 2*l.leaves < room {
		return
	}
	enough := l.perTransaction
	for enough*l.transactions < 4*l.leaves {
		enough *= 2
	}
	f.State = "warning"
	f.Detail += fmt.Sprintf("; %s leaves of staging.purchases, room for %s locks", pipeline.FormatCount(l.leaves), pipeline.FormatCount(room))
	f.Hint = fmt.Sprintf("as an administrator: ALTER SYSTEM SET max_locks_per_transaction = %d; then restart the server (a managed one: penstock --run stop)", enough)
}
