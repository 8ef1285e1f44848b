package tui

import (
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// frames keeps when something was drawn.
type frames struct {
	mu   sync.Mutex
	when []time.Time
	text strings.Builder
}

func (f *frames) Write(b []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.when = append(f.when, time.Now())
	return f.text.Write(b)
}

// since returns how long after t the first frame came that is not older.
func (f *frames) since(t time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, when := range f.when {
		if !when.Before(t) {
			return when.Sub(t)
		}
	}
	return -1
}

func (f *frames) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.when)
}

// word is a model that shows the last text it was sent.
type word string

func (w word) Init() tea.Cmd { return nil }

func (w word) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if text, ok := msg.(string); ok {
		return word(text), nil
	}
	return w, nil
}

func (w word) View() tea.View { return tea.NewView(string(w)) }

func TestPaceOfFrames(t *testing.T) {
	// A program listens for signals, which has to have begun outside of the bubble.
	outside := make(chan os.Signal, 1)
	signal.Notify(outside, syscall.SIGWINCH)
	defer signal.Stop(outside)
	synctest.Test(t, func(t *testing.T) {
		var out frames
		paced := NewPaced(word("one"), 30)
		program := tea.NewProgram(paced, tea.WithInput(nil), tea.WithOutput(&out), tea.WithoutSignals(),
			tea.WithFPS(1), tea.WithWindowSize(20, 5), tea.WithEnvironment([]string{"TERM=xterm", "SSH_TTY=none"}))
		paced.Of(program)
		ended := make(chan error, 1)
		go func() {
			_, err := program.Run()
			ended <- err
		}()

		began := time.Now()
		time.Sleep(500 * time.Millisecond)
		if late := out.since(began); late != paceSoon {
			t.Errorf("the first frame came after %v, want %v", late, paceSoon)
		}

		for i, text := range []string{"two", "three"} {
			sent := time.Now()
			program.Send(text)
			time.Sleep(900 * time.Millisecond)
			if late := out.since(sent); late != paceSoon {
				t.Errorf("change %d was drawn after %v, want %v", i, late, paceSoon)
			}
		}

		before := out.count()
		for i := range 1000 {
			program.Send(strings.Repeat("x", 1+i%7))
			time.Sleep(time.Millisecond)
		}
		if drawn := out.count() - before; drawn < 25 || drawn > 36 {
			t.Errorf("%d frames in a second full of changes, want about 30", drawn)
		}

		time.Sleep(10 * time.Second)
		before = out.count()
		program.Send("unchanged from here")
		time.Sleep(time.Minute)
		if drawn := out.count() - before; drawn != 1 {
			t.Errorf("one change was drawn %d times", drawn)
		}
		paced.Close()
		program.Quit()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestPaceRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPaced(word("one"), 30)
		p.ticker = time.NewTicker(p.frame)
		defer p.ticker.Stop()
		looks := func(d time.Duration) (n int) {
			for end := time.After(d); ; {
				select {
				case <-p.ticker.C:
					n++
				case <-end:
					return n
				}
			}
		}
		p.View()
		if n := looks(paceQuick + 2*paceAwake + 2*paceSoon); n > 10 {
			t.Errorf("%d looks for one frame", n)
		}
		p.View() // nothing new
		if n := looks(time.Minute + time.Millisecond); n != 60 {
			t.Errorf("%d looks in a minute of rest, want one a second", n)
		}
		p.Close()
		p.model = word("two")
		p.View()
		if n := looks(time.Minute + time.Millisecond); n != 60 {
			t.Errorf("%d looks in a minute after the end, want one a second", n)
		}
	})
}
