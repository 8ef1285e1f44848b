package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/pipeline"
	"penstock/sql"
)

// change derives the touched invoices anew.
func (t *transform) change(ctx context.Context, stage *transformStage) error {
	return t.inAnalytics(ctx, func(tx pgx.Tx) error {
		if err := stage.some(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sql.Text("transform/receive.sql")); err != nil {
			return fmt.Errorf("make room for the lines: %w", err)
		}
		touched := stream{query: "SELECT source, invoice_no FROM touched", table: pgx.Identifier{"new_touched"}}
		if _, err := touched.run(ctx, stage.tx.Conn(), tx.Conn()); err != nil {
			return err
		}
		if err := stage.send(ctx, tx, pgx.Identifier{"new_line"}, pgx.Identifier{"new_lineage"}, ""); err != nil {
			return err
		}
		version := t.state.version + 1
		for _, s := range []struct {
			name string
			args []any
		}{
			{"transform/replace_lines.sql", nil},
			{"transform/delta.sql", []any{version}},
			{"transform/months.sql", []any{version}},
			{"transform/products.sql", nil},
			{"transform/customers.sql", nil},
		} {
			if _, err := tx.Exec(ctx, sql.Text(s.name), s.args...); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		return t.finish(ctx, tx, "")
	})
}

// transformTables are what a rebuild makes anew.
func transformTables() []string {
	return []string{"fact_purchase_line", "purchase_lineage", "dim_product", "dim_customer"}
}

// rebuild derives all facts anew, beside the old ones, and swaps the tables.
func (t *transform) rebuild(ctx context.Context, stage *transformStage) error {
	if err := stage.all(ctx); err != nil {
		return err
	}
	return t.inAnalytics(ctx, func(tx pgx.Tx) error {
		tables := transformTables()
		if _, err := tx.Exec(ctx, "SELECT analytics.build_begin($1)", tables); err != nil {
			return fmt.Errorf("make tables beside the old: %w", err)
		}
		// FREEZE writes rows as old and visible at once, so that nothing has to touch the pages again.
		err := stage.send(ctx, tx, pgx.Identifier{buildSchema, tables[0]}, pgx.Identifier{buildSchema, tables[1]}, ", FREEZE")
		if err != nil {
			return err
		}
		if err := t.describe(ctx, tx); err != nil {
			return err
		}
		if err := buildIndexes(ctx, tx, tables, func(i int) { t.phase("indexes", int64(i), 0) }); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "TRUNCATE analytics.delta_line"); err != nil {
			return fmt.Errorf("forget the changes: %w", err)
		}
		if err := swapTables(ctx, tx, t.rc, pipeline.Transform, tables); err != nil {
			return err
		}
		return t.finish(ctx, tx, ", marts_version = 0")
	})
}

// describe fills the dimensions and the months of a rebuild.
func (t *transform) describe(ctx context.Context, tx pgx.Tx) error {
	for i, name := range []string{"transform/all_products.sql", "transform/all_customers.sql", "transform/all_months.sql"} {
		t.phase("dimensions", int64(i), 0)
		if _, err := tx.Exec(ctx, sql.Text(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// inAnalytics runs f in a transaction of analytics, which commits if this run may still write.
func (t *transform) inAnalytics(ctx context.Context, f func(tx pgx.Tx) error) (err error) {
	tx, err := t.o.Analytics.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin in analytics: %w", err)
	}
	defer func() {
		ctx, stop := t.rc.Cleanup(ctx)
		defer stop()
		err = errors.Join(err, rollback(ctx, tx))
	}()
	if _, err := tx.Exec(ctx, sql.Text("transform/work.sql"), t.o.ReportTimezone); err != nil {
		return fmt.Errorf("prepare analytics: %w", err)
	}
	if err := f(tx); err != nil {
		return err
	}
	// Checked last: it locks the epoch, and a run that takes over must not wait for long work of this one.
	if err := t.rc.Guard(ctx, tx, sql.Analytics); err != nil {
		return err
	}
	t.rc.Fail("transform.before-commit")
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	t.rc.Fail("transform.after-commit")
	return nil
}

// finish notes what the facts are made of now. More is assigned to meta too.
func (t *transform) finish(ctx context.Context, tx pgx.Tx, more string) error {
	n := len(t.loads)
	ids, read, loaded, rejected, hashes := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([][]byte, n)
	for i, l := range t.loads {
		ids[i], read[i], loaded[i], rejected[i], hashes[i] = l.id, l.read, l.loaded, l.rejected, []byte(l.hash)
	}
	if _, err := tx.Exec(ctx, sql.Text("transform/applied.sql"), t.plan.staging, ids, hashes, read, loaded, rejected); err != nil {
		return fmt.Errorf("note the loads: %w", err)
	}
	names, fingerprints := make([]string, len(t.rules)), make([][]byte, len(t.rules))
	for i, r := range t.rules {
		names[i], fingerprints[i] = r.Source, r.fingerprint()
	}
	if _, err := tx.Exec(ctx, sql.Text("transform/applied_rules.sql"), names, fingerprints); err != nil {
		return fmt.Errorf("note the rules: %w", err)
	}
	const q = "UPDATE analytics.meta SET version = version + 1, staging = $1, rules = $2"
	if _, err := tx.Exec(ctx, q+more, t.plan.staging, t.plan.global); err != nil {
		return fmt.Errorf("note the version: %w", err)
	}
	return nil
}

const buildSchema = "analytics_build"

// buildIndexes gives tables that are made anew the indexes of those they replace, and statistics.
func buildIndexes(ctx context.Context, tx pgx.Tx, tables []string, progress func(done int)) error {
	for i, name := range tables {
		progress(i)
		if _, err := tx.Exec(ctx, "SELECT analytics.build_index($1)", name); err != nil {
			return fmt.Errorf("index %s: %w", name, err)
		}
	}
	return nil
}

// swapTables puts tables that were made anew in the place of the old ones. It needs a moment in which
// nobody reads them: it asks for one again and again, and in between lets readers through.
func swapTables(ctx context.Context, tx pgx.Tx, rc *pipeline.RunContext, step pipeline.StepName, tables []string) error {
	for try := 0; ; try++ {
		err := pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
			if _, err := inner.Exec(ctx, "SET LOCAL lock_timeout = '2s'"); err != nil {
				return err
			}
			_, err := inner.Exec(ctx, "SELECT analytics.build_swap($1)", tables)
			return err
		})
		var refused *pgconn.PgError
		switch {
		case err == nil:
			_, err = tx.Exec(ctx, "SET LOCAL lock_timeout = 0")
			return err
		case !errors.As(err, &refused):
			return fmt.Errorf("swap tables: %w", err)
		case refused.Code == "2BP01":
			return fmt.Errorf("swap tables: %w", &dependentError{err, refused.Detail})
		case refused.Code != "55P03" && refused.Code != "40P01":
			return fmt.Errorf("swap tables: %w", err)
		}
		if try == 0 {
			rc.Emit(pipeline.Warning{
				Step: step, Message: "somebody reads the tables that are to be replaced: waiting",
				Hint: "end the session, if it is forgotten: penstock shows it under activity",
			})
		}
	}
}

// dependentError says that objects of somebody else depend on a table that a rebuild replaces.
type dependentError struct {
	error
	detail string
}

func (e *dependentError) Error() string { return e.error.Error() + ": " + e.detail }
func (e *dependentError) Unwrap() error { return e.error }

// Hint says how to get on.
func (e *dependentError) Hint() string {
	return "drop what depends on the tables, run again, then make it anew (a view can read them through a function instead)"
}
