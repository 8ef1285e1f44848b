package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"

	"penstock/config"
	"penstock/tui/clean"
)

// host is what the program sees of the machine; tests hand in their own.
type host struct {
	args     []string
	in       io.Reader
	out, err io.Writer
	environ  []string // NAME=value
	now      func() time.Time
	workdir  string
	hostname string
	uid, gid int
	pid      int
	terminal bool // err is a terminal
	// size is how large it is now; it may change at any time.
	size        func() (columns, rows int)
	outTerminal bool // out is one, too

	release func()         // leaves signals to somebody else; nil when nobody watches them
	exit    func(code int) // ends the process at once
}

// thisHost is the machine itself.
func thisHost() (host, error) {
	dir, err := os.Getwd()
	if err != nil {
		return host{}, fmt.Errorf("find the working folder: %w", err)
	}
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	h := host{
		args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(), now: time.Now,
		workdir: dir, hostname: name, uid: os.Getuid(), gid: os.Getgid(), pid: os.Getpid(),
		exit: os.Exit,
	}
	if fd := os.Stderr.Fd(); term.IsTerminal(fd) && h.getenv("TERM") != "dumb" {
		h.terminal, h.outTerminal = true, term.IsTerminal(os.Stdout.Fd())
		h.size = func() (int, int) {
			if columns, rows, err := term.GetSize(fd); err == nil && columns > 0 && rows > 0 {
				return columns, rows
			}
			return 80, 24
		}
	}
	return h, nil
}

// getenv is the value of a variable, empty when it is not set.
func (h *host) getenv(name string) string {
	for _, kv := range h.environ {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}

// configHome, dataHome and cacheHome are where a user's programs keep their things (XDG).
func (h *host) configHome() string { return h.xdg("XDG_CONFIG_HOME", ".config") }
func (h *host) dataHome() string   { return h.xdg("XDG_DATA_HOME", ".local/share") }
func (h *host) cacheHome() string  { return h.xdg("XDG_CACHE_HOME", ".cache") }

func (h *host) xdg(name, below string) string {
	if dir := h.getenv(name); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(cmp.Or(h.getenv("HOME"), h.getenv("USERPROFILE"), h.workdir), filepath.FromSlash(below))
}

// releaseSignals leaves signals to the console, which has a terminal to put back first.
func (h *host) releaseSignals() {
	if h.release != nil {
		h.release()
	}
}

// emit writes one JSON line of the result.
func (h *host) emit(v any) error { return json.NewEncoder(h.out).Encode(v) }

// say writes a line for people; what it is given may come from data.
func (h *host) say(format string, args ...any) {
	_, _ = fmt.Fprintln(h.err, clean.Text(fmt.Sprintf(format, args...)))
}

// complain tells people, and a reader of JSON, why the program ends and what to do about it.
func (a *app) complain(err error) {
	if err.Error() == "" {
		return
	}
	hint := hintOf(err)
	a.say("penstock: %s", config.Mask(err.Error()))
	if hint != "" {
		a.say("  %s", config.Mask(hint))
	}
	if a.flags.json || slices.Contains(a.args, "--json") { // flags after one that does not parse are not read
		_ = a.emit(struct {
			Kind     string `json:"kind"`
			Error    string `json:"error"`
			Hint     string `json:"hint,omitempty"`
			ExitCode int    `json:"exit_code"`
		}{"error", config.Mask(err.Error()), config.Mask(hint), exitCode(err)})
	}
}

// hintOf is what an error says to do about it, empty when it says nothing.
func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// maxLog is the size at which the log starts anew, keeping the one before.
const maxLog = 5 << 20

// logger writes what has no other place, such as the stack of a panic, to a file of the data folder.
func (a *app) logger(c *config.Config) *slog.Logger {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.log == nil {
		a.log = slog.New(slog.NewTextHandler(&lateFile{dir: filepath.Join(c.DataDir, "log")}, nil))
	}
	return a.log
}

// lateFile is a log file that is made by the first line written to it.
type lateFile struct{ dir string }

// Write appends to the file.
func (l *lateFile) Write(line []byte) (int, error) {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return 0, err
	}
	name := filepath.Join(l.dir, "penstock.log")
	if info, err := os.Stat(name); err == nil && info.Size() > maxLog {
		if err := os.Rename(name, name+".1"); err != nil {
			return 0, err
		}
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return 0, err
	}
	n, err := f.WriteString(config.Mask(string(line)))
	return min(n, len(line)), errors.Join(err, f.Close())
}
