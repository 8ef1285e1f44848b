package insights

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	"penstock/tui/theme"
	"penstock/tui/tuitest"
)

// now is the time it is in these tests.
func now() time.Time { return time.Date(2011, 12, 9, 18, 0, 0, 0, time.UTC) }

// looks are the ways that frames are drawn in.
func looks() map[string]theme.Options {
	return map[string]theme.Options{
		"dark":    {Name: "dark", Profile: colorprofile.TrueColor},
		"light":   {Name: "light", Profile: colorprofile.TrueColor},
		"nocolor": {Name: "dark", Profile: colorprofile.Ascii},
	}
}

// session returns an Env whose clock stands still.
func session(t testing.TB, look theme.Options) *env.Env {
	t.Helper()
	th, err := theme.New(look)
	if err != nil {
		t.Fatal(err)
	}
	e := env.New(t.Context(), th, now)
	e.After = func(d time.Duration, msg func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg { return msg(now().Add(d)) }
	}
	return e
}

// harness drives a screen without a program: commands run to their end at once.
type harness struct {
	t      testing.TB
	env    *env.Env
	screen *Screen
	toasts []string
	visits []string
	modals []env.Modal
	copied string
	lost   bool // answers to questions do not come
	hidden bool // another screen is shown, and gets what is not addressed
}

func newHarness(t testing.TB, e *env.Env, o Options) *harness {
	t.Helper()
	h := &harness{t: t, env: e, screen: New(e, o)}
	e.Clipboard = func(text string) tea.Cmd { return func() tea.Msg { h.copied = text; return nil } }
	var _ tui.Screen = h.screen
	h.run(h.screen.Init(t.Context()))
	h.run(h.screen.Update(env.ArrivedMsg{}))
	return h
}

// run does a command and all that follows from it.
func (h *harness) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			h.run(c)
		}
	case env.LetterMsg:
		if h.lost {
			return
		}
		if body, ok := msg.Open(); ok {
			h.run(h.screen.Update(body))
		}
	case env.ToastMsg:
		h.toasts = append(h.toasts, msg.Text)
	case env.GotoMsg:
		h.visits = append(h.visits, msg.Screen)
	case env.OpenMsg:
		h.modals = append(h.modals, msg.Modal)
	default:
		list := sequence(msg)
		for _, c := range list {
			h.run(c)
		}
		if list == nil && !h.hidden {
			h.run(h.screen.Update(msg))
		}
	}
}

// sequence returns the commands of tea.Sequence, whose type is not exported.
func sequence(msg tea.Msg) []tea.Cmd {
	if !strings.HasSuffix(fmt.Sprintf("%T", msg), "sequenceMsg") {
		return nil
	}
	var list []tea.Cmd
	v := reflect.ValueOf(msg)
	for i := range v.Len() {
		list = append(list, v.Index(i).Interface().(tea.Cmd))
	}
	return list
}

// press presses keys the way the root does: actions first, esc steps back.
func (h *harness) press(keys ...string) {
	h.t.Helper()
	for _, k := range keys {
		st := h.screen.Status()
		msg := tuitest.Key(k)
		switch {
		case st.Typing:
		case k == "esc" && st.Cancel != nil:
			h.run(st.Cancel())
			continue
		case k == "esc":
			cmd, _ := st.Back()
			h.run(cmd)
			continue
		default:
			if a, ok := h.env.Keys.Match(runnable(st.Actions), msg.String()); ok {
				if why := a.Why(); why != "" {
					h.toasts = append(h.toasts, why)
					continue
				}
				h.run(a.Run())
				continue
			}
		}
		h.run(h.screen.Update(msg))
	}
}

func runnable(list []env.Action) []env.Action {
	var out []env.Action
	for _, a := range list {
		if a.Run != nil {
			out = append(out, a)
		}
	}
	return out
}

// draw returns the screen in w by h cells.
func (h *harness) draw(w, height int) tuitest.Screen {
	h.t.Helper()
	return tuitest.Draw(h.t, h.screen.View(w, height), w, height)
}

func (h *harness) wantText(texts ...string) {
	h.t.Helper()
	s := h.draw(118, 36)
	for _, text := range texts {
		if !s.Contains(text) {
			h.t.Errorf("%q is missing:\n%s", text, s.Text())
		}
	}
}

// demoOptions are the screen's with the data of the demonstration.
func demoOptions() Options {
	d := demo.NewInsights(now())
	return Options{
		Marts: d, Charts: d, Facts: d, Currency: "GBP", Timezone: "Europe/London", PII: []string{"customer_id"}, Smallest: 2, Largest: 100,
	}
}

// TestFrames shows every tab in every size and look, as the root gives them room.
func TestFrames(t *testing.T) {
	for look, o := range looks() {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
			h := newHarness(t, session(t, o), demoOptions())
			for _, name := range h.screen.names {
				h.run(h.screen.Update(env.ArrivedMsg{Arg: name}))
				t.Run(fmt.Sprintf("%s/%s-%dx%d", name, look, size[0], size[1]), func(t *testing.T) {
					h.t = t
					s := h.draw(size[0]-2, size[1]-4)
					if look == "nocolor" {
						tuitest.Golden(t, s)
					} else {
						tuitest.GoldenStyles(t, s)
					}
				})
			}
		}
	}
}
