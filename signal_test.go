package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
)

// program is a child that runs the pipeline on what a test writes to its standard input.
type program struct {
	*exec.Cmd
	stdin *os.File
	lines *bufio.Scanner
	err   bytes.Buffer
}

const stdinSource = `
sources:
  - name: shop
    path: "-"
    columns: {invoice_no: no, product_code: code, quantity: n, unit_price: price, ordered_at: at}
`

// startProgram starts the program in a folder of its own on a fresh pair of databases.
func startProgram(t *testing.T, db *localtest.Databases, args ...string) *program {
	t.Helper()
	dir := t.TempDir()
	if err := linkProgram(filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "penstock.yaml"), []byte(stdinSource), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	p := &program{Cmd: exec.CommandContext(ctx, filepath.Join(dir, "bin", "penstock"), args...)}
	p.Dir = dir
	p.Env = []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "PENSTOCK_DATA_DIR=" + filepath.Join(dir, "data"),
		"PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL,
	}
	p.Stderr = &p.err
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stdin, p.stdin = r, w
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	t.Cleanup(func() { _ = w.Close(); _ = p.Process.Kill() })
	p.lines = bufio.NewScanner(out)
	return p
}

// await reads the program's output up to a line with the text.
func (p *program) await(t *testing.T, text string) {
	t.Helper()
	for p.lines.Scan() {
		if strings.Contains(p.lines.Text(), text) {
			return
		}
	}
	t.Fatalf("the program ended without %q: %s", text, p.err.String())
}

// code waits for the end and answers with the exit code.
func (p *program) code(t *testing.T) int {
	t.Helper()
	for p.lines.Scan() {
		continue
	}
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

// TestSignals ends a run that waits for its input with each of the signals.
func TestSignals(t *testing.T) {
	for sig, want := range map[syscall.Signal]int{
		syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGQUIT: 131, syscall.SIGTERM: 143,
	} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			db := localtest.New(t)
			p := startProgram(t, db, "--run", "ingest", "--json")
			p.await(t, `"kind":"step_started"`)
			if err := p.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if got := p.code(t); got != want {
				t.Errorf("exit code %d, want %d\n%s", got, want, p.err.String())
			}
			var state string
			if err := db.Staging.QueryRow(t.Context(), "SELECT state FROM staging.runs").Scan(&state); err != nil || state != "cancelled" {
				t.Errorf("the run's state is %q (%v)", state, err)
			}
		})
	}
}

// TestSecondRunIsRefused has two runs at once: the second ends with code 4 and names the first.
func TestSecondRunIsRefused(t *testing.T) {
	t.Parallel()
	db := localtest.New(t)
	first := startProgram(t, db, "--run", "ingest", "--json")
	first.await(t, `"kind":"step_started"`)
	second := startProgram(t, db, "--run", "ingest")
	if got := second.code(t); got != codeLocked {
		t.Errorf("exit code %d, want %d", got, codeLocked)
	}
	if !strings.Contains(second.err.String(), "run 1") {
		t.Errorf("the holder is not named: %s", second.err.String())
	}
	if _, err := first.stdin.WriteString("no,code,n,price,at\n1,A,2,3.50,2020-01-01 10:00:00\n"); err != nil {
		t.Fatal(err)
	}
	if err := first.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if got := first.code(t); got != codeDone {
		t.Errorf("exit code %d of the first run\n%s", got, first.err.String())
	}
	var rows int
	if err := db.Staging.QueryRow(t.Context(), "SELECT count(*) FROM staging.purchases").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows (%v), want 1", rows, err)
	}
}
