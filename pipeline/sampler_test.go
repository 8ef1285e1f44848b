package pipeline

import (
	"reflect"
	"strings"
	"testing"
)

func TestSamplerKeepsTenALoadAndCountsTheRest(t *testing.T) {
	var s sampler
	kept := map[int64]int{}
	for i := range int64(100) {
		for _, load := range []int64{1, 2} {
			reason := "scale"
			if i%4 == 0 {
				reason = "not_a_number"
			}
			if _, ok := s.take(RejectSample{Load: load, Record: i + 1, Reason: reason, Column: "quantity"}); ok {
				kept[load]++
			}
		}
	}
	if kept[1] != SamplesPerLoad || kept[2] != SamplesPerLoad {
		t.Errorf("kept %v", kept)
	}
	got := s.rest(func(load int64) bool { return load == 1 })
	want := []RejectSample{
		{Load: 1, Reason: "scale", Column: "quantity", More: 68},
		{Load: 1, Reason: "not_a_number", Column: "quantity", More: 22},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := s.rest(func(load int64) bool { return load == 1 }); len(got) != 0 {
		t.Errorf("told twice: %+v", got)
	}
	if got := s.rest(func(int64) bool { return true }); len(got) != 2 || got[0].Load != 2 {
		t.Errorf("the other load: %+v", got)
	}
}

func TestSamplerShortensWhatItShows(t *testing.T) {
	var s sampler
	long := strings.Repeat("x", 5000)
	got, ok := s.take(RejectSample{Load: 1, Detail: long, Raw: []byte(long)})
	if !ok || len(got.Raw) != sampleBytes || len(got.Detail) != sampleBytes {
		t.Errorf("%d bytes, detail %d", len(got.Raw), len(got.Detail))
	}
}

func TestSamplerPassesCountsOn(t *testing.T) {
	var s sampler
	if got, ok := s.take(RejectSample{Load: 1, More: 3}); !ok || got.More != 3 {
		t.Errorf("%+v %v", got, ok)
	}
}
