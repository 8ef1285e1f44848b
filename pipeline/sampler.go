package pipeline

import (
	"cmp"
	"slices"
)

// SamplesPerLoad is how many refused records of a load are events of their own.
const SamplesPerLoad = 10

// sampleBytes is how much of a refused record an event shows; all of it is in
// staging.rejects.
const sampleBytes = 200

// sampler keeps the first refused records of each load and counts the rest, so
// that a file of a million bad lines does not become a million events.
type sampler struct {
	seen map[int64]int64
	more map[moreKey]RejectSample
}

type moreKey struct {
	load           int64
	reason, column string
}

// take returns the sample as it is to be emitted, and false when it was only
// counted.
func (s *sampler) take(e RejectSample) (RejectSample, bool) {
	if e.More > 0 {
		return e, true
	}
	if s.seen == nil {
		s.seen, s.more = map[int64]int64{}, map[moreKey]RejectSample{}
	}
	s.seen[e.Load]++
	if s.seen[e.Load] <= SamplesPerLoad {
		e.Raw = e.Raw[:min(len(e.Raw), sampleBytes)]
		e.Detail = e.Detail[:min(len(e.Detail), sampleBytes)]
		return e, true
	}
	key := moreKey{e.Load, e.Reason, e.Column}
	sum, ok := s.more[key]
	if !ok {
		sum = RejectSample{Load: e.Load, Source: e.Source, Name: e.Name, Reason: e.Reason, Column: e.Column}
	}
	sum.More++
	s.more[key] = sum
	return RejectSample{}, false
}

// rest returns the counts of the loads that pick accepts, the greatest first,
// and forgets them.
func (s *sampler) rest(pick func(load int64) bool) []RejectSample {
	var sums []RejectSample
	for key, sum := range s.more {
		if pick(key.load) {
			sums = append(sums, sum)
			delete(s.more, key)
		}
	}
	slices.SortFunc(sums, func(a, b RejectSample) int {
		return cmp.Or(cmp.Compare(a.Load, b.Load), cmp.Compare(b.More, a.More),
			cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Column, b.Column))
	})
	return sums
}
