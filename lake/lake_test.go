package lake

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"penstock/dbadmin/local/localtest"
)

// newLake opens a lake of its own for a test, its catalog in a database of its
// own.
func newLake(t testing.TB) *Lake {
	t.Helper()
	return openLake(t, Options{Catalog: catalogDB(t), Dir: filepath.Join(t.TempDir(), "lake")})
}

func catalogDB(t testing.TB) *sql.DB {
	t.Helper()
	db := stdlib.OpenDBFromPool(localtest.New(t).Analytics)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openLake(t testing.TB, o Options) *Lake {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	l, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	for name, o := range map[string]Options{
		"no clock":      {Dir: dir, Pointers: &SQLPointers{}},
		"no catalog":    {Dir: dir, Now: time.Now},
		"no folder":     {Now: time.Now, Pointers: &SQLPointers{}},
		"no location":   {Now: time.Now, Pointers: &SQLPointers{}, Store: newFolder(t)},
		"bad namespace": {Dir: dir, Now: time.Now, Pointers: &SQLPointers{}, Namespace: "Shop; DROP"},
	} {
		if l, err := Open(t.Context(), o); err == nil {
			_ = l.Close()
			t.Errorf("%s: Open succeeded", name)
		}
	}
}

func TestAnEmptyLakeSaysSo(t *testing.T) {
	l := newLake(t)
	if _, err := l.At(t.Context(), ""); !isUnpublished(err) {
		t.Errorf("At = %v", err)
	}
	if _, _, err := l.Published(t.Context(), "facts"); !isUnpublished(err) {
		t.Errorf("Published = %v", err)
	}
	if tables, err := l.Tables(t.Context()); err != nil || len(tables) != 0 {
		t.Errorf("Tables = %v, %v", tables, err)
	}
	if n, err := l.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
	if n, err := l.Expire(t.Context(), 1, 0); n != 0 || err != nil {
		t.Errorf("Expire = %d, %v", n, err)
	}
	var hinted interface{ Hint() string }
	if _, err := l.At(t.Context(), ""); !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("%v has no hint", err)
	}
}

func TestPublishAndRead(t *testing.T) {
	l := newLake(t)
	s := newStream().fact("A1", "1.000000001", "2011-01-31T23:59:59.999999Z").fact("A2", "-99999999999999999999999999999.999999999", "2011-02-01T00:00:00Z")
	stats, err := l.Overwrite(t.Context(), Commit{Run: 7, Version: 3}, facts(), nil, s.end(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if stats.Rows != 2 || stats.Files != 2 || stats.Removed != 0 || stats.Bytes == 0 || stats.Snapshot == 0 {
		t.Errorf("stats = %+v", stats)
	}
	v, err := l.At(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ft := v.Tables["facts"]
	if v.Run != 7 || ft.Rows != 2 || len(ft.Files) != 2 || ft.Version != 3 || len(ft.Columns) != 12 {
		t.Errorf("view = %+v", v)
	}
	if run, version, err := l.Published(t.Context(), "facts"); run != 7 || version != 3 || err != nil {
		t.Errorf("Published = %d, %d, %v", run, version, err)
	}
	if n, err := l.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep = %d, %v", n, err)
	}
}

func folderOf(t *testing.T, l *Lake) *Folder {
	t.Helper()
	f, ok := l.Store().(*Folder)
	if !ok {
		t.Fatal("the lake is in no folder")
	}
	return f
}
