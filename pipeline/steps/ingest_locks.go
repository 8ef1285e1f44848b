package steps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// lockLimit is how long a write waits for a lock before it gives way to those that queue behind it, and
// tries again. It is longer than deadlock_timeout, after which an autovacuum in the way is sent off by the
// server.
const lockLimit = "3s"

// bounded begins a transaction that waits for no lock longer than lockLimit.
func bounded() pgx.TxOptions {
	return pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL lock_timeout TO '" + lockLimit + "'"}
}

// session is another session of the server; what it does is empty where this role may not see it.
type session struct {
	pid       int32 // 0 is a prepared transaction
	app, user string
	since     time.Time // of its transaction
	query     string    // the one at work, or the last one
}

// String names the session in one line.
func (s session) String() string {
	if s.pid == 0 {
		return "a prepared transaction"
	}
	text := fmt.Sprintf("process %d of PostgreSQL", s.pid)
	for _, named := range [][2]string{{"", s.app}, {"user ", s.user}} {
		if named[1] != "" {
			text += ", " + named[0] + oneLine(named[1])
		}
	}
	if !s.since.IsZero() {
		text += ", since " + s.since.UTC().Format("2006-01-02 15:04:05 MST")
	}
	if query := oneLine(literal.ReplaceAllString(s.query, "'…'")); query != "" {
		text += ", with: " + query
	}
	return text
}

// literal matches what a statement has between quotes, which may be cut off: it is data, or a secret.
var literal = regexp.MustCompile(`(?s)'(?:[^']|'')*'?|\$\$.*?(?:\$\$|$)`)

// shownLetters is how much of another session's text is shown.
const shownLetters = 100

// oneLine makes a foreign text a short line without passwords.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	letters := []rune(source.Mask(strings.Join(strings.Fields(text), " ")))
	if len(letters) > shownLetters {
		letters = append(letters[:shownLetters-1], '…')
	}
	return string(letters)
}

// busyError says which session holds a lock for longer than a write waits.
type busyError struct {
	holder *session // nil when nobody was seen
	more   int      // sessions besides
	err    error
}

// Error names who is in the way.
func (e *busyError) Error() string {
	text := "another session holds a lock on what is to be changed"
	if e.holder != nil {
		text += ": " + e.holder.String()
	}
	if e.more > 0 {
		text += fmt.Sprintf("; and %d more", e.more)
	}
	return text
}

// Unwrap returns the server's error.
func (e *busyError) Unwrap() error { return e.err }

// Hint says how to get on.
func (e *busyError) Hint() string {
	end := "find it in pg_stat_activity and end it"
	switch {
	case e.holder != nil && e.holder.pid == 0:
		end = "COMMIT or ROLLBACK what pg_prepared_xacts shows"
	case e.holder != nil:
		end = fmt.Sprintf("end that session as an administrator (SELECT pg_terminate_backend(%d))", e.holder.pid)
	}
	return "wait until it is done, or " + end + "; then run again: what is committed is kept"
}

// asBusy makes a busyError of an error that is none.
func asBusy(err error) error {
	var known *busyError
	if errors.As(err, &known) {
		return err
	}
	return &busyError{err: err}
}

// lockWait looks who is in the way of a write that waits for a lock, and tells of it once.
type lockWait struct {
	ledger *loadLedger
	told   bool
	found  []session
}

// lookEvery is how often a write that lasts is looked at; the shortest lock_timeout is longer.
const lookEvery = 200 * time.Millisecond

// watch looks whom a session waits for, until it was seen or stop is called.
func (w *lockWait) watch(ctx context.Context, pid uint32) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			found, err := w.ledger.blockers(ctx, pid)
			if len(found) > 0 {
				w.found = found
			}
			if err != nil || len(found) > 0 {
				return
			}
		}
	})
	return func() {
		cancel()
		looking.Wait()
	}
}

// explain says who was in the way of an attempt that failed for a lock.
func (w *lockWait) explain(err error) error {
	if !lockTimedOut(err) {
		return err
	}
	busy := &busyError{err: err}
	if len(w.found) > 0 {
		busy.holder, busy.more = &w.found[0], len(w.found)-1
	}
	if !w.told {
		w.told = true
		w.ledger.rc.Emit(pipeline.Warning{Step: pipeline.Ingest, Message: "waiting: " + busy.Error(), Hint: busy.Hint()})
	}
	return busy
}

// lookLimit is how long a look at the sessions may take.
const lookLimit = 2 * time.Second

// blockers returns the sessions that one waits for.
func (l *loadLedger) blockers(ctx context.Context, pid uint32) ([]session, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	rows, err := l.pool.Query(ctx, sql.Text("ingest/blockers.sql"), int64(pid))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s session, err error) {
		var since *time.Time
		if err = row.Scan(&s.pid, &s.app, &s.user, &since, &s.query); since != nil {
			s.since = *since
		}
		return s, err
	})
}
