package local

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

var (
	errPortTaken  = errors.New("another program took the port")
	errStillThere = errors.New("another server works in the data directory, or the processes of one that crashed")
	// Unlogged tables that were being made can have this happen: the next start finds it mended.
	errHalfRecovered = errors.New("the server stumbled over the remains of an unlogged table when it recovered from a crash")
)

// folderError gives advice on a folder or file that could not be written.
func folderError(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return &Error{err: err, hint: "give this user the right to write there, or choose another data_dir"}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &Error{err: err, hint: "the disk is full: free space, or choose a data_dir on another disk"}
	case errors.Is(err, syscall.EROFS):
		return &Error{err: err, hint: "the file system is read-only: choose another data_dir"}
	}
	return err
}

// startError turns what initdb or a server that did not start has written into
// an error that says what went wrong, in the server's words, and what to do.
func startError(text string, l layout) error {
	what := fatalLine(text)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	var hint string
	switch {
	case has("Address already in use", "could not create any TCP/IP sockets"):
		return errPortTaken
	case has("pre-existing shared memory block", "lock file \"postmaster.pid\" already exists"):
		return errStillThere
	case has("could not create file \"base/") && has("File exists"):
		return errHalfRecovered
	case has("No space left on device", "Disk quota exceeded"):
		hint = "the disk is full: free space, or choose a data_dir on another disk"
	case has("Cannot allocate memory", "could not map anonymous shared memory"):
		hint = "the machine has too little free memory for the server: close other programs"
	case has("could not locate a valid checkpoint record", "invalid checkpoint", "incorrect checksum in control file", "pg_control\"",
		"contains invalid data", "invalid page", "is not a valid data directory"):
		hint = "the data directory is damaged: restore it from a backup, or, to begin with an empty one, move " + l.data() + " away"
	case has("has wrong ownership", "has invalid permissions", "Permission denied"):
		hint = "give " + l.data() + " and all in it back to the user who made it, with mode 0700"
	case has("database files are incompatible"):
		hint = "the data directory was made by another version of PostgreSQL: install that version"
	case has("invalid locale name", "locale"):
		hint = "the system has not the locale that the database was made with: install it"
	case has("configuration parameter", "invalid value for parameter", "syntax error in file"):
		hint = "correct the setting in " + l.data() + "/postgresql.conf or postgresql.auto.conf"
	default:
		hint = "see the server's log in " + l.logs()
	}
	return &Error{err: fmt.Errorf("the server did not start: %s", what), hint: hint}
}

// fatalLine returns the message of the first line that says why, else the last
// line there is.
func fatalLine(text string) string {
	last := "it said nothing"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"FATAL:  ", "PANIC:  ", "initdb: error: ", "postgres: "} {
			if _, msg, found := strings.Cut(line, mark); found && msg != "" {
				return msg
			}
		}
		if line != "" && !strings.HasPrefix(line, "Examine the log output") && !strings.HasPrefix(line, "pg_ctl:") {
			last = line
		}
	}
	return last
}

// logMark remembers how long the logs were before a start.
type logMark struct {
	layout layout
	sizes  map[string]int64
}

func markLogs(l layout) logMark {
	m := logMark{layout: l, sizes: make(map[string]int64)}
	for _, path := range m.files() {
		if info, err := os.Stat(path); err == nil {
			m.sizes[path] = info.Size()
		}
	}
	delete(m.sizes, l.startLog()) // begins anew at each start
	return m
}

func (m logMark) files() []string {
	paths, err := filepath.Glob(filepath.Join(m.layout.logs(), "*.log"))
	if err != nil {
		return nil
	}
	return paths
}

// longestTail is how much of each log is read to find out why a start failed.
const longestTail = 64 << 10

// since returns what was logged since the mark.
func (m logMark) since() string {
	var b strings.Builder
	for _, path := range m.files() {
		f, err := os.Open(path) //nolint:gosec // a log of the server
		if err != nil {
			continue
		}
		if _, err := f.Seek(m.sizes[path], io.SeekStart); err == nil {
			_, _ = io.Copy(&b, io.LimitReader(f, longestTail)) // as much as can be read
		}
		_ = f.Close() // only read
		b.WriteByte('\n')
	}
	return b.String()
}
