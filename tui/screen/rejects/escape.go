package rejects

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"penstock/tui/clean"
)

// escape writes data so that a person can see and edit every byte of it:
// control characters and bytes that are no text become \n, \t, \xHH or \u{HHHH},
// a backslash becomes two. unescape gives the same data back.
func escape(data string) string {
	var b strings.Builder
	for rest := data; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, rest[0])
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < utf8.RuneSelf || clean.Line(rest[:n]) == rest[:n]:
			b.WriteString(rest[:n])
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
		rest = rest[n:]
	}
	return b.String()
}

// errEscape is what is wrong with an escape that means nothing.
var errEscape = errors.New(`a backslash starts \n \r \t \xHH or \u{HHHH}; write \\ for a backslash`)

// unescape reads what escape writes.
func unescape(text string) (string, error) {
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(text, `\`)
		b.WriteString(plain)
		if !found {
			return b.String(), nil
		}
		if rest == "" {
			return "", errEscape
		}
		n := 1
		switch rest[0] {
		case '\\':
			b.WriteByte('\\')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'x':
			if len(rest) < 3 {
				return "", errEscape
			}
			v, err := strconv.ParseUint(rest[1:3], 16, 8)
			if err != nil {
				return "", errEscape
			}
			b.WriteByte(byte(v))
			n = 3
		case 'u':
			digits, _, closed := strings.Cut(strings.TrimPrefix(rest[1:], "{"), "}")
			v, err := strconv.ParseUint(digits, 16, 21)
			if !closed || !strings.HasPrefix(rest[1:], "{") || err != nil || !utf8.ValidRune(rune(v)) {
				return "", errEscape
			}
			b.WriteRune(rune(v))
			n = len(digits) + 3
		default:
			return "", errEscape
		}
		text = rest[n:]
	}
}
