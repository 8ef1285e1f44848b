package clean_test

import (
	"os/exec"
	"testing"

	"penstock/tui/clean"
)

// TestWord has a real shell read back what Word writes.
func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"shop.yaml": "shop.yaml", "a=b,c": "a=b,c", "": "''", "my shop.yaml": "'my shop.yaml'", "it's": `'it'\''s'`,
		"$(rm -rf x)": "'$(rm -rf x)'", "~/x": "'~/x'", "a;b": "'a;b'", "*": "'*'", "日本": "'日本'", "`x`": "'`x`'", "!x": "'!x'", "a\nb": "'a\nb'",
	} {
		got := clean.Word(word)
		if got != want {
			t.Errorf("Word(%q) = %s, want %s", word, got, want)
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+got).Output() //nolint:gosec // that is what is tested
		if err != nil || string(out) != word {
			t.Errorf("a shell reads %s as %q, %v", got, out, err)
		}
	}
}
