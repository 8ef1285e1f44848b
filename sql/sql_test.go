package sql_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

func TestMain(m *testing.M) { localtest.Main(m) }

func TestTextAndNames(t *testing.T) {
	names := sql.Names("staging")
	if !slices.Contains(names, "staging/0001_init.sql") || !slices.IsSorted(names) {
		t.Fatalf("names %v", names)
	}
	for _, name := range names {
		if text := sql.Text(name); text == "" || text != strings.TrimSpace(text) {
			t.Errorf("%s is empty or has blanks around it", name)
		}
	}
	if got := sql.Names("nowhere"); len(got) != 0 {
		t.Errorf("a folder that is not there has %v", got)
	}
}

func TestTextPanicsOnAnUnknownName(t *testing.T) {
	defer func() {
		if r, ok := recover().(string); !ok || !strings.Contains(r, `"no/such.sql"`) {
			t.Errorf("recovered %v", r)
		}
	}()
	sql.Text("no/such.sql")
}

// A gap or a number used twice would make databases differ by when they were migrated.
func TestMigrationsAreNumberedFromOne(t *testing.T) {
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		for i, name := range sql.Names(string(db)) {
			base := path.Base(name)
			want := []byte{'0', byte('0' + (i+1)/100), byte('0' + (i+1)/10%10), byte('0' + (i+1)%10), '_'}
			if !strings.HasPrefix(base, string(want)) {
				t.Errorf("%s is number %d of %s", base, i+1, db)
			}
		}
	}
}
