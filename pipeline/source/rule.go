package source

import (
	"bytes"
	"fmt"
	"regexp"
	"time"
)

// check is a compiled Rule: what a value that is not NULL must satisfy.
type check struct {
	digits  string // "", integer or decimal
	min     *decimal
	max     *decimal
	from    *int64 // min and max of a time
	to      *int64
	pattern *regexp.Regexp
	texts   map[string]struct{} // one_of
	numbers []decimal
	times   []int64
}

// compileCheck reads a rule for the column. Each problem's path starts at the
// rule's key.
func compileCheck(r Rule, col *canonical, v *values) (*check, []Problem) {
	c := &check{}
	var ps []Problem
	bad := func(key, format string, args ...any) {
		ps = append(ps, Problem{Path: []string{key}, Message: fmt.Sprintf(format, args...)})
	}
	if near, ok := c.setType(r.Type, col.kind); !ok {
		ps = append(ps, Problem{Path: []string{"type"}, Message: fmt.Sprintf("type %q does not fit %s", r.Type, col.name), Nearest: near})
	}
	for _, bound := range []struct {
		key, text string
		number    **decimal
		time      **int64
	}{{"min", r.Min, &c.min, &c.from}, {"max", r.Max, &c.max, &c.to}} {
		if bound.text == "" {
			continue
		}
		switch col.kind {
		case numberKind:
			d, err := ruleNumber(bound.text)
			if err != nil {
				bad(bound.key, "%v", err)
			}
			*bound.number = &d
		case timeKind:
			t, err := ruleTime(bound.text, v)
			if err != nil {
				bad(bound.key, "%v", err)
			}
			*bound.time = &t
		default:
			bad(bound.key, "%s is text: %s is for numbers and times; use pattern or one_of", col.name, bound.key)
		}
	}
	if r.Pattern != "" {
		re, err := regexp.Compile(`^(?:` + r.Pattern + `)$`)
		if err != nil {
			bad("pattern", "%v", err)
		}
		c.pattern = re
	}
	ps = append(ps, c.setList(r.OneOf, col.kind, v)...)
	if c.empty() {
		c = nil
	}
	return c, ps
}

func (c *check) empty() bool {
	return c.digits == "" && c.min == nil && c.max == nil && c.from == nil && c.to == nil &&
		c.pattern == nil && c.texts == nil && c.numbers == nil && c.times == nil
}

func (c *check) setType(name string, k kind) (nearest string, ok bool) {
	allowed := [...][]string{textKind: {"text", "integer", "decimal"}, numberKind: {"decimal", "integer"}, timeKind: {"timestamp"}}[k]
	if name == "" {
		return "", true
	}
	for _, a := range allowed {
		if a == name {
			if name == "integer" || name == "decimal" && k == textKind {
				c.digits = name
			}
			return "", true
		}
	}
	if near := Nearest(name, allowed); near != "" {
		return near, false
	}
	return allowed[0], false
}

func (c *check) setList(list []string, k kind, v *values) (ps []Problem) {
	for i, word := range list {
		var err error
		switch k {
		case numberKind:
			var d decimal
			if d, err = ruleNumber(word); err == nil {
				c.numbers = append(c.numbers, d)
			}
		case timeKind:
			var t int64
			if t, err = ruleTime(word, v); err == nil {
				c.times = append(c.times, t)
			}
		default:
			if c.texts == nil {
				c.texts = make(map[string]struct{}, len(list))
			}
			c.texts[word] = struct{}{}
		}
		if err != nil {
			ps = append(ps, Problem{Path: []string{"one_of", fmt.Sprint(i)}, Message: err.Error()})
		}
	}
	return ps
}

// ruleNumber reads a number of the configuration, which has a decimal point
// whatever the file has.
func ruleNumber(text string) (decimal, error) {
	f := decimalFormat{point: '.', whole: 17, scale: 9}
	d, reason := f.parse([]byte(text))
	if reason != "" {
		return d, fmt.Errorf("%q is not a number of at most 17 digits and 9 decimals", text)
	}
	return d, nil
}

// ruleTime reads a time of the configuration: a day, or a day and time, in the
// source's zone.
func ruleTime(text string, v *values) (int64, error) {
	for _, layout := range []string{"%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"} {
		f, err := compileTime(layout)
		if err != nil {
			return 0, err
		}
		if t, reason := f.parse([]byte(text), v.zone, new(dayCache)); reason == "" {
			return t, nil
		}
	}
	return 0, fmt.Errorf("%q is not a time like 2010-12-31 or 2010-12-31 23:59:59", text)
}

// text checks a text value.
func (c *check) text(value []byte) string {
	if c.digits != "" && !allDigits(value, c.digits == "decimal") {
		return ReasonType
	}
	if c.pattern != nil && !c.pattern.Match(value) {
		return ReasonPattern
	}
	if c.texts != nil {
		if _, ok := c.texts[string(value)]; !ok {
			return ReasonOneOf
		}
	}
	return ""
}

// number checks a number and the text that it stood in.
func (c *check) number(d decimal, value []byte) string {
	switch {
	case c.digits == "integer" && d.frac != 0:
		return ReasonType
	case c.min != nil && d.compare(*c.min) < 0:
		return ReasonMin
	case c.max != nil && d.compare(*c.max) > 0:
		return ReasonMax
	case c.pattern != nil && !c.pattern.Match(value):
		return ReasonPattern
	}
	for _, n := range c.numbers {
		if n == d {
			return ""
		}
	}
	if c.numbers != nil {
		return ReasonOneOf
	}
	return ""
}

// time checks a time and the text that it stood in.
func (c *check) time(t int64, value []byte) string {
	switch {
	case c.from != nil && t < *c.from:
		return ReasonMin
	case c.to != nil && t > *c.to:
		return ReasonMax
	case c.pattern != nil && !c.pattern.Match(value):
		return ReasonPattern
	}
	for _, n := range c.times {
		if n == t {
			return ""
		}
	}
	if c.times != nil {
		return ReasonOneOf
	}
	return ""
}

// allDigits tells whether value is digits after an optional sign, with one
// point among them where that is allowed.
func allDigits(value []byte, point bool) bool {
	if len(value) > 0 && (value[0] == '-' || value[0] == '+') {
		value = value[1:]
	}
	if i := bytes.IndexByte(value, '.'); point && i >= 0 && len(value) > 1 {
		return digitsOnly(value[:i]) && digitsOnly(value[i+1:])
	}
	return len(value) > 0 && digitsOnly(value)
}

func digitsOnly(value []byte) bool {
	for _, c := range value {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// values is how a file writes values: what its columns share.
type values struct {
	zone  *time.Location
	nulls nullWords
}

// nullWords are the words that mean NULL; the empty text always does.
type nullWords struct {
	words   []string
	lengths uint64 // bit n: a word of n bytes is there (63: or longer)
}

func newNullWords(words []string) nullWords {
	n := nullWords{words: words, lengths: 1}
	for _, w := range words {
		n.lengths |= 1 << min(len(w), 63)
	}
	return n
}

func (n *nullWords) has(text []byte) bool {
	if n.lengths>>min(uint(len(text)), 63)&1 == 0 {
		return false
	}
	if len(text) == 0 {
		return true
	}
	for _, w := range n.words {
		if string(text) == w {
			return true
		}
	}
	return false
}
