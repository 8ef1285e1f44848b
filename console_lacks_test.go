package main

import (
	"context"
	"errors"
	"os"
	"testing"

	"penstock/dbadmin/local"
	"penstock/tui/tuitest"
)

// TestConsoleOfNothing opens read-only consoles of a data folder with no server, with a server without tables,
// and with one that was stopped: each says what is so and what mends it, and makes nothing.
func TestConsoleOfNothing(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "penstock-lacks-") //nolint:usetesting // t.TempDir is closed to the server's user and its name long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the server's user passes through
		t.Fatal(err)
	}
	open := func() (*console, *tuitest.Term) {
		c := awayConsole(t, "data_dir: "+dir+"\n", consoleFlags{readOnly: true, theme: "dark"})
		c.uid, c.gid = os.Getuid(), os.Getgid()
		c.environ = append(c.environ, "PATH="+os.Getenv("PATH"))
		return c, tuitest.Run(t, c.root, 80, 24)
	}
	look := func(c *console, term *tuitest.Term) {
		msg, _ := c.state(t.Context())
		term.Send(msg)
	}
	c, term := open()
	look(c, term)
	term.WaitText("── ! staging: no server yet: penstock --run makes it ─", "✗ there is no managed PostgreSQL server yet", "! staging ○ lake")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("a session that only looks made %v, %v", left, err)
	}

	maker := awayConsole(t, "data_dir: "+dir+"\n", consoleFlags{})
	maker.uid, maker.gid = c.uid, c.gid
	maker.environ = c.environ
	s, err := maker.managed(t.Context(), maker.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil && !errors.Is(err, local.ErrNotRunning) {
			t.Error(err)
		}
	})
	look(c, term)
	term.WaitText("── ! staging: no tables yet: penstock --run makes them ─")
	c, term = open()
	look(c, term)
	term.WaitText("── ! staging: no tables yet: penstock --run makes them ─", "✗ the staging database has no tables of this program yet", "make them with: penstock --run migrate")

	if _, err := maker.staging(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := maker.analytics(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(c, term)
	term.WaitText("● staging", "no run yet")
	term.WaitGone("no tables")
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(c, term)
	term.WaitText("── ✗ staging away 0:0", ": the managed PostgreSQL server is not running")
	term.Keys("3")
	term.WaitText("✗ read the rejects: the managed PostgreSQL server is not running", "any penstock --run starts it again; it is tried again by itself; press r to")
	if text := term.Screen(); text.Contains("url: local") {
		t.Errorf("it is local:\n%s", text.Text())
	}
}
