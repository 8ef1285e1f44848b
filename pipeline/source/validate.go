package source

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxName is the longest name of a source: it stands in every row.
const maxName = 63

// Validate finds what is wrong with s, in the order of the keys of Spec. A Spec
// without problems compiles to a Mapper for every header that has its columns.
func (s *Spec) Validate() []Problem {
	v := validator{spec: s}
	v.basics()
	v.nested(s.Format.problems(), "format")
	v.columns()
	v.lookups()
	v.rules()
	v.word(s.Contract.New, []string{"warn", "ignore", "stop"}, "contract", "new")
	v.word(s.Contract.Missing, []string{"stop", "warn"}, "contract", "missing")
	v.word(s.Contract.Type, []string{"reject", "stop"}, "contract", "type")
	if _, err := ParseLimit(s.MaxRejects); err != nil {
		v.bad(err.Error(), "max_rejects")
	}
	v.word(s.Duplicates, []string{"keep", "collapse"}, "duplicates")
	v.derived()
	v.word(s.OnChange, []string{"append", "replace"}, "on_change")
	for i, name := range s.PII {
		v.canonical(name, "pii", strconv.Itoa(i))
	}
	v.expect()
	if s.Limits.Bytes < 0 {
		v.bad("a size is not negative", "limits", "bytes")
	}
	if s.Limits.Ratio < 0 {
		v.bad("a ratio is not negative", "limits", "ratio")
	}
	return v.problems
}

func (f *Format) problems() []Problem {
	_, ps := f.resolve()
	for i, name := range f.Names {
		if name == "" || slices.Contains(f.Names[:i], name) {
			ps = append(ps, Problem{Path: []string{"names", strconv.Itoa(i)}, Message: fmt.Sprintf("name %q is empty or taken", name)})
		}
	}
	return ps
}

type validator struct {
	spec     *Spec
	problems []Problem
}

func (v *validator) bad(message string, path ...string) {
	v.problems = append(v.problems, Problem{Path: path, Message: message})
}

func (v *validator) nested(ps []Problem, path ...string) {
	for _, p := range ps {
		p.Path = append(slices.Clone(path), p.Path...)
		v.problems = append(v.problems, p)
	}
}

// word checks a key that knows a few words; the empty one is the default.
func (v *validator) word(word string, valid []string, path ...string) {
	if word == "" || slices.Contains(valid, word) {
		return
	}
	v.problems = append(v.problems, Problem{
		Path: path, Nearest: Nearest(word, valid),
		Message: fmt.Sprintf("%q is not one of %s", word, strings.Join(valid, ", ")),
	})
}

// canonical checks the name of a canonical column.
func (v *validator) canonical(name string, path ...string) bool {
	if canonicalIndex(name) >= 0 {
		return true
	}
	v.problems = append(v.problems, Problem{
		Path: path, Nearest: Nearest(name, Columns()),
		Message: fmt.Sprintf("%q is no column of purchases; they are %s", name, strings.Join(Columns(), ", ")),
	})
	return false
}

func (v *validator) basics() {
	s := v.spec
	if !sourceName.MatchString(s.Name) || len(s.Name) > maxName {
		v.bad(fmt.Sprintf("%q is no name for a source: letters, digits, - and _, at most %d, starting with a letter or digit", s.Name, maxName), "name")
	}
	if s.Kind == "api" {
		v.bad("sources of kind api are not read yet: save the answers as CSV and use kind csv", "kind")
	} else {
		v.word(s.Kind, []string{"csv"}, "kind")
	}
	v.word(s.Entity, []string{"purchases"}, "entity")
	switch {
	case s.Path == "":
		v.bad("a csv source needs a path: a file, a pattern, a folder, or - for stdin", "path")
	case s.Path != Stdin:
		if _, err := filepath.Match(s.Path, ""); err != nil {
			v.bad(fmt.Sprintf("%q is no valid pattern", s.Path), "path")
		}
	}
	if _, err := loadZone(s.Timezone); err != nil {
		v.bad(err.Error()+"; use an IANA name like Europe/London", "timezone")
	}
}

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (v *validator) columns() {
	s := v.spec
	if len(s.Columns) == 0 {
		v.bad("map the canonical columns to those of the file; penstock init --from FILE suggests how", "columns")
	}
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Columns)) {
		if !v.canonical(name, "columns", name) {
			continue
		}
		c := s.Columns[name]
		v.column(name, c, "columns", name)
		if other, twice := taken[c.Column]; twice {
			v.bad(fmt.Sprintf("%s and %s both take the file's column %q", other, name, c.Column), "columns", name)
		}
		taken[c.Column] = name
	}
	if len(s.Columns) == 0 {
		return
	}
	for i := range purchases {
		col := &purchases[i]
		if col.required && col.fallback == "" && !v.filled(col.name) {
			v.bad(col.name+" is required: map it, fill it from a lookup, or give it a default under rules", "columns")
		}
	}
}

// filled tells whether something gives the column values.
func (v *validator) filled(name string) bool {
	if _, ok := v.spec.Columns[name]; ok || v.spec.Rules[name].Default != "" {
		return true
	}
	return slices.ContainsFunc(v.spec.Lookup, func(l Lookup) bool { _, ok := l.Columns[name]; return ok })
}

func (v *validator) column(name string, c Column, path ...string) {
	switch {
	case c.Column == "":
		v.bad("name the file's column", path...)
	case c.Timestamp == "":
	case purchases[canonicalIndex(name)].kind != timeKind:
		v.bad(name+" is no time", append(path, "timestamp")...)
	default:
		if _, err := compileTime(c.Timestamp); err != nil {
			v.bad(err.Error(), append(path, "timestamp")...)
		}
	}
}

func (v *validator) lookups() {
	taken := map[string]string{}
	for i := range v.spec.Lookup {
		l := &v.spec.Lookup[i]
		at := []string{"lookup", strconv.Itoa(i)}
		if l.Path == "" || l.Path == Stdin {
			v.bad("a lookup needs the path of a file", append(at, "path")...)
		}
		v.nested(l.Format.problems(), append(at, "format")...)
		if len(l.Key) == 0 {
			v.bad("a lookup needs a key: columns of the source and the lookup's columns that they equal", append(at, "key")...)
		}
		if len(l.Columns) == 0 {
			v.bad("a lookup needs columns to fill", append(at, "columns")...)
		}
		v.word(l.Missing, []string{"reject", "null"}, append(at, "missing")...)
		for _, name := range slices.Sorted(maps.Keys(l.Columns)) {
			path := append(slices.Clone(at), "columns", name)
			if !v.canonical(name, path...) {
				continue
			}
			v.column(name, l.Columns[name], path...)
			if _, mapped := v.spec.Columns[name]; mapped {
				v.bad(name+" is already mapped under columns", path...)
			}
			if other, twice := taken[name]; twice {
				v.bad(name+" is already filled by lookup "+other, path...)
			}
			taken[name] = strconv.Itoa(i)
		}
	}
}

func (v *validator) rules() {
	zone, err := loadZone(v.spec.Timezone)
	if err != nil {
		zone = time.UTC
	}
	d, _ := v.spec.Format.resolve()
	vals := &values{zone: zone, nulls: newNullWords(d.nulls)}
	for _, name := range slices.Sorted(maps.Keys(v.spec.Rules)) {
		if !v.canonical(name, "rules", name) {
			continue
		}
		r := v.spec.Rules[name]
		col := &purchases[canonicalIndex(name)]
		check, ps := compileCheck(r, col, vals)
		v.nested(ps, "rules", name)
		if len(ps) > 0 || r.Default == "" {
			continue
		}
		c := column{canonical: col, index: canonicalIndex(name), check: check}
		c.number = decimalFormat{point: d.decimal, thousands: d.thousands, whole: col.whole, scale: col.scale}
		layout := orDefault(v.spec.Columns[name].Timestamp, d.timestamp)
		if c.time, err = compileTime(layout); err != nil {
			continue // reported with the format
		}
		if _, _, reason := c.append(nil, []byte(r.Default), vals, newScratch()); reason != "" {
			v.bad("default: "+c.explain(reason, []byte(r.Default), r), "rules", name, "default")
		}
	}
}

// derived checks what transform goes by.
func (v *validator) derived() {
	s := v.spec
	if s.ReturnPrefix != "" && s.ReturnPrefix == s.AdjustPrefix {
		v.bad("returns and adjustments cannot have the same prefix", "adjust_prefix")
	}
	for i, word := range s.ReturnStatus {
		if slices.Contains(s.VoidStatus, word) {
			v.bad(fmt.Sprintf("status %q is void already", word), "return_status", strconv.Itoa(i))
		}
	}
	if s.Currency != "" && !currencyCode.MatchString(s.Currency) {
		v.bad(fmt.Sprintf("%q is no currency code like GBP", s.Currency), "currency")
	}
}

var (
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	every        = regexp.MustCompile(`^[1-9][0-9]{0,3}[mhd]$`)
)

func (v *validator) expect() {
	e := v.spec.Expect
	if e.By != "" {
		if _, err := time.Parse("15:04", e.By); err != nil {
			v.bad(fmt.Sprintf("%q is no time of day like 06:00", e.By), "expect", "by")
		}
	}
	if e.Every != "" && !every.MatchString(e.Every) {
		v.bad(fmt.Sprintf("%q is no interval like 1d, 12h or 30m", e.Every), "expect", "every")
	}
	if e.MinRows < 0 {
		v.bad("a count of rows is not negative", "expect", "min_rows")
	}
}
