// Package runs is the screen of the history: the runs there were, one run with
// all its facts told again, and two runs side by side.
package runs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"penstock/pipeline"
)

// Ledger is what the screen needs of the record of runs.
type Ledger interface {
	// Runs returns the newest runs with their steps, the newest first.
	Runs(ctx context.Context, limit int) ([]Run, error)
	// Run returns one run with its steps.
	Run(ctx context.Context, run int64) (Run, error)
	// Follow returns at most Batch events of a run from a number on, waiting for the
	// first; io.EOF after the last. Fewer are all there are at the moment.
	Follow(ctx context.Context, run, seq int64) ([]pipeline.Event, error)
	// Cancel asks a run to stop.
	Cancel(ctx context.Context, run int64) error
}

// Batch is how many events Ledger.Follow returns at once.
const Batch = 500

// Run is a run with its steps.
type Run struct {
	pipeline.Run
	Steps []pipeline.StepRun
}

// sums adds up what the steps of a run say of records.
func (r Run) sums() (read, rejected int64) {
	for _, st := range r.Steps {
		if st.Step == pipeline.Ingest {
			return st.Read, st.Rejected
		}
	}
	return 0, 0
}

// verdict is the state in the words of the exit code.
func (r Run) verdict() string {
	if r.State == pipeline.Done && r.ExitCode != nil {
		switch *r.ExitCode {
		case pipeline.ExitGate:
			return "check failed"
		case pipeline.ExitIncomplete:
			return "incomplete"
		}
	}
	return string(r.State)
}

// tasks are the steps that were asked for, in short.
func (r Run) tasks() string {
	if len(r.Tasks) == len(pipeline.StepNames()) {
		return "pipeline"
	}
	return strings.Join(r.Tasks, " ")
}

// The columns of the history.
const (
	colRun = iota
	colState
	colStarted
	colTook
	colRead
	colRejects
	colTasks
	colBy
	colWhy
)

// history is the runs as the table shows them.
type history struct {
	list []Run
	now  time.Time
}

// Len implements widget.Rows.
func (h history) Len() int { return len(h.list) }

// Key implements widget.Keyed.
func (h history) Key(row int) string { return fmt.Sprint(h.list[row].ID) }

// Cell implements widget.Rows.
func (h history) Cell(row, col int) string {
	r := h.list[row]
	switch col {
	case colRun:
		return fmt.Sprint(r.ID)
	case colState:
		return r.verdict()
	case colTasks:
		return r.tasks()
	case colStarted:
		return r.StartedAt.In(h.now.Location()).Format("2006-01-02 15:04")
	case colTook:
		return seconds(r.Took(h.now))
	case colRead, colRejects:
		read, rejected := r.sums()
		if read == 0 {
			return ""
		}
		if col == colRead {
			return fmt.Sprint(read)
		}
		return fmt.Sprint(rejected)
	case colBy:
		return r.Who
	case colWhy:
		return r.Err
	}
	return ""
}

// seconds writes a duration so that it sorts by value.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// merge puts newer entries into a history, the newest first.
func merge(old, fresh []Run) []Run {
	byID := map[int64]bool{}
	list := append([]Run(nil), fresh...)
	for _, r := range fresh {
		byID[r.ID] = true
	}
	for _, r := range old {
		if !byID[r.ID] {
			list = append(list, r)
		}
	}
	return list
}
