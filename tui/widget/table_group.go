package widget

// grouped reports whether rows are drawn under the names of their groups: sorted
// rows stand apart from theirs.
func (t *Table) grouped() bool { return t.Group != nil && t.order.by < 0 }

// lay fills n lines from place top of the order on: a place each, or -1-place for
// the name of the group that begins there. The group of the first row is named, too.
func (t *Table) lay(top, n int) []int {
	lines := make([]int, 0, n)
	last := ""
	for i := top; i < t.Len() && len(lines) < n; i++ {
		if g := t.Group(t.order.at(i)); g != last || len(lines) == 0 {
			if len(lines) > n-2 && n > 1 {
				break // a name without a row
			}
			if n > 1 {
				lines = append(lines, -1-i)
			}
			last = g
		}
		lines = append(lines, i)
	}
	return lines
}

// layGroups chooses what is on show in n lines, so that the cursor is.
func (t *Table) layGroups(n int) []int {
	t.clamp()
	t.top = max(0, min(t.top, t.cursor))
	shows := func(lines []int, place int) bool { return len(lines) > 0 && lines[len(lines)-1] >= place }
	lines := t.lay(t.top, n)
	for !shows(lines, t.cursor) && t.top < t.cursor {
		t.top++
		lines = t.lay(t.top, n)
	}
	for t.top > 0 { // no room is left empty at the end
		more := t.lay(t.top-1, n)
		if !shows(more, t.Len()-1) {
			break
		}
		t.top--
		lines = more
	}
	return lines
}

// line draws a line of a grouped table.
func (t *Table) line(cols []placed, at, w int) string {
	if at >= 0 {
		return t.row(cols, at, w)
	}
	return Cut(t.env.Theme.Text.Bold().Paint(t.Group(t.order.at(-1-at))), w)
}
