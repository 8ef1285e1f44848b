package widget

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// Item is a line of a menu.
type Item struct {
	Title  string
	Detail string // faint, beside the title
	Keys   string // at the right end
	// Run is what enter does; nil for a line that only informs.
	Run func() tea.Cmd
	// Why says why it cannot run now, "" if it can. Whether is the same, asked each time
	// that it matters, for what can change while the menu is open.
	Why     string
	Whether func() string
	// On makes the item a switch: enter and space toggle it by Run and leave the
	// menu open.
	On func() bool
}

func (it Item) why() string {
	if it.Whether != nil {
		return it.Whether()
	}
	return it.Why
}

// Menu is a dialog with items that typing narrows down.
type Menu struct {
	// Offer returns lines that a text means by itself, none for most; they come first.
	Offer func(text string) []Item

	title  string
	env    *env.Env
	items  []Item // own ones and, after them, what Offer offers
	own    int
	found  []int // indexes of items that match, best first
	at     int
	top    int
	filter *Input
	rows   int   // items on show last
	lines  []int // which of found each row on show is of
	headed int   // rows above them
}

// NewMenu returns a menu of items.
func NewMenu(e *env.Env, title string, items []Item) *Menu {
	m := &Menu{title: title, env: e, items: slices.Clone(items), own: len(items), filter: NewInput(e)}
	m.filter.Placeholder = "type to find"
	m.find()
	return m
}

// Title implements env.Modal.
func (m *Menu) Title() string { return m.title }

// find orders the items by how well they answer the filter.
func (m *Menu) find() {
	q := m.filter.Value()
	m.items = m.items[:m.own]
	rank := make([]int, len(m.items))
	m.found = m.found[:0]
	for i, it := range m.items {
		rank[i] = 2 * Rank(q, it.Title)
		rank[i] = max(rank[i], Rank(q, it.Title+" "+it.Detail+" "+it.Keys))
		if rank[i] > 0 {
			m.found = append(m.found, i)
		}
	}
	if q != "" {
		slices.SortStableFunc(m.found, func(a, b int) int { return rank[b] - rank[a] })
	}
	if m.Offer != nil {
		var first []int
		for _, it := range m.Offer(q) {
			first = append(first, len(m.items))
			m.items = append(m.items, it)
		}
		m.found = append(first, m.found...)
	}
	m.at, m.top = 0, 0
}

// Update implements env.Modal.
func (m *Menu) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		if m.filter.Update(msg) {
			m.find()
		}
	case tea.MouseWheelMsg:
		if msg.Button == tea.MouseWheelUp {
			m.move(-wheelRows)
		} else {
			m.move(wheelRows)
		}
	case tea.MouseClickMsg:
		if y := msg.Y - m.headed; y >= 0 && y < len(m.lines) {
			m.at = m.lines[y]
			return m.run()
		}
	}
	return nil, false
}

func (m *Menu) key(msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch msg.String() {
	case "esc":
		if m.filter.Value() == "" {
			return nil, true
		}
		m.filter.Set("")
		m.find()
	case "enter":
		return m.run()
	case "space":
		if m.at < len(m.found) && m.items[m.found[m.at]].On != nil {
			return m.run()
		}
		if m.filter.Update(msg) {
			m.find()
		}
	case "up", "ctrl+p":
		m.move(-1)
	case "down", "ctrl+n":
		m.move(1)
	case "pgup":
		m.move(-max(1, m.rows))
	case "pgdown":
		m.move(max(1, m.rows))
	default:
		if m.filter.Update(msg) {
			m.find()
		}
	}
	return nil, false
}

func (m *Menu) move(by int) { m.at = max(0, min(m.at+by, len(m.found)-1)) }

func (m *Menu) run() (tea.Cmd, bool) {
	if m.at >= len(m.found) {
		return nil, false
	}
	it := m.items[m.found[m.at]]
	if it.Run == nil || it.why() != "" {
		return nil, false
	}
	return it.Run(), it.On == nil
}

// View implements env.Modal.
func (m *Menu) View(w, h int) []string {
	rows := []string{m.filter.View(w, true)}
	m.headed = 1
	titles := 0 // so that what stands beside them is aligned
	for _, it := range m.items {
		const most = 24
		titles = max(titles, min(most, Width(it.Title)))
	}
	all := 0 // lines of all items: the box keeps its height while one types
	for _, it := range m.items[:m.own] {
		all += len(m.item(it, false, w, titles))
	}
	room := max(0, min(h-1, all))
	drawn := m.draw(w, titles, room)
	if len(m.found) == 0 {
		drawn = append(drawn, m.env.Theme.Muted.Paint("nothing matches"))
	}
	return Fit(append(rows, drawn...), w, 1+room)
}

// draw returns the items around the cursor in at most so many rows, the one under it whole.
func (m *Menu) draw(w, titles, room int) []string {
	high := func(i int) int { return len(m.item(m.items[m.found[i]], i == m.at, w, titles)) }
	m.top = max(0, min(m.top, m.at, len(m.found)-1))
	used := 0
	for i := m.top; i <= m.at && i < len(m.found); i++ {
		used += high(i)
	}
	for ; used > room && m.top < m.at; m.top++ {
		used -= high(m.top)
	}
	for i := m.at + 1; i < len(m.found) && used < room; i++ {
		used += high(i)
	}
	for m.top > 0 && used+high(m.top-1) <= room { // no room is left empty at the end
		m.top--
		used += high(m.top)
	}
	var rows []string
	m.lines, m.rows = nil, 0
	for i := m.top; i < len(m.found) && len(rows) < room; i++ {
		m.rows++
		for _, row := range m.item(m.items[m.found[i]], i == m.at, w, titles) {
			if len(rows) == room {
				break
			}
			rows, m.lines = append(rows, row), append(m.lines, i)
		}
	}
	return rows
}

// item returns the rows of an item: one, or more where what stands beside its title is longer.
func (m *Menu) item(it Item, on bool, w, titles int) []string {
	t := m.env.Theme
	title, lead := t.Text, "  "
	why := it.why()
	if it.Run == nil || why != "" {
		title = t.Muted
	}
	if on {
		lead = "▸ "
	}
	if it.On != nil {
		lead += map[bool]string{true: "[x] ", false: "[ ] "}[it.On()]
	}
	text := t.Accent.Paint(lead) + title.Paint(it.Title)
	detail := it.Detail
	if why != "" {
		detail = why
	}
	keys := Width(it.Keys)
	if keys > 0 {
		keys++
	}
	rows := []string{text}
	if detail != "" {
		const least = 16
		text += spaces(titles-Width(it.Title)) + "  "
		from := Width(text)
		for i, part := range Wrap(detail, max(least, w-from-keys)) {
			if i == 0 {
				rows[0] = text + t.Faint.Paint(part)
				continue
			}
			rows = append(rows, spaces(from)+t.Faint.Paint(part))
		}
	}
	if keys > 0 {
		rows[0] = Pad(rows[0], w-keys) + " " + t.Accent2.Paint(it.Keys)
	}
	for i := range rows {
		rows[i] = Pad(rows[i], w)
		if on {
			rows[i] = t.Select.Over(rows[i])
		}
	}
	return rows
}
