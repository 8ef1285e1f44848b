package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"penstock/pipeline/source"
)

// input is one file to take in.
type input struct {
	file   source.File
	name   string // as shown
	hashes source.Hashes
	known  *known // a load that keeps it out, found by the bytes on disk
}

// job is one input with what decides what its records become.
type job struct {
	spec        *source.Spec
	input       input
	fingerprint [32]byte
	lookups     *source.Lookups
	header      []string
	encoding    string
	claims      *claims // of a mended file, else nil
	again       bool    // asked for by name: an undone load comes back
	late        bool    // its content is new for sure, and hashed while it is loaded
	bulk        bool    // its chunks may become tables of their own
}

// prepared is what a source's files have in common.
type prepared struct {
	fingerprint [32]byte
	lookups     *source.Lookups
}

// prepare reads the lookup files of a source.
func prepare(ctx context.Context, spec *source.Spec) (prepared, error) {
	lookups, err := source.LoadLookups(ctx, spec)
	if err != nil {
		return prepared{}, err
	}
	return prepared{fingerprint: spec.Fingerprint(lookups.Hashes()), lookups: lookups}, nil
}

// inputs finds the files of a source and learns what they hold: all of them first, so that the meter
// knows how much there is to do.
func (g *ingest) inputs(ctx context.Context, spec *source.Spec) ([]*job, error) {
	p, err := prepare(ctx, spec)
	if err != nil {
		return nil, err
	}
	files, err := g.files(ctx, spec)
	if err != nil {
		return nil, err
	}
	g.meter.list(spec.Name, files)
	jobs := make([]*job, 0, len(files))
	for _, f := range files {
		j := &job{spec: spec, input: input{file: f, name: f.Name}, fingerprint: p.fingerprint, lookups: p.lookups}
		if j.late, err = g.certainlyNew(ctx, j); err == nil && !j.late {
			err = g.identify(ctx, j)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		g.meter.identified(f)
		jobs = append(jobs, j)
	}
	g.meter.plan(jobs)
	return jobs, nil
}

// files lists the files of a source; standard input becomes a file first.
func (g *ingest) files(ctx context.Context, spec *source.Spec) ([]source.File, error) {
	if spec.Path == "-" {
		f, err := spool(ctx, g.o.Stdin, g.o.SpoolDir, "stdin")
		if err != nil {
			return nil, err
		}
		return []source.File{f}, nil
	}
	files, err := spec.Files()
	if err != nil {
		return nil, err
	}
	return files, nil
}

// certainlyNew tells whether a large plain file has a size that no load of its source ever had: then it
// holds something new, whatever its hash will be, and need not be hashed before it is loaded.
func (g *ingest) certainlyNew(ctx context.Context, j *job) (bool, error) {
	f := j.input.file
	if f.Size < g.o.hashAlong {
		return false, nil
	}
	packed, err := compressed(f.Path)
	if err != nil || packed {
		return false, err
	}
	j.input.hashes = source.Hashes{Bytes: f.Size}
	known, err := g.ledger.sizeKnown(ctx, j.spec.Name, f.Size)
	return !known, err
}

// identify hashes an input. A compressed file is looked up by its bytes as they lie there first: one
// that is known need not be decompressed.
func (g *ingest) identify(ctx context.Context, j *job) error {
	f := j.input.file
	packed, err := compressed(f.Path)
	if err != nil {
		return err
	}
	if packed {
		sum, err := source.HashFile(ctx, f, nil)
		if err != nil {
			return err
		}
		k, ok, err := g.ledger.findFile(ctx, j.spec.Name, sum, j.fingerprint)
		if err != nil {
			return err
		}
		if ok {
			j.input.known = &k
			j.input.hashes = source.Hashes{File: sum, Content: k.Content, Bytes: k.Bytes}
			return nil
		}
	}
	j.input.hashes, err = source.Hash(ctx, f, j.spec.Limits, func(n int64) { g.meter.hashing(f.Name, n) })
	return err
}

// compressed tells whether a file starts as gzip or zstd files do.
func compressed(path string) (bool, error) {
	f, err := os.Open(path) //nolint:gosec // the configuration names the files to read
	if err != nil {
		return false, err
	}
	defer f.Close()
	var magic [4]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return n >= 2 && magic[0] == 0x1f && magic[1] == 0x8b || string(magic[:n]) == "\x28\xb5\x2f\xfd", nil
}

// contextReader reads until its context ends, also while nothing comes: a pipe's read can't be
// interrupted, so it happens on a goroutine that is left behind if nobody waits for it any more.
type contextReader struct {
	ctx context.Context //nolint:containedctx // it lives as long as the read
	r   io.Reader
	buf []byte // what the goroutine reads into: p is the caller's again once Read has returned
}

func readerWith(ctx context.Context, r io.Reader) io.Reader { return &contextReader{ctx: ctx, r: r} }

// Read implements io.Reader.
func (r *contextReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if len(r.buf) < len(p) {
		r.buf = make([]byte, len(p))
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := r.r.Read(r.buf[:len(p)])
		done <- result{n, err}
	}()
	select {
	case got := <-done:
		return copy(p, r.buf[:got.n]), got.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}

func entityOf(spec *source.Spec) string {
	if spec.Entity == "" {
		return "purchases"
	}
	return spec.Entity
}

func onChangeOf(spec *source.Spec) string {
	if spec.OnChange == "" {
		return "append"
	}
	return spec.OnChange
}

func sourceNames(specs []*source.Spec) string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// encodingOf says how a file is written: by its byte order mark, else as the source says.
func encodingOf(ctx context.Context, j *job) (string, error) {
	content, _, err := source.Open(ctx, j.input.file, j.spec.Limits)
	if err != nil {
		return "", err
	}
	var start [3]byte
	n, err := io.ReadFull(content, start[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err := errors.Join(err, content.Close()); err != nil {
		return "", err
	}
	for _, bom := range boms() {
		if strings.HasPrefix(string(start[:n]), bom.mark) {
			return bom.encoding + bomSuffix, nil
		}
	}
	if j.spec.Format.Encoding == "" {
		return "utf-8", nil
	}
	return strings.ToLower(j.spec.Format.Encoding), nil
}

// bomSuffix marks an encoding whose files start with a byte order mark.
const bomSuffix = "-bom"

func boms() []struct{ mark, encoding string } {
	return []struct{ mark, encoding string }{
		{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"},
	}
}
