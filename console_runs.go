package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"penstock/config"
	"penstock/pipeline"
	pipelinescreen "penstock/tui/screen/pipeline"
	runscreen "penstock/tui/screen/runs"
)

// askLimit is how long a question to the ledger may take before it counts as out of reach.
const askLimit = 5 * time.Second

// runLedger answers the screens of runs: it reads the ledger by a role that may only look, and starts
// runs as processes of their own. It can be used by many goroutines.
type runLedger struct {
	*app
	cfg     *config.Config
	program func() (string, error) // what a run is started with
	opening turn

	mu       sync.Mutex // of what follows
	past     *pipeline.Ledger
	children []int // processes that were started and not yet waited for
	newest   child // of them
	seen     seen
}

// child is a process of a run, and the file that it writes to.
type child struct {
	pid int
	out string
}

// seen is what need not be read again with each look.
type seen struct {
	run      int64
	trail    []pipeline.Progress
	last     []pipeline.StepRun
	sources  []pipelinescreen.Source
	sourceAt time.Time
	loads    int // that were done when sources was read
	state    pipeline.State
}

func newRunLedger(a *app, cfg *config.Config, program func() (string, error)) *runLedger {
	return &runLedger{app: a, cfg: cfg, program: program, opening: make(turn, 1)}
}

// reader is the ledger for looking, opened once.
func (r *runLedger) reader(ctx context.Context) (*pipeline.Ledger, error) {
	if err := r.opening.take(ctx); err != nil {
		return nil, err
	}
	defer r.opening.end()
	r.mu.Lock()
	l := r.past
	r.mu.Unlock()
	if l != nil {
		return l, nil
	}
	l, err := r.history(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.past = l
	r.mu.Unlock()
	return l, nil
}

// asking returns the ledger for looking and the time that a question to it may take.
func (r *runLedger) asking(ctx context.Context) (*pipeline.Ledger, context.Context, context.CancelFunc, error) {
	open, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	l, err := r.reader(open)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx, done := context.WithTimeout(ctx, askLimit)
	return l, ctx, done, nil
}

// Runs returns the newest runs with their steps.
func (r *runLedger) Runs(ctx context.Context, limit int) ([]runscreen.Run, error) {
	l, ctx, done, err := r.asking(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	list, err := l.Runs(ctx, limit)
	if err != nil {
		return nil, err
	}
	return withSteps(ctx, l, list)
}

// Run returns one run with its steps.
func (r *runLedger) Run(ctx context.Context, run int64) (runscreen.Run, error) {
	l, ctx, done, err := r.asking(ctx)
	if err != nil {
		return runscreen.Run{}, err
	}
	defer done()
	one, err := l.RunByID(ctx, run)
	if err != nil {
		return runscreen.Run{}, err
	}
	list, err := withSteps(ctx, l, []pipeline.Run{one})
	if err != nil {
		return runscreen.Run{}, err
	}
	return list[0], nil
}

func withSteps(ctx context.Context, l *pipeline.Ledger, list []pipeline.Run) ([]runscreen.Run, error) {
	ids := make([]int64, len(list))
	out := make([]runscreen.Run, len(list))
	at := map[int64]int{}
	for i, run := range list {
		ids[i], out[i].Run, at[run.ID] = run.ID, run, i
	}
	steps, err := l.Steps(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, st := range steps {
		i := at[st.Run]
		out[i].Steps = append(out[i].Steps, st)
	}
	return out, nil
}

// Follow returns events of a run from a number on, waiting for the first. It waits for as long as the
// run takes, so nothing but ctx ends it.
func (r *runLedger) Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error) {
	open, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	l, err := r.reader(open)
	if err != nil {
		return nil, err
	}
	return l.NextFew(ctx, run, seq, runscreen.Batch)
}

// Cancel asks a run to stop.
func (r *runLedger) Cancel(ctx context.Context, run int64) error {
	if err := r.mayWrite(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	l, err := r.ledger(ctx)
	if err != nil {
		return err
	}
	return l.RequestCancel(ctx, run, r.user())
}

// newestDone picks, of the steps of some runs, the newest of each name that was done.
func newestDone(steps []pipeline.StepRun) []pipeline.StepRun {
	var out []pipeline.StepRun
	for _, st := range steps { // run by run from the newest on
		known := slices.ContainsFunc(out, func(o pipeline.StepRun) bool { return o.Step == st.Step })
		if st.State == pipeline.Done && !known {
			out = append(out, st)
		}
	}
	return out
}
