package source

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// testData is a file of the real data sets, which lie beside the repository or
// where PENSTOCK_TESTDATA says.
func testData(t testing.TB, name ...string) string {
	t.Helper()
	root := os.Getenv("PENSTOCK_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(append([]string{root}, name...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skipf("real data is missing (set PENSTOCK_TESTDATA): %v", err)
	}
	return path
}

func onlineRetail() *Spec {
	return &Spec{
		Name: "online-retail", Path: "data/*.csv.gz", Timezone: "Europe/London",
		Format: Format{Nulls: []string{"", "NULL"}},
		Columns: map[string]Column{
			"invoice_no": {Column: "InvoiceNo"}, "product_code": {Column: "StockCode"}, "description": {Column: "Description"},
			"quantity": {Column: "Quantity"}, "unit_price": {Column: "UnitPrice"}, "ordered_at": {Column: "InvoiceDate"},
			"customer_id": {Column: "CustomerID"}, "country": {Column: "Country"},
		},
		Rules:      map[string]Rule{"quantity": {Required: true}, "unit_price": {Required: true, Min: "-100000", Max: "100000"}},
		MaxRejects: "1%", Duplicates: "collapse", ReturnPrefix: "C", AdjustPrefix: "A",
	}
}

// onlineRetailText is the whole real file, unpacked.
func onlineRetailText(t testing.TB) []byte {
	t.Helper()
	file, err := os.Open(testData(t, "online-retail", "online-retail.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func BenchmarkFrame(b *testing.B) {
	text := onlineRetailText(b)
	b.SetBytes(int64(len(text)))
	records := 0
	var c Chunk
	for b.Loop() {
		f, err := NewFramer(bytes.NewReader(text), Format{}, FramerOptions{})
		if err != nil {
			b.Fatal(err)
		}
		for err = f.Next(&c); err == nil; err = f.Next(&c) {
			records += len(c.Records)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkMap frames once and then measures mapping alone; BenchmarkIngest is
// both together.
func BenchmarkMap(b *testing.B) {
	text := onlineRetailText(b)
	b.SetBytes(int64(len(text)))
	f, err := NewFramer(bytes.NewReader(text), Format{}, FramerOptions{})
	if err != nil {
		b.Fatal(err)
	}
	m, _, err := NewMapper(onlineRetail(), f.Header(), MapperOptions{Load: 1})
	if err != nil {
		b.Fatal(err)
	}
	var chunks []*Chunk
	for {
		c := new(Chunk)
		if err := f.Next(c); err != nil {
			break
		}
		chunks = append(chunks, c)
	}
	var batch Batch
	rows := int64(0)
	for b.Loop() {
		for _, c := range chunks {
			batch.Reset()
			if err := m.Chunk(&batch, c); err != nil {
				b.Fatal(err)
			}
			rows += batch.Read
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkIngest(b *testing.B) {
	text := onlineRetailText(b)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	rows := int64(0)
	var c Chunk
	var batch Batch
	for b.Loop() {
		f, err := NewFramer(bytes.NewReader(text), Format{}, FramerOptions{})
		if err != nil {
			b.Fatal(err)
		}
		m, _, err := NewMapper(onlineRetail(), f.Header(), MapperOptions{Load: 1})
		if err != nil {
			b.Fatal(err)
		}
		for err = f.Next(&c); err == nil; err = f.Next(&c) {
			batch.Reset()
			if err := m.Chunk(&batch, &c); err != nil {
				b.Fatal(err)
			}
			rows += batch.Read
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkHash says how fast a file is told to be known: 1 GB/s is what "the same content in a second, up
// to a gigabyte" needs.
func BenchmarkHash(b *testing.B) {
	const size = 256 << 20
	path := filepath.Join(b.TempDir(), "a.csv")
	line := []byte("536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n")
	if err := os.WriteFile(path, bytes.Repeat(line, size/len(line)), 0o600); err != nil {
		b.Fatal(err)
	}
	files, err := Expand(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(files[0].Size)
	for b.Loop() {
		if _, err := Hash(b.Context(), files[0], Limits{}, func(int64) {}); err != nil {
			b.Fatal(err)
		}
	}
}
