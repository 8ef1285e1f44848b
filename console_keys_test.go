package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"penstock/config"
)

// command runs one command line in a folder with a configuration.
func command(t *testing.T, yaml, args string, environ ...string) (out, said string, code int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	code = execute(t.Context(), host{
		args: strings.Fields(args), in: strings.NewReader(""), out: &o, err: &e, now: time.Now, workdir: dir,
		environ: append([]string{"HOME=" + dir, "PENSTOCK_DATA_DIR=" + dir}, environ...),
	}, func() os.Signal { return nil })
	return o.String(), e.String(), code
}

// keysOf are the keys that `penstock keys --json` tells of an action on a screen.
func keysOf(t *testing.T, out, screen, action string) []string {
	t.Helper()
	for line := range strings.Lines(out) {
		var m mapped
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Screen == screen && m.Action == action {
			return m.Keys
		}
	}
	t.Errorf("%s has no action %s", screen, action)
	return nil
}

func TestKeysArePrinted(t *testing.T) {
	out, said, code := command(t, "ui: {keys: {pipeline.start: [S, f5], app.mouse: [], table.filter: ctrl+f}}", "keys --json", "PENSTOCK_UI_KEYS_GO_RUNS=f2")
	if code != codeDone {
		t.Fatal(code, said)
	}
	for _, x := range []struct{ screen, action, want string }{
		{"pipeline", "pipeline.start", "S f5"},
		{"pipeline", "pipeline.cancel", "x"},
		{"rejects", "rejects.pick", "enter"},
		{"rejects", "rejects.mend", "enter"},
		{"runs", "table.filter", "ctrl+f"},
		{"runs", "log.filter", "/"},
		{"insights", "insights.remarks", "R"},
		{"insights", "table.export", "e"},
		{"anywhere", "app.mouse", ""},
		{"anywhere", "go.runs", "f2"},
	} {
		if got := strings.Join(keysOf(t, out, x.screen, x.action), " "); got != x.want {
			t.Errorf("%s on %s has the keys %q, want %q", x.action, x.screen, got, x.want)
		}
	}
	table, _, _ := command(t, "", "keys pipeline")
	if !strings.Contains(table, "pipeline  pipeline.start ") || strings.Contains(table, "app.quit") {
		t.Errorf("the table of pipeline is\n%s", table)
	}
	if _, said, code := command(t, "", "keys piplin"); code != codeUsage || !strings.Contains(said, `did you mean "pipeline"?`) {
		t.Errorf("code %d: %s", code, said)
	}
}

// TestWrongKeysStillPrintTheMap holds `penstock keys`, which every hint names as the way to mend ui.keys, to
// printing the map with the keys that are right, whatever else is wrong.
func TestWrongKeysStillPrintTheMap(t *testing.T) {
	// pipeline.start has the key of pipeline.cancel; once it does not, s is its own again, which the
	// configuration gave to pipeline.reload.
	const yaml = "ui: {keys: {pipeline.strat: [S], app.mouse: [f6], move.rows: [n], pipeline.start: [x], pipeline.reload: [s], pipeline.cancel: [x, f7], go.runs: [f3]}}"
	out, said, code := command(t, yaml, "keys --json")
	if code != codeUsage || !strings.Contains(said, "ui.keys.pipeline.strat: there is no such action") {
		t.Errorf("code %d: %s", code, said)
	}
	for _, x := range []struct{ screen, action, want string }{
		{"anywhere", "app.mouse", "f6"},
		{"anywhere", "go.runs", "f3"},
		{"pipeline", "pipeline.start", "s"},
		{"pipeline", "pipeline.cancel", "x f7"},
		{"pipeline", "pipeline.reload", "R"},
		{"runs", "move.rows", strings.Join(keysOf(t, keysByThemselves(t), "runs", "move.rows"), " ")},
	} {
		if got := strings.Join(keysOf(t, out, x.screen, x.action), " "); got != x.want {
			t.Errorf("%s on %s has the keys %q, want %q", x.action, x.screen, got, x.want)
		}
	}
}

// keysByThemselves is the map without own keys.
func keysByThemselves(t *testing.T) string {
	t.Helper()
	out, said, code := command(t, "", "keys --json")
	if code != codeDone {
		t.Fatal(code, said)
	}
	return out
}

// TestOwnKeysAreChecked holds every mistake in ui.keys to being told with its place before anything opens.
func TestOwnKeysAreChecked(t *testing.T) {
	for yaml, want := range map[string]string{
		"ui:\n  keys:\n    pipeline.strat: [S]\n":                 `penstock.yaml:3:21: ui.keys.pipeline.strat: there is no such action`,
		"ui:\n  keys:\n    pipeline.start: [x]\n":                 `penstock.yaml:3:21: ui.keys.pipeline.start: key "x" runs pipeline.start and pipeline.cancel on pipeline`,
		"ui:\n  keys:\n    app.quit: [m]\n":                       `penstock.yaml:3:15: ui.keys.app.quit: key "m" runs app.mouse and app.quit`,
		"ui:\n  keys:\n    move.rows: [n]\n":                      `penstock.yaml:3:16: ui.keys.move.rows: move.rows can lose keys, not get others such as "n"`,
		"ui:\n  keys:\n    rejects.mend: [ctlr+m]\n":              `penstock.yaml:3:20: ui.keys.rejects.mend.0: there is no key "ctlr+m"`,
		"ui:\n  keys:\n    app.quit: [x]\n    go.runs: [\"1\"]\n": `penstock.yaml:4:14: ui.keys.go.runs: key "1" runs go.pipeline and go.runs`,
	} {
		out, said, code := command(t, yaml, "keys")
		// What cannot be a key is a mistake in the configuration, which is not used at all then.
		printed := strings.Contains(out, "pipeline.start ")
		if code != codeUsage || printed == strings.Contains(want, "there is no key") || !strings.Contains(said, want) {
			t.Errorf("%s\ncode %d: %s\nwant %s", yaml, code, said, want)
		}
	}
	if _, said, _ := command(t, "ui: {keys: {pipeline.strat: [S]}}", "keys"); !strings.Contains(said, `did you mean "pipeline.start"?`) {
		t.Errorf("no nearest name: %s", said)
	}
}

// TestNoKeyIsThereTwice holds every place to one meaning of each key: another action with it would be listed and dead.
func TestNoKeyIsThereTwice(t *testing.T) {
	places := demoConsole(t, nil).root.Places()
	for i, p := range places {
		actions := p.Actions
		if i > 0 {
			actions = slices.Concat(actions, places[0].Actions)
		}
		runs := map[string]string{}
		for _, a := range actions {
			for _, key := range a.Keys {
				if other := runs[key]; other != "" && other != a.ID {
					t.Errorf("%s: key %q is of %s and of %s", p.Title, key, other, a.ID)
				}
				runs[key] = a.ID
			}
		}
	}
}

// TestKeyMapIsWhole walks to places that need data or a way to them, and holds what can be done there to
// being in the map.
func TestKeyMapIsWhole(t *testing.T) {
	known := map[string]bool{}
	for _, m := range demoConsole(t, nil).keyMap() {
		if m.Help == "" {
			t.Errorf("%s on %s does not say what it does", m.Action, m.Screen)
		}
		known[m.Screen+" "+m.Action] = true
	}
	for _, x := range []struct {
		screen, wait string
		keys         []string
		see          string
	}{
		{"pipeline", "Run 42", []string{"tab"}, "Run 42"},
		{"pipeline", "Run 42", []string{"tab", "tab"}, "Run 42"},
		{"runs", "● running", []string{"enter"}, "▸ run 42"},
		{"runs", "● running", []string{"d"}, "(B)"},
		{"rejects", "9 open", []string{"shift+tab"}, "9 open"},
		{"rejects", "9 open", []string{"tab"}, "9 open"},
		{"insights", "revenue per week", []string{"w"}, "overview"},
		{"insights", "revenue per week", []string{"w", "enter"}, "▸ overview ▸"},
		{"insights", "revenue per week", []string{"tab"}, "▸ sales"},
		{"settings", "▸ settings", []string{"tab"}, "▸ settings"},
		{"commands", "▸ commands", nil, "▸ commands"},
		{"help", "what it does", nil, "what it does"},
	} {
		c := demoConsole(t, func(f *consoleFlags) { f.screen = x.screen })
		term := c.show(t, 120, 40)
		term.WaitText(x.wait)
		term.Keys(x.keys...)
		term.WaitText(x.see)
		term.Keys("q")
		if err := term.Ended(); err != nil {
			t.Fatal(err)
		}
		for _, action := range c.root.Of(x.screen) {
			if !known[x.screen+" "+action.ID] {
				t.Errorf("%s after %v has %s, which is not in the map", x.screen, x.keys, action.ID)
			}
		}
	}
}

func TestCarriedWords(t *testing.T) {
	g := globals{config: "my shop.yaml", profile: "aws", set: []string{"lake.url=./it's", "staging.url=postgres://etl:hunter2@db/x", "ui.fps=10"}}
	words, withheld := g.carriedWords()
	if want := `--config 'my shop.yaml' --profile aws --set 'lake.url=./it'\''s' --set ui.fps=10`; words != want {
		t.Errorf("got %s\nwant %s", words, want)
	}
	if !slices.Equal(withheld, []string{"--set staging.url"}) {
		t.Errorf("withheld %v", withheld)
	}
	if words, withheld = (&globals{}).carriedWords(); words != "" || withheld != nil {
		t.Errorf("nothing was given, and carried is %q, %v", words, withheld)
	}
}

// TestCommandsOfThisConsole holds commands to carrying the flags of the session, and to nothing where there are none.
func TestCommandsOfThisConsole(t *testing.T) {
	c := demoConsole(t, nil)
	if c.env.Carried != "" || c.env.Command("penstock --run") != "penstock --run" {
		t.Errorf("a session without flags carries %q", c.env.Carried)
	}
	a := newApp(host{workdir: t.TempDir(), now: time.Now, environ: []string{"HOME=/nowhere", "PENSTOCK_DATA_DIR=/nowhere"}})
	a.flags.set = []string{"ui.fps=10"}
	a.view = consoleFlags{demo: true}
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.root.Close()
	if got := c.env.Command("penstock --run runs"); got != "penstock --run runs --set ui.fps=10" {
		t.Errorf("got %s", got)
	}
}
