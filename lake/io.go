package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	iceio "github.com/apache/iceberg-go/io"
)

// storeIO lets Iceberg read and write its metadata, which is small, in the
// lake's store; data files go to the store directly. Iceberg's own registry of
// file systems by URL scheme is not used: it is global to the process and its
// local files are not flushed to disk before the catalog points to them.
type storeIO struct {
	ctx   context.Context
	store Store
	base  string // URL of the store's root
}

var _ iceio.WriteFileIO = storeIO{}

func (s storeIO) key(op, name string) (string, error) {
	key, ok := strings.CutPrefix(name, s.base+"/")
	if !ok {
		return "", &fs.PathError{Op: op, Path: name, Err: fmt.Errorf("is not in the lake at %s", s.base)}
	}
	return key, nil
}

// Open reads the whole object.
func (s storeIO) Open(name string) (iceio.File, error) {
	data, err := s.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &memFile{Reader: bytes.NewReader(data), name: path.Base(name)}, nil
}

// ReadFile returns the object's bytes.
func (s storeIO) ReadFile(name string) (data []byte, err error) {
	key, err := s.key("open", name)
	if err != nil {
		return nil, err
	}
	r, err := s.store.Get(s.ctx, key)
	if errors.Is(err, ErrNotExist) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	return io.ReadAll(r)
}

// Remove deletes the object.
func (s storeIO) Remove(name string) error {
	key, err := s.key("remove", name)
	if err != nil {
		return err
	}
	return s.store.Delete(s.ctx, key)
}

// Create returns a writer whose Close stores the object.
func (s storeIO) Create(name string) (iceio.FileWriter, error) {
	key, err := s.key("create", name)
	if err != nil {
		return nil, err
	}
	return &memWriter{io: s, key: key}, nil
}

// WriteFile stores data.
func (s storeIO) WriteFile(name string, data []byte) error {
	key, err := s.key("create", name)
	if err != nil {
		return err
	}
	return s.store.Put(s.ctx, key, bytes.NewReader(data))
}

type memWriter struct {
	bytes.Buffer
	io     storeIO
	key    string
	closed bool
}

func (w *memWriter) Close() error {
	if w.closed {
		return fs.ErrClosed
	}
	w.closed = true
	return w.io.store.Put(w.io.ctx, w.key, &w.Buffer)
}

// memFile is an object in memory; it is its own fs.FileInfo.
type memFile struct {
	*bytes.Reader
	name string
}

func (f *memFile) Close() error               { return nil }
func (f *memFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *memFile) Name() string               { return f.name }
func (f *memFile) Mode() fs.FileMode          { return 0o440 }
func (f *memFile) ModTime() time.Time         { return time.Time{} }
func (f *memFile) IsDir() bool                { return false }
func (f *memFile) Sys() any                   { return nil }
