package lake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// QueryOptions bounds what queries may take of the machine.
type QueryOptions struct {
	MemoryLimit string // "512MB"; DuckDB's default (80% of the machine) when empty
	Threads     int    // DuckDB's default (all) when 0
	TempDir     string // folder to spill below, made when missing; none, so that a query that needs more memory fails, when empty
	TempLimit   string // most that may be spilled, "10GB"; DuckDB's default (90% of what is free) when empty
}

// Query answers SQL over the tables of one View with DuckDB. It reads their
// files and nothing else: no other file, no network, no extension, and no
// setting can be changed. Several queries may run at a time.
type Query struct {
	engine *engine
	view   View
	temp   string // its own folder to spill to, "" for none
}

// OpenQuery makes a database in memory with a view for each table of v.
func OpenQuery(ctx context.Context, v View, o QueryOptions) (*Query, error) {
	if len(v.Tables) == 0 {
		return nil, &UnpublishedError{}
	}
	for name, t := range v.Tables {
		for _, f := range t.Files {
			if !filepath.IsAbs(f) {
				return nil, &RemoteError{Table: name, File: f}
			}
		}
	}
	q := &Query{view: v}
	var err error
	if o.TempDir != "" {
		if q.temp, err = makeTemp(o.TempDir); err != nil {
			return nil, err
		}
	}
	if q.engine, err = openEngine(); err != nil {
		return nil, errors.Join(fmt.Errorf("open DuckDB: %w", err), q.removeTemp())
	}
	if err := q.setUp(ctx, o); err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return q, nil
}

// Close releases the database and what it spilled; its Rows have to be closed before.
func (q *Query) Close() error {
	q.engine.close()
	return q.removeTemp()
}

func (q *Query) removeTemp() error {
	if q.temp == "" {
		return nil
	}
	return os.RemoveAll(q.temp)
}

// View returns what the queries see.
func (q *Query) View() View { return q.view }

func (q *Query) setUp(ctx context.Context, o QueryOptions) error {
	s, err := q.engine.connect()
	if err != nil {
		return fmt.Errorf("open DuckDB: %w", err)
	}
	defer s.close()
	for _, sql := range settings(o, q.temp) {
		if err := s.exec(sql); err != nil {
			return fmt.Errorf("set DuckDB up: %w", err)
		}
	}
	var files []string
	for _, name := range q.tables() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := q.view.Tables[name]
		if err := s.exec(viewSQL(name, t)); err != nil {
			return &DamagedError{Table: name, File: "its data files", Err: err}
		}
		files = append(files, t.Files...)
	}
	// From here on only these files can be opened, and that is not to be changed.
	for _, sql := range []string{
		"SET allowed_paths = " + list(files), "SET enable_external_access = false", "SET lock_configuration = true",
	} {
		if err := s.exec(sql); err != nil {
			return fmt.Errorf("lock DuckDB up: %w", err)
		}
	}
	return nil
}

func settings(o QueryOptions, temp string) []string {
	all := []string{
		"SET TimeZone = 'UTC'", "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
		"SET allow_community_extensions = false", "SET temp_directory = " + quote(temp),
	}
	if o.MemoryLimit != "" {
		all = append(all, "SET memory_limit = "+quote(o.MemoryLimit))
	}
	if o.Threads > 0 {
		all = append(all, "SET threads = "+strconv.Itoa(o.Threads))
	}
	if temp != "" && o.TempLimit != "" {
		all = append(all, "SET max_temp_directory_size = "+quote(o.TempLimit))
	}
	return all
}

// viewSQL makes the view of a table. Columns are found by field id, so that
// files from before a column came, went or was widened fit in.
func viewSQL(name string, t ViewTable) string {
	cols := make([]string, len(t.Columns))
	if len(t.Files) == 0 {
		for i, c := range t.Columns {
			cols[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", duckType(c), ident(c.Name))
		}
		return fmt.Sprintf("CREATE VIEW %s AS SELECT %s WHERE false", ident(name), strings.Join(cols, ", "))
	}
	for i, c := range t.Columns {
		cols[i] = fmt.Sprintf("%d: {name: %s, type: %s, default_value: NULL}", t.fieldIDs[i], quote(c.Name), quote(duckType(c)))
	}
	return fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM read_parquet(%s, schema = MAP {%s}, hive_partitioning = false)",
		ident(name), list(t.Files), strings.Join(cols, ", "))
}

func duckType(c Column) string {
	switch c.Type {
	case Int2, Int4:
		return "INTEGER"
	case Int8:
		return "BIGINT"
	case Numeric:
		return fmt.Sprintf("DECIMAL(%d,%d)", c.Precision, c.Scale)
	case Timestamptz:
		return "TIMESTAMP WITH TIME ZONE"
	case Date:
		return "DATE"
	case Bool:
		return "BOOLEAN"
	case Float8:
		return "DOUBLE"
	default:
		return "VARCHAR"
	}
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func list(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func (q *Query) tables() []string {
	names := make([]string, 0, len(q.view.Tables))
	for name := range q.view.Tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Run starts one statement that reads: SELECT, WITH, FROM, VALUES, DESCRIBE,
// SHOW, SUMMARIZE, EXPLAIN, PIVOT. Its rows come as they are asked for, and
// end with ctx's error when ctx is done. The caller closes them.
func (q *Query) Run(ctx context.Context, sql string) (*Rows, error) {
	s, err := q.engine.connect()
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	stop := s.interruptOn(ctx)
	rows, err := q.run(s, sql)
	if err != nil {
		stop()
		s.close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	rows.ctx, rows.stop = ctx, stop
	return rows, nil
}

func (q *Query) run(s *session, sql string) (*Rows, error) {
	stmt, err := s.prepare(sql)
	if err != nil {
		return nil, q.explain(sql, err)
	}
	defer duck.DestroyPrepare(&stmt)
	if kind := duck.PreparedStatementType(stmt); kind != duck.StatementTypeSelect && kind != duck.StatementTypeExplain {
		return nil, &RefusedError{Reason: "only statements that read can be run over the lake"}
	}
	if n := duck.NParams(stmt); n > 0 {
		return nil, &RefusedError{Reason: "a statement with parameters can not be run"}
	}
	result, err := s.stream(stmt)
	if err != nil {
		return nil, q.explain(sql, err)
	}
	rows, err := newRows(s, result)
	if err != nil {
		duck.DestroyResult(&result)
		return nil, err
	}
	rows.explain = func(err error) error { return q.explain(sql, err) }
	return rows, nil
}

// explain gives DuckDB's error a hint.
func (q *Query) explain(sql string, err error) error {
	switch {
	case errors.Is(err, errNoStatement), errors.Is(err, errManyStatements), errors.Is(err, errNUL):
		return &RefusedError{Reason: err.Error()}
	}
	return &QueryError{SQL: sql, Message: err.Error(), hint: q.hint(sql, err.Error())}
}
