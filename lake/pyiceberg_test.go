package lake

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	icesql "github.com/apache/iceberg-go/catalog/sql"
	"github.com/apache/iceberg-go/table"
	"github.com/jackc/pgx/v5/stdlib"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// pyiceberg returns a Python that has the packages of testdata/pyiceberg.txt,
// installed once into the user's cache folder. Without one the test is
// skipped, or fails in CI.
func pyiceberg(t *testing.T) string {
	t.Helper()
	python, err := installPyiceberg(t.Context())
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("needs Python with pyiceberg: %v", err)
	}
	return python
}

func installPyiceberg(ctx context.Context) (string, error) {
	requirements := filepath.Join("testdata", "pyiceberg.txt")
	pins, err := os.ReadFile(requirements)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "penstock", fmt.Sprintf("pyiceberg-%x", sha256.Sum256(pins))[:26])
	python := filepath.Join(dir, "bin", "python3")
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return python, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".pyiceberg-")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", temp},
		{filepath.Join(temp, "bin", "python3"), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", requirements},
	} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return "", errors.Join(fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out), os.RemoveAll(temp))
		}
	}
	if err := os.WriteFile(filepath.Join(temp, "complete"), nil, 0o644); err != nil {
		return "", err
	}
	if err := os.Rename(temp, dir); err != nil { // another test process was first
		return python, os.RemoveAll(temp)
	}
	return python, nil
}

// pythonView is what testdata/read.py prints.
type pythonView struct {
	Tables       []string
	Schema       map[string]string
	Required     []string
	Spec         []string
	Count        int64
	Sum          map[string]string
	Rows         []map[string]any
	JanuaryFiles int `json:"january_files"`
	JanuaryRows  int `json:"january_rows"`
	Snapshots    []map[string]string
}

func readWithPython(t *testing.T, python, uri string, args ...string) pythonView {
	t.Helper()
	uri = "postgresql+psycopg2" + strings.TrimPrefix(strings.TrimPrefix(uri, "postgresql"), "postgres")
	cmd := exec.CommandContext(t.Context(), python, append([]string{filepath.Join("testdata", "read.py"), uri, DefaultNamespace}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		var ee *exec.ExitError
		if errors.As(err, &ee) {
			t.Fatalf("read.py: %v\n%s", err, ee.Stderr)
		}
		t.Fatal(err)
	}
	var v pythonView
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return v
}

func TestPyicebergReadsTheSame(t *testing.T) {
	python := pyiceberg(t)
	dbs := localtest.New(t)
	db := stdlib.OpenDBFromPool(dbs.Analytics)
	t.Cleanup(func() { _ = db.Close() })
	l := openLake(t, Options{Catalog: db, Dir: filepath.Join(t.TempDir(), "lake")})
	publish(t, l, 1, facts(), nil, newStream().
		fact("A1", "10.000000001", "2011-01-31T23:59:59.999999Z").
		fact("A2", "-99999999999999999999999999999.999999999", "2011-02-01T00:00:00Z").
		row("A3", numeric("0.001"), nil, nil, at("2011-02-03T04:05:06Z"), nil, nil, nil, nil, nil, nil, nil))
	publish(t, l, 1, mart(), nil, newStream().row("France", numeric("1.5")))
	// Python may only reach the server by TCP.
	uri := dbs.TCPURL(sql.Analytics, "owner")
	v := readWithPython(t, python, uri, "facts")
	wantSchema := map[string]string{
		"invoice_no": "string", "quantity": "decimal(14, 3)", "rate": "decimal(9, 6)", "amount": "decimal(38, 9)", "ordered_at": "timestamptz",
		"ordered_day": "date", "is_service": "boolean", "weekday": "int", "line": "int", "load_id": "long", "score": "double", "extra": "string",
	}
	if fmt.Sprint(v.Schema) != fmt.Sprint(wantSchema) || !slices.Equal(v.Required, []string{"invoice_no", "quantity", "ordered_at"}) || !slices.Equal(v.Spec, []string{"month(ordered_at)"}) {
		t.Errorf("schema %v, required %v, spec %v", v.Schema, v.Required, v.Spec)
	}
	if !slices.Equal(v.Tables, []string{"penstock.country_sales", "penstock.facts"}) || v.Count != 3 || v.JanuaryFiles != 1 || v.JanuaryRows != 1 {
		t.Errorf("tables %v, %d rows, January %d in %d files", v.Tables, v.Count, v.JanuaryRows, v.JanuaryFiles)
	}
	wantSum := map[string]string{"quantity": "4.001", "rate": "1.000000", "amount": "-99999999999999999999999999989.999999998"}
	if fmt.Sprint(v.Sum) != fmt.Sprint(wantSum) {
		t.Errorf("sums %v, want %v", v.Sum, wantSum)
	}
	want := map[string]any{
		"invoice_no": "A1", "quantity": "2.000", "rate": "0.500000", "amount": "10.000000001", "ordered_at": "2011-01-31 23:59:59.999999+00:00",
		"ordered_day": "2011-01-31", "is_service": false, "weekday": 3.0, "line": 7.0, "load_id": 1.0, "score": 0.5, "extra": `{"k": 1}`,
	}
	if fmt.Sprint(v.Rows[0]) != fmt.Sprint(want) {
		t.Errorf("first row\n%v, want\n%v", v.Rows[0], want)
	}
	if a3 := v.Rows[2]; a3["invoice_no"] != "A3" || a3["amount"] != nil || a3["extra"] != nil {
		t.Errorf("third row %v", a3)
	}
	evolveAndReadAgain(t, l, python, uri)
}

// evolveAndReadAgain publishes another shape over one month.
func evolveAndReadAgain(t *testing.T, l *Lake, python, uri string) {
	t.Helper()
	tbl := facts()
	tbl.Columns = append(slices.Clone(tbl.Columns[:10]), Column{Name: "channel", Type: Text})
	publish(t, l, 2, tbl, months("2011-02"), newStream().row("B1", numeric("5"), nil, nil, at("2011-02-01T00:00:00Z"), nil, nil, nil, nil, nil, "web"))
	publish(t, l, 2, mart(), nil, newStream())
	v := readWithPython(t, python, uri, "facts")
	if v.Count != 2 || v.Sum["quantity"] != "7.000" || v.Schema["channel"] != "string" || v.Schema["extra"] != "" || v.Rows[0]["channel"] != nil || v.Rows[1]["channel"] != "web" {
		t.Errorf("after a change of columns: %+v", v)
	}
	if len(v.Snapshots) != 2 || v.Snapshots[0][propRun] != "1" || v.Snapshots[1][propRun] != "2" || v.Snapshots[1][propVersion] != "2" || v.Snapshots[1]["total-records"] != "2" {
		t.Errorf("snapshots %v", v.Snapshots)
	}
	old, err := l.At(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	if v := readWithPython(t, python, uri, "facts", strconv.FormatInt(old.Tables["facts"].Snapshot, 10)); v.Count != 3 || v.Sum["quantity"] != "4.001" {
		t.Errorf("the old snapshot: %+v", v)
	}
	if v := readWithPython(t, python, uri, "country_sales"); v.Count != 0 || len(v.Snapshots) != 2 {
		t.Errorf("an empty table: %+v", v)
	}
}

// TestIcebergsOwnCatalogReadsOurs makes sure that our pointers are the tables
// that iceberg-go's SQL catalog works with.
func TestIcebergsOwnCatalogReadsOurs(t *testing.T) {
	db := catalogDB(t)
	l := openLake(t, Options{Catalog: db, Dir: filepath.Join(t.TempDir(), "lake")})
	publish(t, l, 1, facts(), nil, newStream().fact("A1", "1", "2011-01-10T00:00:00Z"))
	publish(t, l, 2, facts(), nil, newStream().fact("A1", "1", "2011-01-10T00:00:00Z").fact("A2", "1", "2011-01-10T00:00:00Z"))
	cat, err := icesql.NewCatalog(catalogName, db, icesql.Postgres, map[string]string{"init_catalog_tables": "true"})
	if err != nil {
		t.Fatal(err)
	}
	tbl, err := cat.LoadTable(t.Context(), table.Identifier{DefaultNamespace, "facts"})
	if err != nil {
		t.Fatal(err)
	}
	_, records, err := tbl.Scan().ToArrowRecords(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for r, err := range records {
		if err != nil {
			t.Fatal(err)
		}
		n += r.NumRows()
		r.Release()
	}
	if ok, err := cat.CheckNamespaceExists(t.Context(), table.Identifier{DefaultNamespace}); n != 2 || !ok || err != nil {
		t.Errorf("%d rows, namespace %v, %v", n, ok, err)
	}
	// And the other way round: it commits, we read on.
	tx := tbl.NewTransaction()
	if err := tx.SetProperties(map[string]string{"owner": "somebody"}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	publish(t, l, 3, facts(), nil, newStream())
	if run, _, err := l.Published(t.Context(), "facts"); run != 3 || err != nil {
		t.Errorf("Published = %d, %v", run, err)
	}
}
