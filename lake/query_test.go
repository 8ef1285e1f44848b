package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// published is a lake with three facts in two months and a small mart, of run 1.
func published(t *testing.T) (*Lake, View) {
	t.Helper()
	l := newLake(t)
	s := newStream().
		fact("A1", "10.000000001", "2011-01-31T23:59:59.999999Z").
		fact("A2", "-99999999999999999999999999999.999999999", "2011-02-01T00:00:00Z").
		row("A3", numeric("0.001"), nil, nil, at("2011-02-03T04:05:06Z"), nil, nil, nil, nil, nil, nil, nil)
	publish(t, l, 1, facts(), nil, s)
	publish(t, l, 1, mart(), nil, newStream().row("United Kingdom", numeric("1.5")).row(nil, numeric("-2")))
	v, err := l.At(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return l, v
}

func mart() Table {
	return Table{Name: "country_sales", Columns: []Column{
		{Name: "country", Type: Text}, {Name: "net_revenue", Type: Numeric, Precision: 38, Scale: 4},
	}}
}

func publish(t *testing.T, l *Lake, run int64, tbl Table, months []time.Time, s *copyStream) Stats {
	t.Helper()
	stats, err := l.Overwrite(t.Context(), Commit{Run: run, Version: run, Tables: []string{"facts", "country_sales"}}, tbl, months, s.end(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return stats
}

func openQuery(t *testing.T, v View, o QueryOptions) *Query {
	t.Helper()
	q, err := OpenQuery(t.Context(), v, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// ask returns the rows of a query as lines of tab-separated text.
func ask(t *testing.T, q *Query, sql string) []string {
	t.Helper()
	lines, err := try(t.Context(), q, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return lines
}

func try(ctx context.Context, q *Query, sql string) (lines []string, err error) {
	rows, err := q.Run(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var cells []string
		for i := range rows.Columns() {
			cell := rows.Text(i)
			if rows.Null(i) {
				cell = "NULL"
			}
			cells = append(cells, cell)
		}
		lines = append(lines, strings.Join(cells, "\t"))
	}
	return lines, rows.Err()
}

func TestQueryReadsWhatWasPublished(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 2, MemoryLimit: "500MB", TempDir: t.TempDir(), TempLimit: "1GB"})
	for sql, want := range map[string][]string{
		"SELECT * FROM facts ORDER BY invoice_no": {
			"A1\t2.000\t0.500000\t10.000000001\t2011-01-31T23:59:59.999999Z\t2011-01-31\tfalse\t3\t7\t1\t0.5\t{\"k\": 1}",
			"A2\t2.000\t0.500000\t-99999999999999999999999999999.999999999\t2011-02-01T00:00:00Z\t2011-02-01\tfalse\t3\t7\t1\t0.5\t{\"k\": 1}",
			"A3\t0.001\tNULL\tNULL\t2011-02-03T04:05:06Z\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL",
		},
		"SELECT count(*), sum(quantity) FROM facts":                   {"3\t4.001"},
		"SELECT count(*) FROM facts WHERE ordered_at >= '2011-02-01'": {"2"},
		"SELECT * FROM country_sales ORDER BY 2":                      {"NULL\t-2.0000", "United Kingdom\t1.5000"},
		"FROM country_sales SELECT count(*)":                          {"2"},
		"WITH x AS (SELECT 1 AS a) SELECT a FROM x":                   {"1"},
		"VALUES (1, 'a'), (2, NULL)":                                  {"1\ta", "2\tNULL"},
		"SELECT 1;":                                                   {"1"},
		"-- a comment\nSELECT ';' -- another;":                        {";"},
		"SHOW TABLES":                                                 {"country_sales", "facts"},
		"SELECT column_name, column_type FROM (DESCRIBE facts) LIMIT 2": {
			"invoice_no\tVARCHAR", "quantity\tDECIMAL(14,3)",
		},
		"SELECT 1 WHERE false": nil,
	} {
		if got := ask(t, q, sql); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", sql, got, want)
		}
	}
	for _, sql := range []string{"DESCRIBE facts", "SUMMARIZE facts", "EXPLAIN SELECT * FROM facts", "EXPLAIN ANALYZE SELECT count(*) FROM facts", "DESCRIBE SELECT 1"} {
		if got := ask(t, q, sql); len(got) == 0 {
			t.Errorf("%s gives nothing", sql)
		}
	}
}

func TestQueryShowsEveryType(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{})
	for sql, want := range map[string]string{
		"true":                             "true",
		"(-128)::TINYINT":                  "-128",
		"255::UTINYINT":                    "255",
		"(-32768)::SMALLINT":               "-32768",
		"65535::USMALLINT":                 "65535",
		"(-2147483648)::INTEGER":           "-2147483648",
		"4294967295::UINTEGER":             "4294967295",
		"(-9223372036854775808)::BIGINT":   "-9223372036854775808",
		"18446744073709551615::UBIGINT":    "18446744073709551615",
		"sum(9223372036854775807::BIGINT)": "9223372036854775807",
		"(-170141183460469231731687303715884105728)::HUGEINT": "-170141183460469231731687303715884105728",
		"340282366920938463463374607431768211455::UHUGEINT":   "340282366920938463463374607431768211455",
		"0.1::DECIMAL(4,1)":     "0.1",
		"(-0.05)::DECIMAL(9,2)": "-0.05",
		"0::DECIMAL(18,6)":      "0.000000",
		"123456789012345678901234567890.12345678::DECIMAL(38,8)": "123456789012345678901234567890.12345678",
		"1.5::FLOAT":                      "1.5",
		"0.1::DOUBLE":                     "0.1",
		"'nan'::DOUBLE":                   "NaN",
		"'-inf'::DOUBLE":                  "-Infinity",
		"'short'":                         "short",
		"repeat('long ', 5)":              "long long long long long ",
		"'\\x00\\xff'::BLOB":              `\x00ff`,
		"DATE '2011-12-09'":               "2011-12-09",
		"DATE '0001-01-01'":               "0001-01-01",
		"'infinity'::DATE":                "infinity",
		"TIME '08:26:00.5'":               "08:26:00.5",
		"TIMESTAMP '2011-12-09 12:50:00'": "2011-12-09T12:50:00",
		"TIMESTAMP_NS '2011-12-09 12:50:00.123456789'": "2011-12-09T12:50:00.123456789",
		"TIMESTAMP_MS '1969-12-31 23:59:59.5'":         "1969-12-31T23:59:59.5",
		"TIMESTAMP_S '2011-12-09 12:50:00'":            "2011-12-09T12:50:00",
		"TIMESTAMPTZ '2011-12-09 12:50:00+02'":         "2011-12-09T10:50:00Z",
		"'-infinity'::TIMESTAMPTZ":                     "-infinity",
		"INTERVAL '1 month 2 days 3.5 seconds'":        "P1M2DT3.500000S",
		"UUID '00112233-4455-6677-8899-aabbccddeeff'":  "00112233-4455-6677-8899-aabbccddeeff",
		"'b'::ENUM('a','b')":                           "b",
		"NULL":                                         "NULL",
		"[1, NULL, 3]":                                 "[1,null,3]",
		"[[1.50], []]":                                 "[[1.50],[]]",
		"{'a': 1, 'b\"': 'x\ny', 'c': DATE '2011-12-09', 'd': 'nan'::DOUBLE}": `{"a":1,"b\"":"x\ny","c":"2011-12-09","d":"NaN"}`,
		"MAP {'k': [1], 'l': NULL}": `{"k":[1],"l":null}`,
		"[1,2]::INTEGER[2]":         "[1,2]",
		"'{\"a\": [1]}'::JSON":      `{"a": [1]}`,
	} {
		if got := ask(t, q, "SELECT "+sql); len(got) != 1 || got[0] != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	var unreadable *UnreadableError
	if _, err := try(t.Context(), q, "SELECT '101'::BIT AS bits"); !errors.As(err, &unreadable) || unreadable.Column != "bits" || unreadable.Hint() == "" {
		t.Errorf("BIT = %v", err)
	}
}

func TestQueryIsLockedUp(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{TempDir: t.TempDir()})
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\nsecret-value\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	neighbour := filepath.Join(filepath.Dir(v.Tables["facts"].Files[0]), "neighbour.csv")
	if err := os.WriteFile(neighbour, []byte("a\nsecret-value\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT * FROM read_csv('" + secret + "')",
		"SELECT * FROM '" + secret + "'",
		"SELECT * FROM read_text('" + secret + "')",
		"SELECT * FROM read_blob('" + neighbour + "')",
		"SELECT * FROM read_parquet('" + v.Tables["facts"].Files[0] + "/../neighbour.csv')",
		"SELECT * FROM glob('" + dir + "/*')",
		"SELECT * FROM read_text('/etc/passwd')",
		"SELECT * FROM read_csv('https://example.invalid/x.csv')",
		"SELECT * FROM read_parquet('s3://bucket/x.parquet')",
		"SELECT * FROM sniff_csv('" + secret + "')",
		"SELECT getenv('HOME')",
		"COPY facts TO '" + dir + "/out.csv'",
		"COPY (SELECT 1) TO '" + dir + "/out.parquet'",
		"EXPLAIN ANALYZE COPY (SELECT 1) TO '" + dir + "/out.csv'",
		"EXPORT DATABASE '" + dir + "/out'",
		"ATTACH '" + dir + "/out.db'",
		"INSTALL httpfs", "LOAD httpfs", "LOAD '" + dir + "/x.duckdb_extension'",
		"SET enable_external_access = true", "SET allowed_paths = ['" + secret + "']", "SET memory_limit = '100GB'", "RESET memory_limit",
		"PRAGMA memory_limit='100GB'", "SET lock_configuration = false", "SET VARIABLE x = 1",
		"CREATE TABLE t AS SELECT 1", "CREATE VIEW w AS SELECT 1", "DROP VIEW facts", "INSERT INTO facts SELECT * FROM facts", "DELETE FROM facts", "UPDATE facts SET line = 1",
		"CREATE SECRET (TYPE s3)", "CREATE MACRO m() AS 1", "CALL pragma_version()", "BEGIN", "COMMIT", "CHECKPOINT", "VACUUM", "USE memory", "DETACH memory",
		"PREPARE p AS SELECT 1", "EXECUTE p", "SELECT ?", "SELECT $1",
		"SELECT 1; SELECT 2", "SELECT 1; DROP VIEW facts", "", "  ", "-- nothing", ";", "SELECT 1\x00; DROP VIEW facts",
	} {
		lines, err := try(t.Context(), q, sql)
		if err == nil {
			t.Errorf("%s: was run and gave %q", sql, lines)
			continue
		}
		if strings.Contains(err.Error(), "secret-value") {
			t.Errorf("%s: the error tells the file's content: %v", sql, err)
		}
	}
	if got := ask(t, q, "SELECT count(*) FROM facts"); got[0] != "3" {
		t.Errorf("after all that the table has %q rows", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("files were written: %v, %v", entries, err)
	}
}

func TestQueryErrorsHelp(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{})
	for _, c := range []struct{ sql, message, hint string }{
		{"SELECT * FROM fact", "facts", "country_sales, facts"},
		{"SELECT quantty FROM facts", "LINE 1", "facts has the columns invoice_no, quantity"},
		{"SELECT\n  foo\nFROM country_sales", "LINE 2:   foo", "country_sales has the columns country, net_revenue"},
		{"SELEC 1", "syntax error", ""},
		{"SELECT * FROM read_text('/etc/passwd')", "", "nothing else"},
		{"SELECT 'x'::INTEGER", "Could not convert", ""},
		{"DROP VIEW facts", "only statements that read", "SELECT"},
		{"SELECT 1; SELECT 2", "more than one", "one SELECT"},
	} {
		_, err := try(t.Context(), q, c.sql)
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: %v, want %q", c.sql, err, c.message)
			continue
		}
		var hinted interface{ Hint() string }
		if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), c.hint) {
			t.Errorf("%s: hint of %v, want %q", c.sql, hinted, c.hint)
		}
	}
	if _, err := OpenQuery(t.Context(), View{}, QueryOptions{}); !isUnpublished(err) {
		t.Errorf("an empty view: %v", err)
	}
	var remote *RemoteError
	if _, err := OpenQuery(t.Context(), View{Tables: map[string]ViewTable{"facts": {Files: []string{"s3://b/x.parquet"}}}}, QueryOptions{}); !errors.As(err, &remote) {
		t.Errorf("a remote view: %v", err)
	}
	var damaged *DamagedError
	if err := os.Remove(v.Tables["country_sales"].Files[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenQuery(t.Context(), v, QueryOptions{}); !errors.As(err, &damaged) || damaged.Table != "country_sales" {
		t.Errorf("a view of lost files: %v", err)
	}
}

func TestQueryStreamsAndFailsMidway(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{MemoryLimit: "100MB", Threads: 2})
	// More than a gigabyte of result, which comes piece by piece.
	before := peakRSS(t)
	rows, err := q.Run(t.Context(), "SELECT i, repeat('x', 1500) FROM range(1000000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if n != 1_000_000 || rows.Err() != nil {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
	if grown := peakRSS(t) - before; grown > 500e6 {
		t.Errorf("the process has grown by %.0f MB", grown/1e6)
	}
	if err := errors.Join(rows.Close(), rows.Close()); err != nil || rows.Next() {
		t.Errorf("Close twice = %v", err)
	}
	lines, err := try(t.Context(), q, "SELECT CASE WHEN i = 900000 THEN error('no luck') ELSE i END FROM range(1000000) r(i)")
	var qe *QueryError
	if !errors.As(err, &qe) || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("a failure after %d rows = %v", len(lines), err)
	}
	_, err = try(t.Context(), q, "SELECT count(*) FROM (SELECT DISTINCT repeat('x', 100) || i FROM range(10000000) r(i))")
	if !errors.As(err, &qe) || qe.Hint() == "" {
		t.Errorf("out of memory = %v", err)
	}
}

func TestQuerySpillsToItsFolder(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{MemoryLimit: "60MB", Threads: 1, TempDir: t.TempDir(), TempLimit: "1GB"})
	got := ask(t, q, "SELECT count(*) FROM (SELECT i, hash(i) AS h FROM range(5000000) r(i) ORDER BY h DESC OFFSET 10)")
	if got[0] != "4999990" {
		t.Errorf("a sort larger than memory = %q", got)
	}
}

func TestQueryIsCancelled(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 2})
	const forever = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 42"
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := try(ctx, q, forever); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before = %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := try(ctx, q, forever); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled while it runs = %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	rows, err := q.Run(ctx, "SELECT i FROM range(1000000000) r(i)")
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		rows.Next()
	}
	cancel()
	for rows.Next() {
	}
	if !errors.Is(rows.Err(), context.Canceled) {
		t.Errorf("cancelled between rows = %v", rows.Err())
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	// One that nobody reads to its end ends with Close.
	rows, err = q.Run(t.Context(), "SELECT i FROM range(1000000000) r(i)")
	if err != nil || !rows.Next() || rows.Close() != nil {
		t.Errorf("an abandoned query: %v", err)
	}
	if got := ask(t, q, "SELECT 1"); got[0] != "1" {
		t.Errorf("after cancelled queries: %q", got)
	}
}

func TestQueriesRunAtATime(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 2})
	done := make(chan error, 4)
	for i := range cap(done) {
		go func() {
			lines, err := try(t.Context(), q, fmt.Sprintf("SELECT count(*) + %d FROM facts, range(100000)", i))
			if want := fmt.Sprint(300000 + i); err == nil && lines[0] != want {
				err = fmt.Errorf("got %q, want %s", lines, want)
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
