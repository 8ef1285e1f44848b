package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func inferFile(t testing.TB, path string) *Guess {
	t.Helper()
	files, err := Expand(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Infer(context.Background(), files, InferOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func inferText(t testing.TB, text string) *Guess {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return inferFile(t, path)
}

// noteFor gives the note about a key.
func noteFor(g *Guess, key string) Note {
	for _, n := range g.Notes {
		if strings.Join(n.Path, ".") == key {
			return n
		}
	}
	return Note{}
}

func TestInferOnlineRetail(t *testing.T) {
	g := inferFile(t, testData(t, "online-retail", "online-retail.csv.gz"))
	want := onlineRetail()
	if !reflect.DeepEqual(g.Spec.Columns, want.Columns) {
		t.Errorf("columns %v", g.Spec.Columns)
	}
	if !reflect.DeepEqual(g.Spec.Format, Format{}) {
		t.Errorf("format %+v, want the defaults", g.Spec.Format)
	}
	if g.Spec.Duplicates != "collapse" || g.Spec.ReturnPrefix != "C" || g.Spec.AdjustPrefix != "A" || g.Spec.Name != "online-retail" {
		t.Errorf("duplicates %q, prefixes %q %q, name %q", g.Spec.Duplicates, g.Spec.ReturnPrefix, g.Spec.AdjustPrefix, g.Spec.Name)
	}
	for _, key := range []string{
		"format.encoding", "format.delimiter", "format.quote", "format.header", "format.timestamp", "format.decimal", "columns.invoice_no", "columns.product_code",
		"columns.description", "columns.quantity", "columns.unit_price", "columns.ordered_at", "columns.customer_id", "columns.country", "integer_ids", "return_prefix",
	} {
		if n := noteFor(g, key); n.Confidence < 0.9 {
			t.Errorf("%s: confidence %v: %s", key, n.Confidence, n.Reason)
		}
	}
	services := []string{"POST", "DOT", "M", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "B", "m"}
	if !reflect.DeepEqual(g.Spec.ServiceCodes, services) {
		t.Errorf("services %q, want %q", g.Spec.ServiceCodes, services)
	}
	if g.Records != 541909 {
		t.Errorf("looked at %d records", g.Records)
	}
	if ps := g.Spec.Validate(); len(ps) > 0 {
		t.Errorf("the guess is no valid source: %v", ps)
	}
	if t.Failed() || testing.Verbose() {
		for _, n := range g.Notes {
			t.Logf("%-28s %-20q %.2f %s %s", strings.Join(n.Path, "."), n.Value, n.Confidence, n.Reason, n.Alternative)
		}
	}
}

func TestInferNorthwind(t *testing.T) {
	g := inferFile(t, testData(t, "northwind", "order-details.csv"))
	want := map[string]Column{
		"invoice_no": {Column: "orderID"}, "product_code": {Column: "productID"}, "unit_price": {Column: "unitPrice"},
		"quantity": {Column: "quantity"}, "discount_rate": {Column: "discount"},
	}
	if !reflect.DeepEqual(g.Spec.Columns, want) {
		t.Errorf("columns %v", g.Spec.Columns)
	}
	if n := noteFor(g, "columns.ordered_at"); n.Confidence != 0 || !strings.Contains(n.Reason, "lookup") {
		t.Errorf("ordered_at: %+v", n)
	}
	g = inferFile(t, testData(t, "northwind", "orders.csv"))
	if g.Spec.Format.Timestamp != "%Y-%m-%d %H:%M:%S.%f" || !reflect.DeepEqual(g.Spec.Format.Nulls, []string{"NULL"}) {
		t.Errorf("format %+v", g.Spec.Format)
	}
	if g.Spec.Columns["ordered_at"].Column != "orderDate" || g.Spec.Columns["customer_id"].Column != "customerID" || g.Spec.Columns["country"].Column != "shipCountry" {
		t.Errorf("columns %v", g.Spec.Columns)
	}
	if n := noteFor(g, "max_rejects"); !strings.Contains(n.Reason, "176 of 830") {
		t.Errorf("refused: %+v", n)
	}
}

func TestInferFormats(t *testing.T) {
	german := "Bestellnummer;Artikelnummer;Bezeichnung;Menge;Einzelpreis;Bestelldatum;Kundennummer;Land\n"
	for i := range 40 {
		german += fmt.Sprintf("%d;A-%d;Tasse %d;%d;1.%03d,%02d;%02d.%02d.2023 14:%02d;K%d;Österreich\n", 1000+i, i, i, i%5+1, i, i, i%28+1, i%12+1, i, i%9)
	}
	american := "Order ID\tSKU\tProduct Name\tQty\tUnit Price\tOrder Date\tCustomer ID\n"
	for i := range 40 {
		american += fmt.Sprintf("%d\tB%d\t\"Mug, \"\"large\"\" %d\"\t%d\t%d.50\t%d/%d/2023 %d:05 PM\tc%d\n", i, i, i, i%7, i, i%12+1, i%28+1, i%12+1, i)
	}
	bare := ""
	for i := range 30 {
		bare += fmt.Sprintf("%d|P%d|%d|%d.25|2023-05-%02dT10:00:00Z\n", 500+i, i, i+1, i, i%28+1)
	}
	french := "N° de commande;Référence;Désignation;Quantité;Prix unitaire;Date commande;Pays\n"
	for i := range 30 {
		french += fmt.Sprintf("%d;R%d;Café n° %d;%d;%d,9;%02d/%02d/2022;France\n", i+1, i, i, i+1, i, i%12+1, i%12+1)
	}
	for _, c := range []struct {
		name, text string
		format     Format
		columns    map[string]string
		sure       map[string]float64 // key: the least confidence; negative: the greatest
	}{
		{
			"german", german,
			Format{Delimiter: ";", Timestamp: "%d.%m.%Y %H:%M", Decimal: ",", Thousands: "."},
			map[string]string{"invoice_no": "Bestellnummer", "product_code": "Artikelnummer", "description": "Bezeichnung", "quantity": "Menge", "unit_price": "Einzelpreis", "ordered_at": "Bestelldatum", "customer_id": "Kundennummer", "country": "Land"},
			map[string]float64{"format.decimal": 0.95, "format.delimiter": 0.8, "format.thousands": 0.85, "format.timestamp": 0.95, "columns.unit_price": 0.95, "format.header": 0.95},
		},
		{
			"german in latin-1", latin(german),
			Format{Delimiter: ";", Encoding: "latin-1", Timestamp: "%d.%m.%Y %H:%M", Decimal: ",", Thousands: "."},
			nil,
			map[string]float64{"format.encoding": 0.7},
		},
		{"german in utf-16", wide(german, false), Format{Delimiter: ";", Encoding: "utf-16le", Timestamp: "%d.%m.%Y %H:%M", Decimal: ",", Thousands: "."}, nil, map[string]float64{"format.encoding": 0.9}},
		{
			"american", american,
			Format{Delimiter: "tab", Timestamp: "%m/%d/%Y %I:%M %p"},
			map[string]string{"invoice_no": "Order ID", "product_code": "SKU", "description": "Product Name", "quantity": "Qty", "unit_price": "Unit Price", "ordered_at": "Order Date", "customer_id": "Customer ID"},
			map[string]float64{"format.quote": 0.9, "format.timestamp": 0.95},
		},
		{
			"no header", bare,
			Format{Delimiter: "|", Timestamp: "%Y-%m-%dT%H:%M:%S%z"},
			map[string]string{"ordered_at": "column_5"},
			map[string]float64{"format.header": 0.9, "columns.invoice_no": -0},
		},
		{
			"day and month alike", french,
			Format{Delimiter: ";", Timestamp: "%d/%m/%Y", Decimal: ","},
			map[string]string{"product_code": "Référence", "description": "Désignation", "quantity": "Quantité", "unit_price": "Prix unitaire", "ordered_at": "Date commande", "country": "Pays"},
			map[string]float64{"format.timestamp": -0.5, "format.decimal": 0.95},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := inferText(t, c.text)
			have := g.Spec.Format
			if c.name == "no header" {
				if have.Header == nil || *have.Header || len(have.Names) != 5 {
					t.Errorf("header %v, names %v", have.Header, have.Names)
				}
				have.Header, have.Names = nil, nil
			}
			if !reflect.DeepEqual(have, c.format) {
				t.Errorf("format %+v\nwant   %+v", have, c.format)
			}
			for name, column := range c.columns {
				if g.Spec.Columns[name].Column != column {
					t.Errorf("%s is %q, want %q", name, g.Spec.Columns[name].Column, column)
				}
			}
			for key, least := range c.sure {
				n := noteFor(g, key)
				if least <= 0 && n.Confidence > -least || least > 0 && n.Confidence < least {
					t.Errorf("%s: confidence %v, want %v: %s", key, n.Confidence, least, n.Reason)
				}
			}
			if t.Failed() {
				for _, n := range g.Notes {
					t.Logf("%-28s %-20q %.2f %s %s", strings.Join(n.Path, "."), n.Value, n.Confidence, n.Reason, n.Alternative)
				}
			}
		})
	}
}

func TestInferAmbiguousDatesByOrder(t *testing.T) {
	text := "order_id,sku,qty,price,date\n"
	for i := range 100 { // in order only if the day comes first
		text += fmt.Sprintf("%d,a,1,1.5,%02d/%02d/2023\n", i, i%10+1, i/10+1)
	}
	g := inferText(t, text)
	if n := noteFor(g, "format.timestamp"); g.Spec.Format.Timestamp != "%d/%m/%Y" || n.Confidence != 0.8 || n.Alternative != "%m/%d/%Y" {
		t.Errorf("%s: %+v", g.Spec.Format.Timestamp, n)
	}
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]numberShape{
		"": notNumber, "1": integerNumber, "-12": integerNumber, "1.5": pointDecimal, "0.125": pointDecimal, "1.125": pointAmbiguous, "1.234.567": pointGroups,
		"1.234,5": pointThenComma, "1,5": commaDecimal, "1,234": commaAmbiguous, "1,234,567": commaGroups, "1,234.5": commaThenPoint, "12,34.5": notNumber,
		"1 234,5": otherGroups, "1'234": otherGroups, "1'23": notNumber, "abc": notNumber, "1a": notNumber, ".": notNumber, ",": notNumber, "-": notNumber, "1.2.3": notNumber,
		"2010-12-01": notNumber, ".5": pointDecimal, "5.": pointDecimal,
	} {
		if have := classify(text); have != want {
			t.Errorf("%q is %d, want %d", text, have, want)
		}
	}
}

// latin gives text in latin-1, wide in UTF-16 without a byte order mark.
func latin(text string) string {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r))
	}
	return string(out)
}

func wide(text string, big bool) string { return string(appendWide(nil, []byte(text), big)) }
