package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// loadKeys loads a configuration with this under ui.keys.
func loadKeys(t *testing.T, text string, set ...string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Options{Dirs: []string{dir}, WorkDir: dir, DataDir: dir, Set: set})
}

func TestOwnKeys(t *testing.T) {
	c, err := loadKeys(t, "ui:\n  keys:\n    pipeline.start: [S, ctrl+s]\n    app.quit: Q\n    app.mouse: []\n    app.theme:\n    table.left: ','\n    go.runs: \"[\"\n", "ui.keys.app.redraw=f5,ctrl+r")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Keys{
		"pipeline.start": {"S", "ctrl+s"}, "app.quit": {"Q"}, "app.mouse": {}, "app.theme": nil,
		"table.left": {","}, "go.runs": {"["}, "app.redraw": {"f5", "ctrl+r"},
	}
	if !reflect.DeepEqual(c.UI.Keys, want) {
		t.Errorf("got %#v", c.UI.Keys)
	}
	where := map[string]string{}
	for _, s := range c.Settings() {
		if id, ok := strings.CutPrefix(s.Key, "ui.keys."); ok {
			where[id] = s.Value + " " + s.From.String()
		}
	}
	for id, want := range map[string]string{
		"pipeline.start": "[S, ctrl+s] penstock.yaml:3:21", "app.quit": "[Q] penstock.yaml:4:15", "app.redraw": "[f5, ctrl+r] --set ui.keys.app.redraw",
	} {
		if where[id] != want {
			t.Errorf("%s is shown as %q, want %q", id, where[id], want)
		}
	}
}

// TestKeysOfOneActionAreOneSetting writes the keys of an action in the file, a variable and --set, which
// cannot spell it alike: one of them holds, always the same.
func TestKeysOfOneActionAreOneSetting(t *testing.T) {
	const file, variable, set = "ui: {keys: {go.runs: f3, insights.zoom-in: f6}}", "PENSTOCK_UI_KEYS_GO_RUNS=f2", "ui.keys.go.runs=f4"
	for _, c := range []struct {
		text     string
		env, set []string
		want     string
	}{
		{file, nil, nil, "go.runs=[f3] penstock.yaml:1:22, insights.zoom-in=[f6] penstock.yaml:1:44"},
		{file, []string{variable}, nil, "go.runs=[f2] environment PENSTOCK_UI_KEYS_GO_RUNS, insights.zoom-in=[f6] penstock.yaml:1:44"},
		{file, []string{variable, "PENSTOCK_UI_KEYS_INSIGHTS_ZOOM_IN=f7"}, []string{set}, "go.runs=[f4] --set ui.keys.go.runs, insights.zoom-in=[f7] environment PENSTOCK_UI_KEYS_INSIGHTS_ZOOM_IN"},
		{"", []string{variable}, []string{set}, "go.runs=[f4] --set ui.keys.go.runs"},
		{"", []string{variable}, nil, "go_runs=[f2] environment PENSTOCK_UI_KEYS_GO_RUNS"},
	} {
		cfg, err := loadIn(write(t, c.text, 0o600), func(o *Options) { o.Env, o.Set = c.env, c.set })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range cfg.Settings() {
			if id, ok := strings.CutPrefix(s.Key, "ui.keys."); ok {
				got = append(got, id+"="+s.Value+" "+s.From.String())
			}
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%q, %v, %v\ngot  %s\nwant %s", c.text, c.env, c.set, got, c.want)
		}
	}
}

func TestKeyNames(t *testing.T) {
	for name, want := range map[string]string{
		"s": "", "S": "", "?": "", "é": "", "+": "", "ctrl+s": "", "alt+x": "", "ctrl+alt+x": "", "shift+tab": "", "ctrl+shift+up": "",
		"f12": "", "space": "", "pgdown": "", "ctrl++": "",
		"ctrl+c":      "ctrl+c always leaves",
		"esc":         "esc always goes a step back",
		"ctrl+z":      "puts the console to sleep",
		"shift+a":     `write "A"`,
		"ctrl+A":      `write "ctrl+a"`,
		"entr":        `did you mean "enter"?`,
		"ctrl+pageup": `did you mean "ctrl+pgup"?`,
		"alt+ctrl+x":  "in this order",
		" ":           "one of enter, tab, space",
		"":            "a key is one character",
		"ab":          "a key is one character",
		"\x1b":        "a key is one character",
	} {
		hint, wrong := keyProblem(name)
		if (wrong == "") != (want == "") || !strings.Contains(hint, want) {
			t.Errorf("%q: %q, hint %q, want %q", name, wrong, hint, want)
		}
	}
}

func TestKeyProblemsHaveTheirPlace(t *testing.T) {
	_, err := loadKeys(t, "ui:\n  keys:\n    pipeline.start: [S, S, entr]\n    app.quit: ctrl+c\n    app.mouse: {a: b}\n")
	for _, want := range []string{
		`penstock.yaml:3:25: ui.keys.pipeline.start.1: the key "S" stands here twice`,
		`penstock.yaml:3:28: ui.keys.pipeline.start.2: there is no key "entr"; did you mean "enter"?`,
		`penstock.yaml:4:15: ui.keys.app.quit.0: the key "ctrl+c" has its meaning already`,
		`penstock.yaml:5:16: ui.keys.app.mouse: expected a list`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}
