package guard_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"penstock/tui/guard"
)

// fragile is a program that falls over where its mode says.
type fragile struct {
	mode  string
	guard *guard.Guard
	ready bool
}

func (f *fragile) Init() tea.Cmd { return func() tea.Msg { return "ready" } }

func (f *fragile) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if msg == "ready" {
		f.ready = true
	}
	key, ok := msg.(tea.KeyPressMsg)
	if !ok || key.String() != "x" {
		return f, nil
	}
	fall := func() tea.Msg { panic("fell over in " + f.mode) }
	switch f.mode {
	case "update":
		fall()
	case "command":
		return f, fall
	case "batch":
		return f, tea.Batch(fall, func() tea.Msg { return nil })
	case "sequence":
		return f, tea.Sequence(func() tea.Msg { return nil }, fall)
	case "goroutine":
		f.guard.Go(func() { fall() })
	case "view":
		f.mode = "view now"
	case "interrupt":
		return f, tea.Interrupt
	case "quit":
		return f, tea.Quit
	}
	return f, nil
}

func (f *fragile) View() tea.View {
	if f.mode == "view now" {
		panic("fell over in view")
	}
	v := tea.NewView("starting")
	if f.ready {
		v = tea.NewView("up and running")
	}
	v.AltScreen, v.MouseMode, v.ReportFocus, v.WindowTitle = true, tea.MouseModeCellMotion, true, "fragile"
	v.ProgressBar = tea.NewProgressBar(tea.ProgressBarDefault, 50)
	return v
}

// child is the program in a process of its own.
func child(mode string) {
	g := guard.New(guard.Options{
		In: os.Stdin, Out: os.Stdout, Errs: os.Stderr, Folder: os.Getenv("PENSTOCK_GUARD_FOLDER"),
		Now: time.Now, Exit: os.Exit,
	})
	model := &fragile{mode: mode, guard: g}
	code, err := g.Run(tea.NewProgram(g.Wrap(model), tea.WithoutSignalHandler(), tea.WithFPS(60)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// TestTerminalIsGivenBack runs the program on a real terminal, ends it in every
// way there is, and looks at the modes and settings it leaves.
func TestTerminalIsGivenBack(t *testing.T) {
	for _, c := range []struct {
		mode   string
		signal syscall.Signal // 0: the key x is pressed
		code   int
	}{
		{"quit", 0, 0},
		{"interrupt", 0, 130},
		{"update", 0, 2},
		{"view", 0, 2},
		{"command", 0, 2},
		{"batch", 0, 2},
		{"sequence", 0, 2},
		{"goroutine", 0, 2},
		{"signal", syscall.SIGTERM, 143},
		{"signal", syscall.SIGINT, 130},
		{"signal", syscall.SIGHUP, 129},
		{"signal", syscall.SIGQUIT, 131},
	} {
		t.Run(fmt.Sprint(c.mode, c.signal), func(t *testing.T) { endIn(t, c.mode, c.signal, c.code) })
	}
}

func endIn(t *testing.T, mode string, sig syscall.Signal, want int) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = master.Close(); _ = slave.Close() }()
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = []string{"PENSTOCK_GUARD_CHILD=" + mode, "PENSTOCK_GUARD_FOLDER=" + folder, "TERM=xterm-256color", "SSH_TTY=/dev/none"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := &seen{}
	var reading sync.WaitGroup
	reading.Go(func() { _, _ = io.Copy(out, master) })
	if !out.wait(t, "running") {
		t.Fatalf("never came up: %q", out.String())
	}
	if sig != 0 {
		err = cmd.Process.Signal(sig)
	} else {
		_, err = master.WriteString("x")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	after, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	reading.Wait()
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Errorf("exit code %d, want %d", code, want)
	}
	if fmt.Sprint(*before) != fmt.Sprint(*after) {
		t.Errorf("the terminal's settings changed:\n%v\n%v", *before, *after)
	}
	if left := leftOn(out.String()); len(left) > 0 {
		t.Errorf("left on: %v", left)
	}
	if want == guard.CodePanic && !strings.Contains(out.String(), folder) {
		t.Errorf("the crash file is not told: %q", out.String())
	}
}

// leftOn returns the modes whose last mention turned them on.
func leftOn(out string) []string {
	var left []string
	for _, mode := range []string{"?1049", "?1000", "?1002", "?1003", "?1006", "?1004", "?2004", "?2026", "?2027"} {
		if strings.LastIndex(out, "\x1b["+mode+"h") > strings.LastIndex(out, "\x1b["+mode+"l") {
			left = append(left, mode)
		}
	}
	if strings.LastIndex(out, "\x1b[?25l") > strings.LastIndex(out, "\x1b[?25h") {
		left = append(left, "hidden cursor")
	}
	if strings.LastIndex(out, "\x1b]9;4;1") > strings.LastIndex(out, "\x1b]9;4;0") {
		left = append(left, "progress")
	}
	if strings.Count(out, "\x1b[>1u") > strings.Count(out, "\x1b[<") {
		left = append(left, "keyboard")
	}
	return left
}

// seen is what a terminal was sent.
type seen struct {
	mu  sync.Mutex
	buf bytes.Buffer
	new chan struct{}
}

func (s *seen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.new != nil {
		close(s.new)
		s.new = nil
	}
	return s.buf.Write(p)
}

func (s *seen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// wait waits until text was sent.
func (s *seen) wait(t *testing.T, text string) bool {
	t.Helper()
	for {
		s.mu.Lock()
		if s.new == nil {
			s.new = make(chan struct{})
		}
		more := s.new
		found := strings.Contains(s.buf.String(), text)
		s.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-more:
		case <-t.Context().Done():
			return false
		case <-time.After(20 * time.Second):
			return false
		}
	}
}
