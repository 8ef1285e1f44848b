package source

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// Fingerprint is over everything that decides what a file's bytes become in
// staging: format, zone, mapping, rules and the lookups with the hashes of
// their files. Writing out a default does not change it.
func (s *Spec) Fingerprint(lookups [][32]byte) [32]byte {
	p := newPrint("mapping 1")
	p.add("entity", orDefault(s.Entity, "purchases"))
	p.add("timezone", orDefault(s.Timezone, "UTC"))
	p.add("integer_ids", s.IntegerIDs == nil || *s.IntegerIDs)
	p.format(&s.Format)
	p.columns(s.Columns)
	for _, name := range slices.Sorted(maps.Keys(s.Rules)) {
		r := s.Rules[name]
		p.add("rule", name, r.Required, r.Type, r.Min, r.Max, r.Pattern, r.Default)
		p.list("one_of", slices.Sorted(slices.Values(r.OneOf)))
	}
	for i := range s.Lookup {
		l := &s.Lookup[i]
		p.add("lookup", orDefault(l.Missing, "reject"))
		p.format(&l.Format)
		for _, name := range slices.Sorted(maps.Keys(l.Key)) {
			p.add("key", name, l.Key[name])
		}
		p.columns(l.Columns)
	}
	for _, sum := range lookups {
		p.add("file", string(sum[:]))
	}
	return p.sum()
}

// RulesFingerprint is over what transform derives by: kinds, duplicates,
// currency and the like. When it changes, facts are derived anew from the same
// staged rows.
func (s *Spec) RulesFingerprint() [32]byte {
	p := newPrint("rules 1")
	p.add("duplicates", orDefault(s.Duplicates, "keep"))
	p.add("prefixes", s.ReturnPrefix, s.AdjustPrefix)
	p.list("void", slices.Sorted(slices.Values(s.VoidStatus)))
	p.list("return", slices.Sorted(slices.Values(s.ReturnStatus)))
	p.list("service", slices.Sorted(slices.Values(s.ServiceCodes)))
	p.add("currency", s.Currency, s.TaxIncluded)
	p.add("on_change", orDefault(s.OnChange, "append"))
	return p.sum()
}

// printer hashes words so that no two lists of words look alike.
type printer struct{ h hash.Hash }

func newPrint(what string) *printer {
	p := &printer{h: sha256.New()}
	p.add(what)
	return p
}

func (p *printer) add(words ...any) {
	p.count(len(words))
	for _, w := range words {
		text := fmt.Sprint(w)
		p.count(len(text))
		p.write([]byte(text))
	}
}

func (p *printer) list(name string, words []string) {
	p.add(name)
	p.count(len(words))
	for _, w := range words {
		p.add(w)
	}
}

func (p *printer) count(n int) {
	p.write(binary.BigEndian.AppendUint64(nil, uint64(n))) //nolint:gosec // lengths
}

func (p *printer) write(b []byte) {
	p.h.Write(b)
}

func (p *printer) sum() [32]byte { return [32]byte(p.h.Sum(nil)) }

func (p *printer) format(f *Format) {
	d, _ := f.resolve()
	p.add("format", d.delimiter, d.quote, d.quoting, d.encoding.String(), d.header, d.timestamp, d.decimal, d.thousands)
	p.list("names", d.names)
	nulls := slices.Sorted(slices.Values(d.nulls))
	p.list("nulls", slices.DeleteFunc(slices.Compact(nulls), func(w string) bool { return w == "" }))
}

func (p *printer) columns(columns map[string]Column) {
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		c := columns[name]
		p.add("column", name, c.Column, c.Trim, c.Timestamp)
	}
}

func orDefault(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}
