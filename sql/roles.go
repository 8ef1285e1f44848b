package sql

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The group roles that EnsureRoles keeps. None can log in; users are made
// members of them.
const (
	RoleOwner   = "penstock_owner"   // owns schemas and tables, migrates
	RoleETL     = "penstock_etl"     // reads and writes rows, no DDL
	RoleAnalyst = "penstock_analyst" // SELECT only
)

// EnsureRoles makes the group roles, the database's schema (owned by
// RoleOwner, unless it is there) and the grants of both, present and future
// tables included. It needs a connection that may create roles, or roles that
// exist and a connection that is a member of RoleOwner; it changes nothing
// where all is in place. The database's own grants are set only by its owner.
func EnsureRoles(ctx context.Context, conn *pgx.Conn, db Database) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := ensureGroups(ctx, tx); err != nil {
			return err
		}
		state, err := readSchema(ctx, tx, db)
		if err != nil {
			return err
		}
		if !state.exists {
			state.owner = RoleOwner
			if _, err := tx.Exec(ctx, "CREATE SCHEMA "+ident(db.Schema())+" AUTHORIZATION "+ident(RoleOwner)); err != nil {
				return Clarify(err)
			}
		}
		grants := strings.ReplaceAll(schemaText("dbadmin/grants.sql", db), "{owner}", ident(state.owner))
		if _, err := tx.Exec(ctx, grants); err != nil {
			return statementError(err, grants)
		}
		return grantDatabase(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("set up the roles of %s: %w", db, err)
	}
	return nil
}

// ensureGroups makes the three roles. Roles belong to the whole server, so
// that a caller without the right to make them may still find them there.
func ensureGroups(ctx context.Context, tx pgx.Tx) error {
	groups := []string{RoleOwner, RoleETL, RoleAnalyst}
	var n int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)", groups).Scan(&n); err != nil {
		return Clarify(err)
	}
	if n == len(groups) {
		var member bool
		if err := tx.QueryRow(ctx, "SELECT pg_has_role($1, 'USAGE')", RoleOwner).Scan(&member); err != nil {
			return Clarify(err)
		}
		if member {
			return nil
		}
	}
	_, err := tx.Exec(ctx, Text("dbadmin/roles.sql"))
	return statementError(err, Text("dbadmin/roles.sql"))
}

func grantDatabase(ctx context.Context, tx pgx.Tx) error {
	var name string
	var owns bool
	const q = "SELECT datname, pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database WHERE datname = current_database()"
	if err := tx.QueryRow(ctx, q).Scan(&name, &owns); err != nil {
		return Clarify(err)
	}
	if !owns {
		return nil
	}
	_, err := tx.Exec(ctx, strings.ReplaceAll(Text("dbadmin/grants_database.sql"), "{database}", ident(name)))
	return Clarify(err)
}
