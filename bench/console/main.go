// Command console measures the console on a real terminal: how soon the first frame is there, what it
// sends and costs while idle and while it watches a run, and how soon a key shows. It prints each figure
// beside the bar that it is held to.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"time"

	"penstock/bench/quiet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/console:", err)
		os.Exit(1)
	}
}

// bench is what is measured and where.
type bench struct {
	dir, program string
	seconds      time.Duration // of each part that is watched
	starts, keys int
}

func run(ctx context.Context, args []string) (err error) {
	b := &bench{}
	flags := flag.NewFlagSet("bench/console", flag.ContinueOnError)
	force := flags.Bool("force", false, "measure on a busy machine all the same")
	flags.StringVar(&b.program, "program", "", "measure this program instead of building one")
	rows := flags.Int64("rows", 20_000_000, "records of the file that is loaded while the console watches")
	flags.DurationVar(&b.seconds, "time", 20*time.Second, "how long idle and live are watched")
	flags.IntVar(&b.starts, "starts", 7, "times the console is started")
	flags.IntVar(&b.keys, "keys", 40, "keys that are pressed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := quiet.Check(*force, os.Stdout); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("/tmp", "penstock-console-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := os.Chmod(b.dir, 0o711); err != nil { // root's server runs as another user
		return err
	}
	if err := b.prepare(ctx, *rows); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.command(context.WithoutCancel(ctx), "--run", "stop", "--yes").Run()) }()
	if text, err := b.command(ctx, "--run", "migrate").CombinedOutput(); err != nil {
		return fmt.Errorf("start the server: %w\n%s", err, text)
	}
	if err := b.first(ctx); err != nil {
		return err
	}
	if err := b.idle(ctx); err != nil {
		return err
	}
	return b.live(ctx)
}

func (b *bench) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.program, args...)
	cmd.Dir = b.dir
	return cmd
}

// prepare builds the programs, writes the file and starts the server.
func (b *bench) prepare(ctx context.Context, rows int64) error {
	build := map[string]string{"./bench/gen": filepath.Join(b.dir, "gen")}
	if b.program == "" {
		b.program = filepath.Join(b.dir, "penstock")
		build["."] = b.program
	}
	var err error
	if b.program, err = filepath.Abs(b.program); err != nil {
		return err
	}
	for pkg, to := range build {
		if text, err := exec.CommandContext(ctx, "go", "build", "-o", to, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s (run it from the repository's root): %w\n%s", pkg, err, text)
		}
	}
	file := filepath.Join(b.dir, "rows.csv")
	gen := exec.CommandContext(ctx, filepath.Join(b.dir, "gen"), "-rows", strconv.FormatInt(rows, 10), "-o", file)
	if text, err := gen.CombinedOutput(); err != nil {
		return fmt.Errorf("generate: %w\n%s", err, text)
	}
	config := "data_dir: " + filepath.Join(b.dir, "data") + "\nsources:\n  - name: bench\n    path: " + file + `
    timezone: Europe/London
    columns: {invoice_no: InvoiceNo, line_no: LineNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country, currency: Currency}
`
	return os.WriteFile(filepath.Join(b.dir, "penstock.yaml"), []byte(config), 0o600)
}

// figure prints a figure beside its bar.
func figure(what string, value float64, unit string, bar float64) {
	verdict := "ok"
	if value > bar {
		verdict = "OVER"
	}
	fmt.Printf("%-44s %10.1f %-5s  bar %g  %s\n", what, value, unit, bar, verdict)
}
