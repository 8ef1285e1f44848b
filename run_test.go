package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/config"
	"penstock/pipeline"
)

// TestRegistry holds every task to what help and completion need of it.
func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	var check func(list []task, prefix string)
	check = func(list []task, prefix string) {
		for _, task := range list {
			name := prefix + task.name
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			switch first := task.short[:min(1, len(task.short))]; {
			case first == "" || len(task.short) > 90:
				t.Errorf("%s: its short text has %d letters", name, len(task.short))
			case first != strings.ToLower(first) || strings.HasSuffix(task.short, "."):
				t.Errorf("%s: %q is no phrase that starts small and ends without a full stop", name, task.short)
			}
			if task.run == nil && len(task.actions) == 0 {
				t.Errorf("%s does nothing", name)
			}
			if prefix == "" && task.group == "" {
				t.Errorf("%s is in no group", name)
			}
			if prefix == "" && task.example == "" {
				t.Errorf("%s has no example", name)
			}
			check(task.actions, name+" ")
		}
	}
	check(tasks(), "")
	check(commands(), "")
}

// TestExamplesParse holds the examples of every task, and every command in the documentation, to words
// and flags that exist.
func TestExamplesParse(t *testing.T) {
	for _, task := range slices.Concat(tasks(), commands()) {
		for line := range strings.Lines(task.example) {
			checkExample(t, "help of "+task.name, line)
		}
		for _, sub := range task.actions {
			for line := range strings.Lines(sub.example) {
				checkExample(t, "help of "+task.name+" "+sub.name, line)
			}
		}
	}
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documentation: %v", err)
	}
	for _, name := range append(files, "README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "    ") && strings.Contains(line, "penstock -") {
				checkExample(t, name, line)
			}
		}
	}
}

func checkExample(t *testing.T, where, line string) {
	t.Helper()
	i := strings.Index(line, "penstock ")
	if i < 0 {
		t.Errorf("%s: %q does not call the program", where, line)
		return
	}
	words, _, _ := strings.Cut(line[i:], "   ") // explained behind a gap
	words, _, _ = strings.Cut(words, "|")
	args := strings.Fields(strings.NewReplacer("\"", " ", "'", " ", ")", " ", "$(", " ", "[", " ", "]", " ").Replace(words))[1:]
	root := newApp(host{out: &bytes.Buffer{}, err: &bytes.Buffer{}}).command()
	cmd, rest, err := root.Find(runAsCommand(args))
	if err != nil {
		t.Errorf("%s: %q: %v", where, line, err)
		return
	}
	if cmd.Name() == "run" && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && rest[0] != "TASK" {
		t.Errorf("%s: %q: there is no task %s", where, line, rest[0])
	}
	for _, w := range args {
		flag, _, _ := strings.Cut(w, "=")
		name := strings.TrimPrefix(flag, "--")
		if !strings.HasPrefix(w, "--") || name == "run" || name == "help" {
			continue
		}
		if cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
			t.Errorf("%s: %q: there is no flag %s", where, line, flag)
		}
	}
}

func TestRunAsCommand(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"--run", "run"},
		{"--run ingest transform", "run ingest transform"},
		{"--json --run loads undo 3", "--json run loads undo 3"},
		{"--run=ingest --json", "run ingest --json"},
		{"--run --run", "run --run"},
		{"doctor", "doctor"},
		{"-- --run", "-- --run"},
		{"__complete --run tra", "__complete run tra"},
	} {
		if got := strings.Join(runAsCommand(strings.Fields(c.in)), " "); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{errors.New("x"), 1},
		{usageError("x", "y"), 2},
		{&config.Error{Problems: []config.Problem{{Message: "x"}}}, 2},
		{fmt.Errorf("wrapped: %w", &config.Error{Problems: []config.Problem{{Message: "x"}}}), 2},
		{&codeError{code: codeGate}, 3},
		{fmt.Errorf("wrapped: %w", &pipeline.LockedError{}), 4},
		{&codeError{code: codeUnhealthy}, 5},
		{&codeError{code: codeIncomplete}, 6},
		{errors.Join(errors.New("x"), &codeError{code: codeGate}), 3},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: code %d, want %d", c.err, got, c.want)
		}
	}
	for sig, want := range map[os.Signal]int{syscall.SIGHUP: 129, os.Interrupt: 130, syscall.SIGQUIT: 131, syscall.SIGTERM: 143} {
		if got := signalCode(sig); got != want {
			t.Errorf("%v: code %d, want %d", sig, got, want)
		}
	}
}

func TestChooseSteps(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "ingest transform aggregate check publish",
		"pipeline":                  "ingest transform aggregate check publish",
		"publish ingest":            "ingest publish",
		"check check":               "check",
		"aggregate transform check": "transform aggregate check",
	} {
		got, err := chooseSteps(strings.Fields(in))
		var words []string
		for _, s := range got {
			words = append(words, string(s))
		}
		if err != nil || strings.Join(words, " ") != want {
			t.Errorf("%q is %q (%v), want %q", in, words, err, want)
		}
	}
}

// TestSecretsStayOut hands the program secrets wherever it takes an address, with servers that are not
// there: none may come back in what it says.
func TestSecretsStayOut(t *testing.T) {
	const canary = "c4n4ry"
	for _, url := range []string{
		"postgres://etl:" + canary + "@127.0.0.1:1/d?sslmode=disable",
		"host=127.0.0.1 port=1 user=etl password=" + canary + " dbname=d sslmode=disable",
		"postgres://etl:" + canary + "@127.0.0.1:1/d?sslmode=nonsense",
		"postgres://etl:" + canary + "@db.example/d?sslmode=disable",
	} {
		for _, args := range []string{"--run ingest --json", "--run migrate --json", "--run url --json", "doctor --json", "--run insights", "--run runs", "--run loads"} {
			var out, human bytes.Buffer
			dir := t.TempDir()
			code := execute(t.Context(), host{
				args: strings.Fields(args), in: strings.NewReader(""), out: &out, err: &human, now: time.Now, workdir: dir, uid: os.Getuid(),
				environ: []string{"HOME=" + dir, "PENSTOCK_DATA_DIR=" + dir, "PENSTOCK_STAGING_URL=" + url, "PENSTOCK_ANALYTICS_URL=" + url},
			}, func() os.Signal { return nil })
			if code == codeDone {
				t.Errorf("%s ended well with a server that is not there", args)
			}
			if strings.Contains(out.String()+human.String(), canary) {
				t.Errorf("%s shows the password:\n%s%s", args, out.String(), human.String())
			}
		}
	}
}

// TestHintsAreShown has what an error advises reach people and programs.
func TestHintsAreShown(t *testing.T) {
	var out, human bytes.Buffer
	a := newApp(host{out: &out, err: &human})
	a.flags.json = true
	a.complain(fmt.Errorf("run: %w", usageError("no \x1b[31mway", "another way")))
	if got := human.String(); !strings.Contains(got, "another way") || strings.Contains(got, "\x1b") {
		t.Errorf("people see %q", got)
	}
	if got := out.String(); got != `{"kind":"error","error":"run: no \u001b[31mway","hint":"another way","exit_code":2}`+"\n" {
		t.Errorf("programs see %q", got)
	}
}
