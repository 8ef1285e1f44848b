package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/spf13/pflag"

	"penstock/dbadmin/local"
	"penstock/lake"
	"penstock/tui/clean"
)

// queryRows is how many rows a table for people has at most; the other formats have all.
const queryRows = 1000

// What a query may take: memory, and disk where that is not enough.
const (
	queryMemory = "2GB"
	querySpill  = "20GB"
)

// queryFlags are the flags of the task query.
type queryFlags struct {
	file, asOf, format, output string
	raw                        bool
}

func queryFormats() []string { return []string{"table", "csv", "json", "parquet"} }

func queryTask() task {
	var o queryFlags
	return task{
		name: "query", group: groupData, args: "[SQL]",
		short: "ask the lake in SQL",
		long: "The tables of the newest published run, or of an older one with --as-of, in DuckDB's SQL.\n" +
			"The statement is the argument, a file (-f) or standard input. What it selects is shown as it is: pii masks\n" +
			"nothing here, as nobody can tell from what columns an expression is made.",
		example: "penstock --run query \"SELECT country, gross_revenue FROM country_sales ORDER BY 2 DESC LIMIT 5\"\n" +
			"penstock --run query -f report.sql --format csv > report.csv\n" +
			"penstock --run query \"FROM fact_purchase_line\" -o lines.parquet\n" +
			"penstock --run query --as-of 2011-12-01 \"SELECT count(*) FROM fact_purchase_line\"",
		flags: func(fs *pflag.FlagSet) {
			fs.StringVarP(&o.file, "file", "f", "", "read the statement from this `file`")
			fs.StringVar(&o.asOf, "as-of", "", "as it was published by this `run` (42) or at this time (2011-12-01, 2011-12-01T09:00:00Z)")
			fs.StringVar(&o.format, "format", "", "`table`, csv, json or parquet; by the ending of --output unless given")
			fs.StringVarP(&o.output, "output", "o", "", "write to this `file`, which appears when it is whole")
			fs.BoolVar(&o.raw, "raw", false, "leave text alone that a spreadsheet would run as a formula (CSV)")
		},
		run: func(ctx context.Context, a *app, args []string) error { return a.query(ctx, o, args) },
	}
}

func (a *app) query(ctx context.Context, o queryFlags, args []string) (err error) {
	format, err := o.chooseFormat(a.flags.json)
	if err != nil {
		return err
	}
	text, err := o.statement(a.in, args)
	if err != nil {
		return err
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	l, err := a.lake(ctx, local.Analyst)
	if err != nil {
		return err
	}
	view, err := l.At(ctx, o.asOf)
	if err != nil {
		return err
	}
	q, err := lake.OpenQuery(ctx, view, lake.QueryOptions{
		MemoryLimit: queryMemory, TempDir: filepath.Join(c.DataDir, "tmp"), TempLimit: querySpill,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	rows, err := q.Run(ctx, text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return a.writeRows(rows, format, o)
}

// chooseFormat settles the format from --format, the ending of --output and --json.
func (o queryFlags) chooseFormat(asJSON bool) (string, error) {
	format := o.format
	if format == "" {
		ending := strings.TrimPrefix(filepath.Ext(o.output), ".")
		switch {
		case slices.Contains(queryFormats(), ending):
			format = ending
		case asJSON:
			format = "json"
		case o.output != "":
			return "", usageError(fmt.Sprintf("the format of %s is not clear", o.output), "say --format table, csv, json or parquet")
		default:
			format = "table"
		}
	}
	if !slices.Contains(queryFormats(), format) {
		return "", unknownName("format", format, queryFormats(), "the formats are "+strings.Join(queryFormats(), ", "))
	}
	if format == "parquet" && o.output == "" {
		return "", usageError("Parquet is not written to standard output", "name a file: --output result.parquet")
	}
	return format, nil
}

// statement is the SQL to run: the argument, the file or standard input.
func (o queryFlags) statement(in io.Reader, args []string) (string, error) {
	var text []byte
	var err error
	switch {
	case len(args) > 1:
		return "", usageError("query takes one statement", "put it in quotes: penstock --run query \"SELECT ...\"")
	case len(args) == 1 && o.file != "":
		return "", usageError("query takes a statement or a file, not both", "leave -f out")
	case len(args) == 1:
		text = []byte(args[0])
	case o.file != "" && o.file != "-":
		if text, err = os.ReadFile(o.file); err != nil {
			return "", &codeError{code: codeUsage, err: err}
		}
	default:
		if text, err = io.ReadAll(io.LimitReader(in, 1<<20)); err != nil {
			return "", fmt.Errorf("read the statement: %w", err)
		}
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", usageError("there is no statement to run", "penstock --run query \"SELECT ...\", or -f FILE, or standard input")
	}
	return string(text), nil
}

func (a *app) writeRows(rows *lake.Rows, format string, o queryFlags) error {
	write := func(w io.Writer) (n int64, err error) {
		switch format {
		case "csv":
			return rows.WriteCSV(w, lake.CSVOptions{Raw: o.raw})
		case "json":
			return rows.WriteJSON(w, lake.JSONOptions{Lines: true})
		}
		return rows.WriteTable(w, lake.TableOptions{MaxRows: queryRows, Clean: clean.Line, Width: displaywidth.String})
	}
	if o.output == "" {
		_, err := write(a.out)
		return err
	}
	var n int64
	var err error
	if format == "parquet" {
		n, err = rows.WriteParquet(o.output)
	} else {
		err = lake.WriteFile(o.output, func(w io.Writer) error {
			n, err = write(w)
			return err
		})
	}
	if err != nil {
		return err
	}
	a.say("%s rows in %s", count(n), clean.Line(o.output))
	return nil
}
