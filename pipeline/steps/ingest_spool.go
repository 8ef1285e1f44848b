package steps

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"penstock/pipeline/source"
)

// spool writes a stream to a file of its own, named for its content, so that it can be hashed, read
// again after a crash and published. The same content is the same file.
func spool(ctx context.Context, r io.Reader, dir, name string) (source.File, error) {
	if r == nil {
		return source.File{}, errNoStdin()
	}
	dir, err := filepath.Abs(dir) // the ledger keeps the path
	if err != nil {
		return source.File{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return source.File{}, fmt.Errorf("spool %s: %w", name, err)
	}
	f, err := os.CreateTemp(dir, "incoming-*")
	if err != nil {
		return source.File{}, fmt.Errorf("spool %s: %w", name, err)
	}
	path, err := fill(ctx, f, r)
	if err != nil {
		return source.File{}, errors.Join(fmt.Errorf("spool %s: %w", name, err), os.Remove(f.Name()))
	}
	final := filepath.Join(dir, path)
	if err := os.Rename(f.Name(), final); err != nil {
		return source.File{}, fmt.Errorf("spool %s: %w", name, err)
	}
	files, err := source.Expand(final)
	if err != nil {
		return source.File{}, err
	}
	files[0].Name = name
	return files[0], nil
}

// fill copies a stream to disk for good and returns a name made of its hash.
func fill(ctx context.Context, f *os.File, r io.Reader) (name string, err error) {
	h := sha256.New()
	_, err = io.CopyBuffer(io.MultiWriter(f, h), readerWith(ctx, r), make([]byte, 256<<10))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:12]), nil
}

func errNoStdin() error {
	return hint(errors.New("standard input is not there to be read"), "give the source a path, or run penstock with the data on its standard input")
}
