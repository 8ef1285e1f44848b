package widget

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"penstock/tui/theme"
)

func TestStates(t *testing.T) {
	e := quiet(t)
	th, err := theme.New(theme.Options{Name: "dark", Profile: colorprofile.TrueColor})
	if err != nil {
		t.Fatal(err)
	}
	e.Theme = th
	for state, want := range map[string]struct {
		words, ascii string
		style        theme.Style
	}{
		"running": {"● running", "* running", th.Accent}, "loaded": {"✓ loaded", "+ loaded", th.OK},
		"failed": {"✗ failed", "x failed", th.Bad}, "check failed": {"! check failed", "! check failed", th.Warn},
		"late": {"! late", "! late", th.Warn}, "skipped": {"- skipped", "- skipped", th.Muted}, "waiting": {"○ waiting", "o waiting", th.Muted},
	} {
		e.ASCII = false
		words := StateWords(e, state)
		e.ASCII = true
		column := StateColumn(e, 9)
		if words != want.words || column.Format(state) != want.ascii || column.Width != 9 {
			t.Errorf("%s: %q, %q", state, words, column.Format(state))
		}
		if a, b := column.Style(0, state).Paint("x"), want.style.Paint("x"); a != b {
			t.Errorf("%s is painted %q, not %q", state, a, b)
		}
	}
}

func TestFormatsOfColumns(t *testing.T) {
	for got, want := range map[string]string{
		Counted("1234567"): "1,234,567", Counted(""): "", Seconds(Age)("90.000"): Age(90e9), Seconds(Duration)("72"): "1m 12s", Seconds(Age)("never"): "never",
	} {
		if strings.TrimSpace(got) != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
