package main

import (
	"context"
	"io"
	"io/fs"
	"os"
	"time"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/pipeline/steps"
)

// step builds one step for an engine. Ingest reads the chosen sources; the others derive by the rules of
// all of them.
func (a *app) step(ctx context.Context, c *config.Config, name pipeline.StepName, engine string, chosen []*source.Spec) (pipeline.Step, error) {
	if err := supported(name, engine); err != nil {
		return pipeline.Step{}, err
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
		o, err := a.ingestOptions(c, staging, chosen)
		return steps.Ingest(o), err
	case pipeline.Transform:
		return steps.Transform(steps.TransformOptions{
			Staging: staging, Analytics: analytics, Sources: fileSpecs(c),
			BaseCurrency: c.BaseCurrency, ReportTimezone: c.ReportTimezone, RatesMaxAgeDays: c.Rates.MaxAgeDays,
		}), nil
	case pipeline.Aggregate:
		return steps.Aggregate(steps.AggregateOptions{
			Analytics: analytics, ReportTimezone: c.ReportTimezone,
			PairMinProducts: c.Marts.Pairs.MinProducts, PairMaxProducts: c.Marts.Pairs.MaxProducts, PairMinInvoices: c.Marts.Pairs.MinInvoices,
			LeadTimeDays: c.Inventory.LeadTimeDays, ServiceLevel: c.Inventory.ServiceLevel,
		}), nil
	case pipeline.Check:
		var own fs.FS
		if c.Checks.Dir != "" {
			own = os.DirFS(c.Checks.Dir)
		}
		return steps.Check(steps.CheckOptions{Staging: staging, Analytics: analytics, Own: own}), nil
	default:
		l, err := a.lake(ctx, local.ETL)
		if err != nil {
			return pipeline.Step{}, err
		}
		return steps.Publish(steps.PublishOptions{
			Staging: staging, Analytics: analytics, Engine: engine, Lake: l, Raw: l.Store(),
			Open:          func(origin string) (io.ReadCloser, error) { return os.Open(origin) }, //nolint:gosec // a load's own file
			KeepSnapshots: c.Retention.KeepSnapshots, KeepFor: time.Duration(c.Retention.Snapshots),
		}), nil
	}
}

// fileSpecs are the sources that are read from files, with their rules.
func fileSpecs(c *config.Config) []*source.Spec {
	var specs []*source.Spec
	for i := range c.Sources {
		if !c.Sources[i].IsAPI() {
			specs = append(specs, &c.Sources[i].Spec)
		}
	}
	return specs
}
