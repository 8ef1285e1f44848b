package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"penstock/pipeline/source"
)

// mendColumns lead an exported record: which reject it is, and what is wrong with it. They come first,
// so that they are in their place however many fields follow.
func mendColumns() []string {
	return []string{"_penstock_load", "_penstock_record", "_penstock_reason"}
}

// Exported says what ExportRejects wrote.
type Exported struct {
	Source  string
	Loads   []int64
	Records int64
}

// exportGroup is what one exported file can hold: loads whose files are written alike.
type exportGroup struct {
	source   string
	header   []string
	encoding string
	loads    []int64
}

// ExportRejects writes refused records as a file of their source: its header, delimiter and encoding,
// and the bytes of every record as they came, behind three columns that say which reject it is and why.
// Mended with any editor, the file goes back in by MendRejects. All records must be of one source and of
// files with one header. The bytes of records are not guarded against a spreadsheet that takes text for
// formulas: they would not be the same bytes any more.
func ExportRejects(ctx context.Context, pool *pgxpool.Pool, specs []*source.Spec, f RejectFilter, w io.Writer) (Exported, error) {
	group, err := groupRejects(ctx, pool, f)
	if err != nil {
		return Exported{}, err
	}
	chosen, err := selectSources(specs, []string{group.source})
	if err != nil {
		return Exported{}, err
	}
	out, err := newMendWriter(w, chosen[0], group.encoding)
	if err != nil {
		return Exported{}, err
	}
	if err := out.names(chosen[0], slices.Concat(mendColumns(), group.header)); err != nil {
		return Exported{}, err
	}
	done := Exported{Source: group.source, Loads: group.loads}
	err = eachReject(ctx, pool, "ingest/export_rejects.sql", f, func(r Reject) error {
		done.Records++
		return out.record(r)
	})
	return done, err
}

// groupRejects finds out which source the rejects are of and how its files are written.
func groupRejects(ctx context.Context, pool *pgxpool.Pool, f RejectFilter) (exportGroup, error) {
	var groups []exportGroup
	counts, err := RejectCounts(ctx, pool, f)
	if err != nil {
		return exportGroup{}, err
	}
	for _, c := range counts {
		g := exportGroup{source: c.Source, loads: []int64{c.Load}}
		err := pool.QueryRow(ctx, "SELECT coalesce(header, '{}'), coalesce(encoding, 'utf-8') FROM staging.loads WHERE id = $1", c.Load).
			Scan(&g.header, &g.encoding)
		if err != nil {
			return g, fmt.Errorf("load %d: %w", c.Load, err)
		}
		i := slices.IndexFunc(groups, func(o exportGroup) bool {
			return o.source == g.source && o.encoding == g.encoding && slices.Equal(o.header, g.header)
		})
		if i < 0 {
			groups = append(groups, g)
		} else if !slices.Contains(groups[i].loads, c.Load) {
			groups[i].loads = append(groups[i].loads, c.Load)
		}
	}
	switch len(groups) {
	case 0:
		return exportGroup{}, hint(errors.New("there are no such rejects"), "penstock --run rejects counts them")
	case 1:
		return groups[0], nil
	}
	return exportGroup{}, hint(fmt.Errorf("the rejects are of %d kinds of files: %s", len(groups), describeGroups(groups)),
		"export one kind at a time, with --source NAME or --load N")
}

func describeGroups(groups []exportGroup) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("source %s with load %d", g.source, g.loads[0]))
	}
	return strings.Join(parts, ", ")
}

// mendWriter writes records in the dialect of a source.
type mendWriter struct {
	w                io.Writer
	delimiter, quote string // quote is empty where there is none
	encoder          *encoding.Encoder
	lineEnd          []byte
}

// newMendWriter starts a file that is written as the loads' files are; encoding is the ledger's word.
func newMendWriter(w io.Writer, spec *source.Spec, encoding string) (*mendWriter, error) {
	m := &mendWriter{w: w}
	m.delimiter, m.quote = dialectOf(spec)
	name, marked := strings.CutSuffix(encoding, bomSuffix)
	var err error
	if m.encoder, err = encoderOf(name); err != nil {
		return nil, err
	}
	if m.lineEnd, err = m.encoder.Bytes([]byte("\n")); err != nil {
		return nil, err
	}
	for _, b := range boms() {
		if marked && b.encoding == name {
			_, err = io.WriteString(w, b.mark)
		}
	}
	return m, err
}

func dialectOf(spec *source.Spec) (delimiter, quote string) {
	delimiter, quote = spec.Format.Delimiter, spec.Format.Quote
	switch delimiter {
	case "":
		delimiter = ","
	case "tab", `\t`:
		delimiter = "\t"
	}
	switch quote {
	case "":
		quote = `"`
	case "none":
		quote = ""
	}
	return delimiter, quote
}

func encoderOf(name string) (*encoding.Encoder, error) {
	switch name {
	case "", "utf-8", "utf8":
		return encoding.Nop.NewEncoder(), nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1":
		return encoding.ReplaceUnsupported(charmap.ISO8859_1.NewEncoder()), nil
	case "windows-1252", "cp1252":
		return encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder()), nil
	case "utf-16", "utf16", "utf-16le", "utf16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), nil
	case "utf-16be", "utf16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(), nil
	}
	return nil, fmt.Errorf("no encoding is called %q", name)
}

// names writes the header, where the source's files have one.
func (m *mendWriter) names(spec *source.Spec, names []string) error {
	if spec.Format.Header != nil && !*spec.Format.Header {
		return nil
	}
	return m.line(names, nil)
}

func (m *mendWriter) record(r Reject) error {
	reason := r.Reason
	if r.Column != "" {
		reason = r.Column + ": " + reason
	}
	if r.Detail != "" {
		reason += ": " + r.Detail
	}
	return m.line([]string{strconv.FormatInt(r.Load, 10), strconv.FormatInt(r.Record, 10), reason}, r.Raw)
}

// line writes cells and, behind them, raw fields as they are.
func (m *mendWriter) line(cells []string, raw []byte) error {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteString(m.delimiter)
		}
		b.WriteString(m.cell(c))
	}
	if raw != nil {
		b.WriteString(m.delimiter)
	}
	text, err := m.encoder.Bytes([]byte(strings.ToValidUTF8(b.String(), "\uFFFD")))
	if err != nil {
		return err
	}
	for _, part := range [][]byte{text, raw, m.lineEnd} {
		if _, err := m.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// cell quotes a text where it has to be, or, in files without quotes, makes it harmless.
func (m *mendWriter) cell(s string) string {
	s = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
	if m.quote == "" {
		return strings.ReplaceAll(s, m.delimiter, " ")
	}
	if !strings.Contains(s, m.delimiter) && !strings.Contains(s, m.quote) {
		return s
	}
	return m.quote + strings.ReplaceAll(s, m.quote, m.quote+m.quote) + m.quote
}
