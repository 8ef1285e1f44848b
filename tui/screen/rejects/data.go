// Package rejects is the screen of the records that were refused: how many and
// why, each with the field that is wrong, and the way back in: mend them here or
// with any editor, and take them in as a load of their own.
//
// It changes nothing itself. Mended records are given to a run in a process of
// its own, the same that `penstock --run rejects --reingest FILE` starts.
package rejects

import (
	"context"
	"io"
)

// Store is where rejects are read. Values of masked columns do not leave it
// unless they are asked for.
type Store interface {
	// Counts returns the rejects by source, reason and column, the commonest first: of
	// the loads of a run, or with 0 of all.
	Counts(ctx context.Context, run int64) ([]Count, error)
	// List returns at most f.Limit rejects, the newest load first, within it by record.
	List(ctx context.Context, f Filter) ([]Reject, error)
	// Record returns one reject with its fields.
	Record(ctx context.Context, k Key, showPII bool) (Record, error)
}

// Mender takes mended records in.
type Mender interface {
	// Mend starts a run that takes the records in, all of one source.
	Mend(ctx context.Context, records []Mended) (Run, error)
	// Await waits for the end of that run and says what became of the records.
	Await(ctx context.Context, r Run) (Outcome, error)
}

// Options are what the screen is given.
type Options struct {
	Store  Store
	Mender Mender
	// Export writes raw records as a file that can be mended and taken in; nil
	// where there is nowhere to write.
	Export func(ctx context.Context, f Filter, w io.Writer) (records int64, err error)
}

// Key names a reject.
type Key struct{ Load, Record int64 }

// Count is how many records of a source were refused for one reason.
type Count struct {
	Source, Reason, Column string
	Loads                  int64
	Open, Resolved         int64
}

// Filter picks rejects; the zero value picks all open ones.
type Filter struct {
	// Source, Reason and Column are those of a Count; an empty Reason picks all.
	Source, Reason, Column string
	Run                    int64 // of whose loads; 0: of any
	Resolved               bool  // those mended since, too
	ShowPII                bool  // do not mask
	Limit                  int
}

// Reject is a refused record as a list shows it.
type Reject struct {
	Key
	Source, Name string // of the load
	Line         int64  // physical line of the file, from 1
	Reason       string
	Column       string // "" where it is about the whole record
	Detail       string
	Excerpt      string // how the record begins; data, as it came
	Personal     bool   // it holds something personal, shown or not
	Masked       bool   // and that is left out
	Resolved     bool
	ResolvedBy   int64 // the load that holds the mended record
}

// Record is a reject with all there is to know about it.
type Record struct {
	Reject
	ByteOffset int64
	Bytes      int64
	Encoding   string
	// Fields are empty where the record cannot be parted; then Text is all there is.
	Fields []Field
	Text   string // the whole record, "" where it is masked
}

// Field is one field of a record.
type Field struct {
	Name   string // the file's column, or its number
	Column string // the canonical column that it fills, "" for none
	Value  string // data, as it came; "" where it is masked
	Wrong  bool
	Masked bool
}

// Mended is a record as it should have come.
type Mended struct {
	Key
	Source  string
	Changes map[int]string // new values of fields, by index
	Text    *string        // the whole record, where it could not be parted
}

// Run is a run that takes mended records in.
type Run struct {
	ID   int64
	Keys []Key
	File string // what it reads
	Log  string // where its process writes
}

// Outcome is what became of mended records.
type Outcome struct {
	State    string // as the ledger says: "done", "failed", …
	Load     int64  // that holds the mended records, 0 for none
	Resolved []Key
	Refused  int64 // of them that were refused again
	Err      string
	Hint     string
}
