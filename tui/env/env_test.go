package env

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/theme"
)

func testEnv(t *testing.T) *Env {
	t.Helper()
	return New(t.Context(), theme.Theme{}, func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) })
}

func TestNewWorksAsItIs(t *testing.T) {
	e := testEnv(t)
	if e.Keys == nil || e.Actions == nil || e.After == nil || e.Clipboard == nil || e.Width == 0 || e.Profile.Name == "" {
		t.Errorf("New left something out: %+v", e)
	}
	if g := e.Glyph("▸", ">"); g != "▸" {
		t.Errorf("Glyph = %q", g)
	}
	e.ASCII = true
	if g := e.Glyph("▸", ">"); g != ">" {
		t.Errorf("ASCII Glyph = %q", g)
	}
}

func TestKeyName(t *testing.T) {
	e := testEnv(t)
	for key, want := range map[string]string{"up": "↑", "right": "→", "enter": "enter", "space": "space", "G": "G"} {
		if got := e.KeyName(key); got != want {
			t.Errorf("KeyName(%q) = %q", key, got)
		}
	}
	e.ASCII = true
	if got := e.KeyName("up"); got != "up" {
		t.Errorf("ASCII KeyName(up) = %q", got)
	}
}

func TestRegistry(t *testing.T) {
	var r Registry
	r.Add(Action{ID: "go.runs", Title: "runs"}, Action{ID: "go.rejects", Title: "rejects"})
	r.Add(Action{ID: "go.runs", Title: "history"})
	if all := r.All(); len(all) != 2 || all[0].Title != "history" {
		t.Errorf("All = %+v", all)
	}
	r.All()[0].Title = "changed outside"
	if all := r.All(); all[0].Title != "history" || all[1].Title != "rejects" {
		t.Errorf("All = %+v", all)
	}
}

func TestActionWhy(t *testing.T) {
	if (Action{}).Why() != "" {
		t.Error("an action is enabled unless it says otherwise")
	}
	if why := (Action{Disabled: func() string { return "read only" }}).Why(); why != "read only" {
		t.Errorf("Why = %q", why)
	}
}

func TestKeymap(t *testing.T) {
	actions := []Action{
		{ID: "a.start", Keys: []string{"s", "ctrl+s"}},
		{ID: "a.sort", Keys: []string{"o"}},
		{ID: "a.stop", Keys: []string{"x"}},
	}
	k := NewKeymap(map[string][]string{"a.sort": {"s"}, "a.stop": {}, "b.gone": {"z"}, "a.gone": {"y"}})
	for key, want := range map[string]string{"s": "a.start", "ctrl+s": "a.start", "o": "", "x": ""} {
		a, ok := k.Match(actions, key)
		if a.ID != want || ok != (want != "") {
			t.Errorf("Match(%q) = %q", key, a.ID)
		}
	}
	conflicts := k.Conflicts(actions)
	if len(conflicts) != 1 || conflicts[0].Key != "s" || !slices.Equal(conflicts[0].IDs, []string{"a.start", "a.sort"}) {
		t.Fatalf("Conflicts = %+v", conflicts)
	}
	if msg := conflicts[0].Error(); !strings.Contains(msg, `"s"`) || !strings.Contains(conflicts[0].Hint(), "ui.keys") {
		t.Errorf("%s / %s", msg, conflicts[0].Hint())
	}
	if got := k.Unknown(actions); !slices.Equal(got, []string{"a.gone", "b.gone"}) {
		t.Errorf("Unknown = %v", got)
	}
	var none *Keymap
	if a, ok := none.Match(actions, "o"); !ok || a.ID != "a.sort" {
		t.Error("a nil keymap keeps the actions' own keys")
	}
	if again := k.Conflicts(append(actions[1:], actions[1:]...)); len(again) != 0 {
		t.Errorf("an action listed twice conflicts with itself: %v", again)
	}
	shared := append(actions, Action{ID: "a.save", Keys: []string{"s"}})
	if list := NewKeymap(nil).Conflicts(shared); len(list) != 0 || none.Conflicts(shared) != nil || none.Unknown(shared) != nil {
		t.Errorf("keys that nobody chose conflict: %v", list)
	}
}

// open runs a job's command and opens what it sends.
func open(t *testing.T, cmd tea.Cmd) (tea.Msg, bool) {
	t.Helper()
	letter, ok := cmd().(LetterMsg)
	if !ok {
		t.Fatal("not a letter")
	}
	if letter.Screen() != "runs" {
		t.Fatalf("letter for %q", letter.Screen())
	}
	return letter.Open()
}

func answer(s string) func(context.Context) tea.Msg {
	return func(context.Context) tea.Msg { return s }
}

func TestJobDelivers(t *testing.T) {
	j := NewJob("runs")
	if j.Running() || j.Cancel() {
		t.Error("a new job runs")
	}
	cmd := j.Start(t.Context(), answer("one"))
	if !j.Running() {
		t.Error("started, but not running")
	}
	if msg, ok := open(t, cmd); !ok || msg != "one" {
		t.Errorf("got %v %v", msg, ok)
	}
	if j.Running() {
		t.Error("delivered, but running")
	}
}

func TestJobDropsOldGenerations(t *testing.T) {
	j := NewJob("runs")
	first := j.Start(t.Context(), answer("one"))
	second := j.Start(t.Context(), answer("two"))
	if msg, ok := open(t, first); ok {
		t.Errorf("old result arrived: %v", msg)
	}
	if msg, ok := open(t, second); !ok || msg != "two" {
		t.Errorf("got %v %v", msg, ok)
	}
	third := j.Start(t.Context(), answer("three"))
	if !j.Cancel() {
		t.Error("nothing to cancel")
	}
	if msg, ok := open(t, third); ok {
		t.Errorf("cancelled result arrived: %v", msg)
	}
}

func TestJobContextEnds(t *testing.T) {
	j := NewJob("runs")
	var seen []context.Context
	keep := func(ctx context.Context) tea.Msg { seen = append(seen, ctx); return "x" }
	j.Start(t.Context(), keep)()
	j.Start(t.Context(), keep)()
	if seen[0].Err() == nil || seen[1].Err() != nil {
		t.Errorf("after a new start: %v, %v", seen[0].Err(), seen[1].Err())
	}
	j.Cancel()
	if seen[1].Err() == nil {
		t.Error("cancelled, but its context lives")
	}
}

func TestJobMoreStaysInItsGeneration(t *testing.T) {
	j := NewJob("runs")
	if j.More(answer("x")) != nil {
		t.Error("More before Start")
	}
	var ctx context.Context
	open(t, j.Start(t.Context(), answer("one")))
	cmd := j.More(func(c context.Context) tea.Msg { ctx = c; return "two" })
	if msg, ok := open(t, cmd); !ok || msg != "two" {
		t.Errorf("got %v %v", msg, ok)
	}
	late := j.More(answer("three"))
	j.Cancel()
	if _, ok := open(t, late); ok || ctx.Err() == nil || j.More(answer("x")) != nil {
		t.Error("a stream went on after Cancel")
	}
}

func TestJobExpects(t *testing.T) {
	j := NewJob("runs")
	seal := j.Expect(t.Context())
	if !j.Running() {
		t.Error("nothing is expected")
	}
	if msg, ok := open(t, func() tea.Msg { return seal("edited") }); !ok || msg != "edited" {
		t.Errorf("got %v %v", msg, ok)
	}
	late := j.Expect(t.Context())
	j.Start(t.Context(), answer("x"))
	if _, ok := open(t, func() tea.Msg { return late("edited") }); ok {
		t.Error("an old callback arrived")
	}
}

func TestJobWithNothingToSay(t *testing.T) {
	j := NewJob("runs")
	if _, ok := open(t, j.Start(t.Context(), func(context.Context) tea.Msg { return nil })); ok || j.Running() {
		t.Error("an empty letter was delivered or left the job running")
	}
}

func TestCopyRefusesWhatTerminalsDrop(t *testing.T) {
	e := testEnv(t)
	toast, ok := e.Copy("row 4", strings.Repeat("x", MaxCopy+1))().(ToastMsg)
	if !ok || toast.Level != Warn || !strings.Contains(toast.Text, "row 4") || !strings.Contains(toast.Text, "export") {
		t.Errorf("toast = %+v", toast)
	}
	e.Clipboard = nil
	if toast, ok := e.Copy("row 4", "x")().(ToastMsg); !ok || toast.Level != Warn {
		t.Errorf("without a clipboard: %+v", toast)
	}
}

func TestCopyCleans(t *testing.T) {
	e := testEnv(t)
	var got string
	e.Clipboard = func(s string) tea.Cmd { got = s; return nil }
	e.Copy("cell", "a\x1b[201~\tb\nrm -rf")
	if got != "a␛[201~\tb\nrm -rf" {
		t.Errorf("copied %q", got)
	}
}

func TestOSC52(t *testing.T) {
	env := map[string]string{"TERM": "xterm-256color"}
	getenv := func(k string) string { return env[k] }
	if msg := OSC52(getenv)("x")(); fmt.Sprintf("%T", msg) != "tea.setClipboardMsg" {
		t.Errorf("outside tmux: %T", msg)
	}
	env["TMUX"] = "/tmp/tmux-0/default,1,0"
	raw, ok := OSC52(getenv)("hello")().(tea.RawMsg)
	if !ok {
		t.Fatal("inside tmux the sequence is wrapped")
	}
	code := base64.StdEncoding.EncodeToString([]byte("hello"))
	want := "\x1b]52;c;" + code + "\x07\x1bPtmux;\x1b\x1b]52;c;" + code + "\x07\x1b\\"
	if raw.Msg != want {
		t.Errorf("got %q, want %q", raw.Msg, want)
	}
	delete(env, "TMUX")
	env["TERM"] = "tmux-256color"
	if _, ok := OSC52(getenv)("x")().(tea.RawMsg); !ok {
		t.Error("over SSH from tmux only TERM tells")
	}
}

// hinting is an error that knows the next step.
type hinting struct{}

func (hinting) Error() string { return "the lake is full" }
func (hinting) Hint() string  { return "make room" }

func TestFailedNamesTheNextStep(t *testing.T) {
	for _, c := range []struct {
		what string
		err  error
		want ToastMsg
	}{
		{"copy", errors.New("no"), ToastMsg{Bad, "copy: no", "r tries again"}},
		{"", fmt.Errorf("publish: %w", hinting{}), ToastMsg{Bad, "publish: the lake is full", "make room"}},
	} {
		if got := Failed(c.what, c.err, "r tries again")(); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}

func TestCommands(t *testing.T) {
	if m := Notify(Bad, "no")(); m != (ToastMsg{Level: Bad, Text: "no"}) {
		t.Errorf("Notify: %+v", m)
	}
	if m := Visit("runs", "42")(); m != (GotoMsg{Screen: "runs", Arg: "42"}) {
		t.Errorf("Visit: %+v", m)
	}
	if m, ok := Show(nil)().(OpenMsg); !ok || m.Unasked {
		t.Errorf("Show: %+v", m)
	}
}
