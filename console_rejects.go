package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/pipeline/steps"
	"penstock/sql"
	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/screen/rejects"
)

const (
	rejectsLimit = time.Minute        // of one query
	mendsKept    = 7 * 24 * time.Hour // files of mended records whose run failed
	recordShown  = 1 << 20            // bytes of a record that a form can hold
)

func (c *console) newRejects() tui.Screen {
	if c.demo != nil {
		d := demo.NewRejects(c.demo.ledger.Next)
		return rejects.New(c.env, rejects.Options{Store: d, Mender: d, Export: d.Export})
	}
	store := rejectStore{c.runs}
	return rejects.New(c.env, rejects.Options{Store: store, Mender: store, Export: store.Export})
}

// rejectStore is what the rejects screen shows and how mended records go in. It reads with SELECT only;
// runs that take records in are processes of their own.
type rejectStore struct{ *runLedger }

// Counts implements rejects.Store.
func (s rejectStore) Counts(ctx context.Context, run int64) ([]rejects.Count, error) {
	return readAll(ctx, s, "console/rejects_counts.sql", func(row pgx.CollectableRow) (c rejects.Count, err error) {
		return c, row.Scan(&c.Source, &c.Reason, &c.Column, &c.Loads, &c.Open, &c.Resolved)
	}, run)
}

// readAll runs a statement as the analyst.
func readAll[T any](ctx context.Context, s rejectStore, statement string, scan func(pgx.CollectableRow) (T, error), args ...any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, rejectsLimit)
	defer cancel()
	pool, err := s.reading(ctx, sql.Staging)
	if err != nil {
		return nil, err
	}
	rows, err := pool.Query(ctx, sql.Text(statement), args...)
	if err != nil {
		return nil, fmt.Errorf("read the rejects: %w", sql.Clarify(err))
	}
	list, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read the rejects: %w", sql.Clarify(err))
	}
	return list, nil
}

// written is how a load's file is written.
type written struct {
	encoding string
	header   []string
}

// List implements rejects.Store.
func (s rejectStore) List(ctx context.Context, f rejects.Filter) ([]rejects.Reject, error) {
	return readAll(ctx, s, "console/rejects_list.sql", func(row pgx.CollectableRow) (rejects.Reject, error) {
		var r rejects.Reject
		var raw []byte
		var cut bool
		var w written
		err := row.Scan(&r.Load, &r.Record, &r.Source, &r.Name, &r.Line, &r.Reason, &r.Column, &r.Detail, &raw, &cut,
			&r.Resolved, &r.ResolvedBy, &w.encoding, &w.header)
		if err != nil {
			return r, err
		}
		record := s.record(r, raw, w, f.ShowPII, cut)
		record.Excerpt = record.Text
		return record.Reject, nil
	}, f.Resolved, f.Source, f.Reason, f.Column, f.Limit, f.Run)
}

// Record implements rejects.Store.
func (s rejectStore) Record(ctx context.Context, k rejects.Key, showPII bool) (rejects.Record, error) {
	r, raw, w, err := s.raw(ctx, k)
	if err != nil {
		return rejects.Record{}, err
	}
	if len(raw) > recordShown {
		return rejects.Record{}, &hinted{
			fmt.Sprintf("record %d of load %d has %s: too much for a screen", k.Record, k.Load, pipeline.FormatBytes(int64(len(raw)))),
			fmt.Sprintf("write it to a file: penstock --run rejects --load %d --export FILE", k.Load),
		}
	}
	record := s.record(r.Reject, raw, w, showPII, false)
	record.ByteOffset = r.ByteOffset
	record.Bytes, record.Encoding = int64(len(raw)), w.encoding
	return record, nil
}

// raw reads one record with its bytes.
func (s rejectStore) raw(ctx context.Context, k rejects.Key) (rejects.Record, []byte, written, error) {
	type row struct {
		rejects.Record
		raw []byte
		w   written
	}
	list, err := readAll(ctx, s, "console/rejects_record.sql", func(c pgx.CollectableRow) (r row, err error) {
		return r, c.Scan(&r.Load, &r.Record.Record, &r.Source, &r.Name, &r.Line, &r.Reason, &r.Column, &r.Detail, &r.raw,
			&r.Resolved, &r.ResolvedBy, &r.w.encoding, &r.w.header, &r.ByteOffset)
	}, k.Load, k.Record)
	if err == nil && len(list) == 0 {
		err = &hinted{fmt.Sprintf("load %d has no reject %d any more", k.Load, k.Record), "it was expired or its load undone: read the list again"}
	}
	if err != nil {
		return rejects.Record{}, nil, written{}, err
	}
	return list[0].Record, list[0].raw, list[0].w, nil
}

// record parts a record into fields, and masks what is personal. A record that cannot be parted as its
// header says is masked as a whole where its source has anything to mask.
func (s rejectStore) record(r rejects.Reject, raw []byte, w written, showPII, cut bool) rejects.Record {
	text := steps.RecordText(raw, w.encoding)
	out := rejects.Record{Reject: r, Text: text}
	spec := s.specOf(r.Source)
	var fields []string
	var err error
	if spec != nil && !cut {
		fields, err = steps.RecordFields(spec, text)
	}
	parted := spec != nil && !cut && err == nil && len(fields) == len(w.header) && (showPII || findsPersonal(spec, w.header))
	// A source that the configuration lost may have had columns to mask.
	secret := spec == nil || len(spec.PII) > 0
	if parted {
		secret = s.part(&out, spec, w.header, fields, showPII)
	}
	out.Personal = secret
	if !secret || showPII {
		return out
	}
	out.Masked = true
	out.Text = source.Masked
	if parted {
		out.Text = masked(spec, text, out.Fields)
	}
	if spec == nil || slices.Contains(spec.PII, r.Column) {
		out.Detail = source.Masked
	}
	return out
}

// findsPersonal reports whether a header has each personal column of the source: in files of another time it
// may have had another name.
func findsPersonal(spec *source.Spec, header []string) bool {
	return !slices.ContainsFunc(spec.PII, func(canonical string) bool {
		c, mapped := spec.Columns[canonical]
		return mapped && !slices.Contains(header, c.Column)
	})
}

// part fills in the fields and reports whether any of them is personal.
func (s rejectStore) part(out *rejects.Record, spec *source.Spec, header, fields []string, showPII bool) (secret bool) {
	fills := map[string]string{} // canonical columns by those of the file
	for canonical, c := range spec.Columns {
		fills[c.Column] = canonical
	}
	for i, value := range fields {
		f := rejects.Field{Name: header[i], Column: fills[header[i]], Value: value}
		f.Wrong = out.Column != "" && (out.Column == f.Column || f.Column == "" && out.Column == f.Name)
		if f.Column != "" && slices.Contains(spec.PII, f.Column) {
			secret = true
			if !showPII {
				f.Masked, f.Value = true, ""
			}
		}
		out.Fields = append(out.Fields, f)
	}
	return secret
}

// masked is a record whose masked fields are left out; the others, its delimiters and its quotes are as they came.
func masked(spec *source.Spec, text string, fields []rejects.Field) string {
	changes := map[int]string{}
	for i, f := range fields {
		if f.Masked {
			changes[i] = source.Masked
		}
	}
	text, err := steps.ChangeFields(spec, text, changes)
	if err != nil { // a dialect that cannot write the mark
		return source.Masked
	}
	return text
}

// specOf is the source of this name as it is configured, nil if there is none.
func (s rejectStore) specOf(name string) *source.Spec {
	for i := range s.cfg.Sources {
		if s.cfg.Sources[i].Name == name && !s.cfg.Sources[i].IsAPI() {
			return &s.cfg.Sources[i].Spec
		}
	}
	return nil
}

// Export writes raw records as the file that --export writes.
func (s rejectStore) Export(ctx context.Context, f rejects.Filter, w io.Writer) (int64, error) {
	pool, err := s.reading(ctx, sql.Staging)
	if err != nil {
		return 0, err
	}
	done, err := steps.ExportRejects(ctx, pool, s.allSpecs(), steps.RejectFilter{
		Source: f.Source, Reason: f.Reason, Column: f.Column, Run: f.Run, All: f.Resolved,
	}, w)
	return done.Records, err
}

func (s rejectStore) allSpecs() []*source.Spec {
	var specs []*source.Spec
	for i := range s.cfg.Sources {
		if !s.cfg.Sources[i].IsAPI() {
			specs = append(specs, &s.cfg.Sources[i].Spec)
		}
	}
	return specs
}

// Mend implements rejects.Mender: it writes the records to a file and starts a run that takes it in.
func (s rejectStore) Mend(ctx context.Context, records []rejects.Mended) (rejects.Run, error) {
	if err := s.mayWrite(); err != nil {
		return rejects.Run{}, err
	}
	var run rejects.Run
	var mended []steps.MendedRecord
	for _, m := range records {
		raw, err := s.mendedBytes(ctx, m)
		if err != nil {
			return run, fmt.Errorf("record %d of load %d: %w", m.Key.Record, m.Load, err)
		}
		mended = append(mended, steps.MendedRecord{RejectKey: steps.RejectKey{Load: m.Load, Record: m.Key.Record}, Raw: raw})
		run.Keys = append(run.Keys, m.Key)
	}
	var err error
	if run.File, err = s.writeMended(ctx, mended); err != nil {
		return run, err
	}
	words := []string{"rejects", "--reingest", run.File}
	if s.cfg.Production {
		words = append(words, "--yes") // its name was typed
	}
	run.ID, run.Log, err = s.launch(ctx, words)
	return run, err
}

// mendedBytes is a record with its changes, in its file's dialect and encoding.
func (s rejectStore) mendedBytes(ctx context.Context, m rejects.Mended) ([]byte, error) {
	r, raw, w, err := s.raw(ctx, m.Key)
	if err != nil {
		return nil, err
	}
	if m.Text != nil {
		return steps.RecordBytes(*m.Text, w.encoding)
	}
	spec := s.specOf(r.Source)
	if spec == nil {
		return nil, &hinted{"its source " + r.Source + " is not configured any more", "bring the source back into the configuration"}
	}
	text, err := steps.ChangeFields(spec, steps.RecordText(raw, w.encoding), m.Changes)
	if err != nil {
		return nil, err
	}
	return steps.RecordBytes(text, w.encoding)
}

// writeMended makes the file that a run takes in, and forgets old ones.
func (s rejectStore) writeMended(ctx context.Context, mended []steps.MendedRecord) (name string, err error) {
	if err := s.dataDir(s.cfg); err != nil {
		return "", err
	}
	dir := filepath.Join(s.cfg.DataDir, "mending")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	old, err := filepath.Glob(filepath.Join(dir, "mend-*.csv"))
	if err != nil {
		return "", err
	}
	for _, f := range old {
		if info, err := os.Stat(f); err == nil && s.now().Sub(info.ModTime()) > mendsKept {
			_ = os.Remove(f) // the next one tries again
		}
	}
	pool, err := s.reading(ctx, sql.Staging)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, "mend-"+strconv.FormatInt(s.now().Unix(), 10)+"-*.csv")
	if err != nil {
		return "", err
	}
	_, err = steps.ExportMended(ctx, pool, s.allSpecs(), mended, file)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// Await implements rejects.Mender. A ledger that is away for a while does not end the waiting, which the
// console tells meanwhile; what lasts does.
func (s rejectStore) Await(ctx context.Context, r rejects.Run) (rejects.Outcome, error) {
	var o rejects.Outcome
	for seq := int64(1); ; {
		err := s.await(ctx, r, &seq, &o)
		if err == nil || ctx.Err() != nil || !passes(err) {
			return o, err
		}
		if err := s.rest(ctx, time.Duration(s.cfg.UI.Refresh)); err != nil {
			return o, err
		}
	}
}

// passes reports whether an error is of a server that is out of reach, and not of what it said.
func passes(err error) bool {
	err = sql.Clarify(err)
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && errors.As(err, &server) {
		return sql.Gone(err) || server.Code == "55000" || server.Code == "53300" // which let nobody in, or no more
	}
	return sql.Gone(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, local.ErrNotRunning)
}

// await waits for the end of a run, from an event on, and says what became of its records. Their file goes
// when all that it holds is in.
func (s rejectStore) await(ctx context.Context, r rejects.Run, seq *int64, o *rejects.Outcome) error {
	for {
		events, err := s.Follow(ctx, r.ID, *seq)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		for _, e := range events {
			*seq = e.Head().Seq + 1
			if e, ok := e.(pipeline.LoadFinished); ok {
				o.Load, o.Refused = e.Load, e.Rejected
			}
		}
	}
	s.reap()
	run, err := s.Run(ctx, r.ID)
	if err != nil {
		return err
	}
	o.State, o.Err, o.Hint = string(run.State), run.Err, run.Hint
	if o.Resolved, err = s.resolved(ctx, r.Keys); err != nil {
		return err
	}
	if len(o.Resolved) == len(r.Keys) {
		_ = os.Remove(r.File) // a week later at the latest
	}
	return nil
}

// resolved are those of the rejects that are mended.
func (s rejectStore) resolved(ctx context.Context, keys []rejects.Key) ([]rejects.Key, error) {
	loads, records := make([]int64, len(keys)), make([]int64, len(keys))
	for i, k := range keys {
		loads[i], records[i] = k.Load, k.Record
	}
	type state struct {
		rejects.Key
		done bool
	}
	list, err := readAll(ctx, s, "console/rejects_states.sql", func(row pgx.CollectableRow) (st state, err error) {
		return st, row.Scan(&st.Load, &st.Record, &st.done)
	}, loads, records)
	var done []rejects.Key
	for _, st := range list {
		if st.done {
			done = append(done, st.Key)
		}
	}
	return done, err
}
