package main

import (
	"cmp"
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/lake"
	"penstock/pipeline"
	"penstock/sql"
)

// app builds what a task needs when it asks for it, and closes all of it at the end. It belongs to one
// command line; screens of the console ask for pools, the ledger and the lake on goroutines of their own.
type app struct {
	host
	flags  globals
	view   consoleFlags
	config func() (*config.Config, error)
	calls  *callLog // where the statements of a console are noted, nil for nowhere
	fail   func(point string)

	// Each is held while such a thing is opened, which may take as long as a server takes to start.
	starting, keeping, filling turn
	opening                    map[sql.Database]turn

	mu      sync.Mutex // of what follows
	closers []func() error
	server  *local.Server // the managed one, once it runs
	pools   map[poolKey]*pgxpool.Pool
	ready   map[sql.Database]bool // its schema is this program's
	keeper  *pipeline.Ledger
	lakes   map[local.Role]*lake.Lake
	log     *slog.Logger
}

// turn lets one goroutine at a time do what takes long; whoever waits for it gives up with the context.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) end() { <-t }

// kept looks into what was opened already.
func kept[K comparable, V any](a *app, m map[K]V, key K) (V, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok := m[key]
	return v, ok
}

// keep remembers what was opened and how it is closed.
func keep[K comparable, V any](a *app, m map[K]V, key K, v V, done func() error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m[key] = v
	if done != nil {
		a.closers = append(a.closers, done)
	}
}

type poolKey struct {
	db   sql.Database
	role local.Role
}

func newApp(h host) *app {
	a := &app{
		host: h, pools: map[poolKey]*pgxpool.Pool{}, ready: map[sql.Database]bool{}, lakes: map[local.Role]*lake.Lake{},
		starting: make(turn, 1), keeping: make(turn, 1), filling: make(turn, 1),
		opening: map[sql.Database]turn{sql.Staging: make(turn, 1), sql.Analytics: make(turn, 1)},
	}
	a.config = sync.OnceValues(a.loadConfig)
	return a
}

// closing has f called when the program ends, the latest first.
func (a *app) closing(f func() error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closers = append(a.closers, f)
}

func (a *app) close() error {
	a.mu.Lock()
	list := a.closers
	a.closers = nil
	a.mu.Unlock()
	var all []error
	for _, f := range slices.Backward(list) {
		all = append(all, f())
	}
	return errors.Join(all...)
}

// loadConfig reads the configuration that the flags, the environment and the folders lead to.
func (a *app) loadConfig() (*config.Config, error) {
	return config.Load(config.Options{
		File: a.flags.config, Profile: a.flags.profile, Set: a.flags.set, Env: a.environ,
		Dirs: []string{a.workdir, filepath.Join(a.configHome(), "penstock")}, WorkDir: a.workdir,
		DataDir: filepath.Dir(local.DefaultDir(a.uid, a.dataHome(), "x")),
	})
}

// dataDir makes the data folder. Root's managed server runs as another user, who has to pass through.
func (a *app) dataDir(c *config.Config) error {
	mode := fs.FileMode(0o700)
	if a.uid == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(c.DataDir, mode); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// localOptions says where the managed server of a configuration lives.
func (a *app) localOptions(c *config.Config) local.Options {
	return local.Options{
		Dir: filepath.Join(c.DataDir, "postgres"), CacheDir: local.DefaultCacheDir(a.uid, a.cacheHome()),
		Path: a.getenv("PATH"), UID: a.uid, GID: a.gid,
		Log: func(msg string) {
			if a.calls != nil { // the screen is the console's
				a.calls.note("server", msg)
				return
			}
			a.say("%s", msg)
		},
	}
}

// database is the part of the configuration that says how to reach one of the two.
func database(c *config.Config, db sql.Database) config.Database {
	if db == sql.Staging {
		return c.Staging
	}
	return c.Analytics
}

// poolConfig says how a role reaches a database: through the managed server, started when it has to be,
// or by the configured address.
func (a *app) poolConfig(ctx context.Context, c *config.Config, db sql.Database, role local.Role) (*pgxpool.Config, error) {
	d := database(c, db)
	o := sql.PoolOptions{AppName: "penstock", MaxConns: int32(d.MaxConns), AllowWeakTLS: d.AllowWeakTLS} //nolint:gosec // at most 64
	if a.calls != nil {
		o.AppName, o.Tracer = "penstock console", a.calls.of(db)
		o.CancelQueries = role == local.Analyst // esc stops what a screen asks, at the server
	}
	if d.URL.IsLocal() {
		s, err := a.managed(ctx, c)
		if err != nil {
			return nil, err
		}
		return s.ConnConfig(db, role, o)
	}
	var password func() (string, error)
	if d.PasswordFile != "" {
		password = func() (string, error) { return readPassword(d.PasswordFile) }
	}
	cfg, err := sql.ParseConfig(roleURL(d, role).Reveal(), password, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", db, err)
	}
	return cfg, nil
}

// errNoServer says that a session that may not change anything found no managed server to look at.
var errNoServer = &hinted{"there is no managed PostgreSQL server yet", "penstock --run migrate makes it, or any penstock --run"}

// managed is the server that the program runs itself, started when it has to be.
func (a *app) managed(ctx context.Context, c *config.Config) (*local.Server, error) {
	if err := a.starting.take(ctx); err != nil {
		return nil, err
	}
	defer a.starting.end()
	if a.server == nil {
		o := a.localOptions(c)
		if a.view.readOnly && !local.Made(o) {
			return nil, errNoServer
		}
		if err := a.dataDir(c); err != nil {
			return nil, err
		}
		s, err := local.Start(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("start the managed PostgreSQL: %w", err)
		}
		a.server = s
	}
	return a.server, nil
}

// roleURL is the configured address for a role.
func roleURL(d config.Database, role local.Role) config.DSN {
	switch {
	case role == local.Owner && !d.OwnerURL.IsZero():
		return d.OwnerURL
	case role == local.Analyst && !d.ReadURL.IsZero():
		return d.ReadURL
	default:
		return d.URL
	}
}

// passwordFileError says that the file with a database's password cannot be read.
type passwordFileError struct{ err error }

func (e *passwordFileError) Error() string { return "password_file: " + e.err.Error() }

// Unwrap returns the system's error.
func (e *passwordFileError) Unwrap() error { return e.err }

// Hint says what to do next.
func (e *passwordFileError) Hint() string {
	return "write the password into that file, readable for you only (chmod 600), or correct password_file in the configuration"
}

// readPassword reads the one line of a password file.
func readPassword(name string) (string, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the configuration names the file
	if err != nil {
		return "", &passwordFileError{err}
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// pool returns the connections of a role to a database whose schema fits this program: that of the
// managed server is brought there, any other has to be there already.
func (a *app) pool(ctx context.Context, db sql.Database, role local.Role) (*pgxpool.Pool, error) {
	key := poolKey{db, role}
	if p, ok := kept(a, a.pools, key); ok {
		return p, nil
	}
	if err := a.opening[db].take(ctx); err != nil {
		return nil, err
	}
	defer a.opening[db].end()
	if p, ok := kept(a, a.pools, key); ok {
		return p, nil
	}
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	if err := a.fitSchema(ctx, c, db); err != nil {
		return nil, err
	}
	cfg, err := a.poolConfig(ctx, c, db, role)
	if err != nil {
		return nil, err
	}
	if a.view.readOnly {
		cfg.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	p, err := sql.Open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", db, err)
	}
	keep(a, a.pools, key, p, func() error { p.Close(); return nil })
	return p, nil
}

// fitSchema checks once a program that a database has this program's schema, and makes or migrates that
// of the managed server.
func (a *app) fitSchema(ctx context.Context, c *config.Config, db sql.Database) error {
	if _, ok := kept(a, a.ready, db); ok {
		return nil
	}
	isLocal, role := database(c, db).URL.IsLocal(), local.ETL
	if isLocal {
		role = local.Owner
	}
	err := a.connected(ctx, c, db, role, func(conn *pgx.Conn) error {
		_, err := sql.Migrate(ctx, conn, db, sql.MigrateOptions{Allow: isLocal && !a.view.readOnly})
		return err
	})
	if err != nil {
		return err
	}
	keep(a, a.ready, db, true, nil)
	return nil
}

// connected calls f with one connection of its own.
func (a *app) connected(ctx context.Context, c *config.Config, db sql.Database, role local.Role, f func(*pgx.Conn) error) error {
	cfg, err := a.poolConfig(ctx, c, db, role)
	if err != nil {
		return err
	}
	cfg.MinConns, cfg.MaxConns = 0, 1
	p, err := sql.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", db, err)
	}
	defer p.Close()
	return p.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return f(conn.Conn()) })
}

// staging is the pool that steps and the ledger use.
func (a *app) staging(ctx context.Context) (*pgxpool.Pool, error) {
	return a.pool(ctx, sql.Staging, local.ETL)
}

// analytics is the pool that steps use.
func (a *app) analytics(ctx context.Context) (*pgxpool.Pool, error) {
	return a.pool(ctx, sql.Analytics, local.ETL)
}

// reading is a pool that may only SELECT: what people ask goes through it.
func (a *app) reading(ctx context.Context, db sql.Database) (*pgxpool.Pool, error) {
	return a.pool(ctx, db, local.Analyst)
}

// ledger keeps the record of runs and executes them.
func (a *app) ledger(ctx context.Context) (*pipeline.Ledger, error) {
	if err := a.keeping.take(ctx); err != nil {
		return nil, err
	}
	defer a.keeping.end()
	if a.keeper != nil {
		return a.keeper, nil
	}
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	role := local.ETL
	if a.view.readOnly {
		role = local.Analyst
	}
	staging, err := a.pool(ctx, sql.Staging, role)
	if err != nil {
		return nil, err
	}
	analytics, err := a.pool(ctx, sql.Analytics, role)
	if err != nil {
		return nil, err
	}
	fail, err := a.failpoints()
	if err != nil {
		return nil, err
	}
	a.keeper = pipeline.NewLedger(staging, analytics, pipeline.Options{
		Host: a.hostname, PID: a.pid, Who: a.user(), Version: versionString(), Now: a.now,
		SpoolDir: filepath.Join(c.DataDir, "spool"), Log: a.logger(c), Fail: fail,
		KeepRuns: time.Duration(c.Retention.Runs), AwayHint: awayHint(c),
	})
	a.closing(func() error { a.keeper.Close(); return nil })
	return a.keeper, nil
}

// awayHint is what to do when a server went away in the middle of a run, empty where others look after it.
func awayHint(c *config.Config) string {
	if c.Staging.URL.IsLocal() && c.Analytics.URL.IsLocal() {
		return "run again: the next run starts the managed server again and goes on where this one stopped"
	}
	return ""
}

// failpoints is what a test build calls where a test may kill it, once for the program: it counts.
func (a *app) failpoints() (func(string), error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fail == nil {
		fail, err := pipeline.Failpoints(a.getenv("PENSTOCK_FAILPOINT"))
		if err != nil {
			return nil, &codeError{code: codeUsage, err: err}
		}
		a.fail = fail
	}
	return a.fail, nil
}

// lake opens the lake with its catalog in analytics: to publish as the ETL role, to read as the analyst.
func (a *app) lake(ctx context.Context, role local.Role) (*lake.Lake, error) {
	if err := a.filling.take(ctx); err != nil {
		return nil, err
	}
	defer a.filling.end()
	if l, ok := kept(a, a.lakes, role); ok {
		return l, nil
	}
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	if strings.Contains(c.Lake.URL, "://") || c.Lake.Catalog != "sql" {
		return nil, usageError("lake "+config.Mask(c.Lake.URL)+" with catalog "+c.Lake.Catalog+" is not supported by this version",
			"name a folder: lake: {url: ./lake, catalog: sql}")
	}
	catalog, err := a.catalog(ctx, c, role)
	if err != nil {
		return nil, err
	}
	fail, err := a.failpoints()
	if err != nil {
		return nil, err
	}
	l, err := lake.Open(ctx, lake.Options{Dir: c.Lake.URL, Catalog: catalog, Now: a.now, Log: a.logger(c), Hook: fail})
	if err != nil {
		return nil, fmt.Errorf("open the lake: %w", err)
	}
	keep(a, a.lakes, role, l, l.Close)
	return l, nil
}

// catalog opens the lake's catalog in analytics. Iceberg's statements name its tables without a schema.
func (a *app) catalog(ctx context.Context, c *config.Config, role local.Role) (*stdsql.DB, error) {
	if err := a.fitSchema(ctx, c, sql.Analytics); err != nil {
		return nil, err
	}
	cfg, err := a.poolConfig(ctx, c, sql.Analytics, role)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = sql.Analytics.Schema()
	pool, err := sql.Open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the lake's catalog: %w", err)
	}
	a.closing(func() error { pool.Close(); return nil })
	db := stdlib.OpenDBFromPool(pool)
	a.closing(db.Close)
	return db, nil
}

// user is who a run is started by.
func (a *app) user() string {
	known := ""
	if u, err := user.LookupId(strconv.Itoa(a.uid)); err == nil {
		known = u.Username
	}
	return cmp.Or(a.getenv("USER"), a.getenv("LOGNAME"), a.getenv("USERNAME"), known, fmt.Sprintf("uid %d", a.uid))
}
