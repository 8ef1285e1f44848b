package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestReadersSeeTheNewestRunThatEveryTableHas(t *testing.T) {
	l, _ := published(t) // run 1
	publish(t, l, 2, facts(), nil, newStream().fact("B1", "1", "2011-01-10T00:00:00Z"))
	v, err := l.At(t.Context(), "") // country_sales is not there yet
	if err != nil || v.Run != 1 || v.Tables["facts"].Rows != 3 {
		t.Errorf("between two tables of a run: %+v, %v", v, err)
	}
	if _, err := l.At(t.Context(), "2"); !isUnpublished(err) {
		t.Errorf("as of an incomplete run: %v", err)
	}
	if s, err := l.Snapshots(t.Context(), "facts"); err != nil || s[0].Readable || !s[1].Readable {
		t.Errorf("snapshots = %+v, %v", s, err)
	}
	publish(t, l, 3, facts(), nil, newStream().fact("C1", "1", "2011-01-10T00:00:00Z"))
	publish(t, l, 3, mart(), nil, newStream())
	v, err = l.At(t.Context(), "")
	if err != nil || v.Run != 3 || v.Tables["facts"].Rows != 1 {
		t.Errorf("after both: %+v, %v", v, err)
	}
	if v, err := l.At(t.Context(), "1"); err != nil || v.Run != 1 {
		t.Errorf("as of run 1: %+v, %v", v, err)
	}
	if v, err := l.At(t.Context(), v.At.Format(time.RFC3339Nano)); err != nil || v.Run != 3 {
		t.Errorf("as of its time: %+v, %v", v, err)
	}
	if v, err := l.At(t.Context(), v.At.Add(-time.Millisecond).Format(time.RFC3339Nano)); err != nil || v.Run != 1 {
		t.Errorf("as of just before: %+v, %v", v, err)
	}
	if v, err := l.At(t.Context(), v.At.AddDate(0, 0, 1).Format(time.DateOnly)); err != nil || v.Run != 3 {
		t.Errorf("as of tomorrow: %+v, %v", v, err)
	}
	for _, asOf := range []string{"99", "2001-01-01", "2001-01-01T00:00:00Z"} {
		_, err := l.At(t.Context(), asOf)
		var ue *UnpublishedError
		if !errors.As(err, &ue) || !strings.Contains(err.Error(), asOf) || !strings.HasSuffix(ue.Hint(), " 3, 1") {
			t.Errorf("as of %s: %v", asOf, err)
		}
	}
	var ae *AsOfError
	if _, err := l.At(t.Context(), "yesterday"); !errors.As(err, &ae) || ae.Hint() == "" {
		t.Errorf("as of yesterday: %v", err)
	}
}

func TestATableThatIsNewDoesNotHideOlderRuns(t *testing.T) {
	l := newLake(t)
	// Runs that do not say which tables they publish.
	commit := func(run int64, tbl Table) {
		t.Helper()
		if _, err := l.Overwrite(t.Context(), Commit{Run: run}, tbl, nil, newStream().end(), nil); err != nil {
			t.Fatal(err)
		}
	}
	run := func(asOf string) int64 {
		t.Helper()
		v, err := l.At(t.Context(), asOf)
		if err != nil {
			t.Fatal(err)
		}
		return v.Run
	}
	commit(1, facts())
	if run("") != 1 {
		t.Error("run 1 is not readable")
	}
	time.Sleep(2 * time.Millisecond) // Iceberg's times are milliseconds
	commit(2, facts())
	time.Sleep(2 * time.Millisecond)
	commit(2, mart()) // new in run 2
	if run("") != 2 || run("1") != 1 {
		t.Error("run 1 or 2 is not readable")
	}
	time.Sleep(2 * time.Millisecond)
	commit(3, mart()) // killed before facts
	if run("") != 2 {
		t.Error("an incomplete run is read")
	}
}

// TestRunNumbersMayBeginAnew is what happens after the staging database is made anew.
func TestRunNumbersMayBeginAnew(t *testing.T) {
	db, dir := catalogDB(t), t.TempDir()
	old := openLake(t, Options{Catalog: db, Dir: dir})
	publish(t, old, 1, facts(), nil, newStream().fact("A1", "1", "2011-01-10T00:00:00Z"))
	publish(t, old, 1, mart(), nil, newStream().row("old", nil))
	l := openLake(t, Options{Catalog: db, Dir: dir})
	publish(t, l, 1, facts(), nil, newStream().fact("B1", "1", "2011-01-10T00:00:00Z").fact("B2", "1", "2011-01-10T00:00:00Z"))
	if v, err := l.At(t.Context(), "1"); err != nil || v.Tables["facts"].Rows != 1 {
		t.Errorf("two runs of one number are mixed: %+v, %v", v, err)
	}
	publish(t, l, 1, mart(), nil, newStream().row("new", nil))
	q := newest(t, l, "1")
	if got := ask(t, q, "SELECT count(*), (SELECT country FROM country_sales) FROM facts"); got[0] != "2\tnew" {
		t.Errorf("the newer run of that number: %q", got)
	}
}

func TestSweepTakesWhatNobodyRefersTo(t *testing.T) {
	l, v := published(t)
	publish(t, l, 2, facts(), months("2011-01"), newStream())
	publish(t, l, 2, mart(), nil, newStream())
	for _, key := range []string{"penstock/facts/data/dead.parquet", "penstock/facts/metadata/dead.avro", "penstock/never_committed/metadata/00000-x.metadata.json"} {
		mustPut(t, l.Store(), key, "x")
	}
	mustPut(t, l.Store(), "raw/source=s/load_date=2026-11-03/abc-x.csv", "raw files are none of its business")
	if n, err := l.Sweep(t.Context()); n != 3 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	if got := keys(t, l.Store(), "raw/"); len(got) != 1 {
		t.Errorf("raw files: %q", got)
	}
	// The run that is not the newest any more is read as before.
	if got := ask(t, openQuery(t, v, QueryOptions{}), "SELECT count(*) FROM facts"); got[0] != "3" {
		t.Errorf("an old run after a sweep: %q", got)
	}
}

func TestSweepLeavesAnotherCatalogsLakeAlone(t *testing.T) {
	l, _ := published(t)
	dir := folderOf(t, l).Dir()
	before := keys(t, l.Store(), "")
	other := openLake(t, Options{Catalog: catalogDB(t), Dir: dir}) // e.g. the database was made anew
	var fe *ForeignError
	if _, err := other.Orphans(t.Context()); !errors.As(err, &fe) || fe.Hint() == "" {
		t.Errorf("Orphans = %v", err)
	}
	if n, err := other.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	if _, err := other.Overwrite(t.Context(), Commit{Run: 1}, mart(), nil, newStream().end(), nil); err != nil {
		t.Errorf("publishing beside it: %v", err)
	}
	if n, err := other.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep after a publish = %d, %v", n, err)
	}
	after := keys(t, l.Store(), "")
	for _, k := range before {
		if !slices.Contains(after, k) {
			t.Errorf("%s is gone", k)
		}
	}
}

func TestExpireKeepsWhatReadersMayAskFor(t *testing.T) {
	now := time.Now()
	l := openLake(t, Options{Catalog: catalogDB(t), Dir: t.TempDir(), Now: func() time.Time { return now }})
	for run := int64(1); run <= 5; run++ {
		publish(t, l, run, facts(), nil, newStream().fact(fmt.Sprint("R", run), "1", "2011-01-10T00:00:00Z"))
		if run < 5 { // run 5 dies before its second table
			publish(t, l, run, mart(), nil, newStream())
		}
	}
	expire := func(keep int, age time.Duration, want int) {
		t.Helper()
		if n, err := l.Expire(t.Context(), keep, age); n != want || err != nil {
			t.Errorf("Expire(%d, %s) = %d, %v; want %d", keep, age, n, err, want)
		}
	}
	now = now.Add(time.Hour)
	expire(1, 2*time.Hour, 0) // all too young
	expire(3, time.Minute, 2) // run 1 of both tables
	if n, err := l.Sweep(t.Context()); n == 0 || err != nil {
		t.Errorf("Sweep after Expire = %d, %v", n, err)
	}
	for run, ok := range map[string]bool{"1": false, "2": true, "3": true, "4": true, "5": false} {
		v, err := l.At(t.Context(), run)
		if (err == nil) != ok {
			t.Errorf("run %s: %v", run, err)
		}
		if err == nil {
			if got := ask(t, openQuery(t, v, QueryOptions{}), invoices); got[0] != "R"+run {
				t.Errorf("run %s has %q", run, got)
			}
		}
	}
	expire(0, 0, 4) // the newest complete run and the newest snapshots stay
	if v, err := l.At(t.Context(), ""); err != nil || v.Run != 4 {
		t.Errorf("after expiring all: %+v, %v", v, err)
	}
	if run, _, err := l.Published(t.Context(), "facts"); run != 5 || err != nil {
		t.Errorf("Published = %d, %v", run, err)
	}
}

// memStore is a store that is no folder, as S3 is none.
type memStore struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (m *memStore) Put(_ context.Context, key string, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.objects[key] = b
	return nil
}

func (m *memStore) Get(_ context.Context, key string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.objects[key]
	if !ok {
		return nil, fmt.Errorf("get %q: %w", key, ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (m *memStore) List(_ context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		m.mu.Lock()
		names := slices.Sorted(maps.Keys(m.objects))
		m.mu.Unlock()
		for _, k := range names {
			if strings.HasPrefix(k, prefix) && !yield(Object{Key: k}, nil) {
				return
			}
		}
	}
}

func (m *memStore) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, key)
	return nil
}

// memPointers is a catalog that is no database, as Glue is none.
type memPointers struct {
	id string
	at map[string]string
}

func (m *memPointers) Names(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(m.at)), nil
}

func (m *memPointers) Get(_ context.Context, table string) (string, error) { return m.at[table], nil }

func (m *memPointers) Swap(_ context.Context, table, old, new string) error {
	if m.at[table] != old {
		return ErrMoved
	}
	m.at[table] = new
	return nil
}

func (m *memPointers) Claim(_ context.Context, id string) (string, error) {
	if m.id == "" {
		m.id = id
	}
	return m.id, nil
}

func TestALakeInAnotherStoreAndCatalog(t *testing.T) {
	store := &memStore{objects: map[string][]byte{}}
	l := openLake(t, Options{Store: store, Location: "s3://shop-lake/prefix/", Pointers: &memPointers{at: map[string]string{}}, Namespace: "shop"})
	publish(t, l, 1, facts(), nil, newStream().fact("A1", "1", "2011-01-10T00:00:00Z"))
	publish(t, l, 1, mart(), nil, newStream())
	v, err := l.At(t.Context(), "")
	if err != nil || len(v.Tables["facts"].Files) != 1 || !strings.HasPrefix(v.Tables["facts"].Files[0], "s3://shop-lake/prefix/shop/facts/data/ordered_at_month=2011-01/") {
		t.Errorf("view = %+v, %v", v, err)
	}
	mustPut(t, store, "shop/facts/data/dead.parquet", "x")
	if n, err := l.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	for key := range store.objects {
		if strings.HasSuffix(key, ".metadata.json") && strings.Contains(key, "facts") {
			delete(store.objects, key)
		}
	}
	var de *DamagedError
	if _, err := l.At(t.Context(), ""); !errors.As(err, &de) || de.Table != "facts" || de.Hint() == "" {
		t.Errorf("a lake without its metadata: %v", err)
	}
}

// failingStore fails the nth Put.
type failingStore struct {
	Store
	mu   sync.Mutex
	left int
}

func (f *failingStore) Put(ctx context.Context, key string, r io.Reader) error {
	f.mu.Lock()
	f.left--
	fail := f.left == 0
	f.mu.Unlock()
	if fail {
		return f.Store.Put(ctx, key, io.MultiReader(io.LimitReader(r, 10), &broken{}))
	}
	return f.Store.Put(ctx, key, r)
}

func TestAStoreThatFailsAnywhereChangesNothing(t *testing.T) {
	pointers := &memPointers{at: map[string]string{}}
	store := &memStore{objects: map[string][]byte{}}
	failing := &failingStore{Store: store}
	l := openLake(t, Options{Store: failing, Location: "s3://b", Pointers: pointers})
	stream := func() *bytes.Reader {
		return newStream().fact("A1", "1", "2011-01-10T00:00:00Z").fact("A2", "1", "2011-02-10T00:00:00Z").end()
	}
	if _, err := l.Overwrite(t.Context(), Commit{Run: 1}, facts(), nil, stream(), nil); err != nil {
		t.Fatal(err)
	}
	run := int64(2)
	for n := 1; ; n++ {
		before := pointers.at["facts"]
		failing.left = n
		_, err := l.Overwrite(t.Context(), Commit{Run: run}, facts(), nil, stream(), nil)
		if err == nil {
			if n < 5 { // two data files, a manifest, its list, the metadata
				t.Errorf("a publish made only %d objects", n-1)
			}
			break
		}
		if !errors.Is(err, errBroken) || pointers.at["facts"] != before {
			t.Errorf("Put %d fails: %v", n, err)
		}
		if _, err := l.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if run, _, err := l.Published(t.Context(), "facts"); run != 2 || err != nil {
		t.Errorf("Published = %d, %v", run, err)
	}
}
