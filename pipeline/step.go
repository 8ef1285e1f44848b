package pipeline

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// StepName names a step of the pipeline.
type StepName string

// The steps, in the order they run in.
const (
	Ingest    StepName = "ingest"
	Transform StepName = "transform"
	Aggregate StepName = "aggregate"
	Check     StepName = "check"
	Publish   StepName = "publish"
)

// StepNames returns the steps in the order they run in.
func StepNames() []StepName {
	return []StepName{Ingest, Transform, Aggregate, Check, Publish}
}

// State is what became of a run or of a step.
type State string

// The states. A run is running, done, failed, cancelled or interrupted; a step
// may be waiting or skipped too.
const (
	Waiting     State = "waiting"
	Running     State = "running"
	Done        State = "done"
	Skipped     State = "skipped"
	Failed      State = "failed"
	Cancelled   State = "cancelled"
	Interrupted State = "interrupted"
)

// Ended reports whether nothing more happens in that state.
func (s State) Ended() bool { return s != Running && s != Waiting }

// Reporter is what a step tells through. It is safe for concurrent use and
// never blocks on a database.
type Reporter interface {
	// Emit records a fact; the run fills in its head.
	Emit(Event)
	// Progress replaces the run's progress; the run fills in Run, Step, Engine
	// and At, and Since where it is zero.
	Progress(Progress)
}

// Step is one step of a plan.
type Step struct {
	Name   StepName
	Engine string
	// Run does the step's work. It returns soon after ctx is done, having
	// cleaned up on the context of RunContext.Cleanup.
	Run func(ctx context.Context, rc *RunContext) (Result, error)
}

// RunContext is what a step knows of the run it is part of.
type RunContext struct {
	Reporter
	// ID is the run's number.
	ID int64
	// Now is the clock.
	Now func() time.Time
	// Rebuild asks for everything to be derived anew.
	Rebuild bool
	// Sources are the sources that were asked for; none means all.
	Sources []string
	// Fail is called at named points where tests may kill the process.
	Fail func(point string)
	// Guard returns an ErrFenced unless the run is still the one that may write
	// to the database tx is of. It locks the epoch until tx ends: call it in
	// every transaction that writes.
	Guard func(ctx context.Context, tx pgx.Tx, db sql.Database) error
	// CleanupLimit is how long cleaning up after a cancelled or failed step may
	// take.
	CleanupLimit time.Duration
}

// Cleanup returns a context for undoing half-done work: it outlives the
// cancelling of ctx by CleanupLimit at most.
func (rc *RunContext) Cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), rc.CleanupLimit)
}

// Result is what a step did. Read = Loaded + Rejected (+ Collapsed, Discarded).
type Result struct {
	Read, Loaded, Rejected, Collapsed, Discarded, Bytes int64
	// Took is measured by the run where the step leaves it zero.
	Took time.Duration
	// Skipped is why there was nothing to do; empty when there was.
	Skipped string
	// Incomplete is set when an optional source failed: the run goes on and
	// ends with exit code 6.
	Incomplete bool
	// Gate is set when a check of severity error found rows, or ingest refused
	// every record it read: publish is skipped and the run ends with exit code 3.
	Gate bool
}
