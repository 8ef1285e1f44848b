package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"penstock/pipeline"
	"penstock/sql"
)

// transformStage is the work in staging: one snapshot, in which temporary tables say what to derive.
type transformStage struct {
	*transform
	tx pgx.Tx
}

// prepare brings in what the cleaning depends on.
func (s *transformStage) prepare(ctx context.Context) error {
	if _, err := s.tx.Exec(ctx, sql.Text("transform/work.sql"), s.o.ReportTimezone); err != nil {
		return fmt.Errorf("prepare staging: %w", err)
	}
	// Nobody keeps statistics of staging up to date. A nested loop is what guesses without any would
	// choose, and the one join that never ends.
	if _, err := s.tx.Exec(ctx, "SET LOCAL enable_nestloop = off"); err != nil {
		return fmt.Errorf("prepare staging: %w", err)
	}
	if _, err := s.tx.Exec(ctx, sql.Text("transform/session.sql")); err != nil {
		return fmt.Errorf("prepare staging: %w", err)
	}
	if _, err := s.tx.Exec(ctx, "INSERT INTO setting VALUES ($1, $2)", s.o.BaseCurrency, s.o.RatesMaxAgeDays); err != nil {
		return fmt.Errorf("prepare staging: %w", err)
	}
	rules, err := json.Marshal(s.rules)
	if err != nil {
		return fmt.Errorf("hand the rules over: %w", err)
	}
	if _, err := s.tx.Exec(ctx, sql.Text("transform/rules.sql"), string(rules)); err != nil {
		return fmt.Errorf("hand the rules over: %w", err)
	}
	if _, err := s.tx.Exec(ctx, sql.Text("transform/visible.sql")); err != nil {
		return fmt.Errorf("list the loads: %w", err)
	}
	_, err = s.tx.Exec(ctx, "ANALYZE setting, rule, service_code, visible")
	return err
}

// all makes every line of every load a candidate.
func (s *transformStage) all(ctx context.Context) error {
	ids := make([]string, len(s.loads))
	for i, l := range s.loads {
		ids[i] = strconv.FormatInt(l.id, 10)
	}
	text := strings.Replace(sql.Text("transform/candidate_all.sql"), "{loads}", "{"+strings.Join(ids, ",")+"}", 1)
	if _, err := s.tx.Exec(ctx, text); err != nil {
		return fmt.Errorf("choose the lines: %w", err)
	}
	return s.drop(ctx)
}

// some makes the lines of the touched invoices candidates. The lineage in analytics knows the invoices
// of loads that are gone, and which other loads have lines of the touched ones.
func (s *transformStage) some(ctx context.Context, analytics pgx.Tx) error {
	// Without statistics nobody would believe how few blocks the BRIN index leaves to read.
	if _, err := s.tx.Exec(ctx, "SET LOCAL enable_seqscan = off"); err != nil {
		return fmt.Errorf("choose the lines: %w", err)
	}
	if _, err := s.tx.Exec(ctx, sql.Text("transform/touched_added.sql"), s.plan.added); err != nil {
		return fmt.Errorf("find the invoices of new loads: %w", err)
	}
	if len(s.plan.removed) > 0 {
		sources, invoices, err := collectPairs(ctx, analytics, sql.Text("transform/touched_removed.sql"), s.plan.removed)
		if err != nil {
			return fmt.Errorf("find the invoices of loads that are gone: %w", err)
		}
		if _, err := s.tx.Exec(ctx, sql.Text("transform/touched_more.sql"), sources, invoices); err != nil {
			return fmt.Errorf("find the invoices of loads that are gone: %w", err)
		}
	}
	sources, invoices, err := collectPairs(ctx, s.tx, "SELECT source, invoice_no FROM touched")
	if err != nil {
		return fmt.Errorf("find the other loads of the invoices: %w", err)
	}
	rows, err := analytics.Query(ctx, sql.Text("transform/touched_loads.sql"), sources, invoices)
	if err != nil {
		return fmt.Errorf("find the other loads of the invoices: %w", err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("find the other loads of the invoices: %w", err)
	}
	if _, err := s.tx.Exec(ctx, "ANALYZE touched"); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("transform/candidate_some.sql"), s.visible(append(known, s.plan.added...))); err != nil {
		return fmt.Errorf("choose the lines: %w", err)
	}
	for _, text := range []string{"SET LOCAL enable_seqscan = on", "ANALYZE candidate"} {
		if _, err := s.tx.Exec(ctx, text); err != nil {
			return fmt.Errorf("choose the lines: %w", err)
		}
	}
	return s.drop(ctx)
}

// visible returns those of the loads that count.
func (s *transformStage) visible(ids []int64) []int64 {
	kept := []int64{}
	for _, l := range s.loads {
		if slices.Contains(ids, l.id) {
			kept = append(kept, l.id)
		}
	}
	return kept
}

// drop finds the candidates that do not become facts: older versions of an invoice, then repeated lines.
func (s *transformStage) drop(ctx context.Context) error {
	var replace bool
	collapse := []string{}
	for _, r := range s.rules {
		replace = replace || r.Replace
		if r.Collapse {
			collapse = append(collapse, r.Source)
		}
	}
	if replace {
		s.phase("older versions", 0, 0)
		if _, err := s.tx.Exec(ctx, sql.Text("transform/superseded.sql")); err != nil {
			return fmt.Errorf("find older versions of invoices: %w", err)
		}
	}
	if len(collapse) > 0 {
		s.phase("repeated lines", 0, 0)
		const q = "SELECT set_config('penstock.collapse', $1::text[]::text, true)"
		if _, err := s.tx.Exec(ctx, q, collapse); err != nil {
			return fmt.Errorf("find repeated lines: %w", err)
		}
		for _, text := range []string{sql.Text("transform/twins.sql"), "ANALYZE twin", sql.Text("transform/collapsed.sql")} {
			if _, err := s.tx.Exec(ctx, text); err != nil {
				return fmt.Errorf("find repeated lines: %w", err)
			}
		}
	}
	if _, err := s.tx.Exec(ctx, "ANALYZE dropped"); err != nil {
		return err
	}
	const q = "SELECT count(*) FILTER (WHERE NOT superseded), count(*) FILTER (WHERE superseded) FROM dropped"
	return s.tx.QueryRow(ctx, q).Scan(&s.result.Collapsed, &s.result.Discarded)
}

// send streams the derived lines into a table of analytics, and the lineage of their invoices into
// another. More goes into the COPY command of the lines.
func (s *transformStage) send(ctx context.Context, analytics pgx.Tx, lines, lineage pgx.Identifier, more string) error {
	copies := []stream{
		{sql.Text("transform/lines.sql"), lines, more, func(rows, bytes int64) { s.phase("lines", rows, bytes) }},
		{sql.Text("transform/lineage.sql"), lineage, "", func(rows, _ int64) { s.phase("invoices", rows, 0) }},
	}
	for i, c := range copies {
		n, err := c.run(ctx, s.tx.Conn(), analytics.Conn())
		if err != nil {
			return err
		}
		if i == 0 {
			s.result.Loaded = n
			s.result.Read = n + s.result.Collapsed + s.result.Discarded
		}
	}
	s.rc.Fail("transform.copied")
	return nil
}

// phase reports how many rows of the phase are done.
func (t *transform) phase(name string, rows, bytes int64) {
	p := pipeline.Progress{Phase: name, Done: rows, Unit: "rows", Bytes: bytes, Read: t.result.Read, Loaded: t.result.Loaded}
	if name == "lines" {
		p.Loaded = rows
		if t.plan.rebuild {
			for _, l := range t.loads {
				p.Total += l.loaded
			}
			p.Total -= t.result.Collapsed + t.result.Discarded
		}
	}
	t.rc.Progress(p)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// collectPairs reads rows of two texts into two lists.
func collectPairs(ctx context.Context, q querier, text string, args ...any) (a, b []string, err error) {
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return nil, nil, err
	}
	a, b = []string{}, []string{}
	var x, y string
	_, err = pgx.ForEachRow(rows, []any{&x, &y}, func() error {
		a, b = append(a, x), append(b, y)
		return nil
	})
	return a, b, err
}
