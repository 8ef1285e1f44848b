package lake

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	batchRows  = 1 << 17  // rows of one Parquet row group, at most
	batchBytes = 16 << 20 // and bytes of the stream that it holds
)

// batch is up to one row group of one month, column by column.
type batch struct {
	month   int32 // months since 1970-01
	rows    int
	bytes   int // of the stream
	grown   int // the most that bytes has been: what its memory is good for
	vectors []*vector
}

func newBatch(cols []Column) *batch {
	b := &batch{vectors: make([]*vector, len(cols))}
	for i, c := range cols {
		b.vectors[i] = newVector(c)
	}
	return b
}

func (b *batch) reset(month int32) {
	b.month, b.rows, b.bytes, b.grown = month, 0, 0, max(b.grown, b.bytes)
	for _, v := range b.vectors {
		v.reset()
	}
}

// add appends a row; with an error it returns the name of the column.
func (b *batch) add(tuple []byte, fields []field) (string, error) {
	for i, v := range b.vectors {
		f := fields[i]
		var err error
		if f.n < 0 {
			err = v.null()
		} else {
			err = v.add(tuple[f.at : f.at+f.n])
		}
		if err != nil {
			return v.Name, err
		}
	}
	b.rows++
	b.bytes += len(tuple)
	return "", nil
}

// memory is roughly what the batch occupies.
func (b *batch) memory() int { return max(b.bytes, b.grown) }

func (b *batch) full() bool { return b.rows >= batchRows || b.bytes >= batchBytes }

// monthOf finds the month of a partition column's value in binary form,
// remembering the last month since rows of one month tend to come together.
type monthOf struct {
	value    *vector
	from, to int64 // the last month, in the column's unit
	month    int32
}

var errNoMonth = errors.New("is too far from now to be a month of the lake")

func (m *monthOf) of(b []byte) (int32, error) {
	v := m.value
	v.reset()
	if err := v.addFixed(b); err != nil {
		return 0, err
	}
	var at int64
	if m.value.Type == Date {
		at = int64(v.i32[0])
	} else {
		at = v.i64[0]
	}
	if at >= m.from && at < m.to {
		return m.month, nil
	}
	return m.find(at)
}

func (m *monthOf) find(at int64) (int32, error) {
	var t time.Time
	if m.value.Type == Date {
		t = time.Unix(at*24*60*60, 0).UTC()
	} else {
		t = time.UnixMicro(at).UTC()
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return 0, errNoMonth
	}
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	next := first.AddDate(0, 1, 0)
	m.month = monthNumber(t)
	if m.value.Type == Date {
		m.from, m.to = first.Unix()/(24*60*60), next.Unix()/(24*60*60)
	} else {
		m.from, m.to = first.UnixMicro(), next.UnixMicro()
	}
	return m.month, nil
}

func monthNumber(t time.Time) int32 {
	t = t.UTC()
	n := (t.Year()-1970)*12 + int(t.Month()) - 1
	return int32(min(max(n, math.MinInt32), math.MaxInt32))
}

func monthName(n int32) string {
	t := time.Date(1970, time.Month(1+int(n)), 1, 0, 0, 0, 0, time.UTC)
	return fmt.Sprintf("%04d-%02d", t.Year(), int(t.Month()))
}
