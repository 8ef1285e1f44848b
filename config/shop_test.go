package config

import (
	"testing"
	"time"
)

// shop is a whole configuration of the larger kind: two sources, one an API, and every part named.
const shop = `
profiles: {aws: {production: true, lake: {url: s3://shop-lake}}}
base_currency: GBP
report_timezone: Europe/London
staging:   {url: local}
analytics: {url: local}
sources:
  - name: online-retail
    kind: csv
    entity: purchases
    path: data/*.csv.gz
    format: {delimiter: ",", encoding: utf-8, header: true, timestamp: "%Y-%m-%d %H:%M:%S", decimal: ".", nulls: ["", NULL]}
    timezone: Europe/London
    columns: &columns {invoice_no: InvoiceNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country}
    rules: {quantity: {required: true}, unit_price: {required: true, min: -100000, max: 100000}}
    contract: {new: warn, missing: stop, type: reject}
    max_rejects: 1%
    duplicates: collapse
    return_prefix: C
    adjust_prefix: A
    service_codes: [POST, DOT, M, m, D, S, B, C2, CRUK, PADS, AMAZONFEE, "BANK CHARGES", "gift_*", "DCGS*"]
    pii: [customer_id]
    required: true
    expect: {by: "06:00", every: 1d, min_rows: 1}
  - name: web-shop
    kind: api
    url: https://shop.example/api/orders
    auth: {bearer_file: shop-token}
    page: {kind: cursor, param: after, next: meta.next}
    records: data.lines
    since: {param: updated_after, column: updated_at, overlap: 1h}
    on_change: replace
    columns: {invoice_no: order.id, product_code: sku, quantity: qty, unit_price: price, ordered_at: order.placed_at}
  - name: branch
    path: branch.csv
    columns: {<<: *columns, country: Land}
engines:   {ingest: go, transform: sql, aggregate: sql}
inventory: {lead_time_days: 14, service_level: 0.95}
lake:      {url: ./lake}
athena:    {workgroup: penstock, database: shop, price_per_tb: 5.00, max_scan: 10GB}
nifi:      {url: https://localhost:8443, user: admin, password_file: nifi.pass, ca_file: nifi-ca.pem}
spark:     {master: "local[*]"}
cloud:     {region: eu-west-2, aws_profile: shop, stack: penstock}
ui:        {theme: auto, fps: 30, refresh: 1s}
`

func TestShop(t *testing.T) {
	c, err := loadIn(write(t, shop, 0o600), nil)
	if err != nil {
		t.Fatal(err)
	}
	retail, api, branch := c.Sources[0], c.Sources[1], c.Sources[2]
	if len(retail.Format.Nulls) != 2 || retail.Format.Nulls[1] != "NULL" {
		t.Errorf("nulls %q", retail.Format.Nulls)
	}
	if retail.Columns["unit_price"].Column != "UnitPrice" || retail.Rules["unit_price"].Min != "-100000" || !*retail.Required || retail.Expect.By != "06:00" {
		t.Errorf("retail %+v", retail)
	}
	if api.Since.Overlap != Duration(time.Hour) || api.Page.Next != "meta.next" || api.Auth.BearerFile[0] != '/' {
		t.Errorf("api %+v", api)
	}
	if branch.Columns["country"].Column != "Land" || branch.Columns["quantity"].Column != "Quantity" {
		t.Errorf("merged columns %+v", branch.Columns)
	}
	if c.Production || c.Athena.MaxScan != 10e9 || c.Athena.PricePerTB != "5.00" {
		t.Errorf("production %v, athena %+v", c.Production, c.Athena)
	}
	if s := setting(t, c, "sources.0.format.nulls"); s.Value != "[, NULL]" {
		t.Errorf("nulls are shown as %s", s.Value)
	}
}

// TestAliasBomb has a small file with many aliases end early.
func TestAliasBomb(t *testing.T) {
	text := "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
		"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
	if _, err := loadIn(write(t, text, 0o600), nil); err == nil {
		t.Error("a million values from a few lines are accepted")
	}
}
