package insights

import (
	"penstock/pipeline/mart"
	"penstock/tui/theme"
)

// newProducts is the tab of what sells and what does not, services apart.
func newProducts(s *Screen) view {
	var l *listing
	cols := []column{
		text("product_code", "product", 16),
		text("description", "description", 32),
		count("units", "units"),
		s.money("gross_revenue", "gross"),
		share("share", "share"),
		bar(s.env, "share", func() theme.Style { return s.env.Theme.Series[0] }, func() float64 { return l.most }),
		s.money("returned_value", "returned"),
		s.money("net_revenue", "net"),
		count("invoices", "purchases"),
		count("customers", "customers"),
		count("returned_units", "units back"),
		day("first_sold", "first sold"),
		day("last_sold", "last sold"),
	}
	l = newListing(s, "products", "product_code", cols,
		mode{name: "best products", list: mart.List{Of: mart.Products}},
		mode{name: "worst products", list: mart.List{Of: mart.Products, Worst: true}},
		mode{name: "services", list: mart.List{Of: mart.Products, Services: true}, empty: "No line is of a service: sources name the codes of postage and fees under service_codes."},
	)
	l.open = func(t *mart.Table, row int) view {
		code := value(t, row, "product_code")
		return s.newLines(named(s.shownAs("product_code", code), s.shownAs("description", value(t, row, "description"))),
			mart.Behind{Product: code})
	}
	l.columns = []string{
		"product_code", "description", "units", "gross_revenue", "invoices", "customers", "returned_value", "net_revenue", "returned_units",
	}
	l.command = func(m mode) string {
		order, services := "-gross_revenue", "is_service=false"
		if m.list.Worst {
			order = "net_revenue"
		}
		if m.list.Services {
			services = "is_service=true"
		}
		return l.asCommand("product_sales", order, services)
	}
	return l
}

// named puts a code and what it stands for together.
func named(code, name string) string {
	if name == "" {
		return code
	}
	return code + " " + name
}

// newCountries is the tab of where the customers are.
func newCountries(s *Screen) view {
	var l *listing
	cols := []column{
		text("country", "country", 30),
		count("purchases", "purchases"),
		count("customers", "customers"),
		count("units", "units"),
		s.money("gross_revenue", "gross"),
		share("share", "share"),
		bar(s.env, "share", func() theme.Style { return s.env.Theme.Series[0] }, func() float64 { return l.most }),
		s.money("avg_purchase_value", "average"),
		s.money("returned_value", "returned"),
		s.money("net_revenue", "net"),
		count("lines", "lines"),
	}
	cols[0].blank = notGiven
	l = newListing(s, "countries", "country", cols, mode{name: "countries", list: mart.List{Of: mart.Countries}})
	l.open = func(t *mart.Table, row int) view {
		country := value(t, row, "country")
		name := country
		if name == "" {
			name = notGiven
		}
		return s.newLines(s.shownAs("country", name), mart.Behind{Country: &country})
	}
	l.columns = []string{
		"country", "purchases", "customers", "units", "gross_revenue", "returned_value", "net_revenue", "lines",
	}
	l.command = func(mode) string {
		return l.asCommand("country_sales", "-gross_revenue")
	}
	return l
}

// notGiven stands for a country that lines do not name.
const notGiven = "(not given)"

// newPairs is the tab of what is bought together.
func newPairs(s *Screen) view {
	cols := []column{
		text("product_a", "product A", 12),
		text("description_a", "description A", 14),
		text("product_b", "product B", 12),
		text("description_b", "description B", 14),
		number("lift", "lift", 1),
		count("invoices", "baskets"),
		share("confidence_ab", "A has B"),
		share("confidence_ba", "B has A"),
		share("support", "of all"),
	}
	for i := range cols[:4] {
		cols[i].Grow = i % 2 // descriptions take what is left over, so that the order of the rows is seen in 80 cells
	}
	l := newListing(s, "pairs", "", cols,
		mode{name: "bought together, by lift", list: mart.List{Of: mart.Pairs, By: "lift"}, empty: noPairs},
		mode{name: "bought together, by baskets", list: mart.List{Of: mart.Pairs, By: "invoices"}, empty: noPairs},
		mode{name: "bought together, by confidence", list: mart.List{Of: mart.Pairs, By: "confidence"}, empty: noPairs},
	)
	l.open = func(t *mart.Table, row int) view {
		a, b := value(t, row, "product_a"), value(t, row, "product_b")
		return s.newLines(s.shownAs("product_code", a)+" with "+s.shownAs("product_code", b),
			mart.Behind{Product: a, With: b, Smallest: s.o.Smallest, Largest: s.o.Largest})
	}
	l.columns = []string{
		"product_a", "product_b", "invoices", "support", "confidence_ab", "confidence_ba", "lift",
	}
	l.command = func(m mode) string {
		order := "-lift"
		switch m.list.By {
		case "invoices":
			order = "-invoices"
		case "confidence":
			order = "-confidence_ab"
		}
		return l.asCommand("product_pairs", order)
	}
	return l
}

const noPairs = "No two products are bought together often enough: marts.pairs.min_invoices says how often that is."
