package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/sql"
)

// localRoles are the names that --role takes, and whom they mean on the managed server.
func localRoles() []string {
	return []string{string(local.Analyst), string(local.ETL), string(local.Owner), string(local.Admin)}
}

func urlTask() task {
	var role string
	return task{
		name: "url", group: groupState, args: "[staging|analytics]", short: "print the address of a database, for psql and other programs",
		long: "The address holds no password: that of the managed server names its password file, for any other use\n" +
			"PostgreSQL's own pass file. The managed server is started if it does not run.",
		example: "psql \"$(penstock --run url)\"\npsql \"$(penstock --run url staging --role owner)\"",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&role, "role", string(local.Analyst), "as `role`: "+strings.Join(localRoles(), ", "))
		},
		complete: func(_ *app, args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return []string{string(sql.Analytics), string(sql.Staging)}
		},
		run: func(ctx context.Context, a *app, args []string) error {
			db := sql.Analytics
			if len(args) > 0 {
				db, args = sql.Database(args[0]), args[1:]
			}
			if db != sql.Analytics && db != sql.Staging {
				return unknownName("database", string(db), []string{"analytics", "staging"}, "there are analytics and staging")
			}
			if err := noArguments(args); err != nil {
				return err
			}
			return a.printURL(ctx, db, role)
		},
	}
}

func (a *app) printURL(ctx context.Context, db sql.Database, role string) error {
	known := false
	for _, r := range localRoles() {
		known = known || r == role
	}
	if !known {
		return unknownName("role", role, localRoles(), "the roles are "+strings.Join(localRoles(), ", "))
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	// Opening the pool starts the server and makes the schema, so that the address leads somewhere.
	if _, err := a.pool(ctx, db, local.ETL); err != nil {
		return err
	}
	url := a.address(c, db, local.Role(role))
	if a.flags.json {
		return a.emit(struct {
			Database string `json:"database"`
			Role     string `json:"role"`
			URL      string `json:"url"`
		}{string(db), role, url})
	}
	_, err = fmt.Fprintln(a.out, url)
	return err
}

// address is how a role reaches a database, without a password.
func (a *app) address(c *config.Config, db sql.Database, role local.Role) string {
	if a.server != nil && database(c, db).URL.IsLocal() {
		return a.server.URL(db, role)
	}
	return roleURL(database(c, db), role).String()
}

func stopTask() task {
	return task{
		name: "stop", group: groupState, short: "stop the managed PostgreSQL server",
		long:    "The server goes on running between commands; the next one that needs it starts it again. Stopping it\nwhile a run is working needs --yes: the run fails, and the next one continues it.",
		example: "penstock --run stop",
		run: func(ctx context.Context, a *app, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			return a.stopServer(ctx)
		},
	}
}

func (a *app) stopServer(ctx context.Context) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	server, err := local.Attach(ctx, a.localOptions(c))
	if errors.Is(err, local.ErrNotRunning) {
		a.say("the managed PostgreSQL does not run")
		return a.showStopped(false)
	}
	if err != nil {
		return err
	}
	if !a.flags.yes {
		if err := a.refuseWhileWorking(ctx, server); err != nil {
			return err
		}
	}
	if err := server.Stop(ctx); err != nil {
		return err
	}
	a.say("the managed PostgreSQL is stopped")
	return a.showStopped(true)
}

// refuseWhileWorking is an error while a run of the managed server is alive.
func (a *app) refuseWhileWorking(ctx context.Context, server *local.Server) error {
	cfg, err := server.ConnConfig(sql.Staging, local.Analyst, sql.PoolOptions{AppName: "penstock stop", MaxConns: 1})
	if err != nil {
		return err
	}
	pool, err := sql.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("look for runs at work: %w", err)
	}
	defer pool.Close()
	have, _, err := schemaVersion(ctx, pool)
	if err != nil || have == 0 {
		return err // a server without a ledger has no runs
	}
	ledger := pipeline.NewLedger(pool, nil, pipeline.Options{Now: a.now})
	defer ledger.Close()
	runs, err := ledger.Runs(ctx, 1)
	if err != nil {
		return fmt.Errorf("look for runs at work: %w", err)
	}
	for _, r := range runs {
		if r.State == pipeline.Running {
			return &codeError{code: codeLocked, err: &hinted{
				fmt.Sprintf("run %d of %s is working (process %d)", r.ID, r.Who, r.PID), "wait for it, or stop all the same with --yes",
			}}
		}
	}
	return nil
}

func schemaVersion(ctx context.Context, pool *pgxpool.Pool) (have, want int, err error) {
	err = pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		have, want, err = sql.SchemaVersion(ctx, conn.Conn(), sql.Staging)
		return err
	})
	return have, want, err
}

func (a *app) showStopped(was bool) error {
	if !a.flags.json {
		return nil
	}
	return a.emit(struct {
		Stopped bool `json:"stopped"`
	}{was})
}
