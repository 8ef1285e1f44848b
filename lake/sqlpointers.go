package lake

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
)

// catalogName tells our rows from those of other catalogs in the same tables.
const catalogName = "penstock"

// catalogDDL makes the tables of Iceberg's JDBC catalog, the layout that
// iceberg-go, pyiceberg, Spark and Trino share.
//
//go:embed catalog.sql
var catalogDDL string

// SQLPointers keeps the catalog in a PostgreSQL database, in the first schema
// of the connection's search path.
type SQLPointers struct {
	db        *sql.DB
	namespace string
}

// NewSQLPointers returns the catalog of one namespace in db.
func NewSQLPointers(db *sql.DB, namespace string) *SQLPointers {
	return &SQLPointers{db: db, namespace: namespace}
}

// Names returns the tables of the namespace, none when the catalog's own
// tables are not there yet.
func (p *SQLPointers) Names(ctx context.Context) (names []string, err error) {
	const query = `SELECT table_name FROM iceberg_tables WHERE catalog_name = $1 AND table_namespace = $2 ORDER BY table_name COLLATE "C"`
	rows, err := p.db.QueryContext(ctx, query, catalogName, p.namespace)
	if undefinedTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lake's catalog: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the lake's catalog: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the lake's catalog: %w", err)
	}
	return names, nil
}

// Get returns the URL of the table's metadata.
func (p *SQLPointers) Get(ctx context.Context, table string) (string, error) {
	const query = `SELECT metadata_location FROM iceberg_tables WHERE catalog_name = $1 AND table_namespace = $2 AND table_name = $3`
	var location string
	err := p.db.QueryRowContext(ctx, query, catalogName, p.namespace, table).Scan(&location)
	if errors.Is(err, sql.ErrNoRows) || undefinedTable(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the lake's catalog: %w", err)
	}
	return location, nil
}

// Swap sets the table's URL in one statement. When its answer is lost, the
// catalog is asked what became of it.
func (p *SQLPointers) Swap(ctx context.Context, table, old, new string) error {
	err := p.swap(ctx, table, old, new)
	if err == nil || errors.Is(err, ErrMoved) {
		return err
	}
	if now, gerr := p.Get(context.WithoutCancel(ctx), table); gerr == nil && now == new {
		return nil
	}
	return fmt.Errorf("commit %s to the lake's catalog: %w", table, err)
}

func (p *SQLPointers) swap(ctx context.Context, table, old, new string) error {
	const update = `UPDATE iceberg_tables SET metadata_location = $1, previous_metadata_location = $2, iceberg_type = 'TABLE' WHERE catalog_name = $3 AND table_namespace = $4 AND table_name = $5 AND metadata_location = $2`
	const insert = `INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type) VALUES ($1, $2, $3, $4, 'TABLE') ON CONFLICT DO NOTHING`
	if old != "" {
		return one(p.db.ExecContext(ctx, update, new, old, catalogName, p.namespace, table))
	}
	return one(p.db.ExecContext(ctx, insert, catalogName, p.namespace, table, new))
}

// Claim makes the catalog's tables and the namespace when they are missing and
// gives the namespace the id unless it has one; it returns the id that it has.
func (p *SQLPointers) Claim(ctx context.Context, id string) (string, error) {
	const insert = `INSERT INTO iceberg_namespace_properties (catalog_name, namespace, property_key, property_value) VALUES ($1, $2, 'exists', 'true'), ($1, $2, 'penstock.id', $3) ON CONFLICT DO NOTHING`
	const query = `SELECT property_value FROM iceberg_namespace_properties WHERE catalog_name = $1 AND namespace = $2 AND property_key = 'penstock.id'`
	var has string
	err := p.db.QueryRowContext(ctx, query, catalogName, p.namespace).Scan(&has)
	switch {
	case err == nil:
		return has, nil
	case undefinedTable(err):
		if _, err := p.db.ExecContext(ctx, catalogDDL); err != nil {
			return "", fmt.Errorf("make the lake's catalog: %w", err)
		}
	case !errors.Is(err, sql.ErrNoRows):
		return "", fmt.Errorf("read the lake's catalog: %w", err)
	}
	if _, err := p.db.ExecContext(ctx, insert, catalogName, p.namespace, id); err != nil {
		return "", fmt.Errorf("make the lake's catalog: %w", err)
	}
	if err := p.db.QueryRowContext(ctx, query, catalogName, p.namespace).Scan(&has); err != nil {
		return "", fmt.Errorf("read the lake's catalog: %w", err)
	}
	return has, nil
}

func one(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrMoved
}

// undefinedTable tells a missing catalog table from other errors by SQLSTATE,
// whatever driver the database was opened with.
func undefinedTable(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "42P01"
}
