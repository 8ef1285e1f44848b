package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how a file is packed.
type Compression string

// Kinds of Compression; Open knows them by the file's first bytes.
const (
	Plain Compression = ""
	Gzip  Compression = "gzip"
	Zstd  Compression = "zstd"
)

const (
	defaultBytes  = 64 << 30
	defaultRatio  = 100
	ratioFloor    = 64 << 20 // below this a file may grow as it likes
	zstdWindow    = 32 << 20
	fileReadBytes = 256 << 10
)

// Open opens a file and unpacks it. A plain file can be sought. Reading ends
// with ErrBomb where the text outgrows the limits, and with the context's error
// once ctx is done. The reader is for one goroutine.
func Open(ctx context.Context, f File, limits Limits) (io.ReadCloser, Compression, error) {
	file, err := openRegular(f)
	if err != nil {
		return nil, Plain, err
	}
	r, kind, err := unpack(ctx, file, limits)
	if err != nil {
		return nil, Plain, errors.Join(fmt.Errorf("%s: %w", f.Path, err), file.Close())
	}
	if kind == Plain {
		return &plainFile{File: file, ctx: ctx}, Plain, nil
	}
	return &packedFile{Reader: r, file: file}, kind, nil
}

func openRegular(f File) (*os.File, error) {
	if f.Path == Stdin {
		return nil, withHint("spool it to a file first", "stdin can be read only once")
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", f.Path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// plainFile is a file that needs no unpacking.
type plainFile struct {
	*os.File
	ctx context.Context //nolint:containedctx // a reader has no other way to be told
}

func (p *plainFile) Read(b []byte) (int, error) {
	if err := context.Cause(p.ctx); err != nil {
		return 0, err
	}
	return p.File.Read(b)
}

// packedFile reads what a packed file holds.
type packedFile struct {
	io.Reader
	file io.Closer
}

func (p *packedFile) Close() error {
	if c, ok := p.Reader.(io.Closer); ok {
		return errors.Join(c.Close(), p.file.Close())
	}
	return p.file.Close()
}

// unpack finds the packing by the first bytes. It leaves a plain file at its
// start.
func unpack(ctx context.Context, file io.ReadSeeker, limits Limits) (io.Reader, Compression, error) {
	head := make([]byte, 6)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, Plain, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, Plain, err
	}
	kind, err := packing(head[:n])
	if err != nil || kind == Plain {
		return file, kind, err
	}
	return unpackAs(ctx, kind, file, limits)
}

func unpackAs(ctx context.Context, kind Compression, in io.Reader, limits Limits) (io.Reader, Compression, error) {
	counted := &countingReader{ctx: ctx, r: in}
	g := &guard{in: counted, max: limits.Bytes, ratio: limits.Ratio}
	if g.max <= 0 {
		g.max = defaultBytes
	}
	if g.ratio <= 0 {
		g.ratio = defaultRatio
	}
	buffered := bufio.NewReaderSize(counted, fileReadBytes)
	if kind == Gzip {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, kind, fmt.Errorf("gzip: %w", err)
		}
		g.r = z
	} else {
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, kind, fmt.Errorf("zstd: %w", err)
		}
		g.r, g.close = z, z.Close
	}
	return g, kind, nil
}

// packing knows packed files by how they start.
func packing(head []byte) (Compression, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return Gzip, nil
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return Zstd, nil
	}
	for magic, name := range map[string]string{"PK\x03\x04": "a zip archive", "BZh": "packed with bzip2", "\xfd7zXZ": "packed with xz", "7z\xbc\xaf": "a 7z archive"} {
		if bytes.HasPrefix(head, []byte(magic)) && (magic != "BZh" || len(head) > 3 && head[3]-'1' < 9) {
			return Plain, withHint("unpack it first; .gz and .zst are read as they are", "the file is %s", name)
		}
	}
	return Plain, nil
}

// countingReader counts what is read of the packed file and stops with ctx.
type countingReader struct {
	ctx context.Context //nolint:containedctx // a reader has no other way to be told
	r   io.Reader
	n   int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guard ends a reader that unpacks to too much.
type guard struct {
	in    *countingReader
	r     io.Reader
	n     int64
	max   int64
	ratio int64
	close func()
}

func (g *guard) Read(p []byte) (int, error) {
	if err := context.Cause(g.in.ctx); err != nil {
		return 0, err
	}
	n, err := g.r.Read(p)
	if g.n == 0 && n >= 4 {
		if kind, _ := packing(p[:min(n, 6)]); kind != Plain {
			return 0, withHint("unpack it once", "the file is packed twice")
		}
	}
	g.n += int64(n)
	switch {
	case g.n > g.max:
		return 0, withHint("raise limits.bytes if this is right", "%w: more than %d bytes", ErrBomb, g.max)
	case g.n > ratioFloor && g.n/g.ratio > g.in.n:
		return 0, withHint("raise limits.ratio if this is right", "%w: more than %d times its size", ErrBomb, g.ratio)
	}
	return n, err
}

// Close frees the decoder.
func (g *guard) Close() error {
	if g.close != nil {
		g.close()
	}
	return nil
}
