package source

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/dbadmin/local/localtest"
)

func TestMain(m *testing.M) { localtest.Main(m) }

// stagingTable gives a database with staging.purchases ready for load 7.
func stagingTable(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := localtest.New(t).Staging
	if _, err := pool.Exec(context.Background(), "SELECT staging.ensure_partition(7)"); err != nil {
		t.Fatal(err)
	}
	return pool
}

// copyText maps a text and copies its rows into the server.
func copyText(t *testing.T, pool *pgxpool.Pool, s *Spec, text string, sparse bool) *Batch {
	t.Helper()
	ctx := context.Background()
	f, err := NewFramer(strings.NewReader(text), s.Format, FramerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := NewMapper(s, f.Header(), MapperOptions{Load: 7, Sparse: sparse})
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	b := new(Batch)
	for f.Next(&c) == nil {
		if err := m.Chunk(b, &c); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	stream := CopyHeader + string(b.Copy) + CopyTrailer
	tag, err := conn.Conn().PgConn().CopyFrom(ctx, strings.NewReader(stream),
		"COPY staging.purchases ("+strings.Join(m.CopyColumns(), ", ")+") FROM STDIN (FORMAT binary)")
	if err != nil {
		t.Fatal(err)
	}
	if tag.RowsAffected() != b.Loaded {
		t.Fatalf("%d rows copied, %d loaded", tag.RowsAffected(), b.Loaded)
	}
	return b
}

// The server's own reading of the same texts is the truth for every value.
func TestServerReadsTheSameValues(t *testing.T) {
	ctx := context.Background()
	pool := stagingTable(t)
	numbers := []string{
		"0", "1", "-1", "0.001", "-0.001", "9.999", "10", "99.5", "100", "9999", "9999.999", "10000", "10000.001", "-10000.1", "12345678.9", "99999999999.999", "-99999999999.999", "100000000", "20000.02", "0.5", "00012.50",
	}
	times := []string{
		"0001-01-01 00:00:00", "1582-10-15 12:00:00", "1900-02-28 23:59:59", "1969-12-31 23:59:59", "1970-01-01 00:00:00", "1999-12-31 23:59:59", "2000-01-01 00:00:00",
		"2000-02-29 12:34:56", "2011-03-27 02:30:00", "2011-07-01 00:00:00", "2011-10-30 02:00:00", "2012-02-29 00:00:00", "2038-01-19 03:14:08", "9999-12-31 23:59:59",
	}
	s := small()
	s.Timezone = "Europe/London"
	s.Columns["description"], s.Columns["customer_id"] = Column{Column: "d"}, Column{Column: "c"}
	for _, sparse := range []bool{false, true} {
		var text strings.Builder
		text.WriteString("i,q,p,t,d,c,note\n")
		list := naughtyStrings(t)
		for i := range max(len(list), len(numbers), len(times)) {
			n, at, naughty := numbers[i%len(numbers)], times[i%len(times)], list[i%len(list)]
			fmt.Fprintf(&text, "%d,%s,%s,%s,%s,17850.0,%s\n", i, n, n, at, quoteCell(naughty), quoteCell(naughty))
		}
		if _, err := pool.Exec(ctx, "TRUNCATE staging.purchases"); err != nil {
			t.Fatal(err)
		}
		b := copyText(t, pool, s, text.String(), sparse)
		if b.Rejected != 0 {
			t.Fatalf("%d refused: %+v", b.Rejected, b.Rejects[0])
		}
		rows, err := pool.Query(ctx, `SELECT invoice_no::int, quantity::text, unit_price::text, ordered_at::text, coalesce(description, ''), coalesce(extra->>'note', ''),
			customer_id, record, source || load_id || discount_rate || discount, (tax, currency, updated_at, country, channel, status, line_no) IS NULL FROM staging.purchases ORDER BY record`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		seen := 0
		for rows.Next() {
			var i, record int
			var quantity, price, at, description, note, customer, rest string
			var nulls bool
			if err := rows.Scan(&i, &quantity, &price, &at, &description, &note, &customer, &record, &rest, &nulls); err != nil {
				t.Fatal(err)
			}
			seen++
			var q, p, o string
			err := pool.QueryRow(ctx, "SELECT $1::text::numeric(14,3)::text, $1::text::numeric(18,6)::text, ($2::text::timestamp AT TIME ZONE 'Europe/London')::text",
				numbers[i%len(numbers)], times[i%len(times)]).Scan(&q, &p, &o)
			if err != nil {
				t.Fatal(err)
			}
			naughty := list[i%len(list)]
			if quantity != q || price != p || at != o || description != naughty || note != naughty || customer != "17850" || record != i+1 || rest != "s70.0000000.000000" || !nulls {
				t.Errorf("sparse %v, row %d: %s %s %s %q %q %s %d %s %v\nthe server reads %s %s %s %q", sparse, i, quantity, price, at, description, note, customer, record, rest, nulls, q, p, o, naughty)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if seen != len(list) {
			t.Errorf("%d rows came back of %d", seen, len(list))
		}
	}
}

func TestServerTakesDefaultsAndNothingElse(t *testing.T) {
	pool := stagingTable(t)
	s := small()
	s.Rules = map[string]Rule{"discount_rate": {Default: "0.25"}, "country": {Default: "GB"}}
	for _, sparse := range []bool{false, true} {
		copyText(t, pool, s, smallHeader+"1,1,1,2020-01-01 00:00:00\n", sparse)
	}
	var rows, right int
	err := pool.QueryRow(context.Background(), `SELECT count(*), count(*) FILTER (WHERE discount_rate = 0.25 AND discount = 0 AND country = 'GB' AND tax IS NULL AND extra IS NULL)
		FROM staging.purchases`).Scan(&rows, &right)
	if err != nil || rows != 2 || right != 2 {
		t.Errorf("%d rows, %d right, %v", rows, right, err)
	}
}

// The truth of Online Retail was computed by other tools (DuckDB and pandas).
func TestServerReadsOnlineRetail(t *testing.T) {
	if testing.Short() {
		t.Skip("copies half a million rows")
	}
	pool := stagingTable(t)
	copyText(t, pool, onlineRetail(), string(onlineRetailText(t)), true)
	var have string
	err := pool.QueryRow(context.Background(), `SELECT concat_ws(' ', count(*), count(DISTINCT invoice_no), count(DISTINCT customer_id), count(DISTINCT product_code),
		count(*) FILTER (WHERE customer_id IS NULL), count(*) FILTER (WHERE description IS NULL), trim_scale(sum(quantity * unit_price)),
		min(ordered_at AT TIME ZONE 'Europe/London'), max(ordered_at AT TIME ZONE 'Europe/London')) FROM staging.purchases`).Scan(&have)
	if want := "541909 25900 4372 4070 135080 1454 9747747.934 2010-12-01 08:26:00 2011-12-09 12:50:00"; err != nil || have != want {
		t.Errorf("%s, %v; want %s", have, err, want)
	}
}
