package localtest

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel stop the server when the test process dies.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
