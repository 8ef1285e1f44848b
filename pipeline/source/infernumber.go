package source

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// numberShape is how a number is written.
type numberShape int

const (
	notNumber      numberShape = iota
	integerNumber              // 1234
	pointDecimal               // 1234.5
	pointAmbiguous             // 1.234: decimals or thousands
	pointGroups                // 1.234.567
	pointThenComma             // 1.234,5
	commaDecimal               // 1234,5
	commaAmbiguous             // 1,234
	commaGroups                // 1,234,567
	commaThenPoint             // 1,234.5
	otherGroups                // 1 234,5 or 1'234.5
	numberShapes
)

// classify tells the shape of a number. A fast way for what has no digits keeps
// text columns cheap.
func classify(text string) numberShape {
	if len(text) == 0 || len(text) > 40 {
		return notNumber
	}
	if text[0] == '-' || text[0] == '+' {
		text = text[1:]
	}
	if len(text) == 0 || text[0]-'0' > 9 && text[0] != '.' && text[0] != ',' {
		return notNumber
	}
	if mark := groupMark(text); mark != "" {
		return classifyGrouped(text, mark)
	}
	points, commas := strings.Count(text, "."), strings.Count(text, ",")
	for i := range len(text) {
		if text[i]-'0' > 9 && text[i] != '.' && text[i] != ',' {
			return notNumber
		}
	}
	switch {
	case points == 0 && commas == 0:
		return integerNumber
	case points > 0 && commas > 0 && strings.LastIndex(text, ".") > strings.LastIndex(text, ","):
		return shapeIf(points == 1 && grouped(text[:strings.Index(text, ".")], ","), commaThenPoint)
	case points > 0 && commas > 0:
		return shapeIf(commas == 1 && grouped(text[:strings.Index(text, ",")], "."), pointThenComma)
	case points > 1:
		return shapeIf(grouped(text, "."), pointGroups)
	case commas > 1:
		return shapeIf(grouped(text, ","), commaGroups)
	case len(text) == 1:
		return notNumber
	case points == 1:
		if grouped(text, ".") && text[0] != '0' {
			return pointAmbiguous
		}
		return pointDecimal
	case grouped(text, ",") && text[0] != '0':
		return commaAmbiguous
	}
	return commaDecimal
}

func shapeIf(ok bool, shape numberShape) numberShape {
	if ok {
		return shape
	}
	return notNumber
}

// groupMark finds a thousands separator other than point and comma.
func groupMark(text string) string {
	for _, mark := range []string{" ", "'", "\u00a0", "\u202f", "’"} {
		if strings.Contains(text, mark) {
			return mark
		}
	}
	return ""
}

func classifyGrouped(text, mark string) numberShape {
	whole := text
	if i := strings.IndexAny(text, ".,"); i >= 0 {
		whole = text[:i]
		if !digitsOnly([]byte(text[i+1:])) {
			return notNumber
		}
	}
	return shapeIf(grouped(whole, mark), otherGroups)
}

// grouped tells whether text is digits in groups of three.
func grouped(text, mark string) bool {
	parts := strings.Split(text, mark)
	for i, part := range parts {
		if !digitsOnly([]byte(part)) || len(part) == 0 || len(part) > 3 || i > 0 && len(part) != 3 {
			return false
		}
	}
	return len(parts) > 1
}

// nulls finds the words that stand for a missing value.
func (in *inference) nulls() {
	total := map[string]int64{}
	for i := range in.columns {
		c := &in.columns[i]
		for word, n := range c.nulls {
			typed := c.numbers('.') > c.values*9/10 || c.numbers(',') > c.values*9/10 || len(c.bestTimes()) > 0
			if nullSpellings[word] || typed && c.values > 0 {
				total[word] += n
			} else {
				c.values += n // an ordinary word in this column
			}
		}
	}
	var words []string
	for word := range total {
		words = append(words, word)
	}
	slices.Sort(words)
	in.guess.Spec.Format.Nulls = words
	for _, word := range words {
		confidence := 0.8
		if nullSpellings[word] {
			confidence = 0.95
		}
		in.note(word, confidence, fmt.Sprintf("%d values are %q", total[word], word), "format", "nulls")
	}
}

// numbers decides on decimal sign and thousands separator for the whole file.
func (in *inference) numbers() {
	var shapes [numberShapes]int64
	groups := map[string]int64{}
	for i := range in.columns {
		c := &in.columns[i]
		if c.values == 0 || c.shapes[notNumber] > c.values/2 || len(c.bestTimes()) > 0 {
			continue
		}
		for shape, n := range c.shapes {
			shapes[shape] += n
		}
		for mark, n := range c.groups {
			groups[mark] += n
		}
	}
	point := shapes[pointDecimal] + shapes[commaThenPoint] + shapes[commaGroups]
	comma := shapes[commaDecimal] + shapes[pointThenComma] + shapes[pointGroups]
	f := &in.guess.Spec.Format
	switch {
	case point == 0 && comma == 0 && shapes[pointAmbiguous]+shapes[commaAmbiguous] == 0:
		in.note(".", 0.7, "no number of the sample has decimals", "format", "decimal")
	case comma > point || comma == point && shapes[commaAmbiguous] > shapes[pointAmbiguous]:
		f.Decimal = ","
		in.noteDecimal(",", comma, point)
	default:
		in.noteDecimal(".", point, comma)
	}
	in.thousands(shapes, groups)
}

func (in *inference) noteDecimal(sign string, votes, against int64) {
	confidence := 0.5
	if votes > 0 {
		confidence = 0.99 * float64(votes) / float64(votes+against)
	}
	n := in.note(sign, round(confidence), fmt.Sprintf("%d numbers can only be read with it, %d only without", votes, against), "format", "decimal")
	if against > 0 || votes == 0 {
		n.Alternative = strings.Trim(".,", sign)
	}
}

func (in *inference) thousands(shapes [numberShapes]int64, groups map[string]int64) {
	f := &in.guess.Spec.Format
	if f.Decimal == "," {
		groups["."] = shapes[pointThenComma] + shapes[pointGroups] + shapes[pointAmbiguous]
	} else {
		groups[","] = shapes[commaThenPoint] + shapes[commaGroups] + shapes[commaAmbiguous]
	}
	best := ""
	for mark, n := range groups {
		if n > groups[best] || n == groups[best] && n > 0 && mark < best {
			best = mark
		}
	}
	if best == "" {
		return
	}
	f.Thousands = best
	confidence := 0.9
	if utf8.RuneCountInString(best) == 1 && groups[best] == shapes[pointAmbiguous]+shapes[commaAmbiguous] {
		confidence = 0.5 // each of them could be decimals
	}
	in.note(best, confidence, fmt.Sprintf("%d numbers have it before every third digit", groups[best]), "format", "thousands")
}
