package local

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// postmaster is what a server's postmaster.pid says of it.
type postmaster struct {
	pid    int
	port   int
	socket string // folder of the unix socket, "" = none
	status string // starting, ready, stopping, standby
}

// readPostmaster reads the file that a running server keeps in its data
// directory. It reports false when there is none, or only the beginning of one.
func readPostmaster(data string) (postmaster, bool) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid")) //nolint:gosec // a file of the server
	if err != nil {
		return postmaster{}, false
	}
	return parsePostmaster(string(text))
}

// The lines of postmaster.pid: pid, data directory, start time, port, socket
// folder, listen address, shared memory key, status.
func parsePostmaster(text string) (postmaster, bool) {
	lines := strings.Split(text, "\n")
	if len(lines) < 8 {
		return postmaster{}, false
	}
	pid, err1 := strconv.Atoi(strings.TrimSpace(lines[0]))
	port, err2 := strconv.Atoi(strings.TrimSpace(lines[3]))
	if err1 != nil || err2 != nil || pid <= 0 {
		return postmaster{}, false
	}
	return postmaster{pid: pid, port: port, socket: strings.TrimSpace(lines[4]), status: strings.TrimSpace(lines[7])}, true
}

// dropStale removes the lock files of a server that died, whose process id
// belongs to some other program by now, or to its remains that nobody has waited
// for: PostgreSQL itself detects only ids that nobody has. Nothing is removed
// while any process works in the data directory, or where the system cannot tell.
func dropStale(l layout) error {
	text, err := os.ReadFile(filepath.Join(l.data(), "postmaster.pid"))
	if err != nil {
		return nil //nolint:nilerr // none there, or not ours to read: the server will say
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || !alive(pid) {
		return nil
	}
	busy, known := inUse(l.data())
	if busy || !known {
		return nil
	}
	sockets, err := os.ReadDir(l.socket()) // the folder is this server's alone
	if err != nil {
		return err
	}
	for _, entry := range sockets {
		if strings.HasPrefix(entry.Name(), ".s.PGSQL.") {
			if err := os.Remove(filepath.Join(l.socket(), entry.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(filepath.Join(l.data(), "postmaster.pid"))
}
