package source

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// serviceWords stand in descriptions of what is charged and is no product: postage, fees, corrections. They are
// written as plainName writes.
const serviceWords = `postage shipping shipment carriage freight handling surcharge fee fees charge charges commission manual adjust adjustment
	correction discount rebate voucher giftcard sample samples debt donation insurance
	versand versandkosten porto fracht gebuhr gebuehr gebuhren gebuehren zuschlag rabatt gutschein frais livraison affranchissement remise
	envio franqueo gastos descuento spedizione spese sconto verzending verzendkosten korting toeslag frete desconto wysylka przesylka rabat`

const (
	maxServices  = 1024 // codes looked at that may be services
	shortService = 3    // how long such a code with digits is
)

// serviceStats gathers which product codes are written unlike those of products, and how they are described.
type serviceStats struct {
	product, description int // columns by their names; -1 = none
	lines, lettered      int64
	codes                map[string]*serviceCode
}

// serviceCode counts the lines of a code: those that say what they are, and those that say a service.
type serviceCode struct {
	lines, described, service int64
	example                   string
}

// add looks at one record.
func (s *serviceStats) add(fields [][]byte) {
	if s.product < 0 || len(fields[s.product]) == 0 {
		return
	}
	s.lines++
	code := strings.Trim(string(fields[s.product]), " \t")
	digits := hasDigit(code)
	if !digits {
		s.lettered++
	}
	if code == "" || digits && len(code) > shortService || strings.Contains(code, "*") {
		return
	}
	c := s.codes[code]
	if c == nil {
		if len(s.codes) >= maxServices {
			return
		}
		if s.codes == nil {
			s.codes = map[string]*serviceCode{}
		}
		c = &serviceCode{}
		s.codes[code] = c
	}
	c.lines++
	text := code
	if s.description >= 0 {
		text = strings.Trim(string(fields[s.description]), " \t")
	}
	if text == "" {
		return
	}
	c.described++
	if saysService(text, digits) {
		c.service++
		if c.example == "" {
			c.example = text
		}
	}
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// saysService tells whether a description has a word of services, or no other word at all.
func saysService(text string, wholly bool) bool {
	found := false
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if hasWord(serviceWords, plainName(word)) {
			found = true
		} else if wholly {
			return false
		}
	}
	return found
}

// services guesses which product codes are postage, fees and corrections: those that are written unlike the
// others, and described so on most of their lines.
func (in *inference) services() {
	s := &in.rows.services
	if _, mapped := in.guess.Spec.Columns["product_code"]; !mapped {
		return
	}
	likely := 0.9
	if s.lettered*5 > s.lines { // products too are known by letters
		likely = 0.6
	}
	var codes []string
	for code, c := range s.codes {
		if c.service*2 > c.described {
			codes = append(codes, code)
		}
	}
	slices.SortFunc(codes, func(a, b string) int {
		switch x, y := s.codes[a].lines, s.codes[b].lines; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, code := range codes {
		c := s.codes[code]
		confidence := likely * float64(c.service) / float64(c.described)
		if hasDigit(code) {
			confidence *= 0.8
		}
		in.guess.Spec.ServiceCodes = append(in.guess.Spec.ServiceCodes, code)
		in.note(code, round(confidence), fmt.Sprintf("%s like %q: no product; it stays in the totals", linesOf(c.service), c.example), "service_codes", code)
	}
}

func linesOf(n int64) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}
