package local

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// Versions of PostgreSQL that the managed server may run.
const (
	oldestMajor = 14
	newestMajor = 18
)

// Binaries is one installation of PostgreSQL's server programs.
type Binaries struct {
	Dir     string // where initdb, pg_ctl and postgres really are, symlinks resolved
	Version string // as in "15.18"
	Major   int
}

// Path returns the full path of one of the programs.
func (b Binaries) Path(program string) string { return filepath.Join(b.Dir, program) }

// installGlobs are the folders of the distributions, which are not in PATH.
func installGlobs() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/lib/postgresql*/bin",
		"/usr/lib64/pgsql*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/opt/local/lib/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	}
}

// FindBinaries looks for PostgreSQL in the folders of path (the value of PATH)
// and in those where distributions put it, and returns what it can run, the
// newest supported version first.
func FindBinaries(ctx context.Context, path string) []Binaries {
	dirs := filepath.SplitList(path)
	for _, glob := range installGlobs() {
		found, err := filepath.Glob(glob)
		if err == nil { // the patterns are constants
			dirs = append(dirs, found...)
		}
	}
	return binariesIn(ctx, dirs)
}

func binariesIn(ctx context.Context, dirs []string) []Binaries {
	var list []Binaries
	seen := make(map[string]bool)
	for _, dir := range dirs {
		real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if dir == "" || err != nil {
			continue
		}
		real = filepath.Dir(real)
		if seen[real] {
			continue
		}
		seen[real] = true
		if b, ok := inspect(ctx, real); ok {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b Binaries) int { return cmp.Compare(b.Major, a.Major) })
	return list
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (([0-9]+)[.0-9a-z]*)`)

// inspect asks the server program in a folder for its version.
func inspect(ctx context.Context, dir string) (Binaries, bool) {
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.Mode()&0o111 == 0 {
			return Binaries{}, false
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version") //nolint:gosec // a PostgreSQL binary found by its fixed name
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		return Binaries{}, false
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return Binaries{}, false
	}
	major, err := strconv.Atoi(string(m[2]))
	if err != nil || major < oldestMajor || major > newestMajor {
		return Binaries{}, false
	}
	return Binaries{Dir: dir, Version: string(m[1]), Major: major}, true
}

// String names the installation, as in "PostgreSQL 15.18 in /usr/lib/postgresql/15/bin".
func (b Binaries) String() string { return fmt.Sprintf("PostgreSQL %s in %s", b.Version, b.Dir) }
