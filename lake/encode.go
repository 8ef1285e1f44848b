package lake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"golang.org/x/sync/errgroup"
)

const (
	pendingBytes  = 48 << 20 // memory of batches that are still being filled, at most
	progressEvery = 1 << 15  // rows
	maxEncoders   = 4
)

// writeFiles writes the stream's rows to data files: this goroutine decodes,
// others encode and compress. It returns the files and the rows that were read.
func (l *Lake) writeFiles(ctx context.Context, c Commit, t Table, tx *table.Transaction, only map[int32]bool, rows io.Reader, progress func(rows, bytes int64)) (*dataFiles, int64, error) {
	files, err := l.newDataFiles(c, t, tx)
	if err != nil {
		return nil, 0, err
	}
	wctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	files.ctx = wctx
	f := newFiller(t, files.cols, only, rows, progress)
	var encoders errgroup.Group
	for range min(maxEncoders, max(2, runtime.GOMAXPROCS(0))) {
		encoders.Go(func() error {
			err := f.encode(files)
			if err != nil {
				cancel(err) // ends the decoding, which would wait for an encoder
			}
			return err
		})
	}
	err = f.decode(wctx)
	close(f.full)
	if eerr := encoders.Wait(); eerr != nil && !isStreamError(err) {
		err = eerr // the cause of the decoding's end
	}
	if err = files.close(err); err != nil {
		files.remove(ctx)
		return nil, 0, err
	}
	return files, f.stream.rows, nil
}

func isStreamError(err error) bool {
	var s *StreamError
	return errors.As(err, &s)
}

func (l *Lake) newDataFiles(c Commit, t Table, tx *table.Transaction) (*dataFiles, error) {
	staged, err := tx.StagedTable()
	if err != nil {
		return nil, err
	}
	cols, ids, err := fileColumns(t, staged.Schema())
	if err != nil {
		return nil, err
	}
	shape, err := newParquetShape(cols, ids)
	if err != nil {
		return nil, err
	}
	return &dataFiles{
		lake: l, table: t.Name, run: c.Run, cols: cols, shape: shape,
		args: table.DataFileArgs{
			Schema: staged.Schema(), Spec: staged.Spec(), Format: iceberg.ParquetFile, Content: iceberg.EntryContentData,
			Properties: staged.Properties(), FormatVersion: staged.Metadata().Version(),
		},
	}, nil
}

// fileColumns are the stream's columns as the table has them, which decides
// what may be NULL, and their field ids.
func fileColumns(t Table, schema *iceberg.Schema) ([]Column, []int, error) {
	cols, ids := make([]Column, len(t.Columns)), make([]int, len(t.Columns))
	for i, c := range t.Columns {
		f, ok := schema.FindFieldByName(c.Name)
		if !ok {
			return nil, nil, &SchemaError{Table: t.Name, Column: c.Name, Reason: "it did not get into the table"}
		}
		c.Required = f.Required
		cols[i], ids[i] = c, f.ID
	}
	return cols, ids, nil
}

// filler decodes the stream into batches of one month each and hands the full
// ones on.
type filler struct {
	stream   *copyReader
	cols     []Column
	only     map[int32]bool // months that rows may be of, nil for all
	by       int            // partition column, -1 for none
	months   *monthOf
	progress func(rows, bytes int64)
	open     map[int32]*batch
	current  *batch // the one used last
	pending  int    // bytes in open
	full     chan *batch
	free     chan *batch
}

func newFiller(t Table, cols []Column, only map[int32]bool, rows io.Reader, progress func(rows, bytes int64)) *filler {
	f := &filler{
		stream: newCopyReader(rows), cols: cols, only: only, by: -1, progress: progress,
		open: map[int32]*batch{}, full: make(chan *batch), free: make(chan *batch, 2),
	}
	if f.progress == nil {
		f.progress = func(int64, int64) {}
	}
	for i, c := range cols {
		if c.Name == t.PartitionByMonth {
			f.by, f.months = i, &monthOf{value: newVector(c)}
		}
	}
	return f
}

// encode writes full batches until there are no more.
func (f *filler) encode(files *dataFiles) error {
	var s scratch
	for b := range f.full {
		if err := files.write(b, &s); err != nil {
			return err
		}
		select {
		case f.free <- b:
		default: // enough spare ones
		}
	}
	return nil
}

// decode reads the stream to its end.
func (f *filler) decode(ctx context.Context) error {
	if err := f.stream.header(); err != nil {
		return err
	}
	fields := make([]field, len(f.cols))
	for {
		tuple, err := f.stream.next(fields)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return err
			}
			break
		}
		if err := f.add(ctx, tuple, fields); err != nil {
			return err
		}
		if f.stream.rows%progressEvery == 0 {
			f.progress(f.stream.rows, f.stream.bytes)
		}
	}
	for _, b := range f.open {
		if err := f.flush(ctx, b); err != nil {
			return err
		}
	}
	f.progress(f.stream.rows, f.stream.bytes)
	return nil
}

// add puts one row into its month's batch.
func (f *filler) add(ctx context.Context, tuple []byte, fields []field) error {
	month, err := f.month(tuple, fields)
	if err != nil {
		return err
	}
	b := f.current
	if b == nil || b.month != month {
		b = f.batch(month)
	}
	before := b.memory()
	if name, err := b.add(tuple, fields); err != nil {
		return &StreamError{Row: f.stream.rows, Column: name, Reason: "the value " + err.Error()}
	}
	f.pending += b.memory() - before
	switch {
	case b.full():
		return f.flush(ctx, b)
	case f.pending >= pendingBytes:
		return f.flush(ctx, f.largest())
	}
	return nil
}

// month is the month that a row belongs to, 0 in a table that is not partitioned.
func (f *filler) month(tuple []byte, fields []field) (int32, error) {
	if f.by < 0 {
		return 0, nil
	}
	fail := func(reason string) (int32, error) {
		return 0, &StreamError{Row: f.stream.rows, Column: f.cols[f.by].Name, Reason: "the value " + reason}
	}
	at := fields[f.by]
	if at.n < 0 {
		return fail(errNull.Error())
	}
	month, err := f.months.of(tuple[at.at : at.at+at.n])
	if err != nil {
		return fail(err.Error())
	}
	if f.only != nil && !f.only[month] {
		return fail(fmt.Sprintf("is of %s, which is not among the months to replace", monthName(month)))
	}
	return month, nil
}

// batch returns the open batch of a month.
func (f *filler) batch(month int32) *batch {
	b := f.open[month]
	if b == nil {
		select {
		case b = <-f.free:
		default:
			b = newBatch(f.cols)
		}
		b.reset(month)
		f.open[month] = b
		f.pending += b.memory()
	}
	f.current = b
	return b
}

func (f *filler) largest() *batch {
	var found *batch
	for _, b := range f.open {
		if found == nil || b.bytes > found.bytes {
			found = b
		}
	}
	return found
}

// flush hands a batch to the encoders.
func (f *filler) flush(ctx context.Context, b *batch) error {
	delete(f.open, b.month)
	f.pending -= b.memory()
	if f.current == b {
		f.current = nil
	}
	select {
	case f.full <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
