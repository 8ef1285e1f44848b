package lake

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

const (
	fileBytes = 256 << 20 // a data file that has grown to this is closed
	openFiles = 48        // data files being written at a time, at most
)

// dataFiles writes batches to Parquet files, one or a few a month, from
// several goroutines at a time.
type dataFiles struct {
	lake  *Lake
	table string
	run   int64
	cols  []Column
	shape *parquetShape
	args  table.DataFileArgs // what all files have in common
	ctx   context.Context    // of the Puts
	puts  errgroup.Group

	mu    sync.Mutex
	idle  []*dataFile // the one used last at the end
	done  []iceberg.DataFile
	keys  []string         // every key that was begun
	pipes []*io.PipeWriter // and the way into it
}

var errAbandoned = errors.New("abandoned")

// dataFile is a file being written, piped into the store.
type dataFile struct {
	month  int32
	key    string
	pipe   *io.PipeWriter
	buf    *bufio.Writer
	writer *parquetWriter
	stored chan error // the result of its Put
}

// write appends a batch to a file of its month that nobody else is writing, or
// to a new one.
func (d *dataFiles) write(b *batch, s *scratch) error {
	f, evicted, err := d.take(b.month)
	if err != nil {
		return err
	}
	if evicted != nil {
		if err := d.finish(evicted); err != nil {
			return err
		}
	}
	if err := f.writer.write(b, s); err != nil {
		return fmt.Errorf("write %s: %w", f.key, err)
	}
	if f.writer.sink.n >= fileBytes {
		return d.finish(f)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, f)
	return nil
}

// take gives an idle file of month, else a new one; evicted is a file to be
// finished because too many are open.
func (d *dataFiles) take(month int32) (f, evicted *dataFile, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, f := range d.idle {
		if f.month == month {
			d.idle = append(d.idle[:i], d.idle[i+1:]...)
			return f, nil, nil
		}
	}
	if len(d.idle) >= openFiles {
		evicted, d.idle = d.idle[0], d.idle[1:]
	}
	f, err = d.create(month)
	return f, evicted, err
}

func (d *dataFiles) create(month int32) (*dataFile, error) {
	name := fmt.Sprintf("%020d-%s.parquet", d.run, uuid.New())
	if spec := d.args.Spec; spec.NumFields() > 0 {
		name = spec.Field(0).Name + "=" + monthName(month) + "/" + name
	}
	r, w := io.Pipe()
	f := &dataFile{month: month, key: d.lake.prefix(d.table) + "data/" + name, pipe: w, buf: bufio.NewWriterSize(w, 1<<18), stored: make(chan error, 1)}
	d.keys, d.pipes = append(d.keys, f.key), append(d.pipes, w)
	d.puts.Go(func() error {
		err := d.lake.store.Put(d.ctx, f.key, r)
		_ = r.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // a writer that is still at it stops
		f.stored <- err
		return err
	})
	var err error
	if f.writer, err = newParquetWriter(f.buf, d.shape); err != nil {
		return nil, fmt.Errorf("write %s: %w", f.key, err)
	}
	return f, nil
}

// finish completes a file and waits until it is stored.
func (d *dataFiles) finish(f *dataFile) error {
	footer, err := f.writer.close()
	if err == nil {
		err = f.buf.Flush()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.key, err)
	}
	_ = f.pipe.Close() // always nil
	if err := <-f.stored; err != nil {
		return fmt.Errorf("write %s: %w", f.key, err)
	}
	args := d.args
	args.Metadata, args.FilePath, args.FileSize = footer, d.lake.url(f.key), f.writer.sink.n
	if spec := args.Spec; spec.NumFields() > 0 {
		args.PartitionValues = map[int]any{spec.Field(0).FieldID: f.month}
	}
	file, err := table.DataFileFromMetadata(args)
	if err != nil {
		return fmt.Errorf("describe %s: %w", f.key, err)
	}
	d.lake.hook("publish.file")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, file)
	return nil
}

// close finishes all files; with an error it abandons them instead. It returns
// when no Put is under way any more.
func (d *dataFiles) close(err error) error {
	for _, f := range d.idle {
		if err == nil {
			err = d.finish(f)
		}
	}
	for _, p := range d.pipes { // those that are finished take no notice
		_ = p.CloseWithError(cmp.Or(err, errAbandoned)) // always nil
	}
	if perr := d.puts.Wait(); err == nil {
		err = perr
	}
	return err
}

// remove deletes what was written, after a failure; what can not be deleted is
// left to Sweep.
func (d *dataFiles) remove(ctx context.Context) {
	for _, key := range d.keys {
		if err := d.lake.store.Delete(context.WithoutCancel(ctx), key); err != nil {
			d.lake.log.Warn("could not delete a file of a publish that failed", "key", key, "error", err)
		}
	}
}
