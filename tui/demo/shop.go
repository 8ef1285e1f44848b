package demo

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"
)

// The shop that the demonstration knows: invented purchases of a year, the same
// every time, from which all numbers are counted, so that each of them leads to
// lines that add up to it.

const (
	firstDay = "2010-12-01"
	lastDay  = "2011-12-09"
	known    = 0.78 // share of purchases that name their customer
	closed   = 10   // days off from 24 December on
)

// product is something the shop sells.
type product struct {
	code, name string
	pence      int64
	family     int // products of a family are bought together; 0 = alone
	service    bool
}

// sale is a line of a purchase or, with a quantity below zero, of what came back.
type sale struct {
	at       time.Time // UTC, as the shop's clock
	invoice  string
	product  int
	quantity int64
	customer int // -1 = not given
	country  string
	record   int64
}

func (s sale) returned() bool { return s.quantity < 0 }

// shop is all that was ever sold.
type shop struct {
	products  []product
	sales     []sale // in the order of time
	customers int
	countries []string // by customer
	first     time.Time
	last      time.Time
}

// newShop invents the shop.
func newShop() *shop {
	s := &shop{products: products()}
	s.first, _ = time.Parse(time.DateOnly, firstDay)
	s.last, _ = time.Parse(time.DateOnly, lastDay)
	r := rand.New(rand.NewPCG(541909, 8)) //nolint:gosec // the same shop every time is what is wanted
	var recent []int                      // customers of the purchases so far
	invoice := 536365
	for d := s.first; !d.After(s.last); d = d.AddDate(0, 0, 1) {
		for range s.visits(d, r) {
			invoice++
			recent = s.purchase(d, invoice, recent, r)
		}
	}
	s.bringBack(r)
	sort.SliceStable(s.sales, func(i, j int) bool { return s.sales[i].at.Before(s.sales[j].at) })
	for i := range s.sales {
		s.sales[i].record = int64(i + 1)
	}
	return s
}

// visits is how many purchases a day has: none on Saturdays and around the turn of
// the year, more towards Christmas.
func (s *shop) visits(d time.Time, r *rand.Rand) int {
	holidays, _ := time.Parse(time.DateOnly, "2010-12-24")
	if d.Weekday() == time.Saturday || !d.Before(holidays) && d.Before(holidays.AddDate(0, 0, closed)) {
		return 0
	}
	n := 11.0
	switch d.Month() {
	case time.September, time.October:
		n = 18
	case time.November, time.December:
		n = 25
	}
	if d.Weekday() == time.Sunday {
		n /= 2
	}
	if d.Weekday() == time.Thursday {
		n *= 1.3
	}
	return int(n * (0.7 + 0.6*r.Float64()))
}

// purchase adds an invoice and returns the customers so far.
func (s *shop) purchase(d time.Time, invoice int, recent []int, r *rand.Rand) []int {
	customer, country := -1, "United Kingdom"
	if r.Float64() < known {
		customer = s.who(recent, r)
		country = s.countries[customer]
		recent = append(recent, customer)
	}
	at := d.Add(time.Duration(8*60+int(9*60*(r.Float64()+r.Float64())/2)) * time.Minute)
	basket := map[int]bool{}
	var order []int
	put := func(p int) {
		if !basket[p] {
			basket[p] = true
			order = append(order, p)
		}
	}
	goods := len(s.products) - services
	for n := 1 + int(r.ExpFloat64()*5); n > 0; n-- {
		p := int(float64(goods) * r.Float64() * r.Float64())
		put(p)
		for q := range goods {
			if f := s.products[p].family; f > 0 && s.products[q].family == f && r.Float64() < 0.6 {
				put(q)
			}
		}
	}
	if country != "United Kingdom" {
		put(goods) // postage
	}
	for _, p := range order {
		// What is dear is bought in small numbers.
		quantity := []int64{1, 2, 3, 4, 6, 6, 12, 12, 24, 48}[r.IntN(max(4, 10-int(s.products[p].pence/150)))]
		if s.products[p].service {
			quantity = 1 + r.Int64N(3)
		}
		s.sales = append(s.sales, sale{at: at, invoice: fmt.Sprint(invoice), product: p, quantity: quantity, customer: customer, country: country})
	}
	return recent
}

// who is a new customer, or one who bought lately.
func (s *shop) who(recent []int, r *rand.Rand) int {
	const memory = 700
	if len(recent) < 20 || r.Float64() < 0.18 {
		s.customers++
		s.countries = append(s.countries, countries()[int(float64(len(countries()))*r.Float64()*r.Float64()*r.Float64())])
		const local = 40 // the first customers, who come most
		if s.customers <= local || r.Float64() < 0.8 {
			s.countries[s.customers-1] = "United Kingdom"
		}
		return s.customers - 1
	}
	if from := len(recent) - memory; from > 0 && r.Float64() < 0.75 {
		recent = recent[from:]
	}
	return recent[r.IntN(len(recent))]
}

// bringBack has some of what was sold come back some days later.
func (s *shop) bringBack(r *rand.Rand) {
	for i, n := 0, len(s.sales); i < n; i++ {
		x := s.sales[i]
		if r.Float64() > 0.02 || x.at.After(s.last.AddDate(0, 0, -20)) {
			continue
		}
		x.at = x.at.AddDate(0, 0, 1+r.IntN(18))
		x.invoice = "C" + x.invoice
		x.quantity = -(1 + r.Int64N(x.quantity))
		s.sales = append(s.sales, x)
	}
}

// worth is what a line comes to, in pence.
func (s *shop) worth(x sale) int64 { return x.quantity * s.products[x.product].pence }

// customerID is how the data names a customer.
func customerID(n int) string { return fmt.Sprint(12346 + 7*n%6000 + n) }

func countries() []string {
	return []string{
		"Germany", "France", "EIRE", "Netherlands", "Spain", "Belgium", "Switzerland", "Portugal", "Australia", "Norway",
		"Italy", "Channel Islands", "Finland", "Cyprus", "Sweden", "Austria", "Denmark", "Japan", "Poland", "USA", "Israel",
	}
}

// services is how many of the products, at the end of the list, are services.
const services = 3

// products are what the shop sells, what sells best first. Some names try what
// names in real data do to a terminal and to a spreadsheet.
func products() []product {
	return []product{
		{code: "22423", name: "REGENCY CAKESTAND 3 TIER", pence: 1275, family: 1},
		{code: "85123A", name: "WHITE HANGING HEART T-LIGHT HOLDER", pence: 255, family: 2},
		{code: "85099B", name: "JUMBO BAG RED RETROSPOT", pence: 195, family: 3},
		{code: "47566", name: "PARTY BUNTING", pence: 465},
		{code: "22697", name: "GREEN REGENCY TEACUP AND SAUCER", pence: 295, family: 1},
		{code: "22698", name: "PINK REGENCY TEACUP AND SAUCER", pence: 295, family: 1},
		{code: "22699", name: "ROSES REGENCY TEACUP AND SAUCER", pence: 295, family: 1},
		{code: "84879", name: "ASSORTED COLOUR BIRD ORNAMENT", pence: 169},
		{code: "22720", name: "SET OF 3 CAKE TINS PANTRY DESIGN", pence: 495, family: 4},
		{code: "23298", name: "SPOTTY BUNTING", pence: 495},
		{code: "22386", name: "JUMBO BAG PINK POLKADOT", pence: 195, family: 3},
		{code: "20725", name: "LUNCH BAG RED RETROSPOT", pence: 165, family: 5},
		{code: "20727", name: "LUNCH BAG BLACK SKULL.", pence: 165, family: 5},
		{code: "22383", name: "LUNCH BAG SUKI DESIGN", pence: 165, family: 5},
		{code: "22960", name: "JAM MAKING SET WITH JARS", pence: 425, family: 4},
		{code: "21212", name: "PACK OF 72 RETROSPOT CAKE CASES", pence: 55},
		{code: "22111", name: "SCOTTIE DOG HOT WATER BOTTLE", pence: 495},
		{code: "23203", name: "JUMBO BAG VINTAGE DOILY", pence: 208, family: 3},
		{code: "21034", name: "紙提灯 PAPER LANTERN 🏮 SET", pence: 850},
		{code: "22470", name: "HEART OF WICKER LARGE", pence: 295, family: 2},
		{code: "22469", name: "HEART OF WICKER SMALL", pence: 165, family: 2},
		{code: "82482", name: "WOODEN PICTURE FRAME WHITE FINISH", pence: 255, family: 6},
		{code: "82494L", name: "WOODEN FRAME ANTIQUE WHITE", pence: 295, family: 6},
		{code: "21137", name: "BLACK RECORD COVER FRAME", pence: 375, family: 6},
		{code: "48138", name: "DOORMAT UNION FLAG", pence: 795},
		{code: "22086", name: "PAPER CHAIN KIT 50'S CHRISTMAS", pence: 295, family: 7},
		{code: "22910", name: "PAPER CHAIN KIT VINTAGE CHRISTMAS", pence: 295, family: 7},
		{code: "23084", name: "RABBIT NIGHT LIGHT", pence: 208},
		{code: "21754", name: "HOME BUILDING BLOCK WORD", pence: 595, family: 8},
		{code: "21755", name: "LOVE BUILDING BLOCK WORD", pence: 595, family: 8},
		{code: "22178", name: "VICTORIAN GLASS HANGING T-LIGHT", pence: 195},
		{code: "79321", name: "CHILLI LIGHTS", pence: 575},
		{code: "22961", name: "JAM MAKING SET PRINTED", pence: 145, family: 4},
		{code: "21731", name: "RED TOADSTOOL LED NIGHT LIGHT", pence: 165},
		{code: "22077", name: "6 RIBBONS RUSTIC CHARM", pence: 195},
		{code: "20685", name: "DOORMAT RED RETROSPOT", pence: 795},
		{code: "22197", name: "SMALL POPCORN HOLDER", pence: 85},
		{code: "BOX 1\x1b[31m", name: "RED \x1b[31mALERT\x1b[0m CLOCK\x1b]0;owned\x07", pence: 1895},
		{code: "22138", name: "BAKING SET 9 PIECE RETROSPOT", pence: 495},
		{code: "22139", name: "=HYPERLINK(\"http://example.invalid\";\"TEA SET\")", pence: 495},
		{code: "20914", name: "SET/5 RED RETROSPOT LID GLASS BOWLS", pence: 295},
		{code: "22112", name: "CHOCOLATE HOT WATER BOTTLE \u202eELTTOB", pence: 495},
		{code: "21080", name: "SET/20 RED RETROSPOT PAPER NAPKINS", pence: 85},
		{code: "90214", name: "LETTER\tBLING\nKEY RING", pence: 29},
		{code: "84950", name: "ASSORTED COLOUR T-LIGHT HOLDER", pence: 65},
		{code: "21623", name: "VINTAGE UNION JACK MEMOBOARD", pence: 995},
		{code: "POST", name: "POSTAGE", pence: 1800, service: true},
		{code: "DOT", name: "DOTCOM POSTAGE", pence: 9500, service: true},
		{code: "M", name: "Manual", pence: 250, service: true},
	}
}
