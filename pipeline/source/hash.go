package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

const hashBlock = 1 << 20

// HashFile hashes a file as it lies on disk: enough to know a file again
// without unpacking it. progress, which may be nil, is told the bytes done so
// far.
func HashFile(ctx context.Context, f File, progress func(int64)) (sum [32]byte, err error) {
	file, err := openRegular(f)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	if _, err := pump(ctx, h, file, progress); err != nil {
		return sum, fmt.Errorf("hash %s: %w", f.Path, err)
	}
	return [32]byte(h.Sum(nil)), nil
}

// Hash hashes a file as it lies on disk and what it unpacks to, in one reading.
// progress, which may be nil, is told the unpacked bytes done so far.
func Hash(ctx context.Context, f File, limits Limits, progress func(int64)) (sums Hashes, err error) {
	file, err := openRegular(f)
	if err != nil {
		return sums, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	defer func() {
		if err != nil {
			err = fmt.Errorf("hash %s: %w", f.Path, err)
		}
	}()
	onDisk, content := sha256.New(), sha256.New()
	r, kind, err := unpack(ctx, &teeFile{File: file, to: onDisk}, limits)
	if err != nil {
		return sums, err
	}
	if kind == Plain {
		sums.Bytes, err = pump(ctx, onDisk, file, progress)
		sums.File = [32]byte(onDisk.Sum(nil))
		sums.Content = sums.File
		return sums, err
	}
	if c, ok := r.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	if sums.Bytes, err = pump(ctx, content, r, progress); err != nil {
		return sums, err
	}
	if _, err := io.Copy(onDisk, file); err != nil { // what the decoder left
		return sums, err
	}
	sums.File, sums.Content = [32]byte(onDisk.Sum(nil)), [32]byte(content.Sum(nil))
	return sums, nil
}

// teeFile hashes what is read of a file from its start on; seeking back to the
// start begins anew.
type teeFile struct {
	*os.File
	to interface {
		io.Writer
		Reset()
	}
}

func (t *teeFile) Read(p []byte) (int, error) {
	n, err := t.File.Read(p)
	if n > 0 {
		if _, err := t.to.Write(p[:n]); err != nil {
			return n, err
		}
	}
	return n, err
}

// Seek starts the hash anew with the file.
func (t *teeFile) Seek(offset int64, whence int) (int64, error) {
	t.to.Reset()
	return t.File.Seek(offset, whence)
}

// pump copies block by block, until ctx is done.
func pump(ctx context.Context, to io.Writer, from io.Reader, progress func(int64)) (int64, error) {
	block := make([]byte, hashBlock)
	var done int64
	for {
		if err := context.Cause(ctx); err != nil {
			return done, err
		}
		n, err := from.Read(block)
		if n > 0 {
			if _, err := to.Write(block[:n]); err != nil {
				return done, err
			}
			done += int64(n)
			if progress != nil {
				progress(done)
			}
		}
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}

// Spool copies r, which can be read only once, to a new file in folder and
// gives it back as a File named name. The caller removes it.
func Spool(ctx context.Context, r io.Reader, folder, name string) (f File, err error) {
	file, err := os.CreateTemp(folder, "penstock-*.spool")
	if err != nil {
		return f, err
	}
	_, err = pump(ctx, file, r, nil)
	if err = errors.Join(err, file.Close()); err != nil {
		return f, errors.Join(fmt.Errorf("spool %s: %w", name, err), os.Remove(file.Name()))
	}
	if f, err = fileOf(file.Name()); err != nil {
		return f, errors.Join(err, os.Remove(file.Name()))
	}
	f.Name = name
	return f, nil
}
