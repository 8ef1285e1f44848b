//go:build unix && !linux

package localtest

import "os/exec"

// dieWithParent can do nothing here: a killed test process leaves its server.
func dieWithParent(*exec.Cmd) {}

// tempDir returns where a server's folder goes. It is short, because a socket's
// path has at most 103 bytes.
func tempDir(bool) string { return "/tmp" }
