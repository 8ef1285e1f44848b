package sql

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Errors of Migrate and SchemaVersion, to be found with errors.Is.
var (
	// ErrNewerSchema says that the database was migrated by a newer program.
	ErrNewerSchema = errors.New("the schema is newer than this program")
	// ErrNoTables says that a database has nothing of this program yet; it is an ErrPending, too.
	ErrNoTables = errors.New("has no tables of this program yet")
	// ErrPending says that migrations wait and the caller did not allow them.
	ErrPending = errors.New("the schema is older than this program")
	// ErrChanged says that an applied migration is not the one in this program.
	ErrChanged = errors.New("the schema was made by another build")
)

// MigrateOptions says what Migrate may do.
type MigrateOptions struct {
	Allow bool                           // apply what is pending; otherwise pending migrations are ErrPending
	Log   func(version int, name string) // told of each migration after its commit; may be nil
	files func(db Database) []migration  // other migrations, for tests
}

// MigrateResult says which version the schema had and has, and the names of
// the files that were applied in between.
type MigrateResult struct {
	From, To int
	Applied  []string
}

type migration struct {
	version int
	name    string // file name without its folder
	text    string
}

func (m migration) sum() []byte {
	sum := sha256.Sum256([]byte(m.text))
	return sum[:]
}

// migrations lists the embedded files NNNN_name.sql of a database in order.
func migrations(db Database) []migration {
	var list []migration
	for _, name := range Names(string(db)) {
		base := path.Base(name)
		number, _, found := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if !found || len(number) != 4 || err != nil {
			continue // a statement, not a migration
		}
		list = append(list, migration{version: version, name: base, text: Text(name)})
	}
	return list
}

// SchemaVersion returns the version of the schema in the database, 0 when it
// has none, and the version that this program works with.
func SchemaVersion(ctx context.Context, conn *pgx.Conn, db Database) (have, want int, err error) {
	want = newest(migrations(db))
	state, err := readSchema(ctx, conn, db)
	if err != nil || !state.ledger {
		return 0, want, err
	}
	err = conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+ledgerName(db)).Scan(&have)
	if err != nil {
		return 0, want, fmt.Errorf("read the schema version of %s: %w", db, Clarify(err))
	}
	return have, want, nil
}

// Migrate brings the schema of one database to the program's version: numbered
// files, each in a transaction of its own together with its row in the ledger
// <schema>.schema_version, one migrating process at a time. The objects belong
// to the schema's owner when the connection may act as that role. It returns
// ErrNewerSchema, ErrPending or ErrChanged with a hint where it must not act;
// what was applied before an error stays applied and is in the result.
func Migrate(ctx context.Context, conn *pgx.Conn, db Database, o MigrateOptions) (MigrateResult, error) {
	files := migrations
	if o.files != nil {
		files = o.files
	}
	list := files(db)
	have, err := checkApplied(ctx, conn, db, list)
	res := MigrateResult{From: have, To: have}
	switch {
	case err != nil:
		return res, err
	case have < newest(list) && !o.Allow:
		return res, pendingError(db, have, newest(list))
	}
	for _, m := range list {
		if m.version <= res.To {
			continue
		}
		applied, err := apply(ctx, conn, db, m)
		if err != nil {
			return res, fmt.Errorf("migrate %s: %s: %w", db, m.name, err)
		}
		res.To = m.version
		if !applied {
			continue // another process was faster
		}
		res.Applied = append(res.Applied, m.name)
		if o.Log != nil {
			o.Log(m.version, m.name)
		}
	}
	return res, nil
}

// checkApplied returns the version the database has, after comparing what was
// applied with what this program would have applied.
func checkApplied(ctx context.Context, conn *pgx.Conn, db Database, list []migration) (int, error) {
	state, err := readSchema(ctx, conn, db)
	if err != nil || !state.ledger {
		return 0, err
	}
	rows, err := conn.Query(ctx, "SELECT version, name, sha256 FROM "+ledgerName(db)+" ORDER BY version")
	if err != nil {
		return 0, fmt.Errorf("read the schema version of %s: %w", db, Clarify(err))
	}
	defer rows.Close()
	known := make(map[int]migration, len(list))
	for _, m := range list {
		known[m.version] = m
	}
	var have int
	var changed string
	for rows.Next() {
		var name string
		var sum []byte
		if err := rows.Scan(&have, &name, &sum); err != nil {
			return 0, fmt.Errorf("read the schema version of %s: %w", db, err)
		}
		if m, ok := known[have]; ok && changed == "" && !bytes.Equal(sum, m.sum()) {
			changed = name
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("read the schema version of %s: %w", db, Clarify(err))
	}
	if have > newest(list) {
		return have, newerError(db, have, newest(list))
	}
	if changed != "" {
		return have, changedError(db, changed)
	}
	return have, nil
}

// apply runs one migration and reports false when another process had done it.
func apply(ctx context.Context, conn *pgx.Conn, db Database, m migration) (applied bool, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", "penstock migrate "+string(db)); err != nil {
			return Clarify(err)
		}
		if err := prepareSchema(ctx, tx, db); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+ledgerName(db)).Scan(&have); err != nil {
			return Clarify(err)
		}
		if have >= m.version {
			return nil
		}
		if _, err := tx.Exec(ctx, m.text); err != nil {
			return statementError(err, m.text)
		}
		applied = true
		_, err := tx.Exec(ctx, "INSERT INTO "+ledgerName(db)+" (version, name, sha256) VALUES ($1, $2, $3)", m.version, m.name, m.sum())
		return Clarify(err)
	})
	return applied && err == nil, err
}

// prepareSchema makes the schema and its ledger where they are missing and
// acts as the schema's owner for the rest of the transaction, if it may.
func prepareSchema(ctx context.Context, tx pgx.Tx, db Database) error {
	state, err := readSchema(ctx, tx, db)
	if err != nil {
		return err
	}
	if !state.exists {
		if _, err := tx.Exec(ctx, "CREATE SCHEMA "+ident(db.Schema())); err != nil {
			return Clarify(err)
		}
	} else if state.mayAct {
		if _, err := tx.Exec(ctx, "SET LOCAL ROLE "+ident(state.owner)); err != nil {
			return Clarify(err)
		}
	}
	if state.ledger {
		return nil
	}
	_, err = tx.Exec(ctx, schemaText("dbadmin/schema_version.sql", db))
	return Clarify(err)
}

type schemaState struct {
	exists, mayAct, ledger bool
	owner                  string
}

type queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func readSchema(ctx context.Context, q queryer, db Database) (schemaState, error) {
	s := schemaState{exists: true}
	err := q.QueryRow(ctx, Text("dbadmin/schema_applied.sql"), db.Schema()).Scan(&s.owner, &s.mayAct, &s.ledger)
	if errors.Is(err, pgx.ErrNoRows) {
		return schemaState{}, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the schema %s: %w", db, Clarify(err))
	}
	return s, nil
}

func newest(list []migration) int {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].version
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

func ledgerName(db Database) string {
	return pgx.Identifier{db.Schema(), "schema_version"}.Sanitize()
}

// schemaText fills the schema's name into an embedded statement.
func schemaText(name string, db Database) string {
	return strings.ReplaceAll(Text(name), "{schema}", ident(db.Schema()))
}

func newerError(db Database, have, want int) error {
	return &Error{
		err:  fmt.Errorf("%s has schema version %d, this program knows %d: %w", db, have, want, ErrNewerSchema),
		hint: "upgrade penstock, or point it at the database that belongs to this version",
	}
}

func pendingError(db Database, have, want int) error {
	if have == 0 {
		return &Error{
			err:  &noTables{db},
			hint: "make them with: penstock --run migrate",
		}
	}
	return &Error{
		err:  fmt.Errorf("%s has schema version %d, this program needs %d: %w", db, have, want, ErrPending),
		hint: "run: penstock --run migrate",
	}
}

// noTables is ErrNoTables of a database.
type noTables struct{ db Database }

func (e *noTables) Error() string   { return "the " + string(e.db) + " database " + ErrNoTables.Error() }
func (e *noTables) Unwrap() []error { return []error{ErrNoTables, ErrPending} }

func changedError(db Database, name string) error {
	return &Error{
		err:  fmt.Errorf("%s: migration %s was applied with another text: %w", db, name, ErrChanged),
		hint: "use the program that made this database, or start with a new one",
	}
}
