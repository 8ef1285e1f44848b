package mart

import (
	"context"
	"time"
)

// Health says whether the marts as a whole can be trusted and how old they are.
type Health struct {
	State         // of the worst mart; "missing" before they were made
	Loaded   bool // there are facts
	Behind   bool // the facts changed since the marts were made
	FirstDay *time.Time
	Checks   []CheckFound // what the last check found
}

// HealthOf reads the health of the marts.
func HealthOf(ctx context.Context, db Querier) (Health, error) {
	type row struct {
		State, Reason  string
		Run, Rows      int64
		AsOf, BuiltAt  time.Time
		Loaded, Behind bool
		FirstDay       *time.Time
	}
	rows, err := collect[row](ctx, db, "console/insights_health.sql")
	if err != nil || len(rows) == 0 {
		return Health{State: State{State: "missing"}}, err
	}
	r := rows[0]
	h := Health{
		State:  State{State: r.State, Reason: r.Reason, Run: r.Run, Rows: r.Rows, AsOf: r.AsOf, BuiltAt: r.BuiltAt},
		Loaded: r.Loaded, Behind: r.Behind, FirstDay: r.FirstDay,
	}
	h.Checks, err = collect[CheckFound](ctx, db, "insights/failed_checks.sql")
	return h, err
}

// TotalsOf reads the sums over everything.
func TotalsOf(ctx context.Context, db Querier) (Totals, error) {
	rows, err := collect[Totals](ctx, db, "insights/summary.sql")
	if err != nil {
		return Totals{}, err
	}
	return rows[0], nil
}

// Best reads the products that earn most, services apart.
func Best(ctx context.Context, db Querier, top int) ([]Product, error) {
	return collect[Product](ctx, db, "insights/best_products.sql", top)
}

// Segments reads the groups of customers, the most valuable first.
func Segments(ctx context.Context, db Querier) ([]Segment, error) {
	return collect[Segment](ctx, db, "insights/segments.sql")
}
