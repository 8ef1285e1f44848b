package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// DuckDB numbers the files that it spills to, so that two processes must not
// share a folder: each Query has one of its own, named for its process.
const tempName = "query-"

// makeTemp makes a folder to spill to below dir and removes those of processes
// that are gone.
func makeTemp(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("folder to spill to: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("folder to spill to: %w", err)
	}
	for _, e := range entries {
		if pid, ok := tempOwner(e.Name()); ok && !alive(pid) {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return "", fmt.Errorf("folder to spill to: %w", err)
			}
		}
	}
	temp, err := os.MkdirTemp(dir, tempName+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("folder to spill to: %w", err)
	}
	return temp, nil
}

func tempOwner(name string) (pid int, ok bool) {
	rest, ok := strings.CutPrefix(name, tempName)
	if !ok {
		return 0, false
	}
	digits, _, ok := strings.Cut(rest, "-")
	if !ok {
		return 0, false
	}
	pid, err := strconv.Atoi(digits)
	return pid, err == nil && pid > 0
}

// alive tells whether there is a process pid; in doubt there is.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
