package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/config"
	"penstock/dbadmin/local/localtest"
	"penstock/tui/screen/settings"
)

// TestSettingsOfASession holds that each value says where it is from, that no secret is shown, and that
// connections are tested for real.
func TestSettingsOfASession(t *testing.T) {
	db := localtest.New(t)
	dir := dataDir(t)
	if err := os.WriteFile(filepath.Join(dir, config.FileName), []byte("base_currency: EUR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newTestLedger(t, db, dir)
	c := &console{app: r.app, cfg: r.cfg, runs: r}
	from := map[string]settings.Setting{}
	for _, s := range c.settingsInfo().Settings {
		from[s.Key] = s
	}
	if s := from["base_currency"]; s.Value != "EUR" || s.From != "penstock.yaml:1:16" || s.Default {
		t.Errorf("%+v", s)
	}
	if s := from["staging.url"]; s.From != "PENSTOCK_STAGING_URL" {
		t.Errorf("%+v", s)
	}
	if s := from["ui.fps"]; !s.Default {
		t.Errorf("%+v", s)
	}
	if got := c.origin(config.Origin{Set: "staging.url=postgres://u:secret@h/d"}); strings.Contains(got, "secret") {
		t.Errorf("an argument shows %q", got)
	}
	got := c.testPart(t.Context(), "staging")
	if got.Health == settings.Missing || !strings.Contains(got.Summary, "PostgreSQL") || len(got.Details) != 4 {
		t.Errorf("staging: %+v", got)
	}
	if tls := got.Details[3]; tls.Name != "TLS" || tls.Value != "not needed: a socket of this machine" {
		t.Errorf("%+v", tls)
	}
	if got := c.testPart(t.Context(), "lake"); got.Health != settings.OK {
		t.Errorf("lake: %+v", got)
	}
}

// TestConnectionThatIsAway holds that a test of what is not there ends in words and a next step.
func TestConnectionThatIsAway(t *testing.T) {
	db := localtest.NewWith(t, localtest.Options{Own: true})
	r := newTestLedger(t, db, dataDir(t))
	c := &console{app: r.app, cfg: r.cfg, runs: r}
	if err := db.StagingServer.Stop(localtest.Killed); err != nil {
		t.Fatal(err)
	}
	if got := c.testPart(t.Context(), "staging"); got.Health != settings.Missing || got.Hint == "" {
		t.Errorf("%+v", got)
	}
}
