package widget

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/tuitest"
)

// hit presses keys on a modal and reports whether it closed.
func hit(m env.Modal, keys ...string) (cmd tea.Cmd, done bool) {
	for _, k := range keys {
		cmd, done = m.Update(tuitest.Key(k))
	}
	return cmd, done
}

func TestConfirmTyped(t *testing.T) {
	e := colourful(t)
	e.Profile = env.Profile{Name: "prod", Production: true}
	said := false
	ask := func(d env.Danger) *Confirm {
		said = false
		return NewConfirm(e, d, func() tea.Cmd { said = true; return nil })
	}
	danger := env.Danger{
		Title: "Undo load 42", What: "4,120 rows of 812 purchases leave the analytics; their marts are computed anew.",
		Details: []string{"web-shop orders-1.json", "web-shop orders-2.json", "3", "4", "5", "6", "7", "8", "9", "10"}, Type: "load 42",
	}
	c := ask(danger)
	hit(c, "l", "o", "a", "d", "x")
	_, done := hit(c, "enter")
	if done || said {
		t.Error("confirmed by another name")
	}
	tuitest.GoldenStyles(t, tuitest.Draw(t, c.View(60, 20), 60, 20))
	if _, done := hit(c, "backspace", "space", "4", "2", "enter"); !done || !said {
		t.Error("not confirmed by its name")
	}
	c = ask(danger)
	if _, done := hit(c, "y", "enter"); done || said {
		t.Error("y confirms where a name is asked")
	}
	if _, done := hit(c, "esc"); !done || said {
		t.Error("esc does not leave")
	}
	c = ask(danger)
	c.Update(tea.PasteMsg{Content: "load 42"})
	if _, done := hit(c, "enter"); done || said {
		t.Error("a paste confirms")
	}
	danger.Type = ""
	c = ask(danger) // production: the profile's name
	if _, done := hit(c, "p", "r", "o", "d", "enter"); !done || !said {
		t.Error("not confirmed by the profile's name")
	}
}

func TestConfirmByLetter(t *testing.T) {
	e := quiet(t)
	for keys, want := range map[string][2]bool{ // done, said
		"y": {true, true}, "n": {true, false}, "esc": {true, false}, "enter": {false, false}, "space": {false, false}, "enter enter y": {true, true},
	} {
		said := false
		c := NewConfirm(e, env.Danger{Title: "Stop", What: "Run 42 stops."}, func() tea.Cmd { said = true; return nil })
		if _, done := hit(c, strings.Fields(keys)...); done != want[0] || said != want[1] {
			t.Errorf("%s: done %v, said %v", keys, done, said)
		}
		if s := tuitest.Draw(t, c.View(30, 9), 30, 9); !s.Contains("y yes, do it") {
			t.Errorf("no keys:\n%s", s.Text())
		}
	}
}

func newForm(t *testing.T, e *env.Env, got *map[string]string) *Form {
	t.Helper()
	return NewForm(e, "Start a run", []Field{
		{ID: "source", Label: "source", Value: "online-retail", Check: func(s string) error {
			if s == "" {
				return errors.New("a run needs a source")
			}
			return nil
		}},
		{ID: "engine", Label: "engine", Options: []string{"go", "nifi", "none"}, Value: "nifi", Help: "who executes ingest"},
		{ID: "rebuild", Label: "rebuild", Options: []string{"no", "yes"}},
		{ID: "password", Label: "password", Secret: true},
	}, func(values map[string]string) tea.Cmd { *got = values; return nil })
}

func TestForm(t *testing.T) {
	var got map[string]string
	f := newForm(t, colourful(t), &got)
	hit(f, "ctrl+u", "enter")
	if _, done := hit(f, "ctrl+s"); done || got != nil {
		t.Fatal("submitted although a field is wrong")
	}
	t.Run("wrong", func(t *testing.T) { tuitest.GoldenStyles(t, tuitest.Draw(t, f.View(56, 12), 56, 12)) })
	hit(f, "s", "h", "o", "p", "enter", "right", "enter", "space", "tab", "x", "y")
	t.Run("filled", func(t *testing.T) { tuitest.GoldenStyles(t, tuitest.Draw(t, f.View(56, 12), 56, 12)) })
	if _, done := hit(f, "enter"); !done {
		t.Error("enter on the last field does not submit")
	}
	want := map[string]string{"source": "shop", "engine": "none", "rebuild": "yes", "password": "xy"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFormKeys(t *testing.T) {
	var got map[string]string
	f := newForm(t, quiet(t), &got)
	hit(f, "down", "g")
	if f.Values()["engine"] != "go" {
		t.Errorf("a letter chose %q", f.Values()["engine"])
	}
	hit(f, "left", "left", "h")
	if f.Values()["engine"] != "go" {
		t.Errorf("left went to %q", f.Values()["engine"])
	}
	hit(f, "shift+tab", "up")
	if f.at != 3 {
		t.Errorf("up from the first is field %d", f.at)
	}
	f.Update(tea.PasteMsg{Content: "secret\n"})
	if f.Values()["password"] != "secret" {
		t.Errorf("pasted %q", f.Values()["password"])
	}
	if s := tuitest.Draw(t, f.View(40, 10), 40, 10); s.Contains("secret") {
		t.Error("a secret is on show")
	}
	if rows := f.View(40, 2); len(rows) != 2 || !strings.Contains(Plain(rows[0]+rows[1]), "password") {
		t.Errorf("in two rows: %q", rows)
	}
	if _, done := hit(f, "esc"); !done || got != nil {
		t.Error("esc does not leave")
	}
	if _, done := hit(NewForm(quiet(t), "x", nil, nil), "a"); !done {
		t.Error("a form without fields stays")
	}
}

func logLines(n int) []LogLine {
	var list []LogLine
	for i := range n {
		line := LogLine{At: noon().Add(time.Duration(i) * time.Second), Source: "ingest", Text: fmt.Sprintf("chunk %d committed", i)}
		switch i % 10 {
		case 3:
			line.Level, line.Source, line.Text = env.Warn, "check", fmt.Sprintf("line %d: quantity \"1.2.3\" is not a number\x1b[2J", i)
		case 7:
			line.Level, line.Text = env.Bad, "connection lost"
		}
		list = append(list, line)
	}
	return list
}

func TestLog(t *testing.T) {
	l := NewLog(colourful(t), 1000)
	l.Add(logLines(20)...)
	s := tuitest.Draw(t, l.View(60, 6), 60, 6)
	tuitest.GoldenStyles(t, s)
	if !s.Contains("chunk 19") || !l.follow || !strings.Contains(l.Summary(), "follow") {
		t.Errorf("does not follow:\n%s", s.Text())
	}
	l.Update(tuitest.Key("k"))
	l.Add(logLines(30)[20:]...)
	if s := tuitest.Draw(t, l.View(60, 6), 60, 6); s.Contains("chunk 29") || l.follow {
		t.Errorf("follows although one scrolled up:\n%s", s.Text())
	}
	l.Update(tuitest.Key("G"))
	if !l.follow {
		t.Error("does not follow from the end on")
	}
	for _, n := range []int{6, 3, 30, 6} {
		l.nextLevel()
		if l.Len() != n {
			t.Errorf("%d lines, want %d", l.Len(), n)
		}
	}
	if _, stepped := l.Back(); !stepped || l.Len() != 30 {
		t.Error("Back does not show all lines again")
	}
}

func TestLogFilterAndKeys(t *testing.T) {
	e := quiet(t)
	copied := ""
	e.Clipboard = recorder(&copied)
	l := NewLog(e, 1000)
	l.Add(logLines(40)...)
	l.View(60, 6)
	do := func(keys ...string) (cmd tea.Cmd) {
		for _, k := range keys {
			if a, ok := e.Keys.Match(l.Actions(), k); ok && !l.Typing() && a.Run != nil {
				cmd = a.Run()
				continue
			}
			cmd = l.Update(tuitest.Key(k))
		}
		return cmd
	}
	do("/", "n", "u", "m", "b", "e", "r")
	if l.Len() != 4 || !l.Typing() {
		t.Errorf("%d lines", l.Len())
	}
	if s := tuitest.Draw(t, l.View(60, 6), 60, 6); !s.Contains("4 of 40") {
		t.Errorf("no count:\n%s", s.Text())
	}
	l.Update(tea.PasteMsg{Content: " 33"})
	do("enter")
	if l.Len() != 1 {
		t.Errorf("%d lines", l.Len())
	}
	l.Add(LogLine{At: noon(), Text: "line 33: no number either"})
	if l.Len() != 2 {
		t.Errorf("a new line that matches is not shown: %d", l.Len())
	}
	do("g", "y")
	if !strings.HasPrefix(copied, "12:00:33 check line 33") || strings.Contains(copied, "\x1b") {
		t.Errorf("copied %q", copied)
	}
	do("Y")
	if strings.Count(copied, "\n") != 2 {
		t.Errorf("copied %q", copied)
	}
	open, ok := do("enter")().(env.OpenMsg)
	if !ok || open.Modal.Title() != "12:00:33 check" {
		t.Fatalf("enter opened %+v", open)
	}
	do("/", "esc", "L", "L")
	if l.Len() != 4 {
		t.Errorf("errors only: %d lines", l.Len())
	}
	do("L", "f")
	l.View(60, 6)
	do("pgup", "pgup", "ctrl+d", "ctrl+u", "home", "end", "pgdown")
	l.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	l.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	l.Update(tea.MouseClickMsg{X: 1, Y: 2, Button: tea.MouseLeft})
	exact(t, l.View(60, 6), 60, 6)
	exact(t, l.View(0, 3), 0, 3)
}

func TestLogForgets(t *testing.T) {
	l := NewLog(quiet(t), 100)
	for _, line := range logLines(1000) {
		l.Add(line)
	}
	if l.Len() > 125 || l.Len() < 100 {
		t.Errorf("%d lines kept", l.Len())
	}
	if s := tuitest.Draw(t, l.View(60, 3), 60, 3); !s.Contains("chunk 999") {
		t.Errorf("the last line is gone:\n%s", s.Text())
	}
	empty := NewLog(quiet(t), 10)
	empty.View(10, 2)
	for _, k := range []string{"up", "down", "enter", "G", "g"} {
		empty.Update(tuitest.Key(k))
	}
	for _, a := range empty.Actions() {
		if a.Run != nil {
			a.Run()
		}
	}
}

func TestViewer(t *testing.T) {
	e := colourful(t)
	v := NewViewer(e)
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("line %02d %s", i, strings.Repeat("東x ", i%8)))
	}
	v.SetText(strings.Join(lines, "\n") + "\ttab \x1b[31m")
	exact(t, v.View(20, 6), 20, 6)
	do := func(keys ...string) {
		for _, k := range keys {
			if a, ok := e.Keys.Match(v.Actions(), k); ok && !v.Typing() && a.Run != nil {
				a.Run()
				continue
			}
			v.Update(tuitest.Key(k))
		}
		exact(t, v.View(20, 6), 20, 6)
	}
	top := func() string { return strings.TrimSpace(Plain(v.View(20, 6)[0])) }
	do("/", "3", "0", "enter")
	if !strings.HasPrefix(top(), "line 30") {
		t.Errorf("found %q", top())
	}
	tuitest.GoldenStyles(t, tuitest.Draw(t, v.View(20, 6), 20, 6))
	v.Back()
	do("/", "x", "enter", "n", "N")
	v.Back()
	do("g", "/", "0", "9", "enter")
	if !strings.HasPrefix(top(), "line 09") {
		t.Errorf("found %q", top())
	}
	do("w", "right", "right")
	if strings.Contains(top(), "line") {
		t.Errorf("not scrolled sideways: %q", top())
	}
	do("left", "left", "left", "w", "end", "pgup", "ctrl+u", "ctrl+d", "pgdown", "home", "j", "k")
	if !strings.HasPrefix(top(), "line 00") {
		t.Errorf("top is %q", top())
	}
	v.Update(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	v.Update(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	exact(t, v.View(20, 0), 20, 0)
}

func TestWrapPainted(t *testing.T) {
	row := red + "abc東京" + reset + "de" + green + "fgh" + reset
	var plain string
	for _, r := range wrapPainted(row, 4) {
		plain += Plain(r) + "|"
		if Width(r) > 4 {
			t.Errorf("%q is %d wide", r, Width(r))
		}
		if i := strings.LastIndexByte(r, 0x1b); i >= 0 && !strings.HasPrefix(r[i:], reset) {
			t.Errorf("%q leaves a colour on", r)
		}
	}
	if plain != "abc|東京|defg|h|" {
		t.Errorf("broken as %s", plain)
	}
	if rows := wrapPainted("東", 1); len(rows) != 1 || Width(rows[0]) > 1 {
		t.Errorf("a wide character in one cell: %q", rows)
	}
	long := wrapPainted(red+strings.Repeat("0123456789", 100_000)+reset, 80)
	if len(long) != 12_500 || !strings.HasPrefix(long[9], red) {
		t.Errorf("%d rows, %q", len(long), long[9])
	}
	if rows := Wrap(strings.Repeat("x", 1_000_000), 80); len(rows) != 12_500 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestDialog(t *testing.T) {
	e := quiet(t)
	v := NewViewer(e)
	v.SetText("one\ntwo\nthree")
	d := NewDialog(e, "Text", v)
	d.View(20, 2)
	if _, done := hit(d, "/", "q", "t"); done || v.find.Value() != "qt" {
		t.Errorf("q closed a dialog while typing (%q)", v.find.Value())
	}
	if _, done := hit(d, "esc"); done {
		t.Error("esc closed before the search was ended")
	}
	if _, done := hit(d, "j", "w", "esc"); !done {
		t.Error("esc does not close")
	}
	if _, done := hit(d, "q"); !done {
		t.Error("q does not close")
	}
	if d.Title() != "Text" || len(d.View(10, 2)) != 2 {
		t.Error("title or view")
	}
}

// TestDialogHasOwnKeys holds what is in a dialog to the keys that the user chose.
func TestDialogHasOwnKeys(t *testing.T) {
	e := quiet(t)
	e.Keys = env.NewKeymap(map[string][]string{"text.copy": {"ctrl+y"}, "move.rows": {"up", "down"}})
	copied := ""
	e.Clipboard = func(text string) tea.Cmd { copied = text; return nil }
	v := NewViewer(e)
	v.SetText("one\ntwo\nthree")
	d := NewDialog(e, "Text", v)
	d.View(20, 2)
	if hit(d, "y"); copied != "" {
		t.Error("the key that was given up copies")
	}
	if hit(d, "ctrl+y"); copied != "one\ntwo\nthree" {
		t.Errorf("the key that was chosen copies %q", copied)
	}
	if hit(d, "j"); v.top != 0 {
		t.Error("the key that was taken away scrolls")
	}
	if hit(d, "down"); v.top != 1 {
		t.Error("the key that was kept does not scroll")
	}
}

func TestFormSaysWhatIsWrongUntilItIsChanged(t *testing.T) {
	e := quiet(t)
	sent := 0
	f := NewForm(e, "Mend", []Field{{ID: "a", Label: "a", Value: "1"}, {ID: "b", Label: "b", Value: "two", Wrong: "is no number"}},
		func(map[string]string) tea.Cmd { sent++; return nil })
	f.Focus("b")
	f.Focus("none")
	if text := Plain(strings.Join(f.View(40, 10), "\n")); !strings.Contains(text, "✗ is no number") || !strings.Contains(text, "▸ b") {
		t.Errorf("the form is\n%s", text)
	}
	f.Update(tea.KeyPressMsg{Code: '3', Text: "3"})
	if text := strings.Join(f.View(40, 10), "\n"); strings.Contains(text, "✗") {
		t.Errorf("changed, and still said:\n%s", text)
	}
	f.Update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	if _, done := f.Update(tea.KeyPressMsg{Code: tea.KeyEnter}); !done || sent != 1 {
		t.Error("what is said keeps one from submitting")
	}
}

// TestFormThatIsReady submits by enter as long as nothing was changed, also where a value was changed back.
func TestFormThatIsReady(t *testing.T) {
	var got map[string]string
	f := newForm(t, quiet(t), &got)
	f.Ready = true
	if _, done := hit(f, "tab", "right", "enter"); done || f.at != 2 || got != nil {
		t.Fatalf("changed, and submitted from field %d: %v", f.at, got)
	}
	hit(f, "up", "left")
	if text := Plain(strings.Join(f.View(60, 12), "\n")); !strings.Contains(text, "enter submits it as it is") {
		t.Errorf("it is not told:\n%s", text)
	}
	if _, done := hit(f, "enter"); !done || got["engine"] != "nifi" {
		t.Errorf("not submitted: %v", got)
	}
	got = nil
	f = NewForm(quiet(t), "x", []Field{{ID: "a", Check: func(string) error { return errors.New("is needed") }}, {ID: "b"}}, func(v map[string]string) tea.Cmd { got = v; return nil })
	f.Ready = true
	if _, done := hit(f, "enter"); done || got != nil {
		t.Error("submitted although a field is wrong")
	}
}

// TestFormThatIsCareful asks before it drops what was typed, and only then.
func TestFormThatIsCareful(t *testing.T) {
	for keys, want := range map[string]bool{ // left
		"esc": true, "x esc": false, "x backspace esc": true, "x esc n": false, "x esc y": true, "x esc esc": false, "x esc enter": false, "x esc esc esc y": true,
	} {
		var got map[string]string
		f := newForm(t, quiet(t), &got)
		f.Careful = true
		if _, done := hit(f, strings.Fields(keys)...); done != want || got != nil {
			t.Errorf("%s: left %v, submitted %v", keys, done, got)
		}
		if keys == "x esc n" && f.Values()["source"] != "online-retailx" {
			t.Errorf("what was typed is %q", f.Values()["source"])
		}
		if s := tuitest.Draw(t, f.View(44, 3), 44, 3); keys == "x esc" && !s.Contains("Drop it?") {
			t.Errorf("no question:\n%s", s.Text())
		}
	}
}
