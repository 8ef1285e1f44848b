package lake

import (
	"context"
	"errors"
)

// Pointers is the catalog: it keeps, for each table of one namespace, the URL
// of the table's current Iceberg metadata file. All that makes a publish
// atomic is that Swap is.
type Pointers interface {
	// Names returns the tables of the namespace, sorted.
	Names(ctx context.Context) ([]string, error)
	// Get returns the URL of the table's metadata, "" when there is no such table.
	Get(ctx context.Context, table string) (string, error)
	// Swap sets the table's URL from old ("" makes the table) to new; the
	// error matches ErrMoved when the URL is not old any more.
	Swap(ctx context.Context, table, old, new string) error
	// Claim makes the namespace when it is missing, gives it the id unless it
	// has one, and returns the id that it has.
	Claim(ctx context.Context, id string) (string, error)
}

// ErrMoved is matched by the error of a Swap whose table another writer changed.
var ErrMoved = errors.New("the table was changed by another writer")
