package mart

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// Decimal is an exact decimal number as PostgreSQL writes it; JSON has it as a
// number with all its digits.
type Decimal string

// MarshalJSON writes the number with all its digits, or null when there is none.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return []byte(d), nil
}

// Summary is what a shop owner asks first. Money is in the base currency.
type Summary struct {
	Totals   Totals         `json:"totals"`
	Best     []Product      `json:"best_products"`
	Segments []Segment      `json:"segments"`
	Reorder  []Reorder      `json:"reorder"`
	Rejects  []RejectReason `json:"open_rejects"`
	Sources  []Freshness    `json:"sources"`
	Checks   []CheckFound   `json:"checks"`
	State    State          `json:"marts"`
}

// Totals are sums over everything loaded. An identified purchase is one with a
// customer; returning customers have more than one.
type Totals struct {
	FirstDay            *time.Time `json:"first_day"`
	LastDay             *time.Time `json:"last_day"`
	TradingDays         int64      `json:"trading_days"`
	Lines               int64      `json:"lines"`
	Purchases           int64      `json:"purchases"`
	Units               Decimal    `json:"units"`
	Gross               Decimal    `json:"gross_revenue"`
	Returned            Decimal    `json:"returned_value"`
	Net                 Decimal    `json:"net_revenue"`
	AveragePurchase     *Decimal   `json:"avg_purchase_value"`
	Customers           int64      `json:"customers"`
	ReturningCustomers  int64      `json:"returning_customers"`
	ReturningShare      *Decimal   `json:"returning_share"`
	IdentifiedPurchases int64      `json:"identified_purchases"`
	IdentifiedGross     Decimal    `json:"identified_gross_revenue"`
}

// Product is one of the best products; Share is of all gross revenue.
type Product struct {
	Code        string   `json:"product_code"`
	Description string   `json:"description"`
	Units       Decimal  `json:"units"`
	Gross       Decimal  `json:"gross_revenue"`
	Share       *Decimal `json:"share"`
	Returned    Decimal  `json:"returned_value"`
}

// Segment is a group of customers by how lately and how often they buy.
type Segment struct {
	Name      string   `json:"segment"`
	Customers int64    `json:"customers"`
	Net       Decimal  `json:"net_revenue"`
	Share     *Decimal `json:"share"`
}

// Reorder is a product with the stock level at which to order it again. OnHand
// and OrderQuantity are nil while no stock is loaded.
type Reorder struct {
	Code          string   `json:"product_code"`
	Description   string   `json:"description"`
	ABC           string   `json:"abc"`
	XYZ           string   `json:"xyz"`
	WeeklyMean    Decimal  `json:"weekly_mean"`
	ReorderPoint  int64    `json:"reorder_point"`
	OnHand        *Decimal `json:"on_hand"`
	OrderQuantity *int64   `json:"order_quantity"`
}

// RejectReason counts the open rejects of one source for one reason.
type RejectReason struct {
	Source string `json:"source"`
	Reason string `json:"reason"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// Freshness is what a source has brought so far.
type Freshness struct {
	Source     string     `json:"source"`
	Loads      int64      `json:"loads"`
	Read       int64      `json:"read"`
	Loaded     int64      `json:"loaded"`
	Rejected   int64      `json:"rejected"`
	LastLoadAt *time.Time `json:"last_load_at"`
}

// CheckFound is a check of the last run that found offending rows.
type CheckFound struct {
	Name        string `json:"check"`
	Severity    string `json:"severity"`
	Description string `json:"description"`
	Found       int64  `json:"found"`
}

// Summarize reads the summary with the top best products and reorder rows.
// Before the first run it returns a State of "missing" and nothing else.
func Summarize(ctx context.Context, staging, analytics Querier, top int) (*Summary, error) {
	s := &Summary{State: State{State: "missing"}}
	states, err := collect[State](ctx, analytics, "insights/marts_state.sql")
	if err != nil || len(states) == 0 {
		return s, err
	}
	s.State = states[0]
	totals, err := collect[Totals](ctx, analytics, "insights/summary.sql")
	if err != nil {
		return nil, err
	}
	s.Totals = totals[0]
	if s.Best, err = collect[Product](ctx, analytics, "insights/best_products.sql", top); err != nil {
		return nil, err
	}
	if s.Segments, err = collect[Segment](ctx, analytics, "insights/segments.sql"); err != nil {
		return nil, err
	}
	if s.Reorder, err = collect[Reorder](ctx, analytics, "insights/reorder.sql", top); err != nil {
		return nil, err
	}
	if s.Checks, err = collect[CheckFound](ctx, analytics, "insights/failed_checks.sql"); err != nil {
		return nil, err
	}
	if s.Rejects, err = collect[RejectReason](ctx, staging, "insights/open_rejects.sql"); err != nil {
		return nil, err
	}
	s.Sources, err = collect[Freshness](ctx, staging, "insights/freshness.sql")
	return s, err
}

func collect[T any](ctx context.Context, db Querier, statement string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql.Text(statement), args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", statement, sql.Clarify(err))
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", statement, sql.Clarify(err))
	}
	return out, nil
}
