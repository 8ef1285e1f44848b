package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// setup makes the two databases, the group roles with their grants, and the
// users. Done twice, or after a crash half through it, it ends the same.
func (s *Server) setup(ctx context.Context) error {
	secrets, err := loadPasswords(s.layout.passwords())
	if err != nil {
		return err
	}
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		if err := s.within(ctx, "postgres", func(c *pgx.Conn) error { return createDatabase(ctx, c, db.DefaultName()) }); err != nil {
			return err
		}
		if err := s.within(ctx, db.DefaultName(), func(c *pgx.Conn) error { return setupDatabase(ctx, c, db) }); err != nil {
			return err
		}
	}
	return s.within(ctx, "postgres", func(c *pgx.Conn) error {
		for _, role := range users() {
			if role == Admin {
				continue
			}
			if err := createUser(ctx, c, role, secrets[role]); err != nil {
				return err
			}
		}
		return nil
	})
}

// within does something in a database as superuser.
func (s *Server) within(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	conn, err := s.connect(ctx, database)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(ctx))
}

func createDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+ident(name)); err != nil {
		return fmt.Errorf("create the database %s: %w", name, sql.Clarify(err))
	}
	return nil
}

func setupDatabase(ctx context.Context, conn *pgx.Conn, db sql.Database) error {
	if err := sql.EnsureRoles(ctx, conn, db); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+ident(db.DefaultName())+" OWNER TO "+ident(sql.RoleOwner)); err != nil {
		return err
	}
	// A run that waits for a session says what that does.
	if _, err := conn.Exec(ctx, "GRANT pg_read_all_stats TO "+ident(sql.RoleETL)); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "REVOKE CREATE ON SCHEMA public FROM PUBLIC"); err != nil { // still granted before version 15
		return err
	}
	var preloaded bool
	const q = "SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%'"
	if err := conn.QueryRow(ctx, q).Scan(&preloaded); err != nil || !preloaded {
		return err
	}
	_, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
	return err
}

// createUser makes a user of the server, or sets the password of the one there is.
func createUser(ctx context.Context, conn *pgx.Conn, role Role, password string) error {
	secret, err := verifier(password)
	if err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1)", string(role)).Scan(&there); err != nil {
		return err
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	// A verifier is made of letters, digits and + / = $ : - no quote among them.
	if _, err := conn.Exec(ctx, verb+" ROLE "+ident(string(role))+" LOGIN PASSWORD '"+secret+"'"); err != nil {
		return fmt.Errorf("create the user %s: %w", role, sql.Clarify(err))
	}
	_, err = conn.Exec(ctx, "GRANT "+ident(role.group())+" TO "+ident(string(role)))
	return err
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }
