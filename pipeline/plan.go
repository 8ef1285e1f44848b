package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Plan is what a run is to do.
type Plan struct {
	// Tasks are the steps as they were asked for, kept for the record; the
	// names of Steps when empty.
	Tasks []string
	// Steps are executed in this order, which is that of StepNames.
	Steps []Step
	// Options is a JSON object kept with the run, without secrets; nil is {}.
	Options json.RawMessage
	// Rebuild and Sources reach the steps through RunContext.
	Rebuild bool
	Sources []string
}

// The exit codes of a run.
const (
	ExitDone       = 0
	ExitFailed     = 1
	ExitUsage      = 2
	ExitGate       = 3
	ExitLocked     = 4
	ExitUnhealthy  = 5
	ExitIncomplete = 6
)

// Outcome is how a run ended.
type Outcome struct {
	// Run is the run's number; 0 when it did not start.
	Run      int64
	State    State
	ExitCode int
	// Err is what ended the run before its time; nil where the state is done.
	Err error
	// Failed is the step that Err is of; empty when none is.
	Failed StepName
	// Results are what the steps returned, by name, those that ran to the end.
	Results map[StepName]Result
	// Spool is the file that holds events which did not reach the ledger; the
	// next run brings them there. Empty when all did.
	Spool string
}

// prepare fills in what may be left out and refuses a plan that cannot run.
func (p Plan) prepare() (Plan, error) {
	if len(p.Steps) == 0 {
		return p, errors.New("plan a run: no steps")
	}
	order := StepNames()
	last := -1
	for _, s := range p.Steps {
		at := slices.Index(order, s.Name)
		switch {
		case at < 0:
			return p, fmt.Errorf("plan a run: no step is called %q", s.Name)
		case at <= last:
			return p, fmt.Errorf("plan a run: step %s does not come after %s", s.Name, order[last])
		case s.Run == nil:
			return p, fmt.Errorf("plan a run: step %s has nothing to run", s.Name)
		}
		last = at
	}
	if len(p.Tasks) == 0 {
		for _, s := range p.Steps {
			p.Tasks = append(p.Tasks, string(s.Name))
		}
	}
	if len(p.Options) == 0 {
		p.Options = json.RawMessage("{}")
	}
	if !json.Valid(p.Options) {
		return p, errors.New("plan a run: options are not JSON")
	}
	p.Options = withoutNUL(bytes.Clone(p.Options))
	return p, nil
}
