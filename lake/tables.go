package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"
)

// Properties that every table of ours is made with.
const (
	compression      = "zstd"
	metadataVersions = "20" // metadata files that stay listed beside the current one
)

// prefix is where the files of a table lie in the store.
func (l *Lake) prefix(name string) string { return l.namespace + "/" + name + "/" }

func (l *Lake) url(key string) string { return l.location + "/" + key }

func (l *Lake) fs(ctx context.Context) storeIO {
	return storeIO{ctx: ctx, store: l.store, base: l.location}
}

func (l *Lake) openFS(ctx context.Context) (iceio.IO, error) { return l.fs(ctx), nil }

// load returns the table as the catalog has it, nil when it has no such table.
func (l *Lake) load(ctx context.Context, name string) (*table.Table, error) {
	at, err := l.pointers.Get(ctx, name)
	if err != nil || at == "" {
		return nil, err
	}
	data, err := l.fs(ctx).ReadFile(at)
	if err != nil {
		return nil, &DamagedError{Table: name, File: at, Err: err}
	}
	meta, err := table.ParseMetadataBytes(data)
	if err != nil {
		return nil, &DamagedError{Table: name, File: at, Err: err}
	}
	return l.table(name, meta, at), nil
}

func (l *Lake) table(name string, meta table.Metadata, at string) *table.Table {
	return table.New(table.Identifier{l.namespace, name}, meta, at, l.openFS,
		&committer{lake: l, name: name, base: meta, at: at, hook: l.hook})
}

// draft returns a table that is not in the catalog yet; its first commit makes it.
func (l *Lake) draft(t Table) (*table.Table, error) {
	schema := newSchema(t)
	spec, err := newSpec(t, schema)
	if err != nil {
		return nil, err
	}
	meta, err := table.NewMetadata(schema, spec, table.UnsortedSortOrder,
		l.url(strings.TrimSuffix(l.prefix(t.Name), "/")), iceberg.Properties{
			table.ParquetCompressionKey:          compression,
			table.MetadataPreviousVersionsMaxKey: metadataVersions,
		})
	if err != nil {
		return nil, err
	}
	return l.table(t.Name, meta, ""), nil
}

// committer is the one-table catalog that Iceberg's transactions commit to:
// the new metadata is stored first, then the pointer swapped from the very
// metadata that the transaction began with.
type committer struct {
	lake *Lake
	name string
	base table.Metadata
	at   string // URL of base, "" for a table that is not in the catalog
	hook func(point string)
}

// LoadTable returns the table as it is now.
func (c *committer) LoadTable(ctx context.Context, _ table.Identifier) (*table.Table, error) {
	t, err := c.lake.load(ctx, c.name)
	if err == nil && t == nil {
		err = &UnpublishedError{Table: c.name}
	}
	return t, err
}

// CommitTable applies the updates.
func (c *committer) CommitTable(ctx context.Context, _ table.Identifier, reqs []table.Requirement, updates []table.Update) (table.Metadata, string, error) {
	for _, r := range reqs {
		if err := r.Validate(c.base); err != nil {
			return nil, "", err
		}
	}
	meta, err := table.UpdateTableMetadata(c.base, updates, c.at)
	if err != nil {
		return nil, "", err
	}
	if c.at != "" && meta.Equals(c.base) {
		return c.base, c.at, nil
	}
	at, err := c.next(meta)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(meta); err != nil {
		return nil, "", err
	}
	if err := c.lake.fs(ctx).WriteFile(at, b.Bytes()); err != nil {
		return nil, "", err
	}
	c.hook("publish.before-commit")
	if err := c.lake.pointers.Swap(ctx, c.name, c.at, at); err != nil {
		return nil, "", err
	}
	c.hook("publish.after-commit")
	return meta, at, nil
}

// next is the URL of the metadata file after the current one: a number that
// counts up, and a random part.
func (c *committer) next(meta table.Metadata) (string, error) {
	version := 0
	if c.at != "" {
		digits, _, _ := strings.Cut(path.Base(c.at), "-")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return "", &DamagedError{Table: c.name, File: c.at, Err: errors.New("its name does not begin with a number")}
		}
		version = n + 1
	}
	provider, err := table.LoadLocationProvider(meta.Location(), meta.Properties())
	if err != nil {
		return "", err
	}
	return provider.NewTableMetadataFileLocation(version)
}

// DamagedError is a table whose files in the store are missing or not readable.
type DamagedError struct {
	Table string
	File  string
	Err   error
}

// Error names the table and the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("lake table %s: read %s: %v", e.Table, e.File, e.Err)
}

// Unwrap returns the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Hint says what may have happened and what helps.
func (e *DamagedError) Hint() string {
	return "the catalog points to a file that is not in lake.url: check that lake.url is the folder or bucket that was published to, or restore it from a backup"
}

// UnpublishedError is a lake, or a table, that no run has published yet.
type UnpublishedError struct {
	Table string  // "" for the whole lake
	AsOf  string  // what was asked for, "" for the newest
	Runs  []int64 // runs that there are to ask for, the newest first
}

// Error says what is not there.
func (e *UnpublishedError) Error() string {
	switch {
	case e.Table != "":
		return fmt.Sprintf("the lake has no table %s", e.Table)
	case e.AsOf != "":
		return fmt.Sprintf("the lake has no complete run as of %s", e.AsOf)
	}
	return "the lake is empty: no run has published to it yet"
}

// Hint says how to publish, or where to look for runs.
func (e *UnpublishedError) Hint() string {
	if len(e.Runs) == 0 {
		return "penstock --run publishes the lake as its last step"
	}
	const most = 10
	runs := make([]string, 0, most+1)
	for i, r := range e.Runs {
		if i == most {
			runs = append(runs, "...")
			break
		}
		runs = append(runs, strconv.FormatInt(r, 10))
	}
	return "the runs that can be read are " + strings.Join(runs, ", ")
}
