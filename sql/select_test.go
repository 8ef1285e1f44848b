package sql_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

func TestSelectQuotesNamesAndPassesValues(t *testing.T) {
	text, args, err := sql.Select{
		From: pgx.Identifier{"analytics", `odd"name`}, Columns: []string{"a", `b"; DROP TABLE x; --`},
		Where: []sql.Filter{{Column: "a", Op: ">=", Value: "1; DROP"}, {Column: "c", Op: "=", Value: ""}, {Column: "d", Op: "~", Value: "%_"}},
		Order: []sql.Order{{Column: "a", Desc: true}, {Column: "c"}}, Limit: 7,
	}.Build()
	if err != nil {
		t.Fatal(err)
	}
	want := `SELECT "a", "b""; DROP TABLE x; --" FROM "analytics"."odd""name"` +
		` WHERE "a" >= $1 AND "c" IS NULL AND strpos(lower("d"::text), lower($2::text)) > 0` +
		` ORDER BY "a" DESC NULLS LAST, "c" NULLS LAST LIMIT 7`
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if !reflect.DeepEqual(args, []any{"1; DROP", "%_"}) {
		t.Errorf("args = %q", args)
	}
	if _, _, err := (sql.Select{Where: []sql.Filter{{Column: "a", Op: "OR", Value: "x"}}}).Build(); err == nil {
		t.Error("an unknown comparison was taken")
	}
}

func TestCopyOut(t *testing.T) {
	all := sql.CopyOut(pgx.Identifier{"analytics", "t"}, []string{"a", "b"}, "", nil)
	if want := `COPY (SELECT "a", "b" FROM "analytics"."t") TO STDOUT (FORMAT binary)`; all != want {
		t.Errorf("got %s", all)
	}
	dec := time.Date(2010, 12, 1, 0, 0, 0, 0, time.UTC)
	some := sql.CopyOut(pgx.Identifier{"t"}, []string{"a"}, "at", []sql.Span{{From: dec, To: dec.AddDate(0, 1, 0)}})
	if want := `COPY (SELECT "a" FROM "t" WHERE false OR "at" >= '2010-12-01T00:00:00Z' AND "at" < '2011-01-01T00:00:00Z') TO STDOUT (FORMAT binary)`; some != want {
		t.Errorf("got %s", some)
	}
	none := sql.CopyOut(pgx.Identifier{"t"}, []string{"a"}, "at", []sql.Span{})
	if want := `COPY (SELECT "a" FROM "t" WHERE false) TO STDOUT (FORMAT binary)`; none != want {
		t.Errorf("got %s", none)
	}
}
