package mart

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// ListName names a list.
type ListName string

// The lists.
const (
	Products  ListName = "products"
	Customers ListName = "customers"
	Countries ListName = "countries"
	Pairs     ListName = "pairs"
	Inventory ListName = "inventory"
)

// List asks for rows of a mart as people read them: with descriptions, shares and
// days in the report timezone, in an order of the server's so that Limit cuts off
// what matters least.
type List struct {
	Of       ListName
	Services bool   // products: services instead of goods
	Worst    bool   // products: the least net revenue first
	Segment  string // customers: of this segment; "": all
	By       string // pairs: "lift", "invoices" or "confidence"
	Due      bool   // inventory: only what is to be ordered
	Timezone string // of the report
	Limit    int
}

// ReadList answers the list. Its Table has no State.
func ReadList(ctx context.Context, db Querier, l List) (*Table, error) {
	args := pgx.NamedArgs{
		"services": l.Services, "worst": l.Worst, "segment": l.Segment, "by": l.By,
		"due": l.Due, "timezone": l.Timezone, "limit": l.Limit,
	}
	t := &Table{Mart: string(l.Of)}
	var err error
	if t.Columns, t.Rows, err = Rows(ctx, db, sql.Text("console/insights_"+string(l.Of)+".sql"), args); err != nil {
		return nil, fmt.Errorf("list %s: %w", l.Of, sql.Clarify(err))
	}
	return t, nil
}
