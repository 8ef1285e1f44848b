package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"penstock/config"
	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// keyInWords finds a key by its own name in a sentence: "press R to", "p shows it", "tab: the keys".
func keyInWords() *regexp.Regexp {
	const key = `([a-zA-Z0-9?!:]|enter|tab|space|shift\+\w+|ctrl\+\w)`
	const does = `(shows|starts|takes|goes|tries|reads|looks|mends|marks|copies|writes|masks|asks|follows|undoes|opens|leaves|brings)\b`
	return regexp.MustCompile(`(^|[ ,;:(*])` + key + ` ` + does + `|\bpress ` + key + `( |\.|$)|(^|[ ,;])` + `(tab|space|enter): |\bwith [a-z]$`)
}

// TestTextsTakeKeysFromTheMap reads the console's sources: no text names a key by itself, and each that asks
// the map names an action that there is, and that action's own key.
func TestTextsTakeKeysFromTheMap(t *testing.T) {
	own := map[string]string{}
	for _, m := range demoConsole(t, nil).keyMap() {
		if len(m.Default) > 0 && own[m.Action] == "" {
			own[m.Action] = m.Default[0]
		}
	}
	words, asked := keyInWords(), 0
	var files []string
	err := filepath.WalkDir("tui", func(path string, d fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mine, err := filepath.Glob("console*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, mine...) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && words.MatchString(text) {
					t.Errorf("%s: %q names a key: Env.Key knows which it is", set.Position(n.Pos()), text)
				}
			case *ast.CallExpr:
				id, key, ok := keyCall(n)
				if !ok {
					break
				}
				asked++
				if own[id] != key {
					t.Errorf("%s: the key of %s is %q, not %q", set.Position(n.Pos()), id, own[id], key)
				}
			}
			return true
		})
	}
	if asked < 30 {
		t.Errorf("only %d texts name a key", asked)
	}
}

// keyCall returns the words of a call of Env.Key.
func keyCall(call *ast.CallExpr) (id, key string, ok bool) {
	f, is := call.Fun.(*ast.SelectorExpr)
	if !is || f.Sel.Name != "Key" || len(call.Args) != 2 {
		return "", "", false
	}
	word := func(x ast.Expr) string {
		if lit, is := x.(*ast.BasicLit); is && lit.Kind == token.STRING {
			text, _ := strconv.Unquote(lit.Value)
			return text
		}
		return ""
	}
	id, key = word(call.Args[0]), word(call.Args[1])
	return id, key, id != "" && key != ""
}

// remapped gives every action a key of its own that tells its name.
func (c *console) remapped() {
	own := map[string][]string{}
	for _, m := range c.keyMap() {
		own[m.Action] = []string{"‹" + m.Action + "›"}
	}
	c.env.Keys = env.NewKeymap(own)
}

// TestScreensNameOwnKeys walks the screens of a session whose every action has another key, with data and
// with databases out of reach, and looks for the keys that are no more.
func TestScreensNameOwnKeys(t *testing.T) {
	words := keyInWords()
	check := func(t *testing.T, where string, s tuitest.Screen) {
		t.Helper()
		for _, row := range strings.Split(s.Text(), "\n") {
			if found := words.FindString(row); found != "" {
				t.Errorf("%s says %q:\n%s", where, found, s.Text())
			}
		}
	}
	for _, size := range [][2]int{{80, 24}, {160, 44}} {
		inTime(t, fmt.Sprintf("demo-%dx%d", size[0], size[1]), func(t *testing.T) {
			c := demoConsole(t, nil)
			c.remapped()
			term := c.show(t, size[0], size[1])
			for _, e := range c.entries {
				term.Send(env.GotoMsg{Screen: e.ID})
				term.WaitText("▸ " + e.Title)
				check(t, e.ID, still(t, term))
			}
			term.Send(env.GotoMsg{Screen: "rejects", Arg: "run 1"})
			check(t, "rejects of a run", still(t, term))
			term.Send(env.RunMsg{ID: "app.mouse"})
			check(t, "the notice of the mouse", term.WaitText("‹app.mouse› takes it back"))
			term.Resize(50, 12)
			check(t, "a small terminal", term.WaitText("‹app.quit›."))
			term.Keys("q") // is nothing now
			term.Resize(size[0], size[1])
			term.WaitText("▸ rejects")
		})
	}
	t.Run("away", func(t *testing.T) {
		c := awayConsole(t, "staging: {url: 'postgres://shop@127.0.0.1:1/shop?sslmode=disable'}\nanalytics: {url: 'postgres://shop@127.0.0.1:1/shop?sslmode=disable'}\n", consoleFlags{theme: "dark"})
		c.remapped()
		term := tuitest.Run(t, c.root, 120, 40)
		term.WaitText("▸ pipeline") // where a session begins
		for screen, key := range map[string]string{
			"pipeline": "‹pipeline.reload›", "runs": "‹runs.reload›", "rejects": "‹rejects.reload›", "insights": "‹insights.again›",
		} {
			term.Send(env.GotoMsg{Screen: screen})
			check(t, screen, term.WaitText("▸ "+screen, "press", key))
		}
	})
}

// awayConsole is a console on a configuration whose databases are not asked for before its screens are.
func awayConsole(t *testing.T, yaml string, view consoleFlags) *console {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"HOME=" + dir, "TERM=xterm-256color"}
	if !strings.Contains(yaml, "data_dir:") {
		environ = append(environ, "PENSTOCK_DATA_DIR="+dir)
	}
	a := newApp(host{workdir: dir, now: time.Now, environ: environ})
	a.view = view
	c, err := a.newConsole(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.root.Close()
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
