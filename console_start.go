package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"penstock/config"
	"penstock/pipeline"
	"penstock/tui/clean"
	pipelinescreen "penstock/tui/screen/pipeline"
)

const (
	startPoll  = 50 * time.Millisecond
	startLimit = 3 * time.Minute // a server may have to be made first
	logsKept   = 20
)

// Start begins a run in a process of its own, which neither the end of the console nor its terminal
// can hurt, and waits for its number.
func (r *runLedger) Start(ctx context.Context, req pipelinescreen.Request) (int64, error) {
	if err := r.mayWrite(); err != nil {
		return 0, err
	}
	run, _, err := r.launch(ctx, req.Args())
	return run, err
}

// launch starts `penstock --run` with these words and waits for the run's number; out is the file that
// its process writes to.
func (r *runLedger) launch(ctx context.Context, words []string) (run int64, out string, err error) {
	args, environ := r.commandOf(words)
	started := r.now()
	pid, out, err := r.spawn(ctx, args, environ)
	if r.calls != nil {
		r.calls.done(started, "process", "penstock "+strings.Join(args, " "), -1, err)
	}
	if err != nil {
		return 0, out, fmt.Errorf("start a run: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if run, err = r.numberOf(ctx, pid, out); err != nil {
		return 0, out, fmt.Errorf("start a run: %w", err)
	}
	return run, out, nil
}

// commandLine is how a run is called from here, in the surroundings that this session has. Settings that
// hold a secret go by the environment: everybody on the machine can read a command line.
func (r *runLedger) commandLine(req pipelinescreen.Request) (args, environ []string) {
	return r.commandOf(req.Args())
}

func (r *runLedger) commandOf(words []string) (args, environ []string) {
	args = append([]string{"--run"}, words...)
	args = append(args, "--json")
	environ = slices.Clone(r.environ)
	carried, withheld := r.flags.carried()
	for _, set := range withheld {
		key, value, _ := strings.Cut(set, "=")
		environ = append(environ, "PENSTOCK_"+strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))+"="+value)
	}
	return append(args, carried...), environ
}

// carried are the flags that another command line needs to mean the same surroundings. Settings that hold
// a secret are withheld from it: everybody on the machine can read a command line.
func (g *globals) carried() (args, withheld []string) {
	if g.config != "" {
		args = append(args, "--config", g.config)
	}
	if g.profile != "" {
		args = append(args, "--profile", g.profile)
	}
	for _, set := range g.set {
		if config.Mask(set) != set {
			withheld = append(withheld, set)
			continue
		}
		args = append(args, "--set", set)
	}
	return args, withheld
}

// carriedWords is carried for people: quoted for a shell, and without the values of what is withheld.
func (g *globals) carriedWords() (words string, withheld []string) {
	args, secret := g.carried()
	for i := range args {
		args[i] = clean.Word(args[i])
	}
	for _, set := range secret {
		key, _, _ := strings.Cut(set, "=")
		withheld = append(withheld, "--set "+key)
	}
	return strings.Join(args, " "), withheld
}

// spawn starts the program in a session of its own, writing to a file of the log folder.
func (r *runLedger) spawn(ctx context.Context, args, environ []string) (pid int, out string, err error) {
	program, err := r.program()
	if err != nil {
		return 0, "", err
	}
	file, err := r.runLog()
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...) //nolint:gosec // this program
	cmd.Env, cmd.Dir = environ, r.workdir
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return 0, "", err
	}
	pid = cmd.Process.Pid
	r.mu.Lock()
	r.children, r.newest = append(r.children, pid), child{pid, file.Name()}
	r.mu.Unlock()
	return pid, file.Name(), cmd.Process.Release()
}

// runLog makes the file that a run writes to and forgets the oldest ones.
func (r *runLedger) runLog() (*os.File, error) {
	if err := r.dataDir(r.cfg); err != nil {
		return nil, err
	}
	dir := filepath.Join(r.cfg.DataDir, "log")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	old, err := filepath.Glob(filepath.Join(dir, "run-*.log"))
	if err != nil {
		return nil, err
	}
	slices.Sort(old) // by time
	for _, name := range old[:max(0, len(old)-logsKept+1)] {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return os.CreateTemp(dir, "run-"+r.now().UTC().Format("20060102-150405.000000")+"-*.log")
}

// reap takes note of processes that have ended, so that none stays a zombie, and reports whether pid is
// one of them.
func (r *runLedger) reap(pids ...int) (ended bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.children = slices.DeleteFunc(r.children, func(child int) bool {
		got, err := syscall.Wait4(child, nil, syscall.WNOHANG, nil)
		gone := got == child || errors.Is(err, syscall.ECHILD)
		ended = ended || gone && slices.Contains(pids, child)
		return gone
	})
	return ended || slices.ContainsFunc(pids, func(pid int) bool { return !slices.Contains(r.children, pid) })
}

// latest is the run that was started here last, 0 while it has not said its number, and whether its
// process is still at it.
func (r *runLedger) latest() (run int64, alive bool) {
	r.mu.Lock()
	c := r.newest
	r.mu.Unlock()
	if c.pid == 0 {
		return 0, false
	}
	alive = !r.reap(c.pid)
	text, err := os.ReadFile(c.out)
	if err != nil {
		return 0, alive
	}
	return firstRun(text), alive
}

// numberOf waits until a process has said which run it is, or why it is none.
func (r *runLedger) numberOf(ctx context.Context, pid int, out string) (int64, error) {
	tick := time.NewTicker(startPoll)
	defer tick.Stop()
	for {
		ended := r.reap(pid)          // before reading: what it wrote is all there then
		text, err := os.ReadFile(out) //nolint:gosec // made by runLog
		if err != nil {
			return 0, err
		}
		if run := firstRun(text); run != 0 {
			return run, nil
		}
		if ended {
			return 0, lastWords(text, out)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, &hinted{fmt.Sprintf("process %d has not begun a run: %v", pid, context.Cause(ctx)), "what it says is in " + out}
		}
	}
}

// said is a JSON line of a run, as far as it matters here.
type said struct {
	Kind  string `json:"kind"`
	Run   int64  `json:"run"`
	Error string `json:"error"`
	Hint  string `json:"hint"`
}

func jsonLines(text []byte) (list []said) {
	for line := range bytes.Lines(text) {
		var s said
		if bytes.HasPrefix(line, []byte("{")) && json.Unmarshal(line, &s) == nil {
			list = append(list, s)
		}
	}
	return list
}

// firstRun is the number of the run that began, 0 if none did.
func firstRun(text []byte) int64 {
	for _, s := range jsonLines(text) {
		if s.Kind == pipeline.KindRunStarted {
			return s.Run
		}
	}
	return 0
}

// lastWords is why a process ended without having begun a run.
func lastWords(text []byte, out string) error {
	for _, s := range slices.Backward(jsonLines(text)) {
		if s.Kind == "error" {
			return &hinted{s.Error, cmp.Or(s.Hint, "the rest of what it said is in "+out)}
		}
	}
	return &hinted{"the process ended before the run began", "what it said is in " + out}
}
