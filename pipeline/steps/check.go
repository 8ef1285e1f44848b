package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/pipeline"
	"penstock/sql"
)

// CheckOptions is what check looks at.
type CheckOptions struct {
	Staging, Analytics *pgxpool.Pool
	// Own holds further checks, files *.sql like those in sql/check; nil for none.
	Own fs.FS
	// SampleRows is how many offending rows are kept for a check; 0 = 20.
	SampleRows int
}

// Check returns the step that looks for rows that should not be, engine sql.
//
// A check is a query that returns offending rows. What it found is kept for every run. Rows of a check
// of severity error mark the marts as failed and close the gate before publish; the marts stay as they
// are, for people to look at.
func Check(o CheckOptions) pipeline.Step {
	if o.SampleRows <= 0 {
		o.SampleRows = 20
	}
	return pipeline.Step{
		Name: pipeline.Check, Engine: "sql",
		Run: func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
			c := &check{o: o, rc: rc}
			err := c.run(ctx)
			if err != nil {
				err = fmt.Errorf("check: %w", sql.Clarify(err))
			}
			return c.result, err
		},
	}
}

// check is one execution of the step.
type check struct {
	o      CheckOptions
	rc     *pipeline.RunContext
	checks []checkQuery
	found  []checkFinding
	result pipeline.Result
}

// checkFinding is what one check found.
type checkFinding struct {
	count  int64
	sample string // JSON, an array of objects
}

func (c *check) run(ctx context.Context) (err error) {
	if c.checks, err = readChecks(c.o.Own); err != nil {
		return err
	}
	version, skip, err := c.due(ctx)
	if err != nil || skip != "" {
		c.result.Skipped = skip
		return err
	}
	for i, q := range c.checks {
		c.rc.Progress(pipeline.Progress{Phase: q.name, Done: int64(i), Total: int64(len(c.checks)), Unit: "checks", Read: int64(i)})
		f, err := c.find(ctx, q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		c.found = append(c.found, f)
		c.result.Read++
		if f.count == 0 {
			c.result.Loaded++
			continue
		}
		c.result.Rejected++
		c.result.Gate = c.result.Gate || q.severity == severityError
		c.rc.Emit(pipeline.CheckFailed{Check: q.name, Severity: q.severity, Found: f.count, Message: q.description})
	}
	c.rc.Fail("check.done")
	return c.keep(ctx, version)
}

// due returns the version of the facts to check, or why nothing has to be checked: the same checks have
// passed since the last change.
func (c *check) due(ctx context.Context) (version int64, skip string, err error) {
	var checked int64
	var checks []byte
	var passed bool
	const q = "SELECT version, checked_version, checks, NOT EXISTS (SELECT FROM analytics.mart_state WHERE state <> 'ok') FROM analytics.meta"
	if err := c.o.Analytics.QueryRow(ctx, q).Scan(&version, &checked, &checks, &passed); err != nil {
		return 0, "", fmt.Errorf("read the state of the marts: %w", err)
	}
	switch {
	case version == 0:
		return 0, "there are no facts yet", nil
	case passed && checked == version && bytes.Equal(checks, c.fingerprint()) && !c.rc.Rebuild:
		return 0, "nothing has changed since the checks passed", nil
	}
	return version, "", nil
}

func (c *check) fingerprint() []byte {
	texts := make([]string, len(c.checks))
	for i, q := range c.checks {
		texts[i] = q.text
	}
	return fingerprint(texts)
}

// find runs one check, read only.
func (c *check) find(ctx context.Context, q checkQuery) (f checkFinding, err error) {
	pool := c.o.Analytics
	if q.database == sql.Staging {
		pool = c.o.Staging
	}
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return f, err
	}
	defer func() {
		ctx, stop := c.rc.Cleanup(ctx)
		defer stop()
		err = errors.Join(err, rollback(ctx, tx))
	}()
	now := c.rc.Now().UTC().Format(time.RFC3339Nano)
	if _, err := tx.Exec(ctx, "SELECT set_config('penstock.now', $1, true), set_config('jit', 'off', true)", now); err != nil {
		return f, err
	}
	text := strings.Replace(sql.Text("marts/check_sample.sql"), "{query}", q.text, 1)
	err = tx.QueryRow(ctx, text, c.o.SampleRows).Scan(&f.count, &f.sample)
	return f, err
}

// keep stores what was found and what it means for the marts.
func (c *check) keep(ctx context.Context, version int64) (err error) {
	names, severities, descriptions, counts, samples := []string{}, []string{}, []string{}, []int64{}, []string{}
	var failed []string
	for i, q := range c.checks {
		names, severities, descriptions = append(names, q.name), append(severities, q.severity), append(descriptions, q.description)
		counts, samples = append(counts, c.found[i].count), append(samples, c.found[i].sample)
		if q.severity == severityError && c.found[i].count > 0 {
			failed = append(failed, q.name)
		}
	}
	return pgx.BeginFunc(ctx, c.o.Analytics, func(tx pgx.Tx) error {
		if err := c.rc.Guard(ctx, tx, sql.Analytics); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sql.Text("marts/check_results.sql"), c.rc.ID, c.rc.Now().UTC(), names, severities, descriptions, counts, samples)
		if err != nil {
			return fmt.Errorf("keep what was found: %w", err)
		}
		state, reason := "ok", (*string)(nil)
		if len(failed) > 0 {
			text := strings.Join(failed, ", ")
			state, reason = "failed", &text
		}
		if _, err := tx.Exec(ctx, "UPDATE analytics.mart_state SET state = $1, reason = $2", state, reason); err != nil {
			return fmt.Errorf("mark the marts: %w", err)
		}
		if len(failed) > 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, "UPDATE analytics.meta SET checked_version = $1, checks = $2", version, c.fingerprint()); err != nil {
			return fmt.Errorf("note what was checked: %w", err)
		}
		return nil
	})
}
