package clean

import (
	"strings"
	"testing"
)

func TestFormula(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"plain":                 "plain",
		"=1+1":                  "'=1+1",
		"=cmd|' /C calc'!A0":    "'=cmd|' /C calc'!A0",
		"+1+1":                  "'+1+1",
		"-1-1":                  "'-1-1",
		"@SUM(A1)":              "'@SUM(A1)",
		"\t=1":                  "'\t=1",
		"\r=1":                  "'\r=1",
		"\n=1":                  "'\n=1",
		"＝1":                    "'＝1",
		"＋1":                    "'＋1",
		"－1":                    "'－1",
		"＠x":                    "'＠x",
		"-":                     "'-",
		"+":                     "'+",
		"-12.50":                "-12.50",
		"+44":                   "+44",
		"-0":                    "-0",
		"-.5":                   "-.5",
		"-5.":                   "-5.",
		"-.":                    "'-.",
		"-1e6":                  "-1e6",
		"+1.5E-10":              "+1.5E-10",
		"-1e":                   "'-1e",
		"-1e+":                  "'-1e+",
		"--1":                   "'--1",
		"-1,234.50":             "'-1,234.50",
		"-2+3+cmd|' /C calc'!D": "'-2+3+cmd|' /C calc'!D",
		"12.50":                 "12.50",
		"a=1":                   "a=1",
		"'=1":                   "'=1",
		" =1":                   " =1",
		"-1\n":                  "'-1\n",
		"-٣":                    "'-٣",
	} {
		if got := Formula(in); got != want {
			t.Errorf("Formula(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFormula(f *testing.F) {
	f.Add("=1")
	f.Add("-1.5e3")
	f.Fuzz(func(t *testing.T, s string) {
		got := Formula(s)
		if got != s && got != "'"+s {
			t.Fatalf("Formula(%q) = %q", s, got)
		}
		if got != "" && strings.ContainsRune("=@\t\r\n＝＋－＠", []rune(got)[0]) {
			t.Fatalf("Formula(%q) = %q still starts a formula", s, got)
		}
		if Formula(got) != got {
			t.Fatalf("Formula twice of %q", s)
		}
	})
}
