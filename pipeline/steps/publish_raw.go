package steps

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/lake"
	"penstock/pipeline"
	"penstock/sql"
)

// rawLoad is a load whose file is to be kept in the lake as it came.
type rawLoad struct {
	ID                   int64
	Source, Name, Origin string
	SHA256, FileSHA256   []byte
	FinishedAt           time.Time
}

// raw copies the files of new loads to the raw zone and returns how many it
// kept. A file that is gone or has changed since it was loaded is told of once
// and left out: what was loaded of it stays.
func (p *publisher) raw(ctx context.Context) (int, error) {
	rows, err := p.Staging.Query(ctx, sql.Text("lake/raw_due.sql"))
	if err != nil {
		return 0, fmt.Errorf("publish: list the raw files: %w", sql.Clarify(err))
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rawLoad])
	if err != nil {
		return 0, fmt.Errorf("publish: list the raw files: %w", sql.Clarify(err))
	}
	kept := 0
	for i, l := range due {
		p.rc.Progress(pipeline.Progress{Phase: "raw files", Source: l.Source, Done: int64(i), Total: int64(len(due)), Unit: "files", Bytes: p.result.Bytes})
		key, err := p.keep(ctx, l)
		if err != nil {
			return kept, err
		}
		p.rc.Fail("publish.raw")
		if err := p.rawDone(ctx, l.ID, key); err != nil {
			return kept, err
		}
		if key != "" {
			kept++
		}
	}
	return kept, nil
}

// keep stores one raw file and returns its key, or "" when the file is not
// there any more as it was loaded.
func (p *publisher) keep(ctx context.Context, l rawLoad) (string, error) {
	file, err := p.Open(l.Origin)
	if err != nil {
		reason := "it can't be read any more"
		if errors.Is(err, fs.ErrNotExist) {
			reason = "it is gone"
		}
		p.lost(l, reason)
		return "", nil
	}
	defer func() { _ = file.Close() }()
	key := lake.RawKey(l.Source, l.FinishedAt.UTC(), [32]byte(l.SHA256), filepath.Base(l.Name))
	sum := sha256.New()
	counted := &countingReader{r: io.TeeReader(file, sum)}
	if err := p.Raw.Put(ctx, key, counted); err != nil {
		return "", fmt.Errorf("publish: keep the raw file of load %d: %w", l.ID, err)
	}
	if !bytes.Equal(sum.Sum(nil), l.FileSHA256) {
		if err := p.Raw.Delete(ctx, key); err != nil {
			return "", fmt.Errorf("publish: remove the raw file of load %d: %w", l.ID, err)
		}
		p.lost(l, "it has changed since")
		return "", nil
	}
	p.result.Bytes += counted.n
	return key, nil
}

func (p *publisher) lost(l rawLoad, reason string) {
	p.rc.Emit(pipeline.Warning{
		Step: pipeline.Publish, Source: l.Source,
		Message: fmt.Sprintf("the raw file %s of load %d is not kept in the lake: %s", l.Name, l.ID, reason),
		Hint:    "its rows are loaded all the same; leave files in place until a run has ended",
	})
}

func (p *publisher) rawDone(ctx context.Context, load int64, key string) error {
	err := pgx.BeginFunc(ctx, p.Staging, func(tx pgx.Tx) error {
		if err := p.rc.Guard(ctx, tx, sql.Staging); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sql.Text("lake/raw_done.sql"), load, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish: note the raw file of load %d: %w", load, sql.Clarify(err))
	}
	return nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
