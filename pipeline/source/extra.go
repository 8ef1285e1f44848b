package source

import (
	"encoding/binary"
	"fmt"
)

// extraKey is an unmapped column: where it is and how its JSON member starts.
type extraKey struct {
	field  int
	name   string
	member []byte // "name":"
}

// unmapped gathers the columns that nothing maps, in the file's order, and
// tells the contract of those that it does not know.
func (b *binder) unmapped() {
	m := b.m
	known := map[string]bool{}
	for _, name := range m.spec.Extra {
		known[name] = true
	}
	for _, l := range m.spec.Lookup {
		for name := range l.Key {
			known[name] = true
		}
	}
	taken := map[string]bool{}
	for field, name := range m.header {
		if b.used[field] {
			continue
		}
		key := name
		if key == "" {
			key = fmt.Sprintf("column_%d", field+1)
		}
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s_%d", name, n)
		}
		taken[key] = true
		member := append(appendJSON([]byte{'"'}, []byte(key)), `":"`...)
		m.extra = append(m.extra, extraKey{field: field, name: key, member: member})
		if !known[key] && m.spec.Contract.New != "ignore" {
			b.findings = append(b.findings, Finding{Kind: "new", Column: key, Stop: m.spec.Contract.New == "stop"})
		}
	}
}

// appendExtra adds the COPY field of the unmapped columns: jsonb, an object of
// texts without the NULLs, or NULL where nothing is left.
func (m *Mapper) appendExtra(dst []byte, s *scratch) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0, 1, '{')
	body := len(dst)
	for i := range m.extra {
		e := &m.extra[i]
		text := s.split.fields[e.field]
		if m.values.nulls.has(text) {
			continue
		}
		if len(dst) > body {
			dst = append(dst, ',')
		}
		dst = append(dst, e.member...)
		dst = append(appendJSON(dst, text), '"')
	}
	if len(dst) == body {
		return append(dst[:start], nullField...)
	}
	dst = append(dst, '}')
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-4)) //nolint:gosec // records are capped
	return dst
}

// appendJSON adds the inside of a JSON string. text is valid UTF-8 without NUL.
func appendJSON(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
