package source

import (
	"fmt"
	"slices"
	"strings"
)

// named finds the column whose name surely means the canonical one, else -1.
func (in *inference) named(canonical string) int {
	maybe := -1
	for i, name := range in.guess.Header {
		c, sure := canonicalFor(name)
		if c == canonical && sure {
			return i
		}
		if c == canonical && maybe < 0 {
			maybe = i
		}
	}
	return maybe
}

// match is a column of the file that may be a canonical one.
type match struct {
	canonical  int
	field      int
	confidence float64
	reason     string
}

// mapping gives the file's columns to the canonical ones, the surest first.
func (in *inference) mapping() {
	var all []match
	for field, name := range in.guess.Header {
		column, sure := canonicalFor(name)
		if column == "" {
			continue
		}
		m := match{canonical: canonicalIndex(column), field: field, confidence: 0.6, reason: fmt.Sprintf("%q often means it", name)}
		if sure {
			m.confidence, m.reason = 0.95, fmt.Sprintf("%q means it", name)
		}
		all = append(all, in.weigh(in.discounts(m)))
	}
	all = append(all, in.onlyTime())
	slices.SortStableFunc(all, func(a, b match) int {
		switch {
		case a.confidence > b.confidence:
			return -1
		case a.confidence < b.confidence:
			return 1
		}
		return a.field - b.field
	})
	s := &in.guess.Spec
	s.Columns = map[string]Column{}
	used := map[int]bool{}
	for _, m := range all {
		if m.field < 0 || m.confidence < 0.3 {
			continue
		}
		name := purchases[m.canonical].name
		if _, taken := s.Columns[name]; taken || used[m.field] {
			continue
		}
		used[m.field] = true
		s.Columns[name] = Column{Column: in.guess.Header[m.field]}
		in.note(in.guess.Header[m.field], round(m.confidence), m.reason, "columns", name)
		if purchases[m.canonical].kind == timeKind {
			in.layout(name, m.field)
		}
	}
	for i := range purchases {
		if _, ok := s.Columns[purchases[i].name]; !ok && purchases[i].required && purchases[i].fallback == "" {
			in.note("", 0, "no column looks like it: map one, fill it from a lookup, or give it a default under rules", "columns", purchases[i].name)
		}
	}
}

// weigh compares a match with what the column holds.
func (in *inference) weigh(m match) match {
	c := &in.columns[m.field]
	if c.values == 0 {
		m.confidence *= 0.6
		m.reason += ", but the sample has no value"
		return m
	}
	point := byte('.')
	if in.guess.Spec.Format.Decimal == "," {
		point = ','
	}
	switch purchases[m.canonical].kind {
	case numberKind:
		share := float64(c.numbers(point)) / float64(c.values)
		if len(c.bestTimes()) > 0 && share < 1 {
			share = 0
		}
		m.confidence *= share * share
		m.reason += fmt.Sprintf("; %.1f%% of its values are numbers", 100*share)
	case timeKind:
		best := c.bestTimes()
		if len(best) == 0 {
			m.confidence *= 0.1
			m.reason += ", but its values are no times"
			break
		}
		m.confidence = min(0.99, m.confidence*1.05)
		m.reason += fmt.Sprintf("; %.1f%% of its values are times", 100*float64(best[0].read)/float64(c.values))
	default:
		if len(c.bestTimes()) > 0 && c.numbers('.') < c.values {
			m.confidence *= 0.3
			m.reason += ", but its values are times"
		}
	}
	if m.confidence >= 0.9 {
		m.confidence = min(0.99, m.confidence+0.03)
	}
	return m
}

// discounts tells a rate from an amount: a column of rates has nothing above 1.
func (in *inference) discounts(m match) match {
	c := &in.columns[m.field]
	if purchases[m.canonical].name == "discount" && c.values > 0 && c.unit == c.values {
		m.canonical = canonicalIndex("discount_rate")
		m.confidence = 0.85
		m.reason += "; every value lies between 0 and 1, so it is a rate"
	}
	return m
}

// onlyTime takes the only column of times for ordered_at, whatever its name.
func (in *inference) onlyTime() match {
	m := match{field: -1}
	for i := range in.columns {
		if len(in.columns[i].bestTimes()) == 0 {
			continue
		}
		if m.field >= 0 {
			return match{field: -1}
		}
		m = match{canonical: canonicalIndex("ordered_at"), field: i, confidence: 0.5, reason: fmt.Sprintf("%q is the only column of times", in.guess.Header[i])}
	}
	return m
}

// layout sets the time layout of a mapped column.
func (in *inference) layout(name string, field int) {
	best := in.columns[field].bestTimes()
	if len(best) == 0 {
		return
	}
	s := &in.guess.Spec
	layout := best[0].format.layout
	switch {
	case layout == defaultTimestamp && s.Format.Timestamp == "" || layout == s.Format.Timestamp:
	case s.Format.Timestamp == "" && name == "ordered_at":
		s.Format.Timestamp = layout
	default:
		s.Columns[name] = Column{Column: in.guess.Header[field], Timestamp: layout}
	}
}

// identifiers notes customer numbers that were written as decimals.
func (in *inference) identifiers() {
	mapped, ok := in.guess.Spec.Columns["customer_id"]
	if !ok {
		return
	}
	c := &in.columns[slices.Index(in.guess.Header, mapped.Column)]
	if c.zeroed > 0 {
		in.note("true", round(0.99*float64(c.zeroed)/float64(c.values)), fmt.Sprintf("%d of %d customer numbers are written like %q", c.zeroed, c.values, c.example), "integer_ids")
	}
}

// duplicates suggests to collapse records that are repeated.
func (in *inference) duplicates() {
	r := &in.rows
	share := percent(r.repeated, r.good)
	_, numbered := in.guess.Spec.Columns["line_no"]
	switch {
	case r.repeated == 0:
		in.note("keep", 0.9, "no record of the sample is repeated", "duplicates")
	case numbered:
		in.guess.Spec.Duplicates = "collapse"
		in.note("collapse", 0.9, fmt.Sprintf("%d records (%s) are repeated with their line numbers", r.repeated, share), "duplicates")
	case r.repeated*1000 >= r.good:
		in.guess.Spec.Duplicates = "collapse"
		n := in.note("collapse", 0.7, fmt.Sprintf("%d records (%s) are repeated exactly, and lines have no numbers to tell them apart", r.repeated, share), "duplicates")
		n.Alternative = "keep"
	default:
		n := in.note("keep", 0.6, fmt.Sprintf("only %d records (%s) are repeated: two equal lines of a basket are often real", r.repeated, share), "duplicates")
		n.Alternative = "collapse"
	}
}

// prefixes finds letters before invoice numbers that mark returns and
// adjustments.
func (in *inference) prefixes() {
	r := &in.rows
	if r.plain == 0 {
		return // every number has letters: they mean nothing
	}
	var names []string
	for name, p := range r.prefixes {
		if p.lines < r.plain {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := r.prefixes[b].lines - r.prefixes[a].lines; d != 0 {
			return int(min(max(d, -1), 1))
		}
		return strings.Compare(a, b)
	})
	s := &in.guess.Spec
	for _, name := range names {
		p := r.prefixes[name]
		why := fmt.Sprintf("%d lines have invoice numbers like %s; %s of them have a negative quantity", p.lines, p.example, percent(p.negative, p.lines))
		switch {
		case s.ReturnPrefix == "" && p.negative*10 >= p.lines*9:
			s.ReturnPrefix = name
			in.note(name, round(0.95*float64(p.negative)/float64(p.lines)*min(1, 0.5+float64(p.lines)/20)), why, "return_prefix")
		case s.AdjustPrefix == "" && p.negative*10 < p.lines && p.negativePrice > 0:
			s.AdjustPrefix = name
			in.note(name, 0.75, fmt.Sprintf("%s, but %d a negative price", why, p.negativePrice), "adjust_prefix")
		}
	}
}
