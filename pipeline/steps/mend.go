package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// claims are the rejects that the records of a mended file stand for, by record.
type claims struct{ keys []RejectKey }

// take claims the rejects of a chunk of records, in the chunk's transaction. They count as mended when
// the load becomes visible.
func (c *claims) take(ctx context.Context, tx pgx.Tx, load, recordFrom, n int64) error {
	loads, records := make([]int64, n), make([]int64, n)
	for i, k := range c.keys[recordFrom-1 : recordFrom-1+n] {
		loads[i], records[i] = k.Load, k.Record
	}
	tag, err := tx.Exec(ctx, sql.Text("ingest/claim_rejects.sql"), load, loads, records, recordFrom)
	if err != nil {
		return fmt.Errorf("claim the rejects: %w", err)
	}
	if tag.RowsAffected() != n {
		return fmt.Errorf("claim the rejects: %d of %d are not open any more", n-tag.RowsAffected(), n)
	}
	return nil
}

// MendRejects returns the step that takes a mended export of rejects in. The mended records are a load
// of their own; the rejects they stand for are resolved by it, all when it becomes visible. A record
// that is still refused is a reject of the new load: mended once more in the same file, it resolves that one.
func MendRejects(o IngestOptions, path string) pipeline.Step {
	o = o.withDefaults()
	return loadStep("mend", func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
		g := newIngest(o, rc)
		if err := g.ledger.sweep(ctx); err != nil {
			return g.result, err
		}
		if err := g.mend(ctx, path); err != nil {
			return g.result, fmt.Errorf("mend with %s: %w", path, err)
		}
		return g.result, nil
	})
}

// CheckMended refuses a path at which no mended export of rejects lies: an error that MendRejects would end
// with, before anything begins. Standard input is not looked at.
func CheckMended(ctx context.Context, o IngestOptions, path string) error {
	if path == source.Stdin {
		return nil
	}
	f, err := mendedFile(path)
	if err == nil {
		_, err = (&ingest{o: o}).sourceOf(ctx, f)
	}
	if err != nil {
		return fmt.Errorf("mend with %s: %w", path, err)
	}
	return nil
}

// mendedFile is the one file at a path.
func mendedFile(path string) (source.File, error) {
	files, err := source.Expand(path)
	if err != nil {
		return source.File{}, err
	}
	if len(files) != 1 {
		return source.File{}, hint(errors.New("it is not one file"), "name the file that rejects --export wrote and that you mended")
	}
	return files[0], nil
}

func (g *ingest) mend(ctx context.Context, path string) error {
	if path == source.Stdin { // which is read more than once
		if g.o.Stdin == nil {
			return errNoStdin()
		}
		if err := os.MkdirAll(g.o.SpoolDir, 0o700); err != nil {
			return fmt.Errorf("spool standard input: %w", err)
		}
		f, err := source.Spool(ctx, g.o.Stdin, g.o.SpoolDir, "stdin")
		if err != nil {
			return err
		}
		return errors.Join(g.mendWith(ctx, f), os.Remove(f.Path))
	}
	f, err := mendedFile(path)
	if err != nil {
		return err
	}
	return g.mendWith(ctx, f)
}

func (g *ingest) mendWith(ctx context.Context, f source.File) error {
	spec, err := g.sourceOf(ctx, f)
	if err != nil {
		return err
	}
	m, err := newMender(ctx, g, spec, f)
	if err != nil {
		return err
	}
	j, err := m.job(ctx)
	if err != nil {
		return err
	}
	reason := m.tellLeftOut()
	if len(j.claims.keys) == 0 {
		g.rc.Emit(pipeline.LoadSkipped{Source: spec.Name, Name: f.Name, Reason: reason})
		g.result.Skipped = "nothing new"
		return os.Remove(j.input.file.Path)
	}
	g.meter.list(spec.Name, []source.File{j.input.file})
	if err := g.identify(ctx, j); err != nil {
		return err
	}
	g.meter.plan([]*job{j})
	return g.take(ctx, j)
}

// sourceOf finds the source of a mended file: that of the load which its first record names.
func (g *ingest) sourceOf(ctx context.Context, f source.File) (*source.Spec, error) {
	start, err := startOf(ctx, f)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(start) {
		digits := strings.TrimLeft(line, "\ufeff\"'")
		digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789"))]
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		l, err := LoadByID(ctx, g.o.Pool, id)
		if err != nil {
			return nil, err
		}
		if l.State != loadLoaded {
			return nil, hint(fmt.Errorf("load %d, whose rejects it mends, is %s: none of its rows are in", id, l.State),
				"mend the file of the load itself and take it in again, or bring the load back first")
		}
		specs, err := selectSources(g.o.Sources, []string{l.Source})
		if err != nil {
			return nil, err
		}
		return specs[0], nil
	}
	return nil, hint(errors.New("it has no record that begins with the number of a load"),
		"mend a file that rejects --export wrote, and leave its first three columns as they are")
}

// startOf returns the beginning of a file as text, UTF-16 without its zero bytes.
func startOf(ctx context.Context, f source.File) (string, error) {
	r, _, err := source.Open(ctx, f, source.Limits{})
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err := errors.Join(err, r.Close()); err != nil {
		return "", err
	}
	b = bytes.TrimPrefix(bytes.TrimPrefix(b, []byte("\xff\xfe")), []byte("\xfe\xff"))
	return string(bytes.ReplaceAll(b, []byte{0}, nil)), nil
}
