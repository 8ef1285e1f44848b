package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/pflag"

	"penstock/config"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/pipeline/steps"
	"penstock/sql"
)

func loadsTask() task {
	var o struct {
		state string
		limit int
	}
	flags := func(fs *pflag.FlagSet) {
		fs.StringVar(&o.state, "state", "", "only those that are in this `state`: "+strings.Join(loadStates(), ", "))
		fs.IntVar(&o.limit, "limit", 50, "at most this many `loads`")
	}
	return task{
		name: "loads", group: groupData, args: "[LOAD]", short: "what was taken in; take a load out or bring it back",
		long: "Lists the loads, the newest first, or shows one. A load is one file, known by its content: whatever its name, the\n" +
			"same content is taken in once.",
		example: "penstock --run loads\npenstock --run loads --state failed\npenstock --run loads 12\npenstock --run loads undo 12",
		flags:   flags,
		run: func(ctx context.Context, a *app, args []string) error {
			switch len(args) {
			case 0:
				return a.listLoads(ctx, o.state, o.limit)
			case 1:
				return a.showLoad(ctx, args[0])
			}
			return noArguments(args[1:])
		},
		actions: []task{
			{
				name: "list", short: "the loads, the newest first, as loads alone does", flags: flags,
				example: "penstock --run loads list --state failed",
				run: func(ctx context.Context, a *app, args []string) error {
					if err := noArguments(args); err != nil {
						return err
					}
					return a.listLoads(ctx, o.state, o.limit)
				},
			},
			{
				name: "show", args: "LOAD", short: "one load: what was read, from where, and what became of it",
				example: "penstock --run loads show 12",
				run: func(ctx context.Context, a *app, args []string) error {
					if len(args) != 1 {
						return usageError("which load?", "penstock --run loads show LOAD; penstock --run loads lists them")
					}
					return a.showLoad(ctx, args[0])
				},
			},
			{
				name: "undo", args: "LOAD", short: "take a load out and derive anew what it touched",
				long: "The load's rows are not seen any more, and the invoices it touched are derived as if it had never been. It stays\n" +
					"out, also when its file is still there, until loads reload brings it back.",
				example: "penstock --run loads undo 12",
				run: func(ctx context.Context, a *app, args []string) error {
					return a.changeLoad(ctx, "undo", args, steps.UndoLoad)
				},
			},
			{
				name: "reload", args: "LOAD", short: "bring a load back, or try a failed one again",
				long: "An undone load comes back at once, as long as its rows are kept; any other is read again from its file, which\n" +
					"must hold what it held then.",
				example: "penstock --run loads reload 12",
				run: func(ctx context.Context, a *app, args []string) error {
					return a.changeLoad(ctx, "reload", args, steps.ReloadLoad)
				},
			},
		},
	}
}

func loadStates() []string { return []string{"loading", "loaded", "stopped", "failed", "undone"} }

// loadLine is a load as --json writes it.
type loadLine struct {
	Load       int64      `json:"load"`
	Source     string     `json:"source"`
	Entity     string     `json:"entity"`
	Name       string     `json:"name"`
	State      string     `json:"state"`
	Run        int64      `json:"run"`
	Bytes      int64      `json:"bytes"`
	Read       int64      `json:"read"`
	Loaded     int64      `json:"loaded"`
	Rejected   int64      `json:"rejected"`
	Discarded  int64      `json:"discarded"`
	Open       int64      `json:"open_rejects"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Origin     string     `json:"origin"`
	SHA256     string     `json:"sha256"`
	RawKey     string     `json:"raw_key,omitempty"`
	ReplacedBy int64      `json:"replaced_by,omitempty"`
	Error      string     `json:"error,omitempty"`
}

func newLoadLine(l steps.Load) loadLine {
	line := loadLine{
		Load: l.ID, Source: l.Source, Entity: l.Entity, Name: l.Name, State: l.State, Run: l.Run, Bytes: l.Bytes,
		Read: l.Read, Loaded: l.Loaded, Rejected: l.Rejected, Discarded: l.Discarded, Open: l.Open,
		StartedAt: l.StartedAt.UTC(), Origin: l.Origin, SHA256: hex.EncodeToString(l.SHA256), RawKey: l.RawKey,
		ReplacedBy: l.ReplacedBy, Error: l.Error,
	}
	if !l.FinishedAt.IsZero() {
		at := l.FinishedAt.UTC()
		line.FinishedAt = &at
	}
	return line
}

func (a *app) listLoads(ctx context.Context, state string, limit int) error {
	name, err := a.oneSource()
	if err != nil {
		return err
	}
	if err := someRows(limit); err != nil {
		return err
	}
	if state != "" && !slices.Contains(loadStates(), state) {
		return unknownName("state", state, loadStates(), "the states are "+strings.Join(loadStates(), ", "))
	}
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return err
	}
	loads, err := steps.Loads(ctx, pool, steps.LoadFilter{Source: name, State: state, Limit: limit})
	if err != nil {
		return err
	}
	table := printed{
		head:  []string{"load", "source", "name", "state", "read", "loaded", "rejected", "open", "size", "started"},
		right: []bool{true, false, false, false, true, true, true, true, true},
	}
	for _, l := range loads {
		if a.flags.json {
			if err := a.emit(newLoadLine(l)); err != nil {
				return err
			}
			continue
		}
		table.row(strconv.FormatInt(l.ID, 10), l.Source, l.Name, l.State, pipeline.FormatCount(l.Read), pipeline.FormatCount(l.Loaded),
			pipeline.FormatCount(l.Rejected), pipeline.FormatCount(l.Open), pipeline.FormatBytes(l.Bytes), l.StartedAt.Local().Format(time.DateTime))
	}
	if a.flags.json {
		return nil
	}
	if len(loads) == 0 {
		a.say("no loads yet: penstock --run ingest takes the sources in")
		return nil
	}
	return table.write(a.out, "")
}

func (a *app) showLoad(ctx context.Context, word string) error {
	id, err := loadNumber(word)
	if err != nil {
		return err
	}
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return err
	}
	l, err := steps.LoadByID(ctx, pool, id)
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.emit(newLoadLine(l))
	}
	table := printed{head: []string{"", ""}, whole: true}
	for _, f := range [][2]string{
		{"load", strconv.FormatInt(l.ID, 10)},
		{"source", l.Source + " (" + l.Entity + ")"},
		{"name", l.Name},
		{"state", l.State},
		{"read", fmt.Sprintf("%s: %s loaded, %s rejected, %s discarded", pipeline.FormatCount(l.Read), pipeline.FormatCount(l.Loaded),
			pipeline.FormatCount(l.Rejected), pipeline.FormatCount(l.Discarded))},
		{"rejects to mend", pipeline.FormatCount(l.Open)},
		{"size", pipeline.FormatBytes(l.Bytes)},
		{"run", strconv.FormatInt(l.Run, 10)},
		{"started", l.StartedAt.Local().Format(time.DateTime)},
		{"took", tookText(l)},
		{"read from", l.Origin},
		{"sha256", hex.EncodeToString(l.SHA256)},
		{"in the lake", l.RawKey},
		{"error", l.Error},
		{"replaced by load", numberOrNone(l.ReplacedBy)},
	} {
		if f[1] != "" {
			table.row(f[0], f[1])
		}
	}
	return table.write(a.out, "")
}

func tookText(l steps.Load) string {
	if l.FinishedAt.IsZero() {
		return ""
	}
	return pipeline.FormatDuration(l.FinishedAt.Sub(l.StartedAt))
}

func numberOrNone(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func loadNumber(word string) (int64, error) {
	id, err := strconv.ParseInt(word, 10, 64)
	if err != nil || id < 1 {
		return 0, usageError(fmt.Sprintf("%q is no number of a load", word), "penstock --run loads lists them")
	}
	return id, nil
}

// changeLoad undoes or reloads a load, then derives what that changes.
func (a *app) changeLoad(ctx context.Context, what string, args []string, step func(steps.IngestOptions, int64) pipeline.Step) error {
	if len(args) != 1 {
		return usageError("which load?", "penstock --run loads "+what+" LOAD; penstock --run loads lists them")
	}
	id, err := loadNumber(args[0])
	if err != nil {
		return err
	}
	known := func(ctx context.Context, o steps.IngestOptions) error {
		_, err := steps.LoadByID(ctx, o.Pool, id)
		return err
	}
	return a.changeStaging(ctx, []string{"loads", what, args[0]}, known, func(o steps.IngestOptions) pipeline.Step { return step(o, id) })
}

// changeStaging executes a step that stands in for ingest and, behind it, all that derives from staging. What
// check refuses is no run.
func (a *app) changeStaging(ctx context.Context, words []string, check func(context.Context, steps.IngestOptions) error, first func(steps.IngestOptions) pipeline.Step) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if c.Production && !a.flags.yes {
		return usageError("this is production"+profileWords(c.Profile())+": "+strings.Join(words, " ")+" has to be meant", "add --yes")
	}
	engines, err := a.engines(c)
	if err != nil {
		return err
	}
	specs, err := a.specs(c, nil)
	if err != nil {
		return err
	}
	ledger, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	staging, err := a.staging(ctx)
	if err != nil {
		return err
	}
	options, err := a.ingestOptions(c, staging, specs)
	if err != nil {
		return err
	}
	if err := check(ctx, options); err != nil {
		return err
	}
	plan := pipeline.Plan{Tasks: []string{strings.Join(words, " ")}, Steps: []pipeline.Step{first(options)}}
	for _, name := range pipeline.StepNames()[1:] {
		s, err := a.step(ctx, c, name, engines[name], specs)
		if err != nil {
			return err
		}
		plan.Steps = append(plan.Steps, s)
	}
	if plan.Options, err = json.Marshal(map[string]any{"engines": engines, "profile": c.Profile()}); err != nil {
		return err
	}
	x, err := ledger.Start(ctx, plan)
	if err != nil {
		return err
	}
	return a.follow(ctx, x)
}

// ingestOptions is what steps that write staging need.
func (a *app) ingestOptions(c *config.Config, staging *pgxpool.Pool, specs []*source.Spec) (steps.IngestOptions, error) {
	o := steps.IngestOptions{
		Pool: staging, Sources: specs, Stdin: a.in, SpoolDir: filepath.Join(c.DataDir, "inbox"),
		KeepRejects: time.Duration(c.Retention.Rejects),
	}
	chunk := a.getenv(testChunk)
	if chunk == "" || !pipeline.FailpointsBuilt {
		return o, nil
	}
	size, err := strconv.ParseInt(chunk, 10, 32)
	if err != nil {
		return o, fmt.Errorf("%s: %w", testChunk, err)
	}
	o.BulkFrom, o.BulkChunk, o.ChunkBytes = 1, size, int(size)/4
	return o, nil
}

// testChunk is a variable of binaries with failpoints: it has plain files of any size go the way of large ones,
// in chunks of so many bytes, so that tests see them die there.
const testChunk = "PENSTOCK_TEST_CHUNK"
