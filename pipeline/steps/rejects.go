package steps

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/sql"
)

// Reject is a record that was refused, as the ledger keeps it.
type Reject struct {
	Load       int64
	Source     string
	Name       string // of the load, as shown
	Record     int64  // from 1
	Line       int64  // physical line of the file where it starts, from 1
	ByteOffset int64  // in the decompressed original
	Reason     string
	Column     string // empty where it is about the whole record
	Detail     string
	Raw        []byte // the record as it came, without the line's end
	State      string // open or resolved
	ResolvedBy int64  // the load that holds the mended record; 0 while it is open
}

// RejectFilter picks rejects; the zero value picks all open ones of loads that are not undone.
type RejectFilter struct {
	Source string
	Load   int64
	Run    int64 // that loaded them
	Reason string
	Column string
	All    bool // resolved ones, and those of undone loads, too
	Limit  int  // how many at most; 0 = 1000 in a list, all in an export
	// After goes on with a list: only rejects that follow this one in its order.
	After *RejectKey
}

// RejectKey names a reject.
type RejectKey struct{ Load, Record int64 }

// RejectCount is how many records of a load were refused for one reason.
type RejectCount struct {
	Load   int64
	Source string
	Name   string
	Reason string
	Column string
	Open   int64
	Count  int64 // open and resolved
}

// Rejects lists refused records: the newest load first, within it by record.
func Rejects(ctx context.Context, pool *pgxpool.Pool, f RejectFilter) ([]Reject, error) {
	if f.Limit <= 0 {
		f.Limit = 1000
	}
	var list []Reject
	err := eachReject(ctx, pool, "ingest/list_rejects.sql", f, func(r Reject) error {
		list = append(list, r)
		return nil
	})
	return list, err
}

// eachReject calls do for each reject of a statement; Raw is its own to keep.
func eachReject(ctx context.Context, pool *pgxpool.Pool, statement string, f RejectFilter, do func(Reject) error) error {
	args := f.args()
	var after [2]*int64
	if f.After != nil {
		after = [2]*int64{&f.After.Load, &f.After.Record}
	}
	args = append(args, f.Limit, after[0], after[1], f.run())
	rows, err := pool.Query(ctx, sql.Text(statement), args...)
	if err != nil {
		return fmt.Errorf("list the rejects: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Reject
		if err := rows.Scan(&r.Load, &r.Source, &r.Name, &r.Record, &r.Line, &r.ByteOffset, &r.Reason, &r.Column,
			&r.Detail, &r.Raw, &r.State, &r.ResolvedBy); err != nil {
			return fmt.Errorf("list the rejects: %w", err)
		}
		if err := do(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list the rejects: %w", err)
	}
	return nil
}

func (f RejectFilter) args() []any {
	var load *int64
	if f.Load != 0 {
		load = &f.Load
	}
	return []any{nullText(f.Source), load, nullText(f.Reason), nullText(f.Column), f.All}
}

// run is the run to pick by, nil for any.
func (f RejectFilter) run() *int64 {
	if f.Run == 0 {
		return nil
	}
	return &f.Run
}

// RejectCounts counts refused records by load, reason and column: the newest load first, within it the
// commonest reason.
func RejectCounts(ctx context.Context, pool *pgxpool.Pool, f RejectFilter) ([]RejectCount, error) {
	rows, err := pool.Query(ctx, sql.Text("ingest/count_rejects.sql"), append(f.args(), f.run())...)
	if err != nil {
		return nil, fmt.Errorf("count the rejects: %w", err)
	}
	counts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c RejectCount, err error) {
		return c, row.Scan(&c.Load, &c.Source, &c.Name, &c.Reason, &c.Column, &c.Open, &c.Count)
	})
	if err != nil {
		return nil, fmt.Errorf("count the rejects: %w", err)
	}
	return counts, nil
}
