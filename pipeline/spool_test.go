package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// entriesOf returns warnings as a log holds them, from a number on.
func entriesOf(t *testing.T, run, seq int64, messages ...string) []entry {
	t.Helper()
	var entries []entry
	for i, m := range messages {
		e := WithHead(Warning{Message: m}, Head{run, seq + int64(i), time.Unix(1700000000, 0).UTC()})
		body, err := encodeBody(e)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{e, body})
	}
	return entries
}

func TestSpoolKeepsOrderAndForgetsTornLines(t *testing.T) {
	s := spool{path: filepath.Join(t.TempDir(), "new", "folder", spoolName(7, "uuid"))}
	want := entriesOf(t, 7, 3, "a", "b\nc", "d")
	for _, part := range [][]entry{want[:2], nil, want[2:]} {
		if err := s.add(part); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := readSpool(s.path); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v %v", got, err)
	}
	if info, err := os.Stat(s.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	whole, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(s.path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSpool(s.path)
		if err != nil || len(got) > len(want) || (len(got) > 0 && !reflect.DeepEqual(got, want[:len(got)])) {
			t.Fatalf("cut at %d: %v %v", cut, got, err)
		}
	}
	if err := s.remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestSpoolNames(t *testing.T) {
	if run, uuid, ok := parseSpoolName(spoolName(42, "6f0c-11")); !ok || run != 42 || uuid != "6f0c-11" {
		t.Error(run, uuid, ok)
	}
	for _, name := range []string{"", "run-x-y.jsonl", "run-1-u.json", "run-01-u.jsonl", "notes.txt", "run-1-u v.jsonl", "run--u.jsonl"} {
		if run, uuid, ok := parseSpoolName(name); ok {
			t.Errorf("%q is taken for run %d of %q", name, run, uuid)
		}
	}
}

func TestSpoolWithoutAFolderKeepsNothing(t *testing.T) {
	var s spool
	if err := s.add(entriesOf(t, 1, 1, "a")); err != nil {
		t.Error(err)
	}
	if err := s.remove(); err != nil {
		t.Error(err)
	}
}

func TestSpoolThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := spool{path: filepath.Join(file, "below", spoolName(1, "u"))}
	if err := s.add(entriesOf(t, 1, 1, "a")); err == nil {
		t.Error("no error")
	}
}

// ownServer returns databases on a server to stop, which keeps what it has
// acknowledged when its processes die; waiting for the disk would only take
// time.
func ownServer(t *testing.T) *localtest.Databases {
	t.Helper()
	d := localtest.NewWith(t, localtest.Options{Own: true})
	do(t, d.Pool(t, sql.Staging, localtest.Admin), "ALTER ROLE ALL SET synchronous_commit = on")
	return d
}

// TestEventsFollowAfterTheServerWasAway stops the server in the middle of a run
// and starts it again.
func TestEventsFollowAfterTheServerWasAway(t *testing.T) {
	d := ownServer(t)
	dir := filepath.Join(t.TempDir(), "spool")
	logged := &logLines{}
	l := process(t, d, "ann", func(o *Options) { o.SpoolDir, o.Log = dir, newLogger(logged) })
	say := make(chan Event)
	x := start(t, l, Plan{Steps: []Step{talk(say), quick(Transform, Result{}, nil)}})
	say <- Warning{Message: "before"}
	eventually(t, "it is in the ledger", func(context.Context) bool {
		return get[int](t, d.Staging, "SELECT count(*) FROM staging.events WHERE kind = 'warning'") == 1
	})
	ctx := testContext(t)
	beside := make(chan []Event, 1)
	watcher := process(t, d, "bob")
	wait := make(chan struct{})
	go func() {
		defer close(wait)
		var seen []Event
		for seq := int64(1); ; {
			e, err := watcher.Next(ctx, x.ID(), seq)
			if err == nil {
				seen = append(seen, e)
				seq++
				if e.Kind() == KindRunFinished {
					break
				}
			} else if pause(ctx, 20*time.Millisecond) != nil {
				break // an operator's screen tries again
			}
		}
		beside <- seen
	}()

	if err := d.StagingServer.Stop(localtest.Immediate); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		say <- Warning{Message: "meanwhile"}
	}
	var file string
	eventually(t, "they are spooled", func(context.Context) bool {
		files, _ := filepath.Glob(filepath.Join(dir, "run-*.jsonl"))
		if len(files) != 1 {
			return false
		}
		file = files[0]
		entries, err := readSpool(file)
		return err == nil && len(entries) == 3
	})
	if live := collectUntil(t, x, 6); as[Warning](t, live[5]).Message != "meanwhile" {
		t.Errorf("live %v", live)
	}
	if err := d.StagingServer.Start(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they are in the ledger and the spool is gone", func(ctx context.Context) bool {
		var n int
		err := d.Staging.QueryRow(ctx, "SELECT count(*) FROM staging.events WHERE kind = 'warning'").Scan(&n)
		_, gone := os.Stat(file)
		return err == nil && n == 4 && os.IsNotExist(gone)
	})
	close(say)
	out, err := x.Wait()
	if err != nil || out.Spool != "" || out.State != Done {
		t.Errorf("%+v %v", out, err)
	}
	<-wait
	live := collect(t, x.Next, x.ID())
	if kept := collect(t, l.Next, x.ID()); !reflect.DeepEqual(live, kept) {
		t.Errorf("live   %v\nledger %v", live, kept)
	}
	if seen := <-beside; !reflect.DeepEqual(live, seen) {
		t.Errorf("seen by a watcher: %v", seen)
	}
	if r, err := l.RunByID(ctx, x.ID()); err != nil || r.State != Done || r.Err != "" {
		t.Errorf("%+v %v", r, err)
	}
}

// TestEventsThatTheLedgerLostComeBack has a server forget what it had
// acknowledged, as one that fell back to an older copy.
func TestEventsThatTheLedgerLostComeBack(t *testing.T) {
	d := localtest.New(t)
	logged := &logLines{}
	l := process(t, d, "ann", func(o *Options) { o.SpoolDir, o.Log = t.TempDir(), newLogger(logged) })
	say := make(chan Event)
	x := start(t, l, Plan{Steps: []Step{talk(say)}})
	say <- Warning{Message: "before"}
	eventually(t, "it is in the ledger", func(context.Context) bool {
		return get[int](t, d.Staging, "SELECT count(*) FROM staging.events") == 3
	})
	do(t, d.Staging, "DELETE FROM staging.events WHERE seq > 1")
	get[int](t, d.Pool(t, sql.Staging, localtest.Admin), lockSessions)
	eventually(t, "it is in the ledger again", func(context.Context) bool {
		return get[int](t, d.Staging, "SELECT count(*) FROM staging.events") == 3
	})
	close(say)
	if out, err := x.Wait(); err != nil || out.Spool != "" {
		t.Errorf("%+v %v", out, err)
	}
	if live, kept := collect(t, x.Next, x.ID()), collect(t, l.Next, x.ID()); !reflect.DeepEqual(live, kept) {
		t.Errorf("live   %v\nledger %v", live, kept)
	}
	if !logged.has("the ledger lost events") {
		t.Error("the log says nothing of it")
	}
}

// collectUntil reads the first n events of a live run.
func collectUntil(t *testing.T, x *Execution, n int64) []Event {
	t.Helper()
	var events []Event
	for seq := int64(1); seq <= n; seq++ {
		e, err := x.Next(testContext(t), x.ID(), seq)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// TestTheNextProcessDeliversTheSpool ends a run while the server is away.
func TestTheNextProcessDeliversTheSpool(t *testing.T) {
	d := ownServer(t)
	dir := t.TempDir()
	l := process(t, d, "ann", func(o *Options) { o.SpoolDir, o.FlushLimit = dir, 300*time.Millisecond })
	say := make(chan Event)
	x := start(t, l, Plan{Steps: []Step{talk(say)}})
	say <- Warning{Message: "before"}
	eventually(t, "it is in the ledger", func(context.Context) bool {
		return get[int](t, d.Staging, "SELECT count(*) FROM staging.events WHERE kind = 'warning'") == 1
	})
	if err := d.StagingServer.Stop(localtest.Immediate); err != nil {
		t.Fatal(err)
	}
	say <- Warning{Message: "meanwhile"}
	close(say)
	out, err := x.Wait()
	if err != nil || out.State != Done || out.Spool == "" {
		t.Fatalf("%+v %v", out, err)
	}
	if err := d.StagingServer.Start(testContext(t)); err != nil {
		t.Fatal(err)
	}
	// Files of others are left alone.
	foreign := filepath.Join(dir, spoolName(x.ID(), "00000000-0000-0000-0000-000000000000"))
	for _, name := range []string{foreign, filepath.Join(dir, "notes.txt")} {
		if err := os.WriteFile(name, []byte("{}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A console that only looks has a run without a sign of life.
	watcher := process(t, d, "bob")
	eventually(t, "it is given up", func(ctx context.Context) bool {
		r, err := watcher.RunByID(ctx, x.ID())
		return err == nil && r.State == Interrupted
	})
	next := process(t, d, "eve", func(o *Options) { o.SpoolDir = dir })
	if err := next.Recover(testContext(t)); err != nil {
		t.Fatal(err)
	}
	r, err := next.RunByID(testContext(t), x.ID())
	if err != nil || r.State != Done || r.ExitCode == nil || r.Err != "" {
		t.Errorf("%+v %v", r, err)
	}
	if live, kept := collect(t, x.Next, x.ID()), collect(t, next.Next, x.ID()); !reflect.DeepEqual(live, kept) {
		t.Errorf("live   %v\nledger %v", live, kept)
	}
	steps, err := next.Steps(testContext(t), x.ID())
	if err != nil || steps[0].State != Done {
		t.Errorf("%+v %v", steps, err)
	}
	if _, err := os.Stat(out.Spool); !os.IsNotExist(err) {
		t.Errorf("the spool is still there: %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
}

// TestStartDeliversTheSpoolOfADeadRun has events of a run that never ended, a
// part of which the ledger has already.
func TestStartDeliversTheSpoolOfADeadRun(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann", func(o *Options) { o.SpoolDir = t.TempDir() })
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil), quick(Transform, Result{}, nil)}})
	if err != nil {
		t.Fatal(err)
	}
	// As if the process had died within transform, its last events spooled.
	do(t, d.Staging, "DELETE FROM staging.events WHERE seq > 4")
	do(t, d.Staging, "UPDATE staging.runs SET state = 'running', finished_at = NULL, exit_code = NULL")
	do(t, d.Staging, "UPDATE staging.steps SET state = 'running', finished_at = NULL WHERE step = 'transform'")
	uuid := get[string](t, d.Staging, "SELECT uuid::text FROM staging.meta")
	s := spool{path: filepath.Join(l.o.SpoolDir, spoolName(out.Run, uuid))}
	started := WithHead(StepStarted{Step: Ingest, Engine: "other"}, Head{out.Run, 2, time.Unix(1700000000, 0).UTC()})
	body, err := encodeBody(started)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.add(append([]entry{{started, body}}, entriesOf(t, out.Run, 5, "last words")...)); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"run_started", "step_started ingest", "step_finished ingest", "step_started transform", "warning"}
	if got := kinds(collect(t, l.Next, out.Run)); !slices.Equal(got, want) {
		t.Errorf("events %q", got)
	}
	if r, err := l.RunByID(testContext(t), out.Run); err != nil || r.State != Interrupted {
		t.Errorf("%+v %v", r, err)
	}
	steps, err := l.Steps(testContext(t), out.Run)
	if err != nil || steps[0].State != Done || steps[0].Engine != "test" || steps[1].State != Interrupted {
		t.Errorf("%+v %v", steps, err)
	}
	if files, _ := os.ReadDir(l.o.SpoolDir); len(files) != 0 {
		t.Errorf("left in the spool: %v", files)
	}
}

func TestASpoolOfAPrunedRunIsDropped(t *testing.T) {
	d := localtest.New(t)
	dir := t.TempDir()
	l := process(t, d, "ann", func(o *Options) { o.SpoolDir = dir })
	uuid := get[string](t, d.Staging, "SELECT uuid::text FROM staging.meta")
	s := spool{path: filepath.Join(dir, spoolName(99, uuid))}
	if err := s.add(entriesOf(t, 99, 1, "who?")); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Recover(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left in the spool: %v", files)
	}
}
