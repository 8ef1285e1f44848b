package lake

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wide counts a Chinese character as two cells.
func wide(s string) int {
	n := 0
	for _, r := range s {
		if n++; r >= 0x2e80 {
			n++
		}
	}
	return n
}

// failsLate has rows, and then an error.
const failsLate = "SELECT CASE WHEN i = 2900000 THEN error('no luck') ELSE i END AS i FROM range(3000000) r(i)"

// results runs a query over a lake and gives its rows to use.
func results(t *testing.T, q *Query, sql string, use func(*Rows)) {
	t.Helper()
	rows, err := q.Run(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	use(rows)
}

func TestWriteTable(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 1})
	for _, c := range []struct {
		sql  string
		o    TableOptions
		want string
	}{
		{
			"SELECT * FROM (VALUES ('United Kingdom', 10.5::DECIMAL(9,2), true), (NULL, -3, NULL), ('', 0, false)) t(country, \"net revenue\", ok)",
			TableOptions{},
			"country         net revenue  ok\n" +
				"--------------  -----------  -----\n" +
				"United Kingdom        10.50  true\n" +
				"NULL                  -3.00  NULL\n" +
				"                       0.00  false\n" +
				"(3 rows)\n",
		},
		{"SELECT 1 AS a WHERE false", TableOptions{}, "a\n-\n(0 rows)\n"},
		{"SELECT i FROM range(100000) r(i)", TableOptions{MaxRows: 2}, "i\n-\n0\n1\n(only the first 2 rows are shown)\n"},
		{"SELECT 1 AS a", TableOptions{MaxRows: 1}, "a\n-\n1\n(1 row)\n"},
		{"SELECT 'a' || chr(27) || '[31mred' || chr(10) AS \"x" + "\x1b" + "\"", TableOptions{}, "x\ufffd\n----------\na\ufffd[31mred\ufffd\n(1 row)\n"},
		{"SELECT repeat('long ', 50) AS l, 1 AS n", TableOptions{MaxWidth: 10}, "l           n\n----------  -\nlong long\u2026  1\n(1 row)\n"},
		{"SELECT 'x' AS l", TableOptions{Clean: strings.ToUpper}, "L\n-\nX\n(1 row)\n"},
		{"SELECT '\u4e2d\u6587\u4e2d\u6587' AS l, 1 AS n", TableOptions{MaxWidth: 5, Width: wide}, "l      n\n-----  -\n\u4e2d\u6587\u2026  1\n(1 row)\n"},
	} {
		results(t, q, c.sql, func(rows *Rows) {
			var b bytes.Buffer
			if _, err := rows.WriteTable(&b, c.o); err != nil || b.String() != c.want {
				t.Errorf("%s: %v\n%s\nwant\n%s", c.sql, err, b.String(), c.want)
			}
		})
	}
	// Widths come from the first rows; what follows them is cut to fit, and not held.
	results(t, q, "SELECT CASE WHEN i < 600 THEN 'ab' ELSE 'longer' END AS c FROM range(700) r(i)", func(rows *Rows) {
		var b bytes.Buffer
		n, err := rows.WriteTable(&b, TableOptions{})
		lines := strings.Split(b.String(), "\n")
		if n != 700 || err != nil || len(lines) != 704 || lines[2] != "ab" || lines[602] != "l\u2026" {
			t.Errorf("%d rows, %d lines, %v", n, len(lines), err)
		}
	})
}

func TestWriteCSV(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 1})
	for _, c := range []struct {
		sql  string
		o    CSVOptions
		want string
	}{
		{"SELECT 1 AS a, 'x' AS b UNION ALL SELECT NULL, NULL ORDER BY a", CSVOptions{}, "a,b\n1,x\n,\n"},
		{"SELECT '' AS a, ' b ' AS b, 'c,d' AS \"c,d\", 'say \"hi\"' AS e, chr(13) || chr(10) || 'x' AS f", CSVOptions{Raw: true}, "a,b,\"c,d\",e,f\n\"\",\" b \",\"c,d\",\"say \"\"hi\"\"\",\"\r\nx\"\n"},
		{"SELECT -5 AS a, -1.5::DECIMAL(9,2) AS b, '-5' AS c, '+1.5' AS d, '-' AS e, '-5-3' AS f", CSVOptions{}, "a,b,c,d,e,f\n-5,-1.50,-5,+1.5,\"'-\",\"'-5-3\"\n"},
		{"SELECT '=1+1' AS \"=h\", '@x' AS b, chr(9) || 'x' AS c, '\uff1d1' AS d, 'a=1' AS e", CSVOptions{}, "\"'=h\",b,c,d,e\n\"'=1+1\",\"'@x\",\"'\tx\",\"'\uff1d1\",a=1\n"},
		{"SELECT '=1+1' AS \"=h\", '@x' AS b", CSVOptions{Raw: true, CRLF: true}, "=h,b\r\n=1+1,@x\r\n"},
		{"SELECT [1, 2] AS l, TIMESTAMPTZ '2011-12-09 12:50:00Z' AS t WHERE true", CSVOptions{}, "l,t\n\"[1,2]\",2011-12-09T12:50:00Z\n"},
	} {
		results(t, q, c.sql, func(rows *Rows) {
			var b bytes.Buffer
			if _, err := rows.WriteCSV(&b, c.o); err != nil || b.String() != c.want {
				t.Errorf("%s: %v\n%q\nwant\n%q", c.sql, err, b.String(), c.want)
			}
			if _, err := csv.NewReader(&b).ReadAll(); err != nil {
				t.Errorf("%s: not read back: %v", c.sql, err)
			}
		})
	}
	results(t, q, "SELECT i, 'v' || i AS v FROM range(100000) r(i)", func(rows *Rows) {
		n, err := rows.WriteCSV(&limitedWriter{left: 1000}, CSVOptions{})
		if !errors.Is(err, errBroken) {
			t.Errorf("a writer that breaks: %d rows, %v", n, err)
		}
	})
	results(t, q, failsLate, func(rows *Rows) {
		if n, err := rows.WriteCSV(io.Discard, CSVOptions{}); err == nil || n >= 3_000_000 {
			t.Errorf("a query that breaks: %d rows, %v", n, err)
		}
	})
}

type limitedWriter struct{ left int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestWriteJSON(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 1})
	const sql = "SELECT 12345678901234567890.123456789::DECIMAL(38,9) AS d, 170141183460469231731687303715884105727::HUGEINT AS h, 0.1 AS f, 'nan'::DOUBLE AS nan," +
		" 'q\"\\' || chr(10) || chr(1) AS s, NULL AS n, true AS b, DATE '2011-12-09' AS day, TIMESTAMPTZ '2011-12-09 12:50:00+01' AS at, [1.50] AS l, 1 AS d"
	const object = `{"d":12345678901234567890.123456789,"h":170141183460469231731687303715884105727,"f":0.1,"nan":"NaN",` +
		`"s":"q\"\\\n\u0001","n":null,"b":true,"day":"2011-12-09","at":"2011-12-09T11:50:00Z","l":[1.50],"d_2":1}`
	for _, c := range []struct {
		sql  string
		o    JSONOptions
		want string
	}{
		{sql, JSONOptions{}, "[" + object + "]\n"},
		{sql, JSONOptions{Lines: true}, object + "\n"},
		{"VALUES (1), (2)", JSONOptions{}, "[{\"col0\":1},\n {\"col0\":2}]\n"},
		{"VALUES (1), (2)", JSONOptions{Lines: true}, "{\"col0\":1}\n{\"col0\":2}\n"},
		{"SELECT 1 WHERE false", JSONOptions{}, "[]\n"},
		{"SELECT 1 WHERE false", JSONOptions{Lines: true}, ""},
	} {
		results(t, q, c.sql, func(rows *Rows) {
			var b bytes.Buffer
			if _, err := rows.WriteJSON(&b, c.o); err != nil || b.String() != c.want {
				t.Errorf("%s: %v\n%s\nwant\n%s", c.sql, err, b.String(), c.want)
			}
			if !c.o.Lines && !json.Valid(b.Bytes()) {
				t.Errorf("%s: not valid", b.String())
			}
		})
	}
	if got := string(appendJSONString(nil, []byte("bad\xff \u2028 \x7f"))); got != "\"bad\ufffd \u2028 \\u007f\"" {
		t.Errorf("a text that is no UTF-8: %s", got)
	}
	results(t, q, failsLate, func(rows *Rows) {
		var b bytes.Buffer
		if _, err := rows.WriteJSON(&b, JSONOptions{}); err == nil || json.Valid(b.Bytes()) {
			t.Errorf("a query that breaks: %v, %s", err, b.String())
		}
	})
}

func TestWriteParquet(t *testing.T) {
	_, v := published(t)
	q := openQuery(t, v, QueryOptions{Threads: 1})
	dir := t.TempDir()
	path := filepath.Join(dir, "out.parquet")
	const sql = "SELECT 0.001::DECIMAL(9,3) AS d9, -1.5::DECIMAL(18,2) AS d18, 12345678901234567890.5::DECIMAL(38,9) AS d38, sum(line) AS h, count(*) AS n, 255::UTINYINT AS u," +
		" 1.5::FLOAT AS f, 'x' AS s, NULL AS nothing, true AS b, DATE '2011-12-09' AS day, TIMESTAMPTZ '2011-12-09 12:50:00+01' AS at, TIMESTAMP '2011-12-09 12:50:00' AS wall, [1] AS l, 18446744073709551615::UBIGINT AS ub FROM facts"
	results(t, q, sql, func(rows *Rows) {
		if n, err := rows.WriteParquet(path); n != 1 || err != nil {
			t.Fatalf("%d rows, %v", n, err)
		}
	})
	e, err := openEngine()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.close)
	back := &Query{engine: e}
	want := []string{"0.001\t-1.50\t12345678901234567890.500000000\t14\t3\t255\t1.5\tx\tNULL\ttrue\t2011-12-09\t2011-12-09T11:50:00Z\t2011-12-09T12:50:00\t[1]\t18446744073709551615"}
	if got := ask(t, back, "FROM "+quote(path)); !slices.Equal(got, want) {
		t.Errorf("read back:\n got %q\nwant %q", got, want)
	}
	types := ask(t, back, "SELECT string_agg(column_type, ' ') FROM (DESCRIBE FROM "+quote(path)+")")
	if types[0] != "DECIMAL(9,3) DECIMAL(18,2) DECIMAL(38,9) DECIMAL(38,0) BIGINT INTEGER DOUBLE VARCHAR INTEGER BOOLEAN DATE TIMESTAMP WITH TIME ZONE TIMESTAMP VARCHAR DECIMAL(38,0)" {
		t.Errorf("types %q", types)
	}
	results(t, q, "SELECT i, repeat('x', 200) AS x FROM range(400000) r(i)", func(rows *Rows) { // several row groups, in place of the file
		if n, err := rows.WriteParquet(path); n != 400_000 || err != nil {
			t.Fatalf("%d rows, %v", n, err)
		}
	})
	if got := ask(t, back, "SELECT count(*), sum(i), max(len(x)) FROM "+quote(path)); got[0] != "400000\t79999800000\t200" {
		t.Errorf("read back: %q", got)
	}
	for _, broken := range []string{failsLate, "SELECT 340282366920938463463374607431768211455::UHUGEINT AS u"} {
		results(t, q, broken, func(rows *Rows) {
			if _, err := rows.WriteParquet(path); err == nil {
				t.Errorf("%s: succeeded", broken)
			}
		})
	}
	if got := ask(t, back, "SELECT count(*) FROM "+quote(path)); got[0] != "400000" {
		t.Errorf("a failed export changed the file: %q", got)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("it left %v, %v", entries, err)
	}
	if err := WriteFile(filepath.Join(dir, "missing", "x"), func(io.Writer) error { return nil }); err == nil {
		t.Error("a file in a folder that is not there was written")
	}
}
