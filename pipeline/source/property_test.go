package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// random is the same in every run.
func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// Whatever the bytes are, UTF-16 comes back as it was and is counted right.
func TestWideTextLosesNothing(t *testing.T) {
	r := random()
	for n := range 300 {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(r.Uint32())
			if r.IntN(3) == 0 {
				data[i] = []byte{0xd8, 0xdc, 0xdf, 0, 0xff, '\n'}[r.IntN(6)]
			}
		}
		for _, big := range []bool{false, true} {
			for name, in := range map[string]io.Reader{"whole": bytes.NewReader(data), "byte by byte": iotest.OneByteReader(bytes.NewReader(data))} {
				text, err := io.ReadAll(newWideReader(in, big))
				if err != nil {
					t.Fatal(err)
				}
				if back := appendWide(nil, text, big); !bytes.Equal(back, data) || wideLength(text) != int64(n) {
					t.Fatalf("%s, big %v: % x came back as % x by way of % x, length %d", name, big, data, back, text, wideLength(text))
				}
			}
		}
	}
}

// Every instant's local time leads back to it, or to the earlier instant that
// has the same local time.
func TestZonesAgreeWithTheClock(t *testing.T) {
	r := random()
	for _, name := range []string{"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Troll"} {
		loc, err := loadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		days := new(dayCache)
		for range 20_000 {
			at := time.Unix(r.Int64N(80*366*daySeconds)-10*366*daySeconds, 0).In(loc)
			if r.IntN(2) == 0 { // near a change of the clocks
				if _, end := at.ZoneBounds(); !end.IsZero() {
					at = end.Add(time.Duration(r.IntN(8*3600)-4*3600) * time.Second)
				}
			}
			_, offset := at.Zone()
			local := at.Unix() + int64(offset)
			back, ok := days.utc(loc, local)
			if !ok || back > at.Unix() || back < at.Unix()-26*3600 {
				t.Fatalf("%s: %s comes back as %v %v", name, at, time.Unix(back, 0).In(loc), ok)
			}
			if _, o := time.Unix(back, 0).In(loc).Zone(); back+int64(o) != local {
				t.Fatalf("%s: %s comes back as another time of day: %s", name, at, time.Unix(back, 0).In(loc))
			}
		}
	}
}

// Exact arithmetic is the truth for decimals and their order.
func TestDecimalsAreExact(t *testing.T) {
	r := random()
	f := decimalFormat{point: '.', whole: 12, scale: 6}
	var last decimal
	lastExact := new(big.Rat)
	for range 50_000 {
		text := fmt.Sprintf("%d", r.Int64N(int64(powers[r.IntN(13)])))
		if places := r.IntN(7); places > 0 {
			text += "." + fmt.Sprintf("%06d", r.IntN(1e6))[:places]
		}
		if r.IntN(2) == 0 {
			text = "-" + text
		}
		exact, _ := new(big.Rat).SetString(text)
		d, reason := f.parse([]byte(text))
		if reason != "" {
			t.Fatalf("%s is refused: %s", text, reason)
		}
		field := appendNumeric(nil, d, 6)
		back, _ := new(big.Rat).SetString(decodeNumeric(t, field[4:]))
		if back.Cmp(exact) != 0 {
			t.Fatalf("%s came back as %s", text, back)
		}
		if d.compare(last) != exact.Cmp(lastExact) {
			t.Fatalf("%s compares wrongly with %s", text, lastExact)
		}
		last, lastExact = d, exact
	}
}

// A mapper serves many goroutines; each chunk comes out as it does alone.
func TestMapperServesManyGoroutines(t *testing.T) {
	var text strings.Builder
	text.WriteString(smallHeader)
	for i := range 5000 {
		fmt.Fprintf(&text, "%d,%d,%d.%02d,2011-%02d-%02d 0%d:30:00\n", i, i%7-3, i, i%100, i%12+1, i%31+1, i%10)
	}
	s := small()
	s.Timezone = "Europe/London"
	f, err := NewFramer(strings.NewReader(text.String()), s.Format, FramerOptions{ChunkBytes: 5000})
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := NewMapper(s, f.Header(), MapperOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var chunks []*Chunk
	var want []Batch
	for {
		c := new(Chunk)
		if f.Next(c) != nil {
			break
		}
		var b Batch
		if err := m.Chunk(&b, c); err != nil {
			t.Fatal(err)
		}
		chunks, want = append(chunks, c), append(want, b)
	}
	have := make([]Batch, len(chunks))
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			var b Batch
			for i := worker; i < len(chunks); i += 4 {
				b.Reset()
				if err := m.Chunk(&b, chunks[i]); err != nil {
					t.Error(err)
					return
				}
				have[i] = Batch{Copy: bytes.Clone(b.Copy), Read: b.Read, Loaded: b.Loaded, Rejected: b.Rejected}
				for _, r := range b.Rejects {
					r.Raw = bytes.Clone(r.Raw)
					have[i].Rejects = append(have[i].Rejects, r)
				}
			}
		})
	}
	wg.Wait()
	refused := int64(0)
	for i := range want {
		refused += want[i].Rejected
		if !bytes.Equal(have[i].Copy, want[i].Copy) || !reflect.DeepEqual(have[i].Rejects, want[i].Rejects) || have[i].Read != want[i].Read {
			t.Errorf("chunk %d differs", i)
		}
	}
	if refused == 0 || len(chunks) < 20 {
		t.Errorf("%d refused in %d chunks: nothing was tried", refused, len(chunks))
	}
}

// What Infer finds is enough to load the file: nothing is refused but what is
// broken.
func TestGuessesLoadTheirFiles(t *testing.T) {
	for _, name := range []string{"2010-12-01.csv.gz", "2011-12-09.csv.gz"} {
		path := testData(t, "online-retail", "by-day", name)
		g := inferFile(t, path)
		out := fromFile(t, &g.Spec, ingestOptions{})
		if out.read == 0 || len(out.rejects) != 0 || out.read != g.Records {
			t.Errorf("%s: read %d, refused %v", name, out.read, out.reasons())
		}
	}
	g := inferFile(t, filepath.Join(filepath.Dir(testData(t, "northwind", "orders.csv")), "orders.csv"))
	g.Spec.Rules = map[string]Rule{"quantity": {Default: "1"}, "unit_price": {Default: "0"}}
	if out := fromFile(t, &g.Spec, ingestOptions{}); len(out.rows) != 654 || len(out.rejects) != 176 {
		t.Errorf("orders: %d good, %d refused", len(out.rows), len(out.rejects))
	}
	if _, err := Infer(context.Background(), nil, InferOptions{}); err == nil {
		t.Error("no files are no error")
	}
}
