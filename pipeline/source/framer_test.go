package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// framed is a record as tests compare it.
type framed struct {
	Text  string
	Byte  int64
	Line  int64
	State recordState
}

func frameAll(t testing.TB, r io.Reader, f Format, o FramerOptions) (list []framed, fr *Framer) {
	t.Helper()
	fr, err := NewFramer(r, f, o)
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	for err = fr.Next(&c); err == nil; err = fr.Next(&c) {
		for i, rec := range c.Records {
			list = append(list, framed{string(c.Data[rec.Start:rec.End]), rec.Byte, rec.Line, rec.state})
			if c.RecordFrom+int64(i) != int64(len(list))+o.Start.Record-min(o.Start.Record, 1) {
				t.Fatalf("record number %d for record %d", c.RecordFrom+int64(i), len(list))
			}
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return list, fr
}

func noHeader(names ...string) Format {
	no := false
	return Format{Header: &no, Names: names}
}

// naive frames text the plain way: each record followed from its start,
// nothing remembered. It says what Framer must give.
func naive(text []byte, eol byte, limit int) (list []framed) {
	line := int64(1)
	for at := 0; at < len(text); {
		first := len(text)
		if i := bytes.IndexByte(text[at:], eol); i >= 0 {
			first = at + i
		}
		end, state := first, recordPlain
		switch {
		case first-at > limit+1:
			state = recordTooLong
		case bytes.IndexByte(text[at:first], '"') >= 0:
			if end, state = naiveQuoted(text, at, eol, limit); state != recordQuoted {
				end = first
			}
		}
		rec := text[at:end]
		if eol == '\n' && bytes.HasSuffix(rec, []byte("\r")) && state != recordTooLong {
			rec = rec[:len(rec)-1]
		}
		if state == recordTooLong {
			rec = wholeRunes(rec, min(longKept, limit))
		}
		if len(rec) > 0 {
			list = append(list, framed{string(rec), int64(at), line, state})
		}
		line += int64(bytes.Count(text[at:end], []byte{eol})) + 1
		at = end + 1
	}
	return list
}

func naiveQuoted(text []byte, start int, eol byte, limit int) (int, recordState) {
	inside, fieldStart := false, true
	for i := start; ; i++ {
		if i-start > limit+1 {
			return 0, recordUnclosed
		}
		if i >= len(text) {
			if inside {
				return 0, recordUnclosed
			}
			return len(text), recordQuoted
		}
		c := text[i]
		switch {
		case inside && c == '"':
			next := byte(eol)
			if i+1 < len(text) {
				next = text[i+1]
			}
			switch {
			case next == '"':
				i++
			case next == ',':
				inside = false
			case next == eol:
				return min(i+1, len(text)), recordQuoted
			case next == '\r' && eol == '\n' && (i+2 >= len(text) || text[i+2] == '\n'):
				return min(i+2, len(text)), recordQuoted
			default:
				return 0, recordAfterQuote
			}
			fieldStart = false
		case inside:
		case c == eol:
			return i, recordQuoted
		case c == ',':
			fieldStart = true
		case c == '"' && fieldStart:
			inside, fieldStart = true, false
		default:
			fieldStart = false
		}
	}
}

func TestFramerFramesRecords(t *testing.T) {
	type want struct {
		text  string
		line  int64
		state recordState
	}
	for _, c := range []struct {
		name, text string
		want       []want
		blank      int64
	}{
		{"lf", "a,b\nc,d\n", []want{{"a,b", 1, 0}, {"c,d", 2, 0}}, 0},
		{"no line end at the end", "a,b\nc,d", []want{{"a,b", 1, 0}, {"c,d", 2, 0}}, 0},
		{"crlf", "a,b\r\nc,d\r\n", []want{{"a,b", 1, 0}, {"c,d", 2, 0}}, 0},
		{"cr alone", "a,b\rc,d\r", []want{{"a,b", 1, 0}, {"c,d", 2, 0}}, 0},
		{"cr is text beside lf", "a\rb,c\nd,e\n", []want{{"a\rb,c", 1, 0}, {"d,e", 2, 0}}, 0},
		{"blank lines are counted apart", "\na,b\n\r\n\nc,d\n\n", []want{{"a,b", 2, 0}, {"c,d", 5, 0}}, 4},
		{"a space is no blank line", "a,b\n \n", []want{{"a,b", 1, 0}, {" ", 2, 0}}, 0},
		{"lf in quotes", "a,\"b\nc\"\nd,e\n", []want{{"a,\"b\nc\"", 1, recordQuoted}, {"d,e", 3, 0}}, 0},
		{"crlf in quotes is kept", "a,\"b\r\nc\"\r\nd,e\r\n", []want{{"a,\"b\r\nc\"", 1, recordQuoted}, {"d,e", 3, 0}}, 0},
		{"doubled quotes", "\"a\"\"\n\"\"b\",c\n", []want{{"\"a\"\"\n\"\"b\",c", 1, recordQuoted}}, 0},
		{"a bare quote is text", "6\" pipe,b\nc,d\n", []want{{"6\" pipe,b", 1, recordQuoted}, {"c,d", 2, 0}}, 0},
		{"a lone backslash dot", "a,b\n\\.\nc,d\n", []want{{"a,b", 1, 0}, {"\\.", 2, 0}, {"c,d", 3, 0}}, 0},
		{"unclosed to the end", "a,\"b\nc,d\ne,f\n", []want{{"a,\"b", 1, recordUnclosed}, {"c,d", 2, 0}, {"e,f", 3, 0}}, 0},
		{"unclosed until a later field's quote", "a,\"b\nc,d\ne,\"f\"\n", []want{{"a,\"b", 1, recordAfterQuote}, {"c,d", 2, 0}, {"e,\"f\"", 3, recordQuoted}}, 0},
		{"text after a quote", "a,\"b\"x,c\nd,e\n", []want{{"a,\"b\"x,c", 1, recordAfterQuote}, {"d,e", 2, 0}}, 0},
		{"space after a quote", "\"a\" ,b\nd,e\n", []want{{"\"a\" ,b", 1, recordAfterQuote}, {"d,e", 2, 0}}, 0},
		{"quoted at the end of the file", "a,\"b\"", []want{{"a,\"b\"", 1, recordQuoted}}, 0},
		{"quoted, cr at the end of the file", "a,\"b\"\r", []want{{"a,\"b\"", 1, recordQuoted}}, 0},
		{"only quotes", "\"\"\n\"\"\n", []want{{"\"\"", 1, recordQuoted}, {"\"\"", 2, recordQuoted}}, 0},
		{"nothing", "", nil, 0},
		{"only blank lines", "\n\n\n", nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, f := frameAll(t, strings.NewReader(c.text), noHeader("x", "y"), FramerOptions{})
			var got []want
			for _, r := range have {
				got = append(got, want{r.Text, r.Line, r.State})
				if !strings.HasPrefix(c.text[r.Byte:], r.Text) {
					t.Errorf("record %q is not at byte %d", r.Text, r.Byte)
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("have %+v\nwant %+v", got, c.want)
			}
			if f.Blank() != c.blank {
				t.Errorf("%d blank lines, want %d", f.Blank(), c.blank)
			}
		})
	}
}

// hardText makes texts in which quotes go wrong in every way, from a seed.
func hardText(seed uint64, size int) []byte {
	pieces := []string{"a", "bb,", ",", "\"", "\"\"", "\",\"", "\n", "\r\n", "x\",y,\"z\n", "\"open\n", "long text without anything", "\n\n", "\"q\"", "\r", "é"}
	var out []byte
	for len(out) < size {
		seed = seed*6364136223846793005 + 1442695040888963407
		out = append(out, pieces[seed>>33%uint64(len(pieces))]...)
	}
	return out
}

func TestFramerEqualsNaiveFraming(t *testing.T) {
	for seed := range uint64(150) {
		text := hardText(seed, 300+int(seed)*3)
		for _, limit := range []int{20, 100, 1000, 1 << 20} {
			checkFraming(t, text, limit, int(seed%7)*50+1)
		}
	}
}

// checkFraming compares Framer with the naive way, whole, chunked, resumed, and
// read byte by byte.
func checkFraming(t *testing.T, text []byte, limit, chunk int) {
	t.Helper()
	eol := byte('\n')
	if bytes.IndexByte(text, '\n') < 0 && len(text) > 0 && bytes.IndexByte(text[:len(text)-1], '\r') >= 0 {
		eol = '\r'
	}
	want := naive(text, eol, limit)
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return // not comparable
	}
	format := noHeader("x")
	for name, read := range map[string]struct {
		in    io.Reader
		chunk int
	}{
		"whole":        {bytes.NewReader(text), 0},
		"chunked":      {bytes.NewReader(text), chunk},
		"byte by byte": {iotest.OneByteReader(bytes.NewReader(text)), chunk},
		"half reads":   {iotest.HalfReader(bytes.NewReader(text)), chunk},
	} {
		have, _ := frameAll(t, read.in, format, FramerOptions{MaxRecord: limit, ChunkBytes: read.chunk})
		if !reflect.DeepEqual(have, want) {
			i := 0
			for i < min(len(have), len(want)) && have[i] == want[i] {
				i++
			}
			t.Fatalf("%s, limit %d, text %q:\nrecord %d of %d, %d\nhave %+v\nwant %+v", name, limit, text, i, len(have), len(want), have[i:min(i+2, len(have))], want[i:min(i+2, len(want))])
		}
	}
	resumeEverywhere(t, text, format, FramerOptions{MaxRecord: limit, ChunkBytes: chunk}, want)
}

// resumeEverywhere starts again after every chunk, by seeking and by reading on.
func resumeEverywhere(t *testing.T, text []byte, format Format, o FramerOptions, want []framed) {
	t.Helper()
	f, err := NewFramer(bytes.NewReader(text), format, o)
	if err != nil {
		t.Fatal(err)
	}
	var c Chunk
	for step := 0; f.Next(&c) == nil; step++ {
		if step%5 != 0 {
			continue
		}
		next := c.Next()
		o.Start = next
		for _, in := range []io.Reader{bytes.NewReader(text), onlyReader{bytes.NewReader(text)}} {
			have, _ := frameAll(t, in, format, o)
			if rest := want[next.Record-1:]; len(have) != len(rest) || len(rest) > 0 && !reflect.DeepEqual(have, rest) {
				t.Fatalf("resumed at %+v: have %+v, want %+v", next, have, rest)
			}
		}
	}
}

type onlyReader struct{ io.Reader }

func TestFramerHeader(t *testing.T) {
	yes := true
	for _, c := range []struct {
		name, text string
		format     Format
		want       []string
		first      string
		hint       string // of the error
	}{
		{"plain", "a,b\n1,2\n", Format{}, []string{"a", "b"}, "1,2", ""},
		{"bom", "\xef\xbb\xbfa,b\n1,2\n", Format{}, []string{"a", "b"}, "1,2", ""},
		{"quoted bom", "\xef\xbb\xbf\"a\",b\n1,2\n", Format{}, []string{"a", "b"}, "1,2", ""},
		{"blank lines first", "\r\n\r\na,b\n1,2\n", Format{}, []string{"a", "b"}, "1,2", ""},
		{"spaces", " a , b\n1,2\n", Format{}, []string{"a", "b"}, "1,2", ""},
		{"newline in a name", "\"a\nb\",c\n1,2\n", Format{}, []string{"a\nb", "c"}, "1,2", ""},
		{"names instead", "a,b\n1,2\n", Format{Header: &yes, Names: []string{"x", "y"}}, []string{"x", "y"}, "1,2", ""},
		{"tab", "a\tb\n1\t2\n", Format{Delimiter: "tab"}, []string{"a", "b"}, "1\t2", ""},
		{"latin-1", "gr\xf6\xdfe,b\n1,2\n", Format{Encoding: "latin-1"}, []string{"größe", "b"}, "1,2", ""},
		{"windows-1252", "\x80,b\n1,2\n", Format{Encoding: "windows-1252"}, []string{"€", "b"}, "1,2", ""},
		{"utf-16 le", "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00", Format{}, []string{"a", "b"}, "1,2", ""},
		{"utf-16 be", "\xfe\xff\x00a\x00,\x00b\x00\n\x001\x00,\x002", Format{}, []string{"a", "b"}, "1,2", ""},
		{"utf-16 be, configured", "\x00a\x00,\x00b\x00\n\x001\x00,\x002", Format{Encoding: "utf-16be"}, []string{"a", "b"}, "1,2", ""},
		{"wrong encoding", "gr\xf6\xdfe,b\n1,2\n", Format{}, nil, "", "set format.encoding"},
		{"nul", "a\x00,b\n1,2\n", Format{}, nil, "", "set format.encoding"},
		{"unclosed", "\"a,b\n1,2\n", Format{}, nil, "", "close the quote"},
		{"utf-32", "\xff\xfe\x00\x00a\x00\x00\x00", Format{}, nil, "", "iconv"},
		{"wrong number of names", "a,b\n", Format{Names: []string{"x"}}, nil, "", "one name for each column"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := NewFramer(strings.NewReader(c.text), c.format, FramerOptions{})
			if c.hint != "" {
				var h interface{ Hint() string }
				if !errors.As(err, &h) || !strings.Contains(h.Hint(), c.hint) {
					t.Fatalf("error %v with a hint about %q wanted", err, c.hint)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(f.Header(), c.want) {
				t.Errorf("header %q, want %q", f.Header(), c.want)
			}
			var ch Chunk
			if err := f.Next(&ch); err != nil || string(ch.Data) != c.first || ch.RecordFrom != 1 {
				t.Errorf("first record %q, number %d, %v", ch.Data, ch.RecordFrom, err)
			}
		})
	}
	for _, text := range []string{"", "\xef\xbb\xbf", "\n\n"} {
		if _, err := NewFramer(strings.NewReader(text), Format{}, FramerOptions{}); !errors.Is(err, ErrEmpty) {
			t.Errorf("%q: %v, want ErrEmpty", text, err)
		}
	}
}

func TestFramerReportsReadErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader("a,b\n1,2\n3,\"4"), iotest.ErrReader(broken))
	f, err := NewFramer(in, Format{}, FramerOptions{})
	if err == nil {
		err = f.Next(new(Chunk))
	}
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

func TestFramerKeepsToItsCap(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	text := "a,b\n1," + long + "\n2,3\n4,\"" + long + "\"\n5,6\n\"" + long + "\n7,8"
	list, f := frameAll(t, strings.NewReader(text), Format{}, FramerOptions{MaxRecord: 1 << 20})
	var got []string
	for _, r := range list {
		got = append(got, fmt.Sprint(r.Line, r.State, len(r.Text)))
	}
	want := []string{"2 4 65536", "3 0 3", "4 4 65536", "5 0 3", "6 4 65536", "7 0 3"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
	if len(f.buf) > 8<<20 {
		t.Errorf("the window grew to %d bytes", len(f.buf))
	}
}

// Any run of whole chunks, framed by itself from its start to its end, has the records that it has in the
// whole file, whatever quotes are open around its borders.
func TestFramingBetweenPositions(t *testing.T) {
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 400 {
		fmt.Fprintf(&text, "%d,%s\r\n", i, []string{"x", "\"q\r\nq\"", "\"open", "\"\"\"\"", "y\"z", "\n", "\"a\"b"}[i*i%7])
	}
	for _, encoding := range []string{"utf-8", "latin-1"} {
		format := Format{Encoding: encoding}
		want, _ := frameAll(t, strings.NewReader(text.String()), format, FramerOptions{})
		fr, err := NewFramer(strings.NewReader(text.String()), format, FramerOptions{ChunkBytes: 200})
		if err != nil {
			t.Fatal(err)
		}
		var borders []Position
		var c Chunk
		for err = fr.Next(&c); err == nil; err = fr.Next(&c) {
			borders = append(borders, Position{Chunk: c.N, Byte: c.ByteFrom, Record: c.RecordFrom, Line: c.LineFrom})
		}
		borders = append(borders, c.Next())
		if len(borders) < 10 {
			t.Fatalf("%d chunks", len(borders))
		}
		for i, from := range borders {
			for _, to := range borders[i+1:] {
				got, _ := frameAll(t, strings.NewReader(text.String()), format, FramerOptions{Start: from, End: to.Byte, ChunkBytes: 333})
				if !reflect.DeepEqual(got, want[from.Record-1:to.Record-1]) {
					t.Fatalf("%s: from %+v to %+v: %d records", encoding, from, to, len(got))
				}
			}
		}
	}
}
