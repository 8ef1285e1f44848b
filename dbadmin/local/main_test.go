package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"penstock/dbadmin/local"
	"penstock/sql"
)

// childOptions, in the environment, makes the test program start a managed
// server as the tool would, say where it is and wait until its input ends.
const childOptions = "PENSTOCK_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childOptions); text != "" {
		os.Exit(child(text))
	}
	goleak.VerifyTestMain(m)
}

type childAnswer struct {
	PID   int
	URL   string
	Error string
	Hint  string
}

type childRequest struct {
	Dir, CacheDir, Path, Repository string
	HideInstalled                   bool
}

func child(text string) int {
	var req childRequest
	if err := json.Unmarshal([]byte(text), &req); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx := context.Background()
	var a childAnswer
	s, err := local.Start(ctx, local.Options{
		Dir: req.Dir, CacheDir: req.CacheDir, Path: req.Path, HideInstalled: req.HideInstalled, Repository: req.Repository,
		UID: os.Getuid(), GID: os.Getgid(), Memory: 1 << 30,
	})
	if err != nil {
		a.Error, a.Hint = err.Error(), hint(err)
	} else {
		a.PID, a.URL = s.Status(ctx).PID, s.URL(sql.Staging, local.ETL)
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		return 2
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func hint(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// startChild runs the test program as a child, in a process group of its own,
// and returns it with its input, and what it answers once asked.
func startChild(t *testing.T, req childRequest, as *syscall.Credential) (cmd *exec.Cmd, in io.Closer, answer func() childAnswer) {
	t.Helper()
	text, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if as != nil { // who has not the right to enter the build's folder
		program = copyProgram(t, program)
	}
	cmd = exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), childOptions+"="+string(text))
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: as}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin, func() childAnswer {
		var a childAnswer
		if err := json.NewDecoder(stdout).Decode(&a); err != nil {
			t.Errorf("the child's answer: %v", err)
		}
		return a
	}
}

func copyProgram(t *testing.T, program string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(shortDir(t), "program")
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// shortDir returns a folder that every user can reach, with a name short
// enough for a socket in it.
func shortDir(t *testing.T) string {
	t.Helper()
	temp := "/tmp"
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		temp = "/dev/shm" // many times faster than a disk
	}
	dir, err := os.MkdirTemp(temp, "penstock-local-") //nolint:usetesting // t.TempDir is closed to other users and its name long
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// options returns those of a server in a folder of its own, stopped after the test.
func options(t *testing.T) local.Options {
	t.Helper()
	needPostgres(t)
	dir := shortDir(t)
	o := local.Options{
		Dir: filepath.Join(dir, "main"), CacheDir: filepath.Join(dir, "cache"), Path: os.Getenv("PATH"),
		UID: os.Getuid(), GID: os.Getgid(), Memory: 1 << 30, Log: func(msg string) { t.Log(msg) },
		Repository: "http://127.0.0.1:1", // no test downloads unless it means to
	}
	t.Cleanup(func() {
		if err := local.Stop(context.Background(), o); err != nil && !errors.Is(err, local.ErrNotRunning) {
			t.Error(err)
		}
	})
	return o
}

func needPostgres(t *testing.T) {
	t.Helper()
	if len(local.FindBinaries(t.Context(), os.Getenv("PATH"))) > 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("PostgreSQL is not installed")
	}
	t.Skip("PostgreSQL is not installed")
}

func start(t *testing.T, o local.Options) *local.Server {
	t.Helper()
	s, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, serverLog(o))
	}
	return s
}

func serverLog(o local.Options) string {
	var b strings.Builder
	paths, _ := filepath.Glob(filepath.Join(o.Dir, "log", "*"))
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		b.Write(text)
	}
	return b.String()
}

// exec1 runs statements over one connection to a URL.
func exec1(t *testing.T, url string, statements ...string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			return errors.Join(err, conn.Close(t.Context()))
		}
	}
	return conn.Close(t.Context())
}

func ask(t *testing.T, url, query string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var answer string
	if err := conn.QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// until waits for something outside this process.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: still not", what)
		case <-tick.C:
		}
	}
}
