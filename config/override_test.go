package config

import (
	"errors"
	"path/filepath"
	"testing"
)

const twoSources = `
sources:
  - {name: online-retail, path: a.csv, columns: {invoice_no: A, product_code: B, quantity: C, unit_price: D, ordered_at: E}}
  - {name: web_shop, path: b.csv, columns: {invoice_no: A, product_code: B, quantity: C, unit_price: D, ordered_at: E}}
ui: {fps: 5}
`

func TestOverrides(t *testing.T) {
	for _, c := range []struct {
		name     string
		env, set []string
		key      string
		want     string
		from     string
	}{
		{"file alone", nil, nil, "ui.fps", "5", "penstock.yaml:5:11"},
		{"default", nil, nil, "ui.theme", "auto", "default"},
		{"variable over file", []string{"PENSTOCK_UI_FPS=6"}, nil, "ui.fps", "6", "environment PENSTOCK_UI_FPS"},
		{"flag over variable", []string{"PENSTOCK_UI_FPS=6"}, []string{"ui.fps=7"}, "ui.fps", "7", "--set ui.fps"},
		{"last flag wins", nil, []string{"ui.fps=7", "ui.fps=8"}, "ui.fps", "8", "--set ui.fps"},
		{"a key with underscores", []string{"PENSTOCK_BASE_CURRENCY=EUR"}, nil, "base_currency", "EUR", "environment PENSTOCK_BASE_CURRENCY"},
		{"deep", []string{"PENSTOCK_MARTS_PAIRS_MIN_INVOICES=3"}, nil, "marts.pairs.min_invoices", "3", "environment PENSTOCK_MARTS_PAIRS_MIN_INVOICES"},
		{"item by number", nil, []string{"sources.0.duplicates=collapse"}, "sources.0.duplicates", "collapse", "--set sources.0.duplicates"},
		{"item by name", nil, []string{"sources.online-retail.duplicates=collapse"}, "sources.0.duplicates", "collapse", "--set sources.online-retail.duplicates"},
		{"item by another name", nil, []string{"sources.web_shop.return_prefix=C"}, "sources.1.return_prefix", "C", "--set sources.web_shop.return_prefix"},
		{"item by number in a variable", []string{"PENSTOCK_SOURCES_1_RETURN_PREFIX=C"}, nil, "sources.1.return_prefix", "C", "environment PENSTOCK_SOURCES_1_RETURN_PREFIX"},
		{"item by name in a variable", []string{"PENSTOCK_SOURCES_ONLINE_RETAIL_RETURN_PREFIX=C"}, nil, "sources.0.return_prefix", "C", "environment PENSTOCK_SOURCES_ONLINE_RETAIL_RETURN_PREFIX"},
		{"below an item", nil, []string{"sources.0.format.delimiter=;"}, "sources.0.format.delimiter", ";", "--set sources.0.format.delimiter"},
		{"words", nil, []string{"sources.0.pii=customer_id,country"}, "sources.0.pii", "[customer_id, country]", "--set sources.0.pii"},
		{"a mapping's value", nil, []string{"sources.0.columns.quantity=Qty"}, "sources.0.columns.quantity", "Qty", "--set sources.0.columns.quantity"},
		{"capitals stay", nil, []string{"sources.0.columns.quantity=QtyX"}, "sources.0.columns.quantity", "QtyX", "--set sources.0.columns.quantity"},
		{"reserved variables are no keys", []string{"PENSTOCK_TESTDATA=x"}, nil, "ui.fps", "5", "penstock.yaml:5:11"},
		{"equals sign in the value", nil, []string{"staging.url=host=db user=etl"}, "staging.url", "host=db user=etl", "--set staging.url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := loadIn(write(t, twoSources, 0o600), func(o *Options) { o.Env, o.Set = c.env, c.set })
			if err != nil {
				t.Fatal(err)
			}
			if s := setting(t, cfg, c.key); s.Value != c.want || s.From.String() != c.from {
				t.Errorf("%s = %q from %s, want %q from %s", c.key, s.Value, s.From, c.want, c.from)
			}
		})
	}
}

func TestOverrideMistakes(t *testing.T) {
	for _, c := range []struct {
		name, env, set string
		want, hint     string
	}{
		{"unknown variable", "PENSTOCK_LAKE_ULR=x", "", "environment PENSTOCK_LAKE_ULR: no such setting", `did you mean "PENSTOCK_LAKE_URL"?`},
		{"variable of a section", "PENSTOCK_LAKE=x", "", "environment PENSTOCK_LAKE: no such setting", ""},
		{"bad value in a variable", "PENSTOCK_UI_FPS=x", "", `environment PENSTOCK_UI_FPS: ui.fps: expected a whole number, got "x"`, ""},
		{"unknown key", "", "lake.ulr=x", "--set lake.ulr: no such setting", `did you mean "url"?`},
		{"no value", "", "lake.url", "--set lake.url: no value", "write --set key=value, such as --set lake.url=./lake"},
		{"a section", "", "lake=x", "--set lake: no such setting", "name one value below it: url, endpoint, catalog"},
		{"below a value", "", "lake.url.x=1", "--set lake.url.x: no such setting", "it has no keys below it"},
		{"unknown source", "", "sources.onlineretail.path=x", "--set sources.onlineretail.path: no such setting", `did you mean "online-retail"?`},
		{"source out of range", "", "sources.7.path=x", "--set sources.7.path: no such setting", ""},
		{"bad value", "", "ui.fps=x", `--set ui.fps: ui.fps: expected a whole number, got "x"`, ""},
		{"a secret behind a colon", "", "nifi.password:hunter2", "--set nifi.password:***: no value", ""},
		{"a secret behind a space", "", "nifi.password hunter2", "--set nifi.password ***: no value", ""},
		{"an address alone", "", "postgres://u:hunter2@h/d", "--set postgres:***: no value", ""},
		{"an address for a key", "", "postgres://u:hunter2@h/d?x=y", "--set postgres:***: no such setting", ""},
		{"a secret with an equals sign behind a colon", "", "nifi.password: c2VjcmV0Cg==", "--set nifi.password:***: no such setting", ""},
		{"a secret with an equals sign behind a space", "", "nifi.password c2Vjc=mV0Cg", "--set nifi.password ***: no such setting", ""},
		{"a key that does not exist", "", "nifi.password=hunter2", "--set nifi.password: no such setting", "there is url, user, password_file, ca_file"},
		{"a password", "", "staging.url=postgres://u:hunter2@h/d", "--set staging.url: a password on the command line", "put it into a file (password_file) or a variable: the command line is visible to every user"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadIn(write(t, twoSources, 0o600), func(o *Options) {
				if c.env != "" {
					o.Env = []string{c.env}
				}
				if c.set != "" {
					o.Set = []string{c.set}
				}
			})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Error() != c.want || c.hint != "" && e.Hint() != c.hint {
				t.Errorf("got %q, hint %q\nwant %q, hint %q", e.Error(), e.Hint(), c.want, c.hint)
			}
		})
	}
}

// TestSampleCanBeOverridden has the built-in source obey like any other.
func TestSampleCanBeOverridden(t *testing.T) {
	dir := t.TempDir()
	c, err := loadIn(dir, func(o *Options) { o.Set = []string{"sources.online-retail.path=mine.csv", "data_dir=d"} })
	if err != nil {
		t.Fatal(err)
	}
	if c.Sources[0].Path != filepath.Join(dir, "mine.csv") || c.DataDir != filepath.Join(dir, "d") {
		t.Errorf("path %s, data %s", c.Sources[0].Path, c.DataDir)
	}
}
