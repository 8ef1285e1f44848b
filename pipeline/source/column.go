package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// nullField is a COPY field that is NULL.
const nullField = "\xff\xff\xff\xff"

// column is a canonical column as one source fills it.
type column struct {
	*canonical
	index    int // in the list of canonical columns
	field    int // in the record; -1 = not from the record
	lookup   int // which lookup it comes from; -1 = none
	part     int // which of the lookup's columns
	trim     bool
	ids      bool // cut the .0 of numbers that are names
	must     bool // NULL is refused
	masked   bool // its values stay out of messages
	number   decimalFormat
	time     *timeFormat
	check    *check
	fallback []byte // the COPY field that stands for NULL
	before   []byte // COPY fields that are the same in every row and come first
}

// append adds the COPY field of text, which is valid UTF-8. null means that
// nothing was added because the value is NULL. A reason says why the value is
// refused.
func (c *column) append(dst, text []byte, v *values, s *scratch) (out []byte, null bool, reason string) {
	if c.kind != textKind || c.trim {
		text = trimBlanks(text)
	}
	if v.nulls.has(text) {
		return dst, true, ""
	}
	switch c.kind {
	case numberKind:
		d, reason := c.number.parse(text)
		if reason == "" && c.check != nil {
			reason = c.check.number(d, text)
		}
		if reason != "" {
			return dst, false, reason
		}
		return appendNumeric(dst, d, c.scale), false, ""
	case timeKind:
		t, reason := c.instant(text, v, s)
		if reason != "" {
			return dst, false, reason
		}
		dst = append(dst, 0, 0, 0, 8)
		return binary.BigEndian.AppendUint64(dst, uint64(t)), false, "" //nolint:gosec // two's complement is meant
	}
	if c.ids {
		text = cutZeros(text)
	}
	if c.check != nil {
		if reason := c.check.text(text); reason != "" {
			return dst, false, reason
		}
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(text))) //nolint:gosec // fields are capped
	return append(dst, text...), false, ""
}

// trimBlanks cuts spaces and tabs from both ends.
func trimBlanks(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	for len(text) > 0 && (text[len(text)-1] == ' ' || text[len(text)-1] == '\t') {
		text = text[:len(text)-1]
	}
	return text
}

// instant reads a time; the last text of each column is remembered with its
// result, because the lines of an invoice share it.
func (c *column) instant(text []byte, v *values, s *scratch) (int64, string) {
	cache := &s.times[c.index]
	if len(text) == cache.length && string(text) == string(cache.text[:cache.length]) {
		return cache.micros, ""
	}
	t, reason := c.time.parse(text, v.zone, &s.day)
	if reason == "" && c.check != nil {
		reason = c.check.time(t, text)
	}
	if reason == "" && len(text) <= len(cache.text) {
		cache.length = copy(cache.text[:], text)
		cache.micros = t
	}
	return t, reason
}

// cutZeros makes 17850.0 17850.
func cutZeros(text []byte) []byte {
	if len(text) < 3 || text[len(text)-1] != '0' {
		return text
	}
	i := bytes.IndexByte(text, '.')
	if i < 1 || !digitsOnly(text[:i]) || len(bytes.Trim(text[i+1:], "0")) > 0 {
		return text
	}
	return text[:i]
}

// explain says what is wrong with a value; masked columns do not show it.
func (c *column) explain(reason string, text []byte, r Rule) string {
	value := "the value"
	if !c.masked {
		value = excerpt(text)
	}
	switch reason {
	case ReasonRequired:
		return "the value is missing"
	case ReasonType:
		switch {
		case c.kind == timeKind:
			return fmt.Sprintf("%s is no time written %s", value, c.time.layout)
		case r.Type == "integer":
			return value + " is no integer"
		}
		return value + " is no number"
	case ReasonScale:
		if c.kind == timeKind {
			return value + " is finer than a microsecond"
		}
		return fmt.Sprintf("%s has more than %d decimals", value, c.scale)
	case ReasonRange:
		return fmt.Sprintf("%s has more than %d digits before the decimal point", value, c.whole)
	case ReasonMin:
		return fmt.Sprintf("%s is less than %s", value, r.Min)
	case ReasonMax:
		return fmt.Sprintf("%s is more than %s", value, r.Max)
	case ReasonPattern:
		return fmt.Sprintf("%s does not match %s", value, r.Pattern)
	case ReasonOneOf:
		return value + " is not in the list"
	case ReasonNoSuchTime:
		return value + " is a time that the clocks skipped"
	case ReasonEncoding:
		return value + " is not valid in the file's encoding"
	case ReasonNUL:
		return value + " holds a NUL character"
	case ReasonTooLong:
		return fmt.Sprintf("the field has %d bytes", len(text))
	}
	return reason
}

// excerpt shows the start of a value, quoted so that nothing in it can act.
func excerpt(text []byte) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%q...", text[:most])
	}
	return fmt.Sprintf("%q", text)
}
