package lake

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// CSVOptions says how WriteCSV writes.
type CSVOptions struct {
	CRLF bool // end lines with CR LF, as RFC 4180 has it, instead of LF
	Raw  bool // leave values alone that a spreadsheet would run as a formula
}

// WriteCSV writes all rows as CSV (RFC 4180) with a header line and returns how
// many there were. NULL is an empty field, an empty text a quoted one. Unless
// o.Raw is set, a text that begins with = + - @ TAB CR LF, or a full-width form
// of these, and is no number gets an apostrophe in front, which changes it.
func (r *Rows) WriteCSV(w io.Writer, o CSVOptions) (int64, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	c := csvWriter{o: o, end: "\n"}
	if o.CRLF {
		c.end = "\r\n"
	}
	for i, col := range r.columns {
		c.field(i, []byte(col.Name), true)
	}
	if err := c.flush(out); err != nil {
		return 0, err
	}
	var cell []byte
	var n int64
	for r.Next() {
		for i := range r.columns {
			if r.Null(i) {
				c.separate(i)
				continue
			}
			cell = r.Append(cell[:0], i)
			c.field(i, cell, !r.columns[i].Numeric)
		}
		if err := c.flush(out); err != nil {
			return n, err
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, err
	}
	return n, r.Err()
}

type csvWriter struct {
	o    CSVOptions
	end  string
	line []byte
}

func (c *csvWriter) separate(i int) {
	if i > 0 {
		c.line = append(c.line, ',')
	}
}

// field appends a value; text says that it may be a formula.
func (c *csvWriter) field(i int, cell []byte, text bool) {
	c.separate(i)
	guard := text && !c.o.Raw && isFormula(cell)
	if len(cell) > 0 && !guard && !bytes.ContainsAny(cell, ",\"\r\n") && cell[0] != ' ' && cell[len(cell)-1] != ' ' {
		c.line = append(c.line, cell...)
		return
	}
	c.line = append(c.line, '"')
	if guard {
		c.line = append(c.line, '\'')
	}
	for len(cell) > 0 {
		i := bytes.IndexByte(cell, '"')
		if i < 0 {
			c.line = append(c.line, cell...)
			break
		}
		c.line = append(append(c.line, cell[:i+1]...), '"')
		cell = cell[i+1:]
	}
	c.line = append(c.line, '"')
}

func (c *csvWriter) flush(w io.Writer) error {
	_, err := w.Write(append(c.line, c.end...))
	c.line = c.line[:0]
	return err
}

// isFormula tells whether a spreadsheet would take a text for a formula.
func isFormula(s []byte) bool {
	if len(s) == 0 {
		return false
	}
	first, _ := utf8.DecodeRune(s)
	// Full-width forms of = + - @ are folded to them by some spreadsheets.
	return strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", first) && !isNumber(s)
}

// isNumber tells whether s is a plain decimal number, with a sign or without.
func isNumber(s []byte) bool {
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	digits, points := 0, 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}
