// Package lake keeps what a run publishes: raw files as they came and Apache
// Iceberg tables of Parquet, in a folder or any other object store. It writes
// PostgreSQL binary COPY streams as one atomic snapshot a table, finds the
// newest run that every table has, and answers SQL over it with DuckDB in
// process. It knows neither PostgreSQL's driver nor any cloud.
package lake

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// DefaultNamespace is the Iceberg namespace of the tables when none is given.
const DefaultNamespace = "penstock"

// Options says where a lake lies and what it is given to work with.
type Options struct {
	Dir       string             // folder of the lake; made when missing; ignored when Store is given
	Store     Store              // object store other than a folder
	Location  string             // URL of the store's root as Iceberg readers see it ("s3://bucket/prefix"); derived from Dir for a folder
	Catalog   *sql.DB            // PostgreSQL database with the catalog's tables; ignored when Pointers is given
	Pointers  Pointers           // catalog other than a PostgreSQL database
	Namespace string             // Iceberg namespace, a lower-case identifier; DefaultNamespace when empty
	Now       func() time.Time   // clock, used for the age of snapshots; required
	Hook      func(point string) // called at named points of a publish, for tests that kill it there; may be nil
	Log       *slog.Logger       // diagnostics; nil discards them
}

// Lake is one lake, safe for concurrent readers; publishes are serialized by
// the caller (they hold the run lock).
type Lake struct {
	store     Store
	location  string
	pointers  Pointers
	namespace string
	now       func() time.Time
	hook      func(string)
	log       *slog.Logger
	close     func() error
	id        string // tells this publisher's runs from others with the same number
}

var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)

// Open opens the lake of o and makes its folder when it is missing. The
// catalog's tables are made by the first publish, so that reading needs no
// right to create.
func Open(_ context.Context, o Options) (*Lake, error) {
	if o.Now == nil {
		return nil, fmt.Errorf("open lake: no clock given")
	}
	l := &Lake{
		store: o.Store, location: strings.TrimRight(o.Location, "/"), pointers: o.Pointers,
		namespace: o.Namespace, now: o.Now, hook: o.Hook, log: o.Log,
		close: func() error { return nil }, id: uuid.NewString(),
	}
	if l.namespace == "" {
		l.namespace = DefaultNamespace
	}
	if !identifier.MatchString(l.namespace) {
		return nil, fmt.Errorf("open lake: namespace %q is not a lower-case identifier", l.namespace)
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.hook == nil {
		l.hook = func(string) {}
	}
	if l.pointers == nil {
		if o.Catalog == nil {
			return nil, fmt.Errorf("open lake: neither a catalog database nor pointers given")
		}
		l.pointers = NewSQLPointers(o.Catalog, l.namespace)
	}
	if l.store == nil {
		f, err := OpenFolder(o.Dir)
		if err != nil {
			return nil, fmt.Errorf("open lake: %w", err)
		}
		l.store, l.location, l.close = f, f.Location(), f.Close
	}
	if l.location == "" {
		return nil, fmt.Errorf("open lake: the store's location is not given")
	}
	return l, nil
}

// Close releases the lake's folder; the catalog and a store that was handed in
// stay open.
func (l *Lake) Close() error { return l.close() }

// Store returns the object store that the lake lies in, for raw files.
func (l *Lake) Store() Store { return l.store }
