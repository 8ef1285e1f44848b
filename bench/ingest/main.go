// Command ingest measures how fast the whole program takes a big file in, beside psql's \copy of the same
// columns into a bare typed table, on the same managed server: interleaved pairs, medians, processor
// seconds of client and server, the client's memory.
package main

import (
	"context"
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

	"penstock/bench/quiet"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/ingest:", err)
		os.Exit(1)
	}
}

type options struct {
	rows  int64
	pairs int
	bad   []float64
	dir   string
	force bool
	watch bool
	keep  bool
	built string
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench/ingest", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Int64Var(&o.rows, "rows", 5_000_000, "records of the file")
	flags.IntVar(&o.pairs, "pairs", 5, "interleaved runs of each contestant")
	bad := flags.String("bad", "0.001,0.1", "measure files with these shares of bad records too; empty for none")
	flags.StringVar(&o.dir, "dir", "", "work in this folder and leave it there (default: a temporary one)")
	flags.StringVar(&o.built, "program", "", "measure this program instead of building one")
	flags.BoolVar(&o.force, "force", false, "measure on a busy machine all the same")
	flags.BoolVar(&o.watch, "watched", false, "compare a load that a console watches with one that nobody watches")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	for _, s := range strings.FieldsFunc(*bad, func(r rune) bool { return r == ',' }) {
		share, err := strconv.ParseFloat(s, 64)
		if err != nil || share <= 0 || share >= 1 {
			return o, fmt.Errorf("-bad: %q is no share between 0 and 1", s)
		}
		o.bad = append(o.bad, share)
	}
	o.keep = o.dir != ""
	return o, nil
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args, out)
	if err != nil {
		return err
	}
	if err := quiet.Check(o.force, out); err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("/tmp", "penstock-bench-"); err != nil {
			return err
		}
		// A server that root starts runs as another user, who has to pass through.
		if err := os.Chmod(o.dir, 0o711); err != nil { //nolint:gosec // nothing in it is secret
			return err
		}
	}
	b := &bench{dir: o.dir, out: out}
	defer func() {
		err = errors.Join(err, b.close(context.WithoutCancel(ctx)))
		if !o.keep {
			err = errors.Join(err, os.RemoveAll(o.dir))
		}
	}()
	if err := b.build(ctx, o.built); err != nil {
		return err
	}
	contestants, err := b.contestants(ctx, o)
	if err != nil {
		return err
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	for pair := range o.pairs {
		for i := range contestants {
			if pair%2 == 1 { // who comes first is not always the same
				i = len(contestants) - 1 - i
			}
			if err := b.measure(ctx, &contestants[i]); err != nil {
				return err
			}
		}
	}
	if o.watch {
		return b.reportWatched(contestants)
	}
	return b.report(ctx, contestants)
}

// build compiles what is measured, and the generator.
func (b *bench) build(ctx context.Context, program string) (err error) {
	b.program, b.generator = filepath.Join(b.dir, "penstock"), filepath.Join(b.dir, "gen")
	packages := map[string]string{".": b.program, "./bench/gen": b.generator}
	if program != "" {
		delete(packages, ".")
		if b.program, err = filepath.Abs(program); err != nil {
			return err
		}
	}
	for pkg, to := range packages {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", to, pkg) //nolint:gosec // our own packages
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s (run it from the repository's root): %w\n%s", pkg, err, text)
		}
	}
	return nil
}

// contestants generates the files and says who reads which.
func (b *bench) contestants(ctx context.Context, o options) ([]contestant, error) {
	clean, err := b.generate(ctx, o.rows, 0)
	if err != nil {
		return nil, err
	}
	if o.watch {
		return []contestant{{name: "unwatched", file: clean}, {name: "watched", file: clean, watched: true}}, nil
	}
	list := []contestant{
		{name: "psql \\copy", file: clean, psql: true},
		{name: "penstock", file: clean},
	}
	for _, share := range o.bad {
		f, err := b.generate(ctx, o.rows, share)
		if err != nil {
			return nil, err
		}
		list = append(list, contestant{name: fmt.Sprintf("penstock, %g %% bad", share*100), file: f})
	}
	return list, nil
}

func (b *bench) generate(ctx context.Context, rows int64, bad float64) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("rows%d-bad%g.csv", rows, bad))
	if _, err := os.Stat(path); err == nil {
		return path, nil // the same flags give the same bytes
	}
	cmd := exec.CommandContext(ctx, b.generator, //nolint:gosec // our own program
		"-rows", strconv.FormatInt(rows, 10), "-bad", strconv.FormatFloat(bad, 'g', -1, 64), "-o", path)
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("generate %s: %w\n%s", path, err, text)
	}
	return path, nil
}
