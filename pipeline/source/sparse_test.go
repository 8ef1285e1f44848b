package source

import (
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Rows without the columns that the table fills in hold the same values as rows with all of them.
func TestSparseRowsAreTheSameRows(t *testing.T) {
	spec := &Spec{
		Name: "s", Columns: map[string]Column{
			"invoice_no": {Column: "i"}, "quantity": {Column: "q"}, "unit_price": {Column: "p"}, "ordered_at": {Column: "at"},
		},
		Rules: map[string]Rule{"channel": {Default: "web"}, "discount": {Default: "0.5"}},
	}
	for _, c := range []struct {
		name, file string
		columns    []string
	}{
		{"only what is mapped", "i,q,p,at\n1,2,3.5,2024-01-01 00:00:00\n", []string{
			"source", "load_id", "record", "line", "byte_offset", "invoice_no", "quantity", "unit_price", "discount", "ordered_at", "channel",
		}},
		{"and what is not", "i,q,p,at,color\n1,2,3.5,2024-01-01 00:00:00,red\n2,2,3.5,2024-01-01 00:00:00,\n", []string{
			"source", "load_id", "record", "line", "byte_offset", "invoice_no", "quantity", "unit_price", "discount", "ordered_at", "channel", "extra",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			full, all := mapped(t, spec, c.file, MapperOptions{Load: 7})
			if !slices.Equal(all, CopyColumns()) {
				t.Errorf("all columns are %v", all)
			}
			sparse, some := mapped(t, spec, c.file, MapperOptions{Load: 7, Sparse: true})
			if !slices.Equal(some, c.columns) {
				t.Fatalf("columns %v, want %v", some, c.columns)
			}
			fullRows, sparseRows := rawTuples(t, full, all), rawTuples(t, sparse, some)
			if len(fullRows) != len(sparseRows) || len(fullRows) == 0 {
				t.Fatalf("%d rows, %d sparse", len(fullRows), len(sparseRows))
			}
			byTable := map[string]string{"discount_rate": "\x00\x00\x00\x00\x00\x00\x00\x06"} // 0 with six decimals
			for i, row := range fullRows {
				for name, field := range row {
					got, there := sparseRows[i][name]
					if !there {
						got = byTable[name]
					}
					if got != field {
						t.Errorf("row %d, %s: %q instead of %q", i, name, got, field)
					}
				}
			}
		})
	}
}

// Rows of a table that knows source and load are the same rows without them.
func TestOneLoadRowsAreTheSameRows(t *testing.T) {
	spec := &Spec{
		Name: "s", Columns: map[string]Column{
			"invoice_no": {Column: "i"}, "quantity": {Column: "q"}, "unit_price": {Column: "p"}, "ordered_at": {Column: "at"},
		},
	}
	const file = "i,q,p,at,color\n1,2,3.5,2024-01-01 00:00:00,red\n2,2,3.5,2024-01-01 00:00:00,\n"
	full, all := mapped(t, spec, file, MapperOptions{Load: 7, Sparse: true})
	short, some := mapped(t, spec, file, MapperOptions{Load: 7, Sparse: true, OneLoad: true})
	if !slices.Equal(some, all[2:]) || all[0] != "source" || all[1] != "load_id" {
		t.Fatalf("columns %v of %v", some, all)
	}
	rows, shortRows := rawTuples(t, full, all), rawTuples(t, short, some)
	for i, row := range rows {
		delete(row, "source")
		delete(row, "load_id")
		if !maps.Equal(row, shortRows[i]) {
			t.Errorf("row %d: %q instead of %q", i, shortRows[i], row)
		}
	}
	if len(rows) != 2 || len(shortRows) != 2 {
		t.Errorf("%d rows, %d without", len(rows), len(shortRows))
	}
}

func mapped(t *testing.T, spec *Spec, file string, o MapperOptions) ([]byte, []string) {
	t.Helper()
	framer, err := NewFramer(strings.NewReader(file), spec.Format, FramerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := NewMapper(spec, framer.Header(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	for c := new(Chunk); ; {
		err := framer.Next(c)
		if errors.Is(err, io.EOF) {
			return b.Copy, m.CopyColumns()
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Chunk(&b, c); err != nil {
			t.Fatal(err)
		}
		if b.Rejected > 0 {
			t.Fatalf("rejected: %+v", b.Rejects)
		}
	}
}

// rawTuples cuts tuples into fields; NULL ones are "".
func rawTuples(t *testing.T, data []byte, names []string) (rows []map[string]string) {
	t.Helper()
	for len(data) > 0 {
		if n := int(binary.BigEndian.Uint16(data)); n != len(names) {
			t.Fatalf("%d fields, want %d", n, len(names))
		}
		data = data[2:]
		row := map[string]string{}
		for _, name := range names {
			n := int32(binary.BigEndian.Uint32(data)) //nolint:gosec // -1 is NULL
			data = data[4:]
			if n >= 0 {
				row[name], data = string(data[:n]), data[n:]
			} else {
				row[name] = ""
			}
		}
		rows = append(rows, row)
	}
	return rows
}
