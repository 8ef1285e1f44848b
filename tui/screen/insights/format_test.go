package insights

import (
	"os/exec"
	"strings"
	"testing"

	"penstock/pipeline/mart"
	"penstock/tui/widget"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(string) string
		in   string
		want string
	}{
		{"counted", counted, "1234567", "1,234,567"},
		{"counted", counted, "1234.500", "1,234.5"},
		{"counted", counted, "-12.000", "-12"},
		{"price", price, "2.5", "2.50"},
		{"price", price, "1234.12345", "1,234.12345"},
		{"price", price, "24.96", "24.96"},
		{"percent", percent, "0.655832", "65.6 %"},
		{"percent", percent, "0.0005", "0.1 %"},
		{"percent", percent, "-0.2", "-20.0 %"},
		{"percent", percent, "no number", "no number"},
		{"signed", signed, "0.042", "+4.2 %"},
		{"signed", signed, "-0.042", "-4.2 %"},
		{"date", date, "2011-12-09", "9 Dec 2011"},
		{"date", date, "someday", "someday"},
	} {
		if got := c.of(c.in); got != c.want {
			t.Errorf("%s(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestRatios(t *testing.T) {
	for _, c := range []struct {
		name      string
		of        func(a, b mart.Decimal) string
		a, b, out string
	}{
		{"ratio", ratio, "1", "3", "0.333333"},
		{"ratio", ratio, "1", "0", ""},
		{"ratio", ratio, "x", "1", ""},
		{"change", change, "200", "250", "0.250000"},
		{"change", change, "200", "50", "-0.750000"},
		{"change", change, "0", "50", ""},
		{"change", change, "-5", "50", ""},
		// Beyond what a float holds.
		{"ratio", ratio, "123456789012345678901234567890", "123456789012345678901234567891", "1.000000"},
	} {
		if got := c.of(mart.Decimal(c.a), mart.Decimal(c.b)); got != c.out {
			t.Errorf("%s(%s, %s) = %q, want %q", c.name, c.a, c.b, got, c.out)
		}
	}
	if got := average("10", 3); got != "3.33" {
		t.Errorf("average = %q", got)
	}
	if got := average("10", 0); got != "" {
		t.Errorf("average among none = %q", got)
	}
	if got := sum([]mart.Segment{{Net: "0.1"}, {Net: "0.2"}, {Net: "-9007199254740993"}}); got != "-9007199254740992.700000000" {
		t.Errorf("sum = %q", got)
	}
}

func TestFloatsOfCharts(t *testing.T) {
	for in, want := range map[string]float64{"1.5": 1.5, "": 0, "NaN": 0, "Infinity": 0, "x": 0} {
		if got := float(in); got != want {
			t.Errorf("float(%q) = %v", in, got)
		}
	}
}

// TestQuoted has a real shell read back what is copied.
func TestQuoted(t *testing.T) {
	for _, word := range []string{"plain", "at risk", "it's", "$(touch x) `y` \"z\" \\", "a;b|c&d", "-net_revenue", "é東京"} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+quoted(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("a shell reads %q as %q (%v)", word, out, err)
		}
	}
	if got := quoted("a\x1b]0;x\x07\nb"); strings.ContainsAny(got, "\x1b\x07\n") {
		t.Errorf("control characters go out: %q", got)
	}
}

func TestCommandsSortAsTheTable(t *testing.T) {
	e := session(t, looks()["nocolor"])
	cols := []column{text("code", "product", 9), count("units", "units"), share("share", "share")}
	table := widget.NewTable(e, ID, "x", columnsOf(cols)...)
	known := []string{"code", "units"}
	if got := sorted(table, cols, known, "-gross"); got != "-gross" {
		t.Errorf("unsorted: %s", got)
	}
	table.Recall(widget.TableState{Sort: "units", Descending: true})
	if got := sorted(table, cols, known, "-gross"); got != "-units" {
		t.Errorf("by units: %s", got)
	}
	table.Recall(widget.TableState{Sort: "product"})
	if got := sorted(table, cols, known, "-gross"); got != "code" {
		t.Errorf("by code: %s", got)
	}
	table.Recall(widget.TableState{Sort: "share", Descending: true})
	if got := sorted(table, cols, known, "-gross"); got != "-gross" {
		t.Errorf("by what the mart does not have: %s", got)
	}
	const command = "penstock --run insights customer_value"
	s := &Screen{o: Options{PII: []string{"customer_id"}}}
	for _, c := range []struct {
		reveal     bool
		sort, want string
	}{
		{false, "-net_revenue", command + " --where 'segment=at risk' --sort -net_revenue"},
		{false, "-customer_id", command + " --where 'segment=at risk'"}, // it would be refused
		{true, "customer_id", command + " --where 'segment=at risk' --sort customer_id --show-pii"},
	} {
		s.reveal = c.reveal
		if got := s.martCommand("customer_value", c.sort, "segment=at risk"); got != c.want {
			t.Errorf("command: %s", got)
		}
	}
}
