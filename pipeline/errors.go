package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/sql"
)

// The errors that end a run from outside; compare with errors.Is.
var (
	// ErrLocked: another run holds the lock. The error is a *LockedError.
	ErrLocked = errors.New("another run holds the lock")
	// ErrFenced: another run has taken the lock since; this one must not write.
	ErrFenced = errors.New("another run has taken over")
	// ErrCancelled: somebody asked the run to stop.
	ErrCancelled = errors.New("cancelled")
	// ErrNoRun: the ledger has no run of that number.
	ErrNoRun = errors.New("no such run")
)

// LockedError names the holder of the lock. It is an ErrLocked.
type LockedError struct {
	// Database is the one whose lock is taken.
	Database sql.Database
	// Run is the holder's number; 0 when it is not known, as for a holder that
	// keeps its ledger in another staging database.
	Run int64
	// Host, PID and Who say which process it is; Since is when it started. Any
	// may be zero.
	Host  string
	PID   int
	Who   string
	Since time.Time
}

// Error names the holder in one line.
func (e *LockedError) Error() string {
	s := "another run"
	if e.Run != 0 {
		s = fmt.Sprintf("run %d", e.Run)
	}
	if e.Who != "" {
		s += " of " + e.Who
	}
	if e.Host != "" {
		s += fmt.Sprintf(" (host %s, process %d)", e.Host, e.PID)
	}
	s += fmt.Sprintf(" holds the lock in the %s database", e.Database)
	if !e.Since.IsZero() {
		s += " since " + e.Since.UTC().Format("2006-01-02 15:04:05 MST")
	}
	return s
}

// Is reports whether target is ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// Hint says what to do about it.
func (e *LockedError) Hint() string {
	if e.Run == 0 {
		return "wait for it to end, then try again"
	}
	return fmt.Sprintf("wait for it to end, or stop it with: penstock --run runs cancel %d", e.Run)
}

// hinted is an error that says what to do next.
type hinted struct {
	error
	hint string
}

func (h hinted) Hint() string  { return h.hint }
func (h hinted) Unwrap() error { return h.error }

// withHint returns err with a hint; nil stays nil.
func withHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hinted{err, hint}
}

// away tells of a server that went away in the middle of a run, and what to do about it; any other error stays.
func (o *Options) away(err error) error {
	var said *pgconn.PgError
	switch {
	case !sql.Gone(err), errors.Is(err, ErrFenced):
		return err
	case !errors.Is(err, sql.ErrGone) && !errors.As(err, &said):
		err = fmt.Errorf("%w: %w", sql.ErrGone, err)
	}
	return withHint(err, cmp.Or(o.AwayHint, "see that the server runs and can be reached, then run again: it goes on where this run stopped"))
}

// hintOf returns the hint of the first error in the chain that has one.
func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}
