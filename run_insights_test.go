package main

import (
	"bytes"
	"strings"
	"testing"

	"penstock/pipeline/mart"
)

// TestMartForPeople aligns the decimals of a column and says the zone of a time; JSON has values as they are.
func TestMartForPeople(t *testing.T) {
	table := &mart.Table{
		Columns: []mart.Column{
			{Name: "product_a"},
			{Name: "invoices", Kind: mart.Number},
			{Name: "confidence_ab", Kind: mart.Number},
			{Name: "net_revenue", Kind: mart.Number},
			{Name: "first_sold_at", Kind: mart.Time},
			{Name: "day", Kind: mart.Time},
			{Name: "is_service", Kind: mart.Bool},
		},
		Rows: [][]mart.Value{
			{{Text: "A.125"}, {Text: "1200"}, {Text: "0.880000"}, {Text: "10"}, {Text: "2010-12-01 00:00:00+00"}, {Text: "2010-12-01"}, {Text: "t"}},
			{{Text: "B"}, {Text: "30"}, {Text: "0.709677"}, {Text: "1234.5675"}, {Text: "2010-12-01 14:32:00.25+00"}, {Text: "2010-12-02"}, {Text: "f"}},
			{{Text: "C"}, {Text: "7"}, {Null: true}, {Text: "-0.5"}, {Null: true}, {Null: true}, {Null: true}},
		},
	}
	var out bytes.Buffer
	if err := martTable(table).write(&out, ""); err != nil {
		t.Fatal(err)
	}
	want := `
product_a  invoices  confidence_ab  net_revenue  first_sold_at            day         is_service
A.125         1,200       0.880000        10.00  2010-12-01 00:00:00Z     2010-12-01  t
B                30       0.709677     1,234.57  2010-12-01 14:32:00.25Z  2010-12-02  f
C                 7              -        -0.50  -                        -           -
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	out.Reset()
	if err := writeJSONLines(&out, table); err != nil {
		t.Fatal(err)
	}
	wantJSON := []string{
		`{"product_a":"A.125","invoices":1200,"confidence_ab":0.880000,"net_revenue":10,"first_sold_at":"2010-12-01T00:00:00Z","day":"2010-12-01","is_service":true}`,
		`{"product_a":"B","invoices":30,"confidence_ab":0.709677,"net_revenue":1234.5675,"first_sold_at":"2010-12-01T14:32:00.25Z","day":"2010-12-02","is_service":false}`,
		`{"product_a":"C","invoices":7,"confidence_ab":null,"net_revenue":-0.5,"first_sold_at":null,"day":null,"is_service":null}`,
	}
	if got := strings.TrimSpace(out.String()); got != strings.Join(wantJSON, "\n") {
		t.Errorf("got %s", got)
	}
}
