package main

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/dbadmin/local/localtest"
	"penstock/tui/guard"
	"penstock/tui/tuitest"
)

// watched runs the console as penstock does: its screens, and the watch that tells of runs and databases.
func watched(t *testing.T, c *console, w, h int) *tuitest.Term {
	t.Helper()
	g := guard.New(guard.Options{Errs: c.err, Folder: t.TempDir(), Now: time.Now, Exit: func(int) {}})
	term := tuitest.Run(t, g.Wrap(c.root), w, h)
	ctx, stop := context.WithCancel(t.Context())
	var watcher sync.WaitGroup
	c.watch(ctx, &watcher, sending{term})
	t.Cleanup(func() {
		stop()
		watcher.Wait()
	})
	return term
}

// sending is a terminal as the program in it that messages are sent to.
type sending struct{ term *tuitest.Term }

func (s sending) Send(msg tea.Msg) { s.term.Send(msg) }

// TestServerPulledAway stops the server as a crash would, in the middle of a run that a console started and
// watches, and goes to every screen: keys are answered, each screen says that and since when it is away.
// The server comes back, and everything recovers by itself; the run's fate is told.
func TestServerPulledAway(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true, Durable: true})
	c := shopConsole(t, db)
	term := watched(t, c, 120, 40)
	within(t, term, "no run yet: s starts the first", "● staging")
	term.Keys("s")
	term.WaitText("Start a run")
	term.Keys("ctrl+s")
	within(t, term, "Run 1", "✓ done in")
	for _, e := range c.entries { // each has something to show
		term.Keys(e.Key)
		term.WaitText("▸ " + e.Title)
	}
	term.Keys("3")
	within(t, term, "3 open")
	term.Keys("4")
	within(t, term, "gross", "made ")

	hold, err := db.Analytics.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hold.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := hold.Exec(t.Context(), "LOCK TABLE analytics.fact_purchase_line IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	term.Keys("1")
	within(t, term, "▸ pipeline", "Run 1", "✓ done in")
	term.Keys("B")
	term.WaitText("derived anew from all that is loaded")
	term.Keys("y")
	within(t, term, "Run 2", "● running")
	if err := db.StagingServer.Stop(localtest.Immediate); err != nil {
		t.Fatal(err)
	}
	within(t, term, "✗ staging", "staging is away since")

	away := map[string][]string{ // what each shows besides
		"pipeline": {"Run 2", "✗ ledger away"},
		"runs":     {"✓ done"},
		"rejects":  {"3 open"},
		"insights": {"gross"},
		"settings": {"staging.url"},
		"commands": {"failed"},
		"help":     {"what it does"},
	}
	for _, e := range c.entries {
		term.Keys(e.Key, "home") // the newest rows
		within(t, term, append([]string{"▸ " + e.Title, "staging is away since", "is tried again by itself"}, away[e.ID]...)...)
		term.Keys("?") // no freeze
		term.WaitText("Keys ─", "type to find")
		term.Keys("esc")
		term.WaitGone("type to find")
	}
	term.Keys("5", "t")
	within(t, term, "▸ settings", "✗ staging", "✗ analytics")
	term.Keys("3", "j") // a record that was not read before
	within(t, term, "▸ rejects", "press r to try again")
	term.Keys("2", "enter") // the page of a run that cannot be read
	within(t, term, "▸ runs ▸ run 1", "✗ read the events of run 1", "press R to try")

	if err := db.StagingServer.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	within(t, term, "● staging", "▸ runs ▸ run 1", "run 1 done in") // told again without a key
	term.WaitGone("staging is away")
	term.Keys("1")
	within(t, term, "▸ pipeline", "Run 2")
	ends := []string{"✓ done in", "✗ failed", "! interrupted"}
	fate := term.Wait("the end of run 2", func(s tuitest.Screen) bool {
		return slices.ContainsFunc(ends, s.Contains) && !s.Contains("ledger away")
	})
	t.Logf("the run ended so:\n%s", fate.Text())
	term.Keys("3")
	within(t, term, "▸ rejects", "3 open", "✗ ")
	term.WaitGone("press r to try again")
	term.Keys("4")
	within(t, term, "▸ insights", "gross")
	term.WaitGone("out of reach")
	term.Keys("5", "t")
	within(t, term, "▸ settings", "✓ staging", "✓ analytics")

	term.Keys("1", "s") // and runs go on being run
	term.WaitText("Start a run")
	term.Keys("ctrl+s")
	within(t, term, "Run 3", "✓ done in")
	term.Keys("q")
	if err := term.Ended(); err != nil {
		t.Error(err)
	}
}
