package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/sql"
)

// AggregateOptions is what the marts are made by.
type AggregateOptions struct {
	Analytics *pgxpool.Pool
	// ReportTimezone is the one that transform has.
	ReportTimezone string
	// PairMinProducts to PairMaxProducts distinct products make a basket that product_pairs looks at;
	// PairMinInvoices of them must hold a pair.
	PairMinProducts, PairMaxProducts, PairMinInvoices int
	// LeadTimeDays and ServiceLevel, a probability, decide reorder points.
	LeadTimeDays int
	ServiceLevel float64
}

// Aggregate returns the step that makes the marts from the facts, engine sql.
//
// Sums are kept for each mart. What transform noted as changed is taken from them and added to them; a
// rebuild does the same with every fact as an addition, beside the old sums. The marts are then written
// from the sums, all of them in one transaction.
func Aggregate(o AggregateOptions) pipeline.Step {
	return pipeline.Step{
		Name: pipeline.Aggregate, Engine: "sql",
		Run: func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
			a := &aggregate{o: o, rc: rc}
			err := a.run(ctx)
			if err != nil {
				err = fmt.Errorf("aggregate: %w", sql.Clarify(err))
			}
			return a.result, err
		},
	}
}

// aggregate is one execution of the step.
type aggregate struct {
	o       AggregateOptions
	rc      *pipeline.RunContext
	full    bool // from all facts
	changes int64
	facts   int64
	done    int64
	result  pipeline.Result
}

func (a *aggregate) run(ctx context.Context) error {
	var version, martsVersion int64
	var rules []byte
	err := a.o.Analytics.QueryRow(ctx, sql.Text("marts/state.sql")).Scan(&version, &martsVersion, &rules, &a.changes, &a.facts)
	if err != nil {
		return fmt.Errorf("read the state of the marts: %w", err)
	}
	switch same := bytes.Equal(rules, a.fingerprint()); {
	case version == 0:
		a.result.Skipped = "there are no facts yet"
		return nil
	case a.rc.Rebuild || martsVersion == 0 || !same:
		a.full = true
	case martsVersion == version:
		a.result.Skipped = "no fact has changed"
		return nil
	default:
		a.full = a.changes > a.facts/4 // the shorter way
	}
	return a.build(ctx)
}

// fingerprint covers what the marts depend on besides the facts.
func (a *aggregate) fingerprint() []byte {
	o := a.o
	o.Analytics = nil
	var texts []string
	for _, name := range append(sumStatements(), martStatements()...) {
		texts = append(texts, sql.Text("marts/"+name+".sql"))
	}
	return fingerprint(struct {
		Options    AggregateOptions
		Statements []string
	}{o, texts})
}

// build makes sums and marts in one transaction.
func (a *aggregate) build(ctx context.Context) (err error) {
	tx, err := a.o.Analytics.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		ctx, stop := a.rc.Cleanup(ctx)
		defer stop()
		err = errors.Join(err, rollback(ctx, tx))
	}()
	if _, err := tx.Exec(ctx, sql.Text("transform/work.sql"), a.o.ReportTimezone); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	sums := &martSums{aggregate: a, tx: tx}
	if err := sums.update(ctx); err != nil {
		return err
	}
	if err := a.marts(ctx, tx); err != nil {
		return err
	}
	if a.full {
		if err := swapTables(ctx, tx, a.rc, pipeline.Aggregate, sumTables()); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "TRUNCATE analytics.delta_line"); err != nil {
		return fmt.Errorf("forget the changes: %w", err)
	}
	const q = "UPDATE analytics.meta SET marts_version = version, marts_rules = $1"
	if _, err := tx.Exec(ctx, q, a.fingerprint()); err != nil {
		return fmt.Errorf("note the version: %w", err)
	}
	// Last, as in transform: a run that takes over must not wait for long work of this one.
	if err := a.rc.Guard(ctx, tx, sql.Analytics); err != nil {
		return err
	}
	a.rc.Fail("aggregate.before-commit")
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	a.rc.Fail("aggregate.after-commit")
	return nil
}

// martStatements are the marts that are tables, in the order they are written in.
func martStatements() []string {
	return []string{
		"product_sales", "customer_value", "daily_sales", "hourly_sales", "country_sales", "customer_cohorts", "inventory",
	}
}

// pairsMart is the mart that is a view.
const pairsMart = "product_pairs"

// marts writes all marts from the sums.
func (a *aggregate) marts(ctx context.Context, tx pgx.Tx) error {
	var asOf *time.Time
	const q = "SELECT max(key::date) FROM agg_slice WHERE slice = 'day' AND lines > 0"
	if err := tx.QueryRow(ctx, q).Scan(&asOf); err != nil {
		return fmt.Errorf("find the last day with a sale: %w", err)
	}
	args := map[string][]any{
		"customer_value": {asOf},
		"inventory":      {asOf, a.o.LeadTimeDays, serviceFactor(a.o.ServiceLevel)},
	}
	var names []string
	var rows []int64
	for _, name := range martStatements() {
		a.phase(name)
		if _, err := tx.Exec(ctx, "DELETE FROM "+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		tag, err := tx.Exec(ctx, sql.Text("marts/"+name+".sql"), args[name]...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		names, rows = append(names, name), append(rows, tag.RowsAffected())
	}
	var pairs int64
	err := tx.QueryRow(ctx, "SELECT count(*) FROM agg_pair WHERE baskets >= (SELECT pair_min_invoices FROM agg_total)").Scan(&pairs)
	if err != nil {
		return fmt.Errorf("%s: %w", pairsMart, err)
	}
	names, rows = append(names, pairsMart), append(rows, pairs)
	for _, n := range rows {
		a.result.Loaded += n
	}
	_, err = tx.Exec(ctx, sql.Text("marts/mart_state.sql"), names, rows, a.rc.ID, asOf, a.rc.Now().UTC())
	if err != nil {
		return fmt.Errorf("note the state of the marts: %w", err)
	}
	return nil
}

// phase reports the statement in work.
func (a *aggregate) phase(name string) {
	a.rc.Progress(pipeline.Progress{
		Phase: name, Done: a.done, Total: int64(len(sumStatements()) + len(martStatements())), Unit: "tables", Read: a.result.Read,
	})
	a.done++
}

// serviceFactor returns the quantile of the standard normal distribution at p, to four decimals: every
// engine is handed the same number.
func serviceFactor(p float64) float64 {
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	return math.Round(z*1e4) / 1e4
}
