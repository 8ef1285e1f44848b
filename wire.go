package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// host is what the program sees of the machine; tests hand in their own.
type host struct {
	args     []string
	in       io.Reader
	out, err io.Writer
	environ  []string
	now      func() time.Time
}

// app builds what a task needs when it asks for it, and closes all of it at the end.
type app struct {
	host
	flags   globals
	closers []func() error
}

func newApp(h host) *app { return &app{host: h} }

// closing has f called when the program ends, the latest first.
func (a *app) closing(f func() error) { a.closers = append(a.closers, f) }

func (a *app) close() error {
	var all []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		all = append(all, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(all...)
}

// emit writes one JSON line of the result.
func (a *app) emit(v any) error { return json.NewEncoder(a.out).Encode(v) }

// say writes a line for humans.
func (a *app) say(format string, args ...any) { _, _ = fmt.Fprintf(a.err, format+"\n", args...) }

// complain tells the human, and a reader of JSON, why the program ends and what to do about it.
func (a *app) complain(err error) {
	if err.Error() == "" {
		return
	}
	hint := ""
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	a.say("penstock: %s", err)
	if hint != "" {
		a.say("  %s", hint)
	}
	if a.flags.json {
		_ = a.emit(struct {
			Kind     string `json:"kind"`
			Error    string `json:"error"`
			Hint     string `json:"hint,omitempty"`
			ExitCode int    `json:"exit_code"`
		}{"error", err.Error(), hint, exitCode(err)})
	}
}

func (a *app) runPipeline(context.Context, []string) error { return nil }
