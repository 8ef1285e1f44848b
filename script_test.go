package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"penstock/dbadmin/local/localtest"
)

// TestMain is the program itself when the test binary is called penstock, as the scripts call it.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "penstock" {
		os.Exit(realMain())
	}
	// teatest watches for interrupts until the process ends.
	localtest.Main(m, goleak.IgnoreAnyFunction("github.com/charmbracelet/x/exp/teatest/v2.NewTestModel.func2"))
}

// TestScripts runs each file of testdata/script against the program. A script whose name starts with
// db- has a fresh pair of databases.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(e *testscript.Env) error { return setupScript(t, e) },
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

func setupScript(t *testing.T, e *testscript.Env) error {
	e.Setenv("HOME", e.WorkDir)
	e.Setenv("NO_COLOR", "1")
	e.Setenv("TZ", "UTC")
	e.Setenv("TESTDATA", testDataDir(t))
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"} {
		e.Setenv(name, "")
	}
	bin := filepath.Join(e.WorkDir, ".bin")
	e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
	if err := linkProgram(bin); err != nil {
		return err
	}
	sub, ok := e.T().(testing.TB)
	if !ok {
		return errors.New("the script has no test of its own")
	}
	e.Setenv("PENSTOCK_DATA_DIR", dataDir(sub))
	if name := filepath.Base(sub.Name()); len(name) > 3 && name[:3] == "db-" {
		db := localtest.New(sub)
		e.Setenv("PENSTOCK_STAGING_URL", db.StagingURL)
		e.Setenv("PENSTOCK_ANALYTICS_URL", db.AnalyticsURL)
	}
	return nil
}

// linkProgram makes a folder with the test binary in it, by the name of the program.
func linkProgram(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.Symlink(self, filepath.Join(dir, "penstock"))
}

// dataDir is a data folder that another user can pass, as root's managed server runs as one.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "penstock-") //nolint:usetesting // the folders around t.TempDir let nobody pass
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// testDataDir is where the larger data sets of tests lie.
func testDataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("PENSTOCK_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "shared", "data")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// exits runs a program and wants a certain exit code: exits 2 penstock --nonsense.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// TestPlatform says early that the rest needs a system with signals and unix sockets.
func TestPlatform(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Fatal("the program is for Linux and macOS")
	}
}
