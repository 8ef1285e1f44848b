package source

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestInferPersonal(t *testing.T) {
	const mail, phone = "user%d@example.com", "020-7946-%04d"
	for _, c := range []struct {
		name, header, values string // beside a purchase; %d is the record
		pii                  []string
		path, value          string // of a note
		confidence           float64
		reason               string
	}{
		{"a customer's number", "CustomerID", "17%03d", []string{"customer_id"}, "pii.customer_id", "customer_id", 0.8, "tells customers apart"},
		{"a number that is an address", "buyer", mail, []string{"customer_id"}, "pii.customer_id", "customer_id", 0.99, "100.0% of the values"},
		{"an address that is none", "Email", "nobody %d", []string{"customer_id"}, "pii.customer_id", "customer_id", 0.6, "only 0.0%"},
		{"a name for a customer", "Kunde", "Anna %d", []string{"customer_id"}, "pii.customer_id", "customer_id", 0.8, ""},
		{"addresses in another column", "status", mail, []string{"status"}, "pii.status", "status", 0.99, "e-mail"},
		{"mapped to nothing, by its name and values", "Téléphone", phone, nil, "pii", "Téléphone", 0.97, "kept in extra"},
		{"by its name alone", "Ship Name", "Anna %d", nil, "pii", "Ship Name", 0.85, "names of people"},
		{"by its values alone", "note", mail, nil, "pii", "note", 0.99, "e-mail"},
		{"with no value", "Vorname", "", nil, "pii", "Vorname", 0.6, "no value"},
		{"numbers that are written like telephones", "batch", phone, nil, "", "", 0, ""},
		{"product codes that are", "stock code", phone, nil, "", "", 0, ""},
		{"times", "at", "2024-05-%02d 10:00:00", nil, "", "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "order_id,qty,price,orderdate," + c.header + "\n"
			for i := range 20 {
				value := c.values
				if strings.Contains(value, "%") {
					value = fmt.Sprintf(value, i+1)
				}
				text += fmt.Sprintf("%d,1,1.50,2024-05-%02d 10:00:00,%s\n", i, i+1, value)
			}
			g := inferText(t, text)
			if !slices.Equal(g.Spec.PII, c.pii) {
				t.Errorf("pii %v, want %v", g.Spec.PII, c.pii)
			}
			if ps := g.Spec.Validate(); len(ps) > 0 {
				t.Errorf("no valid source: %v", ps)
			}
			var found []Note
			for _, n := range g.Notes {
				if n.Path[0] == "pii" {
					found = append(found, n)
				}
			}
			switch {
			case c.path == "":
				if len(found) > 0 {
					t.Errorf("told: %+v", found)
				}
			case len(found) != 1:
				t.Errorf("%d notes: %+v", len(found), found)
			default:
				n := found[0]
				if strings.Join(n.Path, ".") != c.path || n.Value != c.value || math.Abs(n.Confidence-c.confidence) > 1e-9 || !strings.Contains(n.Reason, c.reason) {
					t.Errorf("told: %+v", n)
				}
			}
		})
	}
}

func TestPersonalWordsAreReachable(t *testing.T) {
	seen := map[string]bool{}
	for kind, words := range personalWords {
		for word := range strings.FieldsSeq(words) {
			if plainName(word) != word {
				t.Errorf("%q is never compared as it stands", word)
			}
			if seen[word] {
				t.Errorf("%q is listed twice", word)
			}
			seen[word] = true
			if got := personalKind(word); got != kind {
				t.Errorf("%q means %q", word, got)
			}
		}
	}
}

func TestEmailsAndPhones(t *testing.T) {
	for text, want := range map[string][2]bool{
		"ann@example.com": {true, false}, "a.b+c@mail.example.co.uk": {true, false}, "@example.com": {}, "ann@example": {}, "ann@example.c": {},
		"ann@@example.com": {}, "Ann <ann@example.com>": {}, "": {},
		"+44 20 7946 0958": {false, true}, "(5) 555-4729": {false, true}, "030-0074321": {false, true}, "12-34": {}, "2024-01-05 10:00:00": {},
		"1234567890123456": {}, "44+20 7946 0958": {}, "PO-20-7946": {},
	} {
		if got := [2]bool{isEmail(text), isPhone(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
