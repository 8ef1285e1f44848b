package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// lined is a source of order lines whose headers lie in a lookup file.
func lined(path string) *Spec {
	return &Spec{
		Name: "lines", Path: "lines.csv",
		Columns: map[string]Column{"invoice_no": {Column: "order"}, "quantity": {Column: "q"}, "unit_price": {Column: "p"}},
		Lookup: []Lookup{{
			Path: path, Format: Format{Delimiter: ";", Timestamp: "%d.%m.%Y", Nulls: []string{"NULL"}},
			Key:     map[string]string{"order": "id"},
			Columns: map[string]Column{"ordered_at": {Column: "date"}, "customer_id": {Column: "who"}, "tax": {Column: "tax"}},
		}},
	}
}

func TestLookup(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "orders.csv"), []byte("id;date;who;tax\n"+
		"1;01.02.2020;17.0;1.5\n"+
		"2;02.02.2020;NULL;\n"+
		"3;31.02.2020;18;\n"+ // no such day
		"4;03.02.2020;19;;\n"+ // five fields
		"5;04.02.2020;20;\n5;04.02.2020;20;\n"+ // the same twice
		"6;05.02.2020;21;\n6;06.02.2020;21;\n"+ // twice, different
		"7;;22;\n"+ // without a date
		"8;07.02.2020;\xff;\n"+
		"\"9;08.02.2020;24;\n"+ // an open quote
		";09.02.2020;25;\n"+ // without a key
		"10;10.02.2020;26;1.2345678\n"))
	lines := "order,q,p\n"
	for i := range 12 {
		lines += fmt.Sprintf("%d,1,1\n", i+1)
	}
	lines += ",1,1\n"
	for _, missing := range []string{"", "null"} {
		s := lined(path)
		s.Lookup[0].Missing = missing
		if ps := s.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		l, err := LoadLookups(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		if f := l.Files[0]; f.Read != 13 || f.Refused != 5 || len(f.Samples) != 5 || f.Name != "orders.csv" {
			t.Errorf("lookup file %+v", f)
		}
		out := mustIngest(t, s, lines, ingestOptions{lookups: l})
		var good []string
		for _, r := range out.rows {
			good = append(good, r["invoice_no"]+" "+r["ordered_at"]+" "+r["customer_id"]+" "+r["tax"])
		}
		if want := []string{"1 2020-02-01T00:00:00Z 17 1.5", "2 2020-02-02T00:00:00Z  ", "5 2020-02-04T00:00:00Z 20 "}; !reflect.DeepEqual(good, want) {
			t.Errorf("%q: rows %q\nwant %q", missing, good, want)
		}
		want := []string{"3 lookup order", "4 lookup order", "6 lookup order", "7 required ordered_at", "8 lookup order", "9 lookup order", "10 lookup order", "11 lookup order", "12 lookup order", "13 lookup order"}
		if missing == "null" { // without a record ordered_at is missing
			want = []string{"3 lookup order", "4 lookup order", "6 lookup order", "7 required ordered_at", "8 lookup order", "9 required ordered_at", "10 lookup order", "11 required ordered_at", "12 required ordered_at", "13 required invoice_no"}
		}
		if have := out.reasons(); !reflect.DeepEqual(have, want) {
			t.Errorf("%q: rejects %q\nwant %q", missing, have, want)
		}
		for _, r := range out.rejects {
			if r.Record == 4 && !strings.Contains(r.Detail, "line 5 of orders.csv is refused: fields: 5 fields instead of 4") {
				t.Errorf("detail %q", r.Detail)
			}
			if r.Record == 6 && !strings.Contains(r.Detail, "twice") {
				t.Errorf("detail %q", r.Detail)
			}
		}
	}
}

func TestLookupKeysOfTwoColumns(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "l.csv"), []byte("shop,no,date\na,1,2020-01-01\na,11,2020-01-02\naa,1,2020-01-03\n"))
	s := small()
	delete(s.Columns, "ordered_at")
	s.Lookup = []Lookup{{
		Path: path, Format: Format{Timestamp: "%Y-%m-%d"}, Key: map[string]string{"s": "shop", "i": "no"},
		Columns: map[string]Column{"ordered_at": {Column: "date"}},
	}}
	l, err := LoadLookups(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	out := mustIngest(t, s, "i,q,p,s\n1,1,1,a\n11,1,1,a\n1,1,1,aa\n1,1,1,b\n", ingestOptions{lookups: l})
	var have []string
	for _, r := range out.rows {
		have = append(have, r["ordered_at"][:10]+r["extra"])
	}
	if want := []string{`2020-01-01{"s":"a"}`, `2020-01-02{"s":"a"}`, `2020-01-03{"s":"aa"}`}; !reflect.DeepEqual(have, want) || len(out.rejects) != 1 {
		t.Errorf("%q, rejects %v; want %q", have, out.reasons(), want)
	}
	if len(out.findings) != 0 {
		t.Errorf("key columns are new: %v", out.findings)
	}
}

func TestLookupErrors(t *testing.T) {
	folder := t.TempDir()
	path := write(t, filepath.Join(folder, "orders.csv"), []byte("id;day;who;tax\n"))
	s := lined(path)
	var h interface{ Hint() string }
	if _, err := LoadLookups(context.Background(), s); !errors.Is(err, ErrContract) || !errors.As(err, &h) {
		t.Errorf("a missing column: %v", err)
	}
	s.Lookup[0].Path = filepath.Join(folder, "none.csv")
	if _, err := LoadLookups(context.Background(), s); !errors.Is(err, ErrNoFiles) {
		t.Errorf("a missing file: %v", err)
	}
	write(t, path, []byte("id;date;who;tax\n"))
	s = lined(path)
	l, err := LoadLookups(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ingest(t, s, []byte("no,q,p\n1,1,1\n"), ingestOptions{lookups: l}); !errors.As(err, &h) || !strings.Contains(h.Hint(), "no, q, p") && !strings.Contains(h.Hint(), `"no"`) {
		t.Errorf("a missing key column: %v", err)
	}
	if _, err := ingest(t, s, []byte("order,q,p\n"), ingestOptions{}); err == nil {
		t.Error("lookups that are not loaded are no error")
	}
}

func TestLookupMemoryIsCapped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("id;date;who;tax\n"); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1<<16)
	for i := range 1100 {
		if _, err := fmt.Fprintf(file, "%d;01.01.2020;%s;\n", i, long); err != nil {
			t.Fatal(err)
		}
	}
	var h interface{ Hint() string }
	if _, err := LoadLookups(context.Background(), lined(path)); !errors.As(err, &h) || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("%v", err)
	}
}
