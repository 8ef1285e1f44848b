package steps

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"penstock/lake"
	"penstock/pipeline"
	"penstock/sql"
)

// Lake is where publish writes tables; *lake.Lake is one.
type Lake interface {
	Overwrite(ctx context.Context, c lake.Commit, t lake.Table, months []time.Time, rows io.Reader, progress func(rows, bytes int64)) (lake.Stats, error)
	Published(ctx context.Context, table string) (run, version int64, err error)
	Sweep(ctx context.Context) (int, error)
	Expire(ctx context.Context, keep int, olderThan time.Duration) (int, error)
}

// PublishOptions is what publish works with.
type PublishOptions struct {
	Staging, Analytics *pgxpool.Pool
	Engine             string     // as the ledger names it
	Lake               Lake       // the tables
	Raw                lake.Store // the raw files
	// Open opens the file of a load again, as it lies there.
	Open func(origin string) (io.ReadCloser, error)
	// KeepSnapshots and KeepFor say what Expire leaves: so many snapshots of a
	// table and those younger. Zero KeepSnapshots keeps all.
	KeepSnapshots int
	KeepFor       time.Duration
}

// copyBuffer is how many bytes of a COPY go to the lake at once.
const copyBuffer = 256 << 10

const factTable = "fact_purchase_line"

// PublishedTables returns the tables of analytics that a publish brings to the lake.
func PublishedTables() []string {
	return []string{
		factTable, "product_sales", "customer_value", "daily_sales", "hourly_sales",
		"country_sales", "product_pairs", "customer_cohorts", "inventory",
	}
}

// Publish returns the step that brings raw files, facts and marts to the lake:
// one snapshot a table, all of them of one snapshot of the database. The months
// of the facts that did not change stay as they are.
func Publish(o PublishOptions) pipeline.Step {
	return pipeline.Step{Name: pipeline.Publish, Engine: o.Engine, Run: func(ctx context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
		p := &publisher{PublishOptions: o, rc: rc}
		return p.run(ctx)
	}}
}

type publisher struct {
	PublishOptions
	rc     *pipeline.RunContext
	state  publishState
	result pipeline.Result
	tables int
}

// publishState is what sql/lake/state.sql says.
type publishState struct {
	Version, MartsVersion, MartsRun int64
	Reason                          string
	Failed, Unchecked               bool
}

func (p *publisher) run(ctx context.Context) (pipeline.Result, error) {
	raw, err := p.raw(ctx)
	if err != nil {
		return p.result, err
	}
	tx, err := p.Analytics.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return p.result, fmt.Errorf("publish: begin: %w", sql.Clarify(err))
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	// Held until the end: no later run can take over while tables are published.
	if err := p.rc.Guard(ctx, tx, sql.Analytics); err != nil {
		return p.result, err
	}
	skip, err := p.due(ctx, tx)
	if err != nil {
		return p.result, whose(ctx, tx, err)
	}
	if skip != "" {
		if raw == 0 {
			p.result.Skipped = skip
		}
		return p.result, nil
	}
	if _, err := p.Lake.Sweep(ctx); err != nil {
		return p.result, fmt.Errorf("publish: remove files of an earlier publish that did not end: %w", whose(ctx, tx, err))
	}
	for _, name := range PublishedTables() {
		if err := p.table(ctx, tx, name); err != nil {
			return p.result, whose(ctx, tx, err)
		}
		p.tables++
	}
	if p.KeepSnapshots > 0 {
		if _, err := p.Lake.Expire(ctx, p.KeepSnapshots, p.KeepFor); err != nil {
			p.rc.Emit(pipeline.Warning{Step: pipeline.Publish, Message: fmt.Sprintf("old snapshots could not be removed: %v", err)})
		}
	}
	return p.result, nil
}

// whose tells an error of the lake's files from one of its catalog, whose server is that of analytics.
func whose(ctx context.Context, tx pgx.Tx, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if dead := tx.Conn().Ping(ctx); dead != nil {
		return sql.Clarify(fmt.Errorf("%w (%w)", err, dead))
	}
	return err
}

// gateError says that the marts may not be published as they are.
type gateError struct{ msg, hint string }

func (e *gateError) Error() string { return e.msg }

// Hint says which step to run.
func (e *gateError) Hint() string { return e.hint }

// due finds out whether there is anything to publish, and returns why not.
func (p *publisher) due(ctx context.Context, tx pgx.Tx) (skip string, err error) {
	s := &p.state
	if err := tx.QueryRow(ctx, sql.Text("lake/state.sql")).Scan(&s.Version, &s.MartsVersion, &s.MartsRun, &s.Reason, &s.Failed, &s.Unchecked); err != nil {
		return "", fmt.Errorf("publish: read the state of the marts: %w", sql.Clarify(err))
	}
	switch {
	case s.Version == 0:
		return "there are no facts yet", nil
	case s.MartsVersion != s.Version:
		return "", &gateError{"the marts are older than the facts", "run the steps before it too: penstock --run aggregate check publish"}
	case s.Failed:
		p.result.Gate = true
		return "a check failed: " + s.Reason, nil
	case s.Unchecked:
		return "", &gateError{"the marts were not checked yet", "run penstock --run check publish"}
	}
	if p.rc.Rebuild {
		return "", nil
	}
	oldest := int64(0)
	for i, name := range PublishedTables() {
		run, version, err := p.published(ctx, name)
		if err != nil {
			return "", err
		}
		if version != s.Version || run < s.MartsRun || i > 0 && run != oldest {
			return "", nil
		}
		oldest = run
	}
	return fmt.Sprintf("run %d has published all there is", oldest), nil
}

// published returns the run and version that a table was last published by; zeros when it never was.
func (p *publisher) published(ctx context.Context, name string) (run, version int64, err error) {
	run, version, err = p.Lake.Published(ctx, name)
	var never *lake.UnpublishedError
	if errors.As(err, &never) {
		return 0, 0, nil
	}
	return run, version, err
}

func (p *publisher) table(ctx context.Context, tx pgx.Tx, name string) error {
	t, err := lakeTable(ctx, tx, name)
	if err != nil {
		return fmt.Errorf("publish %s: %w", name, err)
	}
	var months []time.Time
	var spans []sql.Span
	if name == factTable {
		t.PartitionByMonth = "ordered_at"
		if months, err = p.months(ctx, tx); err != nil {
			return fmt.Errorf("publish %s: read which months changed: %w", name, sql.Clarify(err))
		}
		spans = monthSpans(months)
	}
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	done := p.result
	c := lake.Commit{Run: p.rc.ID, Version: p.state.Version, Tables: PublishedTables()}
	stats, err := p.stream(ctx, tx, sql.CopyOut(pgx.Identifier{"analytics", name}, columns, t.PartitionByMonth, spans), func(r io.Reader) (lake.Stats, error) {
		return p.Lake.Overwrite(ctx, c, t, months, r, func(rows, bytes int64) {
			p.rc.Progress(pipeline.Progress{
				Phase: name, Done: int64(p.tables), Total: int64(len(PublishedTables())), Unit: "tables",
				Read: done.Read + rows, Loaded: done.Loaded + rows, Bytes: done.Bytes + bytes,
			})
		})
	})
	if err != nil {
		return err
	}
	p.result.Read += stats.Rows
	p.result.Loaded += stats.Rows
	p.result.Bytes += stats.Bytes
	return nil
}

// stream runs a COPY TO STDOUT into what reads it. The reader's error is the
// one that counts unless the database failed first.
func (p *publisher) stream(ctx context.Context, tx pgx.Tx, copyOut string, read func(io.Reader) (lake.Stats, error)) (lake.Stats, error) {
	r, w := io.Pipe()
	var copied error
	var copying sync.WaitGroup
	copying.Go(func() {
		// CopyTo writes row by row, and each write to a pipe waits for its reader.
		buffer := bufio.NewWriterSize(w, copyBuffer)
		_, copied = tx.Conn().PgConn().CopyTo(ctx, buffer, copyOut)
		if copied == nil {
			copied = buffer.Flush()
		}
		_ = w.CloseWithError(copied)
	})
	stats, err := read(r)
	_ = r.CloseWithError(errors.Join(errStopped, err))
	copying.Wait()
	if copied != nil && !errors.Is(copied, errStopped) {
		return stats, fmt.Errorf("publish: read from analytics: %w", sql.Clarify(copied))
	}
	return stats, err
}

// errStopped ends a COPY whose reader gave up.
var errStopped = errors.New("the reader stopped")

// months returns the months of the facts to write anew; nil means all, which is
// cheaper too when it is most of them.
func (p *publisher) months(ctx context.Context, tx pgx.Tx) ([]time.Time, error) {
	if p.rc.Rebuild {
		return nil, nil
	}
	_, version, err := p.published(ctx, factTable)
	if err != nil || version == 0 || version > p.state.Version {
		return nil, err
	}
	rows, err := tx.Query(ctx, sql.Text("lake/months.sql"), version)
	if err != nil {
		return nil, err
	}
	changed, all := []time.Time{}, 0
	var month time.Time
	var touched bool
	_, err = pgx.ForEachRow(rows, []any{&month, &touched}, func() error {
		all++
		if touched {
			changed = append(changed, month)
		}
		return nil
	})
	if 2*len(changed) > all {
		return nil, err
	}
	return changed, err
}

// monthSpans returns the time that months cover, joined where they follow each other; nil for nil.
func monthSpans(months []time.Time) []sql.Span {
	if months == nil {
		return nil
	}
	spans := []sql.Span{}
	for _, m := range slices.SortedFunc(slices.Values(months), time.Time.Compare) {
		end := m.AddDate(0, 1, 0)
		if n := len(spans); n > 0 && spans[n-1].To.Equal(m) {
			spans[n-1].To = end
			continue
		}
		spans = append(spans, sql.Span{From: m, To: end})
	}
	return spans
}

// lakeTable reads the shape of a table from the catalog of analytics.
func lakeTable(ctx context.Context, tx pgx.Tx, name string) (lake.Table, error) {
	rows, err := tx.Query(ctx, sql.Text("lake/columns.sql"), name)
	if err != nil {
		return lake.Table{}, sql.Clarify(err)
	}
	t := lake.Table{Name: name}
	var c lake.Column
	var typ string
	_, err = pgx.ForEachRow(rows, []any{&c.Name, &typ, &c.Precision, &c.Scale, &c.Required}, func() error {
		var ok bool
		if c.Type, ok = lakeTypes()[typ]; !ok {
			return fmt.Errorf("column %s has type %s, which the lake has no type for", c.Name, typ)
		}
		t.Columns = append(t.Columns, c)
		return nil
	})
	return t, sql.Clarify(err)
}

func lakeTypes() map[string]lake.Type {
	return map[string]lake.Type{
		"text": lake.Text, "int2": lake.Int2, "int4": lake.Int4, "int8": lake.Int8, "numeric": lake.Numeric,
		"timestamptz": lake.Timestamptz, "date": lake.Date, "bool": lake.Bool, "float8": lake.Float8, "jsonb": lake.JSON,
	}
}
