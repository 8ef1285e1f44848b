package pipeline

import "penstock/pipeline/source"

// masked returns an event without the passwords that an address in an error may hold: an error is made of
// whatever a server or a library said. What comes from data stays as it is.
func masked(e Event) Event {
	switch e := e.(type) {
	case LoadFinished:
		e.Err, e.Hint = source.Mask(e.Err), source.Mask(e.Hint)
		return e
	case LoadSkipped:
		e.Reason = source.Mask(e.Reason)
		return e
	case Warning:
		e.Message, e.Hint = source.Mask(e.Message), source.Mask(e.Hint)
		return e
	case StepSkipped:
		e.Reason = source.Mask(e.Reason)
		return e
	case StepFailed:
		e.Err, e.Hint = source.Mask(e.Err), source.Mask(e.Hint)
		return e
	case RunFinished:
		e.Err, e.Hint = source.Mask(e.Err), source.Mask(e.Hint)
		return e
	}
	return e
}
