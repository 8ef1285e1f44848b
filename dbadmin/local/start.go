package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// starter starts a server; its methods run under the lock of the folder.
type starter struct {
	Options
	layout  layout
	account Account
}

func (st *starter) start(ctx context.Context) (s *Server, err error) {
	if err := st.makeFolders(); err != nil {
		return nil, err
	}
	release, err := lockFile(ctx, st.layout.lock())
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	// Another process may have started it, or begun to and died.
	s, err = st.await(ctx)
	if errors.Is(err, ErrNotRunning) {
		s, err = st.launch(ctx)
	}
	if err != nil || isReady(st.layout) {
		return s, err
	}
	if err := s.setup(ctx); err != nil {
		return nil, fmt.Errorf("make databases and users: %w", err)
	}
	return s, writeFile(st.layout.ready(), readyMark, 0o600, Account{})
}

// readyMark changes when setup has more to do than before.
const readyMark = "2\n"

func isReady(l layout) bool {
	text, err := os.ReadFile(l.ready())
	return err == nil && string(text) == readyMark
}

// makeFolders makes the server's folders. Those that the server writes to are
// the account's; the one above them is not, when the caller is root.
func (st *starter) makeFolders() error {
	if !filepath.IsAbs(st.Dir) {
		return &Error{err: fmt.Errorf("the folder %q is not an absolute path", st.Dir), hint: "write the folder's path from the root"}
	}
	mode := fs.FileMode(0o700)
	if st.account.Drop {
		mode = 0o711 // the account passes through
	}
	if err := os.MkdirAll(filepath.Dir(st.Dir), 0o755); err != nil { //nolint:gosec // the account passes through
		return folderError(err)
	}
	if err := os.Mkdir(st.Dir, mode); err == nil {
		err = os.Chmod(st.Dir, mode) // whatever the umask
		if err != nil {
			return folderError(err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return folderError(err)
	}
	if dir := st.account.mayReach(st.Dir); dir != "" {
		return &Error{
			err:  fmt.Errorf("the user %s, as whom root runs PostgreSQL, cannot pass %s", st.account.Name, dir),
			hint: "choose a folder that every user can reach, such as " + DefaultDir(0, "", "main") + ", or run penstock as an ordinary user",
		}
	}
	for _, dir := range []string{st.layout.socket(), st.layout.logs()} {
		err := os.Mkdir(dir, 0o700)
		if err == nil {
			err = st.account.Own(dir)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return folderError(err)
		}
	}
	return nil
}

// await returns the server that runs, once it takes connections, or
// ErrNotRunning when none does, or it ends meanwhile.
func (st *starter) await(ctx context.Context) (*Server, error) {
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		s, err := attach(ctx, st.layout, st.account)
		if err == nil || errors.Is(err, ErrNotRunning) || !comesAndGoes(err) {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the server to take connections: %w", errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

// comesAndGoes reports whether a failed connection is one to a server that
// starts, recovers or stops.
func comesAndGoes(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return strings.HasPrefix(server.Code, "57P")
	}
	var connect *pgconn.ConnectError
	return errors.As(err, &connect) || errors.Is(err, net.ErrClosed)
}

// launch starts the server, after making its data directory if there is none.
func (st *starter) launch(ctx context.Context) (*Server, error) {
	bin, err := st.prepare(ctx)
	if err != nil {
		return nil, err
	}
	st.log("starting " + bin.String())
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	port := st.lastPort()
	for try := 1; ; try++ {
		if port, err = freePort(ctx, port); err != nil {
			return nil, err
		}
		if err := st.writeSettings(ctx, bin, port); err != nil {
			return nil, folderError(err)
		}
		if err := dropStale(st.layout); err != nil {
			return nil, fmt.Errorf("remove lock files of a server that died: %w", err)
		}
		err = st.pgCtlStart(ctx, bin)
		if err == nil {
			return st.await(ctx)
		}
		if try >= 50 || !passes(err) {
			return nil, err
		}
		if errors.Is(err, errPortTaken) {
			port++
			continue
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-tick.C:
		}
		// The other one may be a server whose starter was killed.
		if s, err := st.await(ctx); !errors.Is(err, ErrNotRunning) {
			return s, err
		}
	}
}

// passes reports whether a start that failed may succeed in a moment.
func passes(err error) bool {
	return errors.Is(err, errPortTaken) || errors.Is(err, errStillThere) || errors.Is(err, errHalfRecovered)
}

// pgCtlStart starts the server and waits until it takes connections. pg_ctl is
// our child; the server is not.
func (st *starter) pgCtlStart(ctx context.Context, bin Binaries) error {
	mark := markLogs(st.layout)
	cmd := st.account.Command(ctx, bin.Path("pg_ctl"), "start", "--pgdata", st.layout.data(),
		"--log", st.layout.startLog(), "--wait", "--timeout", "86400", "--silent")
	if err := os.Remove(st.layout.startLog()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderError(err)
	}
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("start the server: %w", ctx.Err())
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("start the server: %w", err)
	}
	return startError(string(out)+"\n"+mark.since(), st.layout)
}

// writeSettings writes the configuration for this machine and port.
func (st *starter) writeSettings(ctx context.Context, bin Binaries, port int) error {
	m := machine{
		memory: st.Memory, linux: onLinux, sharedMem: keepsShared(st.account), port: port,
		logDir: st.layout.logs(), statsLib: hasStatements(bin, libDir(ctx, bin)),
	}
	if m.memory == 0 {
		m.memory = memory()
	}
	if dir := st.layout.socket(); len(dir) <= longestSocketDir && !strings.ContainsAny(dir, ",\"") {
		m.socketDir = dir
	}
	return writeFile(st.layout.settings(), settings(m), 0o644, Account{})
}

// libDir asks the installation where its loadable modules are, "" if it cannot tell.
func libDir(ctx context.Context, bin Binaries) string {
	out, err := exec.CommandContext(ctx, bin.Path("pg_config"), "--pkglibdir").Output() //nolint:gosec // a program of PostgreSQL
	if err != nil {
		return "" // development packages are often missing
	}
	return strings.TrimSpace(string(out))
}

var portPattern = regexp.MustCompile(`(?m)^port = '([0-9]+)'$`)

// firstPort is where the search for a free port begins; above it are hundreds
// that systems do not hand out to clients.
const firstPort = 15432

// lastPort returns the port of the last start, so that URLs stay valid.
func (st *starter) lastPort() int {
	text, err := os.ReadFile(st.layout.settings())
	if err != nil {
		return firstPort
	}
	m := portPattern.FindSubmatch(text)
	if m == nil {
		return firstPort
	}
	port, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return firstPort
	}
	return port
}

// freePort returns the first port from the given one on that nobody listens on.
func freePort(ctx context.Context, from int) (int, error) {
	var lc net.ListenConfig
	var last error
	for port := from; port < from+500 && port < 1<<16; port++ {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return 0, fmt.Errorf("find a free port from %d on: %w", from, last)
}
