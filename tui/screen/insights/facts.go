package insights

import (
	"strings"

	"penstock/tui/env"
)

// facts are tiles of what is under the cursor, the first of which says what that is:
// who hears them gets one sentence, since it is said anew with each move.
func facts(e *env.Env, w int, list []tile) []string {
	if !e.Plain {
		return tiles(e, w, list)
	}
	var parts []string
	for _, x := range list[1:] {
		parts = append(parts, x.number+" "+x.name)
	}
	return []string{e.Theme.Text.Paint(list[0].number + " " + list[0].name + ": " + strings.Join(parts, ", "))}
}
