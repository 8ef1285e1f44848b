package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// bench is one server with its programs and files in one folder.
type bench struct {
	dir   string
	out   io.Writer
	url   string // of staging, as its owner
	admin string // as superuser
	pid   int    // of the server's first process

	program, generator string
}

// contestant is a way to read a file, and what it took each time.
type contestant struct {
	name string
	file string
	psql bool
	// watched has a console look on.
	watched bool
	runs    []measured
}

// measured is what one run took.
type measured struct {
	wall, client, server time.Duration
	rss                  int64 // bytes of the client at its peak
}

const sources = `
sources:
  - name: bench
    path: %s
    timezone: Europe/London
    columns: {invoice_no: InvoiceNo, line_no: LineNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country, currency: Currency}
`

// bareTable has the columns of the file, in its order, with the types they have in staging, and nothing
// else.
const bareTable = `DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy (
    invoice_no text COLLATE "C" NOT NULL, line_no text COLLATE "C", product_code text COLLATE "C", description text COLLATE "C",
    quantity numeric(14,3) NOT NULL, ordered_at timestamptz NOT NULL, unit_price numeric(18,6) NOT NULL,
    customer_id text COLLATE "C", country text COLLATE "C", currency text COLLATE "C")`

// forget makes staging as empty as it was made.
const forget = `TRUNCATE staging.loads, staging.chunks, staging.rejects;
    DO $$ DECLARE part regclass; BEGIN
        FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'staging.purchases'::regclass LOOP
            EXECUTE 'DROP TABLE ' || part;
        END LOOP;
    END $$`

// start starts the managed server by asking for its address, and makes the schema.
func (b *bench) start(ctx context.Context) error {
	if err := b.configure("none"); err != nil {
		return err
	}
	for role, url := range map[string]*string{"owner": &b.url, "penstock": &b.admin} {
		text, err := b.command(ctx, "penstock", "--run", "url", "staging", "--role", role).Output()
		if err != nil {
			return fmt.Errorf("start the server: %w", told(err))
		}
		*url = strings.TrimSpace(string(text))
	}
	// What autovacuum does depends on when the runs before ended.
	for _, statement := range []string{"ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"} {
		if _, err := b.sql(ctx, b.admin, statement); err != nil {
			return err
		}
	}
	text, err := b.sql(ctx, b.admin, "SHOW data_directory")
	if err != nil {
		return err
	}
	pid, err := os.ReadFile(filepath.Join(strings.TrimSpace(text), "postmaster.pid"))
	if err != nil {
		return err
	}
	_, err = fmt.Sscan(string(pid), &b.pid)
	return err
}

func (b *bench) configure(file string) error {
	text := "data_dir: " + filepath.Join(b.dir, "data") + fmt.Sprintf(sources, file)
	return os.WriteFile(filepath.Join(b.dir, "penstock.yaml"), []byte(text), 0o600)
}

func (b *bench) close(ctx context.Context) error {
	if b.url == "" {
		return nil
	}
	return b.command(ctx, "penstock", "--run", "stop", "--yes").Run()
}

func (b *bench) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if name == "penstock" {
		name = b.program
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = b.dir
	return cmd
}

func (b *bench) sql(ctx context.Context, url, statement string) (string, error) {
	cmd := b.command(ctx, "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement)
	var told bytes.Buffer
	cmd.Stderr = &told
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, told.String())
	}
	return string(text), nil
}

// measure lets a contestant read its file into empty tables once.
func (b *bench) measure(ctx context.Context, c *contestant) error {
	if _, err := b.sql(ctx, b.url, forget+"; "+bareTable); err != nil {
		return err
	}
	if _, err := b.sql(ctx, b.admin, "CHECKPOINT"); err != nil {
		return err
	}
	if err := b.configure(c.file); err != nil {
		return err
	}
	done := func() error { return nil }
	if c.watched {
		var err error
		if done, err = b.watch(ctx); err != nil {
			return err
		}
	}
	m, err := b.timed(c.command(ctx, b))
	if err = errors.Join(err, done()); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.runs = append(c.runs, m)
	_, err = fmt.Fprintf(b.out, "%-22s %6.2f s wall  %5.2f s client  %5.2f s server  %4d MB\n",
		c.name, m.wall.Seconds(), m.client.Seconds(), m.server.Seconds(), m.rss>>20)
	return err
}

func (c *contestant) command(ctx context.Context, b *bench) *exec.Cmd {
	if !c.psql {
		return b.command(ctx, "penstock", "--run", "ingest")
	}
	return b.command(ctx, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", b.url,
		"-c", "SET timezone = 'Europe/London'", "-c", `\copy bench_copy FROM '`+c.file+`' (FORMAT csv, HEADER true)`)
}

func (b *bench) timed(cmd *exec.Cmd) (m measured, err error) {
	var told bytes.Buffer
	cmd.Stderr = &told
	const database = "penstock_staging"
	others := sessions(b.pid, database)
	before, err := serverTime(b.pid)
	if err != nil {
		return m, err
	}
	started := time.Now()
	if err := cmd.Run(); err != nil {
		return m, fmt.Errorf("%w\n%s", err, told.String())
	}
	m.wall = time.Since(started)
	settled(b.pid, database, others)
	after, err := serverTime(b.pid)
	if err != nil {
		return m, err
	}
	m.server = after - before
	m.client = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.rss = usage.Maxrss << 10
	}
	return m, nil
}

// told adds what a program wrote about its failure.
func told(err error) error {
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return err
}
