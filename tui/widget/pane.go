package widget

import (
	"errors"
	"time"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/theme"
)

// PaneState is what a pane can say of its data.
type PaneState int

// The states of a pane. A pane is stale by itself once its data is older than
// three times the pace it is refreshed at.
const (
	Loading PaneState = iota
	Empty
	Failed
	Live
)

// Pane is a titled part of a screen that always says how its data is: loading
// (what, since when), empty (why, and what to do), failed (what, next step,
// retry key), stale (age) or live. Its rows are kept until Touch.
type Pane struct {
	Title   string
	Right   string        // painted text at the right end of the title: a count, a unit
	Every   time.Duration // pace of refreshing; 0: never stale
	Focused bool
	Retries bool // by itself: where it failed, it says so
	Paused  bool // by the user: it says how old its data is, and is not dimmed for it

	env   *env.Env
	state PaneState
	words string // what is loading, why it is empty, what failed
	hint  string // key or next step
	since time.Time

	cache struct {
		rows             []string
		w, h, generation int
		ok, focused      bool
		title, right     string
	}
}

// NewPane returns a pane that is loading.
func NewPane(e *env.Env, title string) *Pane {
	return &Pane{Title: title, env: e, since: e.Now(), words: "loading"}
}

// Loading says what is being fetched for a pane that has nothing to show yet. A
// refresh of live data needs no word: the pane stays live until it is stale.
func (p *Pane) Loading(what string) { p.set(Loading, what, "") }

// Empty says why there is nothing, and what to do about it ("press s to start a run").
func (p *Pane) Empty(why, hint string) { p.set(Empty, why, hint) }

// Failed shows an error, its hint and the key that tries again ("r").
func (p *Pane) Failed(err error, retry string) {
	hint := ""
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	if retry != "" {
		if hint != "" {
			hint += "; "
		}
		if p.Retries && !p.Paused {
			hint += "it is tried again by itself; "
		}
		hint += "press " + retry + " to try again"
	}
	p.set(Failed, err.Error(), hint)
}

// Missed tells of news that could not be read: it is Failed unless there is data,
// which stays and grows stale.
func (p *Pane) Missed(err error, retry string) {
	if p.state != Live {
		p.Failed(err, retry)
	}
	p.Touch()
}

// Live says that the data is as of at.
func (p *Pane) Live(at time.Time) {
	p.set(Live, "", "")
	p.since = at
}

// State returns what the pane says of its data.
func (p *Pane) State() PaneState { return p.state }

// Stale returns the age of live data that is older than three refreshes, 0 if it is fresh.
func (p *Pane) Stale() time.Duration {
	age := p.env.Now().Sub(p.since)
	if p.state == Live && p.Every > 0 && age > 3*p.Every {
		return age
	}
	return 0
}

// Touch makes the next View draw the body anew.
func (p *Pane) Touch() { p.cache.ok = false }

func (p *Pane) set(s PaneState, words, hint string) {
	if p.state != s || s != Loading || p.words != words {
		p.since = p.env.Now()
	}
	p.state, p.words, p.hint = s, words, hint
	p.Touch()
}

// Body returns where the pane's body is drawn when the pane is drawn in a: what
// the widget in it needs for the mouse.
func (p *Pane) Body(a Area) Area { return a.body() }

func (a Area) body() Area { return Area{X: a.X, Y: a.Y + 1, W: a.W, H: max(0, a.H-1)} }

// View returns the pane in exactly h rows of w cells: its title, then what body
// draws in the rest, or the state in words where there is no data to draw.
// Rows of a live pane are kept until Touch, a new size or a new theme.
func (p *Pane) View(w, h int, body func(w, h int) []string) []string {
	if h <= 0 || w <= 0 {
		return nil
	}
	stale := p.Stale()
	if p.state == Loading || stale > 0 {
		return p.draw(w, h, stale, body) // shows a time that ticks
	}
	c := &p.cache
	if !c.ok || c.w != w || c.h != h || c.generation != p.env.Generation ||
		c.focused != p.Focused || c.title != p.Title || c.right != p.Right {
		c.rows = p.draw(w, h, 0, body)
		c.ok, c.w, c.h, c.generation = true, w, h, p.env.Generation
		c.focused, c.title, c.right = p.Focused, p.Title, p.Right
	}
	return c.rows
}

func (p *Pane) draw(w, h int, stale time.Duration, body func(w, h int) []string) []string {
	rows := []string{p.heading(w, stale)}
	if p.state == Live {
		rows = append(rows, body(w, h-1)...)
	} else {
		rows = append(rows, p.message(w)...)
	}
	rows = Fit(rows, w, h)
	if stale > 0 && !p.Paused {
		for i := range rows[1:] {
			rows[i+1] = p.env.Theme.Faint.Paint(Plain(rows[i+1]))
		}
	}
	return rows
}

func (p *Pane) heading(w int, stale time.Duration) string {
	t := p.env.Theme
	title := t.Text.Bold()
	if p.Focused {
		title = t.Accent.Bold()
	}
	right := p.Right
	if stale > 0 {
		word := "stale"
		if p.Paused {
			word = "paused"
		}
		right = t.Warn.Paint(word + ", " + Age(stale) + " old")
	}
	return Between(title.Paint(p.Title), right, w)
}

// message says a state without data in words.
func (p *Pane) message(w int) []string {
	t := p.env.Theme
	mark, style := "…", t.Muted
	words := p.words
	switch p.state {
	case Loading:
		if took := p.env.Now().Sub(p.since); took >= time.Second {
			words += ", " + Clock(took)
		}
	case Failed:
		mark, style = "✗", t.Bad
	default:
		mark = "·"
	}
	rows := wrapped(style, mark+" ", words, w)
	if p.hint != "" {
		rows = append(rows, wrapped(t.Faint, "  ", p.hint, w)...)
	}
	return rows
}

// wrapped returns text in the style, wrapped, with lead before its first row.
func wrapped(style theme.Style, lead, text string, w int) []string {
	n := Width(lead)
	rows := Wrap(clean.Text(text), w-n)
	for i := range rows {
		if i > 0 {
			lead = spaces(n)
		}
		rows[i] = style.Paint(lead + rows[i])
	}
	return rows
}

// Plain returns a painted row without its colours.
func Plain(row string) string {
	var b []byte
	for row != "" {
		p, _, sgr := piece(row)
		if !sgr {
			b = append(b, p...)
		}
		row = row[len(p):]
	}
	return string(b)
}
