package mart

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// Behind says which lines stand behind a number of a mart: sales and returns for
// which all that is set holds. A pair, Product and With, has sales only: those of
// the baskets that product_pairs looks at.
type Behind struct {
	Product, With string
	Customer      string
	Country       *string   // "" = the line names none
	From, To      time.Time // days of the report timezone, To not included
	Weekday       int       // 1 = Monday to 7 = Sunday, 0 = any, and then Hour too
	Hour          int
	Cohort        time.Time // first month of the customers; the zero time: any
	Since         int       // months after Cohort
	Timezone      string    // of the report
	// Smallest and Largest are how many distinct goods the baskets of product_pairs
	// have; only LakeQuery needs to be told.
	Smallest, Largest int
}

// Place is where a page of lines ends: its last line, by when it was ordered and
// where it came from.
type Place struct{ At, Load, Record string }

// Lines is a page of lines, the latest first.
type Lines struct {
	Table *Table
	Next  *Place // where the next page begins; nil after the last
}

// LineSums is what the lines behind a number come to.
type LineSums struct {
	Lines     int64
	Purchases int64
	Units     Decimal // sold
	Gross     Decimal
	Returned  Decimal
	Net       Decimal
}

// ReadLines reads up to limit lines after a place, from the start if it is nil.
func ReadLines(ctx context.Context, db Querier, b Behind, after *Place, limit int) (*Lines, error) {
	where, args := b.where()
	if after != nil {
		where += " AND (f.ordered_at, f.load_id, f.record) < (@at::timestamptz, @load::bigint, @record::bigint)"
		args["at"], args["load"], args["record"] = after.At, after.Load, after.Record
	}
	args["limit"] = limit
	columns, rows, err := Rows(ctx, db, strings.ReplaceAll(sql.Text("console/insights_lines.sql"), "{where}", where), args)
	if err != nil {
		return nil, fmt.Errorf("read the lines: %w", sql.Clarify(err))
	}
	const hidden = 3
	n := len(columns) - hidden
	page := &Lines{Table: &Table{Mart: "fact_purchase_line", Columns: columns[:n]}}
	for _, row := range rows {
		page.Table.Rows = append(page.Table.Rows, row[:n:n])
	}
	if len(rows) == limit && limit > 0 {
		last := rows[len(rows)-1][n:]
		page.Next = &Place{At: last[0].Text, Load: last[1].Text, Record: last[2].Text}
	}
	return page, nil
}

// SumLines sums the lines up; it looks at all of them.
func SumLines(ctx context.Context, db Querier, b Behind) (LineSums, error) {
	where, args := b.where()
	rows, err := db.Query(ctx, strings.ReplaceAll(sql.Text("console/insights_line_sums.sql"), "{where}", where), args)
	if err != nil {
		return LineSums{}, fmt.Errorf("sum the lines: %w", sql.Clarify(err))
	}
	sums, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[LineSums])
	if err != nil {
		return LineSums{}, fmt.Errorf("sum the lines: %w", sql.Clarify(err))
	}
	return sums, nil
}

// where returns the condition and its values.
func (b Behind) where() (string, pgx.NamedArgs) {
	args := pgx.NamedArgs{"timezone": b.Timezone}
	conds := []string{"true"}
	add := func(cond string, values ...any) { // names and values in turn
		conds = append(conds, cond)
		for i := 0; i+1 < len(values); i += 2 {
			args[fmt.Sprint(values[i])] = values[i+1]
		}
	}
	switch {
	case b.With != "":
		add(sql.Text("console/insights_in_pair.sql"), "product", b.Product, "with", b.With)
	case b.Product != "":
		add("f.product_code = @product::text", "product", b.Product)
	}
	if b.Customer != "" {
		add("f.customer_id = @customer::text", "customer", b.Customer)
	}
	switch {
	case b.Country != nil && *b.Country == "":
		add("f.country IS NULL")
	case b.Country != nil:
		add("f.country = @country::text", "country", *b.Country)
	}
	if !b.From.IsZero() {
		// The time as well, a day wider, for the index that knows only times.
		add("f.ordered_day >= @from::date AND f.ordered_at >= @from::date - 1", "from", b.From.Format(time.DateOnly))
	}
	if !b.To.IsZero() {
		add("f.ordered_day < @to::date AND f.ordered_at < @to::date + 1", "to", b.To.Format(time.DateOnly))
	}
	if b.Weekday > 0 {
		add("extract(isodow FROM f.ordered_day) = @weekday::int AND extract(hour FROM f.ordered_at AT TIME ZONE @timezone::text) = @hour::int",
			"weekday", b.Weekday, "hour", b.Hour)
	}
	if !b.Cohort.IsZero() {
		add(sql.Text("console/insights_in_cohort.sql"), "cohort", b.Cohort.Format(time.DateOnly), "since", b.Since)
	}
	return strings.Join(conds, " AND "), args
}

// LakeQuery returns the statement that gives the same lines from the published
// tables, as the task query takes it; 0 is no limit.
func (b Behind) LakeQuery(limit int) string {
	conds := []string{"kind IN ('sale', 'return')", "amount_base IS NOT NULL"}
	add := func(format string, values ...any) { conds = append(conds, fmt.Sprintf(format, values...)) }
	switch {
	case b.With != "":
		conds[0] = "kind = 'sale'"
		const sales = "SELECT (source, invoice_no) FROM fact_purchase_line WHERE kind = 'sale' AND amount_base IS NOT NULL"
		add("product_code IN (%[1]s, %[2]s) AND (source, invoice_no) IN (%[3]s AND product_code IN (%[1]s, %[2]s) GROUP BY ALL HAVING count(DISTINCT product_code) = 2) "+
			"AND (source, invoice_no) IN (%[3]s AND NOT is_service GROUP BY ALL HAVING count(DISTINCT product_code) BETWEEN %[4]d AND %[5]d)",
			literal(b.Product), literal(b.With), sales, b.Smallest, b.Largest)
	case b.Product != "":
		add("product_code = %s", literal(b.Product))
	}
	if b.Customer != "" {
		add("customer_id = %s", literal(b.Customer))
	}
	switch {
	case b.Country != nil && *b.Country == "":
		add("country IS NULL")
	case b.Country != nil:
		add("country = %s", literal(*b.Country))
	}
	from, to := b.From, b.To
	if !b.Cohort.IsZero() {
		add("customer_id IN (SELECT customer_id FROM customer_value WHERE date_trunc('month', first_purchase_at AT TIME ZONE %s) = DATE '%s')",
			literal(b.Timezone), b.Cohort.Format(time.DateOnly))
		from, to = b.Cohort.AddDate(0, b.Since, 0), b.Cohort.AddDate(0, b.Since+1, 0)
	}
	if !from.IsZero() {
		add("ordered_day >= DATE '%s'", from.Format(time.DateOnly))
	}
	if !to.IsZero() {
		add("ordered_day < DATE '%s'", to.Format(time.DateOnly))
	}
	if b.Weekday > 0 {
		add("isodow(ordered_day) = %d AND hour(ordered_at AT TIME ZONE %s) = %d", b.Weekday, literal(b.Timezone), b.Hour)
	}
	text := "SELECT * FROM fact_purchase_line WHERE " + strings.Join(conds, " AND ") + " ORDER BY ordered_at DESC, load_id DESC, record DESC"
	if limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", limit)
	}
	return text
}

// literal writes a text constant of SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
