package source

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lookupMemory caps what all lookups of a source may hold.
const lookupMemory = 64 << 20

// Lookups are the lookup files of a source, read into memory. They are
// read-only once loaded and may be shared by mappers.
type Lookups struct {
	Files  []LookupFile
	tables []*lookupTable
}

// LookupFile says what was found in one lookup file. Records that were refused
// there refuse the lines that refer to them.
type LookupFile struct {
	Name    string
	Hashes  Hashes
	Read    int64
	Refused int64
	Samples []Reject // the first ten refused
}

// Hashes gives the content hashes of the lookup files in their order: part of
// what a load is identified by.
func (l *Lookups) Hashes() [][32]byte {
	if l == nil {
		return nil
	}
	hashes := make([][32]byte, len(l.Files))
	for i := range l.Files {
		hashes[i] = l.Files[i].Hashes.Content
	}
	return hashes
}

// lookupTable holds one lookup's records by key.
type lookupTable struct {
	path    string
	columns []int            // canonical columns, in the order of a row's fields
	rows    map[string]int32 // key -> row
	ends    []uint32         // where a row's fields end in data
	data    []byte
	faults  map[string]string // keys that must not be used, and why
	bytes   int
}

func (t *lookupTable) row(i int32) []byte {
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.data[from:t.ends[i]]
}

// boundLookup is a lookup table and where its key lies in the source's record.
type boundLookup struct {
	table     *lookupTable
	keys      []int
	keyNames  []string
	allowNone bool
}

// bindLookups finds the keys of the lookups in the header.
func (b *binder) bindLookups(loaded *Lookups) error {
	specs := b.m.spec.Lookup
	if len(specs) == 0 {
		return nil
	}
	if loaded == nil || len(loaded.tables) != len(specs) {
		return fmt.Errorf("the lookups are not loaded")
	}
	for i := range specs {
		l := boundLookup{table: loaded.tables[i], allowNone: specs[i].Missing == "null"}
		for _, name := range keyColumns(&specs[i]) {
			field, ok := b.names[name]
			if !ok || field < 0 {
				hint := "the file has: " + strings.Join(b.m.header, ", ")
				return withHint(hint, "%w: key column %q of lookup %s is not in the header, or more than once", ErrContract, name, specs[i].Path)
			}
			l.keys = append(l.keys, field)
			l.keyNames = append(l.keyNames, name)
		}
		b.m.lookups = append(b.m.lookups, l)
	}
	return nil
}

// inLookup finds the lookup that fills a canonical column.
func (b *binder) inLookup(name string) (lookup, part int) {
	for i := range b.m.lookups {
		for part, column := range b.m.lookups[i].table.columns {
			if purchases[column].name == name {
				return i, part
			}
		}
	}
	return -1, 0
}

// keyColumns are the source's key columns in the order in which keys are built.
func keyColumns(l *Lookup) []string {
	return slices.Sorted(maps.Keys(l.Key))
}

// resolveLookups finds the record of each lookup for the fields in s.
func (m *Mapper) resolveLookups(s *scratch) refusal {
	s.found = s.found[:0]
	for i := range m.lookups {
		l := &m.lookups[i]
		var null bool
		s.key, null = appendKey(s.key[:0], s.split.fields, l.keys, &m.values.nulls)
		row, ok := l.table.rows[string(s.key)]
		if null || !ok {
			if fault, bad := l.table.faults[string(s.key)]; bad && !null {
				return m.refuseLookup(l, s, fault)
			}
			if !l.allowNone {
				return m.refuseLookup(l, s, "it is not there")
			}
			s.found = append(s.found, nil)
			continue
		}
		s.found = append(s.found, l.table.row(row))
	}
	return refusal{}
}

func (m *Mapper) refuseLookup(l *boundLookup, s *scratch, why string) refusal {
	parts := make([]string, len(l.keys))
	for i, field := range l.keys {
		parts[i] = l.keyNames[i] + " " + excerpt(s.split.fields[field])
	}
	return refusal{reason: ReasonLookup, column: l.keyNames[0], detail: fmt.Sprintf("%s in %s: %s", strings.Join(parts, ", "), l.table.path, why)}
}

// appendKey builds a lookup key; null where a part of it is NULL.
func appendKey(key []byte, fields [][]byte, at []int, nulls *nullWords) (out []byte, null bool) {
	for _, field := range at {
		if nulls.has(fields[field]) {
			return key, true
		}
		key = binary.AppendUvarint(key, uint64(len(fields[field])))
		key = append(key, fields[field]...)
	}
	return key, false
}

// appendLookup adds the COPY field that a lookup gives; null where it gives
// none.
func (m *Mapper) appendLookup(dst []byte, c *column, s *scratch) (out []byte, null bool) {
	row := s.found[c.lookup]
	if row == nil {
		return dst, true
	}
	for part := 0; ; part++ {
		length := int32(binary.BigEndian.Uint32(row)) //nolint:gosec // -1 is meant
		size := 4 + max(int(length), 0)
		if part == c.part {
			if length < 0 {
				return dst, true
			}
			return append(dst, row[:size]...), false
		}
		row = row[size:]
	}
}
