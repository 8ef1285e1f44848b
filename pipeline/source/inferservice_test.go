package source

import (
	"reflect"
	"strings"
	"testing"
)

// TestInferServices tells postage and fees from products.
func TestInferServices(t *testing.T) {
	const head = "order_id,sku,description,quantity,price,order_date\n"
	line := func(code, description string) string {
		return "1001," + code + "," + description + ",1,2.50,2024-01-05 10:00:00\n"
	}
	products := ""
	for _, code := range []string{"10001", "10002A", "85123", "20725", "22423", "84879", "47566", "22720", "22386", "21232", "C22", "23", "24", "25", "26", "27", "28", "29", "30", "31"} {
		products += line(code, "Postage stamp mug with a discount label")
	}
	for name, c := range map[string]struct {
		text string
		want []string
		sure float64 // of the first
	}{
		"none":            {head + products, nil, 0},
		"by the lines":    {head + products + line("M", "Manual") + strings.Repeat(line("POST", "POSTAGE"), 3) + line("BANK CHARGES", "Bank charges"), []string{"POST", "BANK CHARGES", "M"}, 0.9},
		"half described":  {head + products + strings.Repeat(line("POST", "POSTAGE"), 3) + line("POST", "") + line("POST", "check"), []string{"POST"}, 0.68},
		"mostly a toy":    {head + products + line("TOY", "Postage van") + line("TOY", "Red van") + line("TOY", "Blue van"), nil, 0},
		"with a digit":    {head + products + line("C2", "CARRIAGE") + line("G7", "Shipping crate"), []string{"C2"}, 0.72},
		"both cases":      {head + products + line("M", "Manual") + line("m", "Manual"), []string{"M", "m"}, 0.9},
		"a pattern":       {head + products + line("P*", "Postage"), nil, 0},
		"German":          {head + products + line("VERSAND", "Versandkosten (DHL)") + line("GEB", "Nachnahme-Gebühr"), []string{"GEB", "VERSAND"}, 0.9},
		"all are letters": {head + line("LANTERN", "Red lantern") + line("MUG", "White mug") + line("SHIPPING", "Shipping"), []string{"SHIPPING"}, 0.6},
		"undescribed":     {"order_id,sku,quantity,price,order_date\n1,10001,1,2.50,2024-01-05\n2,Postage,1,2.50,2024-01-05\n3,ABC,1,2.50,2024-01-05\n4,44,1,1.00,2024-01-05\n5,45,1,1.00,2024-01-05\n6,46,1,1.00,2024-01-05\n7,47,1,1.00,2024-01-05\n8,48,1,1.00,2024-01-05\n9,49,1,1.00,2024-01-05\n10,50,1,1.00,2024-01-05\n", []string{"Postage"}, 0.9},
	} {
		t.Run(name, func(t *testing.T) {
			g := inferText(t, c.text)
			if !reflect.DeepEqual(g.Spec.ServiceCodes, c.want) {
				t.Fatalf("got %q, want %q", g.Spec.ServiceCodes, c.want)
			}
			for i, code := range c.want {
				n := noteFor(g, "service_codes."+code)
				if n.Value != code || i == 0 && n.Confidence != c.sure || !strings.Contains(n.Reason, "line") {
					t.Errorf("%s: %+v, want confidence %v", code, n, c.sure)
				}
			}
			if ps := g.Spec.Validate(); len(ps) > 0 {
				t.Errorf("the guess is no valid source: %v", ps)
			}
		})
	}
}
