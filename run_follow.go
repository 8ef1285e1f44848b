package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"penstock/pipeline"
	"penstock/tui/clean"
)

// How often a run is looked at and drawn on a terminal, and how many looks make a line of a log: ten seconds.
const (
	lookEvery  = 200 * time.Millisecond
	looksALine = 50
)

// follow tells what a run does until it ends: events as they come, and how far it is.
func (a *app) follow(ctx context.Context, x *pipeline.Execution) error {
	// The events are read to the end even when ctx is cancelled: they say how the run was stopped.
	ctx = context.WithoutCancel(ctx)
	report := a.newReport(x)
	done := make(chan struct{})
	var ticker sync.WaitGroup
	ticker.Go(func() { report.run(done) })
	err := a.tell(ctx, x, report)
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

func (a *app) tell(ctx context.Context, x *pipeline.Execution, report *progressReport) error {
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
		report.print(e.Head().At.Local().Format(time.TimeOnly) + "  " + clean.Text(pipeline.Describe(e)))
	}
	return nil
}
