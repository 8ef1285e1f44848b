package guard_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"penstock/tui/guard"
)

func TestMain(m *testing.M) {
	if mode := os.Getenv("PENSTOCK_GUARD_CHILD"); mode != "" {
		child(mode)
	}
	goleak.VerifyTestMain(m)
}

// fake is a program that runs until it is told to quit.
type fake struct {
	quit chan struct{}
	err  error
	deaf bool
	work func()
}

func (f *fake) Run() (tea.Model, error) {
	if f.work != nil {
		f.work()
	}
	<-f.quit
	return nil, f.err
}

func (f *fake) Quit() {
	if !f.deaf {
		select {
		case <-f.quit:
		default:
			close(f.quit)
		}
	}
}

func newFake() *fake { return &fake{quit: make(chan struct{})} }

func options(t *testing.T, errs *strings.Builder) guard.Options {
	t.Helper()
	return guard.Options{
		Errs: errs, Folder: filepath.Join(t.TempDir(), "state"),
		Now:   func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) },
		Exit:  func(code int) { t.Errorf("exit %d", code) },
		Notes: func() []string { return []string{"run 42 started"} },
		About: map[string]string{"version": "v1"},
	}
}

func TestSignals(t *testing.T) {
	for sig, want := range map[os.Signal]int{
		syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 131,
	} {
		var errs strings.Builder
		o := options(t, &errs)
		signals := make(chan os.Signal, 1)
		signals <- sig
		o.Signals = signals
		if code, err := guard.New(o).Run(newFake()); code != want || err != nil || errs.Len() > 0 {
			t.Errorf("%v: code %d, %v, %q", sig, code, err, errs.String())
		}
	}
}

func TestProgramThatDoesNotEnd(t *testing.T) {
	for name, second := range map[string]bool{"in time": false, "and a second signal": true} {
		t.Run(name, func(t *testing.T) {
			var errs strings.Builder
			o := options(t, &errs)
			signals := make(chan os.Signal, 2)
			signals <- syscall.SIGTERM
			o.Signals, o.Grace = signals, time.Millisecond
			if second {
				signals <- syscall.SIGTERM
				o.Grace = time.Hour
			}
			p := newFake()
			p.deaf = true
			exited := 0
			o.Exit = func(code int) { exited = code; close(p.quit) } // the process would be gone
			guard.New(o).Run(p)                                      //nolint:errcheck // it never returns there
			if exited != 143 {
				t.Errorf("exit %d", exited)
			}
		})
	}
}

func TestGoroutinePanics(t *testing.T) {
	var errs strings.Builder
	o := options(t, &errs)
	g := guard.New(o)
	p := newFake()
	p.work = func() { g.Go(func() { panic("a goroutine fell over") }) }
	code, err := g.Run(p)
	if code != guard.CodePanic || err != nil {
		t.Errorf("code %d, %v", code, err)
	}
	files, _ := filepath.Glob(filepath.Join(o.Folder, "*"))
	if len(files) != 1 || !strings.Contains(errs.String(), files[0]) {
		t.Fatalf("files %v; told %q", files, errs.String())
	}
	b, _ := os.ReadFile(files[0])
	for _, want := range []string{"a goroutine fell over", "guard_test.go", "version: v1", "run 42 started"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the crash file lacks %q:\n%s", want, b)
		}
	}
	if strings.Contains(errs.String(), "guard_test.go") {
		t.Error("the stack is on the screen although it is in the file")
	}
}

func TestGoroutinePanicsBeforeTheProgramRuns(t *testing.T) {
	var errs strings.Builder
	o := options(t, &errs)
	exited := make(chan int, 1)
	o.Exit = func(code int) { exited <- code }
	guard.New(o).Go(func() { panic("early") })
	if code := <-exited; code != guard.CodePanic || !strings.Contains(errs.String(), "early") {
		t.Errorf("exit %d, told %q", code, errs.String())
	}
}

func TestCrashFileThatCannotBeWritten(t *testing.T) {
	var errs strings.Builder
	o := options(t, &errs)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o.Folder = filepath.Join(file, "below")
	g := guard.New(o)
	p := newFake()
	p.work = func() { g.Go(func() { panic("lost") }) }
	if code, _ := g.Run(p); code != guard.CodePanic || !strings.Contains(errs.String(), "guard_test.go") {
		t.Errorf("code %d; the stack is nowhere: %q", code, errs.String())
	}
}

func TestErrors(t *testing.T) {
	boom := errors.New("no tty")
	for err, want := range map[error]int{nil: 0, boom: 1, tea.ErrInterrupted: 130, tea.ErrProgramPanic: 2} {
		var errs strings.Builder
		p := newFake()
		p.err = err
		close(p.quit)
		code, got := guard.New(options(t, &errs)).Run(p)
		if code != want || (got != nil) != (want == 1) {
			t.Errorf("%v: code %d, %v", err, code, got)
		}
	}
}
