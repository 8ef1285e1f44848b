package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/sql"
)

// Options says who keeps the ledger and how.
type Options struct {
	// Host, PID, Who and Version name this process in the runs that it starts.
	Host    string
	PID     int
	Who     string
	Version string
	// Now is the clock; required.
	Now func() time.Time
	// SpoolDir is the folder for events that cannot reach the staging database;
	// made when needed. Empty keeps them in memory only.
	SpoolDir string
	// Log takes what has no place in the ledger, such as the stack of a panic;
	// nil discards it.
	Log *slog.Logger
	// Fail is called at failpoints; nil does nothing.
	Fail func(point string)

	// AwayHint is what people do when a server goes away in the middle of a run;
	// empty asks them to see after it.
	AwayHint string

	// KeepRuns is how long the ledger remembers runs; each run forgets older
	// ones when it starts. 0 = for ever.
	KeepRuns time.Duration

	// Heartbeat is the time between signs of life; three missed ones make a run
	// stale. 0 = 1 s.
	Heartbeat time.Duration
	// CleanupLimit is how long a step may clean up. 0 = 10 s.
	CleanupLimit time.Duration
	// FlushLimit is how long the end of a run waits for the staging database to
	// take the last events before it leaves them in the spool. 0 = 10 s.
	FlushLimit time.Duration
	// LockGrace is how long a run goes on without its lock, trying to take it
	// again, before it gives up. 0 = 1 min.
	LockGrace time.Duration
	// EpochLimit is how long a new run waits for the open transactions of one
	// that lost its lock. 0 = 10 s.
	EpochLimit time.Duration
}

// operationLimit is how long a statement on the ledger may take before the
// connection is taken for dead. A server whose disk is slow must pass.
const operationLimit = 15 * time.Second

// staleBeats is how many missed heartbeats make a run stale.
const staleBeats = 3

// Ledger is the record of runs in the staging database, and what executes
// them. It is safe for concurrent use. Close it before the pools.
type Ledger struct {
	staging, analytics *pgxpool.Pool
	o                  Options
	hub                hub

	mu   sync.Mutex
	uuid string // of the staging database, once read
}

// NewLedger returns a ledger on the two databases, which it does not close. For
// reading only, analytics may be nil.
func NewLedger(staging, analytics *pgxpool.Pool, o Options) *Ledger {
	orElse := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	orElse(&o.Heartbeat, time.Second)
	orElse(&o.CleanupLimit, 10*time.Second)
	orElse(&o.FlushLimit, 10*time.Second)
	orElse(&o.LockGrace, time.Minute)
	orElse(&o.EpochLimit, 10*time.Second)
	o.Host, o.Who, o.Version = plain(o.Host), plain(o.Who), plain(o.Version)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Fail == nil {
		o.Fail = func(string) {}
	}
	l := &Ledger{staging: staging, analytics: analytics, o: o}
	l.hub = hub{pool: staging, log: o.Log, retry: o.Heartbeat}
	return l
}

// plain returns text that PostgreSQL takes: UTF-8 without NUL.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// Close ends what listens for changes and waits for it. Runs that are still
// executing go on.
func (l *Ledger) Close() { l.hub.close() }

// stale is the age of a heartbeat beyond which a run may be dead.
func (l *Ledger) stale() time.Duration { return staleBeats * l.o.Heartbeat }

// stagingUUID returns the identity of the staging database.
func (l *Ledger) stagingUUID(ctx context.Context, q queryer) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.uuid == "" {
		if err := q.QueryRow(ctx, "SELECT uuid::text FROM staging.meta").Scan(&l.uuid); err != nil {
			return "", fmt.Errorf("read which staging database it is: %w", sql.Clarify(err))
		}
	}
	return l.uuid, nil
}

// queryer is a pool, a connection or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// readTries is how many dead connections of a pool one read outlives.
const readTries = 5

// query reads rows. A connection of the pool that died unnoticed, as with a
// restart of the server, is no reason to fail: reading again does no harm.
func query[T any](ctx context.Context, q queryer, row pgx.RowToFunc[T], text string, args ...any) ([]T, error) {
	for try := 1; ; try++ {
		rows, err := q.Query(ctx, text, args...)
		var list []T
		if err == nil {
			list, err = pgx.CollectRows(rows, row)
		}
		if err == nil || try == readTries || ctx.Err() != nil || answered(err) {
			return list, sql.Clarify(err)
		}
	}
}

// answered reports whether an error is the server's, or that of reaching it,
// and not that of a connection that broke.
func answered(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return !strings.HasPrefix(server.Code, "57P0") // the server goes down or comes up
	}
	var connecting *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connecting) || !errors.As(err, &network) && !errors.Is(err, io.ErrUnexpectedEOF)
}

// connect opens a connection beside the pool, set up as the pool's are: locks
// and signs of life must not wait for a step to give a connection back.
func connect(ctx context.Context, pool *pgxpool.Pool, name string) (*pgx.Conn, error) {
	cfg := pool.Config()
	cc := cfg.ConnConfig
	if cfg.BeforeConnect != nil {
		if err := cfg.BeforeConnect(ctx, cc); err != nil {
			return nil, err
		}
	}
	cc.RuntimeParams["application_name"] = name
	conn, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", cc.Database, sql.Clarify(err))
	}
	if cfg.AfterConnect != nil {
		err = cfg.AfterConnect(ctx, conn)
	}
	if err == nil {
		err = keepAlive(ctx, conn)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up a connection to %s: %w", cc.Database, err), conn.Close(ctx))
	}
	return conn, nil
}

// keepAlive lets the server find out within some ten seconds that the machine
// of an idle session is gone, and keeps it from ending the session by itself.
func keepAlive(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, sql.Text("ledger/keep_alive.sql"))
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return nil // a proxy that does not know them: slower, not wrong
	}
	return err
}
