package env

import (
	"encoding/base64"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/clean"
)

// MaxCopy is how much text a terminal takes by OSC 52 in practice: 100,000 bytes
// of base64 is where many stop without a word.
const MaxCopy = 75_000

// Copy puts text on the user's clipboard and says so; what names it ("row 4"),
// and text that is too long is refused with the way to get it. The text is
// cleaned first: a paste into a shell must not carry escape sequences.
func (e *Env) Copy(what, text string) tea.Cmd {
	text = safe(text)
	if len(text) > MaxCopy {
		return Notify(Warn, fmt.Sprintf("%s is %d KB: a terminal takes at most %d KB; export it with %s",
			what, len(text)/1000, MaxCopy/1000, e.Key("table.export", "e")))
	}
	if e.Clipboard == nil {
		return Notify(Warn, "there is no clipboard here; export with "+e.Key("table.export", "e"))
	}
	// What the terminal makes of it cannot be known, so the notice does not claim it.
	return tea.Sequence(e.Clipboard(text), Notify(Info, fmt.Sprintf("%s sent to the clipboard (%d bytes)", what, len(text))))
}

// safe cleans text but keeps the tabs between the cells of a copied table.
func safe(text string) string {
	cells := strings.Split(text, "\t")
	for i := range cells {
		cells[i] = clean.Text(cells[i])
	}
	return strings.Join(cells, "\t")
}

// OSC52 returns a Clipboard that works through a terminal multiplexer too;
// getenv is the session's own environment (over SSH the client's).
func OSC52(getenv func(string) string) func(text string) tea.Cmd {
	if getenv("TMUX") == "" && !strings.HasPrefix(getenv("TERM"), "tmux") {
		return tea.SetClipboard
	}
	return func(text string) tea.Cmd {
		plain := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\x07"
		// tmux takes the plain form where set-clipboard is on and hands the wrapped
		// one to the terminal outside where allow-passthrough is.
		return tea.Raw(plain + "\x1bPtmux;\x1b" + plain + "\x1b\\")
	}
}
