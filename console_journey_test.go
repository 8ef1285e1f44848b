package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/screen/insights"
	"penstock/tui/tuitest"
)

// TestConsoleEverywhere goes everywhere by number keys and by the palette, at every size, and leaves.
func TestConsoleEverywhere(t *testing.T) {
	for _, size := range sizes() {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			c := demoConsole(t, nil)
			term := c.show(t, size[0], size[1])
			for _, e := range c.entries {
				term.WaitText("Penstock  demo")
				term.Keys(e.Key)
				term.WaitText("▸ " + e.Title)
			}
			for _, e := range c.entries {
				term.Keys(":")
				term.WaitText("Go to")
				term.Type(e.ID)
				term.Keys("enter")
				term.WaitText("▸ " + e.Title)
				term.WaitGone("Go to ")
			}
			term.Keys("?")
			term.WaitText("Keys ─", "type to find")
			term.Keys("esc")
			term.WaitGone("Keys ─")
			term.Resize(59, 14)
			term.WaitText("needs 60 x 15 cells")
			term.Resize(100, 30)
			term.WaitText("100x30", "▸ "+c.entries[len(c.entries)-1].Title)
			term.Keys("q")
			if err := term.Ended(); err != nil {
				t.Error(err)
			}
			if term.Screen().AltScreen() {
				t.Error("the alternate screen was left on")
			}
		})
	}
}

// TestPaletteGoesToTabs goes to every tab of the insights by its name.
func TestPaletteGoesToTabs(t *testing.T) {
	term := demoConsole(t, nil).show(t, 120, 40)
	term.WaitText("Penstock  demo")
	for _, tab := range insights.Tabs() {
		term.Keys(":")
		term.WaitText("Go to")
		term.Type("insights " + tab)
		term.Keys("enter")
		term.WaitText("insights ▸ " + tab)
		term.WaitGone("Go to ")
	}
	term.Keys(":")
	term.WaitText("Go to")
	term.Type("insights hourz")
	term.WaitText("has no hourz, but overview, sales")
}

// TestHelpRunsActions finds an action of another screen in the help and does it there.
func TestHelpRunsActions(t *testing.T) {
	c := demoConsole(t, func(f *consoleFlags) { f.screen = "help" })
	term := c.show(t, 120, 40)
	term.WaitText("what it does", "derive facts and marts anew")
	term.Keys("/")
	term.Type("commands.pause")
	term.Keys("enter")
	term.WaitGone("find and run anything")
	term.Keys("enter")
	term.WaitText("▸ commands", "paused")
}

// TestCommandLog shows, filters and opens what was asked, and copies it without values.
func TestCommandLog(t *testing.T) {
	c := demoConsole(t, func(f *consoleFlags) { f.screen = "commands" })
	c.demo = nil
	c.root = rooted(t, c)
	var copied string
	c.env.Clipboard = func(text string) tea.Cmd { copied = text; return nil }
	c.calls.done(c.calls.now(), "staging", "SELECT *\nFROM staging.loads WHERE id = $1", 7, nil)
	term := tuitest.Run(t, c.root, 120, 30)
	term.WaitText("SELECT * FROM staging.loads WHERE id = $1", "7")
	c.calls.done(c.calls.now(), "analytics", "connect", -1, os.ErrDeadlineExceeded)
	term.WaitText("failed: i/o timeout  connect")
	term.Keys("/")
	term.Type("to:staging")
	term.Keys("enter")
	term.WaitGone("i/o timeout")
	term.Keys("a")
	term.WaitText("sent to the clipboard")
	if want := "SELECT *\nFROM staging.loads WHERE id = $1"; copied != want {
		t.Errorf("copied %q, want %q", copied, want)
	}
	term.Keys("enter")
	term.WaitText("Statement", "FROM staging.loads WHERE id = $1", "rows 7")
}

// rooted makes the console's root anew, after its parts were changed.
func rooted(t *testing.T, c *console) *tui.App {
	t.Helper()
	root, err := tui.New(tui.Options{Env: c.env, Screens: c.entries, Start: c.view.screen, Theme: "dark", Refresh: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(root.Close)
	return root
}

func TestCallLogKeepsTheLatest(t *testing.T) {
	l := newCallLog(time.Now)
	if l.Latest() != 0 || len(l.Calls()) != 0 {
		t.Fatal("a new log remembers something")
	}
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range callsKept {
				l.note("server", "postgres://shop:hunter2@db/x")
			}
		})
	}
	work.Wait()
	calls := l.Calls()
	if len(calls) != callsKept || calls[0].ID != 4*callsKept || calls[callsKept-1].ID != 3*callsKept+1 {
		t.Errorf("%d calls, from %d to %d", len(calls), calls[0].ID, calls[len(calls)-1].ID)
	}
	if strings.Contains(calls[0].Text, "hunter2") {
		t.Errorf("%q has a password", calls[0].Text)
	}
}

func TestStatementsAreLoggedWithoutValues(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                "SELECT 1",
		"SELECT * FROM t WHERE a = $1":            "SELECT * FROM t WHERE a = $1",
		"SELECT 'it''s; secret' || 'x'":           "SELECT '…' || '…'",
		"DO $$ BEGIN RAISE 'pw'; END $$":          "DO '…'",
		"ALTER ROLE shop PASSWORD 'two\nlines' ;": "ALTER ROLE shop PASSWORD '…' ;",
	} {
		if got := withoutValues(text); got != want {
			t.Errorf("%q is logged as %q, want %q", text, got, want)
		}
	}
}

// TestTracer notes what a real connection is asked, with rows, errors and without arguments.
func TestTracer(t *testing.T) {
	db := localtest.New(t)
	cfg, err := pgxpool.ParseConfig(db.StagingURL)
	if err != nil {
		t.Fatal(err)
	}
	log := newCallLog(time.Now)
	cfg.ConnConfig.Tracer = log.of("staging")
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "SELECT n FROM generate_series(1, $1) n WHERE n::text <> $2", 5, "secret"); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "SELECT * FROM nowhere"); err == nil {
		t.Fatal("nowhere is somewhere")
	}
	var texts []string
	for _, call := range slices.Backward(log.Calls()) {
		texts = append(texts, fmt.Sprintf("%s %s rows %d failed %t", call.To, call.Text, call.Rows, call.Err != ""))
		if strings.Contains(call.Text+call.Err, "secret") {
			t.Errorf("a value is in the log: %+v", call)
		}
	}
	want := []string{
		"staging connect rows -1 failed false",
		"staging SELECT n FROM generate_series(1, $1) n WHERE n::text <> $2 rows 5 failed false",
		"staging SELECT * FROM nowhere rows -1 failed true",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("the log has\n%s", strings.Join(texts, "\n"))
	}
}

// realConsole is the console on databases of its own.
func realConsole(t *testing.T, db *localtest.Databases) *console {
	t.Helper()
	dir := t.TempDir()
	a := newApp(host{
		in: strings.NewReader(""), out: new(strings.Builder), err: new(strings.Builder), workdir: dir, now: time.Now, hostname: "here",
		environ: []string{
			"HOME=" + dir, "TERM=xterm-256color", "PENSTOCK_DATA_DIR=" + filepath.Join(dir, "data"),
			"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL, "PENSTOCK_UI_REFRESH=100ms",
		},
	})
	a.view = consoleFlags{theme: "dark"}
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.root.Close(); _ = a.closeSoon() })
	return c
}

// TestDatabaseComesAndGoes pulls the databases away from under the console and gives them back: keys go
// on being heard, the lights say what is wrong, and everything recovers by itself.
func TestDatabaseComesAndGoes(t *testing.T) {
	db := localtest.New(t)
	c := realConsole(t, db)
	term := tuitest.Run(t, c.root, 120, 40)
	look := func() {
		msg, _ := c.state(t.Context())
		term.Send(msg)
	}
	look()
	term.WaitText("● staging")
	pull(t, db, true)
	look()
	term.WaitText("✗ staging")
	for _, e := range c.entries {
		term.Keys(e.Key)
		term.WaitText("▸ " + e.Title)
	}
	pull(t, db, false)
	look()
	term.WaitText("● staging")
	term.Keys("2")
	term.WaitText("▸ runs", "no run")
}

// TestAnalyticsComesAndGoes pulls analytics away, then staging too, which hides how analytics is, and gives
// both back: how long analytics was away is known from when it went.
func TestAnalyticsComesAndGoes(t *testing.T) {
	db := localtest.New(t)
	c := realConsole(t, db)
	var mu sync.Mutex
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c.env.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	term := tuitest.Run(t, c.root, 120, 40)
	look := func() {
		t.Helper()
		mu.Lock()
		now = now.Add(time.Minute)
		mu.Unlock()
		msg, _ := c.state(t.Context())
		term.Send(msg)
	}
	look()
	if s := term.WaitText("● staging"); s.Contains("analytics") {
		t.Errorf("all is well, and analytics is in the header:\n%s", s.Text())
	}
	pullSome(t, db, true, db.AnalyticsURL)
	look()
	term.WaitText("✗ analytics is away since 12:02:00")
	pullSome(t, db, true, db.StagingURL)
	look()
	term.WaitText("✗ staging is away since 12:03:00")
	pull(t, db, false)
	look()
	term.WaitText("analytics is back after 2:00", "staging is back after 1:00")
	term.WaitGone("is away since")
}

// pull lets nobody into the two databases and ends the sessions there, or lets people in again.
func pull(t *testing.T, db *localtest.Databases, away bool) {
	t.Helper()
	pullSome(t, db, away, db.StagingURL, db.AnalyticsURL)
}

// pullSome does so with the databases at these URLs.
func pullSome(t *testing.T, db *localtest.Databases, away bool, urls ...string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(db.URL(sql.Staging, localtest.Admin))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, url := range urls {
		cfg, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		name := pgx.Identifier{cfg.Database}.Sanitize()
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", name, !away)); err != nil {
			t.Fatal(err)
		}
		if away {
			if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", cfg.Database); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestHeaderTellsRuns checks what the header says of runs and how much of one is done.
func TestHeaderTellsRuns(t *testing.T) {
	c := demoConsole(t, nil)
	msg, _ := c.demoState(t.Context())
	if !msg.Running || !strings.HasPrefix(msg.Run, "run 42 · running ") || msg.Share <= 0.1 || msg.Share >= 0.2 {
		t.Errorf("a fifth of the steps in part: %+v", msg)
	}
	if msg.Lights[0].Level != env.Good {
		t.Error("the demonstration has no database that could be away")
	}
}
