package pipeline

import (
	"math"
	"testing"
	"time"
)

// fed returns a meter that saw these counts, one a second.
func fed(counts ...int64) *Meter {
	m := NewMeter(3 * time.Second)
	for i, n := range counts {
		m.Add(time.Unix(int64(i), 0), n)
	}
	return m
}

func TestMeterNeedsThreeSamples(t *testing.T) {
	for _, m := range []*Meter{fed(), fed(5), fed(0, 10)} {
		if r, ok := m.Rate(); ok {
			t.Errorf("rate %v from %d samples", r, m.n)
		}
		if d, ok := m.ETA(100); ok {
			t.Errorf("eta %v from %d samples", d, m.n)
		}
	}
}

func TestMeterOfASteadyCounterIsExact(t *testing.T) {
	m := fed(0, 10, 20)
	if r, ok := m.Rate(); !ok || math.Abs(r-10) > 1e-9 {
		t.Errorf("rate %v %v, want 10", r, ok)
	}
	if d, ok := m.ETA(100); !ok || d.Round(time.Millisecond) != 8*time.Second {
		t.Errorf("eta %v %v, want 8s", d, ok)
	}
	if d, ok := m.ETA(20); !ok || d != 0 {
		t.Errorf("eta at the end %v %v", d, ok)
	}
}

func TestMeterFollowsTheNewerRate(t *testing.T) {
	m := fed(0, 10, 20, 30, 130, 230, 330, 430, 530, 630)
	if r, _ := m.Rate(); r < 70 || r > 100 {
		t.Errorf("rate %v after six seconds at 100, following 10", r)
	}
}

func TestMeterStartsAnewWhenTheCounterDoes(t *testing.T) {
	m := fed(0, 10, 20, 5)
	if r, ok := m.Rate(); ok {
		t.Errorf("rate %v just after a restart", r)
	}
	m.Add(time.Unix(4, 0), 6)
	m.Add(time.Unix(5, 0), 7)
	if r, ok := m.Rate(); !ok || math.Abs(r-1) > 1e-9 {
		t.Errorf("rate %v %v, want 1", r, ok)
	}
}

func TestMeterIgnoresTheSameMoment(t *testing.T) {
	m := fed(0, 10, 20)
	m.Add(time.Unix(2, 0), 1000)
	m.Add(time.Unix(1, 0), 1000)
	if r, _ := m.Rate(); math.Abs(r-10) > 1e-9 {
		t.Errorf("rate %v, want 10", r)
	}
}

func TestMeterSaysNothingOfAStandstill(t *testing.T) {
	m := fed(5, 5, 5, 5)
	if r, ok := m.Rate(); !ok || r != 0 {
		t.Errorf("rate %v %v, want 0", r, ok)
	}
	if d, ok := m.ETA(100); ok {
		t.Errorf("eta %v", d)
	}
	if d, ok := fed(0, 1, 2).ETA(0); ok {
		t.Errorf("eta %v of an unknown total", d)
	}
}
