// Package guard gives the terminal back as it was, whatever happens: a signal, a
// panic on any of the program's goroutines, a program that no longer answers. A
// crash is written to a file whose path is shown.
package guard

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// Exit codes of a session that did not end by itself.
const (
	CodePanic     = 2
	CodeHangup    = 129
	CodeInterrupt = 130
	CodeQuit      = 131
	CodeTerminate = 143
)

// patience is how long a program may take to end after a signal.
const patience = 2 * time.Second

// putBack undoes every mode that the console sets: synchronised output, colours,
// mouse, focus, paste and keyboard reports, the progress mark, the alternate
// screen, the hidden cursor, grapheme widths.
const putBack = "\x1b[?2026l\x1b[m\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l" +
	"\x1b[>4;0m\x1b[<u\x1b]9;4;0\x07\x1b[?1049l\x1b[?25h\x1b[?2027l\r\n"

// Options say what the guard works with.
type Options struct {
	In, Out *os.File          // the terminal
	Errs    io.Writer         // where a crash is told
	Folder  string            // where crash files go, "" for none
	Now     func() time.Time  // names crash files
	Exit    func(code int)    // ends the process when the program cannot
	Notes   func() []string   // what happened lately, for the crash file; without secrets
	Signals <-chan os.Signal  // instead of the process's own, for tests
	Grace   time.Duration     // how long a program may take to end; 0: two seconds
	About   map[string]string // facts for the crash file: version, profile
}

// Guard watches over one program.
type Guard struct {
	o     Options
	state *term.State

	mu    sync.Mutex
	code  int    // exit code that something decided, 0 none
	crash string // value and stack of the first panic

	wait sync.WaitGroup
	quit func() // ends the program; nil before it runs
}

// New returns a guard and remembers how the terminal is now.
func New(o Options) *Guard {
	g := &Guard{o: o}
	if g.o.Grace == 0 {
		g.o.Grace = patience
	}
	if o.In != nil && term.IsTerminal(o.In.Fd()) {
		g.state, _ = term.GetState(o.In.Fd())
	}
	return g
}

// Program is what the guard runs: a *tea.Program made without its own signal
// handler.
type Program interface {
	Run() (tea.Model, error)
	Quit()
}

// Run runs the program and returns the exit code of the session and the
// program's own error, if it had one.
func (g *Guard) Run(p Program) (code int, err error) {
	signals := g.o.Signals
	if signals == nil {
		own := make(chan os.Signal, 4)
		signal.Notify(own, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
		defer signal.Stop(own)
		signals = own
	}
	done := make(chan struct{})
	g.mu.Lock()
	g.quit = p.Quit
	g.mu.Unlock()
	g.wait.Go(func() { g.watch(signals, done, p) })
	_, err = p.Run()
	close(done)
	g.wait.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.crash != "" || errors.Is(err, tea.ErrProgramPanic):
		g.restore()
		g.report()
		return CodePanic, nil
	case g.code != 0:
		return g.code, nil
	case errors.Is(err, tea.ErrInterrupted):
		return CodeInterrupt, nil
	case err != nil:
		g.restore()
		return 1, err
	}
	return 0, nil
}

// watch ends the program at the first signal, and the process at the second or
// when the program does not end in time.
func (g *Guard) watch(signals <-chan os.Signal, done <-chan struct{}, p Program) {
	select {
	case <-done:
		return
	case s := <-signals:
		g.mu.Lock()
		g.code = codeOf(s)
		g.mu.Unlock()
	}
	g.wait.Go(p.Quit)
	late := time.NewTimer(g.o.Grace)
	defer late.Stop()
	select {
	case <-done:
		return
	case <-signals:
	case <-late.C:
	}
	g.Restore()
	g.o.Exit(g.code)
}

func codeOf(s os.Signal) int {
	switch s {
	case syscall.SIGHUP:
		return CodeHangup
	case syscall.SIGINT:
		return CodeInterrupt
	case syscall.SIGQUIT:
		return CodeQuit
	}
	return CodeTerminate
}

// Go runs f on a goroutine of its own that Run waits for. A panic of f ends the
// session with the terminal restored.
func (g *Guard) Go(f func()) {
	g.wait.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				g.caught(r)
				g.end()
			}
		}()
		f()
	})
}

// end asks the program to quit; if it cannot, the process ends.
func (g *Guard) end() {
	g.mu.Lock()
	quit := g.quit
	g.mu.Unlock()
	if quit != nil {
		quit()
		return
	}
	g.Restore()
	g.mu.Lock()
	g.report()
	g.mu.Unlock()
	g.o.Exit(CodePanic)
}

// caught keeps the first panic.
func (g *Guard) caught(r any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.crash == "" {
		g.crash = fmt.Sprintf("panic: %v\n\n%s", r, debug.Stack())
	}
}

// Restore puts the terminal back at once.
func (g *Guard) Restore() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.restore()
}

func (g *Guard) restore() {
	if g.o.Out != nil {
		_, _ = io.WriteString(g.o.Out, putBack)
	}
	if g.state != nil {
		_ = term.Restore(g.o.In.Fd(), g.state)
	}
}

// report writes the crash file and says where it is.
func (g *Guard) report() {
	if g.crash == "" {
		g.crash = "panic in a command; its stack is above\n"
	}
	first, _, _ := strings.Cut(g.crash, "\n")
	path, err := g.write()
	switch {
	case err != nil:
		_, _ = fmt.Fprintf(g.o.Errs, "penstock: %s\n%s\nthe crash file could not be written: %v\n", first, g.crash, err)
	case path == "":
		_, _ = fmt.Fprintf(g.o.Errs, "penstock: %s\n%s\n", first, g.crash)
	default:
		_, _ = fmt.Fprintf(g.o.Errs, "penstock: %s\nthe details are in %s; runs go on by themselves\n", first, path)
	}
}

func (g *Guard) write() (string, error) {
	if g.o.Folder == "" {
		return "", nil
	}
	var b strings.Builder
	b.WriteString(g.crash)
	for name, value := range g.o.About {
		fmt.Fprintf(&b, "\n%s: %s", name, value)
	}
	if g.o.Notes != nil {
		b.WriteString("\n\nlast events:\n" + strings.Join(g.o.Notes(), "\n"))
	}
	b.WriteByte('\n')
	if err := os.MkdirAll(g.o.Folder, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(g.o.Folder, "crash-"+g.o.Now().UTC().Format("20060102-150405")+".txt")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}
