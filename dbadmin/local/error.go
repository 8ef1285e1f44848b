package local

// Error is an error of the managed server with a hint on what to do about it.
type Error struct {
	err  error
	hint string
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error without the hint.
func (e *Error) Unwrap() error { return e.err }

// Hint returns what to do next, in one sentence without a full stop.
func (e *Error) Hint() string { return e.hint }
