package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/pipeline"
	"penstock/pipeline/steps"
	"penstock/sql"
	screen "penstock/tui/screen/rejects"
)

// rejectFlags are the task's own flags.
type rejectFlags struct {
	load, run        int64
	reason, column   string
	all, list        bool
	limit            int
	showPII          bool
	export, reingest string
}

func rejectsTask() task {
	var o rejectFlags
	return task{
		name: "rejects", group: groupData, short: "records that were refused: count, list, export, take in when mended",
		long: "Counts the open rejects by load and reason; --list shows them. --export writes them as a file of their source, every\n" +
			"record as it came behind three columns that say which reject it is and why: mend it with any editor, leave those\n" +
			"columns alone, and take it in with --reingest. The mended records are a load of their own, and what they mend is\n" +
			"resolved. An export is not guarded against spreadsheets that take text for formulas, and masks nothing: its bytes\n" +
			"are to stay. Only you may read the file.",
		example: "penstock --run rejects\npenstock --run rejects --load 12 --list\n" +
			"penstock --run rejects --load 12 --export mend.csv\npenstock --run rejects --reingest mend.csv",
		flags: func(fs *pflag.FlagSet) {
			fs.Int64Var(&o.load, "load", 0, "only those of this `load`")
			fs.Int64Var(&o.run, "of-run", 0, "only those of loads of this `run`")
			fs.StringVar(&o.reason, "reason", "", "only those refused for this `reason`")
			fs.StringVar(&o.column, "column", "", "only those refused for this `column`")
			fs.BoolVar(&o.all, "all", false, "those mended since, and of undone loads, too")
			fs.BoolVar(&o.list, "list", false, "show the records")
			fs.IntVar(&o.limit, "limit", 100, "list at most this many `records`")
			fs.BoolVar(&o.showPII, "show-pii", false, "show records of sources with masked columns too")
			fs.StringVar(&o.export, "export", "", "write the records to this `file`, - for standard output")
			fs.StringVar(&o.reingest, "reingest", "", "take this mended `file` in, - for standard input")
		},
		run: func(ctx context.Context, a *app, args []string) error {
			if err := noArguments(args); err != nil {
				return err
			}
			switch {
			case o.reingest != "" && (o.export != "" || o.list):
				return usageError("--reingest stands alone", "export first, mend, then take the file in")
			case o.reingest != "":
				mends := func(ctx context.Context, i steps.IngestOptions) error { return steps.CheckMended(ctx, i, o.reingest) }
				return a.changeStaging(ctx, []string{"rejects", "--reingest", o.reingest}, mends, func(i steps.IngestOptions) pipeline.Step {
					return steps.MendRejects(i, o.reingest)
				})
			case o.export != "":
				return a.exportRejects(ctx, o)
			case o.list:
				return a.listRejects(ctx, o)
			}
			return a.countRejects(ctx, o)
		},
	}
}

func (a *app) rejectFilter(o rejectFlags) (steps.RejectFilter, error) {
	name, err := a.oneSource()
	return steps.RejectFilter{Source: name, Load: o.load, Run: o.run, Reason: o.reason, Column: o.column, All: o.all}, err
}

// knownLoad refuses the number of a load that the ledger does not have; 0 is none.
func knownLoad(ctx context.Context, pool *pgxpool.Pool, load int64) error {
	if load == 0 {
		return nil
	}
	_, err := steps.LoadByID(ctx, pool, load)
	return err
}

func (a *app) countRejects(ctx context.Context, o rejectFlags) error {
	filter, err := a.rejectFilter(o)
	if err != nil {
		return err
	}
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return err
	}
	if err := knownLoad(ctx, pool, o.load); err != nil {
		return err
	}
	counts, err := steps.RejectCounts(ctx, pool, filter)
	if err != nil {
		return err
	}
	table := printed{head: []string{"load", "source", "name", "open", "count", "reason", "column"}, right: []bool{true, false, false, true, true}}
	for _, c := range counts {
		if a.flags.json {
			if err := a.emit(struct {
				Load   int64  `json:"load"`
				Source string `json:"source"`
				Name   string `json:"name"`
				Reason string `json:"reason"`
				Column string `json:"column,omitempty"`
				Open   int64  `json:"open"`
				Count  int64  `json:"count"`
			}{c.Load, c.Source, c.Name, c.Reason, c.Column, c.Open, c.Count}); err != nil {
				return err
			}
			continue
		}
		table.row(strconv.FormatInt(c.Load, 10), c.Source, c.Name, pipeline.FormatCount(c.Open), pipeline.FormatCount(c.Count), c.Reason, c.Column)
	}
	switch {
	case a.flags.json:
		return nil
	case len(counts) == 0:
		a.say("no such rejects")
		return nil
	}
	return table.write(a.out, "")
}

// rejectLine is a reject as --json writes it.
type rejectLine struct {
	Load   int64  `json:"load"`
	Source string `json:"source"`
	Name   string `json:"name"`
	rejectedLine
	State      string `json:"state"`
	ResolvedBy int64  `json:"resolved_by,omitempty"`
}

func (a *app) listRejects(ctx context.Context, o rejectFlags) error {
	filter, err := a.rejectFilter(o)
	if err != nil {
		return err
	}
	if err := someRows(o.limit); err != nil {
		return err
	}
	filter.Limit = o.limit
	c, err := a.config()
	if err != nil {
		return err
	}
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return err
	}
	if err := knownLoad(ctx, pool, o.load); err != nil {
		return err
	}
	rejects, err := steps.Rejects(ctx, pool, filter)
	if err != nil {
		return err
	}
	store := rejectStore{&runLedger{app: a, cfg: c}} // masks as the console does
	files, err := writtenAs(ctx, pool, rejects)
	if err != nil {
		return err
	}
	hidden := false
	table := printed{head: []string{"load", "line", "column", "reason", "detail", "record"}, right: []bool{true, true}, text: 4}
	for _, r := range rejects {
		shown := store.record(screen.Reject{Source: r.Source, Reason: r.Reason, Column: r.Column, Detail: r.Detail},
			r.Raw, files[r.Load], o.showPII, false)
		hidden = hidden || shown.Masked
		raw := rawText([]byte(shown.Text))
		if a.flags.json {
			line := rejectedLine{r.Record, r.Line, r.ByteOffset, r.Reason, r.Column, shown.Detail, raw}
			if err := a.emit(rejectLine{r.Load, r.Source, r.Name, line, r.State, r.ResolvedBy}); err != nil {
				return err
			}
			continue
		}
		table.row(strconv.FormatInt(r.Load, 10), pipeline.FormatCount(r.Line), r.Column, r.Reason, shown.Detail, raw)
	}
	if hidden {
		a.say("note: personal columns are masked; --show-pii shows them")
	}
	switch {
	case a.flags.json:
		return nil
	case len(rejects) == 0:
		a.say("no such rejects")
		return nil
	}
	if err := table.write(a.out, ""); err != nil {
		return err
	}
	if len(rejects) == o.limit {
		a.say("there may be more: --limit shows them, --export writes all")
	}
	return nil
}

// writtenAs is how the files of the rejects' loads are written, by load.
func writtenAs(ctx context.Context, pool *pgxpool.Pool, rejects []steps.Reject) (map[int64]written, error) {
	var loads []int64
	for _, r := range rejects { // those of a load stand together
		if len(loads) == 0 || loads[len(loads)-1] != r.Load {
			loads = append(loads, r.Load)
		}
	}
	files := map[int64]written{}
	var load int64
	var w written
	rows, err := pool.Query(ctx, "SELECT id, coalesce(encoding, 'utf-8'), coalesce(header, '{}') FROM staging.loads WHERE id = ANY ($1)", loads)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&load, &w.encoding, &w.header}, func() error {
			files[load] = w
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read how the files are written: %w", err)
	}
	return files, nil
}

func (a *app) exportRejects(ctx context.Context, o rejectFlags) (err error) {
	filter, err := a.rejectFilter(o)
	if err != nil {
		return err
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	specs, err := a.specs(c, nil)
	if err != nil {
		return err
	}
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return err
	}
	out := a.out
	if o.export != "-" {
		f, openErr := os.OpenFile(o.export, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(openErr, fs.ErrExist) {
			return usageError(o.export+" is there already", "name another file, or remove it: it may hold what somebody mended")
		}
		if openErr != nil {
			return openErr
		}
		defer func() {
			if err = errors.Join(err, f.Close()); err != nil {
				err = errors.Join(err, os.Remove(o.export))
			}
		}()
		out = f
	}
	buffered := bufio.NewWriterSize(out, 1<<16)
	done, err := steps.ExportRejects(ctx, pool, specs, filter, buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("export the rejects: %w", err)
	}
	if o.export == "-" {
		a.sayPersonal(c, done.Source, "what was written holds")
		return nil
	}
	a.sayPersonal(c, done.Source, o.export+" holds")
	if a.flags.json {
		return a.emit(struct {
			Source  string  `json:"source"`
			Loads   []int64 `json:"loads"`
			Records int64   `json:"records"`
			File    string  `json:"file"`
		}{done.Source, done.Loads, done.Records, o.export})
	}
	a.say("%s records of source %s are in %s; mended, they go in with: penstock --run rejects --reingest %s",
		pipeline.FormatCount(done.Records), done.Source, o.export, o.export)
	return nil
}

// sayPersonal warns that records of a source with masked columns were written as they came.
func (a *app) sayPersonal(c *config.Config, name, what string) {
	for i := range c.Sources {
		if c.Sources[i].Name == name && len(c.Sources[i].PII) > 0 {
			a.say("note: %s the records byte by byte, with %s, which is masked elsewhere", what, strings.Join(c.Sources[i].PII, ", "))
		}
	}
}
