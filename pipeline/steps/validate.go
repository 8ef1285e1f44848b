package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"penstock/pipeline"
	"penstock/pipeline/source"
)

// ValidateOptions says what is validated. No database is asked.
type ValidateOptions struct {
	Sources []*source.Spec
	// Stdin is what the path "-" reads; nil refuses it. It is spooled to a file in TempDir meanwhile.
	Stdin   io.Reader
	TempDir string
	// Workers map in parallel; 0 = 2.
	Workers int
	// Samples is how many rejects of a file are kept whole; 0 = 10.
	Samples int
	// Progress, which may be nil, is told how far a file is, in bytes of its content.
	Progress func(source, name string, done int64)
}

// Validated is what became of one file.
type Validated struct {
	Source string
	Name   string
	Path   string
	Bytes  int64 // decompressed
	Read   int64
	// Header and Encoding are how the file is written.
	Header   []string
	Encoding string
	// Accepted would be loaded, Rejected would not: Read is their sum.
	Accepted, Rejected int64
	Reasons            []pipeline.RejectSample // counts by reason and column: only these and More are set
	Samples            []source.Reject         // the first, in record order
	Warnings           []string                // what the contract noticed
	// Err is why the file would not be loaded; nil when it would. Gate is set when it is the data that
	// is at fault, against the source's own contract or max_rejects.
	Err  error
	Gate bool
}

// Validate does with the files of the sources what ingest would do, but for writing anything, and
// reports each file to tell as soon as it is read. The error is of a source whose files could not be
// found, or of tell, or of ctx.
func Validate(ctx context.Context, o ValidateOptions, tell func(Validated) error) error {
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.Samples <= 0 {
		o.Samples = pipeline.SamplesPerLoad
	}
	for _, spec := range o.Sources {
		if err := o.source(ctx, spec, tell); err != nil {
			return fmt.Errorf("source %s: %w", spec.Name, err)
		}
	}
	return nil
}

func (o ValidateOptions) source(ctx context.Context, spec *source.Spec, tell func(Validated) error) error {
	p, err := prepare(ctx, spec)
	if err != nil {
		return err
	}
	var files []source.File
	if spec.Path == source.Stdin {
		if o.Stdin == nil {
			return errNoStdin()
		}
		f, err := source.Spool(ctx, o.Stdin, o.TempDir, "stdin")
		if err != nil {
			return err
		}
		defer os.Remove(f.Path)
		files = []source.File{f}
	} else if files, err = spec.Files(); err != nil {
		return err
	}
	for _, f := range files {
		v := validation{o: o, more: map[[2]string]int64{}, job: &job{spec: spec, input: input{file: f, name: f.Name}, lookups: p.lookups}}
		v.Validated = Validated{Source: spec.Name, Name: f.Name, Path: f.Path}
		v.Err = v.run(ctx)
		v.Header, v.Encoding = v.job.header, v.job.encoding
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		v.Gate = v.Gate || errors.Is(v.Err, source.ErrContract)
		v.Reasons = moreSamples(v.more, 0, v.job)
		if err := tell(v.Validated); err != nil {
			return err
		}
	}
	return nil
}

// validation is one file on its way.
type validation struct {
	Validated
	o    ValidateOptions
	job  *job
	mu   sync.Mutex
	more map[[2]string]int64
}

func (v *validation) run(ctx context.Context) error {
	reader, framer, err := open(ctx, v.job, chunkBytes)
	if err != nil {
		return err
	}
	defer reader.Close()
	mapper, findings, err := source.NewMapper(v.job.spec, v.job.header, source.MapperOptions{Lookups: v.job.lookups})
	for _, f := range findings {
		if err != nil && f.Stop && strings.Contains(err.Error(), strconv.Quote(f.Column)) {
			continue // the error says so
		}
		v.Warnings = append(v.Warnings, findingText(f))
	}
	if err != nil {
		return err
	}
	limit, err := parseRejectLimit(v.job.spec.MaxRejects)
	if err != nil {
		return err
	}
	v.Bytes = framer.Offset() // the header's
	fill := func(c *source.Chunk, b *source.Batch) error { return mapper.Chunk(b, c) }
	err = flow(ctx, v.o.Workers, chunkBytes, framer.Next, fill, func(_ context.Context, c *source.Chunk, b *source.Batch) error {
		v.account(c, b)
		return nil
	})
	if err != nil {
		return err
	}
	v.Bytes = framer.Offset()
	err = limit.final(counts{Read: v.Read, Loaded: v.Accepted, Rejected: v.Rejected})
	v.Gate = err != nil
	return err
}

// account adds a chunk; of its rejects it keeps the first ones of the file.
func (v *validation) account(c *source.Chunk, b *source.Batch) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.Read += b.Read
	v.Accepted += b.Loaded
	v.Rejected += b.Rejected
	v.Bytes += c.ByteTo - c.ByteFrom
	for _, r := range b.Rejects {
		v.more[[2]string{r.Reason, r.Column}]++
	}
	for _, r := range b.Rejects[:min(len(b.Rejects), v.o.Samples)] {
		r.Raw = slices.Clone(r.Raw[:min(len(r.Raw), rawShown)])
		v.Samples = append(v.Samples, r)
	}
	slices.SortFunc(v.Samples, func(a, b source.Reject) int { return int(a.Record - b.Record) })
	v.Samples = v.Samples[:min(len(v.Samples), v.o.Samples)]
	if v.o.Progress != nil {
		v.o.Progress(v.Source, v.Name, v.Bytes)
	}
}
