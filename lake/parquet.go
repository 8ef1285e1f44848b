package lake

import (
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// zstdLevel trades a few percent of size for a good deal of speed.
const zstdLevel = 1

// parquetShape is what all Parquet files of one write have in common.
type parquetShape struct {
	root  *schema.GroupNode
	props *parquet.WriterProperties
}

// newParquetShape describes columns cols, in which ids are the Iceberg field
// ids that readers find the columns by, nil for a file outside of a table.
func newParquetShape(cols []Column, ids []int) (*parquetShape, error) {
	nodes := make(schema.FieldList, len(cols))
	opts := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(zstdLevel),
		parquet.WithBatchSize(8192), parquet.WithDictionaryDefault(true),
	}
	for i, c := range cols {
		id := int32(-1)
		if ids != nil {
			id = int32(ids[i]) //nolint:gosec // field ids count the columns
		}
		node, err := parquetNode(c, id)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		nodes[i] = node
		switch c.Type {
		case Int8: // ids and positions: nearly all different, mostly ascending
			opts = append(opts, parquet.WithDictionaryFor(c.Name, false), parquet.WithEncodingFor(c.Name, parquet.Encodings.DeltaBinaryPacked))
		case JSON: // its bounds say nothing
			opts = append(opts, parquet.WithStatsFor(c.Name, false))
		case Float8, Bool:
			opts = append(opts, parquet.WithDictionaryFor(c.Name, false))
		}
	}
	root, err := schema.NewGroupNode("table", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return nil, err
	}
	return &parquetShape{root: root, props: parquet.NewWriterProperties(opts...)}, nil
}

func parquetNode(c Column, id int32) (schema.Node, error) {
	rep := parquet.Repetitions.Optional
	if c.Required {
		rep = parquet.Repetitions.Required
	}
	var logical schema.LogicalType = schema.NoLogicalType{}
	typ, width := parquet.Types.ByteArray, -1
	v := newVector(c)
	switch v.phys {
	case physBool:
		typ = parquet.Types.Boolean
	case phys32:
		typ = parquet.Types.Int32
	case phys64:
		typ = parquet.Types.Int64
	case physFloat:
		typ = parquet.Types.Double
	case physFixed:
		typ, width = parquet.Types.FixedLenByteArray, v.width
	}
	switch c.Type {
	case Text, JSON:
		logical = schema.StringLogicalType{}
	case Numeric:
		logical = schema.NewDecimalLogicalType(int32(c.Precision), int32(c.Scale)) //nolint:gosec // at most 38
	case Timestamptz:
		logical = schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
	case wallTime:
		logical = schema.NewTimestampLogicalType(false, schema.TimeUnitMicros)
	case Date:
		logical = schema.DateLogicalType{}
	}
	return schema.NewPrimitiveNodeLogical(c.Name, rep, logical, typ, width, id)
}

// parquetWriter writes batches as the row groups of one file. It is used by
// one goroutine at a time.
type parquetWriter struct {
	file *file.Writer
	sink *countingWriter
}

// scratch is what one goroutine needs while it writes a batch.
type scratch struct {
	levels []int16
	bytes  []parquet.ByteArray
	fixed  []parquet.FixedLenByteArray
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func newParquetWriter(w io.Writer, shape *parquetShape) (*parquetWriter, error) {
	sink := &countingWriter{w: w}
	f, err := file.NewParquetWriterWithError(sink, shape.root, file.WithWriterProps(shape.props))
	if err != nil {
		return nil, err
	}
	return &parquetWriter{file: f, sink: sink}, nil
}

// write appends b as one row group.
func (p *parquetWriter) write(b *batch, s *scratch) error {
	group, err := p.file.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	for _, v := range b.vectors {
		col, err := group.NextColumn()
		if err != nil {
			return fmt.Errorf("column %s: %w", v.Name, err)
		}
		if err := s.write(col, v); err != nil {
			return fmt.Errorf("column %s: %w", v.Name, err)
		}
		if err := col.Close(); err != nil {
			return fmt.Errorf("column %s: %w", v.Name, err)
		}
	}
	return group.Close()
}

func (s *scratch) write(col file.ColumnChunkWriter, v *vector) (err error) {
	levels := s.definition(v)
	switch w := col.(type) {
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(v.bools, levels, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(v.i32, levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(v.i64, levels, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(v.floats, levels, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		s.fixed = s.fixed[:0]
		for at := 0; at < len(v.data); at += v.width {
			s.fixed = append(s.fixed, v.data[at:at+v.width])
		}
		_, err = w.WriteBatch(s.fixed, levels, nil)
	case *file.ByteArrayColumnChunkWriter:
		s.bytes = s.bytes[:0]
		at := uint32(0)
		for _, end := range v.ends {
			s.bytes = append(s.bytes, v.data[at:end])
			at = end
		}
		_, err = w.WriteBatch(s.bytes, levels, nil)
	default:
		err = fmt.Errorf("no writer for %T", col)
	}
	return err
}

// definition returns Parquet's definition levels: 1 for a value, 0 for NULL,
// none for a required column.
func (s *scratch) definition(v *vector) []int16 {
	if v.Required {
		return nil
	}
	if cap(s.levels) < v.rows {
		s.levels = make([]int16, v.rows)
	}
	levels := s.levels[:v.rows]
	for i := range levels {
		levels[i] = 1
	}
	for _, i := range v.nulls {
		levels[i] = 0
	}
	return levels
}

// close writes the footer and returns it.
func (p *parquetWriter) close() (*metadata.FileMetaData, error) {
	if err := p.file.Close(); err != nil {
		return nil, err
	}
	return p.file.FileMetadata()
}
