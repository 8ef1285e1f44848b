package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/sql"
	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/screen/settings"
)

// settingsInfo is what the settings screen shows of a session.
func (c *console) settingsInfo() settings.Info {
	info := settings.Info{
		Parts: []string{string(sql.Staging), string(sql.Analytics), "lake"},
		Theme: cmp.Or(c.view.theme, c.cfg.UI.Theme), Headless: "penstock doctor",
	}
	for _, s := range c.cfg.Settings() {
		info.Settings = append(info.Settings, settings.Setting{
			Key: s.Key, Value: s.Value, From: c.origin(s.From), Default: s.From == (config.Origin{}),
		})
	}
	files := strings.Join(c.cfg.Files(), ", ")
	info.Facts = []settings.Fact{
		{Name: "version", Value: versionString()},
		{Name: "built with", Value: runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH},
		{Name: "profile", Value: cmp.Or(c.cfg.Profile(), "none")},
		{Name: "profiles", Value: cmp.Or(strings.Join(c.cfg.Profiles(), ", "), "none")},
		{Name: "files", Value: cmp.Or(files, "no "+config.FileName+": every value is its default")},
		{Name: "data", Value: c.cfg.DataDir},
		{Name: "log", Value: filepath.Join(c.cfg.DataDir, "log")},
	}
	return info
}

func (c *console) newSettings() tui.Screen {
	if c.demo != nil {
		return settings.New(c.env, demo.Settings(), demo.TestPart)
	}
	return settings.New(c.env, c.settingsInfo(), c.testPart)
}

// testPart tests one part that the configuration names, and changes nothing.
func (c *console) testPart(ctx context.Context, part string) settings.Result {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if part == "lake" {
		return found(checkLake(c.cfg), nil)
	}
	db := sql.Database(part)
	f := c.checkDatabase(ctx, c.cfg, db)
	if f.State == "missing" || strings.HasPrefix(f.Detail, "managed, not running") {
		return found(f, nil)
	}
	details, err := c.describeConnection(ctx, db)
	if err != nil {
		return found(missing(part, err, "look at "+part+".url"), nil)
	}
	return found(f, details)
}

// found is doctor's finding as the screen shows it.
func found(f finding, details []settings.Fact) settings.Result {
	r := settings.Result{Summary: f.Detail, Hint: f.Hint, Details: details}
	switch f.State {
	case "ok":
	case "warning":
		r.Health = settings.Warning
	default:
		r.Health = settings.Missing
	}
	return r
}

// describeConnection says where a connection that the console reads by goes, as whom, and how it is protected.
func (c *console) describeConnection(ctx context.Context, db sql.Database) (facts []settings.Fact, err error) {
	err = c.connected(ctx, c.cfg, db, local.Analyst, func(conn *pgx.Conn) error {
		var user, name string
		var writes bool
		if err := conn.QueryRow(ctx, sql.Text("console/settings_connection.sql"), db.Schema()).Scan(&user, &name, &writes); err != nil {
			return fmt.Errorf("ask who reads: %w", err)
		}
		reads := user + ", SELECT only"
		if writes {
			reads = user + ", may write: set " + string(db) + ".read_url"
		}
		facts = []settings.Fact{
			{Name: "address", Value: conn.Config().Host + ":" + fmt.Sprint(conn.Config().Port)},
			{Name: "database", Value: name},
			{Name: "reads as", Value: reads},
			{Name: "TLS", Value: protection(conn, database(c.cfg, db))},
		}
		return nil
	})
	return facts, err
}

// protection says how a connection is encrypted and whether the server was verified.
func protection(conn *pgx.Conn, d config.Database) string {
	secure, ok := conn.PgConn().Conn().(*tls.Conn)
	switch {
	case ok && conn.Config().TLSConfig != nil && !conn.Config().TLSConfig.InsecureSkipVerify:
		return tls.VersionName(secure.ConnectionState().Version) + ", server verified"
	case ok:
		return tls.VersionName(secure.ConnectionState().Version) + ", server NOT verified"
	case strings.HasPrefix(conn.Config().Host, "/"):
		return "not needed: a socket of this machine"
	case d.AllowWeakTLS:
		return "none: plain text, allowed by allow_weak_tls"
	default:
		return "none: plain text on this machine"
	}
}

// origin names where a value was written, in few words: variables by name, arguments without their value,
// which may be secret, and the only file without its folder, which is among the facts.
func (c *console) origin(o config.Origin) string {
	switch {
	case o.Set != "":
		return "--set"
	case o.Env != "":
		return o.Env
	case o.File != "" && len(c.cfg.Files()) == 1:
		o.File = filepath.Base(o.File)
	}
	return o.String()
}
