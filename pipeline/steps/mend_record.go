package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"penstock/pipeline/source"
)

// MendedRecord is a refused record as it should have come: Raw is in its file's dialect and encoding,
// without the line's end.
type MendedRecord struct {
	RejectKey
	Raw []byte
}

// ExportMended writes mended records as the file that MendRejects takes in. All must be of one source
// and of files with one header.
func ExportMended(ctx context.Context, pool *pgxpool.Pool, specs []*source.Spec, records []MendedRecord, w io.Writer) (Exported, error) {
	var loads []int64
	for _, r := range records {
		if !slices.Contains(loads, r.Load) {
			loads = append(loads, r.Load)
		}
	}
	if len(loads) == 0 {
		return Exported{}, hint(errors.New("no record was mended"), "mend one first")
	}
	group, err := groupLoads(ctx, pool, loads)
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
	for _, r := range records {
		if err := out.record(Reject{Load: r.Load, Record: r.Record, Reason: "mended", Raw: r.Raw}); err != nil {
			return Exported{}, err
		}
	}
	return Exported{Source: group.source, Loads: loads, Records: int64(len(records))}, nil
}

// groupLoads finds out how the files of loads are written; all must be written alike.
func groupLoads(ctx context.Context, pool *pgxpool.Pool, loads []int64) (exportGroup, error) {
	var group exportGroup
	for i, load := range loads {
		g := exportGroup{loads: loads}
		err := pool.QueryRow(ctx, "SELECT source, coalesce(header, '{}'), coalesce(encoding, 'utf-8') FROM staging.loads WHERE id = $1", load).
			Scan(&g.source, &g.header, &g.encoding)
		if err != nil {
			return g, fmt.Errorf("load %d: %w", load, err)
		}
		if i > 0 && (g.source != group.source || g.encoding != group.encoding || !slices.Equal(g.header, group.header)) {
			return g, hint(fmt.Errorf("loads %d and %d are of different kinds of files", loads[0], load),
				"take the mended records of one source and one kind of file in at a time")
		}
		group = g
	}
	return group, nil
}

// RecordText is a record as UTF-8, however its file is written; encoding is the ledger's word. Bytes
// that are no text of a UTF-8 file stay as they are.
func RecordText(raw []byte, encoding string) string {
	e := textEncoding(encoding)
	if e == nil {
		return string(raw)
	}
	text, err := e.NewDecoder().Bytes(raw)
	if err != nil {
		return string(raw)
	}
	return string(text)
}

// RecordBytes is the reverse of RecordText. A character that the encoding does not have is an error.
func RecordBytes(text, encoding string) ([]byte, error) {
	e := textEncoding(encoding)
	if e == nil {
		return []byte(text), nil
	}
	raw, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return nil, hint(fmt.Errorf("it holds a character that %s does not have", strings.TrimSuffix(encoding, bomSuffix)),
			"write it with characters of the file's encoding")
	}
	return raw, nil
}

// textEncoding is the encoding by the ledger's word, nil for UTF-8.
func textEncoding(name string) encoding.Encoding {
	switch strings.TrimSuffix(name, bomSuffix) {
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1":
		return charmap.ISO8859_1
	case "windows-1252", "cp1252":
		return charmap.Windows1252
	case "utf-16", "utf16", "utf-16le", "utf16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be", "utf16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// ErrNoFields says that a record cannot be parted into fields: its quotes do not close.
var ErrNoFields = errors.New("the record's quotes do not close")

// RecordFields parts a record's text into the values of its fields.
func RecordFields(spec *source.Spec, text string) ([]string, error) {
	parts, quote, err := recordParts(spec, text)
	for i, p := range parts {
		if quote != "" && strings.HasPrefix(p, quote) {
			p = strings.ReplaceAll(p[1:len(p)-1], quote+quote, quote)
		}
		parts[i] = p
	}
	return parts, err
}

// ChangeFields returns a record's text with other values for some of its fields, by their index; the
// others keep every byte.
func ChangeFields(spec *source.Spec, text string, changes map[int]string) (string, error) {
	parts, quote, err := recordParts(spec, text)
	if err != nil {
		return "", err
	}
	delimiter, _ := dialectOf(spec)
	for i, value := range changes {
		if i < 0 || i >= len(parts) {
			return "", fmt.Errorf("there is no field %d in a record of %d", i+1, len(parts))
		}
		special := strings.Contains(value, delimiter) || strings.ContainsAny(value, "\r\n") ||
			quote != "" && strings.Contains(value, quote)
		switch {
		case special && quote == "":
			return "", hint(fmt.Errorf("field %d holds the delimiter or a line's end, and the source's files have no quotes", i+1),
				"leave it out of the value")
		case special:
			value = quote + strings.ReplaceAll(value, quote, quote+quote) + quote
		}
		parts[i] = value
	}
	return strings.Join(parts, delimiter), nil
}

// recordParts cuts a record at its delimiters; quoted parts keep their quotes.
func recordParts(spec *source.Spec, text string) (parts []string, quote string, err error) {
	delimiter, quote := dialectOf(spec)
	rest := []byte(text)
	for {
		end := bytes.IndexByte(rest, delimiter[0])
		if quote != "" && len(rest) > 0 && rest[0] == quote[0] {
			closed := closingQuote(rest, quote[0])
			if closed < 0 || closed+1 < len(rest) && rest[closed+1] != delimiter[0] {
				return nil, quote, ErrNoFields
			}
			if end = closed + 1; end == len(rest) {
				end = -1
			}
		}
		if end < 0 {
			return append(parts, string(rest)), quote, nil
		}
		parts = append(parts, string(rest[:end]))
		rest = rest[end+1:]
	}
}

// closingQuote is the index of the quote that closes the one b starts with, -1 if there is none.
func closingQuote(b []byte, quote byte) int {
	for i := 1; i < len(b); i++ {
		if b[i] != quote {
			continue
		}
		if i+1 < len(b) && b[i+1] == quote {
			i++
			continue
		}
		return i
	}
	return -1
}
