package lake

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// WriteParquet writes all rows to a Parquet file (zstd), which appears under
// path when it is whole, and returns how many there were. Whole numbers beyond
// 64 bits become decimal(38, 0); what has no type of its own in the lake
// becomes text.
func (r *Rows) WriteParquet(path string) (int64, error) {
	var n int64
	err := WriteFile(path, func(w io.Writer) (err error) {
		n, err = r.writeParquet(w)
		return err
	})
	return n, err
}

func (r *Rows) writeParquet(w io.Writer) (int64, error) {
	cols := make([]Column, len(r.columns))
	for i, name := range r.uniqueNames() {
		cols[i] = r.readers[i].column(name)
	}
	shape, err := newParquetShape(cols, nil)
	if err != nil {
		return 0, err
	}
	p, err := newParquetWriter(w, shape)
	if err != nil {
		return 0, err
	}
	b, s := newBatch(cols), &scratch{}
	var n int64
	for r.Next() {
		if err := r.fill(b); err != nil {
			return n, err
		}
		n++
		if b.full() {
			if err := p.write(b, s); err != nil {
				return n, err
			}
			b.reset(0)
		}
	}
	if err := r.Err(); err != nil {
		return n, err
	}
	if b.rows > 0 {
		if err := p.write(b, s); err != nil {
			return n, err
		}
	}
	_, err = p.close()
	return n, err
}

// column is the column that a result's values are kept in.
func (r reader) column(name string) Column {
	c := Column{Name: name, Type: Text}
	switch r.kind {
	case duck.TypeBoolean:
		c.Type = Bool
	case duck.TypeTinyInt, duck.TypeSmallInt, duck.TypeInteger, duck.TypeUTinyInt, duck.TypeUSmallInt:
		c.Type = Int4
	case duck.TypeBigInt, duck.TypeUInteger:
		c.Type = Int8
	case duck.TypeUBigInt, duck.TypeHugeInt, duck.TypeUHugeInt:
		c.Type, c.Precision = Numeric, 38
	case duck.TypeDecimal:
		c.Type, c.Precision, c.Scale = Numeric, r.width, r.scale
	case duck.TypeFloat, duck.TypeDouble:
		c.Type = Float8
	case duck.TypeDate:
		c.Type = Date
	case duck.TypeTimestampTZ:
		c.Type = Timestamptz
	case duck.TypeTimestamp:
		c.Type = wallTime
	}
	return c
}

// fill appends the current row to b.
func (r *Rows) fill(b *batch) error {
	for i, v := range b.vectors {
		if r.Null(i) {
			_ = v.null() // result columns may always be NULL
			continue
		}
		before := len(v.data)
		if err := r.fillValue(v, i); err != nil {
			return fmt.Errorf("column %s: %w", v.Name, err)
		}
		b.bytes += 8 + len(v.data) - before
	}
	b.rows++
	return nil
}

func (r *Rows) fillValue(v *vector, i int) error {
	rd, src := r.readers[i], r.vectors[i]
	switch v.Type {
	case Numeric:
		magnitude := rd.integer
		if rd.kind == duck.TypeDecimal {
			magnitude = rd.unscaled
		}
		u, negative := magnitude(src, r.at)
		if !u.less(v.limit) {
			return errNumericOverflow
		}
		v.addDecimal(u, negative) // counts the row
		return nil
	case Int4, Int8:
		u, negative := rd.integer(src, r.at)
		if negative {
			u = u.negate()
		}
		if v.Type == Int4 {
			v.i32 = append(v.i32, int32(u.lo)) //nolint:gosec // fits, by the result's type
		} else {
			v.i64 = append(v.i64, int64(u.lo)) //nolint:gosec // fits, by the result's type
		}
	case Bool:
		v.bools = append(v.bools, value[bool](src, r.at))
	case Float8:
		if rd.kind == duck.TypeFloat {
			v.floats = append(v.floats, float64(value[float32](src, r.at)))
		} else {
			v.floats = append(v.floats, value[float64](src, r.at))
		}
	case Date:
		v.i32 = append(v.i32, value[int32](src, r.at))
	case Timestamptz, wallTime:
		v.i64 = append(v.i64, value[int64](src, r.at))
	default:
		v.data = rd.text(v.data, src, r.at)
		v.ends = append(v.ends, uint32(len(v.data))) //nolint:gosec // a batch has far fewer bytes than 2^32
	}
	v.rows++
	return nil
}

// WriteFile makes a file of what write writes. It appears under path, in place
// of what was there, when it is whole and on disk; after an error nothing changes.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // an export is the user's to share, by the umask
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // also a second time
			err = errors.Join(err, os.Remove(temp))
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<18)
	if err := write(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
