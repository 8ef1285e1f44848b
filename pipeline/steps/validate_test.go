package steps

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"penstock/pipeline/source"
)

// validateCase is a file, and what is to be found out about it.
type validateCase struct {
	name    string
	content string
	change  func(*source.Spec)
	want    string // read accepted rejected, then the reasons
	refused string // why nothing of it would be loaded
	gate    bool
}

func validateCases(t *testing.T) []validateCase {
	t.Helper()
	const good = "1,A,2,2.50,2024-01-05 10:00:00,C1\n"
	wide := func(s string) string {
		raw, err := RecordBytes(s, "utf-16le")
		if err != nil {
			t.Fatal(err)
		}
		return "\xff\xfe" + string(raw)
	}
	return []validateCase{
		{name: "good", content: shopHeader + good + good, want: "2 2 0"},
		{name: "only a header", content: shopHeader, want: "0 0 0"},
		{name: "blank lines", content: shopHeader + "\n" + good + "\n\n", want: "1 1 0"},
		{name: "no last line's end", content: shopHeader + strings.TrimSuffix(good, "\n"), want: "1 1 0"},
		{name: "CRLF", content: strings.ReplaceAll(shopHeader+good, "\n", "\r\n"), want: "1 1 0"},
		{name: "UTF-8 with its mark", content: "\xef\xbb\xbf" + shopHeader + good, want: "1 1 0"},
		{name: "UTF-16", content: wide(shopHeader + good), want: "1 1 0"},
		{name: "latin-1", content: shopHeader + strings.Replace(good, "C1", "M\xfcller", 1), change: func(s *source.Spec) { s.Format.Encoding = "latin-1" }, want: "1 1 0"},
		{name: "not UTF-8", content: shopHeader + strings.Replace(good, "C1", "M\xfcller", 1), want: "1 0 1 encoding:customer_id"},
		{name: "NUL", content: shopHeader + strings.Replace(good, "C1", "C\x001", 1), want: "1 0 1 nul:customer_id"},
		{name: "short", content: shopHeader + "1,A\n" + good, want: "2 1 1 fields"},
		{name: "a quote that stays open", content: shopHeader + "1,\"A,2\n" + good + good, want: "3 2 1 quote"},
		{name: "no number", content: shopHeader + strings.Replace(good, ",2,", ",two,", 1), want: "1 0 1 type:quantity"},
		{name: "too fine", content: shopHeader + strings.Replace(good, ",2,", ",2.0001,", 1), want: "1 0 1 scale:quantity"},
		{name: "no time", content: shopHeader + strings.Replace(good, "2024-01-05", "2024-13-05", 1), want: "1 0 1 type:ordered_at"},
		{
			name: "an hour that was skipped", content: shopHeader + strings.Replace(good, "2024-01-05 10", "2024-03-31 02", 1),
			change: func(s *source.Spec) { s.Timezone = "Europe/Berlin" }, want: "1 0 1 no_such_time:ordered_at",
		},
		{
			name: "a rule", content: shopHeader + good + strings.Replace(good, ",2,", ",-2,", 1),
			change: func(s *source.Spec) { s.Rules = map[string]source.Rule{"quantity": {Min: "0"}} }, want: "2 1 1 min:quantity",
		},
		{
			name: "more rejects than allowed", content: shopHeader + good + "1,A\n1,B\n",
			change: func(s *source.Spec) { s.MaxRejects = "1" }, want: "3 1 2 fields", refused: "max_rejects is 1", gate: true,
		},
		{
			name: "a column that is gone", content: strings.Replace(shopHeader, "price", "cost", 1) + good,
			want: "0 0 0", refused: `"price"`, gate: true,
		},
		{name: "empty", content: "", want: "0 0 0", refused: "empty"},
		{name: "a broken archive", content: "\x1f\x8b broken", want: "0 0 0", refused: "gzip"},
	}
}

// TestValidateWhatever validates one file in whatever shape it comes, and what the source makes of it.
func TestValidateWhatever(t *testing.T) {
	for _, c := range validateCases(t) {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			spec := shopSpec(path)
			if c.change != nil {
				c.change(spec)
			}
			var got Validated
			err := Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{spec}}, func(v Validated) error {
				got = v
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprint(got.Read, got.Accepted, got.Rejected)
			for _, r := range got.Reasons {
				text += strings.TrimSuffix(" "+r.Reason+":"+r.Column, ":")
			}
			if text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
			switch {
			case c.refused == "" && got.Err != nil:
				t.Errorf("it is refused: %v", got.Err)
			case c.refused != "" && (got.Err == nil || !strings.Contains(strings.ToLower(got.Err.Error()), c.refused)):
				t.Errorf("it is refused for %v, want %s", got.Err, c.refused)
			}
			if got.Gate != c.gate {
				t.Errorf("a gate: %v", got.Gate)
			}
			if whole := int64(len(c.content)); c.refused == "" && got.Bytes != whole {
				t.Errorf("%d bytes of %d, which a load would have", got.Bytes, whole)
			}
		})
	}
}

// TestValidateEnds has it end with who is told, and with its context.
func TestValidateEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte(shopHeader+shopLines(10)), 0o600); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	err := Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{shopSpec(path)}}, func(Validated) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("who is told had enough: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = Validate(ctx, ValidateOptions{Sources: []*source.Spec{shopSpec(path)}}, func(v Validated) error { return v.Err })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	err = Validate(t.Context(), ValidateOptions{Sources: []*source.Spec{shopSpec("-")}}, func(Validated) error { return nil })
	if err == nil || hintOf(err) == "" {
		t.Errorf("no standard input: %v", err)
	}
}
