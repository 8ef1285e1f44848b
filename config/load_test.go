package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a penstock.yaml with the mode given into a folder of its own and returns the folder.
func write(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return dir
}

func loadIn(dir string, change func(*Options)) (*Config, error) {
	o := Options{Dirs: []string{dir}, WorkDir: dir, DataDir: filepath.Join(dir, "data")}
	if change != nil {
		change(&o)
	}
	return Load(o)
}

// TestMistakes holds every message to its exact place and its proposal.
func TestMistakes(t *testing.T) {
	csv := "sources:\n  - name: shop\n    path: a.csv\n    columns: {invoice_no: A, product_code: B, quantity: C, unit_price: D, ordered_at: E}\n"
	for _, c := range []struct {
		name, text string
		want       []string // each line of the error
		hint       string
	}{
		{"unknown key", "lake:\n  ulr: ./lake\n", []string{`penstock.yaml:2:3: lake: unknown key "ulr"`}, `did you mean "url"?`},
		{"unknown top-level key", "base_curency: GBP\n", []string{`penstock.yaml:1:1: unknown key "base_curency"`}, `did you mean "base_currency"?`},
		{"far from any key", "ui: {zzzzzzzz: 1}\n", []string{`penstock.yaml:1:6: ui: unknown key "zzzzzzzz"`}, "the keys here are theme, fps, refresh, keys"},
		{"secret as a value", "staging:\n  password: hunter2\n", []string{`penstock.yaml:2:3: staging: unknown key "password"`}, `a secret is never a value here: put it into a file of its own and name that with "password_file"`},
		{"not a number", "ui:\n  fps: fast\n", []string{`penstock.yaml:2:8: ui.fps: expected a whole number, got "fast"`}, ""},
		{"fraction for a whole number", "ui: {fps: 1.5}\n", []string{`penstock.yaml:1:11: ui.fps: expected a whole number, got "1.5"`}, ""},
		{"not true or false", "production: maybe\n", []string{`penstock.yaml:1:13: production: expected true or false, got "maybe"`}, ""},
		{"not a duration", "retention: {runs: ever}\n", []string{`penstock.yaml:1:19: retention.runs: expected a duration such as 90s, 5m, 1h or 30d, got "ever"`}, ""},
		{"not a size", "athena: {max_scan: big}\n", []string{`penstock.yaml:1:20: athena.max_scan: expected a size such as 500MB or 10GB, got "big"`}, ""},
		{"not money", "athena: {price_per_tb: -5}\n", []string{`penstock.yaml:1:24: athena.price_per_tb: expected an amount such as 5.00, got "-5"`}, ""},
		{"list for a value", "base_currency: [GBP]\n", []string{`penstock.yaml:1:16: base_currency: expected text, got a list`}, ""},
		{"value for a mapping", "lake: ./lake\n", []string{`penstock.yaml:1:7: lake: expected a mapping of keys to values, got a single value`}, "its keys are url, endpoint, catalog"},
		{"value for a list", csv + "    pii: customer_id\n", []string{`penstock.yaml:5:10: sources.0.pii: expected a list, got a single value`}, "write [a, b], or one item a line after a dash"},
		{"key twice", "ui: {fps: 1}\nlake: {}\nui: {fps: 2}\n", []string{`penstock.yaml:3:1: ui: the key stands here a second time, first on line 1`}, "keep one of the two"},
		{"not YAML", "lake:\n  url: x\n ui: {}\n", []string{`penstock.yaml:3:1: this is not YAML: `}, ""},
		{"a tab", "lake:\n\turl: x\n", []string{`penstock.yaml:2:1: this is not YAML: `}, ""},
		{"an open bracket", "lake: {url: x\nui: {}\n", []string{`penstock.yaml:2:1: this is not YAML: `}, ""},
		{"currency", "base_currency: pounds\n", []string{`penstock.yaml:1:16: base_currency: expected a currency of three capital letters such as GBP, got "pounds"`}, ""},
		{"time zone", "report_timezone: Europe/Londn\n", []string{`penstock.yaml:1:18: report_timezone: expected the name of a time zone such as Europe/London or UTC, got "Europe/Londn"`}, ""},
		{"engine", "engines: {transform: pyton}\n", []string{`penstock.yaml:1:22: engines.transform: unknown value "pyton"`}, `did you mean "python"?`},
		{"out of range", "ui: {fps: 0}\n", []string{`penstock.yaml:1:11: ui.fps: expected a whole number from 1 to 120, got 0`}, ""},
		{"address", "staging: {url: mysql://db/x}\n", []string{`penstock.yaml:1:16: staging.url: expected the address of a PostgreSQL database, got "mysql://db/x"`}, "write local, postgres://user@host/database?sslmode=verify-full, or service=NAME"},
		{"two of one name", csv + strings.TrimPrefix(csv, "sources:\n"), []string{`penstock.yaml:5:11: sources.1.name: sources.0 is called "shop" too`}, "a source's name is part of the identity of every load: give each its own"},
		{"misspelt column", strings.Replace(csv, "invoice_no:", "invoice_nr:", 1), []string{`penstock.yaml:4:14: sources.0.columns: invoice_no is required`, `penstock.yaml:4:15: sources.0.columns.invoice_nr: "invoice_nr" is no column of purchases`}, ""},
		{"key of an api", csv + "    url: https://x.example\n", []string{`penstock.yaml:5:10: sources.0.url: only a source of kind api has this key`}, "write kind: api, or leave it out"},
		{"missing variable", "base_currency: ${CURRENCY_OF_NOBODY}\n", []string{`penstock.yaml:1:16: ${CURRENCY_OF_NOBODY}: no such variable`}, "set it, or write $${ for a literal ${"},
		{"in a profile nobody chose", "profiles:\n  aws:\n    lake: {urll: x}\n", []string{`penstock.yaml:3:12: profiles.aws.lake: unknown key "urll"`}, `did you mean "url"?`},
		{"a list as the file", "- a\n", []string{`penstock.yaml:1:1: expected a mapping of keys to values, got a list`}, "it starts with a key such as sources:"},
		{
			"several, in order", "ui:\n  fps: x\nlake:\n  ulr: y\n",
			[]string{`penstock.yaml:2:8: ui.fps: expected a whole number, got "x"`, `penstock.yaml:4:3: lake: unknown key "ulr"; did you mean "url"?`},
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadIn(write(t, c.text, 0o600), nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			for i, line := range strings.Split(e.Error(), "\n") {
				if i >= len(c.want) || !strings.HasPrefix(line, c.want[i]) || strings.HasSuffix(c.want[i], `"`) && line != c.want[i] && i < len(c.want)-1 {
					t.Errorf("line %d is\n  %s\nwant\n  %s", i, line, strings.Join(c.want, "\n  "))
				}
			}
			if len(e.Problems) != len(c.want) {
				t.Errorf("%d problems, want %d", len(e.Problems), len(c.want))
			}
			if c.hint != "" && e.Hint() != c.hint {
				t.Errorf("hint %q, want %q", e.Hint(), c.hint)
			}
			if e.ExitCode() != 2 {
				t.Errorf("exit code %d", e.ExitCode())
			}
		})
	}
}

func TestNothingConfiguredIsTheSample(t *testing.T) {
	dir := t.TempDir()
	c, err := loadIn(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !c.IsSample() || len(c.Sources) != 1 || len(c.Files()) != 0 {
		t.Errorf("sample %v, %d sources, files %v", c.IsSample(), len(c.Sources), c.Files())
	}
	if want := filepath.Join(dir, "data", "sample", SampleName); c.Sources[0].Path != want {
		t.Errorf("the sample's path is %s, want %s", c.Sources[0].Path, want)
	}
	if want := filepath.Join(dir, "data", "lake"); c.Lake.URL != want {
		t.Errorf("the lake is %s, want %s", c.Lake.URL, want)
	}
	if err := WriteSample(c.DataDir); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(c.Sources[0].Path)
	if err != nil || string(have) != string(SampleData()) {
		t.Errorf("the sample on disk differs: %v", err)
	}
	if err := os.WriteFile(c.Sources[0].Path, []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteSample(c.DataDir); err != nil {
		t.Fatal(err)
	}
	if have, _ := os.ReadFile(c.Sources[0].Path); string(have) != string(SampleData()) {
		t.Error("a spoilt sample stays")
	}
	if !strings.Contains(SampleCredit(), "CC BY 4.0") {
		t.Error("the credit does not name the licence")
	}
}

// TestExampleIsTheDefaults keeps the commented file true: loading it changes nothing.
func TestExampleIsTheDefaults(t *testing.T) {
	dir := write(t, string(Example()), 0o600)
	with, err := loadIn(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	without, err := loadIn(t.TempDir(), func(o *Options) { o.DataDir, o.WorkDir = filepath.Join(dir, "data"), dir })
	if err != nil {
		t.Fatal(err)
	}
	a, b := with.Settings(), without.Settings()
	if len(a) != len(b) {
		t.Fatalf("%d settings with the example, %d without", len(a), len(b))
	}
	for i := range a {
		if a[i].Key != b[i].Key || a[i].Value != b[i].Value {
			t.Errorf("%s is %q with the example, %s %q without", a[i].Key, a[i].Value, b[i].Key, b[i].Value)
		}
	}
}

// TestExampleUncommented loads the example's commented parts too.
func TestExampleUncommented(t *testing.T) {
	var out []string
	for line := range strings.Lines(string(Example())) {
		inner := strings.TrimPrefix(strings.TrimPrefix(line, "# "), "#")
		if strings.HasPrefix(line, "# sources:") || strings.HasPrefix(line, "#   - name") || strings.HasPrefix(line, "#     ") || strings.HasPrefix(line, "#       ") || strings.HasPrefix(line, "# profiles:") || strings.HasPrefix(line, "#   aws:") {
			line = inner
		}
		out = append(out, line)
	}
	dir := write(t, strings.Join(out, ""), 0o600)
	c, err := loadIn(dir, func(o *Options) { o.Profile = "aws" })
	if err != nil {
		t.Fatal(err)
	}
	if c.Sources[0].Name != "shop" || c.Lake.URL != "s3://shop-lake" || !c.Production {
		t.Errorf("got source %q, lake %q, production %v", c.Sources[0].Name, c.Lake.URL, c.Production)
	}
}

func TestProfileLaysOver(t *testing.T) {
	dir := write(t, `
lake: {url: ./here}
ui: {fps: 10}
sources:
  - {name: a, path: a.csv, columns: {invoice_no: A, product_code: B, quantity: C, unit_price: D, ordered_at: E}}
profiles:
  other:
    ui: {theme: dark}
    sources:
      - {name: a, path: z.csv}
      - {name: b, path: b.csv, columns: {invoice_no: A, product_code: B, quantity: C, unit_price: D, ordered_at: E}}
`, 0o600)
	c, err := loadIn(dir, func(o *Options) { o.Profile = "other" })
	if err != nil {
		t.Fatal(err)
	}
	if c.UI.FPS != 10 || c.UI.Theme != "dark" || c.Profile() != "other" {
		t.Errorf("ui %+v, profile %q", c.UI, c.Profile())
	}
	if len(c.Sources) != 2 || c.Sources[0].Path != filepath.Join(dir, "z.csv") || c.Sources[0].Columns["quantity"].Column != "C" || c.Sources[1].Name != "b" {
		t.Errorf("sources %+v", c.Sources)
	}
	if got := setting(t, c, "ui.theme").From.String(); got != "penstock.yaml:8:17 (profile other)" {
		t.Errorf("ui.theme is from %s", got)
	}
	_, err = loadIn(dir, func(o *Options) { o.Profile = "othr" })
	var e *Error
	if !errors.As(err, &e) || e.Hint() != `did you mean "other"?` {
		t.Errorf("got %v", err)
	}
}

func setting(t *testing.T, c *Config, key string) Setting {
	t.Helper()
	for _, s := range c.Settings() {
		if s.Key == key {
			return s
		}
	}
	t.Fatalf("no setting %s", key)
	return Setting{}
}

func TestFileIsNamedOrFound(t *testing.T) {
	dir := write(t, "ui: {fps: 7}\n", 0o600)
	user := write(t, "ui: {fps: 8}\n", 0o600)
	for _, c := range []struct {
		name   string
		change func(*Options)
		fps    int
	}{
		{"working folder first", func(o *Options) { o.Dirs = []string{dir, user} }, 7},
		{"then the user's", func(o *Options) { o.Dirs = []string{t.TempDir(), user} }, 8},
		{"named", func(o *Options) { o.Dirs = []string{dir}; o.File = filepath.Join(user, FileName) }, 8},
		{"named by a variable", func(o *Options) {
			o.Dirs = []string{dir}
			o.Env = []string{"PENSTOCK_CONFIG=" + filepath.Join(user, FileName)}
		}, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := loadIn(dir, c.change)
			if err != nil || cfg.UI.FPS != c.fps {
				t.Errorf("fps %v, want %d (%v)", cfg, c.fps, err)
			}
		})
	}
	_, err := loadIn(dir, func(o *Options) { o.File = filepath.Join(dir, "nowhere.yaml") })
	var e *Error
	if !errors.As(err, &e) || e.Hint() != "penstock init writes one" {
		t.Errorf("a missing file: %v", err)
	}
}

// TestRelativePaths has a path belong to where it was written.
func TestRelativePaths(t *testing.T) {
	dir := write(t, "lake: {url: ./lake}\nstaging: {url: postgres://h/d, password_file: pw}\n", 0o600)
	work := t.TempDir()
	c, err := loadIn(dir, func(o *Options) {
		o.WorkDir = work
		o.Env = []string{"PENSTOCK_ANALYTICS_PASSWORD_FILE=pw2", "PENSTOCK_ANALYTICS_URL=postgres://h/e"}
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Lake.URL != filepath.Join(dir, "lake") || c.Staging.PasswordFile != filepath.Join(dir, "pw") || c.Analytics.PasswordFile != filepath.Join(work, "pw2") {
		t.Errorf("lake %s, staging %s, analytics %s", c.Lake.URL, c.Staging.PasswordFile, c.Analytics.PasswordFile)
	}
}
