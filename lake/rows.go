package lake

import (
	"context"
	"errors"
	"io"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// ResultColumn is a column of a query's result.
type ResultColumn struct {
	Name    string
	Type    string // DuckDB's name of the type, e.g. DECIMAL(38,9)
	Numeric bool   // a number, shown right-aligned
}

// Rows are the rows of a query, read one after the other. They are used by one
// goroutine at a time and have to be closed.
type Rows struct {
	ctx     context.Context
	stop    func() // ends the watch over ctx
	explain func(error) error
	session *session
	result  duck.Result
	columns []ResultColumn
	readers []reader

	chunk   duck.DataChunk
	vectors []vectorData
	size    int // rows of the chunk
	at      int // current row of the chunk
	err     error
	closed  bool
}

func newRows(s *session, result duck.Result) (*Rows, error) {
	r := &Rows{session: s, result: result, at: -1}
	for i := range duck.ColumnCount(&result) {
		typ := duck.ColumnLogicalType(&result, i)
		name := duck.ColumnName(&result, i)
		rd, err := newReader(typ)
		duck.DestroyLogicalType(&typ)
		if err != nil {
			return nil, &UnreadableError{Column: name, Type: rd.name}
		}
		r.readers = append(r.readers, rd)
		r.columns = append(r.columns, ResultColumn{Name: name, Type: rd.name, Numeric: rd.numeric()})
	}
	r.vectors = make([]vectorData, len(r.columns))
	return r, nil
}

// UnreadableError is a result column of a type that can not be shown.
type UnreadableError struct{ Column, Type string }

// Error names column and type.
func (e *UnreadableError) Error() string {
	return "column " + e.Column + " has the type " + e.Type + ", which can not be shown"
}

// Hint says how to show it.
func (e *UnreadableError) Hint() string { return "cast it: CAST(" + e.Column + " AS VARCHAR)" }

// Columns describes the columns, in order.
func (r *Rows) Columns() []ResultColumn { return r.columns }

// Next goes to the next row; false means that there is none, or an error,
// which Err tells.
func (r *Rows) Next() bool {
	if r.err != nil || r.closed {
		return false
	}
	for r.at++; r.at >= r.size; r.at = 0 {
		if err := r.fetch(); err != nil {
			if !errors.Is(err, io.EOF) {
				r.err = err
			}
			r.size, r.at = 0, -1
			return false
		}
	}
	return true
}

// fetch gets the next chunk, io.EOF after the last.
func (r *Rows) fetch() error {
	duck.DestroyDataChunk(&r.chunk)
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.chunk = duck.FetchChunk(r.result)
	if r.chunk.Ptr == nil { // the end or a failure
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if message := duck.ResultError(&r.result); message != "" {
			return r.explain(errors.New(message))
		}
		return io.EOF
	}
	r.size = int(duck.DataChunkGetSize(r.chunk)) //nolint:gosec // at most a vector's 2,048
	for i := range r.vectors {
		r.vectors[i] = newVectorData(duck.DataChunkGetVector(r.chunk, duck.IdxT(i)))
	}
	return nil
}

// Err returns what ended the rows before their end.
func (r *Rows) Err() error { return r.err }

// Null tells whether the current row's value in column i is NULL.
func (r *Rows) Null(i int) bool { return r.vectors[i].null(r.at) }

// Append appends the current row's value in column i as text: decimals and
// whole numbers exactly, times in ISO 8601 (those with a zone in UTC), nested
// values as JSON; nothing for NULL.
func (r *Rows) Append(dst []byte, i int) []byte {
	if r.Null(i) {
		return dst
	}
	return r.readers[i].text(dst, r.vectors[i], r.at)
}

// Text returns what Append appends.
func (r *Rows) Text(i int) string { return string(r.Append(nil, i)) }

// Close ends the query, also before its last row, and releases it.
func (r *Rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.stop()
	duck.DestroyDataChunk(&r.chunk)
	duck.DestroyResult(&r.result)
	r.session.close()
	return nil
}
