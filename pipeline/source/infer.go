package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// InferOptions bounds what Infer reads.
type InferOptions struct {
	SampleBytes int64 // of all files together, unpacked; 0 = 64 MiB
	Limits      Limits
}

// Guess is what Infer makes of files: a Spec to start from, and a Note for
// everything in it that was guessed and everything that could not be.
type Guess struct {
	Spec    Spec
	Header  []string
	Records int64 // looked at
	Notes   []Note
}

// Note says how sure a guess is, from 0 (there is none) to 1, and why. Path is
// the key of the Spec; Value is what was guessed and Alternative what else it
// could be.
type Note struct {
	Path        []string
	Value       string
	Confidence  float64
	Reason      string
	Alternative string
}

// RefusedNote is the path of a note that guesses nothing: it counts the records that would be refused, against
// which the key max_rejects guards.
const RefusedNote = "max_rejects"

// Infer looks at the start of files and guesses how they are written and what
// their columns mean. It fails only on files that cannot be read at all.
func Infer(ctx context.Context, files []File, o InferOptions) (*Guess, error) {
	if len(files) == 0 {
		return nil, ErrNoFiles
	}
	if o.SampleBytes <= 0 {
		o.SampleBytes = 64 << 20
	}
	head, err := readHead(ctx, files[0], o)
	if err != nil {
		return nil, fmt.Errorf("infer %s: %w", files[0].Path, err)
	}
	in := &inference{guess: &Guess{}, layouts: newLayoutSet()}
	in.name(files)
	text := in.encoding(head)
	if len(strings.TrimSpace(string(text))) == 0 {
		return nil, fmt.Errorf("infer %s: %w", files[0].Path, ErrEmpty)
	}
	in.dialect(text)
	in.header(text)
	left := o.SampleBytes
	for _, file := range files {
		if left <= 0 {
			break
		}
		n, err := in.survey(ctx, file, left, o.Limits)
		if err != nil {
			return nil, fmt.Errorf("infer %s: %w", file.Path, err)
		}
		left -= n
	}
	in.conclude()
	return in.guess, nil
}

// inference is a guess in the making.
type inference struct {
	guess   *Guess
	columns []columnStats
	rows    rowStats
	layouts layoutSet
}

func (in *inference) note(value string, confidence float64, reason string, path ...string) *Note {
	in.guess.Notes = append(in.guess.Notes, Note{Path: path, Value: value, Confidence: confidence, Reason: reason})
	return &in.guess.Notes[len(in.guess.Notes)-1]
}

// name calls the source after its first file and finds a path for all of them.
func (in *inference) name(files []File) {
	s := &in.guess.Spec
	s.Path = files[0].Path
	base := strings.TrimSuffix(strings.TrimSuffix(lower(files[0].Name), ".gz"), ".zst")
	base = strings.TrimSuffix(base, filepath.Ext(base))
	s.Name = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, base), "-_")
	s.Name = s.Name[:min(len(s.Name), maxName)]
	if s.Name == "" {
		s.Name = "purchases"
	}
	if len(files) > 1 {
		folder, name := filepath.Split(files[0].Path)
		_, after, _ := strings.Cut(name, ".")
		s.Path = folder + "*." + after
		for _, f := range files[1:] {
			if ok, err := filepath.Match(s.Path, f.Path); err != nil || !ok {
				in.note(s.Path, 0.3, fmt.Sprintf("%s is not among them: name a pattern or folder that holds all files", f.Name), "path")
				break
			}
		}
	}
}

// readHead reads the first MiB of a file, unpacked.
func readHead(ctx context.Context, f File, o InferOptions) (head []byte, err error) {
	r, _, err := Open(ctx, f, o.Limits)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(io.LimitReader(r, min(1<<20, o.SampleBytes)))
}

// survey adds the records of one file to the statistics, and gives the bytes
// that it read.
func (in *inference) survey(ctx context.Context, f File, most int64, limits Limits) (n int64, err error) {
	r, _, err := Open(ctx, f, limits)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	framer, err := NewFramer(onlyRead{r}, in.guess.Spec.Format, FramerOptions{ChunkBytes: 1 << 20})
	if errors.Is(err, ErrEmpty) && in.guess.Records > 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if in.guess.Header == nil {
		in.guess.Header = framer.Header()
		in.columns = make([]columnStats, len(in.guess.Header))
		in.rows.invoice, in.rows.quantity, in.rows.price = in.named("invoice_no"), in.named("quantity"), in.named("unit_price")
		in.rows.services.product, in.rows.services.description = in.named("product_code"), in.named("description")
	} else if !slices.Equal(framer.Header(), in.guess.Header) {
		in.note("", 0.2, fmt.Sprintf("%s has other columns than the first file", f.Name), "path")
		return 0, nil
	}
	s := newScratch()
	for c := new(Chunk); n < most; {
		err := framer.Next(c)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, err
		}
		n = c.ByteTo
		for i := range c.Records {
			in.record(c, &c.Records[i], &framer.d, s)
		}
	}
	return n, nil
}

// onlyRead hides everything of a file but Read.
type onlyRead struct{ io.Reader }

// record adds one record to the statistics.
func (in *inference) record(c *Chunk, rec *Record, d *dialect, s *scratch) {
	in.guess.Records++
	if rec.state > recordQuoted {
		in.rows.faults++
		return
	}
	raw := c.Data[rec.Start:rec.End]
	fields := s.split.split(raw, d, rec.state == recordQuoted)
	if len(fields) != len(in.columns) {
		in.rows.wrong++
		return
	}
	s.encoding = c.encoding
	for i, field := range fields {
		if s.split.high {
			text, ok := s.utf8(field)
			if !ok {
				in.rows.undecoded++
				return
			}
			fields[i] = text
		}
	}
	in.rows.good++
	in.rows.add(raw, fields)
	for i, field := range fields {
		in.columns[i].add(field, in.layouts)
	}
}

// conclude turns the statistics into a Spec and notes.
func (in *inference) conclude() {
	if bad := in.rows.wrong + in.rows.faults + in.rows.undecoded; bad > 0 {
		in.note("", 1, fmt.Sprintf("%d of %d records would be refused: %d with a wrong number of fields, %d with quotes that do not match, %d not in the encoding",
			bad, in.guess.Records, in.rows.wrong, in.rows.faults, in.rows.undecoded), RefusedNote)
	}
	in.nulls()
	in.numbers()
	in.times()
	in.mapping()
	in.identifiers()
	in.personal()
	in.duplicates()
	in.prefixes()
	in.services()
	in.note("UTC", 0, "files do not say in which zone their times are: set it to the shop's", "timezone")
}

func percent(part, whole int64) string {
	return strconv.FormatFloat(100*float64(part)/float64(max(whole, 1)), 'f', 1, 64) + "%"
}
