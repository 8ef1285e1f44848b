package pipeline

import (
	"math"
	"time"

	"penstock/pipeline"
	"penstock/tui/widget"
)

const (
	samplesKept = 3600 // an hour at one a second; older ones are thinned out
	halfLife    = 2 * time.Second
	// gap is the distance of samples that says the line was dead in between.
	gap = 5 * time.Second
)

// samples are the paces of one run as this console saw them.
type samples struct {
	run    int64
	step   pipeline.StepName
	phase  string
	last   pipeline.Progress
	points []widget.Point  // records a second; a gap where none are counted
	rows   *pipeline.Meter // records of the step
	bytes  *pipeline.Meter // input of the step
	done   *pipeline.Meter // of the phase, in its own unit: for the time to go
}

func newSamples(run int64) *samples { return &samples{run: run} }

// add takes what a run says of itself; the same moment twice counts once.
func (s *samples) add(p pipeline.Progress) {
	if p.At.IsZero() || !p.At.After(s.last.At) {
		return
	}
	if p.Step != s.step || s.rows == nil {
		s.rows, s.bytes = pipeline.NewMeter(halfLife), pipeline.NewMeter(halfLife)
		s.phase, s.done, s.last = "", nil, pipeline.Progress{}
	}
	if p.Phase != s.phase || s.done == nil {
		s.done = pipeline.NewMeter(halfLife)
	}
	s.step, s.phase = p.Step, p.Phase
	s.rows.Add(p.At, p.Read)
	s.bytes.Add(p.At, p.Bytes)
	s.done.Add(p.At, p.Done)
	s.point(p)
	s.last = p
}

// point adds the pace since the sample before.
func (s *samples) point(p pipeline.Progress) {
	took := p.At.Sub(s.last.At)
	v := math.NaN() // one sample says nothing of a pace
	if !s.last.At.IsZero() && took > 0 && took <= gap && p.Read > 0 && p.Read >= s.last.Read {
		v = float64(p.Read-s.last.Read) / took.Seconds()
	}
	s.points = append(s.points, widget.Point{At: p.At, V: v})
	if len(s.points) > samplesKept {
		s.points = thinned(s.points)
	}
}

// thinned returns points with the older half at half the density: each pair is its
// mean at its end. Where one of a pair is a gap, the pair is one.
func thinned(points []widget.Point) []widget.Point {
	half := len(points) / 4 * 2
	out := points[:0]
	for i := 0; i < half; i += 2 {
		out = append(out, widget.Point{At: points[i+1].At, V: (points[i].V + points[i+1].V) / 2})
	}
	return append(out, points[half:]...)
}

// pace returns how fast the step goes: in records where it counts them, else in
// the unit of its phase.
func (s *samples) pace() (v float64, unit string, ok bool) {
	if s.last.Read > 0 {
		v, ok = rate(s.rows)
		return v, "rows", ok
	}
	v, ok = rate(s.done)
	return v, s.last.Unit, ok && s.last.Unit != "bytes" && s.last.Unit != ""
}

// values returns the paces as numbers.
func (s *samples) values() []float64 {
	list := make([]float64, len(s.points))
	for i, p := range s.points {
		list[i] = p.V
	}
	return list
}

// eta returns how long the phase takes to its end, known after three samples.
func (s *samples) eta(p pipeline.Progress) (time.Duration, bool) {
	if s.done == nil || p.Step != s.step {
		return 0, false
	}
	return s.done.ETA(p.Total)
}

// rate returns what a meter says.
func rate(m *pipeline.Meter) (float64, bool) {
	if m == nil {
		return 0, false
	}
	return m.Rate()
}
