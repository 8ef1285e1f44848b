package source

import (
	"fmt"
	"strings"
	"time"
)

// timeStats is how well one layout reads the values of a column.
type timeStats struct {
	format  *timeFormat
	read    int64
	rising  int64 // not before the one ahead of it
	pairs   int64
	last    int64
	started bool
}

// dateLayouts and clockLayouts make the layouts that are tried, the likelier
// first.
var (
	dateLayouts = []string{
		"%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y",
		"%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%a, %d %b %Y", "%Y%m%d",
	}
	clockLayouts = []string{
		"", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H:%M:%S%z", "T%H:%M:%S.%f%z", "T%H:%M",
		" %H:%M:%S%z", " %H:%M:%S %z", " %H:%M:%S.%f%z", " %H:%M:%S %Z", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S", "%H%M%S",
	}
)

// firstTries is how many values are tried with every layout before only those
// that read them go on.
const firstTries = 50

// layoutSet is every layout that is tried.
type layoutSet []*timeFormat

func newLayoutSet() layoutSet {
	var set layoutSet
	add := func(layout string) {
		if f, err := compileTime(layout); err == nil {
			set = append(set, f)
		}
	}
	for _, date := range dateLayouts {
		for _, clock := range clockLayouts {
			if clock != "%H%M%S" || date == "%Y%m%d" {
				add(date + clock)
			}
		}
	}
	add("%s")
	return set
}

// fitting lists the layouts that read text.
func (set layoutSet) fitting(text string) (fitting []*timeFormat) {
	if len(text) < 6 || len(text) > 40 || !strings.ContainsAny(text, "0123456789") {
		return nil
	}
	bare := digitsOnly([]byte(text)) // a number may be anything
	days := new(dayCache)
	for _, f := range set {
		if f.layout == "%s" && (!bare || len(text) != 10) {
			continue
		}
		t, reason := f.parse([]byte(text), time.UTC, days)
		if reason == "" && (!bare || likelyTime(t)) {
			fitting = append(fitting, f)
		}
	}
	return fitting
}

// likelyTime tells whether a number read as a time is one that a shop has.
func likelyTime(micros int64) bool {
	return micros > -30*366*daySeconds*1e6 && micros < 100*366*daySeconds*1e6
}

// addTime tries the layouts on one value.
func (c *columnStats) addTime(text string, set layoutSet) {
	c.tried++
	if c.tried <= firstTries {
		for _, f := range set.fitting(text) {
			known := false
			for i := range c.times {
				known = known || c.times[i].format.layout == f.layout
			}
			if !known {
				c.times = append(c.times, timeStats{format: f})
			}
		}
	}
	days := new(dayCache)
	for i := range c.times {
		s := &c.times[i]
		t, reason := s.format.parse([]byte(text), time.UTC, days)
		if reason != "" {
			continue
		}
		s.read++
		if s.started {
			s.pairs++
			if t >= s.last {
				s.rising++
			}
		}
		s.started, s.last = true, t
	}
}

// bestTimes are the layouts that read nearly all values of the column, the
// best first; those that read equally many are told apart by how often time
// goes forward from row to row.
func (c *columnStats) bestTimes() []timeStats {
	var best []timeStats
	for _, s := range c.times {
		if s.read*20 < c.values*19 || c.values == 0 {
			continue
		}
		at := len(best)
		for at > 0 && (s.read > best[at-1].read || s.read == best[at-1].read && s.rise() > best[at-1].rise()+0.05) {
			at--
		}
		best = append(best, timeStats{})
		copy(best[at+1:], best[at:])
		best[at] = s
	}
	return best
}

func (s *timeStats) rise() float64 {
	if s.pairs == 0 {
		return 0
	}
	return float64(s.rising) / float64(s.pairs)
}

// times notes the layout of each column that holds times. The format's layout
// becomes that of ordered_at when the columns are mapped.
func (in *inference) times() {
	for i := range in.columns {
		c := &in.columns[i]
		best := c.bestTimes()
		if len(best) == 0 {
			continue
		}
		first := best[0]
		share := float64(first.read) / float64(c.values)
		n := in.note(first.format.layout, round(0.99*share), fmt.Sprintf("column %s: %d of %d values are times written like %q", in.guess.Header[i], first.read, c.values, c.example), "format", "timestamp")
		if len(best) < 2 || best[1].read < first.read || sameReading(first.format.layout, best[1].format.layout) {
			continue
		}
		n.Alternative = best[1].format.layout
		if gap := first.rise() - best[1].rise(); gap > 0.05 {
			n.Confidence = 0.8
			n.Reason += fmt.Sprintf("; day and month cannot be told apart, but this way time goes forward in %.0f%% of the rows, the other way in %.0f%%", 100*first.rise(), 100*best[1].rise())
		} else {
			n.Confidence = 0.5
			n.Reason += "; day and month cannot be told apart: no day is after the 12th"
		}
	}
}

// sameReading tells whether two layouts differ only in ways that do not matter,
// like two digits of a year or four.
func sameReading(a, b string) bool {
	order := func(layout string) string {
		return strings.Map(func(r rune) rune {
			if r == 'm' || r == 'd' || r == 'b' {
				return r
			}
			return -1
		}, layout)
	}
	return order(a) == order(b)
}
