// Package pipeline runs the steps of the pipeline and keeps the ledger of what
// happened: runs, their steps and their events.
//
// A run is one execution. It holds an advisory lock in both databases, has a
// row, a heartbeat and a stream of events in the staging database, and is
// fenced by an epoch that every transaction of its steps checks. What happens
// is told as an [Event], a plain value of a closed set; how far it is, as a
// [Progress], which is state and sampled at the reader's own pace.
//
// Events are facts: few, kept, in order and replayable. They live in memory
// while the run lasts ([Execution]) and in the ledger for good ([Ledger]); both
// are read through Next, which waits for an event instead of dropping it, so a
// slow reader never stalls a run and a late one sees everything.
package pipeline

import "time"

// Event is a fact about a run. The set is closed: RunStarted, StepStarted,
// LoadStarted, LoadFinished, LoadSkipped, Warning, RejectSample, StepFinished,
// StepSkipped, StepFailed, CheckFailed and RunFinished are all there is, each a
// plain value. Text in an event may come from data as it is: whoever shows it
// to a person cleans it.
type Event interface {
	// Head returns which event of which run it is; zero until it was emitted.
	Head() Head
	// Kind returns the stable name that the ledger and JSON call it by.
	Kind() string

	withHead(Head) Event
}

// Head says which event of which run an event is.
type Head struct {
	// Run is the run's number; Seq counts its events from 1 without gaps.
	Run, Seq int64
	// At is when it happened, in UTC, to the microsecond.
	At time.Time
}

// stamp carries the head; every event embeds it.
type stamp struct{ head Head }

// Head returns which event of which run it is.
func (s stamp) Head() Head { return s.head }

// WithHead returns the event with another head. Runs stamp their own events;
// this is for who replays or invents some.
func WithHead(e Event, h Head) Event { return e.withHead(h) }

// RunStarted is the first event of a run.
type RunStarted struct {
	stamp
	// Tasks are the steps as they were asked for.
	Tasks []string `json:"tasks"`
	// Host, PID, Who and Version say which process runs, and for whom.
	Host    string `json:"host"`
	PID     int    `json:"pid"`
	Who     string `json:"who"`
	Version string `json:"version"`
	// Rebuild is set when everything is derived anew.
	Rebuild bool `json:"rebuild,omitempty"`
}

// StepStarted opens a step.
type StepStarted struct {
	stamp
	Step   StepName `json:"step"`
	Engine string   `json:"engine"`
}

// LoadStarted opens a load: a file, standard input or a set of API pages.
type LoadStarted struct {
	stamp
	Load   int64  `json:"load"`
	Source string `json:"source"`
	Entity string `json:"entity"`
	// Name is the file's name as shown.
	Name string `json:"name"`
	// Bytes is the size of the input as it lies there; 0 when unknown.
	Bytes int64 `json:"bytes"`
	// Resumed is set when an earlier run had begun it.
	Resumed bool `json:"resumed,omitempty"`
}

// LoadFinished closes a load, well or not.
type LoadFinished struct {
	stamp
	Load   int64  `json:"load"`
	Source string `json:"source"`
	Name   string `json:"name"`
	// State is what the ledger says of the load: loaded, stopped or failed.
	State string `json:"state"`
	// Read = Loaded + Rejected + Discarded, in records.
	Read      int64         `json:"read"`
	Loaded    int64         `json:"loaded"`
	Rejected  int64         `json:"rejected"`
	Discarded int64         `json:"discarded,omitempty"`
	Bytes     int64         `json:"bytes"`
	Took      time.Duration `json:"took_ns"`
	// Err and Hint say why it was not loaded.
	Err  string `json:"error,omitempty"`
	Hint string `json:"hint,omitempty"`
}

// LoadSkipped says that an input was left alone, most often because it was
// loaded before.
type LoadSkipped struct {
	stamp
	// Load is the earlier load with the same content; 0 when there is none.
	Load   int64  `json:"load,omitempty"`
	Source string `json:"source"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Warning is something to look at that stops nothing.
type Warning struct {
	stamp
	// Step is empty when the run itself warns.
	Step    StepName `json:"step,omitempty"`
	Source  string   `json:"source,omitempty"`
	Message string   `json:"message"`
	Hint    string   `json:"hint,omitempty"`
}

// RejectSample shows one refused record. A run keeps the first SamplesPerLoad
// of a load; the rest become counts: samples with More set and no record.
type RejectSample struct {
	stamp
	Load   int64  `json:"load"`
	Source string `json:"source"`
	Name   string `json:"name"`
	// Record counts from 1, Line is the physical line where it starts,
	// ByteOffset counts bytes of the decompressed original.
	Record     int64  `json:"record,omitempty"`
	Line       int64  `json:"line,omitempty"`
	ByteOffset int64  `json:"byte_offset,omitempty"`
	Reason     string `json:"reason"`
	Column     string `json:"column,omitempty"`
	Detail     string `json:"detail,omitempty"`
	// Raw is the beginning of the record as it lies in the file.
	Raw []byte `json:"raw,omitempty"`
	// More is how many further records were refused for this reason and column.
	More int64 `json:"more,omitempty"`
}

// StepFinished closes a step that did its work.
type StepFinished struct {
	stamp
	Step      StepName      `json:"step"`
	Engine    string        `json:"engine"`
	Read      int64         `json:"read"`
	Loaded    int64         `json:"loaded"`
	Rejected  int64         `json:"rejected"`
	Collapsed int64         `json:"collapsed"`
	Discarded int64         `json:"discarded,omitempty"`
	Bytes     int64         `json:"bytes"`
	Took      time.Duration `json:"took_ns"`
	// Incomplete is set when an optional source was left out.
	Incomplete bool `json:"incomplete,omitempty"`
	// Gate is set when a check of severity error found rows, or every record was refused.
	Gate bool `json:"gate,omitempty"`
}

// StepSkipped says that a step had nothing to do or was not reached.
type StepSkipped struct {
	stamp
	Step   StepName `json:"step"`
	Engine string   `json:"engine"`
	Reason string   `json:"reason"`
}

// StepFailed closes a step that failed or was cancelled.
type StepFailed struct {
	stamp
	Step      StepName      `json:"step"`
	Engine    string        `json:"engine"`
	Err       string        `json:"error"`
	Hint      string        `json:"hint,omitempty"`
	Took      time.Duration `json:"took_ns"`
	Cancelled bool          `json:"cancelled,omitempty"`
}

// CheckFailed says that a quality check found rows that should not be.
type CheckFailed struct {
	stamp
	Check string `json:"check"`
	// Severity is error (gates publish) or warn.
	Severity string `json:"severity"`
	Found    int64  `json:"found"`
	Message  string `json:"message"`
}

// RunFinished is the last event of a run that ended by itself.
type RunFinished struct {
	stamp
	// Status is done, failed or cancelled.
	Status   State         `json:"status"`
	ExitCode int           `json:"exit_code"`
	Err      string        `json:"error,omitempty"`
	Hint     string        `json:"hint,omitempty"`
	Took     time.Duration `json:"took_ns"`
}

// The stable names of the events.
const (
	KindRunStarted   = "run_started"
	KindStepStarted  = "step_started"
	KindLoadStarted  = "load_started"
	KindLoadFinished = "load_finished"
	KindLoadSkipped  = "load_skipped"
	KindWarning      = "warning"
	KindRejectSample = "reject_sample"
	KindStepFinished = "step_finished"
	KindStepSkipped  = "step_skipped"
	KindStepFailed   = "step_failed"
	KindCheckFailed  = "check_failed"
	KindRunFinished  = "run_finished"
)

// Kind returns "run_started".
func (RunStarted) Kind() string { return KindRunStarted }

// Kind returns "step_started".
func (StepStarted) Kind() string { return KindStepStarted }

// Kind returns "load_started".
func (LoadStarted) Kind() string { return KindLoadStarted }

// Kind returns "load_finished".
func (LoadFinished) Kind() string { return KindLoadFinished }

// Kind returns "load_skipped".
func (LoadSkipped) Kind() string { return KindLoadSkipped }

// Kind returns "warning".
func (Warning) Kind() string { return KindWarning }

// Kind returns "reject_sample".
func (RejectSample) Kind() string { return KindRejectSample }

// Kind returns "step_finished".
func (StepFinished) Kind() string { return KindStepFinished }

// Kind returns "step_skipped".
func (StepSkipped) Kind() string { return KindStepSkipped }

// Kind returns "step_failed".
func (StepFailed) Kind() string { return KindStepFailed }

// Kind returns "check_failed".
func (CheckFailed) Kind() string { return KindCheckFailed }

// Kind returns "run_finished".
func (RunFinished) Kind() string { return KindRunFinished }

func (e RunStarted) withHead(h Head) Event   { e.head = h; return e }
func (e StepStarted) withHead(h Head) Event  { e.head = h; return e }
func (e LoadStarted) withHead(h Head) Event  { e.head = h; return e }
func (e LoadFinished) withHead(h Head) Event { e.head = h; return e }
func (e LoadSkipped) withHead(h Head) Event  { e.head = h; return e }
func (e Warning) withHead(h Head) Event      { e.head = h; return e }
func (e RejectSample) withHead(h Head) Event { e.head = h; return e }
func (e StepFinished) withHead(h Head) Event { e.head = h; return e }
func (e StepSkipped) withHead(h Head) Event  { e.head = h; return e }
func (e StepFailed) withHead(h Head) Event   { e.head = h; return e }
func (e CheckFailed) withHead(h Head) Event  { e.head = h; return e }
func (e RunFinished) withHead(h Head) Event  { e.head = h; return e }
