package sql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OldestServer is the first major version of PostgreSQL that the program works with.
const OldestServer = 14

// ErrOldServer says that the server is older than OldestServer.
var ErrOldServer = errors.New("the PostgreSQL server is too old")

// PoolOptions says how the connections of a pool behave.
type PoolOptions struct {
	AppName          string        // application_name; empty = penstock
	MaxConns         int32         // 0 = pgx's default, or pool_max_conns of the URL
	AllowWeakTLS     bool          // accept less than sslmode=verify-full off loopback
	StatementTimeout time.Duration // 0 = none of ours
	Tracer           pgx.QueryTracer
	// CancelQueries has the server cancel a statement whose context ends, which the
	// caller then waits for, and keeps the connection; without it the connection is
	// given up at once. It is for queries: what waits for the server while the server
	// is idle, as LISTEN does, would wait on.
	CancelQueries bool
}

// cancelPatience is how long the server gets to say that it cancelled a statement.
const cancelPatience = 5 * time.Second

// ParseConfig reads a postgres:// URL (or key=value words), applies the TLS
// policy and sets what every connection of the program has: UTF-8, UTC, ISO
// dates and a limit on idle transactions. What PostgreSQL's service and
// password files and PG* variables add is used as libpq would. If password is
// not nil and the URL has none, it is asked each time a connection is opened.
// Neither the URL nor a password is ever part of an error.
func ParseConfig(url string, password func() (string, error), o PoolOptions) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, parseError(err)
	}
	if !o.AllowWeakTLS {
		if err := checkTLS(&cfg.ConnConfig.Config); err != nil {
			return nil, err
		}
	}
	if o.MaxConns > 0 {
		cfg.MaxConns = o.MaxConns
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	cfg.ConnConfig.Tracer = o.Tracer
	if o.CancelQueries {
		cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
			return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelPatience}
		}
	}
	setParams(cfg.ConnConfig.RuntimeParams, o)
	if password != nil && cfg.ConnConfig.Password == "" {
		cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
			secret, err := password()
			if err != nil {
				return fmt.Errorf("get the password: %w", err)
			}
			c.Password = secret
			return nil
		}
	}
	cfg.AfterConnect = setCheckInterval
	return cfg, nil
}

func setParams(params map[string]string, o PoolOptions) {
	// The formats are not the user's to choose: the program reads them.
	params["client_encoding"] = "UTF8"
	params["timezone"] = "UTC"
	params["datestyle"] = "ISO, YMD"
	params["extra_float_digits"] = "1"
	setDefault := func(name, value string) {
		if params[name] == "" {
			params[name] = value
		}
	}
	setDefault("application_name", "penstock")
	if o.AppName != "" {
		params["application_name"] = o.AppName
	}
	setDefault("idle_in_transaction_session_timeout", milliseconds(time.Minute))
	if o.StatementTimeout > 0 {
		setDefault("statement_timeout", milliseconds(o.StatementTimeout))
	}
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// setCheckInterval lets the server notice within a second that a client died,
// and free its locks; by default it notices only when its statement ends. Some
// platforms and proxies don't have the setting: that costs the speed, no more.
func setCheckInterval(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET client_connection_check_interval = '1s'")
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return nil
	}
	return err
}

// Open makes the pool and one connection, to learn that the server is there
// and new enough. The error says what could not be reached, as whom, and has a
// hint on what to do. The caller closes the pool.
func Open(ctx context.Context, cfg *pgxpool.Config) (*pgxpool.Pool, error) {
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open a pool: %w", err)
	}
	if err := checkServer(ctx, pool); err != nil {
		pool.Close()
		return nil, connectError(&cfg.ConnConfig.Config, err)
	}
	return pool, nil
}

func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	var version int
	if err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if major := version / 10000; major < OldestServer {
		return &Error{
			err:  fmt.Errorf("the server is PostgreSQL %d: %w", major, ErrOldServer),
			hint: fmt.Sprintf("use PostgreSQL %d or newer", OldestServer),
		}
	}
	return nil
}
