package lake

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/apache/iceberg-go/table"
)

// TableInfo is one table of the lake as its newest snapshot has it.
type TableInfo struct {
	Name      string
	Columns   []Column
	Partition string // "month of ordered_at", "" for none
	Location  string // URL of its folder
	Newest    SnapshotInfo
	Snapshots int
}

// SnapshotInfo is one snapshot of a table.
type SnapshotInfo struct {
	ID        int64
	Run       int64 // 0 when another program made it
	Version   int64
	At        time.Time // UTC
	Operation string    // append or overwrite
	Rows      int64     // of the whole table
	Files     int64
	Bytes     int64
	Readable  bool // its run is complete: readers can ask for it
}

// FileInfo is one data file.
type FileInfo struct {
	Path  string
	Month string // "2011-12" in a table that is partitioned by month
	Rows  int64
	Bytes int64
}

// Tables lists the tables, sorted by name; none when nothing was published.
func (l *Lake) Tables(ctx context.Context) ([]TableInfo, error) {
	tables, err := l.loadAll(ctx)
	if err != nil {
		return nil, err
	}
	readable := readableRuns(tables)
	out := make([]TableInfo, 0, len(tables))
	for name, t := range tables {
		info := TableInfo{
			Name: name, Location: t.Location(), Snapshots: len(t.Metadata().Snapshots()),
			Newest: snapshotInfo(t.CurrentSnapshot(), readable),
		}
		for _, f := range t.Schema().Fields() {
			if c, ok := column(f); ok {
				info.Columns = append(info.Columns, c)
			}
		}
		spec := t.Spec()
		for _, f := range spec.Fields() {
			source, _ := t.Schema().FindColumnName(f.SourceID())
			info.Partition = f.Transform.String() + " of " + source
		}
		out = append(out, info)
	}
	slices.SortFunc(out, func(a, b TableInfo) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Snapshots lists a table's snapshots, the newest first.
func (l *Lake) Snapshots(ctx context.Context, name string) ([]SnapshotInfo, error) {
	tables, err := l.loadAll(ctx)
	if err != nil {
		return nil, err
	}
	t := tables[name]
	if t == nil {
		return nil, &UnpublishedError{Table: name}
	}
	readable := readableRuns(tables)
	var out []SnapshotInfo
	for _, s := range t.Metadata().Snapshots() {
		out = append(out, snapshotInfo(&s, readable))
	}
	slices.Reverse(out) // metadata has them in the order of their commits
	return out, nil
}

// Files lists the data files of a snapshot, sorted by path.
func (l *Lake) Files(ctx context.Context, name string, snapshot int64) ([]FileInfo, error) {
	t, err := l.load(ctx, name)
	if err != nil {
		return nil, err
	}
	if t == nil || t.SnapshotByID(snapshot) == nil {
		return nil, &UnpublishedError{Table: name}
	}
	files, err := liveFiles(ctx, t, snapshot)
	if err != nil {
		return nil, err
	}
	out := make([]FileInfo, len(files))
	for i, f := range files {
		out[i] = FileInfo{Path: f.FilePath(), Rows: f.Count(), Bytes: f.FileSizeBytes()}
		for _, v := range f.Partition() {
			if month, ok := v.(int32); ok {
				out[i].Month = monthName(month)
			}
		}
	}
	slices.SortFunc(out, func(a, b FileInfo) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func readableRuns(tables map[string]*table.Table) map[runKey]bool {
	runs := map[runKey]bool{}
	for _, g := range complete(tables) {
		runs[g.key] = true
	}
	return runs
}

func snapshotInfo(s *table.Snapshot, readable map[runKey]bool) SnapshotInfo {
	info := SnapshotInfo{
		ID: s.SnapshotID, Run: keyOf(s).run, Version: versionOf(s), At: time.UnixMilli(s.TimestampMs).UTC(),
		Rows: number(s, "total-records"), Files: number(s, "total-data-files"), Bytes: number(s, "total-files-size"),
		Readable: readable[keyOf(s)],
	}
	if s.Summary != nil {
		info.Operation = string(s.Summary.Operation)
	}
	return info
}
