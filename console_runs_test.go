package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/tui"
	"penstock/tui/env"
	pipelinescreen "penstock/tui/screen/pipeline"
	runscreen "penstock/tui/screen/runs"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

// newTestLedger is what a console on the databases gives its screens; the sources are the sample. What
// is opened is closed with the test.
func newTestLedger(t *testing.T, db *localtest.Databases, dir string) *runLedger {
	t.Helper()
	a := newApp(host{
		environ: []string{
			"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "USER=tester", "PENSTOCK_DATA_DIR=" + dir,
			"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL, "PENSTOCK_UI_REFRESH=100ms",
		},
		now: time.Now, workdir: dir, hostname: "here", uid: os.Getuid(), gid: os.Getgid(), pid: os.Getpid(),
		in: strings.NewReader(""), out: &bytes.Buffer{}, err: &bytes.Buffer{},
	})
	t.Cleanup(func() { _ = a.close() })
	cfg, err := a.config()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "bin")
	if err := linkProgram(bin); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return newRunLedger(a, cfg, func() (string, error) { return filepath.Join(bin, "penstock"), nil })
}

// follow reads the events of a run to its end.
func follow(t *testing.T, r *runLedger, run int64) (events []pipeline.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for seq := int64(1); ; {
		few, err := r.Follow(ctx, run, seq)
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			t.Fatalf("events of run %d after %d: %v", run, len(events), err)
		}
		events = append(events, few...)
		seq = few[len(few)-1].Head().Seq + 1
	}
}

func TestConsoleStartsRunsAndWatchesThem(t *testing.T) {
	db := localtest.New(t)
	dir := dataDir(t)
	r := newTestLedger(t, db, dir)
	before, err := r.Look(t.Context(), 0)
	if err != nil || before.Run.ID != 0 || len(before.Sources) != 1 || !before.Sources[0].Last.IsZero() {
		t.Fatalf("before the first run: %+v, %v", before, err)
	}
	run, err := r.Start(t.Context(), pipelinescreen.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if pid := r.pidOf(t, run); !sessionLeader(pid) {
		t.Errorf("process %d is not in a session of its own", pid)
	}
	other := newTestLedger(t, db, dir) // a console elsewhere
	events := follow(t, other, run)
	if end, ok := events[len(events)-1].(pipeline.RunFinished); !ok || end.Status != pipeline.Done {
		t.Fatalf("the run ended with %+v", events[len(events)-1])
	}
	s, err := r.Look(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if s.Run.State != pipeline.Done || len(s.Steps) != 5 || s.Run.Who != "tester" || len(s.Trail) == 0 {
		t.Errorf("after the run: %+v, %d moments", s.Run, len(s.Trail))
	}
	src := s.Sources[0]
	if src.State != "loaded" || src.Rows < 40_000 || time.Since(src.Last) > time.Hour {
		t.Errorf("the source is %+v", src)
	}
	second, err := r.Start(t.Context(), pipelinescreen.Request{Steps: []pipeline.StepName{pipeline.Ingest}})
	if err != nil || second != run+1 {
		t.Fatalf("the second run is %d: %v", second, err)
	}
	follow(t, r, second)
	list, err := other.Runs(t.Context(), 10)
	if err != nil || len(list) != 2 || list[0].ID != second || len(list[0].Steps) != 1 || len(list[1].Steps) != 5 {
		t.Fatalf("the history is %+v, %v", list, err)
	}
	one, err := other.Run(t.Context(), run)
	if err != nil || one.ID != run || len(one.Steps) != 5 {
		t.Errorf("run %d is %+v, %v", run, one, err)
	}
	s, err = r.Look(t.Context(), time.Millisecond)
	if err != nil || len(s.Last) != 5 {
		t.Errorf("the last good steps are %+v, %v", s.Last, err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "log", "run-*.log"))
	if err != nil || len(logs) != 2 {
		t.Errorf("the runs wrote to %v, %v", logs, err)
	}
}

// pidOf is the process of a run.
func (r *runLedger) pidOf(t *testing.T, run int64) int {
	t.Helper()
	one, err := r.Run(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return one.PID
}

func sessionLeader(pid int) bool {
	group, err := syscall.Getpgid(pid)
	return err == nil && group == pid || errors.Is(err, syscall.ESRCH) // it may have ended by now
}

func TestConsoleSaysWhyARunDidNotStart(t *testing.T) {
	db := localtest.New(t)
	r := newTestLedger(t, db, dataDir(t))
	_, err := r.Start(t.Context(), pipelinescreen.Request{Engines: map[pipeline.StepName]string{pipeline.Ingest: "nifi"}})
	if err == nil || !strings.Contains(err.Error(), "engine nifi of ingest is not supported") || !strings.Contains(hintOf(err), "--engine ingest=go") {
		t.Errorf("got %v, hint %q", err, hintOf(err))
	}
	r.program = func() (string, error) { return "/bin/false", nil }
	if _, err = r.Start(t.Context(), pipelinescreen.Request{}); err == nil || !strings.Contains(hintOf(err), "run-") {
		t.Errorf("a program that says nothing: %v, hint %q", err, hintOf(err))
	}
	r.view.readOnly = true
	if _, err = r.Start(t.Context(), pipelinescreen.Request{}); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a session that only looks started a run: %v", err)
	}
	if err := r.Cancel(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a session that only looks cancelled a run: %v", err)
	}
	if len(r.children) != 0 {
		t.Errorf("processes %v were not waited for", r.children)
	}
}

func TestSecretsAreNoArguments(t *testing.T) {
	a := newApp(host{environ: []string{"HOME=/root"}})
	a.flags.config, a.flags.profile = "shop.yaml", "aws"
	a.flags.set = []string{"lake.url=./lake", "staging.url=postgres://etl:hunter2@db/penstock_staging"}
	r := newRunLedger(a, nil, nil)
	args, environ := r.commandLine(pipelinescreen.Request{Steps: []pipeline.StepName{pipeline.Check}, Sources: []string{"shop"}, Rebuild: true})
	want := "--run check --source shop --rebuild --json --config shop.yaml --profile aws --set lake.url=./lake"
	if got := strings.Join(args, " "); got != want {
		t.Errorf("called with %s\nwant %s", got, want)
	}
	if !slices.Equal(environ, []string{"HOME=/root", "PENSTOCK_STAGING_URL=postgres://etl:hunter2@db/penstock_staging"}) {
		t.Errorf("surroundings %v", environ)
	}
}

func TestDueAfter(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ by, every, last, want string }{
		{"", "", "2026-03-27 05:50", ""},
		{"06:00", "1d", "2026-03-27 05:50", "2026-03-28 06:00"},
		{"06:00", "", "2026-03-27 05:50", "2026-03-28 06:00"},
		{"06:00", "1d", "2026-03-27 23:00", "2026-03-29 06:00"}, // clocks change that night
		{"06:00", "7d", "2026-03-27 05:50", "2026-04-03 06:00"},
		{"", "12h", "2026-03-27 05:50", "2026-03-27 17:50"},
		{"06:00", "12h", "2026-03-27 05:50", "2026-03-28 06:00"},
		{"", "a while", "2026-03-27 05:50", ""},
	} {
		last, err := time.ParseInLocation("2006-01-02 15:04", c.last, london)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if due := dueAfter(source.Expect{By: c.by, Every: c.every}, last); !due.IsZero() {
			got = due.Format("2006-01-02 15:04")
		}
		if got != c.want {
			t.Errorf("by %q every %q after %s: due %q, want %q", c.by, c.every, c.last, got, c.want)
		}
	}
}

// watchRuns opens a console with the two screens on a ledger.
func watchRuns(t *testing.T, r *runLedger) *tuitest.Term {
	t.Helper()
	th, err := theme.New(theme.Options{Dark: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	e := env.New(ctx, th, time.Now)
	e.After = func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd { // which ends with the test
		return func() tea.Msg {
			select {
			case <-ctx.Done():
				return nil
			case at := <-time.After(d):
				return msg(at)
			}
		}
	}
	app, err := tui.New(tui.Options{Env: e, Theme: "dark", Refresh: 100 * time.Millisecond, Screens: []tui.Entry{
		{ID: "pipeline", Title: "pipeline", Key: "1", New: func() tui.Screen { return pipelinescreen.New(e, r, 100*time.Millisecond) }},
		{ID: "runs", Title: "runs", Key: "2", New: func() tui.Screen { return runscreen.New(e, r) }},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return tuitest.Run(t, app, 120, 40, tea.WithFPS(30))
}

// within waits longer than a key takes: for a run.
func within(t *testing.T, term *tuitest.Term, texts ...string) tuitest.Screen {
	t.Helper()
	return term.WaitFor(time.Minute, texts...)
}

// TestConsoleJourney starts the pipeline on the sample, watches it from two consoles, cancels another run
// from the one that did not start it, and sets the two side by side.
func TestConsoleJourney(t *testing.T) {
	db := localtest.New(t)
	dir := dataDir(t)
	one := watchRuns(t, newTestLedger(t, db, dir))
	two := watchRuns(t, newTestLedger(t, db, dir))
	for _, c := range []*tuitest.Term{one, two} {
		within(t, c, "no run yet: s starts the first", "online-retail", "never")
	}
	one.Keys("s")
	one.WaitText("Start a run")
	one.Keys("ctrl+s")
	within(t, one, "Run 1", "✓ done in", "run 1 done in")
	within(t, two, "Run 1", "✓ done in", "by tester")

	hold, err := db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), "LOCK TABLE analytics.fact_purchase_line IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	one.Keys("B")
	one.WaitText("derived anew from all that is loaded")
	one.Keys("y")
	within(t, one, "Run 2", "● running")
	one.Keys("q") // the run goes on
	if err := one.Ended(); err != nil {
		t.Error(err)
	}
	within(t, two, "Run 2", "● running")
	two.Resize(80, 24)
	two.WaitText("80x24")
	two.Keys("x")
	two.WaitText("Cancel run 2")
	two.Keys("y")
	within(t, two, "! cancelled in", "run 2 cancelled")
	if err := hold.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	two.Resize(120, 40)
	two.Keys("2")
	within(t, two, "! cancelled", "✓ done", "cancelled by tester")
	two.Keys("d")
	within(t, two, "Run 1 (A) and run 2 (B)", "differs")
}

// TestConsoleOutlivesTheDatabase takes the server away while a run is watched, and gives it back.
func TestConsoleOutlivesTheDatabase(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true, Durable: true})
	dir := dataDir(t)
	r := newTestLedger(t, db, dir)
	c := watchRuns(t, r)
	within(t, c, "no run yet")
	if err := db.StagingServer.Stop(localtest.Immediate); err != nil {
		t.Fatal(err)
	}
	within(t, c, "✗ ledger away", "no run yet")
	c.Keys("2", "?")
	c.WaitText("Keys") // no freeze
	c.Keys("esc", "1")
	if err := db.StagingServer.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, c, "the ledger is back")
}
