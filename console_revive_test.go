package main

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"penstock/dbadmin/local"
	"penstock/tui/env"
)

// TestConsoleRevivesTheServer kills the managed server under an open console, which brings it back, unless it may
// only look; and stops it, which is respected.
func TestConsoleRevivesTheServer(t *testing.T) {
	dir := dataDir(t)
	open := func(view consoleFlags) *console {
		c := awayConsole(t, "data_dir: "+dir+"\n", view)
		c.uid, c.gid = os.Getuid(), os.Getgid()
		c.environ = append(c.environ, "PATH="+os.Getenv("PATH"))
		return c
	}
	c := open(consoleFlags{})
	o := c.localOptions(c.cfg)
	t.Cleanup(func() {
		if err := local.Stop(context.Background(), o); err != nil && !errors.Is(err, local.ErrNotRunning) {
			t.Error(err)
		}
	})
	level := func(c *console) env.Level {
		msg, _ := c.state(t.Context())
		return msg.Lights[0].Level
	}
	if got := level(c); got != env.Good {
		t.Fatalf("staging is %v before anything happened", got)
	}
	viewer := open(consoleFlags{readOnly: true})
	if got := level(viewer); got != env.Good {
		t.Fatalf("staging is %v for who only looks", got)
	}
	kill := func() {
		s, err := local.Attach(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(s.Status(t.Context()).PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for !local.Died(o) {
			if t.Context().Err() != nil {
				t.Fatal("the server lives")
			}
		}
	}
	kill()
	if got := level(viewer); got != env.Bad || !local.Died(o) {
		t.Errorf("staging is %v for who only looks, who brought it back: %t", got, !local.Died(o))
	}
	msg, pause := c.state(t.Context())
	if msg.Lights[0].Level != env.Bad || pause != firstLook || local.Died(o) {
		t.Fatalf("the look that found it dead: %+v, again in %v", msg.Lights, pause)
	}
	for _, looks := range []*console{c, viewer} {
		if got := level(looks); got != env.Good {
			t.Errorf("staging is %v afterwards", got)
		}
	}
	if err := local.Stop(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := level(c); got != env.Bad {
		t.Errorf("staging is %v when stopped", got)
	}
	if _, err := local.Attach(t.Context(), o); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("the console started what somebody had stopped: %v", err)
	}
}
