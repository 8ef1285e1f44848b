package tuitest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// patience is how long a test waits for the screen it expects.
const patience = 10 * time.Second

// Term is a program that runs in an emulated terminal.
type Term struct {
	t       testing.TB
	program *tea.Program
	screen  *emulator
	done    chan struct{}
	err     error
}

// Run starts the model in a terminal of w by h cells that shows 24-bit colours.
// It is ended with the test, if it is not before.
func Run(t testing.TB, m tea.Model, w, h int, options ...tea.ProgramOption) *Term {
	t.Helper()
	term := &Term{t: t, screen: newEmulator(w, h), done: make(chan struct{})}
	reader, writer := io.Pipe()
	options = append([]tea.ProgramOption{
		tea.WithInput(reader), tea.WithOutput(term.screen), tea.WithWindowSize(w, h),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithoutSignals(), tea.WithFPS(120),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}),
	}, options...)
	term.program = tea.NewProgram(m, options...)
	go func() {
		defer close(term.done)
		_, term.err = term.program.Run()
	}()
	t.Cleanup(func() {
		term.program.Kill()
		_ = writer.Close()
		<-term.done
	})
	return term
}

// Send gives the program a message.
func (t *Term) Send(msgs ...tea.Msg) {
	for _, msg := range msgs {
		t.program.Send(msg)
	}
}

// Keys presses keys by name: "j", "enter", "ctrl+p", "shift+tab", "?".
func (t *Term) Keys(keys ...string) {
	for _, k := range keys {
		t.program.Send(Key(k))
	}
}

// Type presses the keys of a text one by one.
func (t *Term) Type(text string) {
	for _, r := range text {
		t.program.Send(Key(string(r)))
	}
}

// Click presses and releases the left mouse button on a cell.
func (t *Term) Click(x, y int) {
	m := tea.Mouse{X: x, Y: y, Button: tea.MouseLeft}
	t.Send(tea.MouseClickMsg(m), tea.MouseReleaseMsg(m))
}

// Resize changes the terminal's size.
func (t *Term) Resize(w, h int) {
	t.screen.resize(w, h)
	t.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Screen returns what the terminal shows at the moment.
func (t *Term) Screen() Screen { return t.screen.screen() }

// Wait returns the first screen that satisfies ok; what names it for the error.
func (t *Term) Wait(what string, ok func(Screen) bool) Screen {
	t.t.Helper()
	return t.wait(patience, what, ok)
}

func (t *Term) wait(patience time.Duration, what string, ok func(Screen) bool) Screen {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.t.Context(), patience)
	defer cancel()
	for {
		changed := t.screen.next()
		s := t.screen.screen()
		if ok(s) {
			return s
		}
		select {
		case <-changed:
		case <-t.done:
			if s := t.screen.screen(); ok(s) {
				return s
			}
			t.t.Fatalf("the program ended (%v) before %s; the screen was:\n%s", t.err, what, s.Text())
		case <-ctx.Done():
			t.t.Fatalf("no %s after %v; the screen is:\n%s", what, patience, s.Text())
		}
	}
}

// WaitText returns the first screen on which all the texts stand.
func (t *Term) WaitText(texts ...string) Screen {
	t.t.Helper()
	return t.WaitFor(patience, texts...)
}

// WaitFor is WaitText for what takes longer than drawing, such as a run.
func (t *Term) WaitFor(patience time.Duration, texts ...string) Screen {
	t.t.Helper()
	return t.wait(patience, strings.Join(texts, ", "), func(s Screen) bool {
		for _, text := range texts {
			if !s.Contains(text) {
				return false
			}
		}
		return true
	})
}

// WaitGone returns the first screen on which text does not stand.
func (t *Term) WaitGone(text string) Screen {
	t.t.Helper()
	return t.Wait("screen without "+text, func(s Screen) bool { return !s.Contains(text) })
}

// Ended waits for the program to end and returns its error.
func (t *Term) Ended() error {
	t.t.Helper()
	select {
	case <-t.done:
		return t.err
	case <-time.After(patience):
		t.t.Fatalf("the program goes on; the screen is:\n%s", t.screen.screen().Text())
		return errors.New("unreachable")
	}
}
