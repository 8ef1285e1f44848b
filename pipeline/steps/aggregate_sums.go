package steps

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// sumTables are the tables that marts are summed up from.
func sumTables() []string {
	return []string{
		"agg_slice", "agg_slice_customer", "agg_customer", "agg_customer_month", "agg_product", "agg_product_customer", "agg_pair", "agg_total",
	}
}

// sumStatements are the statements that bring the sums up to date, in order. Those named delta_ make
// scratch tables for the ones after them.
func sumStatements() []string {
	return []string{
		"delta_visit", "agg_slice", "agg_slice_customer", "agg_customer", "agg_customer_month",
		"delta_product", "agg_product", "delta_product_customer", "agg_product_customer",
		"delta_basket", "delta_pair", "agg_pair", "agg_count",
	}
}

// martSums brings the sums up to date, in a transaction of its caller's.
type martSums struct {
	*aggregate
	tx pgx.Tx
}

func (s *martSums) update(ctx context.Context) error {
	if s.full {
		if err := s.begin(ctx); err != nil {
			return err
		}
	} else if _, err := s.tx.Exec(ctx, "SET LOCAL search_path = analytics"); err != nil {
		return err
	}
	if !s.full {
		if _, err := s.tx.Exec(ctx, "SELECT analytics.refresh_statistics('{delta_line}')"); err != nil {
			return err
		}
	}
	for _, name := range sumStatements() {
		s.phase(name)
		if _, err := s.tx.Exec(ctx, s.text(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if s.full {
		if err := buildIndexes(ctx, s.tx, sumTables(), func(int) {}); err != nil {
			return err
		}
	} else if err := s.repair(ctx); err != nil {
		return err
	}
	return s.end(ctx)
}

// text returns a statement. In a rebuild the scratch tables are real ones, which parallel workers can
// read, and the sums' tables are empty and without keys, so that nothing has to be merged. They are not
// unlogged: a server that crashes just after a transaction with such a table was rolled back fails its
// recovery once ("could not create file: File exists"). Where wal_level is minimal they are not logged
// anyway.
func (s *martSums) text(name string) string {
	text := sql.Text("marts/" + name + ".sql")
	if s.full {
		text, _, _ = strings.Cut(text, "\n-- merge\n")
		return strings.ReplaceAll(text, "{scratch} ", "")
	}
	return strings.ReplaceAll(text, "{scratch}", "TEMP")
}

// begin makes the tables of a rebuild and puts all facts in the place of the changes.
func (s *martSums) begin(ctx context.Context) error {
	if _, err := s.tx.Exec(ctx, "SELECT analytics.build_begin($1)", sumTables()); err != nil {
		return fmt.Errorf("make tables beside the old: %w", err)
	}
	if _, err := s.tx.Exec(ctx, "SET LOCAL search_path = analytics_build, analytics"); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("marts/all_lines.sql")); err != nil {
		return fmt.Errorf("choose the lines: %w", err)
	}
	const q = "INSERT INTO agg_total (basket_min, basket_max, pair_min_invoices) VALUES ($1, $2, $3)"
	_, err := s.tx.Exec(ctx, q, s.o.PairMinProducts, s.o.PairMaxProducts, s.o.PairMinInvoices)
	return err
}

// end counts the lines that were summed up and drops the scratch relations, which would outlive the
// transaction.
func (s *martSums) end(ctx context.Context) error {
	if err := s.tx.QueryRow(ctx, "SELECT coalesce(sum(lines), 0)::bigint FROM visit").Scan(&s.result.Read); err != nil {
		return err
	}
	if s.full {
		if _, err := s.tx.Exec(ctx, "DROP VIEW pg_temp.delta_line"); err != nil {
			return err
		}
	}
	_, err := s.tx.Exec(ctx, "DROP TABLE visit, product_delta, product_customer_delta, basket, pair_rest")
	return err
}

// repair looks up what taking away cannot tell, if anything was taken away.
func (s *martSums) repair(ctx context.Context) error {
	var gone bool
	if err := s.tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM delta_line WHERE sign < 0)").Scan(&gone); err != nil || !gone {
		return err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("marts/repair.sql")); err != nil {
		return fmt.Errorf("repair: %w", err)
	}
	return nil
}
