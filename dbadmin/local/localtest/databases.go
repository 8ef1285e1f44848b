package localtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// create makes a database owned by the group of owners, as a copy of the
// migrated one unless it shall be empty.
func (s *Server) create(ctx context.Context, db sql.Database, name string, empty bool) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	how := ""
	if !empty {
		how = " TEMPLATE " + ident(templateName(db))
		if s.bin.Major >= 15 {
			how += " STRATEGY file_copy" // half the time of logging each block
		}
	}
	err := s.admin(ctx, "postgres", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+ident(name)+" OWNER "+sql.RoleOwner+how)
		return err
	})
	if err != nil || empty {
		return err
	}
	return s.admin(ctx, name, func(conn *pgx.Conn) error {
		if db == sql.Staging { // or all copies would pass for one
			if _, err := conn.Exec(ctx, "UPDATE staging.meta SET uuid = gen_random_uuid()"); err != nil {
				return err
			}
		}
		return sql.EnsureRoles(ctx, conn, db) // a copy has not its original's grants
	})
}

// prepare makes users and the databases to copy, once for a server.
func (s *Server) prepare(ctx context.Context) error {
	shared.Lock()
	defer shared.Unlock()
	if s.ready {
		return nil
	}
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		err := s.admin(ctx, "postgres", func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "CREATE DATABASE "+ident(templateName(db)))
			return err
		})
		if err != nil {
			return err
		}
		err = s.admin(ctx, templateName(db), func(conn *pgx.Conn) error {
			if err := sql.EnsureRoles(ctx, conn, db); err != nil {
				return err
			}
			_, err := sql.Migrate(ctx, conn, db, sql.MigrateOptions{Allow: true})
			return err
		})
		if err != nil {
			return err
		}
	}
	err := s.admin(ctx, "postgres", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
			CREATE ROLE owner   LOGIN IN ROLE penstock_owner;
			CREATE ROLE etl     LOGIN IN ROLE penstock_etl;
			CREATE ROLE analyst LOGIN IN ROLE penstock_analyst;`)
		return err
	})
	s.ready = err == nil
	return err
}

// drop removes a database, whoever is still connected.
func (s *Server) drop(t testing.TB, name string) {
	ctx := context.Background()
	err := s.admin(ctx, "postgres", func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+ident(name)+" WITH (FORCE)")
		return err
	})
	if err != nil {
		t.Errorf("drop the test database: %v", err)
	}
}

func templateName(db sql.Database) string { return "migrated_" + string(db) }

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }
