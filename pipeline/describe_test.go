package pipeline

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestDescribe(t *testing.T) {
	want := strings.Split(strings.TrimSpace(`
run        run 42 of ingest, check started by ann (host box, process 7), deriving everything anew
ingest     started, engine go
ingest     shop a.csv: load 3 resumed, 1.2 MB
ingest     load 3 stopped: 1,000 read, 90 rejected, 10 discarded, 45.6 MB in 3.2 s, 312 rows/s: too many rejects (mend the file)
ingest     shop b.csv skipped: loaded before as load 2
transform  shop: warning: a new column (map it)
ingest     load 3: 12 more rejected: quantity: not_a_number
ingest     finished: 10 read, 6 loaded, 2 rejected, 1 collapsed, 1 discarded, 100 B in 1.0 s, 10 rows/s; an optional source is missing; a quality gate failed
publish    skipped: nothing new
aggregate  cancelled after 1m 00s
check      error: no_orphans found 4 rows: lines without a product
run        run 42 failed in 1h 00m: no space (make some)
`), "\n")
	for i, e := range everyEvent() {
		if got := Describe(WithHead(e, Head{Run: 42})); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

func TestDescribeTheOtherHalf(t *testing.T) {
	for _, c := range []struct {
		e    Event
		want string
	}{
		{RunStarted{Tasks: []string{"ingest"}, Who: "ann", Host: "box", PID: 7}, "run        run 0 of ingest started by ann (host box, process 7)"},
		{LoadStarted{Load: 1, Source: "shop", Name: "a"}, "ingest     shop a: load 1 started"},
		{
			LoadFinished{Load: 2, Source: "shop", Name: "a", State: "loaded", Read: 5_000_000, Loaded: 4_995_000, Rejected: 5_000, Bytes: 450e6, Took: 25 * time.Second},
			"ingest     load 2 loaded: 4,995,000 rows, 5,000 rejected, 450.0 MB in 25.0 s, 200,000 rows/s",
		},
		{
			LoadFinished{Load: 2, Source: "shop", Name: "a", State: "loaded", Read: 10, Loaded: 10, Took: time.Second},
			"ingest     load 2 loaded: 10 rows in 1.0 s, 10 rows/s",
		},
		{
			LoadFinished{Load: 2, Source: "shop", Name: "a", State: "undone", Read: 10, Rejected: 1, Discarded: 9},
			"ingest     shop a: load 2 undone: 10 read, 1 rejected, 9 discarded",
		},
		{
			LoadFinished{Load: 2, Source: "shop", Name: "a", State: "loaded", Read: 10, Loaded: 9, Rejected: 1},
			"ingest     shop a: load 2 loaded: 9 rows, 1 rejected",
		},
		{
			RejectSample{Load: 4, Source: "shop", Name: "a", Line: 7, Reason: "fields"},
			"ingest     load 4: line 7 rejected: fields",
		},
		{Warning{Message: "late"}, "run        warning: late"},
		{
			RejectSample{Source: "shop", Name: "a", Line: 40112, Reason: "not_a_number", Column: "quantity", Detail: `"1.2.3"`},
			`ingest     shop a: line 40,112 rejected: quantity: not_a_number: "1.2.3"`,
		},
		{RejectSample{Source: "shop", Name: "a", Line: 4, Reason: "unclosed_quote"}, "ingest     shop a: line 4 rejected: unclosed_quote"},
		{StepFailed{Step: Ingest, Err: "no", Took: time.Second}, "ingest     failed after 1.0 s: no"},
		{StepFinished{Step: Ingest}, "ingest     finished: 0 read, 0 loaded"},
		{StepFinished{Step: Check, Read: 11, Loaded: 9, Rejected: 2, Took: time.Second}, "check      finished: 11 checks, 2 of them found something in 1.0 s"},
		{StepFinished{Step: Check, Read: 1, Loaded: 1, Gate: true}, "check      finished: 1 check; a quality gate failed"},
		{CheckFailed{Check: "c", Severity: "warn", Found: 1, Message: "m"}, "check      warn: c found 1 row: m"},
		{RunFinished{Status: Cancelled, Err: "cancelled", Took: time.Second}, "run        run 0 cancelled in 1.0 s"},
		{RunFinished{Status: Cancelled, Err: "cancelled by ann", Took: time.Second}, "run        run 0 cancelled by ann in 1.0 s"},
		{RunFinished{Status: Failed, Err: "cancelled statement", Took: time.Second}, "run        run 0 failed in 1.0 s: cancelled statement"},
		{RunFinished{Status: Done, ExitCode: ExitGate}, "run        run 0 done in 0 ms, but a quality gate failed: nothing was published"},
		{RunFinished{Status: Done, ExitCode: ExitIncomplete}, "run        run 0 done in 0 ms, without an optional source"},
	} {
		if got := Describe(c.e); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestFormatCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", -7: "-7", 999: "999", 1000: "1,000", -1000: "-1,000", 541909: "541,909",
		1234567: "1,234,567", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := FormatCount(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 45580638: "45.6 MB", 999949: "999.9 kB", 999950: "1.0 MB",
		1e9: "1.0 GB", -2500: "-2.5 kB", math.MaxInt64: "9.2 EB",
	} {
		if got := FormatBytes(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 12 * time.Millisecond: "12 ms", 3210 * time.Millisecond: "3.2 s",
		59949 * time.Millisecond: "59.9 s", 59999 * time.Millisecond: "1m 00s",
		245 * time.Second: "4m 05s", 3723 * time.Second: "1h 02m", -time.Second: "-1.0 s",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
