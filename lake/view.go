package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// View is what readers see: the tables of one run.
type View struct {
	Run    int64
	At     time.Time // when the last of its tables was committed, UTC
	Tables map[string]ViewTable
}

// ViewTable is one table of a View.
type ViewTable struct {
	Snapshot int64
	Version  int64    // property penstock.version
	Files    []string // Parquet files: absolute paths for a folder, URLs elsewhere
	Rows     int64
	Bytes    int64
	Columns  []Column
	fieldIDs []int // Iceberg field ids of Columns; a file's columns are found by them
}

// generation is one run in the lake: what it published of which tables.
type generation struct {
	key      runKey
	at       time.Time // of its newest snapshot
	tables   map[string]*table.Snapshot
	required []string // from penstock.tables, nil when the run did not say
}

// At returns the view as of asOf: "" for the newest run that every table has,
// a run's id, or a time (RFC 3339, or a date, which means its end in UTC) for
// the newest run that was complete then. The error matches UnpublishedError
// when there is no such run.
func (l *Lake) At(ctx context.Context, asOf string) (View, error) {
	want, err := parseAsOf(asOf)
	if err != nil {
		return View{}, err
	}
	tables, err := l.loadAll(ctx)
	if err != nil {
		return View{}, err
	}
	missing := &UnpublishedError{AsOf: asOf}
	for _, g := range complete(tables) {
		if want(g) {
			return l.view(ctx, tables, g)
		}
		missing.Runs = append(missing.Runs, g.key.run)
	}
	return View{}, missing
}

// AsOfError is a point of time or run that can not be understood.
type AsOfError struct{ AsOf string }

// Error quotes it.
func (e *AsOfError) Error() string { return fmt.Sprintf("as of %q: neither a run nor a time", e.AsOf) }

// Hint shows the forms.
func (e *AsOfError) Hint() string {
	return "give a run's number (42), a date (2026-11-03) or a time (2026-11-03T06:00:00Z)"
}

func parseAsOf(s string) (func(generation) bool, error) {
	if s == "" {
		return func(generation) bool { return true }, nil
	}
	if run, err := strconv.ParseInt(s, 10, 64); err == nil {
		return func(g generation) bool { return g.key.run == run }, nil
	}
	end, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		day, derr := time.Parse(time.DateOnly, s)
		if derr != nil {
			return nil, &AsOfError{AsOf: s}
		}
		end = day.AddDate(0, 0, 1).Add(-1)
	}
	return func(g generation) bool { return !g.at.After(end) }, nil
}

func (l *Lake) loadAll(ctx context.Context) (map[string]*table.Table, error) {
	names, err := l.pointers.Names(ctx)
	if err != nil {
		return nil, err
	}
	tables := make(map[string]*table.Table, len(names))
	for _, name := range names {
		t, err := l.load(ctx, name)
		if err != nil {
			return nil, err
		}
		if t != nil && t.CurrentSnapshot() != nil {
			tables[name] = t
		}
	}
	return tables, nil
}

// generations groups the snapshots of all tables by run, the newest run first.
// Their order is that of their commits, since run numbers begin anew with a
// new staging database.
func generations(tables map[string]*table.Table) []generation {
	byRun := map[runKey]*generation{}
	for name, t := range tables {
		for _, s := range t.Metadata().Snapshots() {
			key := keyOf(&s)
			if key.run == 0 {
				continue
			}
			g := byRun[key]
			if g == nil {
				g = &generation{key: key, tables: map[string]*table.Snapshot{}}
				byRun[key] = g
			}
			g.tables[name] = &s
			if at := time.UnixMilli(s.TimestampMs).UTC(); at.After(g.at) {
				g.at = at
			}
			if list := s.Summary.Properties[propTables]; list != "" {
				g.required = strings.Split(list, ",")
			}
		}
	}
	out := make([]generation, 0, len(byRun))
	for _, g := range byRun {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b generation) int {
		if c := b.at.Compare(a.at); c != 0 {
			return c
		}
		return cmp.Compare(b.key.run, a.key.run)
	})
	return out
}

// complete are the generations that readers may see: those that have every
// table that the run said it publishes, or, when it did not say, every table
// that there was by then.
func complete(tables map[string]*table.Table) []generation {
	all := generations(tables)
	return slices.DeleteFunc(all, func(g generation) bool {
		required := g.required
		if required == nil {
			for name, t := range tables {
				if first := time.UnixMilli(firstSnapshot(t).TimestampMs); !first.After(g.at) {
					required = append(required, name)
				}
			}
		}
		return slices.ContainsFunc(required, func(name string) bool { return g.tables[name] == nil })
	})
}

func firstSnapshot(t *table.Table) *table.Snapshot {
	snapshots := t.Metadata().Snapshots()
	first := &snapshots[0]
	for i := range snapshots {
		if snapshots[i].SequenceNumber < first.SequenceNumber {
			first = &snapshots[i]
		}
	}
	return first
}

func (l *Lake) view(ctx context.Context, tables map[string]*table.Table, g generation) (View, error) {
	v := View{Run: g.key.run, At: g.at, Tables: make(map[string]ViewTable, len(g.tables))}
	for name, s := range g.tables {
		vt, err := l.viewTable(ctx, tables[name], s)
		if err != nil {
			return View{}, err
		}
		v.Tables[name] = vt
	}
	return v, nil
}

func (l *Lake) viewTable(ctx context.Context, t *table.Table, s *table.Snapshot) (ViewTable, error) {
	name := t.Identifier()[1]
	vt := ViewTable{Snapshot: s.SnapshotID, Version: versionOf(s)}
	for _, f := range snapshotSchema(t.Metadata(), s).Fields() {
		c, ok := column(f)
		if !ok {
			return ViewTable{}, &SchemaError{Table: name, Column: f.Name, Reason: fmt.Sprintf("it has the type %s, which Penstock does not read", f.Type)}
		}
		vt.Columns, vt.fieldIDs = append(vt.Columns, c), append(vt.fieldIDs, f.ID)
	}
	files, err := liveFiles(ctx, t, s.SnapshotID)
	if err != nil {
		return ViewTable{}, err
	}
	for _, f := range files {
		at, err := l.readable(f.FilePath())
		if err != nil {
			return ViewTable{}, &DamagedError{Table: name, File: f.FilePath(), Err: err}
		}
		vt.Files = append(vt.Files, at)
		vt.Rows += f.Count()
		vt.Bytes += f.FileSizeBytes()
	}
	slices.Sort(vt.Files)
	return vt, nil
}

// snapshotSchema is the schema of the snapshot's time, or the current one when
// the snapshot does not tell.
func snapshotSchema(meta table.Metadata, s *table.Snapshot) *iceberg.Schema {
	if s.SchemaID != nil {
		for _, schema := range meta.Schemas() {
			if schema.ID == *s.SchemaID {
				return schema
			}
		}
	}
	return meta.CurrentSchema()
}

// readable turns a data file's URL into what DuckDB opens.
func (l *Lake) readable(url string) (string, error) {
	f, local := l.store.(*Folder)
	if !local {
		return url, nil
	}
	key, err := storeIO{base: l.location}.key("open", url)
	if err != nil {
		return "", err
	}
	return f.Path(key)
}
