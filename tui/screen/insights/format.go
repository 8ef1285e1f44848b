package insights

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"penstock/pipeline/mart"
	"penstock/tui/widget"
)

// counted writes an exact number with the decimals that it has.
func counted(raw string) string {
	_, fraction, _ := strings.Cut(raw, ".")
	return widget.Decimal(raw, len(strings.TrimRight(fraction, "0")))
}

// price writes an exact price with at least two decimals.
func price(raw string) string {
	_, fraction, _ := strings.Cut(raw, ".")
	return widget.Decimal(raw, max(2, len(strings.TrimRight(fraction, "0"))))
}

// percent writes an exact share of one with one decimal: 0.655832 is "65.6 %".
func percent(raw string) string {
	share, ok := new(big.Rat).SetString(raw)
	if !ok {
		return raw
	}
	return widget.Decimal(share.Mul(share, big.NewRat(100, 1)).FloatString(6), 1) + " %"
}

// ratio returns part of whole as a share that percent takes, "" where there is none.
func ratio(part, whole mart.Decimal) string {
	p, ok := new(big.Rat).SetString(string(part))
	w, ok2 := new(big.Rat).SetString(string(whole))
	if !ok || !ok2 || w.Sign() == 0 {
		return ""
	}
	return p.Quo(p, w).FloatString(6)
}

// change returns by what share now differs from before, "" where nothing was before.
func change(before, now mart.Decimal) string {
	r, ok := new(big.Rat).SetString(ratio(now, before))
	if !ok || strings.HasPrefix(string(before), "-") {
		return ""
	}
	return r.Sub(r, big.NewRat(1, 1)).FloatString(6)
}

// signed writes a share with its sign: "+4.2 %".
func signed(raw string) string {
	if strings.HasPrefix(raw, "-") {
		return percent(raw)
	}
	return "+" + percent(raw)
}

// float returns a number for a chart, 0 for what is none.
func float(raw string) float64 {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// date writes a day of a mart as people do: "9 Dec 2011".
func date(raw string) string {
	at, err := time.Parse(time.DateOnly, raw)
	if err != nil {
		return raw
	}
	return at.Format("2 Jan 2006")
}

// weekday names a day of the week, 1 is Monday.
func weekday(n int) string { return fullWeekday(n)[:3] }

func fullWeekday(n int) string { return time.Weekday(n % 7).String() }

// clock writes an hour of the day.
func clock(hour int) string {
	return strconv.Itoa(hour) + ":00 to " + strconv.Itoa(hour+1) + ":00"
}

// ago says how long ago something was, in minutes at least: an idle screen stands still.
func ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	return widget.Age(d) + " ago"
}

// average divides an amount of money among n, exactly but for its last two decimals.
func average(of mart.Decimal, n int64) string {
	r, ok := new(big.Rat).SetString(string(of))
	if !ok || n == 0 {
		return ""
	}
	return widget.Money(r.Quo(r, big.NewRat(n, 1)).FloatString(6))
}

// sum adds up what segments are worth.
func sum(list []mart.Segment) mart.Decimal {
	total := new(big.Rat)
	for _, x := range list {
		if r, ok := new(big.Rat).SetString(string(x.Net)); ok {
			total.Add(total, r)
		}
	}
	return mart.Decimal(total.FloatString(9))
}
