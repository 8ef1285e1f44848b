package config

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{"0": 0, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 720 * time.Hour, "2w": 336 * time.Hour} {
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v (%v), want %v", in, time.Duration(d), err, want)
		}
		var again Duration
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d {
			t.Errorf("%s is written %s, which reads as %v (%v)", in, d, time.Duration(again), err)
		}
	}
	for _, in := range []string{"", "x", "-1h", "1.5d", "99999999d", "1 d"} {
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is accepted as %v", in, d)
		}
	}
}

func TestBytes(t *testing.T) {
	for in, want := range map[string]Bytes{"0": 0, "1": 1, "10GB": 10e9, "10 gb": 10e9, "1KiB": 1024, "2MiB": 2 << 20, "3k": 3000, "7B": 7} {
		var b Bytes
		if err := b.UnmarshalText([]byte(in)); err != nil || b != want {
			t.Errorf("%s is %d (%v), want %d", in, b, err, want)
		}
		var again Bytes
		if err := again.UnmarshalText([]byte(b.String())); err != nil || again != b {
			t.Errorf("%s is written %s, which reads as %d (%v)", in, b, again, err)
		}
	}
	for _, in := range []string{"", "GB", "-1", "1.5GB", "99999999999TB", "1XB"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is accepted as %v", in, b)
		}
	}
}

func TestDecimal(t *testing.T) {
	for in, ok := range map[string]bool{"5": true, "5.00": true, "0.000000001": true, "": false, "-1": false, "1e3": false, "1,5": false, ".5": false} {
		var d Decimal
		if err := d.UnmarshalText([]byte(in)); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
}
