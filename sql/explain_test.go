package sql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestExplain(t *testing.T) {
	long := "SELECT " + strings.Repeat("a, ", 40) + "nonsense FROM t"
	for _, c := range []struct {
		name      string
		err       error
		statement string
		want      string
	}{
		{"not the server's", errors.New("x"), "SELECT", ""},
		{"no error", nil, "SELECT", ""},
		{
			"no position", &pgconn.PgError{Severity: "ERROR", Code: "23505", Message: "duplicate key", Detail: "Key (a)=(1) already exists."}, "INSERT",
			"ERROR: 23505: duplicate key\nDETAIL:  Key (a)=(1) already exists.",
		},
		{
			"second line, tabs and wide letters", &pgconn.PgError{Severity: "ERROR", Code: "42703", Message: "no column", Hint: "try b", Position: 19},
			"SELECT 'é',\n\t'ü', x\nFROM t", "ERROR: 42703: no column\nLINE 2:  'ü', x\n              ^\nHINT:  try b",
		},
		{
			"end of the statement", &pgconn.PgError{Severity: "ERROR", Code: "42601", Message: "at end", Position: 7}, "SELECT",
			"ERROR: 42601: at end\nLINE 1: SELECT\n              ^",
		},
		{"a position behind the end", &pgconn.PgError{Severity: "ERROR", Code: "42601", Message: "m", Position: 99}, "SELECT", "ERROR: 42601: m"},
		{
			"inside a function", &pgconn.PgError{Severity: "ERROR", Code: "42703", Message: "m", InternalQuery: "SELECT x", InternalPosition: 8, Where: "PL/pgSQL function f()"}, "SELECT f()",
			"ERROR: 42703: m\nLINE 1: SELECT x\n               ^\nCONTEXT:  PL/pgSQL function f()",
		},
		{
			"a long line", &pgconn.PgError{Severity: "ERROR", Code: "42703", Message: "m", Position: int32(strings.Index(long, "nonsense")) + 1}, long,
			"ERROR: 42703: m\nLINE 1: ..." + strings.Repeat(" a,", 11) + " nonsense FROM t\n" + strings.Repeat(" ", 45) + "^",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.err
			if err != nil {
				err = fmt.Errorf("wrapped: %w", err)
			}
			if got := sql.Explain(err, c.statement); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestExplainTheServersOwn(t *testing.T) {
	d := localtest.New(t)
	const statement = "SELECT 1,\n       lod_id\nFROM staging.purchases"
	_, err := d.Staging.Exec(t.Context(), statement)
	want := "ERROR: 42703: column \"lod_id\" does not exist\nLINE 2:        lod_id\n               ^"
	if got := sql.Explain(err, statement); !strings.HasPrefix(got, want) || !strings.Contains(got, "HINT:") {
		t.Errorf("got\n%s", got)
	}
}
