package pipeline

import (
	"context"
	"slices"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
)

// BenchmarkCancel measures from the request of another process to the end of
// the run, at the heartbeat that is the default.
func BenchmarkCancel(b *testing.B) {
	d := localtest.New(b)
	l := process(b, d, "ann", func(o *Options) { o.Heartbeat = 0 })
	beside := process(b, d, "bob")
	var took []time.Duration
	for b.Loop() {
		s, started, _ := blocker(Ingest)
		x, err := l.Start(b.Context(), Plan{Steps: []Step{s}})
		if err != nil {
			b.Fatal(err)
		}
		<-started
		asked := time.Now()
		if err := beside.RequestCancel(b.Context(), x.ID(), "bob"); err != nil {
			b.Fatal(err)
		}
		if _, err := x.Wait(); err == nil {
			b.Fatal("it was not cancelled")
		}
		took = append(took, time.Since(asked))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Milliseconds()), "p99-ms")
}

// BenchmarkEmit measures what telling a fact costs a step.
func BenchmarkEmit(b *testing.B) {
	d := localtest.New(b)
	l := process(b, d, "ann")
	done := make(chan struct{})
	x, err := l.Start(b.Context(), Plan{Steps: []Step{step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
		defer close(done)
		b.ResetTimer()
		for range b.N {
			rc.Emit(LoadSkipped{Load: 1, Source: "shop", Name: "orders-2026-01-02.csv.gz", Reason: "loaded before as load 1"})
		}
		b.StopTimer()
		return Result{}, nil
	})}})
	if err != nil {
		b.Fatal(err)
	}
	<-done
	if _, err := x.Wait(); err != nil {
		b.Fatal(err)
	}
}
