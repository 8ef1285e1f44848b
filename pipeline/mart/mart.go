// Package mart reads the marts, the tables of analytics that answer a shop's
// questions, for the headless insights and for the console.
package mart

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"penstock/sql"
)

// Querier is what reading needs of a pool, a connection or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Info describes a mart before it is read.
type Info struct {
	Name  string
	About string      // what a row is
	Order []sql.Order // how it is sorted unless asked otherwise
}

// All returns the marts in the order they are shown.
func All() []Info {
	desc := func(column string) []sql.Order { return []sql.Order{{Column: column, Desc: true}} }
	asc := func(columns ...string) []sql.Order {
		out := make([]sql.Order, len(columns))
		for i, c := range columns {
			out[i] = sql.Order{Column: c}
		}
		return out
	}
	return []Info{
		{"product_sales", "a product: what it sold, to how many, and what came back", append(desc("gross_revenue"), asc("product_code")...)},
		{"customer_value", "a customer: purchases, average purchase value, scores and segment", append(desc("net_revenue"), asc("customer_id")...)},
		{"daily_sales", "a day", asc("day")},
		{"hourly_sales", "an hour of the week (weekday 1 = Monday)", asc("weekday", "hour")},
		{"country_sales", "a country", append(desc("gross_revenue"), asc("country")...)},
		{"product_pairs", "two products that are bought together", append(desc("lift"), asc("product_a", "product_b")...)},
		{"customer_cohorts", "the customers of one first month, so many months later", asc("cohort_month", "months_since")},
		{"inventory", "a product: its class, its demand by week and when to order again", asc("abc", "xyz", "product_code")},
	}
}

// Names returns the names of the marts.
func Names() []string {
	all := All()
	out := make([]string, len(all))
	for i, m := range all {
		out[i] = m.Name
	}
	return out
}

// Kind says how the values of a column are written and aligned.
type Kind int

// The kinds of columns.
const (
	Text Kind = iota
	Number
	Time
	Bool
)

// Column is a column of a result.
type Column struct {
	Name string
	Kind Kind
}

// Value is a cell as PostgreSQL writes it: decimals exact, times in UTC.
type Value struct {
	Text string
	Null bool
}

// Table is a result: its columns and rows, and the state of the mart they are from. Found is how many rows there
// would be without a limit; Read alone sets it.
type Table struct {
	Mart    string
	Columns []Column
	Rows    [][]Value
	State   State
	Found   int64
}

// State says how far a mart can be trusted.
type State struct {
	State   string // unchecked, ok, failed, or missing when it was never built
	Reason  string // why it failed
	Run     int64
	Rows    int64
	AsOf    time.Time // the last day with a sale; zero without any
	BuiltAt time.Time
}

// Query asks for rows of a mart.
type Query struct {
	Mart  string
	Where []sql.Filter
	Order []sql.Order // nil = the mart's own
	Limit int         // 0 = all
}

// Error is a question that can't be answered as it was put; Hint says how it can.
type Error struct{ msg, hint string }

func (e *Error) Error() string { return e.msg }

// Hint says what to ask instead.
func (e *Error) Hint() string { return e.hint }

// Read answers the query. Unknown marts and columns, and values that no column of that type has, are an *Error.
func Read(ctx context.Context, db Querier, q Query) (*Table, error) {
	i := slices.IndexFunc(All(), func(m Info) bool { return m.Name == q.Mart })
	if i < 0 {
		return nil, &Error{fmt.Sprintf("there is no mart %q", q.Mart), "the marts are " + strings.Join(Names(), ", ")}
	}
	if q.Order == nil {
		q.Order = All()[i].Order
	}
	columns, err := columnsOf(ctx, db, q.Mart)
	if err != nil {
		return nil, err
	}
	for _, o := range q.Order {
		if err := known(q.Mart, columns, o.Column); err != nil {
			return nil, err
		}
	}
	for _, f := range q.Where {
		if err := known(q.Mart, columns, f.Column); err != nil {
			return nil, err
		}
	}
	selected := sql.Select{From: pgx.Identifier{"analytics", q.Mart}, Columns: columns, Where: q.Where, Order: q.Order, Limit: q.Limit}
	text, args, err := selected.Build()
	if err != nil {
		return nil, &Error{err.Error(), "write --where 'units>=100', or ~ for contains: --where 'description~lantern'"}
	}
	t := &Table{Mart: q.Mart}
	if t.Columns, t.Rows, err = Rows(ctx, db, text, args...); err != nil {
		if err = refused(err, q.Where); errors.As(err, new(*Error)) {
			return nil, err
		}
		return nil, fmt.Errorf("read %s: %w", q.Mart, sql.Clarify(err))
	}
	if t.Found = int64(len(t.Rows)); q.Limit > 0 && len(t.Rows) == q.Limit {
		if t.Found, err = countOf(ctx, db, selected); err != nil {
			return nil, fmt.Errorf("count %s: %w", q.Mart, sql.Clarify(err))
		}
	}
	if t.State, err = StateOf(ctx, db, q.Mart); err != nil {
		return nil, err
	}
	return t, nil
}

func columnsOf(ctx context.Context, db Querier, mart string) ([]string, error) {
	rows, err := db.Query(ctx, sql.Text("insights/columns.sql"), mart)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", mart, sql.Clarify(err))
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", mart, sql.Clarify(err))
	}
	if len(columns) == 0 {
		return nil, &Error{fmt.Sprintf("the mart %s does not exist yet", mart), "run the pipeline first: penstock --run"}
	}
	return columns, nil
}

func known(mart string, columns []string, column string) error {
	if slices.Contains(columns, column) {
		return nil
	}
	return &Error{fmt.Sprintf("%s has no column %q", mart, column), "its columns are " + strings.Join(columns, ", ")}
}

// Rows runs a statement and returns what it answers, every value in
// PostgreSQL's own text form.
func Rows(ctx context.Context, db Querier, text string, args ...any) ([]Column, [][]Value, error) {
	args = append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)
	rows, err := db.Query(ctx, text, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var out [][]Value
	for rows.Next() {
		raw := rows.RawValues()
		row := make([]Value, len(raw))
		for i, v := range raw {
			row[i] = Value{Text: string(v), Null: v == nil}
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	fields := rows.FieldDescriptions()
	columns := make([]Column, len(fields))
	for i, f := range fields {
		columns[i] = Column{Name: f.Name, Kind: kindOf(f.DataTypeOID)}
	}
	return columns, out, nil
}

func kindOf(oid uint32) Kind {
	switch oid {
	case pgtype.NumericOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float8OID:
		return Number
	case pgtype.TimestamptzOID, pgtype.DateOID:
		return Time
	case pgtype.BoolOID:
		return Bool
	}
	return Text
}

// StateOf reads the state of one mart.
func StateOf(ctx context.Context, db Querier, mart string) (State, error) {
	rows, err := db.Query(ctx, sql.Text("insights/state.sql"), mart)
	if err != nil {
		return State{}, fmt.Errorf("read the state of %s: %w", mart, sql.Clarify(err))
	}
	states, err := pgx.CollectRows(rows, pgx.RowToStructByPos[State])
	if err != nil {
		return State{}, fmt.Errorf("read the state of %s: %w", mart, sql.Clarify(err))
	}
	if len(states) == 0 {
		return State{State: "missing"}, nil
	}
	return states[0], nil
}

// ParseFilter reads a filter as people type it: units>=100, country=France,
// description~lantern, country= (not given).
func ParseFilter(s string) (sql.Filter, error) {
	i := strings.IndexAny(s, "=!<>~")
	if i > 0 {
		op := s[i : i+1]
		if i+1 < len(s) && s[i+1] == '=' && op != "=" && op != "~" {
			op += "="
		}
		if op != "!" {
			return sql.Filter{Column: strings.TrimSpace(s[:i]), Op: op, Value: strings.TrimSpace(s[i+len(op):])}, nil
		}
	}
	return sql.Filter{}, &Error{fmt.Sprintf("the filter %q has no comparison", s), "write COLUMN OP VALUE with one of = != < <= > >= ~ (contains), such as units>=100"}
}

// ParseOrder reads columns to sort by, as people type them: -net_revenue,country
// sorts by the greatest net_revenue first.
func ParseOrder(s string) []sql.Order {
	var out []sql.Order
	for _, c := range strings.Split(s, ",") {
		if c = strings.TrimSpace(c); c != "" {
			name, desc := strings.CutPrefix(c, "-")
			out = append(out, sql.Order{Column: name, Desc: desc})
		}
	}
	return out
}
