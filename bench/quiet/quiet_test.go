package quiet

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		text      string
		force     bool
		err, said string
	}{
		{"0.00 1.00 2.00 1/200 4711\n", false, "", ""},
		{"0.70 1.00 2.00 1/200 4711\n", false, "", ""},
		{"0.71 0.00 0.00 1/200 4711\n", false, "load 0.71): wait until it is below 0.7", ""},
		{"12.30 0.00 0.00 1/200 4711\n", true, "", "load 12.30): times are upper bounds"},
		{"", false, "read /proc/loadavg", ""},
		{"much 0.00", true, "read /proc/loadavg", ""},
	} {
		var out strings.Builder
		err := judge(c.text, c.force, &out)
		if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %v, want %q", c.text, err, c.err)
		}
		if !strings.Contains(out.String(), c.said) || c.said == "" && out.Len() > 0 {
			t.Errorf("%q: says %q, want %q", c.text, out.String(), c.said)
		}
	}
}
