package pipeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// spool is the file that holds a run's events while the ledger is out of
// reach: the events that the ledger may lack, a line of JSON each, in order.
type spool struct {
	path string // empty: no spool
	file *os.File
	size int64 // of the whole lines in it
}

// spoolName is the file of a run of a staging database.
func spoolName(run int64, uuid string) string { return fmt.Sprintf("run-%d-%s.jsonl", run, uuid) }

// parseSpoolName is the inverse of spoolName.
func parseSpoolName(name string) (run int64, uuid string, ok bool) {
	base, ok := strings.CutSuffix(name, ".jsonl")
	if !ok {
		return 0, "", false
	}
	_, err := fmt.Sscanf(base, "run-%d-%s", &run, &uuid)
	return run, uuid, err == nil && spoolName(run, uuid) == name
}

// add appends events and sees to it that they are on the disk.
func (s *spool) add(entries []entry) error {
	if s.path == "" || len(entries) == 0 {
		return nil
	}
	if s.file == nil {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return fmt.Errorf("spool events: %w", err)
		}
		f, err := os.OpenFile(s.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("spool events: %w", err)
		}
		s.file = f
	}
	var lines []byte
	for _, e := range entries {
		line, err := EncodeEvent(e.event)
		if err != nil {
			return fmt.Errorf("spool events: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	_, err := s.file.Write(lines)
	if err = errors.Join(err, s.file.Sync()); err != nil {
		// A torn line would hide what is added behind it.
		return fmt.Errorf("spool events: %w", errors.Join(err, s.file.Truncate(s.size)))
	}
	s.size += int64(len(lines))
	return nil
}

// close closes the file and keeps it.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// remove deletes the file: all its events are in the ledger.
func (s *spool) remove() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.close(), os.Remove(s.path))
}

// readSpool returns the events of a file up to the first line that is not
// whole, which is as far as a process that died had come.
func readSpool(path string) ([]entry, error) {
	f, err := os.Open(path) //nolint:gosec // a name that os.ReadDir gave for the spool's own folder
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var entries []entry
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		e, err := DecodeEvent(line)
		if err != nil {
			return entries, nil
		}
		body, err := encodeBody(e)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{e, body})
	}
}
