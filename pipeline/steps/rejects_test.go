package steps

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

func (b *bench) mend(path string, specs ...*source.Spec) outcome {
	b.t.Helper()
	return b.step(func(o IngestOptions) pipeline.Step { return MendRejects(o, path) }, specs...)
}

func (b *bench) export(f RejectFilter, specs ...*source.Spec) string {
	b.t.Helper()
	var out bytes.Buffer
	if _, err := ExportRejects(b.t.Context(), b.pool, specs, f, &out); err != nil {
		b.t.Fatal(err)
	}
	return out.String()
}

func (b *bench) open() int64 {
	b.t.Helper()
	return b.number("SELECT count(*) FROM staging.rejects r JOIN staging.loads l ON l.id = r.load_id WHERE r.state = 'open' AND l.state <> 'undone'")
}

const (
	badQty   = "7001,A,two,2.50,2024-01-05 10:00:00,\"x, y\"\n"
	badPrice = "7002,B,3,cheap,2024-01-05 10:00:00,z\n"
	badShape = "7003,C,3\n"
)

func TestExportMendAndTakeIn(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+badQty+shopLines(10)+badPrice+badShape))
	b.ingest(spec)
	text := b.export(RejectFilter{}, spec)
	want := "_penstock_load,_penstock_record,_penstock_reason," + shopHeader
	if !strings.HasPrefix(text, want) || !strings.Contains(text, "\n1,12,") || !strings.HasSuffix(text, ","+badShape) ||
		!strings.Contains(text, ","+badQty) || strings.Count(text, "\n") != 4 {
		t.Fatalf("the export is\n%s", text)
	}
	rows := b.number("SELECT count(*) FROM staging.purchases")

	// Two are mended, one of them wrongly; the third is taken out and stays as it is.
	lines := strings.SplitAfter(text, "\n")
	mended := lines[0] + strings.Replace(lines[1], ",two,", ",2,", 1) + strings.Replace(lines[2], ",cheap,", ",dear,", 1)
	path := b.file("mend.csv", mended)
	o := b.mend(path, spec)
	if o.Err != nil || o.result.Read != 2 || o.result.Loaded != 1 || o.result.Rejected != 1 {
		t.Fatalf("mend: %v, %+v", o.Err, o.result)
	}
	b.lawful()
	if got := b.number("SELECT count(*) FROM staging.purchases"); got != rows+1 {
		t.Errorf("%d rows more", got-rows)
	}
	if got := b.text("SELECT quantity::text FROM staging.purchases WHERE invoice_no = '7001' AND customer_id = 'x, y'"); got != "2.000" {
		t.Errorf("quantity %s", got)
	}
	if got := b.text("SELECT string_agg(format('%s/%s %s %s', load_id, record, state, resolved_by), ', ' ORDER BY 1) FROM (SELECT * FROM staging.rejects ORDER BY load_id, record) r"); got !=
		"1/1 resolved 2, 1/12 resolved 2, 1/13 open , 2/2 open " {
		t.Errorf("rejects: %s", got)
	}

	// The same file once more changes nothing.
	o = b.mend(path, spec)
	if o.Err != nil || o.result.Read != 0 || b.number("SELECT count(*) FROM staging.purchases") != rows+1 {
		t.Errorf("the same file again: %v, %+v", o.Err, o.result)
	}
	said := of[pipeline.Warning](o)
	if len(said) != 1 || !strings.Contains(said[0].Message, "1 mended already; 1 refused again, as load 2, and the same as then") ||
		!strings.Contains(said[0].Hint, "export of load 2") {
		t.Errorf("of what is left out it says %+v", said)
	}
	// What is still refused is mended by an export of its own.
	text = b.export(RejectFilter{Load: 2}, spec)
	o = b.mend(b.file("mend2.csv", strings.Replace(text, ",dear,", ",4.50,", 1)), spec)
	if o.Err != nil || o.result.Loaded != 1 || b.open() != 1 {
		t.Errorf("the second mending: %v, %+v, %d open", o.Err, o.result, b.open())
	}
	b.lawful()
}

// A file that is mended bit by bit is taken in bit by bit, whatever was refused on the way.
func TestMendTheSameFileOn(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+badQty+shopLines(10)+badPrice+badShape))
	b.ingest(spec)
	rows := b.number("SELECT count(*) FROM staging.purchases")
	text := b.export(RejectFilter{}, spec)
	lines := strings.SplitAfter(text, "\n")
	text = lines[0] + lines[3] + lines[2] + lines[1] // in an order of its own
	for i, mend := range []struct {
		old, new      string
		loaded, again int64
		open          int64
	}{
		{",two,", ",2,", 1, 2, 2},
		{",cheap,", ",dear,", 0, 1, 2}, // the third is as it was
		{",dear,", ",4.50,", 1, 0, 1},
		{"7003,C,3\n", "7003,C,3,1.00,2024-01-05 10:00:00,y\n", 1, 0, 0},
		{"7003,C,3", "7003,C,4", 0, 0, 0}, // all are mended
	} {
		text = strings.Replace(text, mend.old, mend.new, 1)
		o := b.mend(b.file("mend.csv", text), spec)
		if o.Err != nil || o.result.Loaded != mend.loaded || o.result.Rejected != mend.again || b.open() != mend.open {
			t.Fatalf("mending %d: %v, %+v, %d open, %+v", i, o.Err, o.result, b.open(), of[pipeline.Warning](o))
		}
		b.lawful()
	}
	if n := b.number("SELECT count(*) FROM staging.purchases") - rows; n != 3 {
		t.Errorf("%d rows more", n)
	}
	// Whose mended record is which was not always kept: what cannot be known is said, not guessed.
	if o := b.mend(b.file("twice.csv", text+lines[1]), spec); o.Err != nil {
		t.Errorf("a mended record twice: %v", o.Err)
	}
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.rejects SET resolved_as = NULL; UPDATE staging.rejects SET state = 'open' WHERE load_id = 2 AND record = 1"); err != nil {
		t.Fatal(err)
	}
	if o := b.mend(b.file("mend.csv", text), spec); o.Err == nil || !strings.Contains(hintOf(o.Err), "--load 2") {
		t.Errorf("records whose mended ones are not known: %v (%s)", o.Err, hintOf(o.Err))
	}
}

func TestUndoOfMendedRecords(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+badQty+shopLines(10)))
	b.ingest(spec)
	mended := strings.Replace(b.export(RejectFilter{}, spec), ",two,", ",2,", 1)
	path := b.file("mend.csv", mended)
	b.mend(path, spec)
	full := b.visible()
	if o := b.undo(2, spec); o.Err != nil || b.open() != 1 {
		t.Errorf("undo: %v, %d open", o.Err, b.open())
	}
	if o := b.reload(2, spec); o.Err != nil || b.open() != 0 || b.visible() != full {
		t.Errorf("reload: %v, %d open", o.Err, b.open())
	}
	// Undone, mended in another way, and then asked back: the record would count twice.
	b.undo(2, spec)
	if o := b.mend(b.file("other.csv", strings.Replace(mended, ",2,2.50", ",3,2.50", 1)), spec); o.Err != nil || o.result.Loaded != 1 {
		t.Fatalf("mended anew: %v, %+v", o.Err, o.result)
	}
	if o := b.reload(2, spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("a record that was mended twice came back: %v", o.Err)
	}
	b.lawful()
}

func TestMendedFilesThatAreNone(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+badQty+shopLines(3)))
	b.ingest(spec)
	good := b.export(RejectFilter{}, spec)
	lines := strings.SplitAfter(good, "\n")
	for name, content := range map[string]string{
		"no lead":        shopHeader + shopLines(1),
		"empty":          "",
		"only a header":  lines[0],
		"other header":   strings.Replace(good, "_penstock_record", "record", 1),
		"unknown load":   strings.Replace(good, "\n1,1,", "\n9,1,", 1),
		"unknown reject": strings.Replace(good, "\n1,1,", "\n1,2,", 1),
		"twice":          good + lines[1],
		"a new record":   good + "5,5,5,5,2024-01-01 10:00:00,x\n",
	} {
		t.Run(name, func(t *testing.T) {
			o := b.mend(b.file("bad.csv", content), spec)
			if o.Err == nil || hintOf(o.Err) == "" {
				t.Errorf("%v (%s)", o.Err, hintOf(o.Err))
			}
			if n := b.number("SELECT count(*) FROM staging.purchases"); n != 3 {
				t.Errorf("%d rows", n)
			}
		})
	}
	if o := b.mend(filepath.Join(b.dir, "absent.csv"), spec); o.Err == nil {
		t.Error("an absent file is no error")
	}
	b.undo(1, spec)
	if o := b.mend(b.file("good.csv", good), spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("rejects of an undone load: %v", o.Err)
	}
}

// A file in UTF-16 with a byte order mark, and one in latin-1 with its own delimiter, go out and in as
// they are.
func TestMendInOtherEncodings(t *testing.T) {
	wide := func(s string) string {
		var out bytes.Buffer
		for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
			_ = binary.Write(&out, binary.LittleEndian, u)
		}
		return out.String()
	}
	latin := func(s string) string {
		var out []byte
		for _, r := range s {
			out = append(out, byte(r))
		}
		return string(out)
	}
	content := strings.ReplaceAll(shopHeader+"8001,Ü,eins,1.50,2024-01-05 10:00:00,Müller\n"+shopLines(3), ",", ";")
	for _, c := range []struct {
		name   string
		format source.Format
		write  func(string) string
	}{
		{"utf-16", source.Format{Delimiter: ";"}, wide},
		{"latin-1", source.Format{Delimiter: ";", Encoding: "latin-1"}, latin},
		{"no quotes", source.Format{Delimiter: ";", Quote: "none", Encoding: "latin-1"}, latin},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			spec := shopSpec(b.file("a.csv", c.write(content)))
			spec.Format = c.format
			b.ingest(spec)
			text := b.export(RejectFilter{}, spec)
			if !strings.Contains(text, strings.TrimPrefix(c.write("8001;Ü;eins;1.50"), "\xff\xfe")) {
				t.Fatalf("the record is not as it was: %q", text)
			}
			one, eins := strings.TrimPrefix(c.write(";1;"), "\xff\xfe"), strings.TrimPrefix(c.write(";eins;"), "\xff\xfe")
			o := b.mend(b.file("mend.csv", strings.Replace(text, eins, one, 1)), spec)
			if o.Err != nil || o.result.Loaded != 1 {
				t.Fatalf("mend: %v, %+v", o.Err, o.result)
			}
			if got := b.text("SELECT customer_id || ' ' || product_code FROM staging.purchases WHERE invoice_no = '8001'"); got != "Müller Ü" {
				t.Errorf("mended: %s", got)
			}
		})
	}
}

// Without a header the leading columns are there all the same.
func TestMendWithoutHeader(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", badQty+shopLines(3)))
	no := false
	spec.Format = source.Format{Header: &no, Names: []string{"invoice", "sku", "qty", "price", "at", "customer"}}
	b.ingest(spec)
	text := b.export(RejectFilter{}, spec)
	if !strings.HasPrefix(text, "1,1,") {
		t.Fatalf("the export is %q", text)
	}
	if o := b.mend(b.file("mend.csv", strings.Replace(text, ",two,", ",2,", 1)), spec); o.Err != nil || o.result.Loaded != 1 {
		t.Errorf("mend: %v, %+v", o.Err, o.result)
	}
}

// Records whose quotes do not close come last, so that they harm no other.
func TestMendOfOpenQuotes(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+"9001,\"A,1,2.50,2024-01-05 10:00:00,open\n"+badQty+shopLines(3)))
	b.ingest(spec)
	if b.open() != 2 {
		t.Fatalf("%d rejects: %s", b.open(), b.text("SELECT string_agg(reason, ' ') FROM staging.rejects"))
	}
	text := b.export(RejectFilter{}, spec)
	if !strings.HasSuffix(text, "open\n") {
		t.Errorf("the open quote is not last:\n%s", text)
	}
	text = strings.Replace(strings.Replace(text, ",two,", ",2,", 1), ",\"A,1", ",\"A\",1", 1)
	if o := b.mend(b.file("mend.csv", text), spec); o.Err != nil || o.result.Loaded != 2 {
		t.Errorf("mend: %v, %+v", o.Err, o.result)
	}
	if b.open() != 0 {
		t.Errorf("%d are still open", b.open())
	}
}

func TestExportOfOneKindOnly(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+"bad,row\n"))
	b.ingest(spec)
	other := shopSpec(b.file("b.csv", strings.Replace(shopHeader, "customer", "customer,color", 1)+"bad,row\n"))
	b.ingest(other)
	var out bytes.Buffer
	if _, err := ExportRejects(t.Context(), b.pool, []*source.Spec{spec}, RejectFilter{}, &out); err == nil || hintOf(err) == "" || out.Len() > 0 {
		t.Errorf("two kinds of files in one: %v, %q", err, out.String())
	}
	if text := b.export(RejectFilter{Load: 2}, spec); !strings.Contains(text, ",color\n2,1,") {
		t.Errorf("the export is %q", text)
	}
	if _, err := ExportRejects(t.Context(), b.pool, []*source.Spec{spec}, RejectFilter{Load: 9}, &out); err == nil {
		t.Error("an export of nothing is no error")
	}
}

func TestRejectCountsAndPages(t *testing.T) {
	b := newBench(t)
	b.ingest(shopSpec(b.file("a.csv", shopHeader+strings.Repeat("bad,row\n", 25)+badQty+badPrice)))
	counts, err := RejectCounts(t.Context(), b.pool, RejectFilter{})
	if err != nil || len(counts) != 3 || counts[0].Reason != "fields" || counts[0].Open != 25 || counts[1].Column != "quantity" {
		t.Errorf("%+v, %v", counts, err)
	}
	var seen []int64
	f := RejectFilter{Limit: 10}
	for {
		page, err := Rejects(t.Context(), b.pool, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			seen = append(seen, r.Record)
		}
		last := page[len(page)-1]
		f.After = &RejectKey{last.Load, last.Record}
	}
	if fmt.Sprint(seen) != fmt.Sprint(numbers(1, 27)) {
		t.Errorf("the pages hold %v", seen)
	}
}

func numbers(from, to int64) (n []int64) {
	for ; from <= to; from++ {
		n = append(n, from)
	}
	return n
}

func TestStdin(t *testing.T) {
	b := newBench(t)
	content := shopHeader + shopLines(200)
	spec := shopSpec("-")
	b.o.Stdin = strings.NewReader(content)
	o := b.ingest(spec)
	if o.result.Loaded != 200 {
		t.Errorf("%+v", o.result)
	}
	l, err := LoadByID(t.Context(), b.pool, 1)
	if err != nil || l.Name != "stdin" {
		t.Fatalf("%+v, %v", l, err)
	}
	if kept, err := os.ReadFile(l.Origin); err != nil || string(kept) != content {
		t.Errorf("the spool does not hold what came: %v", err)
	}
	b.o.Stdin = strings.NewReader(zip(t, content))
	if o := b.ingest(spec); len(of[pipeline.LoadSkipped](o)) != 1 {
		t.Errorf("the same by stdin again: %+v", o.result)
	}
	if files, err := os.ReadDir(b.o.SpoolDir); err != nil || len(files) != 1 {
		t.Errorf("the spool holds %v, %v", files, err)
	}
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.loads SET raw_key = 'in the lake'"); err != nil {
		t.Fatal(err)
	}
	b.ingest(shopSpec(b.file("a.csv", content)))
	if files, err := os.ReadDir(b.o.SpoolDir); err != nil || len(files) != 0 {
		t.Errorf("the spool holds %v, %v", files, err)
	}
	b.o.Stdin = nil
	if o := b.try(spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("no standard input: %v", o.Err)
	}
}

func TestRetention(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+shopLines(5)+"bad,row\n"))
	b.ingest(spec)
	b.undo(1, spec)
	fresh := shopSpec(b.file("b.csv", shopHeader+shopLines(6)+"bad,row\n"))
	b.o.KeepRejects = 24 * time.Hour
	b.ingest(fresh)
	if n := b.number("SELECT count(*) FROM staging.rejects"); n != 2 {
		t.Errorf("%d rejects", n)
	}
	if _, err := b.pool.Exec(t.Context(), "UPDATE staging.loads SET finished_at = now() - interval '2 days' WHERE id = 1"); err != nil {
		t.Fatal(err)
	}
	b.ingest(fresh)
	if got := b.text("SELECT string_agg(load_id::text, ' ') FROM staging.rejects"); got != "2" {
		t.Errorf("rejects of loads %s", got)
	}
	if n := b.number("SELECT count(*) FROM staging.purchases WHERE load_id = 1"); n != 0 {
		t.Errorf("%d rows of the undone load", n)
	}
}

// A run that refuses all it reads does not pass for one that went well; one good record, and it does.
func TestNothingIsIn(t *testing.T) {
	b := newBench(t)
	o := b.ingest(shopSpec(b.file("a.csv", shopHeader+badQty+badPrice)))
	said := of[pipeline.Warning](o)
	if !o.result.Gate || len(said) != 1 || !strings.Contains(said[0].Message, "a.csv") || !strings.Contains(said[0].Hint, "--load 1") {
		t.Errorf("%+v, %+v", o.result, said)
	}
	if o := b.ingest(shopSpec(b.file("b.csv", shopHeader+badQty+shopLines(1)))); o.result.Gate || len(of[pipeline.Warning](o)) != 0 {
		t.Errorf("one of two is refused: %+v", o.result)
	}
}
