package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// TestServerGoesAwayInAStep crashes the server of analytics under a step: what the run tells last is who went
// away and what to do, which depends on who looks after the server.
func TestServerGoesAwayInAStep(t *testing.T) {
	for _, c := range []struct{ name, set, want string }{
		{"somebody else's", "", "see that the server runs and can be reached, then run again"},
		{"a managed one", "run again: it is started", "run again: it is started"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := localtest.NewWith(t, localtest.Options{Own: true, Separate: true})
			l := process(t, d, "ann", func(o *Options) { o.AwayHint = c.set })
			pool := d.Pool(t, sql.Analytics, "etl")
			x := start(t, l, Plan{Steps: []Step{step(Transform, func(ctx context.Context, _ *RunContext) (Result, error) {
				conn, err := pool.Acquire(ctx)
				if err != nil {
					return Result{}, err
				}
				defer conn.Release()
				if err := d.AnalyticsServer.Stop(localtest.Immediate); err != nil {
					return Result{}, err
				}
				_, err = conn.Exec(ctx, "SELECT pg_sleep(0)")
				if err == nil {
					return Result{}, errors.New("the server is still there")
				}
				_, err = pool.Exec(ctx, "SELECT 1")
				return Result{}, fmt.Errorf("transform: %w", sql.Clarify(err))
			})}})
			var failed StepFailed
			for e, err := range x.Events(testContext(t)) {
				if err != nil {
					t.Fatal(err)
				}
				if e, ok := e.(StepFailed); ok {
					failed = e
				}
			}
			if !strings.HasPrefix(failed.Err, sql.ErrGone.Error()+": transform: ") || !strings.Contains(failed.Hint, c.want) {
				t.Errorf("told: %q, hint %q", failed.Err, failed.Hint)
			}
			if _, err := x.Wait(); !errors.Is(err, sql.ErrGone) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestWhatIsNoServerGone(t *testing.T) {
	o := &Options{AwayHint: "look after it"}
	said := &pgconn.PgError{Code: "57P01", Message: "terminating connection due to administrator command"}
	for _, c := range []struct {
		name, text, hint string
		err              error
	}{
		{"no error", "", "", nil},
		{"a file that is cut off", "unpack a.csv.gz: unexpected EOF", "", fmt.Errorf("unpack a.csv.gz: %w", io.ErrUnexpectedEOF)},
		{"a run that took over", "fenced: " + ErrFenced.Error(), "see", fmt.Errorf("fenced: %w", withHint(fmt.Errorf("%w%w", ErrFenced, &mute{said}), "see"))},
		{"the server's own word", "check: " + said.Error(), "look after it", fmt.Errorf("check: %w", sql.Clarify(said))},
		{"a broken connection", "check: " + sql.ErrGone.Error() + ": unexpected EOF", "look after it", fmt.Errorf("check: %w", sql.Clarify(io.ErrUnexpectedEOF))},
	} {
		err := o.away(c.err)
		if message(err) != c.text || hintOf(err) != c.hint {
			t.Errorf("%s: %q, hint %q", c.name, message(err), hintOf(err))
		}
	}
}

// mute is an error without words.
type mute struct{ err error }

func (m *mute) Error() string { return "" }
func (m *mute) Unwrap() error { return m.err }
