package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"penstock/pipeline"
	"penstock/sql"
	"penstock/tui/clean"
)

func runsTask() task {
	var limit int
	flags := func(fs *pflag.FlagSet) { fs.IntVar(&limit, "limit", 20, "at most this many `runs`") }
	return task{
		name: "runs", group: groupState, args: "[RUN]", short: "the history of runs; follow, compare or cancel one",
		long: "Lists the runs, the newest first, or shows one with its steps and what is worth a look. A run whose process\n" +
			"died is shown as interrupted; the next run takes up what it left.",
		example: "penstock --run runs\npenstock --run runs 12\npenstock --run runs events 12 --json\npenstock --run runs cancel 12\n" +
			"penstock --run runs compare 11 12",
		flags: flags,
		run: func(ctx context.Context, a *app, args []string) error {
			switch len(args) {
			case 0:
				return a.listRuns(ctx, limit)
			case 1:
				return a.showRun(ctx, args[0])
			}
			return noArguments(args[1:])
		},
		actions: []task{
			{
				name: "list", short: "the runs, the newest first, as runs alone does", flags: flags,
				example: "penstock --run runs list --limit 5",
				run: func(ctx context.Context, a *app, args []string) error {
					if err := noArguments(args); err != nil {
						return err
					}
					return a.listRuns(ctx, limit)
				},
			},
			{
				name: "show", args: "RUN", short: "one run with its steps and what is worth a look",
				example: "penstock --run runs show 12",
				run: func(ctx context.Context, a *app, args []string) error {
					if _, err := runNumbers(args, 1, "show RUN"); err != nil {
						return err
					}
					return a.showRun(ctx, args[0])
				},
			},
			{
				name: "events", args: "RUN", short: "tell what happened in a run, and go on until it ends",
				example: "penstock --run runs events 12\npenstock --run runs events 12 --json",
				run: func(ctx context.Context, a *app, args []string) error {
					return a.tellRun(ctx, args)
				},
			},
			{
				name: "cancel", args: "RUN", short: "ask a run, in whatever process, to stop",
				long: "The step in work ends and cleans up. It is asked, not waited for: runs events RUN shows it end.",
				run: func(ctx context.Context, a *app, args []string) error {
					return a.cancelRun(ctx, args)
				},
				example: "penstock --run runs cancel 12",
			},
			{
				name: "compare", args: "RUN RUN", short: "set two runs side by side, step by step",
				example: "penstock --run runs compare 11 12",
				run: func(ctx context.Context, a *app, args []string) error {
					return a.compareRuns(ctx, args)
				},
			},
		},
	}
}

// history is the ledger for looking only: it neither needs the analytics database nor may write.
func (a *app) history(ctx context.Context) (*pipeline.Ledger, error) {
	pool, err := a.reading(ctx, sql.Staging)
	if err != nil {
		return nil, err
	}
	l := pipeline.NewLedger(pool, nil, pipeline.Options{Now: a.now})
	a.closing(func() error { l.Close(); return nil })
	return l, nil
}

func (a *app) listRuns(ctx context.Context, limit int) error {
	if err := someRows(limit); err != nil {
		return err
	}
	l, err := a.history(ctx)
	if err != nil {
		return err
	}
	runs, err := l.Runs(ctx, limit)
	if err != nil {
		return err
	}
	table := printed{
		head:  []string{"run", "state", "code", "tasks", "by", "started", "took", "why"},
		right: []bool{true, false, true, false, false, true, true},
	}
	for _, r := range runs {
		if a.flags.json {
			if err := a.emit(r); err != nil {
				return err
			}
			continue
		}
		table.row(strconv.FormatInt(r.ID, 10), string(r.State), codeText(r), strings.Join(r.Tasks, " "), r.Who,
			r.StartedAt.Local().Format(time.DateTime), pipeline.FormatDuration(r.Took(a.now())), r.Err)
	}
	if a.flags.json {
		return nil
	}
	if len(runs) == 0 {
		a.say("no runs yet: penstock --run starts the first")
		return nil
	}
	return table.write(a.out, "")
}

func codeText(r pipeline.Run) string {
	if r.ExitCode == nil {
		return ""
	}
	return strconv.Itoa(*r.ExitCode)
}

// runNumbers reads as many run numbers as are wanted.
func runNumbers(args []string, want int, usage string) ([]int64, error) {
	if len(args) != want {
		numbers := fmt.Sprintf("%d run numbers", want)
		if want == 1 {
			numbers = "the number of a run"
		}
		return nil, usageError(fmt.Sprintf("%s takes %s, not %d words", strings.Fields(usage)[0], numbers, len(args)),
			"penstock --run runs "+usage+"; penstock --run runs lists them")
	}
	var ids []int64
	for _, word := range args {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil || id < 1 {
			return nil, usageError(fmt.Sprintf("%q is no number of a run", word), "penstock --run runs lists them")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (a *app) showRun(ctx context.Context, word string) error {
	ids, err := runNumbers([]string{word}, 1, "RUN")
	if err != nil {
		return err
	}
	l, err := a.history(ctx)
	if err != nil {
		return err
	}
	d, err := l.DetailOf(ctx, ids[0])
	if err != nil {
		return err
	}
	if a.flags.json {
		return a.emitDetail(d)
	}
	r := d.Run
	facts := printed{head: []string{"", ""}, whole: true}
	for _, f := range [][2]string{
		{"run", strconv.FormatInt(r.ID, 10)},
		{"tasks", strings.Join(r.Tasks, " ")},
		{"state", string(r.State)},
		{"exit code", codeText(r)},
		{"why", r.Err},
		{"hint", r.Hint},
		{"started", r.StartedAt.Local().Format(time.DateTime)},
		{"took", pipeline.FormatDuration(r.Took(a.now()))},
		{"by", fmt.Sprintf("%s (host %s, process %d, version %s)", r.Who, r.Host, r.PID, r.Version)},
		{"cancelled by", r.CancelledBy},
	} {
		if f[1] != "" {
			facts.row(f[0], f[1])
		}
	}
	if err := facts.write(a.out, ""); err != nil {
		return err
	}
	if err := a.printSteps(d.Steps); err != nil {
		return err
	}
	for _, e := range d.Notable {
		if _, err := fmt.Fprintln(a.out, eventLine(e)); err != nil {
			return err
		}
	}
	return nil
}

// emitDetail writes a run, its steps and the events worth a look as one line of JSON.
func (a *app) emitDetail(d pipeline.Detail) error {
	events := make([]json.RawMessage, 0, len(d.Notable))
	for _, e := range d.Notable {
		line, err := pipeline.EncodeEvent(e)
		if err != nil {
			return err
		}
		events = append(events, line)
	}
	return a.emit(struct {
		pipeline.Detail
		Events []json.RawMessage `json:"events"`
	}{d, events})
}

func (a *app) printSteps(steps []pipeline.StepRun) error {
	table := printed{
		head:  []string{"step", "engine", "state", "read", "loaded", "rejected", "collapsed", "size", "took", "why"},
		right: []bool{false, false, false, true, true, true, true, true, true},
	}
	for _, s := range steps {
		table.row(string(s.Step), s.Engine, string(s.State), pipeline.FormatCount(s.Read), pipeline.FormatCount(s.Loaded),
			pipeline.FormatCount(s.Rejected), pipeline.FormatCount(s.Collapsed), pipeline.FormatBytes(s.Bytes),
			pipeline.FormatDuration(s.Took(a.now())), s.Reason+s.Err)
	}
	return table.write(a.out, "")
}

// eventLine is an event as the log of a run shows it.
func eventLine(e pipeline.Event) string {
	return e.Head().At.Local().Format(time.TimeOnly) + "  " + clean.Text(pipeline.Describe(e))
}

func (a *app) tellRun(ctx context.Context, args []string) error {
	ids, err := runNumbers(args, 1, "events RUN")
	if err != nil {
		return err
	}
	l, err := a.history(ctx)
	if err != nil {
		return err
	}
	for e, err := range l.Events(ctx, ids[0]) {
		if err != nil {
			return err
		}
		line := []byte(eventLine(e))
		if a.flags.json {
			if line, err = pipeline.EncodeEvent(e); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(a.out, "%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) cancelRun(ctx context.Context, args []string) error {
	ids, err := runNumbers(args, 1, "cancel RUN")
	if err != nil {
		return err
	}
	l, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	if err := l.RequestCancel(ctx, ids[0], a.user()); err != nil {
		return err
	}
	a.say("run %d is asked to stop", ids[0])
	return nil
}

func (a *app) compareRuns(ctx context.Context, args []string) error {
	ids, err := runNumbers(args, 2, "compare RUN RUN")
	if err != nil {
		return err
	}
	l, err := a.history(ctx)
	if err != nil {
		return err
	}
	var sides [2][]pipeline.StepRun
	for i, id := range ids {
		if _, err := l.RunByID(ctx, id); err != nil {
			return err
		}
		if sides[i], err = l.Steps(ctx, id); err != nil {
			return err
		}
	}
	table := printed{
		head:  []string{"step", "", args[0], args[1], "change"},
		right: []bool{false, false, true, true, true},
	}
	for _, d := range pipeline.Compare(sides[0], sides[1]) {
		if a.flags.json {
			if err := a.emit(comparedLine(d)); err != nil {
				return err
			}
			continue
		}
		table.row(string(d.Step), "state", string(d.A.State), string(d.B.State))
		for _, n := range []struct {
			what string
			a, b int64
		}{
			{"read", d.A.Read, d.B.Read},
			{"loaded", d.A.Loaded, d.B.Loaded},
			{"rejected", d.A.Rejected, d.B.Rejected},
			{"collapsed", d.A.Collapsed, d.B.Collapsed},
		} {
			if n.a != 0 || n.b != 0 {
				table.row("", n.what, pipeline.FormatCount(n.a), pipeline.FormatCount(n.b), signed(n.b-n.a, pipeline.FormatCount(n.b-n.a)))
			}
		}
		tookA, tookB := d.A.Took(a.now()), d.B.Took(a.now())
		table.row("", "took", pipeline.FormatDuration(tookA), pipeline.FormatDuration(tookB),
			signed(int64(tookB-tookA), pipeline.FormatDuration(tookB-tookA)))
	}
	if a.flags.json {
		return nil
	}
	return table.write(a.out, "")
}

// comparedLine is a step of two runs as --json writes it; a side is null where the run had no such step.
func comparedLine(d pipeline.StepDelta) any {
	side := func(has bool, s pipeline.StepRun) *pipeline.StepRun {
		if !has {
			return nil
		}
		return &s
	}
	return struct {
		Step pipeline.StepName `json:"step"`
		A    *pipeline.StepRun `json:"a"`
		B    *pipeline.StepRun `json:"b"`
	}{d.Step, side(d.HasA, d.A), side(d.HasB, d.B)}
}

// signed marks growth with a plus.
func signed(n int64, text string) string {
	if n > 0 {
		return "+" + text
	}
	return text
}
