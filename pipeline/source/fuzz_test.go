package source

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"
)

// seeds are the corpora and texts in which quotes go wrong.
func seeds(f *testing.F) (list [][]byte) {
	f.Helper()
	for _, pattern := range []string{"testdata/csv-spectrum/*.csv", "testdata/rust-csv/*.csv"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			f.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			list = append(list, data)
		}
	}
	for seed := range uint64(20) {
		list = append(list, hardText(seed, 200))
	}
	return append(list,
		[]byte(smallHeader+"1,2,3.5,2020-01-01 00:00:00\n2,\"1\n\",x,2020-02-30 00:00:00\n\n\\.\n"),
		[]byte("i;q;p;t\n1;2;1.234,5;01.02.2020\n"),
		[]byte(wide("\ufeffi,q,p,t\n1,2,3,2020-01-01 00:00:00\n", false)), []byte("\xfe\xff\x00i"), []byte("a,b\r1,2\r"),
	)
}

func FuzzFramer(f *testing.F) {
	for i, seed := range seeds(f) {
		f.Add(seed, uint16(i*37), uint16(i*13))
	}
	f.Fuzz(func(t *testing.T, text []byte, limit, chunk uint16) {
		if len(text) > 4000 {
			return
		}
		checkFraming(t, text, int(limit)+1, int(chunk)+1)
	})
}

// fuzzSpecs are sources that differ in all that a mapper does.
func fuzzSpecs() []*Spec {
	plain, german, latin, wideText := small(), small(), small(), small()
	plain.Columns["country"], plain.Columns["customer_id"], plain.Columns["updated_at"] = Column{Column: "c", Trim: true}, Column{Column: "id"}, Column{Column: "u", Timestamp: "%Y-%m-%dT%H:%M:%S.%f%z"}
	plain.Timezone, plain.Contract.Missing = "Europe/London", "warn"
	plain.Rules = map[string]Rule{
		"country": {Pattern: "[A-Z]*", OneOf: []string{"GB", "DE"}, Default: "GB"}, "quantity": {Type: "integer", Min: "-5", Max: "1000"}, "ordered_at": {Min: "2000-01-01"},
	}
	german.Format = Format{Delimiter: ";", Timestamp: "%d.%m.%Y", Decimal: ",", Thousands: ".", Nulls: []string{"-"}}
	latin.Format = Format{Encoding: "windows-1252", Quote: "'", Timestamp: "%b %d %Y %I:%M %p"}
	wideText.Format = Format{Encoding: "utf-16be"}
	list := []*Spec{plain, german, latin, wideText, anything(Format{})}
	for _, s := range list[:4] {
		s.Contract.Missing = "warn"
		for _, name := range []string{"invoice_no", "quantity", "unit_price"} {
			if s.Rules == nil {
				s.Rules = map[string]Rule{}
			}
			r := s.Rules[name]
			r.Default = "1"
			s.Rules[name] = r
		}
		r := s.Rules["ordered_at"]
		r.Default = map[string]string{"": "2020-01-01 00:00:00", "%d.%m.%Y": "01.01.2020", "%b %d %Y %I:%M %p": "Jan 1 2020 1:00 PM"}[s.Format.Timestamp]
		s.Rules["ordered_at"] = r
	}
	return list
}

func FuzzMapper(f *testing.F) {
	specs := fuzzSpecs()
	for _, s := range specs {
		if ps := s.Validate(); len(ps) > 0 {
			f.Fatal(ps)
		}
	}
	for i, seed := range seeds(f) {
		f.Add(seed, uint16(i*31), uint8(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, chunk uint16, which uint8) {
		if len(text) > 4000 {
			return
		}
		s := specs[int(which)%len(specs)]
		whole, err := ingest(t, s, text, ingestOptions{field: 500, record: 2000})
		cut, cutErr := ingest(t, s, text, ingestOptions{field: 500, record: 2000, chunk: int(chunk) + 1})
		if (err == nil) != (cutErr == nil) {
			t.Fatalf("whole %v, in chunks %v", err, cutErr)
		}
		whole.chunks, cut.chunks = nil, nil
		if err == nil && !reflect.DeepEqual(whole, cut) {
			t.Fatalf("whole\n%+v\nin chunks\n%+v", whole, cut)
		}
		if int(which)%len(specs) == len(specs)-1 {
			compareWithCSV(t, text)
		}
	})
}

// compareWithCSV holds the fields to encoding/csv where both take every record.
func compareWithCSV(t *testing.T, text []byte) {
	t.Helper()
	if bytes.ContainsAny(text, "\r\x00") || bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) || !utf8.Valid(text) {
		return
	}
	r := csv.NewReader(bytes.NewReader(text))
	want, err := r.ReadAll()
	if err != nil || len(want) == 0 {
		return
	}
	_, rows, out := table(t, Format{}, text)
	if len(out.rejects) > 0 {
		t.Fatalf("encoding/csv takes all of %q, refused here: %v", text, out.reasons())
	}
	if len(rows) != len(want)-1 {
		t.Fatalf("%q: %d records, encoding/csv has %d", text, len(rows), len(want)-1)
	}
	for i, row := range rows {
		if !reflect.DeepEqual(row, want[i+1]) {
			t.Fatalf("%q: record %d is %q, encoding/csv has %q", text, i+1, row, want[i+1])
		}
	}
}

func FuzzInfer(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4000 {
			return
		}
		path := filepath.Join(t.TempDir(), "f.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		g, err := Infer(context.Background(), []File{{Path: path, Name: "f.csv"}}, InferOptions{})
		if err != nil {
			return
		}
		for _, n := range g.Notes {
			if n.Confidence < 0 || n.Confidence > 1 || n.Reason == "" {
				t.Errorf("note %+v", n)
			}
		}
		for _, p := range g.Spec.Validate() {
			if p.Path[0] != "columns" && p.Path[0] != "timezone" {
				t.Errorf("the guess is no valid source: %+v; %+v", p, g.Spec.Format)
			}
		}
		if _, _, err := NewMapper(&g.Spec, g.Header, MapperOptions{}); err == nil {
			if _, err := ingest(t, &g.Spec, text, ingestOptions{}); err != nil {
				t.Errorf("the file does not read as guessed: %v", err)
			}
		}
	})
}
