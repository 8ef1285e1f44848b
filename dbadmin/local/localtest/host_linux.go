package localtest

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel stop the server when the test process dies.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }

// tempDir returns where a server's folder goes: into memory if there is plenty,
// where a database is made ten times as fast. Both are short, because a
// socket's path has at most 107 bytes.
func tempDir(durable bool) string {
	const shm, plenty = "/dev/shm", 4 << 30
	var fs syscall.Statfs_t
	if !durable && syscall.Statfs(shm, &fs) == nil && fs.Bavail*uint64(fs.Bsize) > plenty {
		return shm
	}
	return "/tmp"
}
