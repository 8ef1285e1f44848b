package widget

import (
	"math"
	"time"
)

// niceStep returns the least step of 1, 2 or 5 times a power of ten that
// divides span into at most n parts.
func niceStep(span float64, n int) float64 {
	if span <= 0 || n < 1 || math.IsInf(span, 0) || math.IsNaN(span) {
		return 1
	}
	rough := span / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5, 10} {
		if step := m * power; step >= rough*(1-1e-9) {
			return step
		}
	}
	return 10 * power
}

// scale is a value axis: from lo to hi in steps that people count in.
type scale struct{ lo, hi, step float64 }

// newScale returns an axis that holds lo to hi with at most n steps; zero is in
// it unless the values lie far from it and fromZero is false.
func newScale(lo, hi float64, n int, fromZero bool) scale {
	if math.IsNaN(lo) || math.IsNaN(hi) || lo > hi {
		lo, hi = 0, 1
	}
	if fromZero || lo >= 0 && lo < hi/2 {
		lo = min(lo, 0)
	}
	if fromZero && lo < 0 && -lo < hi/50 {
		lo = 0 // too little to be seen must not cost a step of the axis
	}
	if fromZero {
		hi = max(hi, 0)
	}
	if hi == lo {
		hi = lo + max(1, math.Abs(lo)/10)
	}
	n = max(1, n)
	for ; ; n-- {
		step := niceStep(hi-lo, n)
		s := scale{lo: math.Floor(lo/step+1e-9) * step, hi: math.Ceil(hi/step-1e-9) * step, step: step}
		if n == 1 || s.steps() <= n || s.steps() <= 1 {
			return s
		}
	}
}

func (s scale) steps() int { return int(math.Round((s.hi - s.lo) / s.step)) }

// at returns the value of tick i, free of the dust that adding floats leaves.
func (s scale) at(i int) float64 {
	v := s.lo + float64(i)*s.step
	if math.Abs(v) < s.step*1e-6 {
		return 0
	}
	return v
}

// share returns where v lies between lo and hi, from 0 to 1.
func (s scale) share(v float64) float64 { return (v - s.lo) / (s.hi - s.lo) }

// timeTick is a label on a time axis.
type timeTick struct {
	at    time.Time
	label string
}

// timeStep is a distance of ticks: a duration, or months.
type timeStep struct {
	d      time.Duration
	months int
	layout string
}

func timeSteps() []timeStep {
	const day = 24 * time.Hour
	var list []timeStep
	for _, s := range []struct {
		layout string
		ds     []time.Duration
	}{
		{"15:04:05", []time.Duration{1e9, 2e9, 5e9, 10e9, 15e9, 30e9}},
		{"15:04", []time.Duration{
			time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
			30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
		}},
		{"2 Jan", []time.Duration{day, 2 * day, 7 * day, 14 * day}},
	} {
		for _, d := range s.ds {
			list = append(list, timeStep{d: d, layout: s.layout})
		}
	}
	for _, m := range []int{1, 2, 3, 6} {
		list = append(list, timeStep{months: m, layout: "Jan"})
	}
	for _, y := range []int{1, 2, 5, 10, 25, 100} {
		list = append(list, timeStep{months: 12 * y, layout: "2006"})
	}
	return list
}

func (s timeStep) length() time.Duration {
	if s.months > 0 {
		return time.Duration(s.months) * 30 * 24 * time.Hour
	}
	return s.d
}

// first returns the first tick not before t, in t's zone.
func (s timeStep) first(t time.Time) time.Time {
	if s.months > 0 {
		n := t.Year()*12 + int(t.Month()) - 1
		n -= n % s.months
		at := time.Date(n/12, time.Month(n%12+1), 1, 0, 0, 0, 0, t.Location())
		for at.Before(t) {
			at = at.AddDate(0, s.months, 0)
		}
		return at
	}
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	if s.d >= 24*time.Hour {
		days := int(s.d / (24 * time.Hour))
		for midnight.Before(t) || midnight.YearDay()%days != 1%days {
			midnight = midnight.AddDate(0, 0, 1)
		}
		return midnight
	}
	// By the clock on the wall, so that ticks stay on the hour when clocks change.
	wall := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	n := (wall + s.d - 1) / s.d * s.d
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, int(n/time.Second), 0, t.Location())
}

func (s timeStep) next(t time.Time) time.Time {
	switch {
	case s.months > 0:
		return t.AddDate(0, s.months, 0)
	case s.d >= 24*time.Hour:
		return t.AddDate(0, 0, int(s.d/(24*time.Hour)))
	}
	return s.first(t.Add(s.d/2 + 1))
}

// timeTicks returns the labels of a time axis of w cells.
func timeTicks(from, to time.Time, w int) []timeTick {
	span := to.Sub(from)
	if span <= 0 || w < 8 {
		return nil
	}
	for _, s := range timeSteps() {
		cells := float64(s.length()) / float64(span) * float64(w)
		if cells < float64(len(s.layout)+2) {
			continue
		}
		var list []timeTick
		for at := s.first(from); !at.After(to); at = s.next(at) {
			list = append(list, timeTick{at: at, label: at.Format(s.layout)})
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}
