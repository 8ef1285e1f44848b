package widget

import tea "charm.land/bubbletea/v2"

// grouped reports whether rows are drawn under the names of their groups: sorted
// rows stand apart from theirs.
func (t *Table) grouped() bool { return t.Group != nil && t.order.by < 0 }

// lay fills n lines from place top of the order on: a place each, as often as its
// row has lines, or -1-place for the name of the group that begins there. The group
// of the first row is named, too.
func (t *Table) lay(top, n int) []int {
	lines := make([]int, 0, n)
	last := ""
	for i := top; i < t.Len() && len(lines) < n; i++ {
		if g := t.group(i); g != last || t.grouped() && len(lines) == 0 {
			if len(lines) > n-2 && n > 1 {
				break // a name without a row
			}
			if n > 1 {
				lines = append(lines, -1-i)
			}
			last = g
		}
		for range min(t.high(i), n-len(lines)) {
			lines = append(lines, i)
		}
	}
	return lines
}

// group names the group of the row at place i, "" where rows are not grouped.
func (t *Table) group(i int) string {
	if !t.grouped() {
		return ""
	}
	return t.Group(t.order.at(i))
}

// layLines chooses what is on show in n lines, so that the cursor's row is, whole
// if there is room.
func (t *Table) layLines(n int) []int {
	t.clamp()
	t.top = max(0, min(t.top, t.cursor))
	shows := func(lines []int, place int) bool {
		if len(lines) == 0 || lines[len(lines)-1] != place {
			return len(lines) > 0 && lines[len(lines)-1] > place
		}
		whole := 0
		for _, at := range lines {
			if at == place {
				whole++
			}
		}
		return whole == t.high(place)
	}
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

// line draws a line of a table whose rows do not take one line each.
func (t *Table) line(cols []placed, at, part, w int) string {
	if at >= 0 {
		return t.row(cols, at, part, w)
	}
	return Cut(t.env.Theme.Text.Bold().Paint(t.Group(t.order.at(-1-at))), w)
}

// leap is how many rows a page has.
func (t *Table) leap() int {
	if t.lines == nil {
		return t.page
	}
	rows := 0
	for i, at := range t.lines {
		if at >= 0 && (i == 0 || t.lines[i-1] != at) {
			rows++
		}
	}
	return max(1, rows)
}

// turn moves the cursor a page on, or back. Where rows take more than one line each, the page begins with the
// last row of the one before, or ends with its first one, so that none is jumped over.
func (t *Table) turn(by int) tea.Cmd {
	n := len(t.lines)
	if n == 0 {
		return t.moveTo(t.cursor + by*t.page)
	}
	if by > 0 {
		at := t.lines[n-1]
		if at <= t.cursor {
			at = t.cursor + 1
		}
		t.top = max(0, min(at, t.Len()-1))
		return t.moveTo(at)
	}
	at := t.top
	if at >= t.cursor {
		for used := t.high(at); at > 0; at-- {
			if used += t.high(at - 1); used > n {
				break
			}
		}
		at = min(at, t.cursor-1)
	}
	return t.moveTo(at)
}
