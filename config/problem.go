package config

import (
	"fmt"
	"strings"
)

// Origin says where a value was written. The zero Origin is the program's default.
type Origin struct {
	File         string // as it was named, empty unless the value stands in a file
	Line, Column int    // from 1
	Profile      string // the profile whose overlay holds the value
	Env          string // the variable that holds the value
	Set          string // the key of the argument of --set that holds the value
}

// String names the place as an error or a settings screen shows it.
func (o Origin) String() string {
	switch {
	case o.Set != "":
		return "--set " + Mask(o.Set)
	case o.Env != "":
		return "environment " + o.Env
	case o.File == "":
		return "default"
	case o.Profile != "":
		return fmt.Sprintf("%s:%d:%d (profile %s)", o.File, o.Line, o.Column, o.Profile)
	default:
		return fmt.Sprintf("%s:%d:%d", o.File, o.Line, o.Column)
	}
}

// Problem is one mistake in the configuration, or one thing worth a warning.
type Problem struct {
	Where   Origin
	Key     string // sources.0.columns, empty when the file as a whole is meant
	Message string
	Hint    string // what to write instead, may be empty
}

// String is the problem on one line, without its hint.
func (p Problem) String() string {
	var parts []string
	if p.Where != (Origin{}) {
		parts = append(parts, p.Where.String())
	}
	if p.Key != "" {
		parts = append(parts, p.Key)
	}
	return strings.Join(append(parts, p.Message), ": ")
}

// Error is everything that is wrong with the configuration, in the order of the file.
type Error struct {
	Problems []Problem // at least one
}

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
		if p.Hint != "" && len(e.Problems) > 1 {
			lines[i] += "; " + p.Hint
		}
	}
	return strings.Join(lines, "\n")
}

// Hint says what to do about a single problem, and where to read on when there are several.
func (e *Error) Hint() string {
	if len(e.Problems) == 1 && e.Problems[0].Hint != "" {
		return e.Problems[0].Hint
	}
	return "every key is described in docs/configuration.md and in what penstock init writes"
}

// ExitCode is the program's exit code for a configuration it cannot use.
func (e *Error) ExitCode() int { return 2 }
