package pipeline

import (
	"math"
	"time"
)

// meterSamples is how many samples a rate needs before it says anything.
const meterSamples = 3

// Meter estimates a rate from samples of a counter, newer ones weighing more.
// Its zero value is not ready: use NewMeter. It is not safe for concurrent use.
type Meter struct {
	halfLife time.Duration
	n        int
	at       time.Time
	done     int64
	rate     float64
	weight   float64
}

// NewMeter returns a meter in which a sample counts half after halfLife.
func NewMeter(halfLife time.Duration) *Meter {
	return &Meter{halfLife: halfLife}
}

// Add takes a sample. A counter that went back, as when the next phase begins,
// starts the meter anew; a sample that is no later than the last is left out.
func (m *Meter) Add(at time.Time, done int64) {
	switch took := at.Sub(m.at); {
	case m.n == 0 || done < m.done:
		*m = Meter{halfLife: m.halfLife, n: 1, at: at, done: done}
	case took > 0:
		// The weights of all samples so far decay; dividing by their sum keeps
		// the first samples from being drawn towards zero.
		keep := math.Exp2(-float64(took) / float64(m.halfLife))
		rate := float64(done-m.done) / took.Seconds()
		m.rate = m.rate*keep + rate*(1-keep)
		m.weight = m.weight*keep + (1 - keep)
		m.n, m.at, m.done = m.n+1, at, done
	}
}

// Rate returns the units per second, and false until there were three samples.
func (m *Meter) Rate() (float64, bool) {
	if m.n < meterSamples {
		return 0, false
	}
	return m.rate / m.weight, true
}

// ETA returns how long the counter takes to reach total, and false when that
// cannot be said: too few samples, nothing moving, or years to go.
func (m *Meter) ETA(total int64) (time.Duration, bool) {
	rate, ok := m.Rate()
	if !ok || total <= 0 {
		return 0, false
	}
	if m.done >= total {
		return 0, true
	}
	seconds := float64(total-m.done) / rate
	if rate <= 0 || seconds > (365*24*time.Hour).Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
