package lake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// tempPrefix marks a Put in progress; a name that begins with a dot is never
// the encoding of a key, so leftovers of a killed process are not listed.
const tempPrefix = ".put-"

// Folder is a Store in a folder of this machine. No key leads out of it, not
// even through a symbolic link.
type Folder struct {
	root *os.Root
	dir  string
}

// OpenFolder opens dir as a store and makes it, readable for its owner and
// group only, when it is missing.
func OpenFolder(dir string) (*Folder, error) {
	if dir == "" {
		return nil, errors.New("no lake folder given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("lake folder: %w", err)
	}
	if err := os.MkdirAll(abs, 0o750); err != nil {
		return nil, fmt.Errorf("lake folder: %w", err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("lake folder: %w", err)
	}
	return &Folder{root: root, dir: abs}, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Dir returns the folder's absolute path.
func (f *Folder) Dir() string { return f.dir }

// Location returns the folder as a file URL, as Iceberg metadata names it.
func (f *Folder) Location() string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(f.dir)}).String()
}

// Path returns the absolute path of key's file, whether it exists or not.
func (f *Folder) Path(key string) (string, error) {
	name, err := encodePath(key)
	if err != nil {
		return "", err
	}
	return filepath.Join(f.dir, filepath.FromSlash(name)), nil
}

// Put stores r under key: written beside it, flushed to disk, renamed, and the
// directory flushed, so that a crash leaves the old object or the new one.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader) error {
	name, err := encodePath(key)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	if err := f.makeDir(dir); err != nil {
		return fmt.Errorf("put %q: %w", key, err)
	}
	temp := path.Join(dir, tempPrefix+rand.Text())
	if err := f.write(ctx, temp, r); err != nil {
		return errors.Join(fmt.Errorf("put %q: %w", key, err), ignoreMissing(f.root.Remove(temp)))
	}
	if err := f.root.Rename(temp, name); err != nil {
		return errors.Join(fmt.Errorf("put %q: %w", key, err), ignoreMissing(f.root.Remove(temp)))
	}
	if err := f.syncDir(dir); err != nil {
		return fmt.Errorf("put %q: %w", key, err)
	}
	return nil
}

func (f *Folder) write(ctx context.Context, name string, r io.Reader) (err error) {
	w, err := f.create(name)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := w.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err = io.Copy(w, readerContext{ctx, r}); err != nil {
		return err
	}
	return w.Sync()
}

// create makes a new file, and its directory again if a Delete has just
// removed it for being empty.
func (f *Folder) create(name string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	w, err := f.root.OpenFile(name, flags, 0o640)
	if !errors.Is(err, fs.ErrNotExist) {
		return w, err
	}
	if err := f.makeDir(path.Dir(name)); err != nil {
		return nil, err
	}
	return f.root.OpenFile(name, flags, 0o640)
}

// makeDir makes dir and flushes each parent that got a new entry, so that the
// path to a durable file is durable too.
func (f *Folder) makeDir(dir string) error {
	if _, err := f.root.Stat(dir); err == nil {
		return nil
	}
	parent := path.Dir(dir)
	if parent != dir {
		if err := f.makeDir(parent); err != nil {
			return err
		}
	}
	if err := f.root.Mkdir(dir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.syncDir(parent)
}

func (f *Folder) syncDir(dir string) (err error) {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := d.Close(); err == nil {
			err = cerr
		}
	}()
	return d.Sync()
}

// Get opens key's file.
func (f *Folder) Get(_ context.Context, key string) (io.ReadCloser, error) {
	name, err := encodePath(key)
	if err != nil {
		return nil, err
	}
	r, err := f.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("get %q: %w", key, ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("get %q: %w", key, err)
	}
	return r, nil
}

// Delete removes key's file and the directories that it leaves empty.
func (f *Folder) Delete(_ context.Context, key string) error {
	name, err := encodePath(key)
	if err != nil {
		return err
	}
	if err := ignoreMissing(f.root.Remove(name)); err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if f.root.Remove(dir) != nil { // not empty, or made anew by a Put
			break
		}
	}
	return nil
}

// List yields the objects whose key starts with prefix, sorted by key. Files
// that no Put of this package made are left out.
func (f *Folder) List(ctx context.Context, prefix string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		var objects []Object
		err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return ignoreMissing(err)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			key, ok := decodePath(name)
			switch {
			case name == ".":
				return nil
			case !ok, d.IsDir() && !related(key, prefix):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case !d.Type().IsRegular(), !strings.HasPrefix(key, prefix):
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return ignoreMissing(err)
			}
			objects = append(objects, Object{Key: key, Size: info.Size(), Modified: info.ModTime()})
			return nil
		})
		if err != nil {
			yield(Object{}, fmt.Errorf("list %q: %w", prefix, err))
			return
		}
		slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// related tells whether a directory may hold keys that start with prefix.
func related(dir, prefix string) bool {
	dir += "/"
	return strings.HasPrefix(dir, prefix) || strings.HasPrefix(prefix, dir)
}

func decodePath(name string) (string, bool) {
	segs := strings.Split(name, "/")
	for i, s := range segs {
		d, ok := decodeFile(s)
		if !ok {
			return "", false
		}
		segs[i] = d
	}
	return strings.Join(segs, "/"), true
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// readerContext ends a copy when its context is done.
type readerContext struct {
	ctx context.Context
	r   io.Reader
}

func (r readerContext) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// removeTemps deletes what Puts of killed processes left. No Put may be under way.
func (f *Folder) removeTemps() error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreMissing(err)
		}
		if d.Type().IsRegular() && strings.HasPrefix(path.Base(name), tempPrefix) {
			return ignoreMissing(f.root.Remove(name))
		}
		return nil
	})
}
