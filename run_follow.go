package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"penstock/pipeline"
	"penstock/tui/clean"
)

// How often a terminal's line of progress is drawn, and how often a log gets one.
const (
	drawEvery = 200 * time.Millisecond
	logEvery  = 10 * time.Second
)

// follow tells what a run does until it ends: events as they come, and how far it is.
func (a *app) follow(ctx context.Context, x *pipeline.Execution) error {
	// The events are read to the end even when ctx is cancelled: they say how the run was stopped.
	ctx = context.WithoutCancel(ctx)
	line := &progressLine{app: a, x: x, meter: pipeline.NewMeter(2 * time.Second)}
	done := make(chan struct{})
	var ticker sync.WaitGroup
	ticker.Go(func() { line.run(done) })
	err := a.tell(ctx, x, line)
	close(done)
	ticker.Wait()
	outcome, runErr := x.Wait()
	if err != nil {
		return fmt.Errorf("read the events of run %d: %w", x.ID(), err)
	}
	if outcome.Spool != "" {
		a.say("warning: the staging database did not take all events; they wait in %s", outcome.Spool)
	}
	if outcome.ExitCode != codeDone || runErr != nil {
		return &codeError{code: outcome.ExitCode} // the events have said why
	}
	return nil
}

func (a *app) tell(ctx context.Context, x *pipeline.Execution, line *progressLine) error {
	for e, err := range x.Events(ctx) {
		if err != nil {
			return err
		}
		if a.flags.json {
			text, err := pipeline.EncodeEvent(e)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(a.out, "%s\n", text); err != nil {
				return err
			}
		}
		line.print(e.Head().At.Local().Format(time.TimeOnly) + "  " + clean.Text(pipeline.Describe(e)))
	}
	return nil
}

// progressLine is the last line on a terminal, drawn over and over; elsewhere a plain line now and then.
type progressLine struct {
	app   *app
	x     *pipeline.Execution
	meter *pipeline.Meter
	mu    sync.Mutex
	shown bool
	step  pipeline.StepName
	phase string
}

func (l *progressLine) run(done <-chan struct{}) {
	every := drawEvery
	if !l.app.terminal {
		every = logEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			l.print("")
			return
		case <-tick.C:
			l.draw()
		}
	}
}

// print writes a line above the progress.
func (l *progressLine) print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	if text != "" {
		_, _ = fmt.Fprintln(l.app.err, text)
	}
}

func (l *progressLine) erase() {
	if l.shown {
		_, _ = fmt.Fprint(l.app.err, "\r\x1b[K")
		l.shown = false
	}
}

func (l *progressLine) draw() {
	p, ok := l.x.CurrentProgress()
	if !ok {
		return
	}
	if p.Step != l.step || p.Phase != l.phase {
		l.step, l.phase, l.meter = p.Step, p.Phase, pipeline.NewMeter(2*time.Second)
	}
	l.meter.Add(p.At, p.Done)
	text := l.describe(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.app.terminal {
		_, _ = fmt.Fprintln(l.app.err, clean.Line(text))
		return
	}
	l.erase()
	_, _ = fmt.Fprint(l.app.err, clean.Cell(text, max(l.app.columns-1, 20)))
	l.shown = true
}

// describe is how far the step is, as one line.
func (l *progressLine) describe(p pipeline.Progress) string {
	parts := []string{fmt.Sprintf("%s  %-9s", p.At.Local().Format(time.TimeOnly), p.Step)}
	if p.Phase != "" {
		parts = append(parts, p.Phase)
	}
	if share, ok := p.Fraction(); ok {
		parts = append(parts, bar(share), fmt.Sprintf("%3.0f %%", share*100))
	}
	if p.Read > 0 {
		parts = append(parts, pipeline.FormatCount(p.Read)+" read")
	}
	if p.Rejected > 0 {
		parts = append(parts, pipeline.FormatCount(p.Rejected)+" rejected")
	}
	if rate, ok := l.meter.Rate(); ok && rate >= 1 {
		if p.Unit == "bytes" {
			parts = append(parts, pipeline.FormatBytes(int64(rate))+"/s")
		} else {
			parts = append(parts, pipeline.FormatCount(int64(rate))+" "+p.Unit+"/s")
		}
	}
	if eta, ok := l.meter.ETA(p.Total); ok {
		parts = append(parts, "ETA "+pipeline.FormatDuration(eta))
	}
	return strings.Join(parts, "  ")
}

// bar draws a share from 0 to 1 over twenty cells.
func bar(share float64) string {
	const cells = 20
	full := min(max(int(share*cells), 0), cells)
	return strings.Repeat("━", full) + strings.Repeat("─", cells-full)
}
