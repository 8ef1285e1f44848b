package rejects

import (
	"strings"
	"testing"
	"time"

	"penstock/tui/env"
	"penstock/tui/theme"
)

func fresh(t *testing.T) (s *Screen, later func(time.Duration)) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	e := env.New(t.Context(), theme.Theme{}, func() time.Time { return now })
	return New(e, Options{}), func(d time.Duration) { now = now.Add(d) }
}

func TestNewsGrowsOld(t *testing.T) {
	s, later := fresh(t)
	s.last, s.over = "run 43: 1 of 1 mended record in as load 8", s.env.Now()
	later(news - time.Second)
	if got := s.doing(); got != s.last {
		t.Errorf("still news, and %q is said", got)
	}
	later(time.Second)
	if got := s.doing(); got != "" {
		t.Errorf("no news any more, and %q is said", got)
	}
	s.over = s.env.Now()
	s.Update(env.LeftMsg{})
	if got := s.doing(); got != "" {
		t.Errorf("left, and %q is said", got)
	}
}

// TestSessionsBeginInTheList gives the focus of the session before to a part that keys move in.
func TestSessionsBeginInTheList(t *testing.T) {
	for was, want := range map[int]int{onCounts: onCounts, onList: onList, onRecord: onList} {
		s, _ := fresh(t)
		s.ring.Set(was)
		raw := s.Remember()
		next, _ := fresh(t)
		next.Recall(raw)
		if got := next.ring.At(); got != want {
			t.Errorf("left in part %d, begins in %d, want %d", was, got, want)
		}
	}
}

func TestMaskedRecordSaysHowItIsMended(t *testing.T) {
	s, _ := fresh(t)
	s.record = &Record{Reject: Reject{Masked: true}}
	msg, ok := s.openForm()().(env.ToastMsg)
	if !ok || !strings.Contains(msg.Text, "p shows it, and then it can be mended") {
		t.Errorf("said: %+v", msg)
	}
}
