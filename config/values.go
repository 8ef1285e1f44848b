package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that is also written in days and weeks: 90s, 5m, 1h30m, 30d, 2w.
type Duration time.Duration

var daysOrWeeks = regexp.MustCompile(`^(\d+)([dw])$`)

// UnmarshalText reads a duration; zero is "0".
func (d *Duration) UnmarshalText(text []byte) error {
	if m := daysOrWeeks.FindStringSubmatch(string(text)); m != nil {
		n, err := strconv.ParseInt(m[1], 10, 32)
		if err != nil || n > 36500 {
			return fmt.Errorf("expected at most 100 years, got %q", text)
		}
		unit := 24 * time.Hour
		if m[2] == "w" {
			unit *= 7
		}
		*d = Duration(time.Duration(n) * unit)
		return nil
	}
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("expected a duration such as 90s, 5m, 1h or 30d, got %q", text)
	}
	*d = Duration(v)
	return nil
}

// String writes whole days as days.
func (d Duration) String() string {
	day := Duration(24 * time.Hour)
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := time.Duration(d).String()
	s = strings.TrimSuffix(s, "m0s") + map[bool]string{true: "m"}[strings.HasSuffix(s, "m0s")]
	return strings.TrimSuffix(s, "h0m") + map[bool]string{true: "h"}[strings.HasSuffix(s, "h0m")]
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Bytes is a size, written 500MB, 10GB or 4GiB.
type Bytes int64

var sizeText = regexp.MustCompile(`(?i)^(\d+)\s*([kmgt]?i?b?)$`)

// UnmarshalText reads a size: units of 1000 (MB) or of 1024 (MiB).
func (b *Bytes) UnmarshalText(text []byte) error {
	m := sizeText.FindStringSubmatch(string(text))
	if m == nil {
		return fmt.Errorf("expected a size such as 500MB or 10GB, got %q", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit := strings.ToLower(m[2])
	base := int64(1000)
	if strings.Contains(unit, "i") {
		base = 1024
	}
	for range strings.IndexByte("kmgt", (unit + " ")[0]) + 1 {
		if n > math.MaxInt64/base {
			err = strconv.ErrRange
			break
		}
		n *= base
	}
	if err != nil {
		return fmt.Errorf("the size %q is too large", text)
	}
	*b = Bytes(n)
	return nil
}

// String writes the size in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range []struct {
		n    Bytes
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if b > 0 && b%u.n == 0 {
			return strconv.FormatInt(int64(b/u.n), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}

// MarshalText writes what UnmarshalText reads.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// Decimal is an exact amount of money or a price, kept as it was written.
type Decimal string

var decimalText = regexp.MustCompile(`^\d{1,18}(\.\d{1,9})?$`)

// UnmarshalText reads an amount without sign, exponent or separators.
func (d *Decimal) UnmarshalText(text []byte) error {
	if !decimalText.Match(text) {
		return fmt.Errorf("expected an amount such as 5.00, got %q", text)
	}
	*d = Decimal(text)
	return nil
}
