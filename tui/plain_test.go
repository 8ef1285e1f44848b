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
	s := c.WaitText("rejects, all", "columns: line, reason, read", `at row 1 of 30: line 2, reason quantity "0.x"?[2J, read 1`,
		`row 30 of 30: line 31, reason quantity "29.x"?[2J, read 1`, "? for keys, q to leave")
	if s.AltScreen() {
		t.Error("plain mode takes the alternate screen")
	}
	before := strings.Count(s.Text(), "quantity")
	c.Send(state())
	c.WaitText("Warning: lake: the folder is full")
	c.Keys("2")
	c.WaitText("loads, all", `row 30 of 30: line 31, reason quantity "29.x"?[2J, read 2`)
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

// TestPlainMovesQuietly holds that a move of the cursor says the row it comes to and nothing else.
func TestPlainMovesQuietly(t *testing.T) {
	c := newConsole(t)
	c.env.Plain = true
	c.start(t, 100, 60)
	c.WaitText(`at row 1 of 30`, "row 30 of 30")
	before := len(strings.Split(c.Screen().Text(), "\n"))
	c.Keys("down")
	s := c.WaitText(`at row 2 of 30: line 3, reason quantity "1.x"?[2J`)
	if after := len(strings.Split(s.Text(), "\n")); after != before+1 {
		t.Errorf("%d lines became %d:\n%s", before, after, s.Text())
	}
	c.Keys("s")
	c.WaitText("columns: line, reason, read; sorted by line, greatest first", "row 1 of 30: line 31")
	c.Keys("right")
	c.WaitText("column reason")
	c.Keys("/")
	c.Type("29.x")
	c.WaitText("filter 29.x: 1 of 30 rows", "at row 1 of 1: line 31")
}
