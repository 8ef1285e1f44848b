package widget

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Query is a filter over rows: words that all have to be found in some cell.
//
//	gift            a cell contains it; upper case in a word makes it count
//	!gift           no cell contains it
//	country:france  the column whose name starts so contains it
//	rows:>1000      also < >= <= and = : by value where both are numbers
//	~gft            the letters in this order
//	"two words"     one word with a space
type Query struct {
	terms   []term
	unknown []string // names before a colon that no column has
}

type term struct {
	not  bool
	col  int // -1: any
	op   byte
	text string
	num  float64
	isN  bool
	fold bool
}

// The operators of a term; has is "contains" and like is "~".
const (
	opHas  = 'h'
	opLike = '~'
	opIs   = '='
	opLess = '<'
	opMore = '>'
	opMax  = 'l' // <=
	opMin  = 'g' // >=
)

// ParseQuery reads a filter for columns with these names. Everything is a valid
// filter: what is no known column is a word.
func ParseQuery(s string, columns []string) Query {
	var q Query
	for _, word := range words(s) {
		t := term{col: -1, op: opHas}
		if rest, ok := strings.CutPrefix(word, "!"); ok && rest != "" {
			t.not, word = true, rest
		}
		if name, rest, ok := strings.Cut(word, ":"); ok && rest != "" {
			if i := columnNamed(name, columns); i >= 0 {
				t.col = i
				t.op, word = operator(rest)
			} else if strings.ContainsFunc(name, unicode.IsLetter) && !strings.HasPrefix(rest, "//") {
				q.unknown = append(q.unknown, name)
			}
		}
		if rest, ok := strings.CutPrefix(word, "~"); ok && rest != "" && t.op == opHas {
			t.op, word = opLike, rest
		}
		if word == "" {
			continue
		}
		t.fold = word == strings.ToLower(word)
		t.text = word
		n, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", ""), 64)
		t.num, t.isN = n, err == nil
		q.terms = append(q.terms, t)
	}
	return q
}

// words splits at spaces outside quotes.
func words(s string) []string {
	var list []string
	var b strings.Builder
	quoted := false
	for _, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			if b.Len() > 0 {
				list = append(list, b.String())
				b.Reset()
			}
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > 0 {
		list = append(list, b.String())
	}
	return list
}

func columnNamed(name string, columns []string) int {
	name = strings.ToLower(name)
	best := -1
	for i, c := range columns {
		c = strings.ToLower(c)
		if c == name {
			return i
		}
		if best < 0 && name != "" && strings.HasPrefix(c, name) {
			best = i
		}
	}
	return best
}

func operator(s string) (op byte, rest string) {
	for _, o := range []struct {
		text string
		op   byte
	}{{"<=", opMax}, {">=", opMin}, {"<", opLess}, {">", opMore}, {"=", opIs}} {
		if rest, ok := strings.CutPrefix(s, o.text); ok && rest != "" {
			return o.op, rest
		}
	}
	return opHas, s
}

// Empty reports whether the query lets everything through.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Match reports whether a row passes; cell returns its values, of columns many.
func (q Query) Match(cell func(col int) string, columns int) bool {
	for i := range q.terms {
		t := &q.terms[i]
		found := false
		if t.col >= 0 {
			found = t.matches(cell(t.col))
		} else {
			for c := 0; c < columns && !found; c++ {
				found = t.matches(cell(c))
			}
		}
		if found == t.not {
			return false
		}
	}
	return true
}

func (t *term) matches(s string) bool {
	switch t.op {
	case opHas:
		if t.fold {
			return containsFold(s, t.text)
		}
		return strings.Contains(s, t.text)
	case opLike:
		return subsequence(s, t.text)
	}
	order := strings.Compare(s, t.text)
	if t.isN {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return false
		}
		order = 0
		if n < t.num {
			order = -1
		} else if n > t.num {
			order = 1
		}
	} else if t.op == opIs && t.fold {
		return strings.EqualFold(s, t.text)
	}
	switch t.op {
	case opIs:
		return order == 0
	case opLess:
		return order < 0
	case opMore:
		return order > 0
	case opMax:
		return order <= 0
	default:
		return order >= 0
	}
}

// containsFold reports whether s contains part, which is in lower case, without
// regard to case. ASCII is compared in place.
func containsFold(s, part string) bool {
	if len(part) > len(s) && isASCII(part) {
		return false
	}
	if !isASCII(part) {
		return strings.Contains(strings.ToLower(s), part)
	}
	for i := 0; i+len(part) <= len(s); i++ {
		j := 0
		for j < len(part) && lower(s[i+j]) == part[j] {
			j++
		}
		if j == len(part) {
			return true
		}
	}
	return false
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// subsequence reports whether the characters of part stand in s in this order,
// without regard to case.
func subsequence(s, part string) bool {
	s, part = strings.ToLower(s), strings.ToLower(part)
	for _, r := range part {
		i := strings.IndexRune(s, r)
		if i < 0 {
			return false
		}
		s = s[i+utf8.RuneLen(r):]
	}
	return true
}
