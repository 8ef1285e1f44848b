package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"penstock/dbadmin/local/localtest"
)

// terminalRun is the program on a terminal of its own, whose Ctrl-C is the real one.
type terminalRun struct {
	*exec.Cmd
	t      *testing.T
	stdin  *os.File // what the source reads
	master *os.File
	term   vt10x.Terminal
	mu     sync.Mutex
	reader sync.WaitGroup
}

func startOnTerminal(t *testing.T, db *localtest.Databases, args ...string) *terminalRun {
	t.Helper()
	dir := t.TempDir()
	if err := linkProgram(filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "penstock.yaml"), []byte(stdinSource), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p := &terminalRun{
		Cmd: exec.CommandContext(ctx, filepath.Join(dir, "bin", "penstock"), args...),
		t:   t, term: vt10x.New(vt10x.WithSize(80, 24)),
	}
	p.Dir = dir
	p.Env = []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "PENSTOCK_DATA_DIR=" + filepath.Join(dir, "data"),
		"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL,
	}
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.master, p.stdin = master, w
	p.Stdin, p.Stdout, p.Stderr = r, slave, slave
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = r.Close(), slave.Close()
	p.reader.Go(func() { // until the last holder of the terminal is gone
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			p.mu.Lock()
			_, _ = p.term.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	t.Cleanup(func() { _ = p.Process.Kill(); _ = w.Close(); p.reader.Wait(); _ = master.Close() })
	return p
}

// text is what the terminal shows.
func (p *terminalRun) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term.String()
}

// await waits until the terminal shows a text.
func (p *terminalRun) await(text string) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if strings.Contains(p.text(), text) {
			return
		}
	}
	p.t.Fatalf("the terminal does not show %q:\n%s", text, p.text())
}

// ended waits for the end of the program and returns its code and the last that the terminal shows.
func (p *terminalRun) ended() (code int, text string) {
	p.t.Helper()
	var exit *exec.ExitError
	if err := p.Wait(); err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	p.reader.Wait()
	return p.ProcessState.ExitCode(), p.text()
}

// TestProgressIsTakenAway looks at a real terminal after the run was stopped by Ctrl-C, failed, or did well:
// nothing of the progress is left, nor anything that the terminal echoed into it.
func TestProgressIsTakenAway(t *testing.T) {
	db := localtest.New(t)
	header := "no,code,n,price,at\n"
	for _, c := range []struct {
		name, args, end string
		finish          func(p *terminalRun)
		code            int
	}{
		{"Ctrl-C", "--run ingest", "run 1 cancelled in", func(p *terminalRun) { _, _ = p.master.WriteString("\x03") }, 130},
		{"failure", "--run ingest", "run 2 failed in", func(p *terminalRun) { _, _ = p.stdin.WriteString("nothing\nof that\n"); _ = p.stdin.Close() }, 1},
		{"success", "--run ingest", "run 3 done in", func(p *terminalRun) {
			_, _ = p.stdin.WriteString(header + "1,A,1,1,2024-01-05 10:00:00\n")
			_ = p.stdin.Close()
		}, 0},
	} {
		p := startOnTerminal(t, db, strings.Fields(c.args)...)
		p.await("so far")
		c.finish(p)
		code, text := p.ended()
		if code != c.code || !strings.Contains(text, c.end) {
			t.Errorf("%s: code %d, want %d, and %q:\n%s", c.name, code, c.code, c.end, text)
		}
		if strings.Contains(text, "so far") || strings.Contains(text, "^C") || strings.Contains(text, "0 rows\n") {
			t.Errorf("%s: something is left on the terminal:\n%s", c.name, text)
		}
		rows := strings.Split(strings.TrimRight(text, " \n"), "\n")
		if at := p.term.Cursor(); at.X != 0 || at.Y != len(rows) {
			t.Errorf("%s: the cursor is left at %d, %d:\n%s", c.name, at.X, at.Y, text)
		}
	}
}
