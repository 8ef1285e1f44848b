package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/sql"
)

// Errors of this package, to be found with errors.Is.
var (
	// ErrNotRunning says that the managed server does not run.
	ErrNotRunning = errors.New("the managed PostgreSQL server is not running")
	// ErrNoBinaries says that no PostgreSQL could be found or downloaded.
	ErrNoBinaries = errors.New("no PostgreSQL to run")
)

// Server is a running managed server that this process can connect to. It
// holds no connection and no process: the server lives on when the caller ends.
type Server struct {
	layout  layout
	account Account
	pid     int
	port    int
	socket  string // folder of the unix socket, "" = TCP only
	version string
}

// Status is what there is to tell about the managed server.
type Status struct {
	Running bool
	Dir     string // the server's folder
	PID     int
	Port    int    // on 127.0.0.1
	Socket  string // folder of its unix socket, "" = none
	Version string // of PostgreSQL, as in "15.18"
}

// Start returns the managed server of the folder, started if it does not run
// and made if there is none. It is safe to call from many processes at once,
// and fast when the server runs. Making it needs seconds, or a download.
func Start(ctx context.Context, o Options) (*Server, error) {
	account, err := ServerAccount(o.UID, o.GID)
	if err != nil {
		return nil, err
	}
	l := layout(o.Dir)
	if isReady(l) {
		if s, err := attach(ctx, l, account); err == nil {
			return s, nil
		}
	}
	st := starter{Options: o, layout: l, account: account}
	s, err := st.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("managed PostgreSQL in %s: %w", o.Dir, err)
	}
	return s, nil
}

// Attach returns the managed server if it runs, else ErrNotRunning.
func Attach(ctx context.Context, o Options) (*Server, error) {
	account, err := ServerAccount(o.UID, o.GID)
	if err != nil {
		return nil, err
	}
	s, err := attach(ctx, layout(o.Dir), account)
	if err != nil {
		return nil, fmt.Errorf("managed PostgreSQL in %s: %w", o.Dir, err)
	}
	return s, nil
}

// Made reports whether a managed server was ever made in the folder; it need not run.
func Made(o Options) bool { return isReady(layout(o.Dir)) }

// Stop ends the managed server of the folder and waits until it is gone. Its
// clients are disconnected and their transactions rolled back. It returns
// ErrNotRunning when there is nothing to stop.
func Stop(ctx context.Context, o Options) error {
	l := layout(o.Dir)
	if _, err := os.Stat(l.data()); err != nil {
		return fmt.Errorf("managed PostgreSQL in %s: %w", o.Dir, ErrNotRunning)
	}
	release, err := lockFile(ctx, l.lock())
	if err != nil {
		return fmt.Errorf("managed PostgreSQL in %s: lock: %w", o.Dir, err)
	}
	return errors.Join(stop(ctx, l), release())
}

// Stop is Stop for this server.
func (s *Server) Stop(ctx context.Context) error {
	return Stop(ctx, Options{Dir: string(s.layout)})
}

func stop(ctx context.Context, l layout) error {
	pm, ok := readPostmaster(l.data())
	if !ok || !isPostmaster(pm.pid, l.data()) {
		return fmt.Errorf("managed PostgreSQL in %s: %w", string(l), ErrNotRunning)
	}
	if err := signalStop(pm.pid); err != nil {
		return fmt.Errorf("stop the managed PostgreSQL, process %d: %w", pm.pid, err)
	}
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for isPostmaster(pm.pid, l.data()) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("stop the managed PostgreSQL, process %d: %w", pm.pid, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// Status asks the server how it is.
func (s *Server) Status(ctx context.Context) Status {
	st := Status{Dir: string(s.layout), PID: s.pid, Port: s.port, Socket: s.socket, Version: s.version}
	now, err := attach(ctx, s.layout, s.account)
	if err == nil {
		st.Running, st.PID, st.Port, st.Socket, st.Version = true, now.pid, now.port, now.socket, now.version
	}
	return st
}

// URL returns the URL of a database for a user, fit for psql and ParseConfig.
// The password is not in it: it names the server's password file.
func (s *Server) URL(db sql.Database, role Role) string {
	return s.url(db.DefaultName(), role)
}

// Addr returns host and port for programs that know no unix sockets.
func (s *Server) Addr() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// PasswordFile returns the path of the password file, in libpq's format.
func (s *Server) PasswordFile() string { return s.layout.passwords() }

// Version returns the version of PostgreSQL, as in "15.18".
func (s *Server) Version() string { return s.version }

// ConnConfig returns the configuration of a pool for a database and a user.
func (s *Server) ConnConfig(db sql.Database, role Role, o sql.PoolOptions) (*pgxpool.Config, error) {
	cfg, err := sql.ParseConfig(s.URL(db, role), nil, o)
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig.DialFunc = s.dialer(cfg.ConnConfig.DialFunc)
	return cfg, nil
}

// dialer is dial whose error says how the managed server is, and what brings it back: advice for
// servers that others run would mislead.
func (s *Server) dialer(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
		if pm, ok := readPostmaster(s.layout.data()); ok && isPostmaster(pm.pid, s.layout.data()) {
			return nil, &Error{err: silent{err}, hint: "try again in a moment; its log is in " + s.layout.logs()}
		}
		return nil, &Error{err: stopped{err}, hint: "any penstock --run starts it again"}
	}
}

// stopped is a connection that failed since the server does not run.
type stopped struct{ cause error }

func (e stopped) Error() string   { return ErrNotRunning.Error() }
func (e stopped) Unwrap() []error { return []error{ErrNotRunning, e.cause} }

// silent is a connection that a running server did not take.
type silent struct{ cause error }

func (e silent) Error() string { return "the managed PostgreSQL server does not take connections" }
func (e silent) Unwrap() error { return e.cause }

func (s *Server) url(database string, role Role) string {
	// libpq reads + in a URL as a plus, not as a blank.
	escape := func(v string) string { return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") }
	params := "passfile=" + escape(s.layout.passwords())
	if s.socket == "" {
		return fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable&%s", role, s.Addr(), database, params)
	}
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d&%s", role, database, escape(s.socket), s.port, params)
}

// attach connects to the server that runs in the folder.
func attach(ctx context.Context, l layout, account Account) (*Server, error) {
	pm, ok := readPostmaster(l.data())
	if !ok || !isPostmaster(pm.pid, l.data()) {
		return nil, ErrNotRunning
	}
	if _, err := loadPasswords(l.passwords()); err != nil {
		return nil, err
	}
	s := &Server{layout: l, account: account, pid: pm.pid, port: pm.port, socket: pm.socket}
	conn, err := s.connect(ctx, "postgres")
	if err != nil {
		return nil, err
	}
	err = conn.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&s.version)
	return s, errors.Join(err, conn.Close(ctx))
}

// connect opens a connection as the superuser.
func (s *Server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	cfg, err := sql.ParseConfig(s.url(database, Admin), nil, sql.PoolOptions{AppName: "penstock setup"})
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "28P01" {
		return nil, &Error{
			err:  fmt.Errorf("the password in %s is not the server's", s.layout.passwords()),
			hint: "restore the file from a backup: without it nobody can log in to the managed server",
		}
	}
	return conn, err
}
