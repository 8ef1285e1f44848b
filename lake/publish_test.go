package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func months(names ...string) []time.Time {
	out := []time.Time{}
	for _, n := range names {
		out = append(out, at(n+"-01T00:00:00Z"))
	}
	return out
}

// newest opens a query over the newest run.
func newest(t *testing.T, l *Lake, asOf string) *Query {
	t.Helper()
	v, err := l.At(t.Context(), asOf)
	if err != nil {
		t.Fatal(err)
	}
	return openQuery(t, v, QueryOptions{Threads: 1})
}

const invoices = "SELECT string_agg(invoice_no, ' ' ORDER BY invoice_no) FROM facts"

func TestOnlyTheTouchedMonthsAreReplaced(t *testing.T) {
	l, _ := published(t)
	before, err := l.At(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	stats := publish(t, l, 2, facts(), months("2011-02", "2011-05"), newStream().fact("B1", "7", "2011-02-10T00:00:00Z").fact("B2", "8", "2011-05-10T00:00:00Z"))
	publish(t, l, 2, mart(), nil, newStream().row("France", numeric("3")))
	if stats.Rows != 2 || stats.Files != 2 || stats.Removed != 1 {
		t.Errorf("stats = %+v", stats)
	}
	after, err := l.At(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, f := range after.Tables["facts"].Files {
		if slices.Contains(before.Tables["facts"].Files, f) {
			kept++
		}
	}
	if after.Run != 2 || kept != 1 || len(after.Tables["facts"].Files) != 3 {
		t.Errorf("view = %+v, %d files kept", after, kept)
	}
	if got := ask(t, newest(t, l, ""), invoices); got[0] != "A1 B1 B2" {
		t.Errorf("facts of run 2: %q", got)
	}
	if got := ask(t, newest(t, l, "1"), invoices); got[0] != "A1 A2 A3" {
		t.Errorf("facts of run 1: %q", got)
	}
	// A month may also become empty.
	publish(t, l, 3, facts(), months("2011-05"), newStream())
	publish(t, l, 3, mart(), nil, newStream())
	q := newest(t, l, "")
	if got := ask(t, q, invoices); got[0] != "A1 B1" {
		t.Errorf("facts of run 3: %q", got)
	}
	if got := ask(t, q, "SELECT count(*), max(net_revenue) FROM country_sales"); got[0] != "0\tNULL" {
		t.Errorf("an empty table: %q", got)
	}
	// And nothing at all may have changed: the run is there nevertheless.
	if stats := publish(t, l, 4, facts(), months(), newStream()); stats.Files != 0 || stats.Removed != 0 || stats.Snapshot == 0 {
		t.Errorf("stats of an unchanged table = %+v", stats)
	}
	publish(t, l, 4, mart(), nil, newStream())
	if v, err := l.At(t.Context(), ""); err != nil || v.Run != 4 || v.Tables["facts"].Rows != 2 {
		t.Errorf("run 4: %+v, %v", v, err)
	}
	snapshots, err := l.Snapshots(t.Context(), "facts")
	if err != nil || len(snapshots) != 4 {
		t.Fatalf("snapshots = %+v, %v; want one a run", snapshots, err)
	}
	if s := snapshots[2]; s.Run != 2 || s.Rows != 3 || s.Files != 3 || !s.Readable || s.Bytes == 0 || time.Since(s.At) > time.Hour {
		t.Errorf("run 2's snapshot = %+v", s)
	}
}

func TestBadInputPublishesNothing(t *testing.T) {
	l, _ := published(t)
	good := func() *copyStream { return newStream().fact("X1", "1", "2011-01-10T00:00:00Z") }
	cut, err := io.ReadAll(good().end())
	if err != nil {
		t.Fatal(err)
	}
	bad := facts()
	bad.Columns = slices.Clone(bad.Columns)
	bad.Columns[3].Type = Text
	wide := facts()
	wide.PartitionByMonth = ""
	for name, c := range map[string]struct {
		table  Table
		months []time.Time
		rows   io.Reader
		row    int64
		text   string
	}{
		"a cut stream":        {facts(), nil, strings.NewReader(string(cut[:len(cut)-2])), 2, "end mark"},
		"a broken stream":     {facts(), nil, io.MultiReader(strings.NewReader(string(cut[:len(cut)-2])), iotest.ErrReader(errBroken)), 2, "cable cut"},
		"an empty stream":     {facts(), nil, strings.NewReader(""), 0, "header"},
		"another month":       {facts(), months("2011-02"), good().end(), 1, "2011-01, which is not among"},
		"NULL in required":    {facts(), nil, good().row(nil, numeric("1"), nil, nil, at("2011-01-01T00:00:00Z"), nil, nil, nil, nil, nil, nil, nil).end(), 2, "invoice_no"},
		"NULL month":          {facts(), nil, good().row("a", numeric("1"), nil, nil, nil, nil, nil, nil, nil, nil, nil, nil).end(), 2, "ordered_at"},
		"too many digits":     {facts(), nil, good().row("a", numeric("123456789012.5"), nil, nil, at("2011-01-01T00:00:00Z"), nil, nil, nil, nil, nil, nil, nil).end(), 2, "quantity"},
		"another type":        {bad, months("2011-01"), good().end(), 0, "amount"},
		"other partitions":    {wide, nil, good().end(), 0, "partitioned"},
		"months of a mart":    {mart(), months("2011-01"), newStream().end(), 0, "not partitioned"},
		"no columns":          {Table{Name: "x"}, nil, good().end(), 0, "no columns"},
		"a hostile name":      {Table{Name: "../x", Columns: mart().Columns}, nil, good().end(), 0, "identifier"},
		"a reserved name":     {Table{Name: "con", Columns: mart().Columns}, nil, good().end(), 0, "identifier"},
		"a hostile column":    {Table{Name: "x", Columns: []Column{{Name: "a b", Type: Text}}}, nil, good().end(), 0, "identifier"},
		"a column twice":      {Table{Name: "x", Columns: []Column{{Name: "a", Type: Text}, {Name: "a", Type: Text}}}, nil, good().end(), 0, "twice"},
		"a column of no type": {Table{Name: "x", Columns: []Column{{Name: "a"}}}, nil, good().end(), 0, "no type"},
		"39 digits":           {Table{Name: "x", Columns: []Column{{Name: "a", Type: Numeric, Precision: 39}}}, nil, good().end(), 0, "38 digits"},
		"a text month":        {Table{Name: "x", PartitionByMonth: "a", Columns: []Column{{Name: "a", Type: Text, Required: true}}}, nil, good().end(), 0, "timestamptz"},
	} {
		_, err := l.Overwrite(t.Context(), Commit{Run: 2}, c.table, c.months, c.rows, nil)
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %q", name, err, c.text)
			continue
		}
		if se := (*StreamError)(nil); c.row > 0 && (!errors.As(err, &se) || se.Row != c.row) {
			t.Errorf("%s: %v does not name row %d", name, err, c.row)
		}
	}
	if run, _, err := l.Published(t.Context(), "facts"); run != 1 || err != nil {
		t.Errorf("Published = %d, %v", run, err)
	}
	if orphans, err := l.Orphans(t.Context()); err != nil || len(orphans) != 0 {
		t.Errorf("failed publishes left %v, %v", orphans, err)
	}
	var re *RepublishError
	if _, err := l.Overwrite(t.Context(), Commit{Run: 1}, facts(), nil, good().end(), nil); !errors.As(err, &re) || re.Hint() == "" {
		t.Errorf("a run's second publish of a table: %v", err)
	}
}

func TestACancelledPublishLeavesNothing(t *testing.T) {
	l, _ := published(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Overwrite(ctx, Commit{Run: 2}, wideFacts(), nil, newWideStream(300_000, true), func(rows, bytes int64) {
		if rows > 100_000 && bytes > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled publish: %v", err)
	}
	if orphans, err := l.Orphans(t.Context()); err != nil || len(orphans) != 0 {
		t.Errorf("it left %v, %v", orphans, err)
	}
}

func TestProgressCountsUp(t *testing.T) {
	l := newLake(t)
	var rows, bytes int64
	calls := 0
	stats, err := l.Overwrite(t.Context(), Commit{Run: 1}, wideFacts(), nil, newWideStream(100_000, false), func(r, b int64) {
		if r < rows || b < bytes {
			t.Errorf("progress went back from %d, %d to %d, %d", rows, bytes, r, b)
		}
		rows, bytes = r, b
		calls++
	})
	if err != nil || rows != 100_000 || stats.Rows != rows || calls < 3 {
		t.Errorf("%d calls, %d rows at the end, %+v, %v", calls, rows, stats, err)
	}
}

// TestManyMonthsFitInMemory publishes rows of 500 months in no order, more
// than files may be open.
func TestManyMonthsFitInMemory(t *testing.T) {
	l := newLake(t)
	tbl := Table{Name: "facts", PartitionByMonth: "d", Columns: []Column{{Name: "d", Type: Date, Required: true}, {Name: "n", Type: Int8}}}
	s := newStream()
	const rows = 20_000
	for i := range rows {
		s.row(day(time.Date(1990, time.Month(1+i*7919%500), 1+i%28, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), int64(i))
	}
	stats, err := l.Overwrite(t.Context(), Commit{Run: 1}, tbl, nil, s.end(), nil)
	if err != nil || stats.Files != 500 {
		t.Fatalf("%+v, %v", stats, err)
	}
	want := fmt.Sprintf("%d\t%d\t500", rows, rows*(rows-1)/2)
	if got := ask(t, newest(t, l, ""), "SELECT count(*), sum(n), count(DISTINCT date_trunc('month', d)) FROM facts"); got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestColumnsMayComeGoAndWiden(t *testing.T) {
	l, _ := published(t)
	tbl := facts()
	tbl.Columns = slices.Clone(tbl.Columns)
	tbl.Columns[1].Precision = 20 // quantity numeric(14,3) -> numeric(20,3)
	tbl.Columns[8].Type = Int8    // line int -> bigint
	tbl.Columns[0].Required = false
	tbl.Columns = append(tbl.Columns[:10:10], Column{Name: "channel", Type: Text, Required: true}) // score and extra are gone
	s := newStream().row(nil, numeric("12345678901234567.5"), nil, nil, at("2011-02-01T00:00:00Z"), nil, nil, nil, int64(1)<<40, nil, "web")
	publish(t, l, 2, tbl, months("2011-02"), s)
	publish(t, l, 2, mart(), nil, newStream())
	q := newest(t, l, "")
	want := []string{"A1\t2.000\t7\tNULL", "NULL\t12345678901234567.500\t1099511627776\tweb"}
	if got := ask(t, q, "SELECT invoice_no, quantity, line, channel FROM facts ORDER BY invoice_no NULLS LAST"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := try(t.Context(), q, "SELECT extra FROM facts"); err == nil {
		t.Error("a column that went is still there")
	}
	if got := ask(t, newest(t, l, "1"), "SELECT count(extra), count(score) FROM facts"); got[0] != "2\t2" {
		t.Errorf("the old snapshot lost its columns: %q", got)
	}
	// A column that comes back is a new one: old files do not fill it with other data.
	publish(t, l, 3, facts(), nil, newStream().fact("C1", "1", "2011-03-01T00:00:00Z"))
	publish(t, l, 3, mart(), nil, newStream())
	if got := ask(t, newest(t, l, ""), "SELECT invoice_no, extra, typeof(line), typeof(quantity) FROM facts"); got[0] != "C1\t{\"k\": 1}\tINTEGER\tDECIMAL(14,3)" {
		t.Errorf("after a whole publish of the first shape: %q", got)
	}
	tables, err := l.Tables(t.Context())
	if err != nil || len(tables) != 2 || tables[1].Name != "facts" || tables[1].Partition != "month of ordered_at" || tables[1].Snapshots != 3 || len(tables[1].Columns) != 12 {
		t.Errorf("Tables = %+v, %v", tables, err)
	}
}

func TestFilesOfASnapshot(t *testing.T) {
	l, v := published(t)
	files, err := l.Files(t.Context(), "facts", v.Tables["facts"].Snapshot)
	if err != nil || len(files) != 2 || files[0].Month != "2011-01" || files[1].Month != "2011-02" || files[1].Rows != 2 || files[0].Bytes == 0 {
		t.Errorf("Files = %+v, %v", files, err)
	}
	if _, err := l.Files(t.Context(), "facts", 1); !isUnpublished(err) {
		t.Errorf("a snapshot that is not there: %v", err)
	}
	if _, err := l.Snapshots(t.Context(), "nothing"); !isUnpublished(err) {
		t.Errorf("a table that is not there: %v", err)
	}
}

func TestSwapRefusesAMovedTable(t *testing.T) {
	p := NewSQLPointers(catalogDB(t), DefaultNamespace)
	if _, err := p.Claim(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	if id, err := p.Claim(t.Context(), "you"); id != "me" || err != nil {
		t.Errorf("a second Claim = %q, %v", id, err)
	}
	for _, c := range []struct {
		old, new string
		err      error
	}{{"", "v0", nil}, {"", "w0", ErrMoved}, {"v0", "v1", nil}, {"v0", "w1", ErrMoved}, {"v1", "v2", nil}} {
		if err := p.Swap(t.Context(), "t", c.old, c.new); !errors.Is(err, c.err) {
			t.Errorf("Swap(%q, %q) = %v, want %v", c.old, c.new, err, c.err)
		}
	}
	if got, err := p.Get(t.Context(), "t"); got != "v2" || err != nil {
		t.Errorf("Get = %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Swap(ctx, "t", "v2", "v3"); err == nil {
		t.Error("Swap with a done context succeeded")
	}
}
