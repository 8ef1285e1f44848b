package lake

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// DuckDB is used through its C interface, not through database/sql: that
// driver keeps a whole result in memory, outside of the memory limit, before it
// hands out the first row.

// engine is an in-memory database.
type engine struct{ db duck.Database }

// errDuckDB is for failures that DuckDB gives no message for.
var errDuckDB = errors.New("DuckDB does not say why")

func openEngine() (*engine, error) {
	e := &engine{}
	var message string
	var config duck.Config
	if duck.CreateConfig(&config) == duck.StateError {
		return nil, errDuckDB
	}
	defer duck.DestroyConfig(&config)
	if duck.OpenExt(":memory:", &e.db, config, &message) == duck.StateError {
		return nil, errors.New(message)
	}
	return e, nil
}

func (e *engine) close() { duck.Close(&e.db) }

// session is one connection to an engine, used by one goroutine at a time.
type session struct{ conn duck.Connection }

func (e *engine) connect() (*session, error) {
	s := &session{}
	if duck.Connect(e.db, &s.conn) == duck.StateError {
		return nil, errDuckDB
	}
	return s, nil
}

func (s *session) close() { duck.Disconnect(&s.conn) }

// exec runs statements that give no rows.
func (s *session) exec(sql string) error {
	var r duck.Result
	defer duck.DestroyResult(&r)
	if duck.Query(s.conn, sql, &r) == duck.StateError {
		return errors.New(duck.ResultError(&r))
	}
	return nil
}

var (
	errNoStatement    = errors.New("there is no statement")
	errManyStatements = errors.New("there is more than one statement")
	errNUL            = errors.New("there is a NUL byte in it")
)

// prepare parses and binds the one statement in sql. Nothing of sql is run.
func (s *session) prepare(sql string) (stmt duck.PreparedStatement, err error) {
	if strings.IndexByte(sql, 0) >= 0 {
		return stmt, errNUL // C would see the text before it only
	}
	var all duck.ExtractedStatements
	defer duck.DestroyExtracted(&all)
	switch n := duck.ExtractStatements(s.conn, sql, &all); {
	case n == 0:
		if message := duck.ExtractStatementsError(all); message != "" {
			return stmt, errors.New(message)
		}
		return stmt, errNoStatement
	case n > 1:
		return stmt, errManyStatements
	}
	if duck.PrepareExtractedStatement(s.conn, all, 0, &stmt) == duck.StateError {
		err = errors.New(duck.PrepareError(stmt))
		duck.DestroyPrepare(&stmt)
	}
	return stmt, err
}

// stream runs a prepared statement, whose rows come as they are asked for.
func (s *session) stream(stmt duck.PreparedStatement) (r duck.Result, err error) {
	var pending duck.PendingResult
	defer duck.DestroyPending(&pending)
	// Deprecated in favour of results that are held in memory whole.
	if duck.PendingPreparedStreaming(stmt, &pending) == duck.StateError {
		return r, errors.New(duck.PendingError(pending))
	}
	if duck.ExecutePending(pending, &r) == duck.StateError {
		err = errors.New(duck.ResultError(&r))
		duck.DestroyResult(&r)
	}
	return r, err
}

// interruptEvery is how often a cancelled query is told: one that has not
// begun yet misses what it was told before.
const interruptEvery = 20 * time.Millisecond

// interruptOn interrupts whatever the session runs from the moment that ctx is
// done until the returned function is called, which returns when no interrupt
// is under way any more.
func (s *session) interruptOn(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Add(1)
	cancel := context.AfterFunc(ctx, func() {
		defer running.Done()
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for {
			duck.Interrupt(s.conn)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		if cancel() { // it never began
			running.Done()
		}
		close(done)
		running.Wait()
	}
}
