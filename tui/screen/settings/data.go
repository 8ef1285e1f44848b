// Package settings is the screen of what the program works with: every value of
// the configuration and where it came from, its files and folders, whether the
// databases and the lake answer, and the colours.
package settings

import "context"

// Info is what does not change in a session.
type Info struct {
	Settings []Setting
	Facts    []Fact   // versions, files, folders: name and value
	Parts    []string // what can be tested
	Theme    string   // as the session started
	Headless string   // the command that gives all this as text
}

// Setting is one value of the configuration; secrets are starred.
type Setting struct {
	Key, Value string
	From       string // where it was written
	Default    bool   // it is the program's own
}

// Fact is something worth knowing about the program's surroundings.
type Fact struct{ Name, Value string }

// Health is how a part is.
type Health int

// The healths of a part.
const (
	OK Health = iota
	Warning
	Missing
)

// Result is what a test found.
type Result struct {
	Health  Health
	Summary string // "PostgreSQL 15.4"
	Details []Fact // role, TLS, schema, …
	Hint    string // what to do, "" if nothing
}

// Tester tests one of Info.Parts; it gives up by itself after a while.
type Tester func(ctx context.Context, part string) Result
