package source

import (
	"errors"
	"fmt"
)

// dialect is a Format with its defaults filled in and its words understood.
type dialect struct {
	delimiter byte
	quote     byte
	quoting   bool
	encoding  encoding
	header    bool
	names     []string
	timestamp string
	decimal   byte
	thousands string
	nulls     []string
}

const defaultTimestamp = "%Y-%m-%d %H:%M:%S"

// resolve fills in the defaults. The problems are those of Spec.Validate.
func (f *Format) resolve() (dialect, []Problem) {
	d := dialect{
		delimiter: ',', quote: '"', quoting: true, header: f.Header == nil || *f.Header, names: f.Names,
		timestamp: f.Timestamp, decimal: '.', thousands: f.Thousands, nulls: f.Nulls,
	}
	var ps []Problem
	bad := func(key, message string) { ps = append(ps, Problem{Path: []string{key}, Message: message}) }
	switch {
	case f.Delimiter == "":
	case f.Delimiter == "tab" || f.Delimiter == `\t`:
		d.delimiter = '\t'
	case len(f.Delimiter) == 1 && separator(f.Delimiter[0]):
		d.delimiter = f.Delimiter[0]
	default:
		bad("delimiter", fmt.Sprintf("%q is not one ASCII character that may stand between fields, nor tab", f.Delimiter))
	}
	switch {
	case f.Quote == "":
	case f.Quote == "none":
		d.quoting = false
	case len(f.Quote) == 1 && separator(f.Quote[0]):
		d.quote = f.Quote[0]
	default:
		bad("quote", fmt.Sprintf("%q is not one ASCII character, nor none", f.Quote))
	}
	if d.quoting && d.quote == d.delimiter {
		bad("quote", "quote and delimiter are the same character")
	}
	var ok bool
	if d.encoding, ok = parseEncoding(f.Encoding); !ok {
		near := Nearest(f.Encoding, []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1", "windows-1252"})
		ps = append(ps, Problem{Path: []string{"encoding"}, Message: fmt.Sprintf("unknown encoding %q", f.Encoding), Nearest: near})
	}
	ps = append(ps, f.resolveValues(&d)...)
	return d, ps
}

// resolveValues does the part of resolve that is about values.
func (f *Format) resolveValues(d *dialect) (ps []Problem) {
	bad := func(key, message string) { ps = append(ps, Problem{Path: []string{key}, Message: message}) }
	if !d.header && len(d.names) == 0 {
		bad("names", "without a header the columns need names here")
	}
	if d.timestamp == "" {
		d.timestamp = defaultTimestamp
	}
	if _, err := compileTime(d.timestamp); err != nil {
		bad("timestamp", err.Error())
	}
	switch f.Decimal {
	case "", ".":
	case ",":
		d.decimal = ','
	default:
		bad("decimal", fmt.Sprintf("%q is neither . nor ,", f.Decimal))
	}
	if n := len([]rune(d.thousands)); n > 1 || d.thousands == string(d.decimal) || d.thousands >= "0" && d.thousands <= "9" || d.thousands == "-" || d.thousands == "+" {
		bad("thousands", fmt.Sprintf("%q cannot stand between thousands here", d.thousands))
	}
	return ps
}

// separator tells whether c may delimit or quote: ASCII, no line end, and not
// what numbers and words are made of.
func separator(c byte) bool {
	switch {
	case c == 0 || c == '\n' || c == '\r' || c >= 0x7f:
		return false
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		return false
	}
	return true
}

// hinted is an error that a user can act on.
type hinted struct {
	err  error
	hint string
}

func (e *hinted) Error() string { return e.err.Error() }
func (e *hinted) Unwrap() error { return e.err }

// Hint says what to do next.
func (e *hinted) Hint() string { return e.hint }

func withHint(hint, format string, args ...any) error {
	return &hinted{err: fmt.Errorf(format, args...), hint: hint}
}

// Errors that callers tell apart.
var (
	// ErrEmpty: a file without a single record where a header was due.
	ErrEmpty = errors.New("the file is empty: there is no header line")
	// ErrNoFiles: nothing lies where the path points.
	ErrNoFiles = errors.New("no files found")
	// ErrBomb: a compressed file grows beyond its limits.
	ErrBomb = errors.New("the file grows too much when decompressed")
	// ErrChanged: a file is no longer what it was when it was listed.
	ErrChanged = errors.New("the file changed while it was read")
	// ErrContract: the file's columns or types are not those of the mapping.
	ErrContract = errors.New("the file breaks the contract")
)
