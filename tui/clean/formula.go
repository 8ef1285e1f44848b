package clean

import (
	"strings"
	"unicode/utf8"
)

// Formula returns s as a spreadsheet may open it: text that a spreadsheet would
// take for a formula (it starts with = + - @ TAB CR LF or a full-width form of
// one) gets a leading apostrophe. Plain numbers such as -12.50 or +1e6 are left
// alone. It changes what is written, so exports say so and have a switch for it.
func Formula(s string) string {
	if s == "" {
		return s
	}
	r, _ := utf8.DecodeRuneInString(s)
	switch r {
	case '+', '-':
		if number(s[1:]) {
			return s
		}
	case '=', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
	default:
		return s
	}
	return "'" + s
}

// number reports whether s is an unsigned decimal number: digits, a fraction,
// an exponent; nothing else.
func number(s string) bool {
	s, exponent, has := strings.Cut(strings.ToLower(s), "e")
	if has {
		if len(exponent) > 0 && (exponent[0] == '+' || exponent[0] == '-') {
			exponent = exponent[1:]
		}
		if !digits(exponent) {
			return false
		}
	}
	whole, fraction, has := strings.Cut(s, ".")
	if !has {
		return digits(whole)
	}
	return digits(whole) && (fraction == "" || digits(fraction)) || whole == "" && digits(fraction)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
