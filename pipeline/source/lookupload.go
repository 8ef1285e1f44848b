package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// LoadLookups reads the lookup files of s into memory: nil where it has none.
// More than 64 MiB of them is an error.
func LoadLookups(ctx context.Context, s *Spec) (*Lookups, error) {
	if len(s.Lookup) == 0 {
		return nil, nil //nolint:nilnil // no lookups are no error, and NewMapper takes nil
	}
	all := &Lookups{}
	used := 0
	for i := range s.Lookup {
		l := &s.Lookup[i]
		files, err := Expand(l.Path)
		if err != nil {
			return nil, fmt.Errorf("lookup %s: %w", l.Path, err)
		}
		t := &lookupTable{path: l.Path, rows: map[string]int32{}, faults: map[string]string{}}
		for column := range purchases {
			if _, ok := l.Columns[purchases[column].name]; ok {
				t.columns = append(t.columns, column)
			}
		}
		for _, file := range files {
			r := lookupReader{spec: s, lookup: l, table: t, file: LookupFile{Name: file.Name}, used: used}
			if err := r.load(ctx, file); err != nil {
				return nil, fmt.Errorf("lookup %s: %w", file.Path, err)
			}
			all.Files = append(all.Files, r.file)
		}
		used += t.bytes
		all.tables = append(all.tables, t)
	}
	return all, nil
}

// lookupReader reads one lookup file into a table.
type lookupReader struct {
	spec   *Spec
	lookup *Lookup
	table  *lookupTable
	file   LookupFile
	used   int // bytes of other lookups
	mapper *Mapper
	keys   []int
	row    []byte
}

func (r *lookupReader) load(ctx context.Context, file File) (err error) {
	if r.file.Hashes, err = Hash(ctx, file, r.spec.Limits, nil); err != nil {
		return err
	}
	in, _, err := Open(ctx, file, r.spec.Limits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	framer, err := NewFramer(in, r.lookup.Format, FramerOptions{ChunkBytes: 256 << 10})
	if err != nil {
		return err
	}
	if err := r.bind(framer.Header()); err != nil {
		return err
	}
	s := newScratch()
	for c := new(Chunk); ; {
		err := framer.Next(c)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.encoding = c.encoding
		for i := range c.Records {
			r.record(c, i, s)
		}
		if r.used+r.table.bytes > lookupMemory {
			return withHint("load it as a source of its own, or leave out what no line refers to",
				"lookups hold more than %d MiB", lookupMemory>>20)
		}
	}
}

// bind finds keys and columns in the lookup's header.
func (r *lookupReader) bind(header []string) error {
	d, _ := r.lookup.Format.resolve()
	zone, err := loadZone(r.spec.Timezone)
	if err != nil {
		return err
	}
	m := &Mapper{spec: r.spec, dialect: d, header: header, maxField: 1 << 20, values: values{zone: zone, nulls: newNullWords(d.nulls)}}
	r.mapper = m
	for _, name := range keyColumns(r.lookup) {
		i, err := headerIndex(header, r.lookup.Key[name])
		if err != nil {
			return err
		}
		r.keys = append(r.keys, i)
	}
	for _, index := range r.table.columns {
		col := &purchases[index]
		mapped := r.lookup.Columns[col.name]
		c := column{canonical: col, index: index, lookup: -1, trim: mapped.Trim}
		c.number = decimalFormat{point: d.decimal, thousands: d.thousands, whole: col.whole, scale: col.scale}
		if c.field, err = headerIndex(header, mapped.Column); err != nil {
			return err
		}
		layout := d.timestamp
		if mapped.Timestamp != "" {
			layout = mapped.Timestamp
		}
		if err := c.finish(r.spec, layout, &m.values, &m.rules); err != nil {
			return err
		}
		m.columns = append(m.columns, c)
	}
	return nil
}

func headerIndex(header []string, name string) (int, error) {
	i := slices.Index(header, name)
	if i < 0 {
		hint := fmt.Sprintf("the file has: %q", header)
		if near := Nearest(name, header); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return 0, withHint(hint, "%w: column %q is not in the header", ErrContract, name)
	}
	if slices.Contains(header[i+1:], name) {
		return 0, withHint("give every column a name of its own in format.names", "%w: column %q is in the header more than once", ErrContract, name)
	}
	return i, nil
}

// record adds one record to the table, or the reason why its key is of no use.
func (r *lookupReader) record(c *Chunk, i int, s *scratch) {
	rec := &c.Records[i]
	raw := c.Data[rec.Start:rec.End]
	r.file.Read++
	no := r.values(raw, rec, s)
	key, null := r.key(s)
	switch {
	case no.reason != "":
		r.file.Refused++
		if len(r.file.Samples) < 10 {
			r.file.Samples = append(r.file.Samples, Reject{
				Record: c.RecordFrom + int64(i), Line: rec.Line, ByteOffset: rec.Byte, Reason: no.reason,
				Column: no.column, Detail: no.detail, Raw: c.encoding.appendOriginal(nil, raw),
			})
		}
		if !null {
			r.taint(key, fmt.Sprintf("its record at line %d of %s is refused: %s: %s", rec.Line, r.file.Name, no.reason, no.detail))
		}
	case null:
	default:
		r.add(key, rec.Line)
	}
}

// values parses the record's columns into r.row.
func (r *lookupReader) values(raw []byte, rec *Record, s *scratch) refusal {
	m := r.mapper
	r.row = r.row[:0]
	if rec.state > recordQuoted {
		s.split.split(raw, &m.dialect, false)
		return faultRefusal(rec.state)
	}
	fields := s.split.split(raw, &m.dialect, rec.state == recordQuoted)
	if len(fields) != len(m.header) {
		return refusal{reason: ReasonFields, detail: fmt.Sprintf("%d fields instead of %d", len(fields), len(m.header))}
	}
	if s.split.high || s.split.nul || len(raw) > m.maxField {
		if no := m.inspect(s); no.reason != "" {
			return no
		}
	}
	for i := range m.columns {
		c := &m.columns[i]
		var (
			null   bool
			reason string
		)
		if r.row, null, reason = c.append(r.row, fields[c.field], &m.values, s); reason != "" {
			return refusal{reason: reason, column: c.name, detail: c.explain(reason, fields[c.field], m.rules[c.index])}
		}
		if null {
			r.row = append(r.row, nullField...)
		}
	}
	return refusal{}
}

// key is the record's key as far as its fields go; a refused record has it by
// position.
func (r *lookupReader) key(s *scratch) (key []byte, null bool) {
	for _, at := range r.keys {
		if at >= len(s.split.fields) {
			return nil, true
		}
	}
	s.key, null = appendKey(s.key[:0], s.split.fields, r.keys, &r.mapper.values.nulls)
	return s.key, null
}

func (r *lookupReader) add(key []byte, line int64) {
	t := r.table
	if _, bad := t.faults[string(key)]; bad {
		return
	}
	if row, twice := t.rows[string(key)]; twice {
		if !bytes.Equal(t.row(row), r.row) {
			r.taint(key, fmt.Sprintf("it is there twice with different values, at last at line %d of %s", line, r.file.Name))
		}
		return
	}
	t.rows[string(key)] = int32(len(t.ends)) //nolint:gosec // memory is capped
	t.data = append(t.data, r.row...)
	t.ends = append(t.ends, uint32(len(t.data))) //nolint:gosec // memory is capped
	t.bytes += len(key) + len(r.row) + 64        // what a map entry costs
}

// taint makes the key refuse the lines that use it.
func (r *lookupReader) taint(key []byte, why string) {
	t := r.table
	delete(t.rows, string(key))
	if _, ok := t.faults[string(key)]; !ok {
		t.faults[string(key)] = why
		t.bytes += len(key) + len(why) + 64
	}
}
