package mart

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/sql"
)

// refused turns what the server says of a value that it cannot read as the column's type into an Error that names
// the filter.
func refused(err error, where []sql.Filter) error {
	const dataException = "22"
	var server *pgconn.PgError
	if len(where) == 0 || !errors.As(err, &server) || !strings.HasPrefix(server.Code, dataException) {
		return err
	}
	named := where[0]
	for _, f := range where {
		if f.Value != "" && f.Op != "~" && strings.Contains(server.Message, `"`+f.Value+`"`) {
			named = f
			break
		}
	}
	what, hint := "cannot be compared with that", "write a value as the column has them"
	switch words := server.Message; {
	case strings.Contains(words, "range"):
		what, hint = "is out of range", "compare with a smaller number, or a day of the calendar"
	case strings.Contains(words, "numeric") || strings.Contains(words, "int") || strings.Contains(words, "double"):
		what, hint = "is no number", "write a number without separators, such as "+named.Column+named.Op+"100"
	case strings.Contains(words, "date") || strings.Contains(words, "timestamp"):
		what, hint = "is no time", "write a day as 2010-12-01, or a time as 2010-12-01T14:30:00Z"
	case strings.Contains(words, "boolean"):
		what, hint = "is neither true nor false", "write "+named.Column+"=true or "+named.Column+"=false"
	}
	return &Error{fmt.Sprintf("the filter %q: %q %s", named.Column+named.Op+named.Value, named.Value, what), hint}
}

// countOf is how many rows a statement selects.
func countOf(ctx context.Context, db Querier, s sql.Select) (int64, error) {
	s.Columns, s.Order, s.Limit = nil, nil, 0
	text, args, err := s.Build()
	if err != nil {
		return 0, err
	}
	rows, err := db.Query(ctx, "SELECT count(*) FROM ("+text+") AS kept", args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var n int64
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}
