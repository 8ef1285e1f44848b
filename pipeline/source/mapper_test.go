package source

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// small is a source with short column names for table tests.
func small() *Spec {
	return &Spec{
		Name: "s", Path: "x.csv",
		Columns: map[string]Column{"invoice_no": {Column: "i"}, "quantity": {Column: "q"}, "unit_price": {Column: "p"}, "ordered_at": {Column: "t"}},
	}
}

const smallHeader = "i,q,p,t\n"

func TestMapperNumbers(t *testing.T) {
	for _, c := range []struct {
		decimal, thousands, text, want string // want: a value, or a reason with a !
	}{
		{"", "", "6", "6"},
		{"", "", "-12.5", "-12.5"},
		{"", "", "+3.125", "3.125"},
		{"", "", "0", "0"},
		{"", "", "-0", "0"},
		{"", "", "-0.0", "0"},
		{"", "", ".5", "0.5"},
		{"", "", "5.", "5"},
		{"", "", " 7\t", "7"},
		{"", "", "007", "7"},
		{"", "", "10000", "10000"},
		{"", "", "100000000", "100000000"},
		{"", "", "99999999999.999", "99999999999.999"},
		{"", "", "100000000000", "!range"},
		{"", "", "00000000000000000000001", "1"},
		{"", "", "123456789012345678901234567890", "!range"},
		{"", "", "123456789012345678901234567890x", "!type"},
		{"", "", "1.2345", "!scale"},
		{"", "", "1.2340000000000000000", "1.234"},
		{"", "", "0.001", "0.001"},
		{"", "", "0.0001", "!scale"},
		{"", "", "1e3", "!type"},
		{"", "", "1E+05", "!type"},
		{"", "", "NaN", "!type"},
		{"", "", "Infinity", "!type"},
		{"", "", "0x10", "!type"},
		{"", "", "1_000", "!type"},
		{"", "", "--1", "!type"},
		{"", "", "-", "!type"},
		{"", "", ".", "!type"},
		{"", "", "1.2.3", "!type"},
		{"", "", "1 2", "!type"},
		{"", "", "(5)", "!type"},
		{"", "", "£5", "!type"},
		{"", "", "٣", "!type"},
		{"", "", "1,5", "!type"}, // quoted below, so it is one field
		{"", "", "", "!required"},
		{",", "", "1,5", "1.5"},
		{",", "", "1.5", "!type"},
		{",", ".", "1.234,5", "1234.5"},
		{",", ".", "-1.234.567,5", "-1234567.5"},
		{",", ".", "1.23,5", "!type"},
		{",", ".", "1234,5", "1234.5"},
		{"", ",", "1,234.5", "1234.5"},
		{"", ",", "1,5", "!type"},
		{"", ",", ",234", "!type"},
		{"", ",", "1,234,", "!type"},
		{"", ",", "1234,567", "!type"},
		{"", "'", "1'234", "1234"},
		{"", " ", "1 234", "1234"},
		{"", "\u00a0", "1\u00a0234", "1234"},
		{",", "\u202f", "1\u202f234,25", "1234.25"},
	} {
		s := small()
		s.Format.Decimal, s.Format.Thousands = c.decimal, c.thousands
		if ps := s.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		out := mustIngest(t, s, smallHeader+"1,\""+c.text+"\",1,2020-01-01 00:00:00\n", ingestOptions{})
		if have := outcome(out, "quantity"); have != c.want {
			t.Errorf("decimal %q thousands %q: %q gives %s, want %s", c.decimal, c.thousands, c.text, have, c.want)
		}
	}
}

// outcome is the value of a column in the only row, or the only reject's
// reason.
func outcome(out taken, column string) string {
	if len(out.rejects) == 1 && len(out.rows) == 0 && out.rejects[0].Column == column {
		return "!" + out.rejects[0].Reason
	}
	if len(out.rows) != 1 || len(out.rejects) != 0 {
		return "?"
	}
	return out.rows[0][column]
}

func TestMapperTimes(t *testing.T) {
	for _, c := range []struct{ layout, zone, text, want string }{
		{"", "", "2010-12-01 08:26:00", "2010-12-01T08:26:00Z"},
		{"", "", " 2010-12-01 08:26:00 ", "2010-12-01T08:26:00Z"},
		{"", "", "2010-2-1 8:26:00", "2010-02-01T08:26:00Z"},
		{"", "", "2010-12-01 08:26", "!type"},
		{"", "", "2010-12-01 08:26:00.5", "!type"},
		{"", "", "2010-12-01T08:26:00", "!type"},
		{"", "", "2010-02-30 00:00:00", "!type"},
		{"", "", "2012-02-29 00:00:00", "2012-02-29T00:00:00Z"},
		{"", "", "2100-02-29 00:00:00", "!type"},
		{"", "", "2010-12-01 24:00:00", "!type"},
		{"", "", "2010-12-01 23:59:60", "!type"},
		{"", "", "0000-01-01 00:00:00", "!type"},
		{"", "", "0001-01-01 00:00:00", "0001-01-01T00:00:00Z"},
		{"", "", "9999-12-31 23:59:59", "9999-12-31T23:59:59Z"},
		{"", "", "1969-12-31 23:59:59", "1969-12-31T23:59:59Z"},
		{"", "", "now", "!type"},
		{"", "", "infinity", "!type"},
		{"", "", "", "!required"},
		{"%Y-%m-%d", "", "2010-12-01", "2010-12-01T00:00:00Z"},
		{"%F %T", "", "2010-12-01 01:02:03", "2010-12-01T01:02:03Z"},
		{"%Y-%m-%dT%H:%M:%S.%f", "", "2010-12-01T08:26:00.123456", "2010-12-01T08:26:00.123456Z"},
		{"%Y-%m-%d %H:%M:%S.%f", "", "2010-12-01 08:26:00.1", "2010-12-01T08:26:00.1Z"},
		{"%Y-%m-%d %H:%M:%S.%f", "", "2010-12-01 08:26:00.1234560", "2010-12-01T08:26:00.123456Z"},
		{"%Y-%m-%d %H:%M:%S.%f", "", "2010-12-01 08:26:00.1234561", "!scale"},
		{"%Y-%m-%d %H:%M:%S.%f", "", "2010-12-01 08:26:00.", "!type"},
		{"%d.%m.%Y %H:%M", "", "31.12.2010 23:59", "2010-12-31T23:59:00Z"},
		{"%d.%m.%Y %H:%M", "", "1.2.2010 3:04", "2010-02-01T03:04:00Z"},
		{"%m/%d/%y %I:%M %p", "", "12/31/10 12:05 am", "2010-12-31T00:05:00Z"},
		{"%m/%d/%y %I:%M %p", "", "12/31/10 12:05 PM", "2010-12-31T12:05:00Z"},
		{"%m/%d/%y %I:%M %p", "", "12/31/68 1:05 PM", "2068-12-31T13:05:00Z"},
		{"%m/%d/%y %I:%M %p", "", "12/31/69 13:05 PM", "!type"},
		{"%d %b %Y", "", "5 March 2011", "2011-03-05T00:00:00Z"},
		{"%a, %d %B %Y", "", "Sat, 05 mar 2011", "2011-03-05T00:00:00Z"},
		{"%Y%m%d%H%M%S", "", "20101201082600", "2010-12-01T08:26:00Z"},
		{"%Y-%j", "", "2012-366", "2012-12-31T00:00:00Z"},
		{"%Y-%j", "", "2011-366", "!type"},
		{"%s", "", "1291191960", "2010-12-01T08:26:00Z"},
		{"%s", "", "-1", "1969-12-31T23:59:59Z"},
		{"%Y-%m-%dT%H:%M:%S%z", "Europe/London", "2011-07-01T08:26:00Z", "2011-07-01T08:26:00Z"},
		{"%Y-%m-%dT%H:%M:%S%z", "Europe/London", "2011-07-01T08:26:00+02:00", "2011-07-01T06:26:00Z"},
		{"%Y-%m-%dT%H:%M:%S%z", "", "2011-07-01T08:26:00-0530", "2011-07-01T13:56:00Z"},
		{"%Y-%m-%dT%H:%M:%S%z", "", "2011-07-01T08:26:00+25:00", "!type"},
		{"%Y-%m-%d %H:%M:%S %Z", "Europe/London", "2011-07-01 08:26:00 UTC", "2011-07-01T08:26:00Z"},
		{"%Y-%m-%d %H:%M:%S %Z", "", "2011-07-01 08:26:00 CEST", "!type"},
		{"", "Europe/London", "2011-07-01 08:26:00", "2011-07-01T07:26:00Z"},
		{"", "Europe/London", "2011-01-01 08:26:00", "2011-01-01T08:26:00Z"},
		{"", "Europe/London", "2011-03-27 00:59:59", "2011-03-27T00:59:59Z"},
		{"", "Europe/London", "2011-03-27 01:00:00", "!no_such_time"},
		{"", "Europe/London", "2011-03-27 01:59:59", "!no_such_time"},
		{"", "Europe/London", "2011-03-27 02:00:00", "2011-03-27T01:00:00Z"},
		{"", "Europe/London", "2011-10-30 00:59:59", "2011-10-29T23:59:59Z"},
		{"", "Europe/London", "2011-10-30 01:30:00", "2011-10-30T00:30:00Z"}, // twice: the first
		{"", "Europe/London", "2011-10-30 02:00:00", "2011-10-30T02:00:00Z"},
		{"", "America/New_York", "2011-11-06 01:30:00", "2011-11-06T05:30:00Z"},
		{"", "Pacific/Apia", "2011-12-30 12:00:00", "!no_such_time"}, // a whole day skipped
		{"", "Pacific/Apia", "2011-12-31 00:00:00", "2011-12-30T10:00:00Z"},
		{"", "Australia/Lord_Howe", "2011-04-03 01:45:00", "2011-04-02T14:45:00Z"}, // half an hour back
		{"", "Asia/Kathmandu", "2011-01-01 00:00:00", "2010-12-31T18:15:00Z"},
	} {
		s := small()
		s.Format.Timestamp, s.Timezone = c.layout, c.zone
		if ps := s.Validate(); len(ps) > 0 {
			t.Fatal(ps)
		}
		// the second, equal line takes the remembered time
		out := mustIngest(t, s, smallHeader+strings.Repeat("1,1,1,\""+c.text+"\"\n", 2), ingestOptions{})
		first, second := out, out
		if len(out.rows) == 2 {
			first.rows, second.rows = out.rows[:1], out.rows[1:]
		} else if len(out.rejects) == 2 {
			first.rejects, second.rejects = out.rejects[:1], out.rejects[1:]
		}
		if have := outcome(first, "ordered_at"); have != c.want || outcome(second, "ordered_at") != have {
			t.Errorf("%q in %s: %q gives %s and %s, want %s", c.layout, c.zone, c.text, have, outcome(second, "ordered_at"), c.want)
		}
	}
}

func TestMapperText(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*Spec)
		text, want string
	}{
		{"as it is", nil, " a b ", " a b "},
		{"trimmed", func(s *Spec) { s.Columns["country"] = Column{Column: "c", Trim: true} }, " \ta b ", "a b"},
		{"trimmed to nothing", func(s *Spec) { s.Columns["country"] = Column{Column: "c", Trim: true} }, "  ", ""},
		{"a space is no null", nil, " ", " "},
		{"empty", nil, "", ""},
		{"null word", func(s *Spec) { s.Format.Nulls = []string{"NULL", "n/a"} }, "n/a", ""},
		{"null words know case", func(s *Spec) { s.Format.Nulls = []string{"NULL"} }, "null", "null"},
		{"quotes", nil, `say ""hi""`, `say "hi"`},
		{"crlf", nil, "a\r\nb", "a\r\nb"},
		{"invalid utf-8", nil, "a\xffb", "!encoding"},
		{"surrogate", nil, "\xed\xa0\x80", "!encoding"},
		{"overlong", nil, "\xc0\xaf", "!encoding"},
		{"nul", nil, "a\x00b", "!nul"},
		{"formula", nil, "=1+1", "=1+1"},
		{"backslash dot", nil, `\.`, `\.`},
		{"latin-1", func(s *Spec) { s.Format.Encoding = "latin-1" }, "M\xfcnchen\x85", "München\u0085"},
		{"windows-1252", func(s *Spec) { s.Format.Encoding = "windows-1252" }, "\x80 \x93x\x94 \xfc", "€ “x” ü"},
		{"windows-1252 hole", func(s *Spec) { s.Format.Encoding = "windows-1252" }, "a\x81", "!encoding"},
		{"required", func(s *Spec) { s.Rules = map[string]Rule{"country": {Required: true}} }, "", "!required"},
		{"default", func(s *Spec) { s.Rules = map[string]Rule{"country": {Required: true, Default: "GB"}} }, "", "GB"},
		{"default unused", func(s *Spec) { s.Rules = map[string]Rule{"country": {Default: "GB"}} }, "DE", "DE"},
		{"pattern", func(s *Spec) { s.Rules = map[string]Rule{"country": {Pattern: "[A-Z]{2}"}} }, "GB", "GB"},
		{"pattern wants the whole value", func(s *Spec) { s.Rules = map[string]Rule{"country": {Pattern: "[A-Z]{2}"}} }, "GBR", "!pattern"},
		{"pattern skips null", func(s *Spec) { s.Rules = map[string]Rule{"country": {Pattern: "[A-Z]{2}"}} }, "", ""},
		{"one of", func(s *Spec) { s.Rules = map[string]Rule{"country": {OneOf: []string{"DE", "GB"}}} }, "GB", "GB"},
		{"one of, not", func(s *Spec) { s.Rules = map[string]Rule{"country": {OneOf: []string{"DE", "GB"}}} }, "gb", "!one_of"},
		{"type integer", func(s *Spec) { s.Rules = map[string]Rule{"country": {Type: "integer"}} }, "-12", "-12"},
		{"type integer, not", func(s *Spec) { s.Rules = map[string]Rule{"country": {Type: "integer"}} }, "1.5", "!type"},
		{"type decimal", func(s *Spec) { s.Rules = map[string]Rule{"country": {Type: "decimal"}} }, "1.5", "1.5"},
		{"type decimal, not", func(s *Spec) { s.Rules = map[string]Rule{"country": {Type: "decimal"}} }, ".", "!type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := small()
			s.Columns["country"] = Column{Column: "c"}
			if c.change != nil {
				c.change(s)
			}
			if ps := s.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			out := mustIngest(t, s, "i,q,p,t,c\n1,1,1,2020-01-01 00:00:00,\""+c.text+"\"\n", ingestOptions{})
			if have := outcome(out, "country"); have != c.want {
				t.Errorf("%q, want %q", have, c.want)
			}
		})
	}
}

func TestMapperCustomerIDs(t *testing.T) {
	no := false
	for _, c := range []struct {
		ids        *bool
		text, want string
	}{
		{nil, "17850.0", "17850"},
		{nil, "17850.00", "17850"},
		{nil, "17850", "17850"},
		{nil, "17850.5", "17850.5"},
		{nil, ".0", ".0"},
		{nil, "A.0", "A.0"},
		{nil, "1.0.0", "1.0.0"},
		{nil, "-1.0", "-1.0"},
		{nil, "0.0", "0"},
		{&no, "17850.0", "17850.0"},
	} {
		s := small()
		s.IntegerIDs = c.ids
		s.Columns["customer_id"] = Column{Column: "c"}
		out := mustIngest(t, s, "i,q,p,t,c\n1,1,1,2020-01-01 00:00:00,"+c.text+"\n", ingestOptions{})
		if have := outcome(out, "customer_id"); have != c.want {
			t.Errorf("%q gives %q, want %q", c.text, have, c.want)
		}
	}
}

func TestMapperRulesOfNumbersAndTimes(t *testing.T) {
	for _, c := range []struct {
		name   string
		column string
		rule   Rule
		value  string
		want   string
	}{
		{"min", "quantity", Rule{Min: "-5"}, "-5.001", "!min"},
		{"min itself", "quantity", Rule{Min: "-5"}, "-5", "-5"},
		{"max", "quantity", Rule{Max: "10.5"}, "10.501", "!max"},
		{"max itself", "quantity", Rule{Max: "10.5"}, "10.5", "10.5"},
		{"negative order", "quantity", Rule{Min: "-10"}, "-11", "!min"},
		{"integer", "quantity", Rule{Type: "integer"}, "1.0", "1"},
		{"integer, not", "quantity", Rule{Type: "integer"}, "1.5", "!type"},
		{"one of by value", "quantity", Rule{OneOf: []string{"1", "2.50"}}, "2.5", "2.5"},
		{"one of, not", "quantity", Rule{OneOf: []string{"1", "2"}}, "3", "!one_of"},
		{"pattern of the text", "quantity", Rule{Pattern: `\d+`}, "3.0", "!pattern"},
		{"default", "quantity", Rule{Default: "2.5"}, "", "2.5"},
		{"from", "ordered_at", Rule{Min: "2010-01-01"}, "2009-12-31 23:59:59", "!min"},
		{"to", "ordered_at", Rule{Max: "2010-12-31 12:00:00"}, "2010-12-31 12:00:01", "!max"},
		{"to itself", "ordered_at", Rule{Max: "2010-12-31 12:00:00"}, "2010-12-31 12:00:00", "2010-12-31T12:00:00Z"},
		{"default time", "ordered_at", Rule{Default: "2010-12-31 12:00:00"}, "", "2010-12-31T12:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := small()
			s.Rules = map[string]Rule{c.column: c.rule}
			if ps := s.Validate(); len(ps) > 0 {
				t.Fatal(ps)
			}
			q, at := "1", "2020-01-01 00:00:00"
			if c.column == "quantity" {
				q = c.value
			} else {
				at = c.value
			}
			out := mustIngest(t, s, smallHeader+"1,"+q+",1,"+at+"\n", ingestOptions{})
			if have := outcome(out, c.column); have != c.want {
				t.Errorf("%q, want %q", have, c.want)
			}
		})
	}
}

func TestMapperNeverShiftsFields(t *testing.T) {
	out := mustIngest(t, small(), smallHeader+
		"1,1,1,2020-01-01 00:00:00\n"+ // 1 good
		"2,1,1\n"+ // 2 too few
		"3,1,1,2020-01-01 00:00:00,surplus\n"+ // 3 too many
		"4,1,1,2020-01-01 00:00:00,\n"+ // 4 a trailing delimiter is a field
		"\n"+
		"5,\"1\n\",1,2020-01-01 00:00:00\n"+ // 5 a number with a line end
		"6,\"1,1,2020-01-01 00:00:00\n"+ // 6 unclosed
		"\\.\n"+ // 7
		"8,1,1,2020-01-01 00:00:00\n", ingestOptions{})
	want := []string{"2 fields", "3 fields", "4 fields", "5 type quantity", "6 quote", "7 fields"}
	if have := out.reasons(); !reflect.DeepEqual(have, want) {
		t.Errorf("%q, want %q", have, want)
	}
	if out.read != 8 || len(out.rows) != 2 || out.blank != 1 {
		t.Errorf("read %d, loaded %d, blank %d", out.read, len(out.rows), out.blank)
	}
	last := out.rows[1]
	if last["record"] != "8" || last["line"] != "11" || last["invoice_no"] != "8" {
		t.Errorf("last row %v", last)
	}
	for _, r := range out.rejects {
		if r.Record == 6 && (r.Line != 9 || string(r.Raw) != "6,\"1,1,2020-01-01 00:00:00") {
			t.Errorf("unclosed: %+v %q", r, r.Raw)
		}
	}
}

func TestMapperExtra(t *testing.T) {
	s := small()
	s.Columns["country"] = Column{Column: "c"}
	s.Format.Nulls = []string{"NULL"}
	s.Extra = []string{"note"}
	head := "note,i,q,p,t,c,,note,\"a\"\"b\"\n"
	out := mustIngest(t, s, head+
		"\"line\n1 \"\"x\"\" \\\",1,1,1,2020-01-01 00:00:00,GB,e,é\x01,z\n"+
		"NULL,1,1,1,2020-01-01 00:00:00,GB,,NULL,\n", ingestOptions{})
	want := `{"note":"line\u000a1 \"x\" \\","column_7":"e","note_2":"é\u0001","a\"b":"z"}`
	if have := out.rows[0]["extra"]; have != want {
		t.Errorf("extra %s\nwant  %s", have, want)
	}
	if have, ok := out.rows[1]["extra"]; ok {
		t.Errorf("extra %s, want NULL", have)
	}
	var found []string
	for _, f := range out.findings {
		found = append(found, f.Kind+" "+f.Column)
	}
	if want := []string{"new column_7", "new note_2", "new a\"b"}; !reflect.DeepEqual(found, want) {
		t.Errorf("findings %q, want %q", found, want)
	}
}

func TestMapperRejectsUnmappedGarbageToo(t *testing.T) {
	out := mustIngest(t, small(), "i,q,p,t,note\n1,1,1,2020-01-01 00:00:00,\xff\n2,1,1,2020-01-01 00:00:00,\x00\n", ingestOptions{})
	if have, want := out.reasons(), []string{"1 encoding note", "2 nul note"}; !reflect.DeepEqual(have, want) {
		t.Errorf("%q, want %q", have, want)
	}
}

func TestMapperFieldCap(t *testing.T) {
	long := strings.Repeat("é", 600)
	out := mustIngest(t, small(), "i,q,p,t,note\n1,1,1,2020-01-01 00:00:00,"+long+"\n2,1,1,2020-01-01 00:00:00,ok\n", ingestOptions{field: 1000})
	if have, want := out.reasons(), []string{"1 too_long note"}; !reflect.DeepEqual(have, want) {
		t.Errorf("%q, want %q", have, want)
	}
}

func TestContract(t *testing.T) {
	good := smallHeader + "1,1,1,2020-01-01 00:00:00\n"
	for _, c := range []struct {
		name     string
		change   func(*Spec)
		text     string
		findings int
		err      string // part of the error's hint; empty = none
	}{
		{"all there", nil, good, 0, ""},
		{"new warns", nil, "i,q,p,t,z\n", 1, ""},
		{"new ignored", func(s *Spec) { s.Contract.New = "ignore" }, "i,q,p,t,z\n", 0, ""},
		{"new stops", func(s *Spec) { s.Contract.New = "stop" }, "i,q,p,t,z\n", 1, "map it under columns"},
		{"missing stops", func(s *Spec) { s.Columns["country"] = Column{Column: "county"} }, "i,q,p,t,country\n", 2, `did you mean "country"?`},
		{"missing warns", func(s *Spec) { s.Columns["country"] = Column{Column: "c"}; s.Contract.Missing = "warn" }, good, 1, ""},
		{"missing and required", func(s *Spec) { s.Contract.Missing = "warn" }, "i,q,price,t\n", 1, "map it to one of"},
		{"missing with a default", func(s *Spec) {
			s.Contract = Contract{Missing: "warn", New: "ignore"}
			s.Rules = map[string]Rule{"unit_price": {Default: "1"}}
		}, "i,q,price,t\n1,1,1,2020-01-01 00:00:00\n", 1, ""},
		{"another delimiter", nil, strings.ReplaceAll(smallHeader, ",", ";"), 0, `is format.delimiter ";"?`},
		{"one column that is another", nil, "x;y\n", 1, "map it to one of"},
		{"mapped column twice", nil, "i,q,p,t,q\n", 0, "a name of its own"},
		{"unmapped column twice", nil, "i,q,p,t,z,z\n", 2, ""},
		{"type rejects", nil, smallHeader + "1,x,1,2020-01-01 00:00:00\n", 0, ""},
		{"type stops", func(s *Spec) { s.Contract.Type = "stop" }, smallHeader + "1,x,1,2020-01-01 00:00:00\n", 0, "contract.type"},
		{"type stops, but a rule rejects", func(s *Spec) {
			s.Contract.Type = "stop"
			s.Rules = map[string]Rule{"quantity": {Min: "2"}}
		}, good, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := small()
			if c.change != nil {
				c.change(s)
			}
			out, err := ingest(t, s, []byte(c.text), ingestOptions{})
			if len(out.findings) != c.findings {
				t.Errorf("findings %v, want %d", out.findings, c.findings)
			}
			if (err != nil) != (c.err != "") {
				t.Fatalf("error %v", err)
			}
			var h interface{ Hint() string }
			if err != nil && (!errors.As(err, &h) || !strings.Contains(h.Hint(), c.err)) {
				t.Errorf("error %v with a hint about %q wanted", err, c.err)
			}
		})
	}
}

func TestMapperMasksPII(t *testing.T) {
	s := small()
	s.Columns["customer_id"] = Column{Column: "c"}
	s.Rules = map[string]Rule{"customer_id": {Pattern: `\d+`}}
	s.PII = []string{"customer_id"}
	out := mustIngest(t, s, "i,q,p,t,c\n1,1,1,2020-01-01 00:00:00,jane@example.com\n", ingestOptions{})
	if d := out.rejects[0].Detail; strings.Contains(d, "jane") || !strings.Contains(d, "does not match") {
		t.Errorf("detail %q", d)
	}
}

func TestMapperIsSharedAndBatchesReused(t *testing.T) {
	s := small()
	s.Format.Timestamp = "%d.%m.%Y"
	other := small()
	other.Format.Timestamp = "%m.%d.%Y"
	var b Batch
	for i, spec := range []*Spec{s, other, s} {
		f, err := NewFramer(strings.NewReader(smallHeader+"1,1,1,02.03.2020\n"), spec.Format, FramerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := NewMapper(spec, f.Header(), MapperOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var c Chunk
		if err := f.Next(&c); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		if err := m.Chunk(&b, &c); err != nil {
			t.Fatal(err)
		}
		want := []string{"2020-03-02T00:00:00Z", "2020-02-03T00:00:00Z", "2020-03-02T00:00:00Z"}[i]
		if have := decodeCopy(t, b.Copy)[0]["ordered_at"]; have != want {
			t.Errorf("mapper %d: %s, want %s: a remembered time of another mapper?", i, have, want)
		}
	}
}
