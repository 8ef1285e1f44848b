package sql

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Select is a query over one table whose columns, filters and order a person
// chose. Identifiers are quoted, values are always parameters.
type Select struct {
	From    pgx.Identifier
	Columns []string
	Where   []Filter
	Order   []Order
	Limit   int // 0 = all
}

// Filter keeps the rows in which a column compares with a value. Op is one of
// = != < <= > >= and ~ (contains, whatever the case). An empty value with = or
// != asks for NULL.
type Filter struct {
	Column, Op, Value string
}

// Order sorts by one column; NULLs come last either way.
type Order struct {
	Column string
	Desc   bool
}

// Build returns the statement and its parameters, all of them text that the
// server reads as the column's type. An unknown Op is an error.
func (s Select) Build() (string, []any, error) {
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(pgx.Identifier{c}.Sanitize())
	}
	b.WriteString(" FROM " + s.From.Sanitize())
	var args []any
	for i, f := range s.Where {
		cond, err := f.condition(len(args) + 1)
		if err != nil {
			return "", nil, err
		}
		if strings.Contains(cond, "$") {
			args = append(args, f.Value)
		}
		b.WriteString(map[bool]string{true: " WHERE ", false: " AND "}[i == 0] + cond)
	}
	for i, o := range s.Order {
		b.WriteString(map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + pgx.Identifier{o.Column}.Sanitize())
		if o.Desc {
			b.WriteString(" DESC")
		}
		b.WriteString(" NULLS LAST")
	}
	if s.Limit > 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(s.Limit))
	}
	return b.String(), args, nil
}

func (f Filter) condition(param int) (string, error) {
	column := pgx.Identifier{f.Column}.Sanitize()
	switch {
	case f.Value == "" && f.Op == "=":
		return column + " IS NULL", nil
	case f.Value == "" && f.Op == "!=":
		return column + " IS NOT NULL", nil
	}
	switch f.Op {
	case "=", "<", "<=", ">", ">=":
		return fmt.Sprintf("%s %s $%d", column, f.Op, param), nil
	case "!=":
		return fmt.Sprintf("%s IS DISTINCT FROM $%d", column, param), nil
	case "~":
		return fmt.Sprintf("strpos(lower(%s::text), lower($%d::text)) > 0", column, param), nil
	}
	return "", fmt.Errorf("unknown comparison %q: use one of = != < <= > >= ~", f.Op)
}

// Span is a half-open range of time, [From, To).
type Span struct{ From, To time.Time }

// CopyOut returns the statement that sends columns of a table as a binary COPY
// stream: all rows, or, when spans is not nil, those whose column at lies in
// one of them.
func CopyOut(from pgx.Identifier, columns []string, at string, spans []Span) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	where := ""
	if spans != nil {
		conds := []string{"false"}
		for _, s := range spans {
			conds = append(conds, fmt.Sprintf("%[1]s >= '%[2]s' AND %[1]s < '%[3]s'", pgx.Identifier{at}.Sanitize(),
				s.From.UTC().Format(time.RFC3339Nano), s.To.UTC().Format(time.RFC3339Nano)))
		}
		where = " WHERE " + strings.Join(conds, " OR ")
	}
	return "COPY (SELECT " + strings.Join(quoted, ", ") + " FROM " + from.Sanitize() + where + ") TO STDOUT (FORMAT binary)"
}
