package source

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const exampleYAML = `
name: online-retail
kind: csv
entity: purchases
path: data/*.csv.gz
format: {delimiter: ",", encoding: utf-8, header: true, timestamp: "%Y-%m-%d %H:%M:%S", decimal: ".", nulls: ["", "NULL"]}
timezone: Europe/London
columns: {invoice_no: InvoiceNo, product_code: StockCode, description: {column: Description, trim: true}, quantity: Quantity,
          unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country}
rules: {quantity: {required: true}, unit_price: {required: true, min: -100000, max: 100000}, ordered_at: {min: 2009-01-01}}
contract: {new: warn, missing: stop, type: reject}
max_rejects: 1%
duplicates: collapse
return_prefix: C
adjust_prefix: A
service_codes: [POST, DOT, M, m, D, S, B, C2, CRUK, PADS, AMAZONFEE, "BANK CHARGES", "gift_*", "DCGS*"]
pii: [customer_id]
required: true
expect: {by: "06:00", every: 1d, min_rows: 1}
`

func decode(t *testing.T, text string) Spec {
	t.Helper()
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	var s Spec
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSpecFromYAML(t *testing.T) {
	s := decode(t, exampleYAML)
	if ps := s.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	if s.Columns["description"] != (Column{Column: "Description", Trim: true}) || s.Columns["country"] != (Column{Column: "Country"}) {
		t.Errorf("columns %v", s.Columns)
	}
	if s.Rules["unit_price"].Min != "-100000" || s.Rules["ordered_at"].Min != "2009-01-01" || s.MaxRejects != "1%" {
		t.Errorf("rules %v, max_rejects %q", s.Rules, s.MaxRejects)
	}
	d := yaml.NewDecoder(strings.NewReader("columns: {description: {column: x, trimm: true}}"))
	d.KnownFields(true)
	if err := d.Decode(new(Spec)); err == nil {
		t.Error("an unknown key inside a column is no error")
	}
	text, err := yaml.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	if back := decode(t, string(text)); !reflect.DeepEqual(back, s) {
		t.Errorf("after a round trip:\n%s", text)
	}
	if !strings.Contains(string(text), "country: Country\n") {
		t.Errorf("a plain column is not written short:\n%s", text)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*Spec)
		path   string // of the only problem, with the nearest name behind a ~
	}{
		{func(s *Spec) { s.Name = "" }, "name"},
		{func(s *Spec) { s.Name = "a b" }, "name"},
		{func(s *Spec) { s.Name = strings.Repeat("x", 64) }, "name"},
		{func(s *Spec) { s.Kind = "cvs" }, "kind~csv"},
		{func(s *Spec) { s.Kind = "api" }, "kind"},
		{func(s *Spec) { s.Entity = "purchase" }, "entity~purchases"},
		{func(s *Spec) { s.Path = "" }, "path"},
		{func(s *Spec) { s.Path = "data/[" }, "path"},
		{func(s *Spec) { s.Timezone = "Europe/Londno" }, "timezone"},
		{func(s *Spec) { s.Timezone = "Local" }, "timezone"},
		{func(s *Spec) { s.Format.Delimiter = "::" }, "format.delimiter"},
		{func(s *Spec) { s.Format.Delimiter = "5" }, "format.delimiter"},
		{func(s *Spec) { s.Format.Delimiter = "§" }, "format.delimiter"},
		{func(s *Spec) { s.Format.Quote = "\n" }, "format.quote"},
		{func(s *Spec) { s.Format.Quote = "," }, "format.quote"},
		{func(s *Spec) { s.Format.Encoding = "uft-8" }, "format.encoding~utf-8"},
		{func(s *Spec) { s.Format.Header = new(bool) }, "format.names"},
		{func(s *Spec) { s.Format.Names = []string{"a", "a"} }, "format.names.1"},
		{func(s *Spec) { s.Format.Timestamp = "%Y-%m" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Timestamp = "%Y-%m-%d %Q" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Timestamp = "yyyy-MM-dd" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Timestamp = "%Y-%m-%d %I:%M" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Timestamp = "%Y-%m-%d %" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Timestamp = "%Y-%m-%d %m" }, "format.timestamp"},
		{func(s *Spec) { s.Format.Decimal = ";" }, "format.decimal"},
		{func(s *Spec) { s.Format.Thousands = "." }, "format.thousands"},
		{func(s *Spec) { s.Format.Thousands = "ab" }, "format.thousands"},
		{func(s *Spec) { s.Columns = nil }, "columns"},
		{func(s *Spec) { s.Columns["invoice_nr"] = Column{Column: "x"} }, "columns.invoice_nr~invoice_no"},
		{func(s *Spec) { s.Columns["extra"] = Column{Column: "x"} }, "columns.extra"},
		{func(s *Spec) { s.Columns["tax"] = Column{} }, "columns.tax"},
		{func(s *Spec) { s.Columns["tax"] = Column{Column: "p"} }, "columns.unit_price"},
		{func(s *Spec) { s.Columns["tax"] = Column{Column: "x", Timestamp: "%Y"} }, "columns.tax.timestamp"},
		{func(s *Spec) { s.Columns["ordered_at"] = Column{Column: "t", Timestamp: "%Y"} }, "columns.ordered_at.timestamp"},
		{func(s *Spec) { delete(s.Columns, "ordered_at") }, "columns"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantty": {}} }, "rules.quantty~quantity"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Type: "int"}} }, "rules.quantity.type~decimal"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Type: "intger"}} }, "rules.quantity.type~integer"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Min: "x"}} }, "rules.quantity.min"},
		{func(s *Spec) { s.Rules = map[string]Rule{"country": {Min: "1"}} }, "rules.country.min"},
		{func(s *Spec) { s.Rules = map[string]Rule{"ordered_at": {Max: "yesterday"}} }, "rules.ordered_at.max"},
		{func(s *Spec) { s.Rules = map[string]Rule{"country": {Pattern: "("}} }, "rules.country.pattern"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {OneOf: []string{"1", "x"}}} }, "rules.quantity.one_of.1"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Default: "x"}} }, "rules.quantity.default"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Min: "5", Default: "1"}} }, "rules.quantity.default"},
		{func(s *Spec) { s.Rules = map[string]Rule{"quantity": {Default: "1.2345"}} }, "rules.quantity.default"},
		{func(s *Spec) { s.Lookup = []Lookup{{Path: "x", Key: map[string]string{"a": "b"}}} }, "lookup.0.columns"},
		{func(s *Spec) {
			s.Lookup = []Lookup{{Path: "x", Columns: map[string]Column{"country": {Column: "c"}}}}
		}, "lookup.0.key"},
		{func(s *Spec) {
			s.Lookup = []Lookup{{Path: "-", Key: map[string]string{"a": "b"}, Columns: map[string]Column{"country": {Column: "c"}}}}
		}, "lookup.0.path"},
		{func(s *Spec) {
			s.Lookup = []Lookup{{Path: "x", Key: map[string]string{"a": "b"}, Columns: map[string]Column{"contry": {Column: "c"}}}}
		}, "lookup.0.columns.contry~country"},
		{func(s *Spec) {
			s.Lookup = []Lookup{{Path: "x", Key: map[string]string{"a": "b"}, Columns: map[string]Column{"quantity": {Column: "c"}}}}
		}, "lookup.0.columns.quantity"},
		{func(s *Spec) {
			l := Lookup{Path: "x", Key: map[string]string{"a": "b"}, Columns: map[string]Column{"country": {Column: "c"}}}
			s.Lookup = []Lookup{l, l}
		}, "lookup.1.columns.country"},
		{func(s *Spec) {
			s.Lookup = []Lookup{{Path: "x", Key: map[string]string{"a": "b"}, Columns: map[string]Column{"country": {Column: "c"}}, Missing: "nul", Format: Format{}}}
		}, "lookup.0.missing~null"},
		{func(s *Spec) { s.Contract.New = "wran" }, "contract.new~warn"},
		{func(s *Spec) { s.Contract.Missing = "ignore" }, "contract.missing"},
		{func(s *Spec) { s.Contract.Type = "Reject" }, "contract.type~reject"},
		{func(s *Spec) { s.MaxRejects = "some" }, "max_rejects"},
		{func(s *Spec) { s.Duplicates = "colapse" }, "duplicates~collapse"},
		{func(s *Spec) { s.ReturnPrefix, s.AdjustPrefix = "C", "C" }, "adjust_prefix"},
		{func(s *Spec) { s.VoidStatus, s.ReturnStatus = []string{"x"}, []string{"y", "x"} }, "return_status.1"},
		{func(s *Spec) { s.Currency = "pounds" }, "currency"},
		{func(s *Spec) { s.OnChange = "replcae" }, "on_change~replace"},
		{func(s *Spec) { s.PII = []string{"customer"} }, "pii.0"},
		{func(s *Spec) { s.PII = []string{"customerid"} }, "pii.0~customer_id"},
		{func(s *Spec) { s.Expect.By = "6 am" }, "expect.by"},
		{func(s *Spec) { s.Expect.Every = "daily" }, "expect.every"},
		{func(s *Spec) { s.Expect.MinRows = -1 }, "expect.min_rows"},
		{func(s *Spec) { s.Limits.Bytes = -1 }, "limits.bytes"},
		{func(s *Spec) { s.Limits.Ratio = -1 }, "limits.ratio"},
	} {
		s := small()
		c.change(s)
		var have []string
		for _, p := range s.Validate() {
			text := strings.Join(p.Path, ".")
			if p.Nearest != "" {
				text += "~" + p.Nearest
			}
			if p.Message == "" {
				t.Errorf("%s has no message", text)
			}
			have = append(have, text)
		}
		if !reflect.DeepEqual(have, []string{c.path}) {
			t.Errorf("problems at %q, want %q", have, c.path)
		}
	}
}

func TestNearest(t *testing.T) {
	valid := Columns()
	for name, want := range map[string]string{
		"invoice_nr": "invoice_no", "InvoiceNo": "invoice_no", "qunatity": "quantity", "unit_pirce": "unit_price", "ordered": "", "x": "", "": "", "TAX": "tax", "counrty": "country",
	} {
		if have := Nearest(name, valid); have != want {
			t.Errorf("%q is near %q, want %q", name, have, want)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		text           string
		rejected, read int64
		want           bool
	}{
		{"", 1 << 40, 1 << 40, false},
		{"0", 0, 10, false},
		{"0", 1, 10, true},
		{"5", 5, 5, false},
		{"5", 6, 1000, true},
		{"1%", 1, 100, false},
		{"1%", 2, 100, true},
		{"1%", 1, 99, true},
		{"1%", 0, 0, false},
		{"0%", 0, 10, false},
		{"0%", 1, 10, true},
		{"0.1%", 1, 1000, false},
		{"0.1%", 1, 999, true},
		{"100%", 10, 10, false},
		{"33.333333%", 33333333, 100_000_000, false},
		{"33.333333%", 33333334, 100_000_000, true},
		{"1%", 1 << 50, 100 << 50, false},
		{"1%", 1<<50 + 1, 100 << 50, true},
	} {
		l, err := ParseLimit(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if have := l.Exceeded(c.rejected, c.read); have != c.want {
			t.Errorf("%q: %d of %d: %v, want %v", c.text, c.rejected, c.read, have, c.want)
		}
		if l.String() != c.text {
			t.Errorf("%q is written %q", c.text, l)
		}
	}
	for _, text := range []string{"-1", "1.5", "101%", "x%", "%", "1 %%", "-1%", "1e3"} {
		if _, err := ParseLimit(text); err == nil {
			t.Errorf("%q is no error", text)
		}
	}
}

func TestFingerprints(t *testing.T) {
	base := func() *Spec { s := decode(t, exampleYAML); return &s }
	yes := true
	type change struct {
		name           string
		do             func(*Spec)
		mapping, rules bool
	}
	for _, c := range []change{
		{"nothing", func(*Spec) {}, false, false},
		{"a default written out", func(s *Spec) { s.Format.Delimiter, s.IntegerIDs, s.OnChange = ",", &yes, "append" }, false, false},
		{"an empty null word", func(s *Spec) { s.Format.Nulls = []string{"NULL"} }, false, false},
		{"path", func(s *Spec) { s.Path = "elsewhere" }, false, false},
		{"max_rejects", func(s *Spec) { s.MaxRejects = "5%" }, false, false},
		{"contract", func(s *Spec) { s.Contract.New = "ignore" }, false, false},
		{"pii", func(s *Spec) { s.PII = nil }, false, false},
		{"timezone", func(s *Spec) { s.Timezone = "UTC" }, true, false},
		{"delimiter", func(s *Spec) { s.Format.Delimiter = ";" }, true, false},
		{"null words", func(s *Spec) { s.Format.Nulls = []string{"-"} }, true, false},
		{"a column", func(s *Spec) { s.Columns["country"] = Column{Column: "Land"} }, true, false},
		{"trimming", func(s *Spec) { s.Columns["country"] = Column{Column: "Country", Trim: true} }, true, false},
		{"a rule", func(s *Spec) { s.Rules["quantity"] = Rule{Min: "0"} }, true, false},
		{"a lookup", func(s *Spec) { s.Lookup = []Lookup{{Key: map[string]string{"a": "b"}}} }, true, false},
		{"duplicates", func(s *Spec) { s.Duplicates = "" }, false, true},
		{"prefix", func(s *Spec) { s.ReturnPrefix = "R" }, false, true},
		{"prefixes swapped", func(s *Spec) { s.ReturnPrefix, s.AdjustPrefix = "A", "C" }, false, true},
		{"service codes", func(s *Spec) { s.ServiceCodes = s.ServiceCodes[1:] }, false, true},
		{"currency", func(s *Spec) { s.Currency = "EUR" }, false, true},
		{"tax", func(s *Spec) { s.TaxIncluded = true }, false, true},
		{"on_change", func(s *Spec) { s.OnChange = "replace" }, false, true},
	} {
		a, b := base(), base()
		c.do(b)
		if changed := a.Fingerprint(nil) != b.Fingerprint(nil); changed != c.mapping {
			t.Errorf("%s: mapping fingerprint changed: %v", c.name, changed)
		}
		if changed := a.RulesFingerprint() != b.RulesFingerprint(); changed != c.rules {
			t.Errorf("%s: rules fingerprint changed: %v", c.name, changed)
		}
	}
	s := base()
	if s.Fingerprint(nil) == s.Fingerprint([][32]byte{{1}}) || s.Fingerprint([][32]byte{{1}, {2}}) == s.Fingerprint([][32]byte{{2}, {1}}) {
		t.Error("lookup files do not count")
	}
}
