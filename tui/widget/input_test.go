package widget

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/tuitest"
)

func TestInputKeys(t *testing.T) {
	for _, c := range []struct {
		start string
		keys  []string
		want  string
	}{
		{"", []string{"a", "b", "space", "c"}, "ab c"},
		{"abc", []string{"backspace"}, "ab"},
		{"abc", []string{"left", "left", "x"}, "axbc"},
		{"abc", []string{"home", "delete", "end", "z"}, "bcz"},
		{"abc", []string{"ctrl+a", "ctrl+d"}, "bc"},
		{"one two ", []string{"ctrl+w"}, "one "},
		{"one two", []string{"alt+b", "x"}, "one xtwo"},
		{"one two", []string{"home", "alt+f", "x"}, "onex two"},
		{"one two", []string{"alt+b", "ctrl+u"}, "two"},
		{"one two", []string{"home", "ctrl+f", "ctrl+k"}, "o"},
		{"東京", []string{"left", "backspace", "e", "\u0301"}, "e\u0301京"},
		{"", []string{"backspace", "delete", "left", "right", "ctrl+w"}, ""},
		{"a", []string{"f5", "ctrl+x"}, "a"},
	} {
		in := NewInput(quiet(t))
		in.Set(c.start)
		for _, k := range c.keys {
			in.Update(tuitest.Key(k))
		}
		if got := in.Value(); got != c.want {
			t.Errorf("%q then %v = %q, want %q", c.start, c.keys, got, c.want)
		}
	}
}

func TestInputReportsChanges(t *testing.T) {
	in := NewInput(quiet(t))
	for _, c := range []struct {
		msg  tea.Msg
		want bool
	}{
		{tuitest.Key("a"), true},
		{tuitest.Key("left"), false},
		{tuitest.Key("backspace"), false},
		{tuitest.Key("end"), false},
		{tuitest.Key("backspace"), true},
		{tea.PasteMsg{Content: "two\nlines\x1b[31m\r\n"}, true},
		{tea.WindowSizeMsg{}, false},
	} {
		if got := in.Update(c.msg); got != c.want {
			t.Errorf("Update(%v) = %v", c.msg, got)
		}
	}
	if in.Value() != "two␊lines␛[31m" {
		t.Errorf("pasted %q", in.Value())
	}
}

func TestInputView(t *testing.T) {
	in := NewInput(quiet(t))
	in.Placeholder = "filter"
	rows := []string{in.View(10, false), in.View(10, true)}
	in.Set("a long text 東京")
	rows = append(rows, in.View(10, false), in.View(10, true))
	in.Update(tuitest.Key("home"))
	rows = append(rows, in.View(10, true))
	in.Secret = true
	rows = append(rows, in.View(20, true))
	tuitest.GoldenStyles(t, tuitest.Draw(t, rows, 20, len(rows)))
	for _, row := range rows {
		if w := Width(row); w != 10 && w != 20 {
			t.Errorf("%q is %d wide", row, w)
		}
	}
}
