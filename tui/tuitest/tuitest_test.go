package tuitest

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestDraw(t *testing.T) {
	s := Draw(t, []string{
		"plain \x1b[1;31mbold red\x1b[m end",
		"\x1b[48;2;1;2;3m東京\x1b[m|\x1b[38;5;200mx\x1b[m",
		"\x1b[7;4mreversed\x1b[m e\u0301",
	}, 24, 4)
	if got, want := s.Text(), "plain bold red end\n東京|x\nreversed e\n"; got != want {
		t.Errorf("text is %q, want %q", got, want)
	}
	if c := s.Cell(6, 0); c.Char != 'b' || !c.Bold || c.FG == "" {
		t.Errorf("cell = %+v", c)
	}
	if c := s.Cell(2, 1); c.Char != '京' || c.BG != "#010203" {
		t.Errorf("the second wide character: %+v", c)
	}
	if x, y, ok := s.Find("x"); !ok || x != 5 || y != 1 || s.Cell(x, y).FG != "200" {
		t.Errorf("x at %d,%d: %+v", x, y, s.Cell(x, y))
	}
	if c := s.Cell(0, 2); !c.Reverse || !c.Underline {
		t.Errorf("cell = %+v", c)
	}
	GoldenStyles(t, s)
}

func TestKey(t *testing.T) {
	for _, name := range []string{
		"j", "G", "?", "/", "+", "ctrl+p", "ctrl+c", "shift+tab", "enter", "esc", "space", "up", "pgdown", "f1", "alt+x", "é", "ctrl+up",
	} {
		if got := Key(name).String(); got != name {
			t.Errorf("Key(%q) is %q", name, got)
		}
	}
	if Key("a").Text != "a" || Key("ctrl+a").Text != "" || Key("space").Text != " " {
		t.Error("text of a key is what it types")
	}
}

// echo shows what it is sent.
type echo struct {
	lines []string
	w     int
}

func (e *echo) Init() tea.Cmd { return nil }

func (e *echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		e.w = msg.Width
	case tea.MouseClickMsg:
		e.lines = append(e.lines, "click "+msg.String())
	case tea.KeyPressMsg:
		if msg.String() == "q" {
			return e, tea.Quit
		}
		e.lines = append(e.lines, "key "+msg.String())
	}
	return e, nil
}

func (e *echo) View() tea.View {
	v := tea.NewView("width " + strings.Repeat("=", e.w/10) + "\n東京 " + strings.Join(e.lines, "\n"))
	v.AltScreen = true
	v.WindowTitle = "echo"
	return v
}

func TestRun(t *testing.T) {
	term := Run(t, &echo{}, 40, 8)
	s := term.WaitText("width ====", "東京")
	if !s.AltScreen() || s.Title() != "echo" {
		t.Errorf("alt screen %v, title %q", s.AltScreen(), s.Title())
	}
	term.Keys("j", "ctrl+p")
	term.Type("é ")
	term.Click(3, 2)
	term.WaitText("key j", "key ctrl+p", "key é", "key space", "click left")
	term.Resize(30, 8)
	term.WaitGone("width ====")
	term.Keys("q")
	if err := term.Ended(); err != nil {
		t.Error(err)
	}
	if term.Screen().AltScreen() {
		t.Error("the alternate screen was left on")
	}
}
