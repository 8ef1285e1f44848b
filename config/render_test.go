package config

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"penstock/pipeline/source"
)

// TestRenderedSourcesLoad writes guessed sources and reads them back.
func TestRenderedSourcesLoad(t *testing.T) {
	spec := source.Spec{
		Name: "shop", Path: "data/*.csv", Timezone: "UTC", Duplicates: "collapse", PII: []string{"customer_id"}, ServiceCodes: []string{"POST", "gift_*"},
		Format: source.Format{Delimiter: ";", Nulls: []string{"", "NULL", "~"}},
		Columns: map[string]source.Column{
			"invoice_no": {Column: "No: 1"}, "product_code": {Column: "# code"}, "description": {Column: "d", Trim: true},
			"quantity": {Column: "yes"}, "unit_price": {Column: "1.5"}, "ordered_at": {Column: "at", Timestamp: "%d/%m/%Y"},
		},
	}
	text, err := RenderSources([]Guessed{{Spec: spec, Notes: []source.Note{
		{Path: []string{"columns", "quantity"}, Value: "yes", Confidence: 0.98, Reason: "of\ntwo lines"},
		{Path: []string{"timezone"}, Reason: "nobody says"},
		{Path: []string{"pii", "customer_id"}, Value: "customer_id", Confidence: 0.99, Reason: "they are people"},
		{Path: []string{source.RefusedNote}, Confidence: 1, Reason: "2 of 9 records would be refused"},
		{Path: []string{"pii"}, Value: "Phone", Confidence: 0.97, Reason: "it cannot be masked"},
		{Path: []string{"columns", "currency"}, Reason: "no column looks like it"},
		{Path: []string{"duplicates"}, Value: "collapse", Confidence: 0.7, Reason: "some repeat", Alternative: "keep"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  - name: shop # loads are known by it: change it before the first run or not at all\n", "  # refused: 2 of 9 records would be refused\n",
		"  # columns.currency to be set: no column looks like it\n", "quantity: \"yes\" # 98 %: of two lines\n",
		"  # pii 97 %: it cannot be masked\n", "    pii:\n      - customer_id # 99 %: they are people\n", "timezone: UTC # to be set: nobody says\n", "duplicates: collapse # 70 %: some repeat; or keep\n", "lead_time_days: 14",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "# sources:") {
		t.Error("the example's commented sources are still there")
	}
	dir := write(t, string(text), 0o600)
	c, err := loadIn(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Sources[0].Spec
	if got.Path != filepath.Join(dir, "data/*.csv") || got.Format.Nulls[1] != "NULL" || got.Format.Nulls[2] != "~" || got.Columns["ordered_at"] != spec.Columns["ordered_at"] {
		t.Errorf("read back %+v", got)
	}
	got.Path = spec.Path
	if got.Fingerprint(nil) != spec.Fingerprint(nil) || got.RulesFingerprint() != spec.RulesFingerprint() {
		t.Error("what is read back means something else")
	}
}

// TestHiddenBytesOfHeadersAreEscaped writes what files of any bytes bring: it is read back as it was, and nothing
// of it reaches a terminal.
func TestHiddenBytesOfHeadersAreEscaped(t *testing.T) {
	for name, header := range map[string]string{
		"controls": "no\x00\x1b[2J\a\r\nnext", "C1": "caf\u00e9 \u009b31m\u0085", "reordered": "a\u202eb\u200bc\ufeff", "beyond": "\U000e0041 \U0001f600",
		"quotes": `a "b" \u0041` + "\x7f", "spaces": "a\u00a0b\u2028c", "plain": "Größe: 1 # 2",
	} {
		t.Run(name, func(t *testing.T) {
			spec := source.Spec{
				Name: "shop", Path: "data.csv", Timezone: "UTC", Format: source.Format{Nulls: []string{"", header}},
				Columns: map[string]source.Column{
					"invoice_no": {Column: header}, "product_code": {Column: "b"}, "quantity": {Column: "c"}, "unit_price": {Column: "d"}, "ordered_at": {Column: "e"},
				},
			}
			text, err := RenderSources([]Guessed{{Spec: spec, Notes: []source.Note{
				{Path: []string{"columns", "invoice_no"}, Confidence: 0.6, Reason: header + " often means it", Alternative: "\xff" + header},
				{Path: []string{"columns", "currency"}, Reason: header + "\xfe\xc3"},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range string(text) {
				if r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar {
					t.Fatalf("%U at byte %d of\n%q", r, i, text)
				}
			}
			c, err := loadIn(write(t, string(text), 0o600), nil)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			got := c.Sources[0].Spec
			if got.Columns["invoice_no"].Column != header || len(got.Format.Nulls) != 2 || got.Format.Nulls[1] != header {
				t.Errorf("read back %q, %q", got.Columns["invoice_no"].Column, got.Format.Nulls)
			}
		})
	}
}
