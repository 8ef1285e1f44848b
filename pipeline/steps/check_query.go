package steps

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"penstock/sql"
)

// The severities of a check.
const (
	severityWarn  = "warn"
	severityError = "error"
)

// checkQuery is a check: a query and what its head says of it.
type checkQuery struct {
	name, severity, description string
	database                    sql.Database
	text                        string
}

// checkError says what is wrong with the file of a check.
type checkError struct{ file, message string }

func (e *checkError) Error() string { return e.file + ": " + e.message }

// Hint shows what a check looks like.
func (e *checkError) Hint() string {
	return "a check starts with the lines `-- name: WORD`, `-- severity: warn` or `error`, `-- database: analytics` or `staging`, " +
		"`-- description: TEXT`; then comes one query without a semicolon that returns the rows that should not be"
}

// readChecks returns the program's checks and those of own, by name of the file.
func readChecks(own fs.FS) ([]checkQuery, error) {
	var checks []checkQuery
	seen := map[string]bool{}
	add := func(file, text string) error {
		q, err := parseCheck(file, text)
		if err != nil {
			return err
		}
		if seen[q.name] {
			return &checkError{file, fmt.Sprintf("there is a check %s already", q.name)}
		}
		seen[q.name] = true
		checks = append(checks, q)
		return nil
	}
	for _, name := range sql.Names("check") {
		if err := add(name, sql.Text(name)); err != nil {
			return nil, err
		}
	}
	if own == nil {
		return checks, nil
	}
	files, err := fs.Glob(own, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the checks of your own: %w", err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(own, file)
		if err != nil {
			return nil, fmt.Errorf("read a check of your own: %w", err)
		}
		if err := add(path.Base(file), string(text)); err != nil {
			return nil, err
		}
	}
	return checks, nil
}

// parseCheck reads the head of a check.
func parseCheck(file, text string) (checkQuery, error) {
	q := checkQuery{text: strings.TrimRight(strings.TrimSpace(text), "; \n\t")}
	for line := range strings.Lines(q.text) {
		comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !isComment {
			break
		}
		key, value, _ := strings.Cut(comment, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "name":
			q.name = value
		case "severity":
			q.severity = value
		case "database":
			q.database = sql.Database(value)
		case "description":
			q.description = value
		}
	}
	switch {
	case q.name == "" || strings.ContainsAny(q.name, " \t"):
		return q, &checkError{file, "the check has no name"}
	case q.severity != severityWarn && q.severity != severityError:
		return q, &checkError{file, fmt.Sprintf("the severity %q is neither warn nor error", q.severity)}
	case q.database != sql.Analytics && q.database != sql.Staging:
		return q, &checkError{file, fmt.Sprintf("the database %q is neither analytics nor staging", q.database)}
	case q.description == "":
		return q, &checkError{file, "the check has no description"}
	}
	return q, nil
}
