package pipeline

import "context"

// Weight is how much an event matters to a person who looks on.
type Weight int

// The weights: an event tells how things go, asks for a look, or says that
// something did not work.
const (
	Telling Weight = iota
	Caution
	Failure
)

// WeightOf returns how much an event matters.
func WeightOf(e Event) Weight {
	switch e := e.(type) {
	case Warning, RejectSample:
		return Caution
	case CheckFailed:
		if e.Severity == "error" {
			return Failure
		}
		return Caution
	case StepFailed:
		if e.Cancelled {
			return Caution
		}
		return Failure
	case LoadFinished:
		if e.Err != "" {
			return Failure
		}
	case StepFinished:
		if e.Gate || e.Incomplete {
			return Caution
		}
	case RunFinished:
		switch {
		case e.Status == Failed:
			return Failure
		case e.ExitCode != ExitDone:
			return Caution
		}
	}
	return Telling
}

// Message returns what Describe says without the subject.
func Message(e Event) string { return describe(e) }

// NextFew is Next for several events at once: it waits until there is one from
// seq on, and returns at most limit of those there are.
func (l *Ledger) NextFew(ctx context.Context, run, seq int64, limit int) ([]Event, error) {
	return l.wait(ctx, run, max(seq, 1), max(limit, 1))
}
