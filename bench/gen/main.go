// Command gen writes a big purchase file for benchmarks: the real lines of Online Retail
// again and again, with new invoice numbers and dates in every copy, so that names, prices
// and basket sizes stay as shops have them. The same flags give the same bytes, always.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var o Options
	flags.Int64Var(&o.Rows, "rows", 5_000_000, "records to write, bad ones included")
	flags.Float64Var(&o.Bad, "bad", 0, "share of bad records, 0.001 = one in a thousand")
	flags.Uint64Var(&o.Seed, "seed", 1, "chooses which records are bad and how")
	from := flags.String("from", filepath.Join(testdata(), "online-retail", "online-retail.csv.gz"), "the real file")
	to := flags.String("o", "-", "file to write, - for standard output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	base, err := readBase(*from)
	if err != nil {
		return err
	}
	out, closeOut, err := create(*to, stdout)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 1<<20)
	facts, err := Generate(buffered, base, o)
	if err == nil {
		err = buffered.Flush()
	}
	if closeErr := closeOut(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", *to, err)
	}
	return json.NewEncoder(stderr).Encode(facts)
}

// testdata is the folder of the real data sets: beside the checkout unless told otherwise.
func testdata() string {
	if dir := os.Getenv("PENSTOCK_TESTDATA"); dir != "" {
		return dir
	}
	return filepath.Join("..", "shared", "data")
}

func readBase(path string) ([]Record, error) {
	f, err := os.Open(path) //nolint:gosec // the operator of the benchmark names the file
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	records, err := Base(zr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return records, nil
}

func create(path string, stdout io.Writer) (io.Writer, func() error, error) {
	if path == "-" {
		return stdout, func() error { return nil }, nil
	}
	f, err := os.Create(path) //nolint:gosec // the operator of the benchmark names the file
	if err != nil {
		return nil, nil, err
	}
	return f, f.Close, nil
}
