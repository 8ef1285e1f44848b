package rejects

import (
	"testing"

	"penstock/tui/clean"
)

func TestEscapeIsReversible(t *testing.T) {
	for data, want := range map[string]string{
		"":               "",
		"plain £ 茶":      "plain £ 茶",
		`C:\new`:         `C:\\new`,
		"a\tb\r\nc":      `a\tb\r\nc`,
		"\x1b[2J\x00":    `\x1b[2J\x00`,
		"caf\xe9":        `caf\xe9`,
		"a\u202eb\u200b": `a\u{202e}b\u{200b}`,
	} {
		got := escape(data)
		if got != want || clean.Line(got) != got {
			t.Errorf("escape(%q) = %q, want %q", data, got, want)
		}
		if back, err := unescape(got); err != nil || back != data {
			t.Errorf("unescape(%q) = %q, %v", got, back, err)
		}
	}
	for _, bad := range []string{`\`, `\q`, `\x1`, `\xzz`, `\u202e`, `\u{}`, `\u{110000}`, `\u{d800}`, `\u{41`} {
		if got, err := unescape(bad); err == nil {
			t.Errorf("unescape(%q) = %q", bad, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b\\n\xff")
	f.Fuzz(func(t *testing.T, data string) {
		if back, err := unescape(escape(data)); err != nil || back != data {
			t.Errorf("%q became %q, %v", data, back, err)
		}
	})
}
