package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/pipeline/mart"
	"penstock/sql"
	"penstock/tui/screen/insights"
)

const (
	overviewRows = 20 // of the best of everything
	cohortMonths = 60 // first months, the latest
)

// martReader answers the screen insights by the role that may only SELECT. It can be used by many
// goroutines.
type martReader struct{ *app }

// Health implements insights.Marts. It gives up before a person does: the screen asks again.
func (r martReader) Health(ctx context.Context) (mart.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return asked(ctx, r, mart.HealthOf)
}

// Totals implements insights.Marts.
func (r martReader) Totals(ctx context.Context) (mart.Totals, error) {
	return asked(ctx, r, mart.TotalsOf)
}

// Overview implements insights.Marts.
func (r martReader) Overview(ctx context.Context) (mart.Overview, error) {
	return together(ctx, r, func(ctx context.Context, db mart.Querier) (mart.Overview, error) {
		return mart.ReadOverview(ctx, db, overviewRows)
	})
}

// List implements insights.Marts.
func (r martReader) List(ctx context.Context, l mart.List) (*mart.Table, error) {
	return asked(ctx, r, func(ctx context.Context, db mart.Querier) (*mart.Table, error) { return mart.ReadList(ctx, db, l) })
}

// Trend implements insights.Charts.
func (r martReader) Trend(ctx context.Context, z mart.Zoom) ([]mart.Period, error) {
	return asked(ctx, r, func(ctx context.Context, db mart.Querier) ([]mart.Period, error) { return mart.Trend(ctx, db, z) })
}

// Hours implements insights.Charts.
func (r martReader) Hours(ctx context.Context) ([]mart.Hour, error) { return asked(ctx, r, mart.Hours) }

// Cohorts implements insights.Charts.
func (r martReader) Cohorts(ctx context.Context) ([]mart.Cohort, error) {
	return asked(ctx, r, func(ctx context.Context, db mart.Querier) ([]mart.Cohort, error) {
		return mart.Cohorts(ctx, db, cohortMonths)
	})
}

// Groups implements insights.Charts.
func (r martReader) Groups(ctx context.Context) (mart.Groups, error) {
	return together(ctx, r, mart.ReadGroups)
}

// Lines implements insights.Facts.
func (r martReader) Lines(ctx context.Context, b mart.Behind, after *mart.Place, limit int) (*mart.Lines, error) {
	return asked(ctx, r, func(ctx context.Context, db mart.Querier) (*mart.Lines, error) {
		return mart.ReadLines(ctx, db, b, after, limit)
	})
}

// Sums implements insights.Facts.
func (r martReader) Sums(ctx context.Context, b mart.Behind) (mart.LineSums, error) {
	return asked(ctx, r, func(ctx context.Context, db mart.Querier) (mart.LineSums, error) { return mart.SumLines(ctx, db, b) })
}

// asked reads with a connection of the pool.
func asked[T any](ctx context.Context, r martReader, read func(context.Context, mart.Querier) (T, error)) (T, error) {
	pool, err := r.reading(ctx, sql.Analytics)
	if err != nil {
		var none T
		return none, err
	}
	value, err := read(ctx, pool)
	return value, stopped(ctx, err)
}

// together reads with several statements that see the same marts.
func together[T any](ctx context.Context, r martReader, read func(context.Context, mart.Querier) (T, error)) (T, error) {
	var value T
	pool, err := r.reading(ctx, sql.Analytics)
	if err != nil {
		return value, err
	}
	o := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, pool, o, func(tx pgx.Tx) error {
		// Before the first look: a rebuild that puts new tables in the place of these would else leave this
		// transaction with tables that are younger, and so empty, in its eyes.
		if _, err := tx.Exec(ctx, "LOCK TABLE analytics.daily_sales IN ACCESS SHARE MODE"); err != nil {
			return fmt.Errorf("read the marts: %w", sql.Clarify(err))
		}
		var err error
		value, err = read(ctx, tx)
		return err
	})
	return value, stopped(ctx, err)
}

// stopped tells the screen that the server ended a statement because the screen wanted it to.
func stopped(ctx context.Context, err error) error {
	const queryCanceled = "57014"
	var server *pgconn.PgError
	if ctx.Err() != nil && errors.As(err, &server) && server.Code == queryCanceled {
		return fmt.Errorf("%w: %w", insights.ErrStopped, err)
	}
	return err
}
