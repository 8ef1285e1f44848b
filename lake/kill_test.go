package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"penstock/dbadmin/local/localtest"
)

// childJob is the environment variable that makes the test binary a publish
// that kills itself.
const childJob = "PENSTOCK_LAKE_CHILD"

// job is what the child does: publish both tables of a run and die at a point
// the nth time that it is reached.
type job struct {
	URL, Dir, Point string
	Nth             int
	Run             int64
}

const killRows = 33_000 // more than there are between two calls of progress

// child returns only when it was not killed.
func child(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := j.publish(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (j job) publish(ctx context.Context) error {
	db, err := sql.Open("pgx", j.URL)
	if err != nil {
		return err
	}
	reached := 0
	die := func(point string) {
		if point != j.Point {
			return
		}
		if reached++; reached == j.Nth {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until it arrives
		}
	}
	l, err := Open(ctx, Options{Catalog: db, Dir: j.Dir, Now: time.Now, Hook: die})
	if err != nil {
		return err
	}
	c := Commit{Run: j.Run, Tables: []string{"fact_purchase_line", "country_sales"}}
	progress := func(int64, int64) { die("progress") }
	if _, err := l.Overwrite(ctx, c, wideFacts(), nil, newWideStream(killRows+j.Run, true), progress); err != nil {
		return err
	}
	_, err = l.Overwrite(ctx, c, mart(), nil, newStream().row(fmt.Sprint(j.Run), numeric("1")).end(), nil)
	return errors.Join(err, l.Close(), db.Close())
}

func TestAKilledPublishLeavesTheOldRunInForce(t *testing.T) {
	dbs := localtest.New(t)
	db := stdlib.OpenDBFromPool(dbs.Analytics)
	t.Cleanup(func() { _ = db.Close() })
	dir := t.TempDir()
	l := openLake(t, Options{Catalog: db, Dir: dir})
	run, complete := int64(0), int64(0)
	publish := func(point string, nth int) {
		t.Helper()
		run++
		spec, err := json.Marshal(job{URL: dbs.AnalyticsURL, Dir: dir, Point: point, Nth: nth, Run: run})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childJob+"="+string(spec))
		out, err := cmd.CombinedOutput()
		var ee *exec.ExitError
		killed := false
		if errors.As(err, &ee) {
			status, ok := ee.Sys().(syscall.WaitStatus)
			killed = ok && status.Signal() == syscall.SIGKILL
		}
		if killed != (point != "") {
			t.Fatalf("the publish of run %d, to be killed at %q: %v\n%s", run, point, err, out)
		}
	}
	check := func(point string) {
		t.Helper()
		v, err := l.At(t.Context(), "")
		if complete == 0 {
			if !isUnpublished(err) {
				t.Errorf("killed at %s before there was a run: %+v, %v", point, v, err)
			}
			return
		}
		if err != nil || v.Run != complete || v.Tables["fact_purchase_line"].Rows != killRows+complete {
			t.Fatalf("killed at %s: run %d with %d rows, %v; want run %d", point, v.Run, v.Tables["fact_purchase_line"].Rows, err, complete)
		}
		q, err := OpenQuery(t.Context(), v, QueryOptions{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("%d\t%d", killRows+complete, complete)
		if got := ask(t, q, "SELECT count(*), (SELECT country FROM country_sales) FROM fact_purchase_line"); got[0] != want {
			t.Errorf("killed at %s: %q, want %q", point, got, want)
		}
		_ = q.Close()
	}
	for _, p := range []struct {
		point    string
		nth      int
		complete bool
	}{
		{"progress", 1, false},
		{"publish.file", 1, false},
		{"publish.before-commit", 1, false},
		{"publish.after-commit", 1, false},
		{"publish.after-commit", 2, true}, // all is there: this run counts, though nobody could say so
		{"publish.file", 5, false},
		{"publish.before-commit", 1, false},
		{"publish.before-commit", 2, false},
		{"", 0, true},
		{"publish.before-commit", 2, false},
	} {
		publish(p.point, p.nth)
		if p.complete {
			complete = run
		}
		check(p.point)
		if _, err := l.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(p.point + ", after the sweep")
	}
	if n, err := l.Expire(t.Context(), 1, 0); n == 0 || err != nil {
		t.Errorf("Expire = %d, %v", n, err)
	}
	check("publish.before-commit, after snapshots expired")
	everyFileIsReferred(t, l)
}

// everyFileIsReferred looks for leftovers that Sweep does not see.
func everyFileIsReferred(t *testing.T, l *Lake) {
	t.Helper()
	if _, err := l.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	tables, err := l.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]bool{}
	for _, tbl := range tables {
		snapshots, err := l.Snapshots(t.Context(), tbl.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snapshots {
			files, err := l.Files(t.Context(), tbl.Name, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				data[f.Path] = true
			}
		}
	}
	parquet := 0
	if err := walkFiles(folderOf(t, l).Dir(), func(path string) {
		if len(path) > 8 && path[len(path)-8:] == ".parquet" {
			parquet++
		}
	}); err != nil {
		t.Fatal(err)
	}
	if parquet != len(data) {
		t.Errorf("%d Parquet files lie in the folder, snapshots refer to %d", parquet, len(data))
	}
}
