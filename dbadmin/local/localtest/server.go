package localtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local"
)

// Admin is the superuser of a throw-away server.
const Admin = "penstock"

// Server is a throw-away PostgreSQL server. It dies with the test process,
// however that ends. Everybody who can open its socket or port is trusted.
type Server struct {
	Port int // on 127.0.0.1; the same after a restart

	dir     string
	durable bool
	account local.Account
	bin     local.Binaries
	exited  chan struct{} // closed when the server process has ended
	process *os.Process
	ready   bool // databases to copy are there
}

// StopMode says how a server ends.
type StopMode int

// The ways a server ends.
const (
	Fast      StopMode = iota // disconnects clients, writes a checkpoint
	Immediate                 // as a crash: recovers at the next Start
	Killed                    // kill -9 of the postmaster
)

func newServer(ctx context.Context, durable bool) (*Server, error) {
	bin, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	account, err := local.ServerAccount(os.Getuid(), os.Getgid())
	if err != nil {
		return nil, err
	}
	sweep(tempDir(durable))
	dir, err := os.MkdirTemp(tempDir(durable), fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, durable: durable, account: account, bin: bin}
	if err := account.Own(dir); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	if err := s.init(ctx); err != nil {
		return nil, errors.Join(err, s.remove())
	}
	return s, nil
}

// dirPrefix begins the name of a server's folder; the test process's id follows.
const dirPrefix = "penstock-pg-"

// sweep removes the folders of test processes that were killed.
func sweep(temp string) {
	dirs, err := filepath.Glob(filepath.Join(temp, dirPrefix+"*-*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirPrefix), "-")
		pid, err := strconv.Atoi(id)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir) // another user's stays
		}
	}
}

var errNoPostgres = errors.New("no PostgreSQL server programs found")

// binaries returns the installation to test with: the newest, or that of the
// folder in PENSTOCK_TEST_POSTGRES.
func binaries(ctx context.Context) (local.Binaries, error) {
	dir := os.Getenv("PENSTOCK_TEST_POSTGRES")
	for _, b := range local.FindBinaries(ctx, dir+":"+os.Getenv("PATH")) {
		if dir == "" || filepath.Clean(dir) == b.Dir {
			return b, nil
		}
	}
	return local.Binaries{}, errNoPostgres
}

func (s *Server) init(ctx context.Context) error {
	cmd := s.account.Command(ctx, s.bin.Path("initdb"), "--pgdata", s.data(), "--username", Admin,
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	s.Port = port
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func (s *Server) args() []string {
	settings := map[string]string{
		"listen_addresses":           "127.0.0.1",
		"port":                       strconv.Itoa(s.Port),
		"unix_socket_directories":    s.dir,
		"shared_buffers":             "64MB",
		"max_connections":            "100",
		"max_wal_size":               "1GB",
		"jit":                        "off",
		"timezone":                   "UTC",
		"log_timezone":               "UTC",
		"max_prepared_transactions":  "2",
		"log_line_prefix":            "%m [%p] %d ",
		"autovacuum_naptime":         "10s",
		"max_parallel_workers":       "2",
		"wal_level":                  "minimal",
		"max_wal_senders":            "0",
		"dynamic_shared_memory_type": "posix",
	}
	if !s.durable {
		for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			settings[name] = "off"
		}
	}
	args := []string{"-D", s.data()}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// Start starts the server and waits until it takes connections; after a crash
// it recovers first.
func (s *Server) Start(ctx context.Context) error {
	log, err := os.OpenFile(s.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.account.Command(context.WithoutCancel(ctx), s.bin.Path("postgres"), s.args()...)
	cmd.Stdout, cmd.Stderr = log, log
	dieWithParent(cmd)
	started, exited := make(chan error), make(chan struct{})
	go func() { // waited for by Stop through exited
		// The kernel signals the child when the thread that made it ends, so
		// this one stays until the child is gone.
		runtime.LockOSThread()
		defer close(exited)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	s.process, s.exited = cmd.Process, exited
	if err := s.wait(ctx); err != nil {
		return errors.Join(err, s.Stop(Immediate))
	}
	return nil
}

func (s *Server) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.URL(Admin, "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("postgres ended at once:\n%s", s.Log())
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w\n%s", err, s.Log())
		case <-tick.C:
		}
	}
}

// Stop ends the server and waits until its processes are gone; it does nothing
// when the server is not running.
func (s *Server) Stop(mode StopMode) error {
	if s.process == nil {
		return nil
	}
	sig := map[StopMode]os.Signal{Fast: syscall.SIGINT, Immediate: syscall.SIGQUIT, Killed: syscall.SIGKILL}[mode]
	if err := s.process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	<-s.exited
	s.process = nil
	return nil
}

func (s *Server) remove() error { return os.RemoveAll(s.dir) }

// URL returns the URL of a database for a user, over the unix socket.
func (s *Server) URL(user, database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", user, database, s.dir, s.Port)
}

// TCPURL returns the URL of a database for a user, over 127.0.0.1.
func (s *Server) TCPURL(user, database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", user, s.Port, database)
}

// Binaries returns the installation that the server runs.
func (s *Server) Binaries() local.Binaries { return s.bin }

// Log returns what the server has logged so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.logPath())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "log") }
