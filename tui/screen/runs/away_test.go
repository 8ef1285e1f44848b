package runs_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/runs"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
	"penstock/tui/widget"
)

// few is a ledger with a short history; some runs of it cannot be read.
type few struct {
	*demo.Ledger
	wrong map[int64]error // why not, by run
	asked int             // for single runs
}

func (f *few) Runs(ctx context.Context, limit int) ([]screen.Run, error) {
	return f.Ledger.Runs(ctx, min(limit, 5))
}

func (f *few) Run(ctx context.Context, run int64) (screen.Run, error) {
	f.asked++
	if err := f.wrong[run]; err != nil {
		return screen.Run{}, err
	}
	return f.Ledger.Run(ctx, run)
}

// stepped is a screen without a program: each answer comes when the test has it come.
type stepped struct {
	t       *testing.T
	now     time.Time
	screen  *screen.Screen
	answers []env.LetterMsg // that have not come yet
}

func step(t *testing.T, l screen.Ledger) *stepped {
	t.Helper()
	s := &stepped{t: t, now: demo.Start()}
	e := console.Dark().Env(t, func() time.Time { return s.now })
	s.screen = screen.New(e, l)
	s.do(s.screen.Init(t.Context()))
	return s
}

// do runs a command; what it answers waits for settle.
func (s *stepped) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			s.do(c)
		}
	case env.LetterMsg:
		s.answers = append(s.answers, msg)
	}
}

// settle has every answer come, and those to what they ask for.
func (s *stepped) settle() {
	for len(s.answers) > 0 {
		next := s.answers[0]
		s.answers = s.answers[1:]
		if body, fresh := next.Open(); fresh {
			s.do(s.screen.Update(body))
		}
	}
}

// later is a refresh after some time.
func (s *stepped) later(d time.Duration) {
	s.now = s.now.Add(d)
	s.do(s.screen.Update(env.RefreshMsg{Now: s.now}))
	s.settle()
}

// see holds the screen to showing texts, and others not.
func (s *stepped) see(want ...string) {
	s.t.Helper()
	text := widget.Plain(strings.Join(s.screen.View(120, 40), "\n"))
	for _, w := range want {
		w, not := strings.CutPrefix(w, "!")
		if strings.Contains(text, w) == not {
			s.t.Errorf("%q is shown: %t\n%s", w, not, text)
		}
	}
}

// TestRunsThatAreNotReadStayUnknown goes to a run that is not there: looks at the history invent nothing of
// it, and ask for it again, as it may come.
func TestRunsThatAreNotReadStayUnknown(t *testing.T) {
	l := &few{Ledger: demo.NewLedger(demo.Start()), wrong: map[int64]error{31: errors.New("run 31: no such run")}}
	s := step(t, l)
	s.settle()
	s.do(s.screen.Update(env.ArrivedMsg{Arg: "31"}))
	s.settle()
	s.see("Run 31", "run 31: no such run", "press R to try again")
	s.later(time.Minute)
	s.see("run 31: no such run", "!0001-01-01", "!process 0")
	if l.asked != 2 {
		t.Errorf("the run was asked for %d times", l.asked)
	}
	l.wrong = nil
	s.later(time.Minute)
	s.see("!no such run", "run 31 of ingest", "process")
	s.later(time.Minute)
	s.see("!stale") // it has ended, so that it is as it was
	if l.asked != 3 {
		t.Errorf("a run that was read is asked for again: %d times", l.asked)
	}
}

// TestAFirstVisitToARunWaitsForIt has the history come before the run that was asked for.
func TestAFirstVisitToARunWaitsForIt(t *testing.T) {
	s := step(t, &few{Ledger: demo.NewLedger(demo.Start())})
	history := s.answers
	s.answers = nil
	s.do(s.screen.Update(env.ArrivedMsg{Arg: "run 31"}))
	run := s.answers
	s.answers = history
	s.settle()
	s.see("Run 31", "reading run 31", "!0001-01-01", "!process 0")
	s.answers = run
	s.settle()
	s.see("run 31 of ingest", "!reading run 31")
}

// TestAPageThatWasNotReadGoesOn reads a run of the history while the ledger is away, and presses nothing
// when it is back.
func TestAPageThatWasNotReadGoesOn(t *testing.T) {
	l := &few{Ledger: demo.NewLedger(demo.Start()), wrong: map[int64]error{41: errors.New("staging is away")}}
	s := step(t, l)
	s.do(s.screen.Update(env.ArrivedMsg{Arg: "run 41"}))
	s.settle()
	s.see("✗ staging is away")
	s.later(time.Minute) // the history knows the run: what it says is shown
	s.see("✗ staging is away", "✓ done  pipeline")
	l.wrong = nil
	s.later(time.Minute)
	s.see("!staging is away", "run 41 done in 19.0 s")
	// A page that is left is not come back to by an answer that was under way.
	s.do(s.screen.Update(env.ArrivedMsg{Arg: "run 31"}))
	s.screen.Status().Back()
	s.settle()
	s.see("Runs", "!Events")
}

// press presses a key the way the root does.
func (s *stepped) press(key string) {
	s.t.Helper()
	for _, a := range s.screen.Status().Actions {
		if a.Run != nil && slices.Contains(a.Keys, key) {
			s.do(a.Run())
			s.settle()
			return
		}
	}
	s.do(s.screen.Update(tuitest.Key(key)))
	s.settle()
}

// TestEachViewHasItsOwnRoom zooms the history and opens a run: the page has all its panes, and back in the
// history nothing of the page's focus is left.
func TestEachViewHasItsOwnRoom(t *testing.T) {
	s := step(t, demo.NewLedger(demo.Start()))
	s.settle()
	s.press("down")
	list := strings.Join(s.screen.View(120, 40), "\n")
	s.press("z")
	s.see("!Steps of run 41")
	s.press("enter")
	s.see("Run 41", "Steps of run 41", "Events")
	s.press("tab")
	s.press("z")
	s.see("!Events", "Steps of run 41")
	s.screen.Status().Back()
	s.screen.Status().Back()
	if back := strings.Join(s.screen.View(120, 40), "\n"); back != list {
		t.Errorf("the history was\n%s\nand is\n%s", list, back)
	}
}

// TestAPausedComparisonGoesOn holds space to going on where the header says that the screen is paused.
func TestAPausedComparisonGoesOn(t *testing.T) {
	s := step(t, demo.NewLedger(demo.Start()))
	s.settle()
	s.press("down")
	s.press("space")
	s.press("d")
	s.see("(A) and run 41 (B)")
	s.press("space")
	if !s.screen.Status().Paused.IsZero() {
		t.Error("space does nothing")
	}
}
