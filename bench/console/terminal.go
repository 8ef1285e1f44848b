package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const width, height = 200, 60

// mark stands in the last cells of a full frame.
const mark = "200x60"

// terminal is a pseudo terminal with the console on it. It keeps what was sent and when.
type terminal struct {
	cmd     *exec.Cmd
	file    *os.File
	started time.Time
	done    chan struct{}

	mu   sync.Mutex
	sent []byte
	more chan struct{}
}

// open starts the console; a terminal that answers tells its background and modes when asked.
func (b *bench) open(ctx context.Context, answers bool, args ...string) (*terminal, error) {
	t := &terminal{cmd: b.command(ctx, append(args, "--fresh")...), done: make(chan struct{}), more: make(chan struct{})}
	t.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor")
	t.started = time.Now()
	file, err := pty.StartWithSize(t.cmd, &pty.Winsize{Cols: width, Rows: height})
	if err != nil {
		return nil, err
	}
	t.file = file
	go t.read(answers)
	return t, nil
}

// read is the terminal's side; it ends with the program.
func (t *terminal) read(answers bool) {
	defer close(t.done)
	buf := make([]byte, 1<<16)
	for {
		n, err := t.file.Read(buf)
		if err != nil {
			return
		}
		if answers {
			t.answer(buf[:n])
		}
		t.mu.Lock()
		t.sent = append(t.sent, buf[:n]...)
		close(t.more)
		t.more = make(chan struct{})
		t.mu.Unlock()
	}
}

// answers to what the console may ask.
func (t *terminal) answer(sent []byte) {
	for question, answer := range map[string]string{
		"\x1b]11;?":    "\x1b]11;rgb:1212/1616/1c1c\x1b\\",
		"\x1b[?2026$p": "\x1b[?2026;2$y",
		"\x1b[?2027$p": "\x1b[?2027;2$y",
	} {
		if bytes.Contains(sent, []byte(question)) {
			_, _ = t.file.WriteString(answer)
		}
	}
}

// wait waits until text was sent after byte number from, and returns how many bytes there are then.
func (t *terminal) wait(text string, from int) (int, error) {
	late := time.After(30 * time.Second)
	for {
		t.mu.Lock()
		n, found, more := len(t.sent), bytes.Contains(t.sent[from:], []byte(text)), t.more
		t.mu.Unlock()
		if found {
			return n, nil
		}
		select {
		case <-more:
		case <-t.done:
			return n, fmt.Errorf("the console ended before it sent %q", text)
		case <-late:
			return n, fmt.Errorf("the console did not send %q in 30 s", text)
		}
	}
}

func (t *terminal) bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sent)
}

// asked returns the first question in what was sent before the first frame was complete, "" if none.
func (t *terminal) asked() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, _, _ := strings.Cut(string(t.sent), mark)
	for _, question := range []string{"\x1b]11;?", "\x1b]10;?", "$p", "\x1b[c", "\x1b[>c", "\x1b[6n", "\x1b[>q", "\x1bP+q"} {
		if strings.Contains(before, question) {
			return question
		}
	}
	return ""
}

// close quits the console and waits for it.
func (t *terminal) close() error {
	_, _ = t.file.WriteString("q")
	select {
	case <-t.done:
	case <-time.After(5 * time.Second):
		_ = t.cmd.Process.Signal(syscall.SIGTERM)
		<-t.done
	}
	err := t.cmd.Wait()
	_ = t.file.Close()
	return err
}
