package config

import (
	"path/filepath"
	"strings"
	"testing"

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
		{Path: []string{"pii"}, Value: "Phone", Confidence: 0.97, Reason: "it cannot be masked"},
		{Path: []string{"columns", "currency"}, Reason: "no column looks like it"},
		{Path: []string{"duplicates"}, Value: "collapse", Confidence: 0.7, Reason: "some repeat", Alternative: "keep"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
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
