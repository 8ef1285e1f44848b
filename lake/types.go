package lake

import (
	"fmt"
	"time"
)

// Type is the type of a column as PostgreSQL sends it.
type Type uint8

// The column types a published table may have.
const (
	Text        Type = iota + 1 // text, varchar: UTF-8
	Int2                        // smallint; int in the lake
	Int4                        // integer
	Int8                        // bigint
	Numeric                     // numeric(precision, scale), precision 1 to 38: an exact decimal
	Timestamptz                 // timestamp with time zone, microseconds, UTC in the lake
	Date                        // date
	Bool                        // boolean
	Float8                      // double precision
	JSON                        // json or jsonb; its text in the lake
)

// wallTime is a timestamp without a time zone, which results may have and
// tables have not.
const wallTime = JSON + 1

// String returns the type's PostgreSQL name.
func (t Type) String() string {
	names := [...]string{
		Text: "text", Int2: "smallint", Int4: "integer", Int8: "bigint", Numeric: "numeric",
		Timestamptz: "timestamptz", Date: "date", Bool: "boolean", Float8: "double precision", JSON: "jsonb",
	}
	if int(t) >= len(names) || names[t] == "" {
		return fmt.Sprintf("Type(%d)", uint8(t))
	}
	return names[t]
}

// Column is one column of a table; Precision and Scale matter to Numeric only.
type Column struct {
	Name      string
	Type      Type
	Precision int
	Scale     int
	Required  bool // never NULL
}

// Table is the shape that a publish gives a table. PartitionByMonth names the
// timestamptz or date column whose UTC month partitions it, "" for none.
type Table struct {
	Name             string
	Columns          []Column
	PartitionByMonth string
}

// Commit says whose snapshot is written.
type Commit struct {
	Run     int64             // property penstock.run
	Version int64             // property penstock.version: the facts' version that the run published
	Tables  []string          // every table that this run publishes; readers take the run only when all of them have it
	Props   map[string]string // further snapshot properties
}

// Stats is what one Overwrite did.
type Stats struct {
	Snapshot int64         // id of the snapshot that was committed
	Rows     int64         // rows written, equal to the rows of the stream
	Files    int           // data files written
	Bytes    int64         // bytes of those files
	Removed  int           // data files that the snapshot no longer has
	Took     time.Duration // from the first byte read to the commit
}
