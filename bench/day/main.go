// Command day measures what one more day costs: the whole pipeline, as a process, on a file with the next
// day's purchases, after a big file went through all five steps.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"penstock/bench/quiet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/day:", err)
		os.Exit(1)
	}
}

const config = `data_dir: %s
sources:
  - name: bench
    path: %s
    timezone: Europe/London
    columns: {invoice_no: InvoiceNo, line_no: LineNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country, currency: Currency}
`

type bench struct {
	dir     string
	program string
	out     io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("bench/day", flag.ContinueOnError)
	rows := flags.Int64("rows", 5_000_000, "records of the big file")
	days := flags.Int("days", 3, "days that follow, one by one")
	force := flags.Bool("force", false, "measure on a busy machine all the same")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := quiet.Check(*force, out); err != nil {
		return err
	}
	b := &bench{out: out}
	if b.dir, err = os.MkdirTemp("/tmp", "penstock-day-"); err != nil {
		return err
	}
	b.program = filepath.Join(b.dir, "penstock")
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	parts, err := b.prepare(ctx, *rows, *days)
	if err != nil {
		return err
	}
	defer func() {
		_, stopErr := b.command(context.WithoutCancel(ctx), "--run", "stop", "--yes")
		err = errors.Join(err, stopErr)
	}()
	for i, part := range parts {
		name := fmt.Sprintf("part%02d.csv", i)
		if err := os.Rename(part, filepath.Join(b.dir, "in", name)); err != nil {
			return err
		}
		began := time.Now()
		text, err := b.command(ctx, "--run")
		if err != nil {
			return err
		}
		what := "one more day"
		if i == 0 {
			what = "the big file"
		}
		_, _ = fmt.Fprintf(out, "%s: %.2f s for the whole pipeline\n%s", what, time.Since(began).Seconds(), steps(text))
	}
	return nil
}

// prepare builds the program, generates the file and cuts it.
func (b *bench) prepare(ctx context.Context, rows int64, days int) ([]string, error) {
	// A server that root starts runs as another user, who has to pass through.
	if err := os.Chmod(b.dir, 0o711); err != nil { //nolint:gosec // nothing in it is secret
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(b.dir, "in"), 0o700); err != nil {
		return nil, err
	}
	text := fmt.Sprintf(config, filepath.Join(b.dir, "data"), filepath.Join(b.dir, "in", "*.csv"))
	if err := os.WriteFile(filepath.Join(b.dir, "penstock.yaml"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	whole := filepath.Join(b.dir, "whole.csv")
	for _, args := range [][]string{
		{"build", "-o", b.program, "."},
		{"run", "./bench/gen", "-rows", strconv.FormatInt(rows, 10), "-o", whole},
	} {
		if text, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil { //nolint:gosec // our own packages
			return nil, fmt.Errorf("go %s (run it from the repository's root): %w\n%s", strings.Join(args, " "), err, text)
		}
	}
	return b.cut(whole, days)
}

// cut gives the file without its last whole days, and each of these days as a file.
func (b *bench) cut(whole string, days int) ([]string, error) {
	header, starts, err := dayStarts(whole)
	if err != nil {
		return nil, err
	}
	if len(starts) < days+2 {
		return nil, fmt.Errorf("%s has %d days, too few", whole, len(starts))
	}
	// What follows the last start may be a part of a day: it is left out.
	edges := append([]int64{int64(len(header))}, starts[len(starts)-1-days:]...)
	f, err := os.Open(whole) //nolint:gosec // our own file
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	var parts []string
	for i := range len(edges) - 1 {
		path := filepath.Join(b.dir, fmt.Sprintf("cut%02d", i))
		part := io.MultiReader(strings.NewReader(header), io.NewSectionReader(f, edges[i], edges[i+1]-edges[i]))
		if err := write(path, part); err != nil {
			return nil, err
		}
		parts = append(parts, path)
	}
	return parts, os.Remove(whole)
}

func write(path string, from io.Reader) error {
	to, err := os.Create(path) //nolint:gosec // our own folder
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// dayStarts gives the header line and the offsets at which a later day than all before begins.
func dayStarts(path string) (header string, starts []int64, err error) {
	f, err := os.Open(path) //nolint:gosec // our own file
	if err != nil {
		return "", nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	in := csv.NewReader(f)
	in.ReuseRecord = true
	names, err := in.Read()
	if err != nil {
		return "", nil, err
	}
	header = strings.Join(names, ",") + "\n"
	column := -1
	for i, name := range names {
		if name == "InvoiceDate" {
			column = i
		}
	}
	if column < 0 {
		return "", nil, errors.New("the generated file has no InvoiceDate")
	}
	last := ""
	for {
		at := in.InputOffset()
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return header, starts, nil
		}
		if err != nil {
			return "", nil, err
		}
		if day, _, _ := strings.Cut(record[column], " "); day > last {
			last = strings.Clone(day)
			starts = append(starts, at)
		}
	}
}

func (b *bench) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, b.program, args...) //nolint:gosec // our own program
	cmd.Dir = b.dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("penstock %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stderr.String(), nil
}

// steps picks the lines that say how long each step took.
func steps(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, " took ") || strings.Contains(line, " in ") {
			b.WriteString("  " + line)
		}
	}
	return b.String()
}
