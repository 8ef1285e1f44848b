package widget

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count returns n with thousands separators: 1,234,567.
func Count(n int64) string { return group(strconv.FormatInt(n, 10)) }

// group puts thousands separators into the digits of a whole number.
func group(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= 3 {
		return sign + digits
	}
	var b strings.Builder
	b.WriteString(sign)
	lead := len(digits) % 3
	b.WriteString(digits[:lead])
	for i := lead; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// Money returns an exact decimal ("-1234.5") with thousands separators and two
// decimals, rounded half away from zero: -1,234.50. What is no decimal comes
// back as it is. No float is involved.
func Money(decimal string) string { return Decimal(decimal, 2) }

// Decimal returns an exact decimal with thousands separators, rounded half away
// from zero to the given number of decimals. What is no decimal comes back as it is.
func Decimal(decimal string, places int) string {
	sign, digits := "", decimal
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		if digits[0] == '-' {
			sign = "-"
		}
		digits = digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" {
		whole = "0"
	}
	if digits == "" || digits == "." || !allDigits(whole) || !allDigits(fraction) {
		return decimal
	}
	up := len(fraction) > places && fraction[places] >= '5'
	all := []byte(whole + (fraction + strings.Repeat("0", places))[:places])
	for i := len(all) - 1; up && i >= 0; i-- {
		if all[i]++; all[i] <= '9' {
			up = false
		} else {
			all[i] = '0'
		}
	}
	if up {
		all = append([]byte{'1'}, all...)
	}
	text := string(all)
	if strings.Trim(text, "0") == "" {
		sign = ""
	}
	whole, fraction = text[:len(text)-places], text[len(text)-places:]
	whole = strings.TrimLeft(whole[:len(whole)-1], "0") + whole[len(whole)-1:]
	if places == 0 {
		return sign + group(whole)
	}
	return sign + group(whole) + "." + fraction
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Short returns a number in at most five characters: 812, 4.2k, 812k, 1.0M, 10.6M.
func Short(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.IsInf(v, 1):
		return "inf"
	case v < 0:
		return "-" + Short(-v)
	case v == 0:
		return "0"
	case v < 0.01:
		return strconv.FormatFloat(v, 'g', 1, 64)
	case v < 1:
		return trimZeros(strconv.FormatFloat(v, 'f', 2, 64))
	}
	unit := 0
	for ; v >= 999.5 && unit < 5; unit++ {
		v /= 1000
	}
	places := 0
	if unit > 0 && v < 99.95 || v < 9.995 && v != math.Trunc(v) {
		places = 1
	}
	return strconv.FormatFloat(v, 'f', places, 64) + []string{"", "k", "M", "G", "T", "P"}[unit]
}

func trimZeros(s string) string {
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Rate returns a pace: "812k rows/s", "0 rows/s".
func Rate(perSecond float64, unit string) string { return Short(perSecond) + " " + unit + "/s" }

// Bytes returns a size in powers of 1000: "512 B", "51.2 MB".
func Bytes(n int64) string {
	v := float64(n)
	if math.Abs(v) < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	unit := 0
	for ; math.Abs(v) >= 999.95 && unit < 6; unit++ {
		v /= 1000
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}[unit]
}

// Percent returns a share of one: 0.614 is "61 %", 0.0162 is "1.6 %".
func Percent(share float64) string {
	p := share * 100
	switch {
	case math.IsNaN(p) || math.IsInf(p, 0):
		return "-"
	case p != 0 && math.Abs(p) < 9.95 && p != math.Trunc(p):
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// Duration returns how long something took: "0 ms", "61 ms", "4.2 s", "1m 12s", "3h 05m", "2d 4h".
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d < time.Millisecond && d > 0:
		return "<1 ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 59950*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 3600:
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh %02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd %dh", s/86400, s/3600%24)
}

// Clock returns a running time: "0:07", "12:40", "1:02:03".
func Clock(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Age returns how long ago something was: "now", "12 s", "2 min", "3 h", "5 d".
func Age(d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return "now"
	case d < time.Minute:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d < time.Hour:
		return strconv.FormatInt(int64(d/time.Minute), 10) + " min"
	case d < 48*time.Hour:
		return strconv.FormatInt(int64(d/time.Hour), 10) + " h"
	}
	return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + " d"
}
