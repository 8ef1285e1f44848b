package source

// Nearest finds the name in valid that differs least from name, or "" where
// none is near enough to be what was meant.
func Nearest(name string, valid []string) string {
	best, limit := "", len(name)/3
	for _, v := range valid {
		if d := distance(lower(name), lower(v)); d <= limit && (best == "" || d < distance(lower(name), lower(best))) {
			best = v
		}
	}
	return best
}

// distance counts the letters to insert, drop, change or swap (neighbours)
// between a and b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
