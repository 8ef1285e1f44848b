package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
	"penstock/tui/clean"
)

// checkLimit is how long doctor waits for one database.
const checkLimit = 10 * time.Second

// lowSpace is the free space below which a folder is worth a warning.
const lowSpace = 1 << 30

// finding is what doctor says about one part.
type finding struct {
	Part   string `json:"part"`
	State  string `json:"state"` // ok, warning or missing
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

func fine(part, format string, args ...any) finding {
	return finding{Part: part, State: "ok", Detail: fmt.Sprintf(format, args...)}
}

func missing(part string, err error, hint string) finding {
	if h := hintOf(err); h != "" {
		hint = h
	}
	return finding{Part: part, State: "missing", Detail: config.Mask(err.Error()), Hint: config.Mask(hint)}
}

func doctorTask() task {
	return task{
		name: "doctor", group: groupTools, short: "check each part that the configuration names: is it there, and how to get it",
		long: "Looks and changes nothing: the managed PostgreSQL is not started. Exit code 5 says that something is missing\n" +
			"without which a run would fail.",
		example: "penstock doctor\npenstock doctor --profile aws --json",
		run: func(ctx context.Context, a *app, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			return a.doctor(ctx)
		},
	}
}

func (a *app) doctor(ctx context.Context) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	findings := a.checkConfig(c)
	findings = append(findings, a.checkKeys(ctx, c)...)
	findings = append(findings, a.checkDatabase(ctx, c, sql.Staging), a.checkDatabase(ctx, c, sql.Analytics))
	findings = append(findings, checkFolder("data folder", c.DataDir))
	findings = append(findings, a.checkSources(c)...)
	findings = append(findings, checkEngines(c)...)
	findings = append(findings, checkLake(c))
	unhealthy := false
	for _, f := range findings {
		unhealthy = unhealthy || f.State == "missing"
		if err := a.show(f); err != nil {
			return err
		}
	}
	if unhealthy {
		return &codeError{code: codeUnhealthy}
	}
	return nil
}

func (a *app) show(f finding) error {
	if a.flags.json {
		return a.emit(f)
	}
	text := fmt.Sprintf("%-8s %-24s %s\n", f.State, clean.Line(f.Part), clean.Line(f.Detail))
	if f.Hint != "" {
		text += fmt.Sprintf("%-8s %-24s → %s\n", "", "", clean.Line(f.Hint))
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

func (a *app) checkConfig(c *config.Config) []finding {
	f := fine("configuration", "no %s: every value is its default", config.FileName)
	if files := c.Files(); len(files) > 0 {
		f.Detail = strings.Join(files, ", ")
	}
	if c.Profile() != "" {
		f.Detail += ", profile " + c.Profile()
	}
	all := []finding{f}
	for _, w := range c.Warnings() {
		all = append(all, finding{Part: "configuration", State: "warning", Detail: w.String(), Hint: w.Hint})
	}
	return all
}

// checkKeys says what the console would refuse to open with, which needs its actions to be known.
func (a *app) checkKeys(ctx context.Context, c *config.Config) []finding {
	if len(c.UI.Keys) == 0 {
		return nil
	}
	defer func(demo bool) { a.view.demo = demo }(a.view.demo)
	a.view.demo = true // opens nothing
	console, err := a.keyless(ctx)
	if err == nil {
		defer console.root.Close()
		err = console.useOwnKeys()
	}
	var wrong *config.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return []finding{{Part: "keys of the console", State: "warning", Detail: config.Mask(err.Error()), Hint: hintOf(err)}}
	}
	var all []finding
	for _, p := range wrong.Problems {
		all = append(all, finding{Part: "keys of the console", State: "warning", Detail: p.String() + "; with it the console does not open", Hint: p.Hint})
	}
	return all
}

func (a *app) checkDatabase(ctx context.Context, c *config.Config, db sql.Database) finding {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	d := database(c, db)
	if d.URL.IsLocal() {
		server, err := local.Attach(ctx, a.localOptions(c))
		switch {
		case errors.Is(err, local.ErrNotRunning):
			return a.checkBinaries(ctx, c, db)
		case err != nil:
			return missing(string(db), err, "")
		}
		a.server = server
	}
	f := fine(string(db), "")
	err := a.connected(ctx, c, db, local.ETL, func(conn *pgx.Conn) error { return describeDatabase(ctx, conn, db, &f) })
	if err == nil && d.URL.IsLocal() {
		err = a.connected(ctx, c, db, local.Admin, func(conn *pgx.Conn) error {
			lost, err := readLostFiles(ctx, conn)
			lost.warn(&f)
			return err
		})
	}
	if err != nil {
		return missing(string(db), err, "look at "+string(db)+".url")
	}
	if d.AllowWeakTLS {
		f.State, f.Hint = "warning", "allow_weak_tls accepts a server that nobody verified"
	}
	return f
}

// describeDatabase says what answers at the other end, and whether its schema is this program's.
func describeDatabase(ctx context.Context, conn *pgx.Conn, db sql.Database, f *finding) error {
	var version, role string
	var super bool
	err := conn.QueryRow(ctx, "SELECT current_setting('server_version'), current_user, rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&version, &role, &super)
	if err != nil {
		return err
	}
	have, want, err := sql.SchemaVersion(ctx, conn, db)
	if err != nil {
		return err
	}
	f.Detail = fmt.Sprintf("PostgreSQL %s, role %s, schema version %d", version, role, have)
	switch {
	case have > want:
		f.State, f.Hint = "missing", fmt.Sprintf("this program knows versions up to %d: use a newer one", want)
	case have < want:
		f.State, f.Hint = "missing", fmt.Sprintf("this program needs version %d: penstock --run migrate", want)
	case super:
		f.State, f.Hint = "warning", "this role is a superuser: a role of penstock_etl is enough"
	}
	if db != sql.Staging || have != want {
		return nil
	}
	locks, err := readLeafLocks(ctx, conn)
	if err == nil {
		locks.warn(f)
	}
	return err
}

// checkBinaries says what the managed server would be started from.
func (a *app) checkBinaries(ctx context.Context, c *config.Config, db sql.Database) finding {
	o := a.localOptions(c)
	if found := local.FindBinaries(ctx, o.Path); len(found) > 0 {
		return fine(string(db), "managed, not running; the next run starts %s", found[0])
	}
	f := fine(string(db), "managed, not running; the next run downloads PostgreSQL to %s", o.CacheDir)
	f.State, f.Hint = "warning", "without a network: install PostgreSQL 14 or newer from your system's packages"
	return f
}

// checkFolder tells whether a folder can be written to, and how much room there is.
func checkFolder(part, dir string) finding {
	there := dir
	info, err := os.Stat(there)
	for err != nil && filepath.Dir(there) != there {
		there = filepath.Dir(there)
		info, err = os.Stat(there)
	}
	switch {
	case err != nil:
		return missing(part, err, "choose another folder")
	case !info.IsDir():
		return missing(part, &fs.PathError{Op: "use", Path: there, Err: syscall.ENOTDIR}, "choose another folder")
	case there == dir:
		probe, err := os.CreateTemp(dir, ".penstock-*")
		if err != nil {
			return missing(part, err, "choose another folder, or make this one yours")
		}
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	default:
		if err := syscall.Access(there, 2); err != nil {
			return missing(part, &fs.PathError{Op: "make " + dir + " in", Path: there, Err: err}, "choose another folder, or make this one yours")
		}
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(there, &st); err != nil {
		return fine(part, "%s", dir)
	}
	free := int64(st.Bavail) * int64(st.Bsize) //nolint:gosec,unconvert // sizes of disks; the type differs by system
	f := fine(part, "%s, %s free", dir, pipeline.FormatBytes(free))
	if there != dir {
		f.Detail += ", made when it is needed"
	}
	if free < lowSpace {
		f.State, f.Hint = "warning", "little room is left"
	}
	return f
}

func checkLake(c *config.Config) finding {
	if strings.Contains(c.Lake.URL, "://") || c.Lake.Catalog != "sql" {
		return missing("lake", fmt.Errorf("%s with catalog %s is not supported by this version", config.Mask(c.Lake.URL), c.Lake.Catalog), "name a folder")
	}
	return checkFolder("lake", c.Lake.URL)
}

func (a *app) checkSources(c *config.Config) []finding {
	var all []finding
	for i := range c.Sources {
		s := &c.Sources[i]
		part := "source " + s.Name
		optional := s.Required != nil && !*s.Required
		f := fine(part, "%s", s.Path)
		switch {
		case c.IsSample():
			f.Detail = "the sample that the program carries: " + config.SampleName
		case s.IsAPI():
			f = missing(part, errors.New("sources of kind api are not read by this version"), "mark it required: false to go on without it")
		case s.Path == "-":
			f.Detail = "standard input"
		default:
			files, err := s.Files()
			if err != nil {
				f = missing(part, err, "look at its path")
			} else {
				f.Detail = describeFiles(s.Path, files)
			}
		}
		if f.State == "missing" && optional {
			f.State = "warning"
		}
		all = append(all, f)
	}
	return all
}

func describeFiles(path string, files []source.File) string {
	var size int64
	for _, f := range files {
		size += f.Size
	}
	return fmt.Sprintf("%s: %s, %s", path, countFiles(len(files)), pipeline.FormatBytes(size))
}

// checkEngines looks at the engines that are not the default ones.
func checkEngines(c *config.Config) []finding {
	var all []finding
	for _, e := range [][2]string{{"ingest", c.Engines.Ingest}, {"transform", c.Engines.Transform}, {"aggregate", c.Engines.Aggregate}} {
		if have := config.EngineNames()[e[0]]; e[1] != have[0] {
			all = append(all, missing("engine "+e[1], fmt.Errorf("%s for %s is not supported by this version", e[1], e[0]), "use "+have[0]))
		}
	}
	if len(all) == 0 {
		all = append(all, fine("engines", "ingest %s, transform %s, aggregate %s: nothing to install", c.Engines.Ingest, c.Engines.Transform, c.Engines.Aggregate))
	}
	return all
}
