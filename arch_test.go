package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// allowedOwn is the import table: which packages of ours each package may import. "x/..." is x and all
// below it; the last matching row holds. A package with no row fails the test, so that nobody adds one
// without saying where it belongs.
func allowedOwn() []struct{ pkg, may string } {
	return []struct{ pkg, may string }{
		{"penstock", "penstock/..."},
		{"penstock/bench/...", "penstock/..."},
		{"penstock/config", "penstock/pipeline/source"},
		{"penstock/sql", ""},
		{"penstock/lake/...", "penstock/lake/..."},
		{"penstock/cloud/...", "penstock/lake penstock/cloud/..."},
		{"penstock/dbadmin/...", "penstock/sql penstock/dbadmin/..."},
		{"penstock/pipeline", "penstock/sql penstock/lake penstock/pipeline/source"},
		{"penstock/pipeline/mart", "penstock/sql penstock/lake penstock/pipeline/source"},
		{"penstock/pipeline/source", ""},
		{"penstock/pipeline/nifi", "penstock/pipeline/source"},
		{"penstock/pipeline/spark", "penstock/pipeline/source"},
		{"penstock/pipeline/python", "penstock/pipeline/source"},
		{"penstock/pipeline/steps", "penstock/pipeline/... penstock/sql penstock/lake"},
		{"penstock/tui", "penstock/tui/... penstock/pipeline/..."},
		{"penstock/tui/clean", ""},
		{"penstock/tui/theme", "penstock/tui/clean"},
		{"penstock/tui/guard", ""},
		{"penstock/tui/tuitest", ""},
		{"penstock/tui/tuitest/console", "penstock/tui penstock/tui/demo penstock/tui/env penstock/tui/theme penstock/tui/tuitest"},
		{"penstock/tui/env", "penstock/tui/theme penstock/tui/clean penstock/pipeline"},
		{"penstock/tui/widget/...", "penstock/tui/theme penstock/tui/clean penstock/tui/env penstock/tui/widget/..."},
		{"penstock/tui/demo", "penstock/..."},
		{"penstock/tui/screen/...", "penstock/tui/theme penstock/tui/clean penstock/tui/widget/... penstock/tui/env " +
			"penstock/pipeline penstock/pipeline/mart penstock/pipeline/source penstock/dbadmin penstock/lake penstock/cloud"},
	}
}

// reserved says which packages alone may use a module or a package of the standard library.
func reserved() []struct{ module, only string } {
	return []struct{ module, only string }{
		{"github.com/spf13/viper", "penstock/config"},
		{"gopkg.in/yaml.v3", "penstock/config"},
		{"github.com/spf13/cobra", "penstock"},
		{"github.com/jackc/pgx/v5", "penstock penstock/sql penstock/dbadmin/... penstock/pipeline penstock/pipeline/mart penstock/pipeline/steps"},
		{"github.com/apache/iceberg-go", "penstock/lake/..."},
		{"github.com/apache/arrow-go", "penstock/lake/..."},
		{"github.com/duckdb/duckdb-go", "penstock/lake/..."},
		{"github.com/aws/aws-sdk-go-v2", "penstock/cloud/..."},
		{"github.com/aws/smithy-go", "penstock/cloud/..."},
		{"github.com/fergusstrange/embedded-postgres", "penstock/dbadmin/local"},
		{"charm.land/bubbletea/v2", "penstock penstock/tui/..."},
		{"charm.land/bubbles/v2", "penstock/tui/..."},
		{"charm.land/lipgloss/v2", "penstock penstock/tui/..."},
		{"charm.land/wish/v2", "penstock"},
		{"github.com/charmbracelet/ssh", "penstock"},
		{"net/http", "penstock penstock/pipeline/source penstock/pipeline/nifi penstock/pipeline/spark penstock/pipeline/python penstock/cloud/... penstock/dbadmin/local"},
		{"os/exec", "penstock penstock/bench/... penstock/pipeline/nifi penstock/pipeline/spark penstock/pipeline/python penstock/dbadmin/local penstock/dbadmin/local/localtest"},
		// Version 1 of the console's libraries does not work beside version 2: nobody may use it.
		{"github.com/charmbracelet/bubbletea", ""},
		{"github.com/charmbracelet/bubbles", ""},
		{"github.com/charmbracelet/lipgloss", ""},
	}
}

// testOnly are packages that code outside tests never imports.
func testOnly() []string {
	return []string{"penstock/dbadmin/local/localtest", "penstock/cloud/fake", "penstock/tui/tuitest", "penstock/tui/tuitest/console"}
}

type listedPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func TestImportTable(t *testing.T) {
	for _, p := range goList(t, "./...") {
		may, known := allowedFor(p.ImportPath)
		if !known {
			t.Errorf("%s is not in the import table of arch_test.go: say what it may import", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if isOurs(imp) && !matchAny(may, imp) {
				t.Errorf("%s imports %s: it may import only [%s]", p.ImportPath, imp, may)
			}
			if slices.Contains(testOnly(), imp) && !slices.Contains(testOnly(), p.ImportPath) {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imp)
			}
			if under(p.ImportPath, "penstock/bench") {
				continue // measures parts from outside, with whatever it takes
			}
			for _, r := range reserved() {
				if under(imp, r.module) && !matchAny(r.only, p.ImportPath) {
					t.Errorf("%s imports %s, which is for [%s]", p.ImportPath, imp, r.only)
				}
			}
			if path.Base(p.ImportPath) != path.Base(imp) && strings.HasPrefix(imp, "penstock/tui/screen/") && strings.HasPrefix(p.ImportPath, "penstock/tui/screen/") {
				t.Errorf("%s imports another screen, %s", p.ImportPath, imp)
			}
		}
	}
}

func TestNoVersionOneOfTheConsoleLibraries(t *testing.T) {
	for _, p := range goList(t, "-deps", ".") {
		for _, old := range []string{"bubbletea", "bubbles", "lipgloss"} {
			if under(p.ImportPath, "github.com/charmbracelet/"+old) {
				t.Errorf("the program depends on %s: a library still uses version 1", p.ImportPath)
			}
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	given := strings.Fields("tui pipeline dbadmin lake cloud sql config testdata docs bench")
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(given, e.Name()) && !ignored(t, e.Name()) {
			t.Errorf("%s/ is no folder of the layout", e.Name())
		}
	}
}

func ignored(t *testing.T, name string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), "git", "check-ignore", "-q", name).Run() == nil
}

func goList(t *testing.T, args ...string) []listedPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Dir,GoFiles,Imports"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []listedPackage
	for dec := json.NewDecoder(out); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("go list found no packages")
	}
	return all
}

func allowedFor(pkg string) (may string, known bool) {
	for _, row := range allowedOwn() {
		if matchAny(row.pkg, pkg) {
			may, known = row.may, true
		}
	}
	return may, known
}

func isOurs(imp string) bool { return under(imp, "penstock") }

// under tells whether a package is the given one or lies below it.
func under(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

// matchAny tells whether a package matches one of the patterns in a list separated by spaces.
func matchAny(patterns, pkg string) bool {
	for _, p := range strings.Fields(patterns) {
		root, deep := strings.CutSuffix(p, "/...")
		if pkg == p || deep && under(pkg, root) {
			return true
		}
	}
	return false
}

// TestImportTableHasEachPackageOnce: of two rows for one package the first would say what does not hold.
func TestImportTableHasEachPackageOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range allowedOwn() {
		if seen[row.pkg] {
			t.Errorf("%s stands twice in the import table", row.pkg)
		}
		seen[row.pkg] = true
	}
}

func TestImportRulesMatch(t *testing.T) {
	for _, c := range []struct {
		patterns, pkg string
		want          bool
	}{
		{"penstock/lake", "penstock/lake", true},
		{"penstock/lake", "penstock/lake/x", false},
		{"penstock/lake/...", "penstock/lake/x", true},
		{"penstock/lake/...", "penstock/lakes", false},
		{"penstock", "penstock/config", false},
		{"", "penstock", false},
	} {
		if got := matchAny(c.patterns, c.pkg); got != c.want {
			t.Errorf("matchAny(%q, %q) = %v", c.patterns, c.pkg, got)
		}
	}
}
