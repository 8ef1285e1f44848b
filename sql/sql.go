// Package sql holds every SQL statement of the program that is longer than a
// line, opens pools of PostgreSQL connections under one TLS policy, migrates
// the two databases and turns the server's errors into ones people can act on.
package sql

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Database names one of the two databases; the same word is the name of its
// schema and of the folder that holds its migrations.
type Database string

// The two databases.
const (
	Staging   Database = "staging"
	Analytics Database = "analytics"
)

// Schema returns the name of the schema that holds the database's objects.
func (d Database) Schema() string { return string(d) }

// DefaultName returns the database's name on a server that penstock manages.
func (d Database) DefaultName() string { return "penstock_" + string(d) }

//go:embed */*.sql
var statements embed.FS

// Text returns the embedded statement of that name, such as
// "transform/lines.sql", without the blanks around it. It panics on an unknown
// name, which only a mistake in the program can cause.
func Text(name string) string {
	text, err := statements.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("sql.Text: no statement %q is embedded", name))
	}
	return strings.TrimSpace(string(text))
}

// Names returns the names that Text takes of all statements in a folder,
// sorted; none when there is no such folder.
func Names(dir string) []string {
	entries, err := statements.ReadDir(dir)
	if err != nil {
		return nil
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	slices.Sort(names)
	return names
}
