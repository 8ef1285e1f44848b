package steps

import (
	"bytes"
	"cmp"
	"slices"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// rawShown is how much of a refused record an event carries.
const rawShown = 200

// masked stands for a value of a column that is nobody's business.
const masked = "***"

// sampler picks the first rejects of a load, by record, to be told one by one, and counts the others.
// Workers commit chunks in any order; samples wait until those before them are in, so that the same
// file always tells the same.
type sampler struct {
	next    int // chunk whose samples come next
	told    int
	waiting map[int][]pipeline.RejectSample
	more    map[[2]string]int64 // by reason and column
}

func newSampler() sampler {
	return sampler{waiting: map[int][]pipeline.RejectSample{}, more: map[[2]string]int64{}}
}

// add takes the samples of a chunk and returns those whose turn it is.
func (s *sampler) add(n int, samples []pipeline.RejectSample) (turn []pipeline.RejectSample) {
	if n < s.next {
		return nil // told before a crash of the server took the chunk back
	}
	s.waiting[n] = samples
	for {
		next, ok := s.waiting[s.next]
		if !ok {
			return turn
		}
		delete(s.waiting, s.next)
		s.next++
		turn = append(turn, s.keep(next)...)
	}
}

// keep returns the samples that are still told and counts the rest.
func (s *sampler) keep(samples []pipeline.RejectSample) (told []pipeline.RejectSample) {
	for _, e := range samples {
		if e.More == 0 && s.told < pipeline.SamplesPerLoad {
			s.told++
			told = append(told, e)
			continue
		}
		s.more[[2]string{e.Reason, e.Column}] += max(1, e.More)
	}
	return told
}

// rest returns what was held back, then the counts, the greatest first.
func (s *sampler) rest(id int64, j *job) []pipeline.RejectSample {
	var held []pipeline.RejectSample
	numbers := make([]int, 0, len(s.waiting))
	for n := range s.waiting {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		held = append(held, s.keep(s.waiting[n])...)
	}
	sums := moreSamples(s.more, id, j)
	clear(s.waiting)
	clear(s.more)
	return append(held, sums...)
}

// moreSamples makes counts of rejects by reason and column into events, the greatest first.
func moreSamples(more map[[2]string]int64, id int64, j *job) []pipeline.RejectSample {
	sums := make([]pipeline.RejectSample, 0, len(more))
	for key, n := range more {
		sums = append(sums, pipeline.RejectSample{
			Load: id, Source: j.spec.Name, Name: j.input.name, Reason: key[0], Column: key[1], More: n,
		})
	}
	slices.SortFunc(sums, func(a, b pipeline.RejectSample) int {
		return cmp.Or(cmp.Compare(b.More, a.More), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Column, b.Column))
	})
	return sums
}

// sampleRejects makes the rejects of a chunk into events: the first ones as they are, the others
// counted. Events are kept and shown, so that they hold nothing of columns that are to be masked.
func sampleRejects(rejects []source.Reject, id int64, j *job) []pipeline.RejectSample {
	var samples []pipeline.RejectSample
	for i := range min(len(rejects), pipeline.SamplesPerLoad) {
		r := &rejects[i]
		e := pipeline.RejectSample{
			Load: id, Source: j.spec.Name, Name: j.input.name,
			Record: r.Record, Line: r.Line, ByteOffset: r.ByteOffset,
			Reason: r.Reason, Column: r.Column, Detail: r.Detail,
		}
		if len(j.spec.PII) == 0 {
			e.Raw = bytes.Clone(r.Raw[:min(len(r.Raw), rawShown)])
		} else if slices.Contains(j.spec.PII, r.Column) {
			e.Detail = masked
		}
		samples = append(samples, e)
	}
	if len(rejects) <= pipeline.SamplesPerLoad {
		return samples
	}
	more := map[[2]string]int64{}
	for i := pipeline.SamplesPerLoad; i < len(rejects); i++ {
		more[[2]string{rejects[i].Reason, rejects[i].Column}]++
	}
	return append(samples, moreSamples(more, id, j)...)
}
