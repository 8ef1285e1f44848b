package steps

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"penstock/pipeline/source"
	"penstock/sql"
)

// mendedDir is the folder of the spool that mended records are kept in.
const mendedDir = "mended"

func isMendedOrigin(origin string) bool { return filepath.Base(filepath.Dir(origin)) == mendedDir }

// mender cuts a mended file into records, which are spooled as a file of the source, and the rejects
// that they stand for.
type mender struct {
	g         *ingest
	spec      *source.Spec
	file      source.File
	delimiter byte
	quote     byte // 0 where there is none
	rejects   map[int64]*rejectSet
	again     map[RejectKey]refusedAgain
	mended    int64   // records left out as they are mended
	refused   int64   // records left out as they were refused again, and are as they were then
	refusedAs []int64 // the loads that those are rejects of
	emptied   int64   // records left out as nothing is left of them
}

// refusedAgain is the reject that the mended record of another one became.
type refusedAgain struct {
	RejectKey        // Record is 0 where it is not known which
	sum       []byte // SHA-256 of its bytes while it is open
}

// rejectSet is what is known of the rejects of one load: records in order, and the state of each.
type rejectSet struct {
	records []int64
	states  []rejectState
}

type rejectState byte

const (
	rejectOpen rejectState = iota
	rejectResolved
	rejectTaken // by a record of this very file
)

// newMender reads which rejects of the source there are, 9 bytes each, and which of them were refused again.
func newMender(ctx context.Context, g *ingest, spec *source.Spec, f source.File) (*mender, error) {
	m := &mender{g: g, spec: spec, file: f, rejects: map[int64]*rejectSet{}, again: map[RejectKey]refusedAgain{}}
	delimiter, quote := dialectOf(spec)
	m.delimiter = delimiter[0]
	if quote != "" {
		m.quote = quote[0]
	}
	rows, err := g.o.Pool.Query(ctx, sql.Text("ingest/known_rejects.sql"), spec.Name)
	if err != nil {
		return nil, err
	}
	var load, record int64
	var open bool
	var againLoad, againRecord *int64
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&load, &record, &open, &againLoad, &againRecord, &sum}, func() error {
		if againLoad != nil {
			m.again[RejectKey{load, record}] = refusedAgain{RejectKey{*againLoad, *againRecord}, bytes.Clone(sum)}
		}
		set := m.rejects[load]
		if set == nil {
			set = new(rejectSet)
			m.rejects[load] = set
		}
		state := rejectResolved
		if open {
			state = rejectOpen
		}
		set.records, set.states = append(set.records, record), append(set.states, state)
		return nil
	})
	return m, err
}

// job spools the records and makes a job of them.
func (m *mender) job(ctx context.Context) (*job, error) {
	p, err := prepare(ctx, m.spec)
	if err != nil {
		return nil, err
	}
	j := &job{spec: m.spec, fingerprint: p.fingerprint, lookups: p.lookups, claims: new(claims)}
	reader, writer := io.Pipe()
	var group errgroup.Group
	group.Go(func() (err error) {
		j.claims.keys, err = m.split(ctx, writer)
		return errors.Join(err, writer.CloseWithError(err))
	})
	f, err := spool(ctx, reader, filepath.Join(m.g.o.SpoolDir, mendedDir), m.file.Name)
	_ = reader.CloseWithError(err) // never fails; it ends a writer that goes on
	if splitErr := group.Wait(); splitErr != nil {
		return nil, splitErr
	}
	if err != nil {
		return nil, err
	}
	j.input = input{file: f, name: m.file.Name}
	return j, m.recount(ctx, j)
}

// split writes the records without their leading columns and returns what those say.
func (m *mender) split(ctx context.Context, w io.Writer) ([]RejectKey, error) {
	content, _, err := source.Open(ctx, m.file, m.spec.Limits)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	format := m.spec.Format
	if len(format.Names) > 0 {
		format.Names = slices.Concat(mendColumns(), format.Names)
	}
	framer, err := source.NewFramer(content, format, source.FramerOptions{})
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, 256<<10)
	if err := m.writeHeader(ctx, out, framer.Header()); err != nil {
		return nil, err
	}
	var keys []RejectKey
	for c := new(source.Chunk); ; {
		err := framer.Next(c)
		if errors.Is(err, io.EOF) {
			return keys, out.Flush()
		}
		if err != nil {
			return nil, err
		}
		for _, r := range c.Records {
			key, rest, err := m.claim(c.Data[r.Start:r.End])
			if err != nil {
				err = fmt.Errorf("line %d: %w", r.Line, err)
				if hintOf(err) == "" {
					err = hint(err, "leave the first three columns as rejects --export wrote them; new records belong in a file of the source")
				}
				return nil, err
			}
			if len(rest) == 0 {
				continue
			}
			keys = append(keys, key)
			_, _ = out.Write(rest) // Flush tells of errors
			_ = out.WriteByte('\n')
		}
	}
}

// writeHeader starts the spooled file like a file of the source, or in UTF-8 where that is UTF-16.
func (m *mender) writeHeader(ctx context.Context, w io.Writer, header []string) error {
	written, err := encodingOf(ctx, &job{spec: m.spec, input: input{file: m.file}})
	if err != nil {
		return err
	}
	if strings.HasSuffix(written, bomSuffix) || strings.HasPrefix(written, "utf-16") || strings.HasPrefix(written, "utf16") {
		written = "utf-8" + bomSuffix
	}
	if len(header) < len(mendColumns()) || !slices.Equal(header[:len(mendColumns())], mendColumns()) {
		return hint(fmt.Errorf("its first columns are not %s", strings.Join(mendColumns(), ", ")),
			"mend a file that rejects --export wrote, and keep delimiter and columns as they are")
	}
	out, err := newMendWriter(w, m.spec, written)
	if err != nil {
		return err
	}
	return out.names(m.spec, header[len(mendColumns()):])
}

// recount frames what was spooled and makes sure that its records are those that were cut: one whose
// quotes do not close might have run into the next.
func (m *mender) recount(ctx context.Context, j *job) error {
	content, framer, err := open(ctx, j, m.g.o.ChunkBytes)
	if err != nil {
		return err
	}
	defer content.Close()
	n := 0
	for c := new(source.Chunk); ; {
		err := framer.Next(c)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		n += len(c.Records)
	}
	if n != len(j.claims.keys) {
		return hint(fmt.Errorf("%d records become %d without their leading columns", len(j.claims.keys), n),
			"look for a record whose quotes do not close, mend it or take it out")
	}
	return nil
}
