package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"penstock/pipeline"
)

func TestBar(t *testing.T) {
	for share, want := range map[float64]int{-1: 0, 0: 0, 0.04: 0, 0.05: 1, 0.5: 10, 0.999: 19, 1: 20, 2: 20} {
		got := bar(share)
		if n := strings.Count(got, "━"); n != want || len([]rune(got)) != 20 {
			t.Errorf("bar(%v) = %s, want %d full of 20", share, got, want)
		}
	}
}

// TestProgressLine describes a step in work from samples a second apart.
func TestProgressLine(t *testing.T) {
	start := time.Date(2024, 1, 5, 10, 0, 0, 0, time.Local)
	l := &progressLine{meter: pipeline.NewMeter(2 * time.Second)}
	p := pipeline.Progress{Step: pipeline.Ingest, Phase: "copy", Total: 100e6, Unit: "bytes", Rejected: 12}
	var text string
	for i := range 5 {
		p.At, p.Done, p.Read = start.Add(time.Duration(i)*time.Second), int64(i)*10e6, int64(i)*100_000
		l.meter.Add(p.At, p.Done)
		text = l.describe(p)
	}
	for _, want := range []string{"10:00:04  ingest", "copy", " 40 %", "400,000 read", "12 rejected", "10.0 MB/s", "ETA 6.0 s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	p.Total = 0
	if text = l.describe(p); strings.Contains(text, "%") || strings.Contains(text, "ETA") {
		t.Errorf("a phase without an end has one: %q", text)
	}
}

// TestProgressStaysBelow has events come out above the line that is drawn over and over.
func TestProgressStaysBelow(t *testing.T) {
	var human bytes.Buffer
	l := &progressLine{app: newApp(host{err: &human, terminal: true, columns: 40}), shown: true}
	l.print("first")
	l.print("second")
	l.print("")
	if got := human.String(); got != "\r\x1b[Kfirst\nsecond\n" {
		t.Errorf("the terminal gets %q", got)
	}
}
