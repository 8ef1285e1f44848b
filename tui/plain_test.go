package tui_test

import (
	"strings"
	"testing"

	"penstock/tui"
)

func TestPlainSaysEachThingOnce(t *testing.T) {
	c := newConsole(t)
	c.env.Plain = true
	c.start(t, 100, 60)
	s := c.WaitText("rejects, all", "quantity \"29.x\"?[2J", "? for keys, q to leave")
	if s.AltScreen() {
		t.Error("plain mode takes the alternate screen")
	}
	before := strings.Count(s.Text(), "quantity")
	c.Send(state())
	c.WaitText("Warning: lake: the folder is full")
	c.Keys("2")
	c.WaitText("loads, all", "31  quantity \"29.x\"?[2J                                                                     2")
	c.Keys("D")
	s = c.WaitText("The row goes for ever.", "Type row and press enter")
	for _, r := range s.Text() {
		if strings.ContainsRune("│─┌┐└┘█⣿▸●", r) {
			t.Errorf("%q is drawn:\n%s", r, s.Text())
		}
	}
	if after := strings.Count(s.Text(), "quantity \"7.x\""); before != 30 || after > 2 {
		t.Errorf("30 rows were said %d times, then one of them %d times:\n%s", before, after, s.Text())
	}
	c.Keys("esc", "q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

func TestTerminal(t *testing.T) {
	for _, c := range []struct {
		terminal tui.Terminal
		want     string
	}{
		{tui.Terminal{In: true, Out: true, Environ: []string{"TERM=xterm-256color"}}, ""},
		{tui.Terminal{Out: true}, "standard input"},
		{tui.Terminal{In: true}, "standard output"},
		{tui.Terminal{In: true, Out: true, Environ: []string{"TERM=xterm", "TERM=dumb"}}, "TERM is dumb"},
	} {
		err := c.terminal.Usable()
		if c.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		hint, ok := err.(interface{ Hint() string }) //nolint:errorlint // nothing wraps it
		if err == nil || !ok || !strings.Contains(err.Error(), c.want) || !strings.Contains(hint.Hint(), "--run") {
			t.Errorf("%+v: %v", c.terminal, err)
		}
	}
	if n := len(tui.Terminal{Environ: []string{"SSH_TTY=/dev/pts/1"}}.Options()); n != 3 {
		t.Errorf("%d options", n)
	}
}

func TestDescribeListsKeys(t *testing.T) {
	text := newConsole(t).app.Describe()
	for _, want := range []string{"go.loads", "app.palette", ": ctrl+p", "every key that works here"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}
