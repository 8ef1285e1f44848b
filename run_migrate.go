package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/pflag"

	"penstock/dbadmin/local"
	"penstock/sql"
)

func migrateTask() task {
	var check bool
	return task{
		name: "migrate", group: groupState, short: "bring the schemas of both databases to this program's version",
		long: "Makes the roles and applies the migrations that wait, each in a transaction of its own, as the owner of the\n" +
			"tables (owner_url, else url). The managed server is migrated by itself.",
		example: "penstock --run migrate --check\npenstock --run migrate --profile aws --yes",
		flags:   func(fs *pflag.FlagSet) { fs.BoolVar(&check, "check", false, "say what waits and change nothing") },
		run: func(ctx context.Context, a *app, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			return a.migrate(ctx, check)
		},
	}
}

// noArguments refuses words after a task that takes none.
func noArguments(args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("nothing is known to do with %q", args[0]), "--help shows what the task takes")
	}
	return nil
}

// someRows refuses what --limit cannot mean.
func someRows(limit int) error {
	if limit < 1 {
		return usageError(fmt.Sprintf("--limit %d leaves nothing to show", limit), "give a number from 1 on")
	}
	return nil
}

type migrated struct {
	Database string   `json:"database"`
	From     int      `json:"from"`
	To       int      `json:"to"`
	Pending  bool     `json:"pending"`
	Applied  []string `json:"applied"`
}

func (a *app) migrate(ctx context.Context, check bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if c.Production && !check && !a.flags.yes {
		return usageError("this is production"+profileWords(c.Profile())+": migrating it has to be meant", "look with --check, then add --yes")
	}
	pending := false
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		var m migrated
		err := a.connected(ctx, c, db, local.Owner, func(conn *pgx.Conn) (err error) {
			m, err = migrateOne(ctx, conn, db, check)
			return err
		})
		if err != nil {
			return err
		}
		pending = pending || m.Pending
		if err := a.showMigrated(m); err != nil {
			return err
		}
	}
	if pending {
		return &codeError{code: codeUnhealthy}
	}
	return nil
}

func profileWords(profile string) string {
	if profile == "" {
		return ""
	}
	return " (profile " + profile + ")"
}

func migrateOne(ctx context.Context, conn *pgx.Conn, db sql.Database, check bool) (migrated, error) {
	if check {
		have, want, err := sql.SchemaVersion(ctx, conn, db)
		return migrated{Database: string(db), From: have, To: want, Pending: have != want, Applied: []string{}}, err
	}
	if err := sql.EnsureRoles(ctx, conn, db); err != nil {
		return migrated{}, err
	}
	r, err := sql.Migrate(ctx, conn, db, sql.MigrateOptions{Allow: true})
	if err != nil {
		return migrated{}, err
	}
	// The grants cover the tables that have just been made.
	err = sql.EnsureRoles(ctx, conn, db)
	return migrated{Database: string(db), From: r.From, To: r.To, Applied: append([]string{}, r.Applied...)}, err
}

func (a *app) showMigrated(m migrated) error {
	if a.flags.json {
		return a.emit(m)
	}
	text := fmt.Sprintf("%-10s version %d", m.Database, m.To)
	switch {
	case m.Pending:
		text = fmt.Sprintf("%-10s version %d, this program needs %d: penstock --run migrate", m.Database, m.From, m.To)
	case m.From != m.To:
		text += fmt.Sprintf(", was %d", m.From)
	}
	_, err := fmt.Fprintln(a.out, text)
	return err
}
