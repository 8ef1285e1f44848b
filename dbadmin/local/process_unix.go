//go:build unix

package local

import (
	"context"
	"os"
	"os/exec"
	"syscall"
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

// Own gives a file or folder to the account.
func (a Account) Own(path string) error {
	if !a.Drop {
		return nil
	}
	return os.Chown(path, a.UID, a.GID)
}
