package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/pipeline/source"
	"penstock/sql"
)

// TransformOptions is what transform derives facts by.
type TransformOptions struct {
	Staging, Analytics *pgxpool.Pool
	// Sources hold the rules; a source that has loads but is not here is derived by the defaults.
	Sources []*source.Spec
	// BaseCurrency is what amounts are converted to and what a source has that names none.
	BaseCurrency string
	// ReportTimezone is the IANA name of the zone that days of facts and marts are in.
	ReportTimezone string
	// RatesMaxAgeDays is how old the last rate before a day may be.
	RatesMaxAgeDays int
}

// Transform returns the step that derives facts and dimensions from staging, engine sql.
//
// The facts are a pure function of the loads that are there and the rules. What changed since the last
// time is found by comparing the two databases; the invoices it touches are derived anew, or all of
// them, beside the old tables, where rules changed or most lines did. Facts, dimensions, the changes
// that the marts have to follow and the list of loads commit together.
func Transform(o TransformOptions) pipeline.Step {
	return pipeline.Step{
		Name: pipeline.Transform, Engine: "sql",
		Run: func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
			t := &transform{o: o, rc: rc}
			err := t.run(ctx)
			if err != nil {
				err = fmt.Errorf("transform: %w", sql.Clarify(err))
			}
			return t.result, err
		},
	}
}

// transform is one execution of the step.
type transform struct {
	o      TransformOptions
	rc     *pipeline.RunContext
	rules  []transformRule
	loads  []transformLoad
	state  transformState
	plan   transformPlan
	result pipeline.Result
}

func (t *transform) run(ctx context.Context) (err error) {
	if err := t.readState(ctx); err != nil {
		return err
	}
	staging, err := t.o.Staging.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return fmt.Errorf("begin in staging: %w", err)
	}
	// Nothing but temporary tables is written there: there is nothing to commit.
	defer func() {
		ctx, stop := t.rc.Cleanup(ctx)
		defer stop()
		err = errors.Join(err, rollback(ctx, staging))
	}()
	uuid, global, err := t.readStaging(ctx, staging)
	if err != nil {
		return err
	}
	t.plan = planTransform(t.state, transformInput{
		staging: uuid, global: global, loads: t.loads, rules: t.rules, rebuild: t.rc.Rebuild,
	})
	if t.plan.skip != "" {
		t.result.Skipped = t.plan.skip
		return nil
	}
	if t.plan.warning != "" {
		t.rc.Emit(pipeline.Warning{Step: pipeline.Transform, Message: t.plan.warning})
	}
	stage := &transformStage{transform: t, tx: staging}
	if err := stage.prepare(ctx); err != nil {
		return err
	}
	if t.plan.rebuild {
		return t.rebuild(ctx, stage)
	}
	return t.change(ctx, stage)
}

// readState reads what the facts were made of.
func (t *transform) readState(ctx context.Context) error {
	s := transformState{applied: map[int64]appliedLoad{}, rules: map[string]string{}}
	var ids, loaded []int64
	var hashes, fingerprints [][]byte
	var sources []string
	err := t.o.Analytics.QueryRow(ctx, sql.Text("transform/state.sql")).
		Scan(&s.version, &s.staging, &s.global, &ids, &hashes, &loaded, &sources, &fingerprints)
	if err != nil {
		return fmt.Errorf("read what the facts were made of: %w", err)
	}
	for i, id := range ids {
		s.applied[id] = appliedLoad{hash: string(hashes[i]), loaded: loaded[i]}
	}
	for i, name := range sources {
		s.rules[name] = string(fingerprints[i])
	}
	t.state = s
	return nil
}

// readStaging reads the loads that count, makes the rules of their sources, and returns the UUID of the
// staging database and a fingerprint of what all facts depend on.
func (t *transform) readStaging(ctx context.Context, tx pgx.Tx) (uuid string, global []byte, err error) {
	var rates *string
	if err := tx.QueryRow(ctx, sql.Text("transform/staging.sql")).Scan(&uuid, &rates); err != nil {
		return "", nil, fmt.Errorf("read the rates: %w", err)
	}
	rows, err := tx.Query(ctx, sql.Text("transform/loads.sql"))
	if err != nil {
		return "", nil, fmt.Errorf("read the loads: %w", err)
	}
	t.loads, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (l transformLoad, err error) {
		var hash []byte
		err = row.Scan(&l.id, &l.source, &hash, &l.read, &l.loaded, &l.rejected, &l.onChange)
		l.hash = string(hash)
		return l, err
	})
	if err != nil {
		return "", nil, fmt.Errorf("read the loads: %w", err)
	}
	var unknown []string
	t.rules, unknown = makeRules(t.loads, t.o)
	for _, name := range unknown {
		t.rc.Emit(pipeline.Warning{
			Step: pipeline.Transform, Source: name,
			Message: fmt.Sprintf("source %s has loads but is not in the config: its facts are derived by the default rules", name),
			Hint:    "put it back, or take its loads out with penstock --run loads undo",
		})
	}
	return uuid, globalFingerprint(t.o, rates), nil
}

func rollback(ctx context.Context, tx pgx.Tx) error {
	err := tx.Rollback(ctx)
	if errors.Is(err, pgx.ErrTxClosed) || tx.Conn().IsClosed() {
		return nil // committed, or the connection died and the error that it died of is known
	}
	return err
}
