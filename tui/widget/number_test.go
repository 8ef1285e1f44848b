package widget

import (
	"math"
	"testing"
	"time"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(1000), "1,000"},
		{Count(541909), "541,909"},
		{Count(-1234567), "-1,234,567"},
		{Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Money("1234.5"), "1,234.50"},
		{Money("-0.005"), "-0.01"},
		{Money("-0.004"), "0.00"},
		{Money("0.994999999999999999999"), "0.99"},
		{Money("999999.995"), "1,000,000.00"},
		{Money("10630000"), "10,630,000.00"},
		{Money("123456789012345678901234567890.125"), "123,456,789,012,345,678,901,234,567,890.13"},
		{Money("007.1"), "7.10"},
		{Money("+5"), "5.00"},
		{Money(".5"), "0.50"},
		{Money("5."), "5.00"},
		{Money("."), "."},
		{Money(""), ""},
		{Money("NaN"), "NaN"},
		{Money("1e5"), "1e5"},
		{Decimal("1234.5", 0), "1,235"},
		{Decimal("0.49", 0), "0"},
		{Decimal("9.9999995", 6), "10.000000"},
		{Short(0), "0"},
		{Short(812), "812"},
		{Short(999.4), "999"},
		{Short(999.6), "1.0k"},
		{Short(4213), "4.2k"},
		{Short(812_345), "812k"},
		{Short(999_600), "1.0M"},
		{Short(10_630_000), "10.6M"},
		{Short(99_960), "100k"},
		{Short(2.5), "2.5"},
		{Short(3), "3"},
		{Short(0.25), "0.25"},
		{Short(0.5), "0.5"},
		{Short(0.001), "0.001"},
		{Short(-1500), "-1.5k"},
		{Short(math.NaN()), "-"},
		{Short(math.Inf(-1)), "-inf"},
		{Short(1e15), "1.0P"},
		{Rate(812_000, "rows"), "812k rows/s"},
		{Bytes(0), "0 B"},
		{Bytes(999), "999 B"},
		{Bytes(1000), "1.0 kB"},
		{Bytes(51_200_000), "51.2 MB"},
		{Bytes(999_960_000), "1.0 GB"},
		{Bytes(-2048), "-2.0 kB"},
		{Percent(0.61), "61 %"},
		{Percent(0.0162), "1.6 %"},
		{Percent(0), "0 %"},
		{Percent(1), "100 %"},
		{Percent(0.02), "2 %"},
		{Percent(-0.987), "-99 %"},
		{Percent(math.NaN()), "-"},
		{Duration(0), "0 ms"},
		{Duration(500 * time.Microsecond), "<1 ms"},
		{Duration(61 * time.Millisecond), "61 ms"},
		{Duration(4200 * time.Millisecond), "4.2 s"},
		{Duration(59999 * time.Millisecond), "1m 00s"},
		{Duration(72 * time.Second), "1m 12s"},
		{Duration(59*time.Minute + 59*time.Second + 600*time.Millisecond), "1h 00m"},
		{Duration(3*time.Hour + 5*time.Minute), "3h 05m"},
		{Duration(52 * time.Hour), "2d 4h"},
		{Duration(-time.Second), "-1.0 s"},
		{Clock(7 * time.Second), "0:07"},
		{Clock(-time.Second), "0:00"},
		{Clock(12*time.Minute + 40*time.Second), "12:40"},
		{Clock(time.Hour + 2*time.Minute + 3*time.Second), "1:02:03"},
		{Age(time.Second), "now"},
		{Age(-time.Minute), "now"},
		{Age(12 * time.Second), "12 s"},
		{Age(2 * time.Minute), "2 min"},
		{Age(3 * time.Hour), "3 h"},
		{Age(120 * time.Hour), "5 d"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add("1234.5", 2)
	f.Fuzz(func(t *testing.T, s string, places int) {
		places = int(uint(places) % 20)
		got := Decimal(s, places)
		if again := Decimal(s, places); again != got {
			t.Fatalf("not steady: %q %q", got, again)
		}
	})
}
