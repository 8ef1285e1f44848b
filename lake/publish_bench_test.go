package lake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// wideFacts is the shape of the real fact table.
func wideFacts() Table {
	num := func(name string, p, s int, required bool) Column {
		return Column{Name: name, Type: Numeric, Precision: p, Scale: s, Required: required}
	}
	return Table{Name: "fact_purchase_line", PartitionByMonth: "ordered_at", Columns: []Column{
		{Name: "source", Type: Text, Required: true},
		{Name: "invoice_no", Type: Text, Required: true},
		{Name: "line_no", Type: Text},
		{Name: "product_code", Type: Text},
		{Name: "description", Type: Text},
		num("quantity", 14, 3, true), num("unit_price", 18, 6, true), num("discount_rate", 9, 6, true), num("discount", 18, 6, true), num("tax", 18, 6, false),
		{Name: "currency", Type: Text},
		{Name: "ordered_at", Type: Timestamptz, Required: true},
		{Name: "updated_at", Type: Timestamptz},
		{Name: "customer_id", Type: Text},
		{Name: "country", Type: Text},
		{Name: "channel", Type: Text},
		{Name: "status", Type: Text},
		{Name: "kind", Type: Text, Required: true},
		{Name: "is_service", Type: Bool, Required: true},
		{Name: "ordered_day", Type: Date, Required: true},
		num("amount", 38, 9, true), num("amount_base", 38, 9, false),
		{Name: "extra", Type: JSON},
		{Name: "load_id", Type: Int8, Required: true},
		{Name: "record", Type: Int8, Required: true},
		{Name: "line", Type: Int8, Required: true},
		{Name: "byte_offset", Type: Int8, Required: true},
	}}
}

// wideStream makes rows of wideFacts as a COPY stream on the fly, over 25
// months; shuffled mixes the months.
type wideStream struct {
	rows, at int64
	shuffled bool
	buf      []byte
	rnd      *rand.Rand
	invoice  int64
	when     time.Time
	customer string
	country  string
	prices   []([]byte)
	names    []string
}

func newWideStream(rows int64, shuffled bool) *wideStream {
	w := &wideStream{rows: rows, shuffled: shuffled, rnd: rand.New(rand.NewPCG(1, 2))}
	for i := range 4000 {
		w.prices = append(w.prices, wireNumeric(fmt.Sprintf("%d.%02d", i%40, i%100)))
		w.names = append(w.names, fmt.Sprintf("PRODUCT NUMBER %d WITH A LONGISH NAME", i))
	}
	w.buf = append(w.buf, copySignature...)
	w.buf = append(w.buf, make([]byte, 8)...)
	return w
}

func (w *wideStream) Read(p []byte) (int, error) {
	for len(w.buf) < len(p) && w.at <= w.rows {
		if w.at == w.rows {
			w.buf = append(w.buf, 0xff, 0xff)
		} else {
			w.row()
		}
		w.at++
	}
	if len(w.buf) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.buf)
	w.buf = append(w.buf[:0], w.buf[n:]...)
	return n, nil
}

func (w *wideStream) row() {
	if w.at%20 == 0 {
		w.invoice++
		seconds := w.at * 25 * 30 * 86400 / max(w.rows, 1)
		if w.shuffled {
			seconds = w.rnd.Int64N(25 * 30 * 86400)
		}
		w.when = time.Unix(1259661600+seconds, 0)
		w.customer = fmt.Sprintf("%d", 12000+w.rnd.IntN(6000))
		w.country = [...]string{"United Kingdom", "United Kingdom", "United Kingdom", "France", "Germany", "EIRE"}[w.rnd.IntN(6)]
	}
	product := w.rnd.IntN(4000)
	w.buf = binary.BigEndian.AppendUint16(w.buf, 27)
	w.str("online-retail")
	w.str(fmt.Sprintf("%d", 489434+w.invoice))
	w.null()
	w.str(fmt.Sprintf("%d", 10000+product))
	w.str(w.names[product])
	w.raw(wireNumericInt(int64(1 + product%24)))
	w.raw(w.prices[product])
	w.raw(wireNumericInt(0))
	w.raw(wireNumericInt(0))
	w.null()
	w.null()
	w.num(w.when.UnixMicro() - epochMicros)
	w.null()
	w.str(w.customer)
	w.str(w.country)
	w.null()
	w.null()
	w.str("sale")
	w.raw([]byte{0})
	w.raw(binary.BigEndian.AppendUint32(nil, uint32(w.when.Unix()/86400-epochDays)))
	amount := w.prices[(product*7)%4000]
	w.raw(amount)
	w.raw(amount)
	w.null()
	w.num(1)
	w.num(w.at)
	w.num(w.at + 1)
	w.num(w.at * 80)
}

func (w *wideStream) null() { w.buf = binary.BigEndian.AppendUint32(w.buf, 0xffffffff) }

func (w *wideStream) raw(b []byte) {
	w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(len(b)))
	w.buf = append(w.buf, b...)
}

func (w *wideStream) str(s string) {
	w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *wideStream) num(n int64) {
	w.buf = binary.BigEndian.AppendUint32(w.buf, 8)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(n))
}

func wireNumericInt(n int64) []byte {
	if n == 0 {
		return make([]byte, 8)
	}
	return []byte{0, 1, 0, 0, 0, 0, 0, 0, byte(n >> 8), byte(n)}
}

// BenchmarkDecode is the stream's way into column vectors alone.
func BenchmarkDecode(b *testing.B) {
	const rows = 200_000
	data, err := io.ReadAll(newWideStream(rows, false))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		benchDecode(b, data)
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkPublish is a whole Overwrite of 5 million wide fact rows in 25
// months, made on the fly, into a new table.
func BenchmarkPublish(b *testing.B) {
	const rows = 5_000_000
	for _, shuffled := range []bool{false, true} {
		b.Run(map[bool]string{false: "sorted", true: "shuffled"}[shuffled], func(b *testing.B) {
			for b.Loop() {
				l := openLake(b, Options{Catalog: catalogDB(b), Dir: filepath.Join(b.TempDir(), "lake")})
				s, err := l.Overwrite(b.Context(), Commit{Run: 1, Version: 1}, wideFacts(), nil, newWideStream(rows, shuffled), nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(s.Files), "files")
				b.ReportMetric(float64(s.Bytes)/1e6, "MB")
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(peakRSS(b)/1e6, "peak-MB")
		})
	}
}

func benchDecode(b *testing.B, data []byte) {
	f := newFiller(wideFacts(), wideFacts().Columns, nil, bytes.NewReader(data), nil)
	var sink errgroup.Group
	sink.Go(func() error {
		for range f.full {
		}
		return nil
	})
	if err := f.decode(b.Context()); err != nil {
		b.Fatal(err)
	}
	close(f.full)
	if err := sink.Wait(); err != nil {
		b.Fatal(err)
	}
}

// peakRSS is the most memory that this process has had, in bytes.
func peakRSS(t testing.TB) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Maxrss) * 1024
}
