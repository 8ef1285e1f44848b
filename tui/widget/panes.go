package widget

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
)

// The fewest cells that a pane keeps where its screen says nothing else.
const (
	leastWide = 16
	leastHigh = 3
)

// The cells that one key press moves a splitter by.
const (
	stepWide = 4
	stepHigh = 2
)

// Part is a pane, or a split of parts, with the room it asks for.
type Part struct {
	pane         int
	size         int // as Area.Columns takes it
	wide, high   int // fewest cells of a pane
	name         string
	down, divide bool
	gap          int
	parts        []Part
}

// One is the pane with this number. size is what Area.Columns takes: cells, or a
// weight below zero. It keeps wide and high cells at least; 0 is a few.
func One(pane, size, wide, high int) Part {
	if wide <= 0 {
		wide = leastWide
	}
	if high <= 0 {
		high = leastHigh
	}
	return Part{pane: pane, size: size, wide: wide, high: high}
}

// Across has parts side by side with gap cells between. Splits of one name have
// their splitters in one place.
func Across(name string, size, gap int, parts ...Part) Part {
	return Part{name: name, divide: true, size: size, gap: gap, parts: parts}
}

// Down has parts one above the other with gap rows between.
func Down(name string, size, gap int, parts ...Part) Part {
	return Part{name: name, divide: true, down: true, size: size, gap: gap, parts: parts}
}

// least returns how few cells the part can do with, in rows if down.
func (p Part) least(down bool) int {
	switch {
	case !p.divide && down:
		return p.high
	case !p.divide:
		return p.wide
	}
	n := 0
	for i, q := range p.parts {
		if down != p.down {
			n = max(n, q.least(down))
			continue
		}
		n += q.least(down)
		if i > 0 {
			n += p.gap
		}
	}
	return n
}

func (p Part) has(pane int) bool {
	if !p.divide {
		return p.pane == pane
	}
	for _, q := range p.parts {
		if q.has(pane) {
			return true
		}
	}
	return false
}

// key names what is kept of a split: with more or fewer parts it is another one.
func (p Part) key() string { return p.name + strconv.Itoa(len(p.parts)) }

// laid is a split where it was drawn.
type laid struct {
	Part
	areas  []Area
	sizes  []int
	leasts []int
}

// Panes lays the panes of a screen out. The screen says in each View how they
// share the room by themselves; the user moves the splitters between them by
// mouse and keys, and gives the whole room to the pane with the focus.
type Panes struct {
	env    *env.Env
	focus  func() int
	shares map[string][]float64 // by the key of a split, where the user moved a splitter
	// Of wide terminals and of narrow ones apart: where there is room for one pane
	// only, what was zoomed beside others has it anyway.
	zoomed map[bool]bool

	room   Area
	root   Part
	areas  map[int]Area
	splits []laid
	many   bool
	drag   *dragged
}

// dragged is the splitter that is held: the one after the part of a split.
type dragged struct{ split, part int }

// NewPanes returns panes as the screen has them by itself; focus says which one
// keys are for.
func NewPanes(e *env.Env, focus func() int) *Panes {
	return &Panes{env: e, focus: focus, shares: map[string][]float64{}, zoomed: map[bool]bool{}, areas: map[int]Area{}}
}

// Lay divides the room among the panes of root, or gives all of it to the one
// with the focus while that is zoomed.
func (p *Panes) Lay(room Area, root Part) {
	p.room, p.root = room, root
	p.again()
}

func (p *Panes) again() {
	clear(p.areas)
	p.splits = p.splits[:0]
	p.many = p.root.divide
	if p.Zoomed() {
		p.areas[p.focus()] = p.room
		return
	}
	p.lay(p.room, p.root)
}

func (p *Panes) lay(a Area, part Part) {
	if !part.divide {
		p.areas[part.pane] = a
		return
	}
	l := laid{Part: part}
	want := make([]int, len(part.parts))
	for i, q := range part.parts {
		want[i] = q.size
		l.leasts = append(l.leasts, q.least(part.down))
	}
	extent := a.W
	if part.down {
		extent = a.H
	}
	l.sizes = share(extent, part.gap, want)
	if shares := p.shares[part.key()]; shares != nil {
		l.sizes = divided(shares, extent-part.gap*(len(want)-1), l.leasts)
	}
	at := 0
	for i, n := range l.sizes {
		b := Area{X: a.X + at, Y: a.Y, W: n, H: a.H}
		if part.down {
			b = Area{X: a.X, Y: a.Y + at, W: a.W, H: n}
		}
		l.areas = append(l.areas, b)
		if n > 0 {
			at += n + part.gap
		}
		p.lay(b, part.parts[i])
	}
	p.splits = append(p.splits, l)
}

// divided returns what parts of total the shares are, none below its least where
// there is room for that.
func divided(shares []float64, total int, least []int) []int {
	sizes := make([]int, len(shares))
	sum, at, need := 0.0, 0, 0
	for i, s := range shares {
		sum += s
		edge := int(sum*float64(total) + 0.5)
		if i == len(shares)-1 {
			edge = total
		}
		sizes[i] = max(0, edge-at)
		at += sizes[i]
		need += least[i]
	}
	if need > total {
		return sizes
	}
	for i := range sizes {
		if sizes[i] < least[i] {
			resize(sizes, least, i, least[i]-sizes[i])
		}
	}
	return sizes
}

// resize makes a part larger by so many cells, or smaller, as far as the others
// can give; the next ones give first. It reports whether anything changed.
func resize(sizes, least []int, part, by int) bool {
	if by < 0 {
		to := part + 1
		if to == len(sizes) {
			to = part - 1
		}
		by = max(by, min(0, least[part]-sizes[part]))
		sizes[part] += by
		sizes[to] -= by
		return by != 0
	}
	got := 0
	give := func(i int) {
		n := max(0, min(by-got, sizes[i]-least[i]))
		sizes[i] -= n
		got += n
	}
	for i := part + 1; i < len(sizes); i++ {
		give(i)
	}
	for i := part - 1; i >= 0; i-- {
		give(i)
	}
	sizes[part] += got
	return got > 0
}

// Area returns where a pane is drawn, the empty area if it is not.
func (p *Panes) Area(pane int) Area { return p.areas[pane] }

// Body returns where a pane is drawn without its title.
func (p *Panes) Body(pane int) Area { return p.areas[pane].body() }

// At returns the pane that is drawn at a cell.
func (p *Panes) At(x, y int) (pane int, ok bool) {
	for i, a := range p.areas {
		if a.Contains(x, y) {
			return i, true
		}
	}
	return 0, false
}

// Zoomed reports whether the pane with the focus has the whole room.
func (p *Panes) Zoomed() bool { return p.zoomed[p.env.Narrow()] && p.many }

// Unzoom gives all panes their room again, in a terminal of any width: for a screen that turns to other panes.
func (p *Panes) Unzoom() { clear(p.zoomed) }

// zoom gives the pane with the focus the whole room of a terminal as wide as this one, or takes it.
func (p *Panes) zoom(on bool) {
	p.zoomed[p.env.Narrow()] = on
	p.again()
}

// Back gives the other panes their room again and reports whether they had none.
func (p *Panes) Back() bool {
	was := p.Zoomed()
	if was {
		p.zoom(false)
	}
	return was
}

// Mouse takes what the mouse does with a splitter and reports whether it was
// that. Ask it first: what it takes is for no pane.
func (p *Panes) Mouse(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		p.drag = nil
		if msg.Button == tea.MouseLeft {
			p.drag = p.splitter(msg.X, msg.Y)
		}
	case tea.MouseMotionMsg:
		p.dragTo(msg.X, msg.Y)
	case tea.MouseReleaseMsg:
		held := p.drag != nil
		p.drag = nil
		return held
	default:
		return false
	}
	return p.drag != nil
}

// splitter returns which one is at a cell, nil if none is.
func (p *Panes) splitter(x, y int) *dragged {
	for i, l := range p.splits {
		for j := range l.sizes[1:] {
			if l.between(j).Contains(x, y) {
				return &dragged{i, j}
			}
		}
	}
	return nil
}

// between is the room of the splitter after a part; it is empty where one of the
// parts is.
func (l laid) between(part int) Area {
	a := l.areas[part]
	switch {
	case l.sizes[part] == 0 || l.sizes[part+1] == 0:
		return Area{}
	case l.down:
		return Area{X: a.X, Y: a.Y + a.H, W: a.W, H: l.gap}
	}
	return Area{X: a.X + a.W, Y: a.Y, W: l.gap, H: a.H}
}

// dragTo moves the splitter that is held under the mouse.
func (p *Panes) dragTo(x, y int) {
	if p.drag == nil || p.drag.split >= len(p.splits) {
		return
	}
	l, i := p.splits[p.drag.split], p.drag.part
	if i+1 >= len(l.sizes) {
		return
	}
	at := l.between(i)
	by := x - (at.X + at.W/2)
	if l.down {
		by = y - (at.Y + at.H/2)
	}
	// Only the parts at both sides of it change.
	if pair := l.sizes[i : i+2]; resize(pair, l.leasts[i:i+2], 0, by) {
		p.keep(l)
	}
}

// keep notes the sizes of a split as shares and lays all out anew.
func (p *Panes) keep(l laid) {
	total := 0
	for _, n := range l.sizes {
		total += n
	}
	shares := make([]float64, len(l.sizes))
	for i, n := range l.sizes {
		shares[i] = float64(n) / float64(max(1, total))
	}
	p.shares[l.key()] = shares
	p.again()
}

// grow makes the pane with the focus larger or smaller, in both directions.
func (p *Panes) grow(by int) tea.Cmd {
	pane := p.focus()
	var changed []laid
	for _, l := range p.splits {
		for i, part := range l.parts {
			step := by * stepWide
			if l.down {
				step = by * stepHigh
			}
			if part.has(pane) && resize(l.sizes, l.leasts, i, step) {
				changed = append(changed, l)
			}
		}
	}
	for _, l := range changed {
		p.keep(l)
	}
	return nil
}

// Draw puts what draw returns for each pane on the canvas, and marks the
// splitters. Panes without room are not drawn.
func (p *Panes) Draw(c *Canvas, draw func(pane, w, h int) []string) {
	for _, pane := range slices.Sorted(maps.Keys(p.areas)) {
		if a := p.areas[pane]; a.W > 0 && a.H > 0 {
			c.Put(a, draw(pane, a.W, a.H))
		}
	}
	if p.env.Plain {
		return
	}
	for i, l := range p.splits {
		for j := range l.sizes[1:] {
			c.Put(p.mark(l, j, p.drag != nil && *p.drag == dragged{i, j}))
		}
	}
}

// mark is a short line in the middle of a splitter, a whole one while it is held.
func (p *Panes) mark(l laid, part int, held bool) (Area, []string) {
	const short = 3
	at, style, across, up := l.between(part), p.env.Theme.Rule, "╌", "╎"
	n := short
	if held {
		style, across, up, n = p.env.Theme.Accent, "─", "│", max(at.W, at.H)
	}
	if at.W == 0 || at.H == 0 {
		return Area{}, nil
	}
	if l.down {
		n = min(n, at.W)
		return Area{X: at.X + (at.W-n)/2, Y: at.Y + at.H/2, W: n, H: 1}, []string{style.Paint(strings.Repeat(across, n))}
	}
	n = min(n, at.H)
	rows := make([]string, n)
	for i := range rows {
		rows[i] = style.Paint(up)
	}
	return Area{X: at.X + at.W/2, Y: at.Y + (at.H-n)/2, W: 1, H: n}, rows
}

// Actions returns the screen's actions with those of the panes: last, but first
// while a pane is zoomed, so that the footer says how to go back.
func (p *Panes) Actions(list []env.Action) []env.Action {
	zoom := env.Action{
		ID: "pane.zoom", Title: "zoom", Keys: []string{"z"}, Help: "give this pane the whole room, and back", Hidden: true, Disabled: p.single,
		Run: func() tea.Cmd { p.zoom(!p.Zoomed()); return nil },
	}
	if p.Zoomed() {
		zoom.Title, zoom.Hidden = "all panes", false
		list = append([]env.Action{zoom}, list...)
	} else {
		list = append(list, zoom)
	}
	return append(
		list,
		env.Action{ID: "pane.grow", Title: "larger", Keys: []string{"+", "="}, Help: "make this pane larger; splitters can be dragged too", Hidden: true, Disabled: p.fixed, Run: func() tea.Cmd { return p.grow(1) }},
		env.Action{ID: "pane.shrink", Title: "smaller", Keys: []string{"-"}, Help: "make this pane smaller", Hidden: true, Disabled: p.fixed, Run: func() tea.Cmd { return p.grow(-1) }},
		env.Action{ID: "pane.reset", Title: "panes as they were", Keys: []string{"0"}, Help: "give every pane the room that the screen gives it by itself", Hidden: true, Disabled: p.single, Run: p.reset},
	)
}

func (p *Panes) reset() tea.Cmd {
	clear(p.shares)
	p.zoom(false)
	return nil
}

func (p *Panes) single() string {
	if !p.many {
		return "there is one pane only"
	}
	return ""
}

func (p *Panes) fixed() string {
	if p.env.Plain {
		return "what is read out has no size"
	}
	if p.Zoomed() {
		return "this pane has the whole room: " + p.env.Key("pane.zoom", "z") + " goes back"
	}
	return p.single()
}

// PanesState is what the user made of the panes, to be remembered.
type PanesState struct {
	Shares map[string][]float64 `json:"shares,omitempty"` // by split, of its parts
	Zoomed bool                 `json:"zoomed,omitempty"`
	Narrow bool                 `json:"narrow,omitempty"` // zoomed where there is room for one pane
	Focus  int                  `json:"focus,omitempty"`  // pane that keys are for
}

// Remember returns what the user made of the panes.
func (p *Panes) Remember() PanesState {
	return PanesState{Shares: maps.Clone(p.shares), Zoomed: p.zoomed[false], Narrow: p.zoomed[true], Focus: p.focus()}
}

// Recall makes the panes what they were. Shares that are none are left out.
func (p *Panes) Recall(st PanesState) {
	const most = 32 // splits of a screen
	p.zoomed[false], p.zoomed[true] = st.Zoomed, st.Narrow
	for k, list := range st.Shares {
		sum, ok := 0.0, len(list) > 1 && len(k) < 64 && len(p.shares) < most
		for _, s := range list {
			ok = ok && s > 0 && s < 1
			sum += s
		}
		if ok && sum > 0.99 && sum < 1.01 && strings.HasSuffix(k, strconv.Itoa(len(list))) {
			p.shares[k] = list
		}
	}
}
