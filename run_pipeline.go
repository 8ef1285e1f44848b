package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"penstock/config"
	"penstock/pipeline"
	"penstock/pipeline/source"
)

// pipelineTasks are the whole pipeline and its steps: the only tasks that combine.
func pipelineTasks() []task {
	steps := []task{
		{name: "pipeline", short: "all steps, in this order; what --run alone does"},
		{name: "ingest", short: "take files in: validate, reject, load into staging"},
		{name: "transform", short: "derive facts and dimensions of what was loaded"},
		{name: "aggregate", short: "bring the marts up to date"},
		{name: "check", short: "look for what should not be; an error stops publish"},
		{name: "publish", short: "bring raw files, facts and marts to the lake"},
	}
	for i := range steps {
		t := &steps[i]
		t.group, t.args = groupSteps, "[STEP ...]"
		t.long = "Steps combine and always run in the order of the pipeline: ingest, transform, aggregate, check, publish.\n" +
			"What is done is not done again: a file is known by its content, facts and marts by what they are made of."
		t.example = "penstock --run " + t.name + "\npenstock --run ingest transform --source online-retail\npenstock --run --engine transform=python --json"
		t.complete = func(_ *app, args []string) []string { return remaining(append(args, t.name)) }
		t.run = func(ctx context.Context, a *app, args []string) error {
			return a.runPipeline(ctx, append([]string{t.name}, args...))
		}
	}
	return steps
}

// remaining are the steps that have not been named yet.
func remaining(named []string) []string {
	var out []string
	for _, step := range pipeline.StepNames() {
		if !slices.Contains(named, string(step)) {
			out = append(out, string(step))
		}
	}
	return out
}

// runPipeline executes the named steps, all of them when none is named.
func (a *app) runPipeline(ctx context.Context, tasks []string) error {
	chosen, err := chooseSteps(tasks)
	if err != nil {
		return err
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	for _, w := range c.Warnings() {
		if w.Key != "" { // those of the file as a whole are doctor's
			a.say("warning: %s", w)
		}
	}
	engines, err := a.engines(c)
	if err != nil {
		return err
	}
	for _, step := range chosen {
		if err := supported(step, engines[step]); err != nil {
			return err
		}
	}
	specs, err := a.specs(c, a.flags.sources)
	if err != nil {
		return err
	}
	ledger, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	plan := pipeline.Plan{Tasks: tasks, Rebuild: a.flags.rebuild, Sources: a.flags.sources}
	for _, name := range chosen {
		step, err := a.step(ctx, c, name, engines[name], specs)
		if err != nil {
			return err
		}
		plan.Steps = append(plan.Steps, step)
	}
	if plan.Options, err = json.Marshal(map[string]any{"engines": engines, "sources": a.flags.sources, "rebuild": a.flags.rebuild, "profile": c.Profile()}); err != nil {
		return err
	}
	x, err := ledger.Start(ctx, plan)
	if err != nil {
		return err
	}
	if err := a.follow(ctx, x); err != nil || len(chosen) < len(pipeline.StepNames()) {
		return err
	}
	return a.tellNext(ctx, c)
}

// chooseSteps turns the words after --run into steps in the order of the pipeline.
func chooseSteps(words []string) ([]pipeline.StepName, error) {
	if len(words) == 0 || slices.Equal(words, []string{"pipeline"}) {
		return pipeline.StepNames(), nil
	}
	all := pipeline.StepNames()
	for _, w := range words {
		switch {
		case slices.Contains(all, pipeline.StepName(w)):
		case w == "pipeline":
			return nil, usageError("pipeline is all steps: it stands alone", "penstock --run pipeline")
		case slices.Contains(names(tasks()), w):
			return nil, usageError(fmt.Sprintf("%q is no step: only steps combine", w), "penstock --run "+w)
		case slices.Contains(names(commands()), w):
			return nil, usageError(fmt.Sprintf("%q is a command, no step", w), "penstock "+w)
		default:
			return nil, unknownName("step", w, remaining(nil), "the steps are "+strings.Join(remaining(nil), ", "))
		}
	}
	return slices.DeleteFunc(all, func(s pipeline.StepName) bool { return !slices.Contains(words, string(s)) }), nil
}

// engines says who executes each step: --engine, else the configuration.
func (a *app) engines(c *config.Config) (map[pipeline.StepName]string, error) {
	out := map[pipeline.StepName]string{
		pipeline.Ingest: c.Engines.Ingest, pipeline.Transform: c.Engines.Transform, pipeline.Aggregate: c.Engines.Aggregate,
		pipeline.Check: "sql", pipeline.Publish: "folder",
	}
	for step, engine := range a.flags.engines {
		have := config.EngineNames()[step]
		if have == nil {
			return nil, unknownName("step in --engine", step, []string{"ingest", "transform", "aggregate"}, "ingest, transform and aggregate have a choice of engine")
		}
		if !slices.Contains(have, engine) {
			return nil, unknownName("engine of "+step, engine, have, step+" is executed by "+strings.Join(have, " or "))
		}
		out[pipeline.StepName(step)] = engine
	}
	return out, nil
}

// supported refuses the engines that this version does not have: all but the first of each step.
func supported(step pipeline.StepName, engine string) error {
	if have := config.EngineNames()[string(step)]; len(have) > 0 && engine != have[0] {
		return usageError("engine "+engine+" of "+string(step)+" is not supported by this version", "use the default: --engine "+string(step)+"="+have[0])
	}
	return nil
}

// specs are the sources that files are read for, those named or all of them, with their defaults.
func (a *app) specs(c *config.Config, named []string) ([]*source.Spec, error) {
	var have []string
	for i := range c.Sources {
		have = append(have, c.Sources[i].Name)
	}
	for _, n := range named {
		if !slices.Contains(have, n) {
			return nil, unknownName("source", n, have, "the sources are "+cmp.Or(strings.Join(have, ", "), "none"))
		}
	}
	var specs []*source.Spec
	for i := range c.Sources {
		s := &c.Sources[i]
		switch {
		case len(named) > 0 && !slices.Contains(named, s.Name):
		case !s.IsAPI():
			specs = append(specs, &s.Spec)
		case s.Required != nil && !*s.Required:
			a.say("warning: source %s is left out: this version reads files only", s.Name)
		default:
			return nil, usageError("source "+s.Name+" is of kind api: this version reads files only",
				"choose others with --source, or mark it required: false")
		}
	}
	if c.IsSample() {
		if err := a.dataDir(c); err != nil {
			return nil, err
		}
		if err := config.WriteSample(c.DataDir); err != nil {
			return nil, err
		}
	}
	return specs, nil
}
