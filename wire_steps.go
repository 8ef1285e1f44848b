package main

import (
	"context"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/pipeline/steps"
)

// step builds one step for an engine.
func (a *app) step(ctx context.Context, c *config.Config, name pipeline.StepName, engine string, specs []*source.Spec) (pipeline.Step, error) {
	if have := config.EngineNames()[string(name)]; len(have) > 0 && engine != have[0] {
		return pipeline.Step{}, usageError("engine "+engine+" of "+string(name)+" is not supported by this version",
			"use the default: --engine "+string(name)+"="+have[0])
	}
	staging, err := a.staging(ctx)
	if err != nil {
		return pipeline.Step{}, err
	}
	analytics, err := a.analytics(ctx)
	if err != nil {
		return pipeline.Step{}, err
	}
	switch name {
	case pipeline.Ingest:
		return steps.Ingest(a.ingestOptions(c, staging, specs)), nil
	case pipeline.Transform, pipeline.Aggregate, pipeline.Check:
	case pipeline.Publish:
		l, err := a.lake(ctx, local.ETL)
		if err != nil {
			return pipeline.Step{}, err
		}
		_ = l
	}
	_ = analytics
	return pipeline.Step{}, usageError("no step "+string(name), "")
}
