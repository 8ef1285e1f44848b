package main

import (
	"strings"
	"testing"
)

func TestGrouped(t *testing.T) {
	for _, c := range []struct {
		in     string
		places int
		want   string
	}{
		{"0", 2, "0.00"},
		{"1234567.891", 2, "1,234,567.89"},
		{"1234567.895", 2, "1,234,567.90"},
		{"-999.995", 2, "-1,000.00"},
		{"999999.5", 0, "1,000,000"},
		{"-0.004", 2, "0.00"},
		{"12345", -1, "12,345"},
		{"0.655832", 3, "0.656"},
		{"100", -1, "100"},
		{"1000.10", -1, "1,000.10"},
	} {
		if got := grouped(c.in, c.places); got != c.want {
			t.Errorf("grouped(%q, %d) = %q, want %q", c.in, c.places, got, c.want)
		}
	}
}

func TestPrintedAlignsAndCleans(t *testing.T) {
	p := printed{head: []string{"code", "units"}, right: []bool{false, true}}
	p.row("85123A", "1,000")
	p.row("日本\x1b[2J", "7")
	var b strings.Builder
	if err := p.write(&b, "  "); err != nil {
		t.Fatal(err)
	}
	want := "  code      units\n" +
		"  85123A    1,000\n" +
		"  日本␛[2J      7\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// What says why is never cut, however long it is; the record behind it may be.
func TestPrintedKeepsItsText(t *testing.T) {
	long := strings.Repeat("why ", 30) + "END"
	p := printed{head: []string{"line", "detail", "record"}, text: 1}
	p.row("1", long, long)
	var b strings.Builder
	if err := p.write(&b, ""); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "END") != 1 || !strings.Contains(b.String(), long) {
		t.Errorf("printed\n%s", b.String())
	}
}
