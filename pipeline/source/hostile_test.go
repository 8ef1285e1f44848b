package source

import (
	"errors"
	"io"
	"testing"
)

// endless gives size bytes of a line repeated, after a first line.
type endless struct {
	first, line string
	size        int
	at          int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at >= e.size {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && e.at < e.size {
		piece := e.line[e.at%len(e.line):]
		if len(e.first) > 0 {
			piece = e.first
		}
		k := copy(p[n:min(len(p), n+e.size-e.at)], piece)
		if len(e.first) > 0 {
			e.first = e.first[k:]
			e.size -= k
		} else {
			e.at += k
		}
		n += k
	}
	return n, nil
}

// Files of 50 MB whose quotes never close would take hours if each line were
// followed to the cap anew, and hundreds of megabytes if the text were kept.
func TestFramerStaysCheapOnUnclosedQuotes(t *testing.T) {
	if testing.Short() {
		t.Skip("reads several files of 50 MB")
	}
	for _, c := range []struct {
		name, first, line string
		refused           bool // every line is
		size              int  // MiB
	}{
		{"one unclosed quote", "a,\"b\n", "c,d,e,f,g,h\n", false, 50},
		{"every line closes the one before and opens", "a,\"b\n", "x\",y,\"z\n", true, 50},
		{"every line opens, the next starts with a quote", "a,b\n", "\"abc,d\n", true, 24},
		{"every line opens at its end", "a,\"\"\"b\n", "c\",\"\"\"d\n", true, 24},
		{"doubled quotes after one unclosed", "a,\"b\n", "c\"\"d,e\n", false, 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := NewFramer(&endless{first: c.first, line: c.line, size: c.size << 20}, noHeader("x", "y"), FramerOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var ch Chunk
			records, refused, widest := 0, 0, 0
			for err = f.Next(&ch); err == nil; err = f.Next(&ch) {
				records += len(ch.Records)
				widest = max(widest, len(f.buf))
				for _, r := range ch.Records {
					if r.state > recordQuoted {
						refused++
					}
				}
			}
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			t.Logf("%d records, %d refused, window %d MiB", records, refused, widest>>20)
			if widest > 24<<20 {
				t.Errorf("the window grew to %d MiB", widest>>20)
			}
			if !c.refused && refused != 1 {
				t.Errorf("%d refused, want the opening line alone", refused)
			}
			if c.refused && refused < records/4 {
				t.Errorf("only %d of %d refused", refused, records)
			}
		})
	}
}
