package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// What a screen may say at once in plain mode: so many rows, which are broken for
// the terminal only when they are printed.
const (
	plainRows  = 40
	plainWidth = 400
)

// plainOutput is what was said, for sessions of screen readers: nothing is drawn
// over; new lines are added when a key, a result or a notice changed something.
type plainOutput struct {
	ready    bool // the prompt is drawn
	said     map[string]bool
	queue    []string // rows that wait for those before to be printed
	printing bool
	asked    time.Time // when a key was pressed last
	told     time.Time // when news that nobody asked for was told last
	paced    bool      // more of it is told later
}

// pacedMsg says that it is time to tell what has changed meanwhile.
type pacedMsg struct{}

// printedMsg says that the rows before are printed: commands keep no order.
type printedMsg struct{}

// readyMsg says that the prompt is drawn: what is printed before is lost.
type readyMsg struct{}

const (
	promptTime = 150 * time.Millisecond
	answerTime = 2 * time.Second  // what arrives so soon after a key is its answer
	newsPace   = 10 * time.Second // between tellings of what changes by itself
)

// speak prints the rows that were not said yet.
func (a *App) speak(cause tea.Msg) tea.Cmd {
	switch cause.(type) {
	case printedMsg:
		return a.print()
	case readyMsg:
		a.plain.ready, a.plain.asked = true, a.env.Now()
	case tea.WindowSizeMsg:
		if !a.plain.ready {
			return tea.Tick(promptTime, func(time.Time) tea.Msg { return readyMsg{} })
		}
	case tea.KeyPressMsg, env.GotoMsg, env.OpenMsg, env.ToastMsg:
		a.plain.asked = a.env.Now()
	case env.LetterMsg:
		if cmd, later := a.tellLater(); later {
			return cmd
		}
	case pacedMsg:
		a.plain.paced = false
	default:
		return nil // clocks and colours are nothing to be told
	}
	if a.current() == nil || !a.plain.ready {
		return nil
	}
	a.plain.told = a.env.Now()
	said := map[string]bool{}
	var fresh []string
	for _, row := range a.spoken() {
		if !said[row] && !a.heard(row) {
			fresh = append(fresh, widget.Wrap(row, max(1, a.env.Width-1))...)
		}
		said[row] = true
	}
	a.plain.said = said
	a.plain.queue = append(a.plain.queue, fresh...)
	if a.plain.printing {
		return nil
	}
	return a.print()
}

// heard reports whether a row was told with what was told last. One that the
// cursor left is nothing new.
func (a *App) heard(row string) bool {
	return a.plain.said[row] || a.plain.said[widget.Here+row]
}

// tellLater reports whether news that nobody asked for has to wait, since there was
// some a moment ago; what runs by itself would never stop talking.
func (a *App) tellLater() (tea.Cmd, bool) {
	p, now := &a.plain, a.env.Now()
	wait := newsPace - now.Sub(p.told)
	if !p.ready || now.Sub(p.asked) < answerTime || wait <= 0 {
		return nil, false
	}
	if p.paced {
		return nil, true
	}
	p.paced = true
	return a.env.After(wait, func(time.Time) tea.Msg { return pacedMsg{} }), true
}

// print prints what waits.
func (a *App) print() tea.Cmd {
	p := &a.plain
	p.printing = len(p.queue) > 0
	if !p.printing {
		return nil
	}
	text := strings.Join(p.queue, "\n")
	p.queue = nil
	return tea.Sequence(tea.Println(text), func() tea.Msg { return printedMsg{} })
}

// spoken returns the rows of what has the focus in words, without colours and
// padding, however long they are.
func (a *App) spoken() []string {
	var view []string
	if n := len(a.modals); n > 0 {
		view = append([]string{a.modals[n-1].Title()}, a.modals[n-1].View(plainWidth, plainRows)...)
	} else {
		status := a.current().Status()
		view = append([]string{strings.Join(append([]string{a.crumb()}, status.Crumbs...), ", ")},
			a.current().View(plainWidth, plainRows)...)
	}
	for _, t := range a.toasts {
		view = append(view, [...]string{"Note: ", "Done: ", "Warning: ", "Error: "}[t.Level]+t.Text+" "+t.Hint)
	}
	var rows []string
	for _, row := range view {
		if row = sentence(widget.Plain(row)); row != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// sentence makes words of a row: marks go where a word stands beside them, and
// room between parts becomes a comma.
func sentence(row string) string {
	row = strings.TrimSpace(clean.Line(row))
	for mark, word := range map[string]string{"▸ ": widget.Here, "✗ ": "error: ", "! ": "warning: ", "… ": "", "· ": ""} {
		if rest, ok := strings.CutPrefix(row, mark); ok {
			row = word + strings.TrimSpace(rest)
			break
		}
	}
	row = strings.NewReplacer(" · ", ", ", " ! ", " ", "…", "...", "● ", "", "○ ", "", "✓ ", "", "✗ ", "", "▸", "", "◆", "", "· ", ", ").Replace(row)
	parts := strings.FieldsFunc(strings.ReplaceAll(row, "  ", "\x00"), func(r rune) bool { return r == 0 })
	text := ""
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" || part == "," {
			continue
		}
		if text != "" && !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, ",") {
			text += ","
		}
		text += " " + part
	}
	if text = widget.ASCII(strings.TrimSpace(text)); strings.Trim(text, "-+|") == "" {
		return "" // a line drawn
	}
	return text
}

// prompt is the one line that is drawn in plain mode.
func (a *App) prompt() string {
	return clean.Line(fmt.Sprintf("Penstock %s %s, %s for keys, %s to leave: ", a.env.Profile.Name, a.crumb(), a.env.Key("app.keys", "?"), a.env.Key("app.quit", "q")))
}
