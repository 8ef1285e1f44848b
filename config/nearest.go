package config

import (
	"slices"
	"strings"
)

// Nearest returns the name of have that got was probably meant to be, or "" when none is near.
func Nearest(got string, have []string) string {
	got = strings.ToLower(got)
	best, least := "", len(got)/3+2
	for _, name := range have {
		if d := distance(got, strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours between two words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before, prev, cur []int
	prev = make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range x {
		cur = make([]int, len(y)+1)
		cur[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			cur[j+1] = slices.Min([]int{prev[j] + cost, prev[j+1] + 1, cur[j] + 1})
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				cur[j+1] = min(cur[j+1], before[j-1]+1)
			}
		}
		before, prev = prev, cur
	}
	return prev[len(y)]
}
