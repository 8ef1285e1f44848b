package source

import (
	"bytes"
	"time"
)

// postgresEpoch is 2000-01-01 in seconds since 1970.
const postgresEpoch = 946684800

// moment is a time as its text gives it.
type moment struct {
	year, month, day     int
	hour, minute, second int
	micro                int
	yearDay              int
	pm, noon             bool // %p was read; it was PM
	zoned                bool
	offset               int   // seconds east, where zoned
	epoch                int64 // %s
	hasEpoch             bool
}

// parse reads text and gives microseconds since 2000 in UTC. The reason is
// empty, type, scale (more decimals than microseconds) or no_such_time.
func (f *timeFormat) parse(text []byte, loc *time.Location, days *dayCache) (int64, string) {
	var m moment
	if !f.parseShape(text, &m) {
		m = moment{}
		if reason := f.read(text, &m); reason != "" {
			return 0, reason
		}
	}
	if m.hasEpoch {
		return (m.epoch-postgresEpoch)*1e6 + int64(m.micro), ""
	}
	if !m.complete() {
		return 0, ReasonType
	}
	local := civilDay(m.year, m.month, m.day)*daySeconds + int64(m.hour*3600+m.minute*60+m.second)
	utc, ok := local-int64(m.offset), true
	if !m.zoned {
		utc, ok = days.utc(loc, local)
	}
	if !ok {
		return 0, ReasonNoSuchTime
	}
	return (utc-postgresEpoch)*1e6 + int64(m.micro), ""
}

// complete turns clock and calendar forms into one and checks their bounds.
func (m *moment) complete() bool {
	if m.pm {
		if m.hour < 1 || m.hour > 12 {
			return false
		}
		m.hour %= 12
		if m.noon {
			m.hour += 12
		}
	}
	if m.yearDay > 0 && m.month == 0 {
		m.month = 1
		for m.month < 12 && m.yearDay > monthDays(m.year, m.month) {
			m.yearDay -= monthDays(m.year, m.month)
			m.month++
		}
		m.day = m.yearDay
	}
	return m.year >= 1 && m.month >= 1 && m.month <= 12 && m.day >= 1 && m.day <= monthDays(m.year, m.month) &&
		m.hour < 24 && m.minute < 60 && m.second < 60
}

// parseShape is the fast way; false sends the text the slow one.
func (f *timeFormat) parseShape(t []byte, m *moment) bool {
	s := &f.iso
	n := s.length
	if n == 0 || len(t) < n || t[4] != s.separators[0] || t[7] != s.separators[1] {
		return false
	}
	bad := 0
	two := func(i int) int {
		a, b := int(t[i])-'0', int(t[i+1])-'0'
		bad |= a | b | 9 - a | 9 - b // negative where one is no digit
		return a*10 + b
	}
	m.year, m.month, m.day = two(0)*100+two(2), two(5), two(8)
	if n > 10 {
		if t[10] != s.separators[2] || t[13] != s.separators[3] || t[16] != s.separators[4] {
			return false
		}
		m.hour, m.minute, m.second = two(11), two(14), two(17)
	}
	if bad < 0 {
		return false
	}
	if s.fraction == 0 {
		return len(t) == n
	}
	if len(t) < n+2 || len(t) > n+7 || t[n] != s.fraction {
		return false
	}
	scale := 100000
	for _, c := range t[n+1:] {
		if c-'0' > 9 {
			return false
		}
		m.micro += int(c-'0') * scale
		scale /= 10
	}
	return true
}

// read follows the format part by part.
func (f *timeFormat) read(t []byte, m *moment) string {
	excess := false
	for _, op := range f.ops {
		var ok bool
		switch op.directive {
		case 0:
			if ok = len(t) > 0 && t[0] == op.literal; ok {
				t = t[1:]
			}
		case 'Y':
			m.year, t, ok = number(t, 4, 4)
		case 'y':
			m.year, t, ok = number(t, 2, 2)
			if m.year += 1900; m.year < 1969 {
				m.year += 100
			}
		case 'm':
			m.month, t, ok = number(t, 1, 2)
		case 'd':
			m.day, t, ok = number(trimLeft(t), 1, 2)
		case 'H', 'I':
			m.hour, t, ok = number(trimLeft(t), 1, 2)
		case 'M':
			m.minute, t, ok = number(t, 1, 2)
		case 'S':
			m.second, t, ok = number(t, 1, 2)
		case 'j':
			m.yearDay, t, ok = number(t, 1, 3)
		case 'f':
			m.micro, t, excess, ok = fraction(t)
		default:
			t, ok = m.readWord(op.directive, t)
		}
		if !ok {
			return ReasonType
		}
	}
	switch {
	case len(t) > 0:
		return ReasonType
	case excess:
		return ReasonScale
	}
	return ""
}

// readWord reads the directives that are no plain numbers.
func (m *moment) readWord(directive byte, t []byte) ([]byte, bool) {
	switch directive {
	case 'b':
		for i := time.January; i <= time.December; i++ {
			if rest, ok := cutName(t, i.String()); ok {
				m.month = int(i)
				return rest, true
			}
		}
	case 'a':
		for i := time.Sunday; i <= time.Saturday; i++ {
			if rest, ok := cutName(t, i.String()); ok {
				return rest, true
			}
		}
	case 'p':
		m.pm = true
		if len(t) >= 2 && (t[0]|0x20 == 'a' || t[0]|0x20 == 'p') && t[1]|0x20 == 'm' {
			m.noon = t[0]|0x20 == 'p'
			return t[2:], true
		}
	case 'Z':
		for _, name := range []string{"UTC", "GMT", "Z"} {
			if rest, ok := bytes.CutPrefix(t, []byte(name)); ok {
				m.zoned = true
				return rest, true
			}
		}
	case 'z':
		return m.readOffset(t)
	case 's':
		neg := len(t) > 0 && t[0] == '-'
		if neg {
			t = t[1:]
		}
		n, rest, ok := number(t, 1, 11)
		if neg {
			n = -n
		}
		m.epoch, m.hasEpoch = int64(n), true
		return rest, ok
	}
	return t, false
}

// readOffset reads Z, +hh, +hhmm or +hh:mm.
func (m *moment) readOffset(t []byte) ([]byte, bool) {
	m.zoned = true
	if len(t) > 0 && (t[0] == 'Z' || t[0] == 'z') {
		return t[1:], true
	}
	if len(t) < 3 || t[0] != '+' && t[0] != '-' {
		return t, false
	}
	sign := t[0]
	hours, t, ok := number(t[1:], 2, 2)
	minutes := 0
	if ok && len(t) > 2 && t[0] == ':' {
		minutes, t, ok = number(t[1:], 2, 2)
	} else if ok && len(t) > 1 && t[0]-'0' <= 9 {
		minutes, t, ok = number(t, 2, 2)
	}
	m.offset = hours*3600 + minutes*60
	if sign == '-' {
		m.offset = -m.offset
	}
	return t, ok && hours < 24 && minutes < 60
}

// number reads least to most digits.
func number(t []byte, least, most int) (n int, rest []byte, ok bool) {
	i := 0
	for i < len(t) && i < most && t[i]-'0' <= 9 {
		n = n*10 + int(t[i]-'0')
		i++
	}
	return n, t[i:], i >= least
}

// fraction reads decimals of a second; excess tells of decimals below the
// microsecond that are not zero.
func fraction(t []byte) (micro int, rest []byte, excess, ok bool) {
	scale, i := 100000, 0
	for ; i < len(t) && t[i]-'0' <= 9; i++ {
		micro += int(t[i]-'0') * scale
		excess = excess || scale == 0 && t[i] != '0'
		scale /= 10
	}
	return micro, t[i:], excess, i > 0
}

// cutName takes an English name, whole or its first three letters, in any case.
func cutName(t []byte, name string) ([]byte, bool) {
	for _, n := range []int{len(name), 3} {
		if len(t) >= n && bytes.EqualFold(t[:n], []byte(name[:n])) {
			return t[n:], true
		}
	}
	return t, false
}

func trimLeft(t []byte) []byte { return bytes.TrimLeft(t, " ") }

// civilDay counts days since 1970-01-01 in the Gregorian calendar.
func civilDay(year, month, day int) int64 {
	y := year
	if month <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*((month+9)%12)+2)/5 + day - 1
	return int64(era*146097+yoe*365+yoe/4-yoe/100+doy) - 719468
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
