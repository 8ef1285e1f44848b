package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/sql"
)

// runSteps executes the steps in order and closes the run with RunFinished.
func (x *Execution) runSteps(ctx context.Context) {
	defer close(x.stepsDone)
	started := x.ledger.o.Now()
	x.outcome = Outcome{Run: x.id, State: Done, Results: map[StepName]Result{}}
	rc := x.context()
	for _, s := range x.plan.Steps {
		if reason := x.blocked(ctx, s); reason != "" {
			x.Emit(StepSkipped{Step: s.Name, Engine: s.Engine, Reason: reason})
			continue
		}
		x.runStep(ctx, s, rc)
	}
	o := &x.outcome
	if o.State == Done && ctx.Err() != nil && len(o.Results) < len(x.plan.Steps) {
		x.fail(ctx, "", context.Cause(ctx)) // cancelled between two steps
	}
	x.Emit(RunFinished{
		Status: o.State, ExitCode: o.ExitCode, Err: message(o.Err), Hint: hintOf(o.Err), Took: x.ledger.o.Now().Sub(started),
	})
}

// context returns what the steps know of the run.
func (x *Execution) context() *RunContext {
	o := x.ledger.o
	return &RunContext{
		Reporter: x, ID: x.id, Now: o.Now, Rebuild: x.plan.Rebuild, Sources: x.plan.Sources,
		Fail: o.Fail, Guard: x.guard, CleanupLimit: o.CleanupLimit,
	}
}

// blocked returns why a step is not executed; empty when it is.
func (x *Execution) blocked(ctx context.Context, s Step) string {
	switch o := x.outcome; {
	case o.State == Cancelled, o.State == Done && ctx.Err() != nil:
		return "not reached: the run was cancelled"
	case o.State == Failed && o.Failed != "":
		return fmt.Sprintf("not reached: %s failed", o.Failed)
	case o.State == Failed:
		return "not reached: the run failed"
	case o.ExitCode == ExitGate && s.Name == Publish:
		return "a quality gate failed"
	}
	return ""
}

// runStep executes a step and notes in the outcome what came of it.
func (x *Execution) runStep(ctx context.Context, s Step, rc *RunContext) {
	now := x.ledger.o.Now
	started := now()
	x.mu.Lock()
	x.step = s
	x.setProgress(Progress{At: started, Since: started})
	x.mu.Unlock()
	x.Emit(StepStarted{Step: s.Name, Engine: s.Engine})

	res, err := x.call(ctx, s, rc)
	if res.Took == 0 {
		res.Took = now().Sub(started)
	}
	if err != nil {
		x.fail(ctx, s.Name, err)
		x.Emit(StepFailed{
			Step: s.Name, Engine: s.Engine, Err: message(x.outcome.Err), Hint: hintOf(x.outcome.Err),
			Took: res.Took, Cancelled: x.outcome.State == Cancelled,
		})
		return
	}
	x.outcome.Results[s.Name] = res
	switch {
	case res.Gate:
		x.outcome.ExitCode = ExitGate
	case res.Incomplete && x.outcome.ExitCode == ExitDone:
		x.outcome.ExitCode = ExitIncomplete
	}
	if res.Skipped != "" {
		x.Emit(StepSkipped{Step: s.Name, Engine: s.Engine, Reason: res.Skipped})
		return
	}
	x.Emit(StepFinished{
		Step: s.Name, Engine: s.Engine, Read: res.Read, Loaded: res.Loaded, Rejected: res.Rejected,
		Collapsed: res.Collapsed, Discarded: res.Discarded, Bytes: res.Bytes, Took: res.Took,
		Incomplete: res.Incomplete, Gate: res.Gate,
	})
}

// call runs the step's function and makes an error of its panic.
func (x *Execution) call(ctx context.Context, s Step, rc *RunContext) (res Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			x.ledger.o.Log.Error("a step panicked", "run", x.id, "step", string(s.Name), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = withHint(fmt.Errorf("panic: %v", p), "this is a fault in the program; the log has where")
		}
	}()
	return s.Run(ctx, rc)
}

// fail notes in the outcome why the run ends. A step that fails because the run
// was ended is not at fault: the reason is why it was.
func (x *Execution) fail(ctx context.Context, step StepName, err error) {
	o := &x.outcome
	o.State, o.ExitCode, o.Failed, o.Err = Failed, ExitFailed, step, err
	defer func() { o.Err = x.ledger.o.away(o.Err) }()
	if ctx.Err() == nil {
		return
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, ErrCancelled), errors.Is(cause, context.Canceled):
		o.State, o.Err = Cancelled, cause
		if errors.Is(cause, context.Canceled) {
			o.Err = ErrCancelled
		}
	case !errors.Is(err, cause):
		o.Err = fmt.Errorf("%w; %w", cause, err)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// guard is RunContext.Guard.
func (x *Execution) guard(ctx context.Context, tx pgx.Tx, db sql.Database) error {
	query, k := "SELECT epoch FROM staging.meta FOR SHARE", x.staging
	if db == sql.Analytics {
		query, k = "SELECT epoch FROM analytics.meta FOR SHARE", x.analytics
	}
	var now int64
	if err := tx.QueryRow(ctx, query).Scan(&now); err != nil {
		return fmt.Errorf("check the epoch of the %s database: %w", db, sql.Clarify(err))
	}
	return fenced(db, k.epoch, now)
}

// Emit is Reporter.Emit.
func (x *Execution) Emit(e Event) {
	if err := x.emit(e); err != nil {
		x.ledger.o.Log.Error("an event was lost", "run", x.id, "kind", e.Kind(), "err", err)
	}
}

func (x *Execution) emit(e Event) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var before []RejectSample
	switch v := e.(type) {
	case RejectSample:
		sample, ok := x.sampler.take(v)
		if !ok {
			return nil
		}
		e = sample
	case LoadFinished:
		before = x.sampler.rest(func(load int64) bool { return load == v.Load })
	case StepFinished, StepSkipped, StepFailed:
		before = x.sampler.rest(func(int64) bool { return true })
	}
	var errs []error
	for _, sum := range before {
		errs = append(errs, x.log.append(x.id, x.ledger.o.Now(), sum))
	}
	return errors.Join(append(errs, x.log.append(x.id, x.ledger.o.Now(), e))...)
}

// Progress is Reporter.Progress.
func (x *Execution) Progress(p Progress) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p.At = x.ledger.o.Now()
	if p.Since.IsZero() {
		p.Since = x.progress.Since
	}
	x.setProgress(p)
}

// setProgress signs the progress and makes it the run's; mu is held.
func (x *Execution) setProgress(p Progress) {
	p.Run, p.Step, p.Engine = x.id, x.step.Name, x.step.Engine
	p.At, p.Since = p.At.UTC().Round(time.Microsecond), p.Since.UTC().Round(time.Microsecond)
	x.progress = p
	x.changes++
}

// progressNow returns how far the run is and how often that changed.
func (x *Execution) progressNow() (Progress, int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.progress, x.changes
}
