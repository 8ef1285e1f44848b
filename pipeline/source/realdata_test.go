package source

import (
	"context"
	"strings"
	"testing"
)

// What is in the rows, the server says: TestServerReadsOnlineRetail.
func TestOnlineRetailWhole(t *testing.T) {
	s := onlineRetail()
	if ps := s.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	text := onlineRetailText(t)
	out, err := ingest(t, s, text, ingestOptions{undecoded: true})
	if err != nil {
		t.Fatal(err)
	}
	if out.read != 541909 || out.loaded != 541909 || len(out.rejects) != 0 || out.blank != 0 {
		t.Fatalf("read %d, loaded %d, rejected %d, blank %d; want 541909 twice, 0, 0", out.read, out.loaded, len(out.rejects), out.blank)
	}
	if last := out.chunks[len(out.chunks)-1]; last.ByteTo != int64(len(text)) || last.LineTo != 541910 {
		t.Errorf("the last chunk ends at byte %d, line %d", last.ByteTo, last.LineTo)
	}
	out = mustIngest(t, s, string(text[:1000]), ingestOptions{})
	wantRow(t, out.rows[0], row{
		"source": "online-retail", "load_id": "7", "record": "1", "line": "2", "byte_offset": "82", "invoice_no": "536365", "product_code": "85123A",
		"description": "WHITE HANGING HEART T-LIGHT HOLDER", "quantity": "6", "unit_price": "2.55", "discount_rate": "0", "discount": "0",
		"ordered_at": "2010-12-01T08:26:00Z", "customer_id": "17850", "country": "United Kingdom",
	})
}

func wantRow(t *testing.T, have, want row) {
	t.Helper()
	for name, value := range want {
		if have[name] != value {
			t.Errorf("%s = %q, want %q", name, have[name], value)
		}
	}
	for name, value := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s = %q, want NULL", name, value)
		}
	}
}

func northwindOrders() *Spec {
	return &Spec{
		Name: "northwind-orders", Path: "orders.csv", Format: Format{Timestamp: "%Y-%m-%d %H:%M:%S.%f", Nulls: []string{"NULL"}},
		Columns: map[string]Column{
			"invoice_no": {Column: "orderID"}, "customer_id": {Column: "customerID"}, "ordered_at": {Column: "orderDate"},
			"updated_at": {Column: "shippedDate"}, "unit_price": {Column: "freight"}, "country": {Column: "shipCountry"},
		},
		Rules: map[string]Rule{"quantity": {Default: "1"}},
	}
}

func TestNorthwindOrdersAsShipped(t *testing.T) {
	s := northwindOrders()
	s.Path = testData(t, "northwind", "orders.csv")
	if ps := s.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	out := fromFile(t, s, ingestOptions{})
	if len(out.rows) != 654 || len(out.rejects) != 176 {
		t.Fatalf("%d good and %d refused, want 654 and 176", len(out.rows), len(out.rejects))
	}
	for _, r := range out.rejects {
		if r.Reason != ReasonFields || r.Detail != "15 fields instead of 14" {
			t.Fatalf("record %d: %s %s", r.Record, r.Reason, r.Detail)
		}
	}
	countries := map[string]int{}
	for _, r := range out.rows {
		countries[r["country"]]++
		if strings.ContainsAny(r["country"], "0123456789") || r["country"] == "" {
			t.Fatalf("shifted: %v", r)
		}
	}
	if len(countries) != 19 { // as the unbroken lines have them
		t.Errorf("%d countries: %v", len(countries), countries)
	}
	if len(out.findings) != 8 {
		t.Errorf("%d unmapped columns are new, want 8: %v", len(out.findings), out.findings)
	}
}

func TestNorthwindDetailsWithLookup(t *testing.T) {
	s := &Spec{
		Name: "northwind", Path: testData(t, "northwind", "order-details.csv"), Format: Format{Timestamp: "%Y-%m-%d %H:%M:%S.%f"},
		Columns: map[string]Column{
			"invoice_no": {Column: "orderID"}, "product_code": {Column: "productID"}, "unit_price": {Column: "unitPrice"},
			"quantity": {Column: "quantity"}, "discount_rate": {Column: "discount"},
		},
		Lookup: []Lookup{{
			Path: testData(t, "northwind", "orders.csv"), Format: Format{Timestamp: "%Y-%m-%d %H:%M:%S.%f", Nulls: []string{"NULL"}},
			Key:     map[string]string{"orderID": "orderID"},
			Columns: map[string]Column{"ordered_at": {Column: "orderDate"}, "customer_id": {Column: "customerID"}, "country": {Column: "shipCountry"}},
		}},
	}
	if ps := s.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	lookups, err := LoadLookups(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	if f := lookups.Files[0]; f.Read != 830 || f.Refused != 176 || len(f.Samples) != 10 {
		t.Fatalf("lookup: %+v", f)
	}
	out := fromFile(t, s, ingestOptions{lookups: lookups})
	if out.read != 2155 || len(out.rows)+len(out.rejects) != 2155 || len(out.findings) != 0 {
		t.Fatalf("read %d, loaded %d, rejected %d, findings %v", out.read, len(out.rows), len(out.rejects), out.findings)
	}
	orders, refused := map[string]bool{}, map[string]bool{}
	for _, r := range out.rows {
		orders[r["invoice_no"]] = true
	}
	for _, r := range out.rejects {
		if r.Reason != ReasonLookup || r.Column != "orderID" || !strings.Contains(r.Detail, "15 fields instead of 14") {
			t.Fatalf("record %d: %+v", r.Record, r)
		}
		refused[strings.SplitN(string(r.Raw), ",", 2)[0]] = true
	}
	if len(orders) != 654 || len(refused) != 176 {
		t.Fatalf("%d orders good, %d refused", len(orders), len(refused))
	}
	wantRow(t, out.rows[0], row{
		"source": "northwind", "load_id": "7", "record": "1", "line": "2", "byte_offset": "46", "invoice_no": "10248", "product_code": "11", "quantity": "12",
		"unit_price": "14", "discount_rate": "0", "discount": "0", "ordered_at": "1996-07-04T00:00:00Z", "customer_id": "VINET", "country": "France",
	})
}
