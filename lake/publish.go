package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// Snapshot properties that readers find a run by.
const (
	propRun     = "penstock.run"
	propPublish = "penstock.publish" // which process it was: run numbers begin anew with a new staging database
	propVersion = "penstock.version"
	propTables  = "penstock.tables"
)

// RepublishError is a second publish of a table by one run.
type RepublishError struct {
	Table string
	Run   int64
}

// Error names table and run.
func (e *RepublishError) Error() string {
	return fmt.Sprintf("lake table %s: run %d has published it already", e.Table, e.Run)
}

// Hint says how to publish again.
func (e *RepublishError) Hint() string { return "publish in a new run" }

// CountError says that the files hold other rows than the stream gave.
type CountError struct {
	Table      string
	Read, Kept int64
}

// Error gives both counts.
func (e *CountError) Error() string {
	return fmt.Sprintf("lake table %s: %d rows were read but %d written; nothing was published", e.Table, e.Read, e.Kept)
}

// Overwrite replaces the table's rows with those of a PostgreSQL binary COPY
// stream, whose columns are in t's order: all rows, or, when months is not
// nil, those of the given UTC months only (a row of another month is an error;
// no months at all makes a snapshot with the rows as they are). It makes the
// table or changes its columns as needed and commits exactly one snapshot;
// after an error there is none and the one before stays in force. progress,
// which may be nil, is given the rows and stream bytes so far, from the
// goroutine that called Overwrite.
func (l *Lake) Overwrite(ctx context.Context, c Commit, t Table, months []time.Time, rows io.Reader, progress func(rows, bytes int64)) (Stats, error) {
	s, err := l.overwrite(ctx, c, t, months, rows, progress)
	if err != nil {
		return Stats{}, fmt.Errorf("publish %s: %w", t.Name, err)
	}
	return s, nil
}

func (l *Lake) overwrite(ctx context.Context, c Commit, t Table, months []time.Time, rows io.Reader, progress func(rows, bytes int64)) (Stats, error) {
	began := l.now()
	if err := t.check(); err != nil {
		return Stats{}, err
	}
	if err := l.claim(ctx); err != nil {
		return Stats{}, err
	}
	tbl, err := l.target(ctx, c, t)
	if err != nil {
		return Stats{}, err
	}
	tx := tbl.NewTransaction()
	if err := evolve(tx, tbl.Schema(), t, months == nil); err != nil {
		return Stats{}, err
	}
	only, err := monthSet(t, months)
	if err != nil {
		return Stats{}, err
	}
	old, err := replaced(ctx, tbl, only)
	if err != nil {
		return Stats{}, err
	}
	files, read, err := l.writeFiles(ctx, c, t, tx, only, rows, progress)
	if err != nil {
		return Stats{}, err
	}
	stats := Stats{Rows: read, Files: len(files.done), Removed: len(old)}
	var kept int64
	for _, f := range files.done {
		kept += f.Count()
		stats.Bytes += f.FileSizeBytes()
	}
	if kept != read {
		files.remove(ctx)
		return Stats{}, &CountError{Table: t.Name, Read: read, Kept: kept}
	}
	if err := stage(ctx, tx, old, files.done, c.properties(l.id)); err != nil {
		files.remove(ctx)
		return Stats{}, err
	}
	done, err := tx.Commit(ctx) // after an error here the outcome may be unknown: the files stay for Sweep
	if err != nil {
		return Stats{}, err
	}
	stats.Snapshot, stats.Took = done.CurrentSnapshot().SnapshotID, l.now().Sub(began)
	return stats, nil
}

// target is the table to write to, drafted when it does not exist.
func (l *Lake) target(ctx context.Context, c Commit, t Table) (*table.Table, error) {
	tbl, err := l.load(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	if tbl == nil {
		return l.draft(t)
	}
	if !samePartition(tbl.Metadata(), t) {
		return nil, &SchemaError{Table: t.Name, Reason: "it is partitioned in another way", hint: "drop the table from the lake's catalog to publish it anew"}
	}
	if s := tbl.CurrentSnapshot(); s != nil && keyOf(s) == (runKey{c.Run, l.id}) {
		return nil, &RepublishError{Table: t.Name, Run: c.Run}
	}
	return tbl, nil
}

// monthSet is the months to replace, nil for all.
func monthSet(t Table, months []time.Time) (map[int32]bool, error) {
	if months == nil {
		return nil, nil
	}
	if t.PartitionByMonth == "" {
		return nil, &SchemaError{Table: t.Name, Reason: "it is not partitioned, so single months of it can not be replaced"}
	}
	set := map[int32]bool{}
	for _, m := range months {
		set[monthNumber(m)] = true
	}
	return set, nil
}

// replaced lists the data files that the new snapshot will not have.
func replaced(ctx context.Context, tbl *table.Table, only map[int32]bool) ([]iceberg.DataFile, error) {
	if tbl.CurrentSnapshot() == nil {
		return nil, nil
	}
	files, err := liveFiles(ctx, tbl, tbl.CurrentSnapshot().SnapshotID)
	if err != nil || only == nil {
		return files, err
	}
	spec := tbl.Spec()
	field := spec.Field(0).FieldID
	return slices.DeleteFunc(files, func(f iceberg.DataFile) bool {
		month, ok := f.Partition()[field].(int32)
		return ok && !only[month]
	}), nil
}

// liveFiles lists the data files of a snapshot.
func liveFiles(ctx context.Context, tbl *table.Table, snapshot int64) ([]iceberg.DataFile, error) {
	tasks, err := tbl.Scan(table.WithSnapshotID(snapshot)).PlanFiles(ctx)
	if err != nil {
		return nil, &DamagedError{Table: tbl.Identifier()[1], File: tbl.MetadataLocation(), Err: err}
	}
	files := make([]iceberg.DataFile, len(tasks))
	for i, task := range tasks {
		if len(task.DeleteFiles)+len(task.EqualityDeleteFiles)+len(task.DeletionVectorFiles) > 0 {
			return nil, &SchemaError{
				Table: tbl.Identifier()[1], Reason: "another program has deleted rows of it by delete files, which Penstock does not read",
				hint: "let that program rewrite (compact) the table's data files",
			}
		}
		files[i] = task.File
	}
	return files, nil
}

// properties are the snapshot's.
func (c Commit) properties(publish string) iceberg.Properties {
	p := iceberg.Properties{}
	for k, v := range c.Props {
		p[k] = v
	}
	p[propRun] = strconv.FormatInt(c.Run, 10)
	p[propPublish] = publish
	p[propVersion] = strconv.FormatInt(c.Version, 10)
	if len(c.Tables) > 0 {
		p[propTables] = strings.Join(c.Tables, ",")
	}
	return p
}

// stage puts the one snapshot into the transaction.
func stage(ctx context.Context, tx *table.Transaction, old, files []iceberg.DataFile, props iceberg.Properties) error {
	if len(old) == 0 && len(files) == 0 {
		return tx.AddFiles(ctx, nil, props, false) // a snapshot of the same rows
	}
	return tx.ReplaceDataFilesWithDataFiles(ctx, old, files, props, table.WithoutAutoNameMapping())
}

// runKey is the identity of a run in the lake.
type runKey struct {
	run     int64
	publish string
}

func keyOf(s *table.Snapshot) runKey {
	k := runKey{run: number(s, propRun)}
	if s.Summary != nil {
		k.publish = s.Summary.Properties[propPublish]
	}
	return k
}

func versionOf(s *table.Snapshot) int64 { return number(s, propVersion) }

// number is a numeric snapshot property, 0 when it is not there: some other
// program made the snapshot.
func number(s *table.Snapshot, prop string) int64 {
	if s.Summary == nil {
		return 0
	}
	n, err := strconv.ParseInt(s.Summary.Properties[prop], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Published returns the run and the version of the table's newest snapshot;
// the error matches UnpublishedError when there is none.
func (l *Lake) Published(ctx context.Context, name string) (run, version int64, err error) {
	tbl, err := l.load(ctx, name)
	if err != nil {
		return 0, 0, err
	}
	if tbl == nil || tbl.CurrentSnapshot() == nil {
		return 0, 0, &UnpublishedError{Table: name}
	}
	s := tbl.CurrentSnapshot()
	return keyOf(s).run, versionOf(s), nil
}

// isUnpublished tells that nothing is there from other errors.
func isUnpublished(err error) bool {
	var u *UnpublishedError
	return errors.As(err, &u)
}
