package widget

import "strings"

// Rank says how well text answers query: 0 not at all, more is better. The start
// of the text counts most, then starts of words, then any place, then letters in
// order. Case does not count; every word of the query has to be found.
func Rank(query, text string) int {
	text = strings.ToLower(text)
	total := 1
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		n := rankWord(word, text)
		if n == 0 {
			return 0
		}
		total += n
	}
	return total
}

func rankWord(word, text string) int {
	switch i := strings.Index(text, word); {
	case i == 0 && len(text) == len(word):
		return 1000
	case i == 0:
		return 800
	case i > 0 && !isLetter(text[i-1]):
		return 600
	case i > 0:
		return 400 - min(i, 100)
	}
	// Letters in order: the closer together, the better.
	start, at := -1, 0
	for _, r := range word {
		i := strings.IndexRune(text[at:], r)
		if i < 0 {
			return 0
		}
		if start < 0 {
			start = at + i
		}
		at += i + len(string(r))
	}
	return max(1, 200-(at-start))
}

func isLetter(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b >= 0x80
}
