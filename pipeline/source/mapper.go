package source

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mapper turns records into rows: a Spec compiled for one header. It is
// read-only and may be used by many goroutines at once.
type Mapper struct {
	spec     *Spec
	dialect  dialect
	values   values
	maxField int
	header   []string
	columns  []column // those that vary from row to row
	after    []byte   // constant COPY fields behind the last of them, without extra
	sparse   bool
	copied   []string // the columns that tuples have, in order
	prefix   []byte   // the tuple's start: field count, source, load; then record, line, offset
	extra    []extraKey
	lookups  []boundLookup
	rules    [len(purchases)]Rule
	stopType bool
}

// NewMapper compiles s for a file with this header. The findings are what the
// contract noticed about the header; where one of them says stop the error is
// ErrContract. s must have passed Validate.
func NewMapper(s *Spec, header []string, o MapperOptions) (*Mapper, []Finding, error) {
	d, ps := s.Format.resolve()
	if len(ps) > 0 {
		return nil, nil, fmt.Errorf("source %s: format %s: %s", s.Name, ps[0].Path[0], ps[0].Message)
	}
	zone, err := loadZone(s.Timezone)
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	m := &Mapper{
		spec: s, dialect: d, maxField: o.MaxField, header: header, stopType: s.Contract.Type == "stop", sparse: o.Sparse,
		values: values{zone: zone, nulls: newNullWords(d.nulls)},
	}
	if m.maxField <= 0 {
		m.maxField = 1 << 20
	}
	b := binder{m: m, names: map[string]int{}, used: map[int]bool{}}
	if err := b.parted(); err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	if err := b.bind(o.Lookups); err != nil {
		return nil, b.findings, fmt.Errorf("source %s: %w", s.Name, err)
	}
	if o.OneLoad {
		m.copied = m.copied[loadColumns:]
	}
	m.prefix = tuplePrefix(len(m.copied), s.Name, o)
	return m, b.findings, nil
}

// CopyColumns gives the columns of staging.purchases that the rows have, in the
// order they have them.
func (m *Mapper) CopyColumns() []string { return m.copied }

func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	if name == "Local" {
		return nil, withHint("name the zone, like Europe/London", "timezone Local depends on the machine")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, withHint("use an IANA name like Europe/London", "timezone %q is not known", name)
	}
	return loc, nil
}

// tuplePrefix is what every tuple starts with; record, line and byte offset
// are filled in.
func tuplePrefix(fields int, name string, o MapperOptions) []byte {
	p := binary.BigEndian.AppendUint16(nil, uint16(fields)) //nolint:gosec // two dozen
	numbers := []int64{0, 0, 0}
	if !o.OneLoad {
		p = binary.BigEndian.AppendUint32(p, uint32(len(name))) //nolint:gosec // names are short
		p = append(p, name...)
		numbers = []int64{o.Load, 0, 0, 0}
	}
	for _, n := range numbers {
		p = binary.BigEndian.AppendUint32(p, 8)
		p = binary.BigEndian.AppendUint64(p, uint64(n)) //nolint:gosec // two's complement is meant
	}
	return p
}

// binder finds the columns of a mapping in a header.
type binder struct {
	m        *Mapper
	names    map[string]int // header name -> field; -1 = more than one
	used     map[int]bool
	findings []Finding
}

func (b *binder) bind(lookups *Lookups) error {
	for i, name := range b.m.header {
		if _, twice := b.names[name]; twice {
			b.names[name] = -1
			continue
		}
		b.names[name] = i
	}
	if err := b.bindLookups(lookups); err != nil {
		return err
	}
	b.m.copied = slices.Clone(CopyColumns()[:lineageColumns])
	var constant []byte
	for i := range purchases {
		c, err := b.column(i)
		if err != nil {
			return err
		}
		if c.field < 0 && c.lookup < 0 {
			if c.fallback == nil && c.must {
				return b.missing(c)
			}
			if b.m.sparse && b.byTable(&c) {
				continue
			}
			if c.fallback == nil {
				c.fallback = []byte(nullField)
			}
			b.m.copied = append(b.m.copied, c.name)
			constant = append(constant, c.fallback...)
			continue
		}
		b.m.copied = append(b.m.copied, c.name)
		c.before, constant = constant, nil
		b.m.columns = append(b.m.columns, c)
	}
	b.m.after = constant
	b.unmapped()
	if b.m.hasExtra() {
		b.m.copied = append(b.m.copied, extraColumn)
	}
	return b.stopped()
}

// byTable tells whether a column that nothing fills gets from the table what it
// would get from here.
func (b *binder) byTable(c *column) bool {
	return c.fallback == nil || b.m.rules[c.index].Default == "" // then it is the table's own default
}

// hasExtra tells whether rows have the column of what is not mapped.
func (m *Mapper) hasExtra() bool { return len(m.extra) > 0 || !m.sparse }

// column compiles canonical column i.
func (b *binder) column(i int) (column, error) {
	m := b.m
	col := &purchases[i]
	c := column{canonical: col, index: i, field: -1, lookup: -1, must: col.required}
	c.number = decimalFormat{point: m.dialect.decimal, thousands: m.dialect.thousands, whole: col.whole, scale: col.scale}
	layout := m.dialect.timestamp
	if mapped, ok := m.spec.Columns[col.name]; ok {
		c.trim = mapped.Trim
		if mapped.Timestamp != "" {
			layout = mapped.Timestamp
		}
		if err := b.find(&c, mapped.Column); err != nil {
			return c, err
		}
	} else {
		c.lookup, c.part = b.inLookup(col.name)
	}
	return c, c.finish(m.spec, layout, &m.values, &m.rules)
}

// find looks the file's column up in the header.
func (b *binder) find(c *column, name string) error {
	field, ok := b.names[name]
	switch {
	case !ok:
		stop := b.m.spec.Contract.Missing != "warn"
		b.findings = append(b.findings, Finding{Kind: "missing", Column: name, Field: c.name, Stop: stop})
	case field < 0:
		return withHint("give every column a name of its own in format.names",
			"column %q, mapped to %s, is in the header more than once", name, c.name)
	default:
		c.field = field
		b.used[field] = true
	}
	return nil
}

// finish compiles what does not depend on where the values come from.
func (c *column) finish(s *Spec, layout string, v *values, rules *[len(purchases)]Rule) error {
	var err error
	if c.kind == timeKind {
		if c.time, err = compileTime(layout); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	c.ids = c.name == "customer_id" && (s.IntegerIDs == nil || *s.IntegerIDs)
	for _, name := range s.PII {
		c.masked = c.masked || name == c.name
	}
	rule := s.Rules[c.name]
	rules[c.index] = rule
	c.must = c.must || rule.Required
	var ps []Problem
	if c.check, ps = compileCheck(rule, c.canonical, v); len(ps) > 0 {
		return fmt.Errorf("rule %s: %s: %s", c.name, ps[0].Path[0], ps[0].Message)
	}
	text, plain := rule.Default, *c
	if text == "" {
		text = c.canonical.fallback
		plain.number, plain.check = decimalFormat{point: '.', whole: c.whole, scale: c.scale}, nil
	}
	if text == "" {
		return nil
	}
	field, null, reason := plain.append(nil, []byte(text), v, newScratch())
	if reason != "" {
		return fmt.Errorf("rule %s: default: %s", c.name, c.explain(reason, []byte(text), rule))
	}
	if !null {
		c.fallback = field
	}
	return nil
}

// parted refuses a header that the delimiter leaves in one piece where another one cuts it into the mapped columns.
func (b *binder) parted() error {
	if len(b.m.header) != 1 || len(b.m.spec.Columns) < 2 {
		return nil
	}
	for _, other := range []string{",", ";", "\t", "|"} {
		names := strings.Split(b.m.header[0], other)
		for i, name := range names {
			names[i] = strings.Trim(name, ` "'`)
		}
		all := true
		for _, mapped := range b.m.spec.Columns {
			all = all && slices.Contains(names, mapped.Column)
		}
		if all {
			return withHint(fmt.Sprintf("is format.delimiter %q? With that the file has: %s", other, strings.Join(names, ", ")),
				"%w: the header is one column, %q", ErrContract, b.m.header[0])
		}
	}
	return nil
}

// missing says that nothing can fill a required column.
func (b *binder) missing(c column) error {
	if mapped, ok := b.m.spec.Columns[c.name]; ok {
		hint := "map it to one of: " + strings.Join(b.m.header, ", ")
		if near := Nearest(mapped.Column, b.m.header); near != "" {
			hint = fmt.Sprintf("did you mean %q? The file has: %s", near, strings.Join(b.m.header, ", "))
		}
		return withHint(hint, "%w: column %q, mapped to %s, is not in the header", ErrContract, mapped.Column, c.name)
	}
	return withHint("map it under columns, or give it a default under rules",
		"%s is required, and neither mapped nor given a default", c.name)
}

// stopped is the error for findings that stop the load.
func (b *binder) stopped() error {
	for _, f := range b.findings {
		if !f.Stop {
			continue
		}
		if f.Kind == "missing" {
			hint := "map it to a column that is there, or set contract.missing to warn"
			if near := Nearest(f.Column, b.m.header); near != "" {
				hint = fmt.Sprintf("did you mean %q? Otherwise set contract.missing to warn", near)
			}
			return withHint(hint, "%w: column %q, mapped to %s, is not in the header", ErrContract, f.Column, f.Field)
		}
		return withHint("map it under columns, list it under extra, or set contract.new to warn",
			"%w: column %q is new", ErrContract, f.Column)
	}
	return nil
}
