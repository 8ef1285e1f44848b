package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/pipeline"
	"penstock/sql"
)

// hinted is an error that says what to do next.
type hinted struct {
	error
	hint string
}

// Hint says what to do next.
func (h hinted) Hint() string { return h.hint }

// Unwrap returns the error that the hint is for.
func (h hinted) Unwrap() error { return h.error }

// hint gives an error a hint, made like fmt.Sprintf does.
func hint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// gone is an error of the server or the way to it that lasted longer than patience. What is committed
// stays for the next run.
type gone struct{ error }

// Unwrap returns the last error seen.
func (g gone) Unwrap() error { return g.error }

// Is reports whether target is sql.ErrGone.
func (g gone) Is(target error) bool { return target == sql.ErrGone }

// isGone tells whether a write was given up that may succeed later: the server is away, or somebody else
// is in the way. What is committed stays.
func isGone(err error) bool {
	var g gone
	var busy *busyError
	return errors.As(err, &g) || errors.As(err, &busy)
}

// transient tells whether the server or the way to it broke, so that another connection may do better.
func transient(err error) bool {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return strings.HasPrefix(pgErr.Code, "08") || slices.Contains([]string{
			"57P01", "57P02", "57P03", // shut down, crashed, starting up
			"53300",                   // no free connection
			"40001", "40P01", "55P03", // serialization, deadlock, lock not available
			"25P03", "25P04", // idle or long transaction ended by the server
		}, pgErr.Code)
	}
	var fileErr *fs.PathError // whose cause is a net.Error, too
	if errors.As(err, &fileErr) {
		return false
	}
	var connectErr *pgconn.ConnectError
	var netErr net.Error
	return errors.As(err, &connectErr) || errors.As(err, &netErr) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed")
}

func lockTimedOut(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == "55P03"
}

// asked tells whether somebody asked for the stop, by the ledger or by a signal. Everything else that
// ends a context (the lock is lost, another run took over) leaves the load to be continued.
func asked(ctx context.Context) bool {
	if ctx.Err() == nil {
		return false
	}
	cause := context.Cause(ctx)
	return errors.Is(cause, pipeline.ErrCancelled) || cause == context.Canceled //nolint:errorlint // a cause that wraps it is another one
}
