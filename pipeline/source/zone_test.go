package source

import (
	"testing"
	"time"
)

// Every local time of these zones, an hour at a time, is what the zone's clock shows at the instant found; a time
// that the clock shows twice is the first of them, and one that it skips is none.
func TestLocalTimes(t *testing.T) {
	for _, zone := range []string{
		"Europe/London", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca",
		"Asia/Kathmandu", "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns",
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		// Years with every change of this century's rules, a leap year that the tables know, and those behind
		// them, whose last day Go's own bounds get wrong.
		for _, year := range []int{1995, 2011, 2024, 2037, 2038, 2040, 2041, 2044, 2100, 2400} {
			from := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			shown := map[int64]int64{} // what the clock shows -> the first instant at which it does
			for at := from.AddDate(0, 0, -3); at.Year() <= year || at.YearDay() < 4; at = at.Add(15 * time.Minute) {
				_, offset := at.In(loc).Zone()
				local := at.Unix() + int64(offset)
				if _, twice := shown[local]; !twice {
					shown[local] = at.Unix()
				}
			}
			var c dayCache
			for local := from.Unix(); local < from.AddDate(1, 0, 0).Unix(); local += 900 {
				got, ok := c.utc(loc, local)
				if want, there := shown[local]; ok != there || ok && got != want {
					t.Fatalf("%s %v: %d %t, want %d %t", zone, time.Unix(local, 0).UTC(), got, ok, want, there)
				}
			}
		}
	}
}
