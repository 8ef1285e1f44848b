package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"HOLDER, WHITE",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom
`

func generate(t *testing.T, o Options) ([]byte, Facts) {
	t.Helper()
	base, err := Base(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	facts, err := Generate(&out, base, o)
	if err != nil {
		t.Fatal(err)
	}
	if facts.Bytes != int64(out.Len()) {
		t.Errorf("facts say %d bytes, %d were written", facts.Bytes, out.Len())
	}
	return out.Bytes(), facts
}

func TestGenerateCopiesWithNewInvoicesAndDates(t *testing.T) {
	out, _ := generate(t, Options{Rows: 5})
	want := header + `536365,1,85123A,"HOLDER, WHITE",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom,GBP
536365,2,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom,GBP
C536379,1,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom,GBP
586365,1,85123A,"HOLDER, WHITE",6,2011-12-14 08:26:00,2.55,17850.0,United Kingdom,GBP
586365,2,71053,LANTERN,6,2011-12-14 08:26:00,3.39,17850.0,United Kingdom,GBP
`
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

func TestGenerateIsTheSameEveryTime(t *testing.T) {
	a, _ := generate(t, Options{Rows: 4000, Bad: 0.1, Seed: 7})
	b, _ := generate(t, Options{Rows: 4000, Bad: 0.1, Seed: 7})
	c, _ := generate(t, Options{Rows: 4000, Bad: 0.1, Seed: 8})
	if !bytes.Equal(a, b) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(a, c) {
		t.Error("another seed gave the same bytes")
	}
}

// A clean file must be whole for a reader that knows nothing of ours, else the comparison
// with psql would compare nothing.
func TestCleanFileIsPlainCSV(t *testing.T) {
	out, facts := generate(t, Options{Rows: 2500})
	in := csv.NewReader(bytes.NewReader(out))
	in.FieldsPerRecord = 10
	rows, multiline := int64(-1), int64(0)
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows++
		if strings.Contains(fields[3], "\nsay \"as new\"") {
			multiline++
		}
	}
	if rows != 2500 || multiline != 2 || facts.Multiline != 2 || facts.Bad != 0 {
		t.Errorf("rows %d, multiline %d, facts %+v", rows, multiline, facts)
	}
}

func TestBadRowsAreOfEveryKindAndCounted(t *testing.T) {
	out, facts := generate(t, Options{Rows: 3000, Bad: 0.2, Seed: 3})
	if facts.Bad < 500 || facts.Bad > 700 {
		t.Errorf("bad %d of 3000 at 20%%", facts.Bad)
	}
	for name, mark := range map[string]string{
		"no invoice": "\n,", "quantity": ".2.3,", "date": ":00?,", "price": ",about ", "surplus": ",x,",
	} {
		if !bytes.Contains(out, []byte(mark)) {
			t.Errorf("no record with a bad %s", name)
		}
	}
	fields := map[int]int{}
	in := csv.NewReader(bytes.NewReader(out))
	in.FieldsPerRecord = -1
	for {
		f, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		fields[len(f)]++
	}
	if fields[9] == 0 || fields[11] == 0 || fields[10] == 0 || len(fields) != 3 {
		t.Errorf("records by field count: %v", fields)
	}
}

func TestRunWritesTheFile(t *testing.T) {
	path := filepath.Join(dataDir(t), "online-retail", "online-retail.csv.gz")
	to := filepath.Join(t.TempDir(), "out.csv")
	var told bytes.Buffer
	if err := run([]string{"-rows", "1000", "-from", path, "-o", to}, io.Discard, &told); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.String(), `"rows":1000`) || !bytes.HasPrefix(out, []byte(header)) {
		t.Errorf("told %q", told.String())
	}
	if err := run([]string{"-from", filepath.Join(t.TempDir(), "absent")}, io.Discard, io.Discard); err == nil {
		t.Error("an absent file was no error")
	}
}

func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PENSTOCK_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no test data:", err)
	}
	return dir
}
