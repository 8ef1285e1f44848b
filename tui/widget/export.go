package widget

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"penstock/tui/clean"
)

// Format is how a table is written out.
type Format string

// The formats.
const (
	CSV      Format = "csv"
	TSV      Format = "tsv"
	JSON     Format = "json"
	Markdown Format = "md"
)

// Grid is rows on their way out: raw values under titles.
type Grid struct {
	Titles []string
	Number []bool // columns whose values are JSON numbers
	Len    int
	Cell   func(row, col int) string
	// KeepBytes leaves out the guard that keeps spreadsheets from taking text
	// for formulas (see clean.Formula).
	KeepBytes bool
}

// Write writes the grid. It stops when ctx ends.
func (g Grid) Write(ctx context.Context, w io.Writer, f Format) error {
	b := bufio.NewWriter(w)
	var err error
	switch f {
	case CSV:
		err = g.csv(ctx, b)
	case TSV:
		err = g.lines(ctx, b, "", "\t", "", func(s string) string { return g.guard(clean.Line(s)) })
	case Markdown:
		err = g.lines(ctx, b, "| ", " | ", " |", func(s string) string {
			return strings.ReplaceAll(clean.Line(s), "|", "\\|")
		})
	case JSON:
		err = g.json(ctx, b)
	default:
		return fmt.Errorf("unknown format %q", f)
	}
	if err != nil {
		return err
	}
	return b.Flush()
}

func (g Grid) guard(s string) string {
	if g.KeepBytes {
		return s
	}
	return clean.Formula(s)
}

func (g Grid) csv(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	record := make([]string, len(g.Titles))
	for row := -1; row < g.Len; row++ {
		for col := range record {
			if row < 0 {
				record[col] = g.guard(g.Titles[col])
			} else {
				record[col] = g.guard(g.Cell(row, col))
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
		if row%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	out.Flush()
	return out.Error()
}

// lines writes a line a row; Markdown, which has outer bars, gets its rule.
func (g Grid) lines(ctx context.Context, w *bufio.Writer, open, between, end string, show func(string) string) error {
	cells := make([]string, len(g.Titles))
	for row := -1; row < g.Len; row++ {
		for col := range cells {
			if row < 0 {
				cells[col] = show(g.Titles[col])
			} else {
				cells[col] = show(g.Cell(row, col))
			}
		}
		if _, err := w.WriteString(open + strings.Join(cells, between) + end + "\n"); err != nil {
			return err
		}
		if row < 0 && open != "" {
			for col := range cells {
				cells[col] = "---"
				if g.Number[col] {
					cells[col] = "--:"
				}
			}
			if _, err := w.WriteString(open + strings.Join(cells, between) + end + "\n"); err != nil {
				return err
			}
		}
		if row%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// json writes an array of objects; numbers stay exact, missing ones are null.
func (g Grid) json(ctx context.Context, w *bufio.Writer) error {
	keys := make([]string, len(g.Titles))
	for i, t := range g.Titles {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		keys[i] = string(b) + ": "
	}
	for row := range g.Len {
		_, _ = w.WriteString(map[bool]string{true: "[\n  {", false: ",\n  {"}[row == 0])
		for col := range keys {
			if col > 0 {
				_, _ = w.WriteString(", ")
			}
			value, err := g.value(row, col)
			if err != nil {
				return err
			}
			if _, err := w.WriteString(keys[col] + value); err != nil {
				return err
			}
		}
		_ = w.WriteByte('}')
		if row%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	end := "\n]\n"
	if g.Len == 0 {
		end = "[]\n"
	}
	_, err := w.WriteString(end)
	return err
}

func (g Grid) value(row, col int) (string, error) {
	raw := g.Cell(row, col)
	if g.Number[col] {
		if raw == "" {
			return "null", nil
		}
		if json.Valid([]byte(raw)) && strings.IndexFunc(raw, func(r rune) bool {
			return !strings.ContainsRune("0123456789+-.eE", r)
		}) < 0 {
			return raw, nil
		}
	}
	b, err := json.Marshal(raw)
	return string(b), err
}
