//go:build unix && !linux

package localtest

import "os/exec"

// dieWithParent can do nothing here: a killed test process leaves its server.
func dieWithParent(*exec.Cmd) {}
