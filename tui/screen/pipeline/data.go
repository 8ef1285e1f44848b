// Package pipeline is the screen that drives the pipeline: its five steps as a
// live diagram, the sources with their freshness, and the log of the newest run.
//
// It shows what the ledger says and nothing else. Runs are processes of their
// own: the screen starts one, asks one to stop, and looks on like any other
// console, on this machine or another.
package pipeline

import (
	"context"
	"time"

	"penstock/pipeline"
)

// Ledger is what the screen needs of the world.
type Ledger interface {
	// Look waits for as long as after says and returns how things are then.
	Look(ctx context.Context, after time.Duration) (State, error)
	// Follow returns events of a run from a number on, waiting for the first;
	// io.EOF after the last.
	Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error)
	// Start begins a run in a process of its own and returns its number.
	Start(ctx context.Context, r Request) (run int64, err error)
	// Cancel asks a run to stop.
	Cancel(ctx context.Context, run int64) error
}

// State is how things are at a moment.
type State struct {
	// At is when it was so.
	At time.Time
	// Run is the newest run; its ID is 0 when there was none yet.
	Run pipeline.Run
	// Steps are those of Run, Last the newest earlier ones that were done.
	Steps, Last []pipeline.StepRun
	// Trail is how far Run was at the moments somebody here looked, the newest
	// last; empty when it has not said.
	Trail   []pipeline.Progress
	Sources []Source
	// Engines are those that each step can be executed by, the configured one first.
	Engines map[pipeline.StepName][]Engine
}

// Source is where data comes from and how fresh it is.
type Source struct {
	Name string
	// Rows and Rejected count records of all its loads.
	Rows, Rejected int64
	// State is what became of its newest load, "" before the first.
	State string
	// Last is when data last came; zero: never.
	Last time.Time
	// Due is by when the next data is expected, Late since when it is overdue;
	// both are zero where nothing is expected.
	Due, Late time.Time
	// Few is how many rows more the newest load should have had.
	Few int64
}

// Engine is what can execute a step.
type Engine struct {
	Name string
	// Why says why it cannot be used, "" if it can.
	Why string
}

// Request says what to run.
type Request struct {
	// Steps are those to run; none means the whole pipeline.
	Steps []pipeline.StepName
	// Engines are other than the configured ones, by step.
	Engines map[pipeline.StepName]string
	// Sources are those to read; none means all.
	Sources []string
	// Rebuild derives everything anew.
	Rebuild bool
}

// progress is how far the newest run is; its At is zero when it has not said.
func (s State) progress() pipeline.Progress {
	if len(s.Trail) == 0 {
		return pipeline.Progress{}
	}
	return s.Trail[len(s.Trail)-1]
}

// step returns the step of the newest run, or one that waits for nothing.
func (s State) step(name pipeline.StepName) (pipeline.StepRun, bool) { return find(s.Steps, name) }

// last returns the newest earlier step of that name that was done.
func (s State) last(name pipeline.StepName) (pipeline.StepRun, bool) { return find(s.Last, name) }

func find(steps []pipeline.StepRun, name pipeline.StepName) (pipeline.StepRun, bool) {
	for _, st := range steps {
		if st.Step == name {
			return st, true
		}
	}
	return pipeline.StepRun{}, false
}

// running reports whether the newest run is in progress.
func (s State) running() bool { return s.Run.ID != 0 && s.Run.State == pipeline.Running }

// engine is the engine of a step: of the run in progress, else the configured one.
func (s State) engine(name pipeline.StepName) string {
	if st, ok := s.step(name); ok && s.running() {
		return st.Engine
	}
	if list := s.Engines[name]; len(list) > 0 {
		return list[0].Name
	}
	return ""
}
