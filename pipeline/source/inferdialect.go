package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// encoding guesses how head is written and gives it in UTF-8.
func (in *inference) encoding(head []byte) []byte {
	e, confidence, reason := guessEncoding(head)
	if e != utf8Text {
		in.guess.Spec.Format.Encoding = e.String()
	}
	in.note(e.String(), confidence, reason, "format", "encoding")
	if _, length, found := byteOrderMark(head); found {
		head = head[length:]
	}
	switch e {
	case latin1Text, windows1252Text:
		text := make([]byte, 0, len(head)*9/8)
		for _, c := range head {
			text, _ = e.appendText(text, []byte{c}) // a hole is simply left out
		}
		return text
	case utf16LEText, utf16BEText:
		text, err := io.ReadAll(newWideReader(bytes.NewReader(head), e == utf16BEText))
		if err == nil {
			return text
		}
	}
	return head
}

func guessEncoding(head []byte) (e encoding, confidence float64, reason string) {
	if e, _, found := byteOrderMark(head); found {
		return e, 1, "the file starts with a byte order mark"
	}
	even, odd := 0, 0
	for i, c := range head {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	if half := len(head) / 2; half > 4 && (even > half/3 || odd > half/3) && (even == 0 || odd == 0 || even > 20*odd || odd > 20*even) {
		if even > odd {
			return utf16BEText, 0.95, "every other byte is NUL, the first one included"
		}
		return utf16LEText, 0.95, "every other byte is NUL"
	}
	whole := head
	for cut := 0; cut < utf8.UTFMax && len(whole) > 0 && !utf8.Valid(whole); cut++ { // the sample may end inside a character
		whole = whole[:len(whole)-1]
	}
	high, controls, holes := 0, 0, 0
	for _, c := range head {
		if c >= 0x80 {
			high++
		}
		if c >= 0x80 && c < 0xa0 {
			controls++
			if windows1252[c-0x80] == 0 {
				holes++
			}
		}
	}
	switch {
	case high == 0:
		return utf8Text, 0.95, "the sample is plain ASCII"
	case utf8.Valid(whole) && len(whole) > 0:
		return utf8Text, 0.99, fmt.Sprintf("%d bytes beyond ASCII, all of them valid UTF-8", high)
	case controls > 0 && holes == 0:
		return windows1252Text, 0.85, "not UTF-8, and bytes 0x80 to 0x9f are used as in windows-1252"
	case controls > 0:
		return latin1Text, 0.5, "not UTF-8, and with bytes that windows-1252 does not have"
	}
	return latin1Text, 0.75, "not UTF-8; could be any encoding of single bytes"
}

// dialect guesses delimiter and quote: those under which the records have the
// same number of fields, and the fields look like values.
func (in *inference) dialect(text []byte) {
	if i := bytes.LastIndexByte(text, '\n'); i > 0 && len(text) >= 1<<20 {
		text = text[:i+1] // not half a record
	}
	text = text[:min(len(text), 256<<10)]
	var best, second candidate
	for _, delimiter := range []byte(",;\t|") {
		for _, quote := range []byte("\"'") {
			c := candidate{delimiter: delimiter, quote: quote}
			c.score(text)
			switch {
			case c.value > best.value:
				if best.delimiter != c.delimiter {
					second = best
				}
				best = c
			case c.value > second.value && c.delimiter != best.delimiter:
				second = c
			}
		}
	}
	f := &in.guess.Spec.Format
	if best.value == 0 {
		in.note(",", 0.2, "no delimiter gives the lines the same number of fields", "format", "delimiter")
		return
	}
	name := string(best.delimiter)
	if best.delimiter == '\t' {
		name = "tab"
	}
	if best.delimiter != ',' {
		f.Delimiter = name
	}
	confidence := best.share * (1 - 0.5*second.value/best.value)
	n := in.note(name, round(confidence), fmt.Sprintf("%.1f%% of the lines have %d fields with it", best.share*100, best.fields), "format", "delimiter")
	if second.value > best.value/2 {
		n.Alternative = string(second.delimiter)
	}
	if best.quoted == 0 {
		in.note(`"`, 0.8, "no field of the sample is quoted", "format", "quote")
		return
	}
	if best.quote != '"' {
		f.Quote = string(best.quote)
	}
	in.note(string(best.quote), round(min(0.99, 0.8+0.2*(1-best.faults))), fmt.Sprintf("%d fields of the sample are quoted with it", best.quoted), "format", "quote")
}

func round(x float64) float64 { return float64(int(x*100+0.5)) / 100 }

// candidate is a pair of delimiter and quote and how well it fits.
type candidate struct {
	delimiter, quote byte
	fields           int     // the commonest number of them
	share            float64 // of records that have it
	faults           float64 // share of records with quotes that do not match
	quoted           int     // fields in quotes
	value            float64
}

func (c *candidate) score(text []byte) {
	if c.quote != '"' && !quotedWith(text, c.quote, c.delimiter) {
		return
	}
	d := dialect{delimiter: c.delimiter, quote: c.quote, quoting: true}
	f := &Framer{src: bytes.NewReader(nil), d: d, max: defaultRecord, chunk: maxChunk, buf: make([]byte, windowBytes), pos: Position{Record: 1, Line: 1}}
	f.open(bytes.NewReader(text))
	f.findLineEnd()
	var ch Chunk
	if err := f.Next(&ch); err != nil {
		return
	}
	counts := map[int]int{}
	var s splitter
	cells, clean, faults := 0, 0, 0
	for i := range ch.Records[:min(len(ch.Records), 2000)] {
		rec := &ch.Records[i]
		raw := ch.Data[rec.Start:rec.End]
		if rec.state > recordQuoted {
			faults++
			continue
		}
		fields := s.split(raw, &d, rec.state == recordQuoted)
		counts[len(fields)]++
		if rec.state == recordQuoted {
			c.quoted += bytes.Count(raw, []byte{c.quote}) / 2
		}
		for _, field := range fields {
			cells++
			if cleanCell(field) {
				clean++
			}
		}
	}
	total := min(len(ch.Records), 2000)
	for n, count := range counts {
		if share := float64(count) / float64(total); n > 1 && (share > c.share || share == c.share && n > c.fields) {
			c.fields, c.share = n, share
		}
	}
	if c.fields < 2 {
		return
	}
	c.faults = float64(faults) / float64(total)
	c.value = c.share * c.share * (1 - 1/float64(c.fields)) * (0.3 + 0.7*float64(clean)/float64(cells)) * (1 - c.faults)
	if c.quote != '"' {
		c.value *= 0.98 // in doubt the usual one
	}
}

// quotedWith tells whether fields seem to be quoted with q.
func quotedWith(text []byte, q, delimiter byte) bool {
	return bytes.Contains(text, []byte{delimiter, q}) && bytes.Contains(text, []byte{q, delimiter})
}

// cleanCell tells whether a field looks like one value rather than several or
// a piece of one.
func cleanCell(field []byte) bool {
	if len(field) == 0 || classify(string(bytes.TrimSpace(field))) != notNumber {
		return true
	}
	return !bytes.ContainsAny(field, ";\t|") && !bytes.HasPrefix(field, []byte{'"'}) && !bytes.HasSuffix(field, []byte{'"'})
}

// header guesses whether the first record names the columns.
func (in *inference) header(text []byte) {
	d, _ := in.guess.Spec.Format.resolve()
	f := &Framer{src: bytes.NewReader(nil), d: d, max: defaultRecord, chunk: 64 << 10, buf: make([]byte, windowBytes), pos: Position{Record: 1, Line: 1}}
	f.d.encoding = utf8Text
	f.open(bytes.NewReader(text))
	f.findLineEnd()
	var c Chunk
	if err := f.Next(&c); err != nil {
		return
	}
	var rows [][]string
	for i := range c.Records[:min(len(c.Records), 200)] {
		rec := &c.Records[i]
		var s splitter
		var row []string
		for _, field := range s.split(c.Data[rec.Start:rec.End], &d, rec.state == recordQuoted) {
			row = append(row, string(bytes.Trim(field, " \t")))
		}
		rows = append(rows, row)
	}
	confidence, reason := in.looksLikeHeader(rows)
	if confidence < 0.5 {
		no := false
		format := &in.guess.Spec.Format
		format.Header = &no
		for i := range rows[0] {
			format.Names = append(format.Names, fmt.Sprintf("column_%d", i+1))
		}
		in.note("false", round(1-confidence), reason, "format", "header")
		return
	}
	in.note("true", round(confidence), reason, "format", "header")
}

func (in *inference) looksLikeHeader(rows [][]string) (confidence float64, reason string) {
	first := rows[0]
	seen := map[string]bool{}
	words := 0
	for _, cell := range first {
		if cell != "" && (classify(cell) != notNumber || len(in.layouts.fitting(cell)) > 0) {
			return 0.05, fmt.Sprintf("the first line holds the value %q", cell)
		}
		if seen[cell] && cell != "" {
			return 0.3, fmt.Sprintf("the first line has %q twice", cell)
		}
		seen[cell] = true
		if _, known := canonicalFor(cell); known {
			words++
		}
	}
	typed := 0
	for i := range first {
		if values := columnOf(rows[1:], i); len(values) > 0 && in.typedShare(values) > 0.8 {
			typed++
		}
	}
	switch {
	case words >= 2 && typed > 0:
		return 0.99, fmt.Sprintf("%d of its names are known, and %d columns hold numbers or times below them", words, typed)
	case typed > 0:
		return 0.9, fmt.Sprintf("%d columns hold numbers or times, but not in the first line", typed)
	case words >= 2:
		return 0.85, fmt.Sprintf("%d of its names are known", words)
	}
	return 0.5, "nothing tells the first line from the others: " + strings.Join(first[:min(len(first), 4)], ", ")
}

func columnOf(rows [][]string, i int) (values []string) {
	for _, row := range rows {
		if i < len(row) && row[i] != "" {
			values = append(values, row[i])
		}
	}
	return values
}

func (in *inference) typedShare(values []string) float64 {
	typed := 0
	for _, v := range values {
		if classify(v) != notNumber || len(in.layouts.fitting(v)) > 0 {
			typed++
		}
	}
	return float64(typed) / float64(len(values))
}
