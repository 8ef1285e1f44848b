package source

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// anything is a source that takes files of any columns: all of them are
// unmapped and go into extra.
func anything(f Format) *Spec {
	return &Spec{
		Name: "any", Path: "x", Format: f, Contract: Contract{New: "ignore", Missing: "warn"},
		Columns: map[string]Column{"channel": {Column: "\x01not there"}},
		Rules: map[string]Rule{
			"invoice_no": {Default: "1"}, "quantity": {Default: "1"}, "unit_price": {Default: "1"}, "ordered_at": {Default: "2020-01-01 00:00:00"},
		},
	}
}

// table reads a text and gives its accepted records field by field, through
// COPY and jsonb.
func table(t testing.TB, f Format, text []byte) (header []string, rows [][]string, out taken) {
	t.Helper()
	out, err := ingest(t, anything(f), text, ingestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	keys := extraNames(out.header)
	for _, r := range out.rows {
		members := map[string]string{}
		if r["extra"] != "" {
			if err := json.Unmarshal([]byte(r["extra"]), &members); err != nil {
				t.Fatalf("extra %q: %v", r["extra"], err)
			}
		}
		row := make([]string, len(keys))
		for i, key := range keys {
			row[i] = members[key]
			delete(members, key)
		}
		if len(members) != 0 {
			t.Fatalf("extra has keys of no column: %v", members)
		}
		rows = append(rows, row)
	}
	return out.header, rows, out
}

// extraNames are the keys that the columns have in extra.
func extraNames(header []string) (keys []string) {
	taken := map[string]bool{}
	for i, name := range header {
		key := name
		if key == "" {
			key = fmt.Sprintf("column_%d", i+1)
		}
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s_%d", name, n)
		}
		taken[key] = true
		keys = append(keys, key)
	}
	return keys
}

func readTestdata(t testing.TB, name ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCorpusSpectrum(t *testing.T) {
	names, err := filepath.Glob("testdata/csv-spectrum/*.csv")
	if err != nil || len(names) != 12 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, path := range names {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			header, rows, out := table(t, Format{}, readTestdata(t, "csv-spectrum", name+".csv"))
			if len(out.rejects) != 0 || out.blank != 0 {
				t.Fatalf("rejects %v, blank %d", out.reasons(), out.blank)
			}
			var want []map[string]string
			if name == "location_coordinates" { // its JSON is not of its CSV
				want = []map[string]string{{
					"Contact Phone Number": "2095257564", "Location Coordinates": "37\ufffd36'37.8\"N 121\ufffd2'17.9\"W", "Cities": "Modesto", "Counties": "Stanislaus",
				}}
			} else if err := json.Unmarshal(readTestdata(t, "csv-spectrum", name+".json"), &want); err != nil {
				t.Fatal(err)
			}
			var have []map[string]string
			for _, row := range rows {
				m := map[string]string{}
				for i, key := range header {
					m[key] = row[i]
				}
				have = append(have, m)
			}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("have %q\nwant %q", have, want)
			}
		})
	}
}

func TestCorpusRustCSV(t *testing.T) {
	for _, c := range []struct {
		name    string
		format  Format
		records int
	}{
		{"smallpop.csv", Format{}, 10},
		{"smallpop-colon.csv", Format{Delimiter: ":"}, 10},
		{"smallpop-no-headers.csv", noHeader("city", "region", "country", "population"), 10},
		{"uspop.csv", Format{}, 100},
		{"uspop-null.csv", Format{}, 100},
		{"uspop-latin1.csv", Format{Encoding: "latin-1"}, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := readTestdata(t, "rust-csv", c.name)
			_, rows, out := table(t, c.format, data)
			if len(rows) != c.records || len(out.rejects) != 0 {
				t.Fatalf("%d records, rejects %v", len(rows), out.reasons())
			}
			text := string(data)
			if c.format.Encoding != "" {
				decoded, _ := latin1Text.appendText(nil, data)
				text = string(decoded)
			}
			r := csv.NewReader(strings.NewReader(text))
			if c.format.Delimiter != "" {
				r.Comma = rune(c.format.Delimiter[0])
			}
			want, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			want = want[len(want)-c.records:]
			if !reflect.DeepEqual(rows, want) {
				t.Errorf("have %q\nwant %q", rows, want)
			}
		})
	}
	// in UTF-8 the latin-1 file's foreign lines are refused, and only those
	_, rows, out := table(t, Format{}, readTestdata(t, "rust-csv", "uspop-latin1.csv"))
	for _, r := range out.rejects {
		if r.Reason != ReasonEncoding || bytes.IndexFunc(r.Raw, func(c rune) bool { return c == 0xfffd }) < 0 {
			t.Errorf("record %d: %s %q", r.Record, r.Reason, r.Raw)
		}
	}
	if len(out.rejects) == 0 || len(rows)+len(out.rejects) != 100 {
		t.Errorf("%d loaded, %d refused", len(rows), len(out.rejects))
	}
	// backslashes do not escape, and # starts no comment
	_, rows, out = table(t, Format{Delimiter: ";", Header: new(bool), Names: []string{"name", "year"}}, readTestdata(t, "rust-csv", "strange.csv"))
	if out.read != int64(len(rows)+len(out.rejects)) || out.read+out.blank != 7 {
		t.Errorf("read %d, loaded %d, refused %v", out.read, len(rows), out.reasons())
	}
}

// naughtyStrings is the Big List of Naughty Strings.
func naughtyStrings(t testing.TB) (list []string) {
	t.Helper()
	if err := json.Unmarshal(readTestdata(t, "blns", "blns.json"), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 400 {
		t.Fatalf("only %d strings", len(list))
	}
	return list
}

func quoteCell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func TestNaughtyStringsAsCells(t *testing.T) {
	list := naughtyStrings(t)
	text := "cell,next\n"
	for i, s := range list {
		text += fmt.Sprintf("%s,%d\n", quoteCell(s), i)
	}
	_, rows, out := table(t, Format{}, []byte(text))
	if len(out.rejects) != 0 || len(rows) != len(list) {
		t.Fatalf("%d of %d loaded; %v", len(rows), len(list), out.reasons())
	}
	for i, s := range list {
		if rows[i][0] != s || rows[i][1] != fmt.Sprint(i) {
			t.Errorf("string %d: %q came back as %q", i, s, rows[i][0])
		}
	}
}

func TestNaughtyStringsAsTypedValues(t *testing.T) {
	list := naughtyStrings(t)
	for _, column := range []string{"i", "q", "p", "t"} {
		text := smallHeader
		for _, s := range list {
			values := map[string]string{"i": "1", "q": "1", "p": "1", "t": "2020-01-01 00:00:00"}
			values[column] = quoteCell(s)
			text += values["i"] + "," + values["q"] + "," + values["p"] + "," + values["t"] + "\n"
		}
		out := mustIngest(t, small(), text, ingestOptions{})
		if out.read != int64(len(list)) || len(out.rows)+len(out.rejects) != len(list) {
			t.Errorf("%s: read %d, loaded %d, refused %d", column, out.read, len(out.rows), len(out.rejects))
		}
		for _, r := range out.rows {
			if column == "t" {
				t.Errorf("a naughty string is a time: %v", r)
			}
		}
	}
}

func TestNaughtyStringsAsHeaders(t *testing.T) {
	for _, s := range naughtyStrings(t) {
		if s == "value" {
			continue
		}
		header, rows, out := table(t, Format{}, []byte(quoteCell(s)+",value\nx,y\n"))
		if len(rows) != 1 || len(out.rejects) != 0 || header[0] != strings.Trim(s, " \t") || rows[0][0] != "x" || rows[0][1] != "y" {
			t.Errorf("header %q came back as %q with %q", s, header, rows)
		}
	}
}

func TestNaughtyStringsAsFileNames(t *testing.T) {
	folder := t.TempDir()
	want := map[string]bool{}
	for _, s := range naughtyStrings(t) {
		name := s + ".csv"
		if strings.ContainsAny(s, "/\x00") || len(name) > 255 || strings.HasPrefix(s, ".") || s == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte("a,b\n1,2\n"), 0o600); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		want[name] = true
	}
	files, err := Expand(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Fatalf("%d files found of %d", len(files), len(want))
	}
	for _, f := range files {
		if !want[f.Name] {
			t.Errorf("unknown name %q", f.Name)
		}
		again, err := Expand(f.Path)
		if err != nil || len(again) != 1 || again[0] != f {
			t.Errorf("%q by its own path: %v, %v", f.Path, again, err)
		}
		if sums, err := Hash(context.Background(), f, Limits{}, nil); err != nil || sums.Bytes != 8 {
			t.Errorf("%q: %+v, %v", f.Path, sums, err)
		}
		if _, err := Infer(context.Background(), []File{f}, InferOptions{}); err != nil {
			t.Errorf("%q: %v", f.Path, err)
		}
	}
}

// TestCorpusOwn follows csv-test-data and the dialects of the W3C's CSV on the
// web, whose files have no package: the same cases, written anew.
func TestCorpusOwn(t *testing.T) {
	no, cols := false, []string{"x", "y"}
	for _, c := range []struct {
		name, text string
		format     Format
		rows       [][]string
		rejects    []string
		blank      int64
	}{
		{"simple lf", "a,b\n1,2\n3,4\n", Format{}, [][]string{{"1", "2"}, {"3", "4"}}, nil, 0},
		{"simple crlf", "a,b\r\n1,2\r\n3,4\r\n", Format{}, [][]string{{"1", "2"}, {"3", "4"}}, nil, 0},
		{"simple cr", "a,b\r1,2\r3,4\r", Format{}, [][]string{{"1", "2"}, {"3", "4"}}, nil, 0},
		{"mixed line ends", "a,b\r\n1,2\n3,4\r\n", Format{}, [][]string{{"1", "2"}, {"3", "4"}}, nil, 0},
		{"header only", "a,b\n", Format{}, nil, nil, 0},
		{"no header", "1,2\n3,4\n", Format{Header: &no, Names: cols}, [][]string{{"1", "2"}, {"3", "4"}}, nil, 0},
		{"all empty", "a,b\n,\n,\n", Format{}, [][]string{{"", ""}, {"", ""}}, nil, 0},
		{"empty field", "a,b,c\n1,,3\n,2,\n", Format{}, [][]string{{"1", "", "3"}, {"", "2", ""}}, nil, 0},
		{"one column", "a\n1\n2\n", Format{}, [][]string{{"1"}, {"2"}}, nil, 0},
		{"one column with blank lines", "a\n1\n\n2\n\n", Format{}, [][]string{{"1"}, {"2"}}, nil, 2},
		{"one column, quoted empty", "a\n\"\"\n1\n", Format{}, [][]string{{""}, {"1"}}, nil, 0},
		{"leading and trailing space", "a,b\n 1, 2 \n", Format{}, [][]string{{" 1", " 2 "}}, nil, 0},
		{"quotes empty", "a,b\n\"\",\"\"\n", Format{}, [][]string{{"", ""}}, nil, 0},
		{"quotes with comma", "a,b\n\"1,5\",2\n", Format{}, [][]string{{"1,5", "2"}}, nil, 0},
		{"quotes with escaped quote", "a,b\n\"1 \"\"x\"\"\",2\n", Format{}, [][]string{{`1 "x"`, "2"}}, nil, 0},
		{"quotes with newline", "a,b\n\"1\n2\",3\n", Format{}, [][]string{{"1\n2", "3"}}, nil, 0},
		{"quotes with crlf", "a,b\r\n\"1\r\n2\",3\r\n", Format{}, [][]string{{"1\r\n2", "3"}}, nil, 0},
		{"quotes with spaces inside", "a,b\n\" 1 \",\"\t2\"\n", Format{}, [][]string{{" 1 ", "\t2"}}, nil, 0},
		{"quoted header", "\"a\",\"b,c\"\n1,2\n", Format{}, [][]string{{"1", "2"}}, nil, 0},
		{"utf-8", "ключ,值\nдва,三\n", Format{}, [][]string{{"два", "三"}}, nil, 0},
		{"four bytes", "a,b\n😀,𝒳\n", Format{}, [][]string{{"😀", "𝒳"}}, nil, 0},
		{"bom", "\xef\xbb\xbfa,b\n1,2\n", Format{}, [][]string{{"1", "2"}}, nil, 0},
		{"bom in the middle", "a,b\n\xef\xbb\xbf1,2\n", Format{}, [][]string{{"\ufeff1", "2"}}, nil, 0},
		{"bad: fewer fields", "a,b\n1\n2,3\n", Format{}, [][]string{{"2", "3"}}, []string{"1 fields"}, 0},
		{"bad: more fields", "a,b\n1,2,3\n4,5\n", Format{}, [][]string{{"4", "5"}}, []string{"1 fields"}, 0},
		{"bad: trailing comma", "a,b\n1,2,\n4,5\n", Format{}, [][]string{{"4", "5"}}, []string{"1 fields"}, 0},
		{"bad: missing quote", "a,b\n\"1,2\n3,4\n", Format{}, [][]string{{"3", "4"}}, []string{"1 quote"}, 0},
		{"bad: missing quote at the end", "a,b\n1,2\n3,\"4", Format{}, [][]string{{"1", "2"}}, []string{"2 quote"}, 0},
		{"bad: unescaped quote inside", "a,b\n\"1\"2\",3\n4,5\n", Format{}, [][]string{{"4", "5"}}, []string{"1 quote"}, 0},
		{"bad: space around quotes", "a,b\n\"1\" ,2\n4,5\n", Format{}, [][]string{{"4", "5"}}, []string{"1 quote"}, 0},
		{"a bare quote is text", "a,b\n1\",\"2\"\n", Format{}, [][]string{{`1"`, "2"}}, nil, 0},
		{"a space before a quote makes it text", "a,b\n1, \"2\"\n", Format{}, [][]string{{"1", ` "2"`}}, nil, 0},
		{"tabs", "a\tb\n1\t2,5\n", Format{Delimiter: "tab"}, [][]string{{"1", "2,5"}}, nil, 0},
		{"semicolons", "a;b\n1;2,5\n", Format{Delimiter: ";"}, [][]string{{"1", "2,5"}}, nil, 0},
		{"bars", "a|b\n1|2,5\n", Format{Delimiter: "|"}, [][]string{{"1", "2,5"}}, nil, 0},
		{"single quotes", "a,b\n'1,5','it''s'\n", Format{Quote: "'"}, [][]string{{"1,5", "it's"}}, nil, 0},
		{"no quotes", "a,b\n\"1,2\"\n", Format{Quote: "none"}, [][]string{{`"1`, `2"`}}, nil, 0},
		{"utf-16 le", wide("\ufeffa,b\n\"1\r\n😀\",é\n", false), Format{}, [][]string{{"1\r\n😀", "é"}}, nil, 0},
		{"utf-16 be", wide("\ufeffa,b\n\"1\r\n😀\",é\n", true), Format{}, [][]string{{"1\r\n😀", "é"}}, nil, 0},
		{"utf-16, lone surrogate", wide("\ufeffa,b\n1,\xed\xa0\x80\n3,4\n", false), Format{}, [][]string{{"3", "4"}}, []string{"1 encoding b"}, 0},
		{"utf-16, odd byte at the end", wide("\ufeffa,b\n1,2\n3,4", false) + "x", Format{}, [][]string{{"1", "2"}}, []string{"2 encoding b"}, 0},
		{"nul", "a,b\n1,\x00\n3,4\n", Format{}, [][]string{{"3", "4"}}, []string{"1 nul b"}, 0},
		{"mixed encodings", "a,b\n1,\xe9\n3,é\n", Format{}, [][]string{{"3", "é"}}, []string{"1 encoding b"}, 0},
		{"form feed and vertical tab are text", "a,b\n1\f,2\v\n", Format{}, [][]string{{"1\f", "2\v"}}, nil, 0},
		{"unicode line ends are text", "a,b\n1\u2028,2\u0085\n", Format{}, [][]string{{"1\u2028", "2\u0085"}}, nil, 0},
		{"copy's end mark", "a\n\\.\n1\n", Format{}, [][]string{{`\.`}, {"1"}}, nil, 0},
		{"control z", "a\n1\x1a\n2\n", Format{}, [][]string{{"1\x1a"}, {"2"}}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, rows, out := table(t, c.format, []byte(c.text))
			if !reflect.DeepEqual(rows, c.rows) {
				t.Errorf("rows %q\nwant %q", rows, c.rows)
			}
			if have := out.reasons(); !reflect.DeepEqual(have, c.rejects) {
				t.Errorf("rejects %q, want %q", have, c.rejects)
			}
			if out.blank != c.blank {
				t.Errorf("%d blank lines, want %d", out.blank, c.blank)
			}
		})
	}
}

func TestHundredThousandColumns(t *testing.T) {
	const n = 100_000
	names, values := make([]string, n), make([]string, n)
	for i := range n {
		names[i], values[i] = fmt.Sprintf("c%d", i), fmt.Sprint(i)
	}
	text := strings.Join(names, ",") + "\n" + strings.Join(values, ",") + "\n" + strings.Join(values[1:], ",") + "\n"
	_, rows, out := table(t, Format{}, []byte(text))
	if len(rows) != 1 || rows[0][n-1] != fmt.Sprint(n-1) || !reflect.DeepEqual(out.reasons(), []string{"2 fields"}) {
		t.Errorf("%d rows, rejects %v", len(rows), out.reasons())
	}
}
