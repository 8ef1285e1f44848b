//go:build unix

package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Command returns a child process that runs as the account, in a session of
// its own (a Ctrl-C in the caller's terminal does not reach it), with nothing
// of the caller's environment.
func (a Account) Command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs of PostgreSQL only
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.Drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.GID)} //nolint:gosec // ids fit
	}
	return cmd
}

// Own gives a folder or a file to the account. The folder above it must not be
// the account's: it could put a link in the way, and root would follow.
func (a Account) Own(path string) error {
	if !a.Drop {
		return nil
	}
	return os.Lchown(path, a.UID, a.GID)
}

// mayReach returns the first folder on the way to path that the account cannot
// pass, "" when there is none.
func (a Account) mayReach(path string) string {
	if !a.Drop {
		return ""
	}
	var bad string
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && !a.mayPass(info) {
			bad = dir
		}
		if dir == filepath.Dir(dir) {
			return bad
		}
	}
}

func (a Account) mayPass(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	switch {
	case int(st.Uid) == a.UID:
		return info.Mode()&0o100 != 0
	case int(st.Gid) == a.GID:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

// alive reports whether a process of the caller's (any process, for root) has
// this id; another user's cannot be the caller's server.
func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// isPostmaster reports whether the process is the server of the data
// directory, as far as the system tells: a server works in that folder.
func isPostmaster(pid int, data string) bool {
	if !alive(pid) {
		return false
	}
	if _, err := os.Readlink("/proc/self/cwd"); err != nil {
		return true // a system that cannot tell
	}
	// A dead process that nobody waited for has no folder any more.
	cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	return err == nil && cwd == resolve(data) || errors.Is(err, fs.ErrPermission)
}

// inUse reports whether any process works in the data directory, as all of a
// server's do; known is false where the system has no /proc.
func inUse(data string) (busy, known bool) {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil || len(links) == 0 {
		return false, false
	}
	data = resolve(data)
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == data {
			return true, true
		}
	}
	return false, true
}

func resolve(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// signalStop tells a server to disconnect its clients and end.
func signalStop(pid int) error { return syscall.Kill(pid, syscall.SIGINT) }

// lockPoll is how often a lock that somebody holds is tried again.
const lockPoll = 20 * time.Millisecond

// lockFile takes an exclusive lock on a file and waits for it as long as the
// context allows. The lock ends with release or with the process; children do
// not inherit it.
func lockFile(ctx context.Context, path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the server's lock
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-tick.C:
		}
	}
}
