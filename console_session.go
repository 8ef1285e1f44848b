package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"penstock/tui"
	"penstock/tui/env"
)

// sessionVersion is that of the file; one of another version is not read.
const sessionVersion = 1

// sessionFile is what a session leaves for the next one of its kind.
type sessionFile struct {
	Version int    `json:"version"`
	Of      string `json:"of"` // kind
	tui.Session
}

// sessionKind says whose session it is: the demonstration, sessions that only look and those of other profiles
// do not mix. It is the name of a file, too.
func (c *console) sessionKind() string {
	kind := "profile"
	switch {
	case c.view.demo:
		return "demo"
	case c.view.readOnly:
		kind = "read-only"
	}
	return url.PathEscape(cmp.Or(c.cfg.Profile(), "local")) + "." + kind
}

func (c *console) sessionPath() string {
	return filepath.Join(c.cfg.DataDir, "session", c.sessionKind()+".json")
}

// resume has the session begin where the last one ended, and be kept. A file that cannot be used is told of and
// left out.
func (c *console) resume() {
	var last tui.Session
	var told []env.ToastMsg
	if !c.view.fresh {
		var err error
		if last, err = c.lastSession(); err != nil {
			told = append(told, env.ToastMsg{Level: env.Warn, Text: "the last session is not taken up: " + err.Error(), Hint: "this one begins anew, and is kept instead"})
		}
	}
	c.root.Resume(last, c.keepSession, told...)
}

// lastSession reads what the last session of this kind left.
func (c *console) lastSession() (tui.Session, error) {
	text, err := os.ReadFile(c.sessionPath())
	if errors.Is(err, fs.ErrNotExist) {
		return tui.Session{}, nil
	}
	if err != nil {
		return tui.Session{}, err
	}
	var f sessionFile
	if err := json.Unmarshal(text, &f); err != nil {
		return tui.Session{}, fmt.Errorf("%s is broken: %w", c.sessionPath(), err)
	}
	switch {
	case f.Version != sessionVersion:
		return tui.Session{}, fmt.Errorf("%s is of another version of the program", c.sessionPath())
	case f.Of != c.sessionKind():
		return tui.Session{}, fmt.Errorf("%s is of another profile", c.sessionPath())
	}
	return f.Session, nil
}

// keepSession writes a session down, whole or not at all, for nobody else to read. Of two the newer one stays.
func (c *console) keepSession(s tui.Session) error {
	c.sessions.Lock()
	defer c.sessions.Unlock()
	if s.Number <= c.kept {
		return nil
	}
	text, err := json.MarshalIndent(sessionFile{Version: sessionVersion, Of: c.sessionKind(), Session: s}, "", "\t")
	if err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	if err := c.dataDir(c.cfg); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	path := c.sessionPath()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	if err := replaceFile(path, append(text, '\n')); err != nil {
		return fmt.Errorf("keep the session: %w", err)
	}
	c.kept = s.Number
	return nil
}
