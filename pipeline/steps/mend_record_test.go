package steps

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

func TestRecordTextAndBack(t *testing.T) {
	for _, c := range []struct{ encoding, raw, text string }{
		{"utf-8", "1,Ü", "1,Ü"},
		{"utf-8-bom", "1,Ü", "1,Ü"},
		{"", "1,\xff", "1,\xff"}, // no text, and nobody's business to make it some
		{"latin-1", "1,\xdc\x80", "1,Ü\u0080"},
		{"iso-8859-1", "\xa4", "¤"},
		{"windows-1252", "1,\x80\x93", "1,€“"},
		{"utf-16le-bom", "1\x00,\x00\xdc\x00", "1,Ü"},
		{"utf-16", "=\xd8\x00\xde", "😀"},
		{"utf-16be", "\x001\x00,\x00\xdc", "1,Ü"},
		{"utf-16be-bom", "", ""},
	} {
		if got := RecordText([]byte(c.raw), c.encoding); got != c.text {
			t.Errorf("%s: %q is %q, want %q", c.encoding, c.raw, got, c.text)
		}
		if got, err := RecordBytes(c.text, c.encoding); err != nil || string(got) != c.raw {
			t.Errorf("%s: %q becomes %q, want %q (%v)", c.encoding, c.text, got, c.raw, err)
		}
	}
	for encoding, text := range map[string]string{"latin-1": "5 €", "windows-1252": "日本", "cp1252": "\u0081"} {
		if got, err := RecordBytes(text, encoding); err == nil || hintOf(err) == "" {
			t.Errorf("%s takes %q as %q: %v", encoding, text, got, err)
		}
	}
}

func TestRecordFields(t *testing.T) {
	for _, c := range []struct {
		delimiter, quote, text string
		want                   []string // nil: it cannot be parted
	}{
		{"", "", `1,A,2.50`, []string{"1", "A", "2.50"}},
		{"", "", ``, []string{""}},
		{"", "", `,,`, []string{"", "", ""}},
		{"", "", `"a, b",c`, []string{"a, b", "c"}},
		{"", "", `a,"b ""c"""`, []string{"a", `b "c"`}},
		{"", "", "\"two\r\nlines\",c", []string{"two\r\nlines", "c"}},
		{"", "", `"",c`, []string{"", "c"}},
		{"", "", `a"b,c`, []string{`a"b`, "c"}},
		{"", "", `"a,b`, nil},
		{"", "", `"a"b,c`, nil},
		{"", "", `a,"`, nil},
		{";", "", `a,b;"c;d"`, []string{"a,b", "c;d"}},
		{"tab", "", "a\t\"b\tc\"", []string{"a", "b\tc"}},
		{`\t`, "", "a\tb", []string{"a", "b"}},
		{"|", "'", `'a|b'|"c`, []string{"a|b", `"c`}},
		{"", "none", `"a,b"`, []string{`"a`, `b"`}},
	} {
		spec := &source.Spec{Format: source.Format{Delimiter: c.delimiter, Quote: c.quote}}
		got, err := RecordFields(spec, c.text)
		if c.want == nil {
			if !errors.Is(err, ErrNoFields) {
				t.Errorf("%q is %q, want none (%v)", c.text, got, err)
			}
			continue
		}
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%q is %q, want %q (%v)", c.text, got, c.want, err)
		}
	}
}

func TestChangeFields(t *testing.T) {
	for _, c := range []struct {
		delimiter, quote, text string
		changes                map[int]string
		want                   string // "": refused
	}{
		{"", "", `1,A,two`, map[int]string{2: "2"}, `1,A,2`},
		{"", "", `"1","A, B",two`, map[int]string{2: "2"}, `"1","A, B",2`}, // the others keep every byte
		{"", "", `1,A,two`, map[int]string{0: "x, y", 1: `he said "no"`}, `"x, y","he said ""no""",two`},
		{"", "", `1,A`, map[int]string{1: "two\nlines"}, "1,\"two\nlines\""},
		{"", "", `1,"A"`, map[int]string{1: ""}, `1,`},
		{";", "", `1;A`, map[int]string{1: "2,50"}, `1;2,50`},
		{"|", "'", `1|A`, map[int]string{1: "a|b's"}, `1|'a|b''s'`},
		{"", "none", `1,"A`, map[int]string{0: `"2"`}, `"2","A`},
		{"", "none", `1,A`, map[int]string{1: "a,b"}, ""},
		{"", "none", `1,A`, map[int]string{1: "a\nb"}, ""},
		{"", "", `1,A`, map[int]string{2: "x"}, ""},
		{"", "", `1,A`, map[int]string{-1: "x"}, ""},
		{"", "", `1,"A`, map[int]string{0: "2"}, ""},
		{"", "", `1,A`, nil, `1,A`},
	} {
		spec := &source.Spec{Format: source.Format{Delimiter: c.delimiter, Quote: c.quote}}
		got, err := ChangeFields(spec, c.text, c.changes)
		if (err == nil) != (c.want != "") || got != c.want {
			t.Errorf("%q with %v is %q, want %q (%v)", c.text, c.changes, got, c.want, err)
			continue
		}
		if err != nil {
			continue
		}
		fields, err := RecordFields(spec, got)
		for i, want := range c.changes {
			if err != nil || fields[i] != want {
				t.Errorf("%q: field %d reads %q, want %q (%v)", got, i, fields[i], want, err)
			}
		}
	}
}

// TestExportMended mends a record field by field, as a form does, and takes it in, whatever the file is
// written in.
func TestExportMended(t *testing.T) {
	content := strings.ReplaceAll(shopHeader+"8001,Ü,eins,1.50,2024-01-05 10:00:00,Müller\n"+shopLines(3), ",", ";")
	for _, c := range []struct {
		name   string
		format source.Format
		bom    string
	}{
		{"utf-8", source.Format{Delimiter: ";"}, ""},
		{"utf-8-bom", source.Format{Delimiter: ";"}, "\xef\xbb\xbf"},
		{"latin-1", source.Format{Delimiter: ";", Encoding: "latin-1"}, ""},
		{"windows-1252", source.Format{Delimiter: ";", Encoding: "windows-1252"}, ""},
		{"utf-16le-bom", source.Format{Delimiter: ";"}, "\xff\xfe"},
		{"utf-16be", source.Format{Delimiter: ";", Encoding: "utf-16be"}, ""},
		{"latin-1 without quotes", source.Format{Delimiter: ";", Quote: "none", Encoding: "latin-1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			name, _, _ := strings.Cut(c.name, " ")
			raw, err := RecordBytes(content, name)
			if err != nil {
				t.Fatal(err)
			}
			spec := shopSpec(b.file("a.csv", c.bom+string(raw)))
			spec.Format = c.format
			b.ingest(spec)
			list, err := Rejects(t.Context(), b.pool, RejectFilter{})
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			text := RecordText(list[0].Raw, name)
			mended, err := ChangeFields(spec, text, map[int]string{1: "Ö", 2: "1"})
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			record := MendedRecord{RejectKey: RejectKey{list[0].Load, list[0].Record}}
			if record.Raw, err = RecordBytes(mended, name); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			done, err := ExportMended(t.Context(), b.pool, []*source.Spec{spec}, []MendedRecord{record}, &out)
			if err != nil || done.Records != 1 || done.Source != "shop" {
				t.Fatalf("%+v, %v", done, err)
			}
			if o := b.mend(b.file("mend.csv", out.String()), spec); o.Err != nil || o.result.Loaded != 1 || b.open() != 0 {
				t.Fatalf("mend: %v, %+v, %d open\n%q", o.Err, o.result, b.open(), out.String())
			}
			if got := b.text("SELECT customer_id || ' ' || product_code || ' ' || quantity FROM staging.purchases WHERE invoice_no = '8001'"); got != "Müller Ö 1.000" {
				t.Errorf("mended: %s", got)
			}
			b.lawful()
		})
	}
}

func TestExportMendedRefuses(t *testing.T) {
	b := newBench(t)
	spec := shopSpec(b.file("a.csv", shopHeader+"bad,row\n"))
	b.ingest(spec)
	other := shopSpec(b.file("b.csv", strings.Replace(shopHeader, "customer", "customer,color", 1)+"bad,row\n"))
	b.ingest(other)
	one, two := MendedRecord{RejectKey: RejectKey{1, 1}}, MendedRecord{RejectKey: RejectKey{2, 1}}
	for name, records := range map[string][]MendedRecord{
		"nothing": nil, "two kinds of files": {one, two}, "no such load": {{RejectKey: RejectKey{9, 1}}},
	} {
		var out bytes.Buffer
		if _, err := ExportMended(t.Context(), b.pool, []*source.Spec{spec}, records, &out); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %q", name, err, out.String())
		}
	}
	if _, err := ExportMended(t.Context(), b.pool, nil, []MendedRecord{one}, &bytes.Buffer{}); err == nil {
		t.Error("a source that is not configured is no error")
	}
}

// TestMendThroughStandardInput has the rejects of a load from standard input mended, and the mended
// records come by standard input too.
func TestMendThroughStandardInput(t *testing.T) {
	b := newBench(t)
	spec := shopSpec("-")
	b.o.Stdin = strings.NewReader(shopHeader + badQty + shopLines(5))
	b.ingest(spec)
	mended := strings.Replace(b.export(RejectFilter{}, spec), ",two,", ",2,", 1)
	for i, want := range []int64{1, 0} {
		b.o.Stdin = strings.NewReader(mended)
		o := b.mend("-", spec)
		if o.Err != nil || o.result.Loaded != want || b.open() != 0 {
			t.Fatalf("mended %d times: %v, %+v, %d open", i+1, o.Err, o.result, b.open())
		}
	}
	l, err := LoadByID(t.Context(), b.pool, 2)
	if err != nil || l.Name != "stdin" || l.Source != "shop" {
		t.Errorf("the load is %+v, %v", l, err)
	}
	if left, err := filepath.Glob(filepath.Join(b.o.SpoolDir, "*")); err != nil || len(left) != 2 { // stdin's and mended
		t.Errorf("the spool holds %v, %v", left, err)
	}
	b.lawful()

	// It can be undone and brought back like any other, and the load it mends too.
	full := b.visible()
	for _, load := range []int64{2, 1} {
		if o := b.undo(load, spec); o.Err != nil || b.visible() == full {
			t.Errorf("undo %d: %v", load, o.Err)
		}
		if o := b.reload(load, spec); o.Err != nil || b.visible() != full {
			t.Errorf("reload %d: %v", load, o.Err)
		}
	}
	b.lawful()

	b.o.Stdin = strings.NewReader(shopHeader)
	if o := b.mend("-", spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("what mends nothing: %v", o.Err)
	}
	b.o.Stdin = nil
	if o := b.mend("-", spec); o.Err == nil || hintOf(o.Err) == "" {
		t.Errorf("no standard input: %v", o.Err)
	}
}

// TestUndoAndReloadInAnyOrder ends with the same rows whatever was taken out and brought back between.
func TestUndoAndReloadInAnyOrder(t *testing.T) {
	for _, steps := range []string{"-1 +1", "-1 -2 +1 +2", "-2 -1 +1 +2", "-1 -1 +1 +1", "-3 -1 +1 +3", "-1 i +1", "-2 x +2"} {
		t.Run(steps, func(t *testing.T) {
			b := newBench(t)
			specs := []*source.Spec{
				shopSpec(b.file("a.csv", shopHeader+shopLines(20)+badQty)),
				shopSpec(b.file("b.csv", shopHeader+shopLines(30))),
				shopSpec(b.file("c.csv", shopHeader+badPrice)),
			}
			for _, s := range specs {
				b.ingest(s)
			}
			full, open := b.visible(), b.open()
			for word := range strings.FieldsSeq(steps) {
				id := int64(word[len(word)-1] - '0')
				var o outcome
				switch word[0] {
				case '-':
					o = b.undo(id, specs...)
				case '+':
					o = b.reload(id, specs...)
				case 'i': // what is out stays out
					if o = b.ingest(specs[0]); len(of[pipeline.LoadSkipped](o)) != 1 {
						t.Errorf("an undone load came back: %+v", o.events)
					}
				case 'x': // the file is not needed as long as the rows are there
					if err := os.Remove(specs[1].Path); err != nil {
						t.Fatal(err)
					}
				}
				if o.Err != nil {
					t.Fatalf("%s: %v", word, o.Err)
				}
				b.lawful()
			}
			if b.visible() != full || b.open() != open {
				t.Errorf("%d open, want %d; the rows are others: %v", b.open(), open, b.visible() != full)
			}
		})
	}
}
