package lake

import (
	"fmt"
	"slices"
	"strings"
)

// QueryError is a statement that DuckDB refused or that failed.
type QueryError struct {
	SQL     string
	Message string // DuckDB's own, with the line and a caret where it knows the place
	hint    string
}

// Error returns DuckDB's message.
func (e *QueryError) Error() string { return e.Message }

// Hint names tables or columns that there are, or what else may help.
func (e *QueryError) Hint() string { return e.hint }

// RefusedError is a statement that is not run.
type RefusedError struct{ Reason string }

// Error gives the reason.
func (e *RefusedError) Error() string { return "the query is not run: " + e.Reason }

// Hint says what is run.
func (e *RefusedError) Hint() string {
	return "give one SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN statement"
}

// RemoteError is a lake whose files DuckDB can not open because they are not
// on this machine.
type RemoteError struct {
	Table string
	File  string
}

// Error names one of the files.
func (e *RemoteError) Error() string {
	return fmt.Sprintf("lake table %s: %s is not on this machine", e.Table, e.File)
}

// Hint names the engine that reads such a lake.
func (e *RemoteError) Hint() string {
	return "a lake in S3 is queried with Athena: set the athena section"
}

// hint is chosen by the class that DuckDB's message begins with.
func (q *Query) hint(sql, message string) string {
	class, _, _ := strings.Cut(message, ":")
	switch class {
	case "Catalog Error":
		if strings.Contains(message, "Table with name") {
			return "the lake's tables are " + strings.Join(q.tables(), ", ")
		}
		return ""
	case "Binder Error":
		return q.columnHint(sql)
	case "Permission Error":
		return "a query reads the lake's tables and nothing else: " + strings.Join(q.tables(), ", ")
	case "Out of Memory Error":
		return "give the query more memory or a folder to spill to, or let it keep fewer rows or groups"
	}
	return ""
}

// columnHint lists the columns of the tables that the statement mentions.
func (q *Query) columnHint(sql string) string {
	words := strings.FieldsFunc(strings.ToLower(sql), func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	var parts []string
	for _, name := range q.tables() {
		if !slices.Contains(words, name) {
			continue
		}
		var cols []string
		for _, c := range q.view.Tables[name].Columns {
			cols = append(cols, c.Name)
		}
		parts = append(parts, fmt.Sprintf("%s has the columns %s", name, strings.Join(cols, ", ")))
	}
	return strings.Join(parts, "; ")
}
