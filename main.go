// Penstock operates a pipeline of e-commerce purchases: it ingests them into PostgreSQL, derives the
// analytics a shop decides by, publishes them to a data lake and queries that lake.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	_ "time/tzdata" // time zones where the system has none

	"github.com/charmbracelet/x/term"

	"penstock/pipeline"
	"penstock/sql"
)

// The exit codes of the headless contract; a signal's are 128 plus its number.
const (
	codeDone       = 0
	codeFailed     = 1
	codeUsage      = 2 // the command line or the configuration
	codeGate       = 3 // a quality check found something
	codeLocked     = 4 // another run holds the lock
	codeUnhealthy  = 5
	codeIncomplete = 6 // done without an optional source
)

func main() {
	os.Exit(realMain())
}

// realMain is main without the exit, so that deferred work is done and tests can call it.
func realMain() int {
	// What moves much data uses its buffers again: collecting the little garbage sooner costs next to
	// nothing and keeps a load of any size below 128 MB. GOGC still has the last word.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	sig := watchSignals(func(code int) {
		if term.IsTerminal(os.Stderr.Fd()) {
			_, _ = fmt.Fprintln(os.Stderr) // the cursor may stand in the progress of a run
		}
		os.Exit(code)
	})
	defer sig.stop()
	h, err := thisHost()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "penstock:", err)
		return codeFailed
	}
	h.release = sig.release
	return execute(sig.ctx, h, sig.caught)
}

// execute runs one command line on a host and answers with the exit code; caught says which signal,
// if any, asked the program to stop.
func execute(ctx context.Context, h host, caught func() os.Signal) int {
	a := newApp(h)
	err := a.command().ExecuteContext(ctx)
	err = errors.Join(err, a.close())
	if err == nil {
		return codeDone
	}
	if s := caught(); s != nil {
		a.complain(err)
		return signalCode(s)
	}
	a.complain(err)
	return exitCode(err)
}

// codeError gives an error the exit code that it ends the program with. A nil err says that everything
// worth saying has been said.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// exitCode finds what code an error ends the program with: its own where it has one, else 1.
func exitCode(err error) int {
	var coded *codeError
	if errors.As(err, &coded) {
		return coded.code
	}
	var own interface{ ExitCode() int }
	if errors.As(err, &own) {
		return own.ExitCode()
	}
	switch {
	case errors.Is(err, pipeline.ErrLocked):
		return codeLocked
	case errors.Is(err, sql.ErrWeakTLS):
		return codeUsage
	}
	return codeFailed
}

// signals turns the first of the signals that ask a program to stop into a cancelled context, and lets
// the second one end it at once.
type signals struct {
	ctx     context.Context
	first   atomic.Pointer[os.Signal]
	stop    func()
	release func() // watch no longer
	caught  func() os.Signal
}

func watchSignals(exit func(int)) *signals {
	ctx, cancel := context.WithCancel(context.Background())
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	s := &signals{ctx: ctx}
	quit := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for {
			select {
			case <-quit:
				return
			case got := <-ch:
				if s.first.Load() != nil {
					exit(signalCode(got))
				}
				s.first.Store(&got)
				cancel()
			}
		}
	})
	s.release = func() { signal.Stop(ch) }
	s.stop = func() {
		signal.Stop(ch)
		close(quit)
		watcher.Wait()
		cancel()
	}
	s.caught = func() os.Signal {
		if got := s.first.Load(); got != nil {
			return *got
		}
		return nil
	}
	return s
}

// signalCode is the exit code a shell expects of a program that a signal ended.
func signalCode(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return codeFailed
}
