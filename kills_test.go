package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/sql"
)

// killsInCI is how many deaths the ordinary tests see; SOAK_KILLS asks for more (make soak: 1,000).
const killsInCI = 60

// killsConfig is the configuration of the runs that die; %s are the URLs, the data folder and the sources' folder.
const killsConfig = `data_dir: %[3]s
staging: {url: "%[1]s", read_url: "%[4]s"}
analytics: {url: "%[2]s", read_url: "%[5]s"}
lake: {url: %[3]s/lake}
sources:
  - name: online-retail
    kind: csv
    path: %[6]s/*.csv*
    format: {timestamp: "%%Y-%%m-%%d %%H:%%M:%%S"}
    timezone: Europe/London
    columns: {invoice_no: InvoiceNo, product_code: StockCode, description: Description, quantity: Quantity,
              unit_price: UnitPrice, ordered_at: InvoiceDate, customer_id: CustomerID, country: Country}
    duplicates: collapse
    return_prefix: C
    adjust_prefix: A
    service_codes: [POST, DOT, M, m, D, S, B, C2, CRUK, PADS, AMAZONFEE, "BANK CHARGES", "gift_*", "DCGS*"]
`

// TestKills lets runs die in every way a run can die, over and over, and looks after each death whether
// the law still holds: what is visible is whole, what was read is loaded or rejected. When all files are
// in, facts, marts and the lake are those of a run that never died.
func TestKills(t *testing.T) {
	want := killsInCI
	if s := os.Getenv("SOAK_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("SOAK_KILLS: %v", err)
		}
		want = n
	} else if testing.Short() {
		want = 12
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SOAK_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("SOAK_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("SOAK_SEED=%d", seed)
	bin := failpointBinary(t)
	days := dayFiles(t)
	reference := newVictim(t, bin, rand.New(rand.NewPCG(seed, 0)), days)
	reference.take(len(days))
	reference.mustRun("--run")
	reference.mustHaveOwnLeaves()
	truth := reference.digest()

	deaths := map[string]int{}
	defer func() { t.Log(countDeaths(deaths)) }()
	for round, kills := uint64(1), 0; kills < want; round++ {
		v := newVictim(t, bin, rand.New(rand.NewPCG(seed, round)), days)
		for len(v.left) > 0 && kills < want {
			v.take(1 + v.rnd.IntN(3))
			how, died := v.die()
			if died {
				kills++
				deaths[how]++
			}
			v.law(how)
			if v.rnd.IntN(6) == 0 {
				v.undoAndReload()
			}
		}
		v.take(len(v.left))
		v.mustRun("--run")
		if got := v.digest(); got != truth {
			t.Fatalf("round %d: after the kills\n%s\nwithout any\n%s", round, got, truth)
		}
		v.law("the end")
		v.close()
		t.Logf("round %d: %d of %d deaths", round, kills, want)
	}
}

// countDeaths lists how many runs died in which way, the commonest first.
func countDeaths(deaths map[string]int) string {
	total, ways := 0, slices.Collect(maps.Keys(deaths))
	slices.SortFunc(ways, func(a, b string) int { return cmp.Or(deaths[b]-deaths[a], strings.Compare(a, b)) })
	var b strings.Builder
	for _, how := range ways {
		total += deaths[how]
		fmt.Fprintf(&b, "\n%6d  %s", deaths[how], how)
	}
	return fmt.Sprintf("%d deaths in %d ways:%s", total, len(ways), b.String())
}

func TestCountDeaths(t *testing.T) {
	got := countDeaths(map[string]int{"kill -9": 2, "publish.file": 10, "SIGTERM": 2})
	if want := "14 deaths in 3 ways:\n    10  publish.file\n     2  SIGTERM\n     2  kill -9"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// failpointBinary builds the program with failpoints in it.
func failpointBinary(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "penstock")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "failpoint", "-o", bin, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// dayFiles are the daily files of Online Retail.
func dayFiles(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("PENSTOCK_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(root, "online-retail", "by-day", "*.csv.gz"))
	if err != nil || len(files) < 20 {
		if os.Getenv("CI") != "" {
			t.Fatalf("the daily files of Online Retail are missing under %s", root)
		}
		t.Skipf("the daily files of Online Retail are missing under %s: set PENSTOCK_TESTDATA", root)
	}
	return files
}

// victim is one installation whose runs die: two databases behind a proxy, a lake, and files that arrive.
type victim struct {
	t     *testing.T
	rnd   *rand.Rand
	bin   string
	dir   string
	db    *localtest.Databases
	proxy *toxiproxy.Proxy
	left  []string
}

func newVictim(t *testing.T, bin string, rnd *rand.Rand, days []string) *victim {
	t.Helper()
	v := &victim{t: t, rnd: rnd, bin: bin, dir: t.TempDir(), db: localtest.NewWith(t, localtest.Options{Durable: true})}
	for _, i := range rnd.Perm(len(days)) {
		v.left = append(v.left, days[i])
	}
	v.startProxy()
	in := filepath.Join(v.dir, "in")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := fmt.Sprintf(killsConfig, v.proxied(sql.Staging), v.proxied(sql.Analytics), v.dir,
		v.db.URL(sql.Staging, "analyst"), v.db.URL(sql.Analytics, "analyst"), in)
	if err := os.WriteFile(v.config(), []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *victim) config() string { return filepath.Join(v.dir, "penstock.yaml") }

func (v *victim) startProxy() {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	host := strings.Split(strings.Split(v.db.TCPURL(sql.Staging, "etl"), "@")[1], "/")[0]
	v.proxy = toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", host)
	if err := v.proxy.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { v.proxy.Stop() })
}

// proxied is a database's URL through the proxy.
func (v *victim) proxied(db sql.Database) string {
	u := v.db.TCPURL(db, "etl")
	host := strings.Split(strings.Split(u, "@")[1], "/")[0]
	return strings.Replace(u, host, v.proxy.Listen, 1)
}

// take lets n more files arrive.
func (v *victim) take(n int) {
	n = min(n, len(v.left))
	for i, f := range v.left[:n] {
		data, err := os.ReadFile(f)
		if err != nil {
			v.t.Fatal(err)
		}
		name := filepath.Base(f)
		if i%2 == 0 { // plain, so that its chunks become tables of their own
			name, data = strings.TrimSuffix(name, ".gz"), unzip(v.t, data)
		}
		if err := os.WriteFile(filepath.Join(v.dir, "in", name), data, 0o600); err != nil {
			v.t.Fatal(err)
		}
	}
	v.left = v.left[n:]
}

func unzip(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return text
}

func (v *victim) command(ctx context.Context, env string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.CommandContext(ctx, v.bin, append([]string{"--config", v.config()}, args...)...)
	cmd.Dir = v.dir
	cmd.Env = append(os.Environ(), testChunk+"=32768", env)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func (v *victim) mustRun(args ...string) string {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 2*time.Minute)
	defer cancel()
	cmd, out := v.command(ctx, "PENSTOCK_FAILPOINT=", args...)
	if err := cmd.Run(); err != nil {
		v.t.Fatalf("penstock %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out.String()
}

// die runs the pipeline and has it end badly in one of many ways; it may be done before.
func (v *victim) die() (how string, died bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 2*time.Minute)
	defer cancel()
	points := pipeline.FailpointNames()
	args := []string{"--run"}
	if v.rnd.IntN(5) == 0 {
		args = append(args, "--rebuild")
	}
	after := time.Duration(20+v.rnd.IntN(1500)) * time.Millisecond
	var harm func(*exec.Cmd)
	env := "PENSTOCK_FAILPOINT="
	switch kind := v.rnd.IntN(10); {
	case kind < 5:
		how = fmt.Sprintf("%s@%d", points[v.rnd.IntN(len(points))], 1+v.rnd.IntN(2))
		env += how
	case kind < 7:
		how = "kill -9"
		harm = func(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
	case kind < 8:
		how = "SIGTERM"
		harm = func(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }
	case kind < 9:
		how = "server stopped"
		harm = func(*exec.Cmd) { v.restart() }
	default:
		how = "connection cut"
		harm = func(*exec.Cmd) { v.cut() }
	}
	cmd, out := v.command(ctx, env, args...)
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	var doing sync.WaitGroup
	if harm != nil {
		doing.Go(func() {
			select {
			case <-time.After(after): // the moment of death is random; nothing is waited for
				harm(cmd)
			case <-ctx.Done():
			}
		})
	}
	err := cmd.Wait()
	doing.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		v.t.Fatalf("%s: %v (%v)\n%s", how, err, ctx.Err(), out)
	}
	if strings.Contains(out.String(), "panic:") {
		v.t.Fatalf("%s: a panic\n%s", how, out)
	}
	return strings.Split(how, "@")[0], err != nil
}

// restart crashes the server and starts it again.
func (v *victim) restart() {
	if err := v.db.StagingServer.Stop(localtest.Immediate); err != nil {
		v.t.Error(err)
	}
	if err := v.db.StagingServer.Start(v.t.Context()); err != nil {
		v.t.Error(err)
	}
}

// cut breaks every connection and takes new ones at once.
func (v *victim) cut() {
	v.proxy.Stop()
	if err := v.proxy.Start(); err != nil {
		v.t.Error(err)
	}
}

// law checks what must hold at any moment, whoever died.
func (v *victim) law(after string) {
	v.t.Helper()
	for _, c := range []struct {
		db   sql.Database
		what string
	}{{sql.Staging, "law_staging.sql"}, {sql.Analytics, "law_analytics.sql"}} {
		text, err := os.ReadFile(filepath.Join("testdata", c.what))
		if err != nil {
			v.t.Fatal(err)
		}
		pool := v.db.Staging
		if c.db == sql.Analytics {
			pool = v.db.Analytics
		}
		var broken string
		err = retry(func() error { return pool.QueryRow(v.t.Context(), string(text)).Scan(&broken) })
		if err != nil {
			v.t.Fatalf("after %s: %s: %v", after, c.what, err)
		}
		if broken != "" {
			v.t.Fatalf("after %s: the law is broken in %s: %s", after, c.db, broken)
		}
	}
}

// retry forgives the pool connections that a stopped server left dead.
func retry(f func() error) error {
	var err error
	for range 10 {
		if err = f(); err == nil {
			return nil
		}
		var op *net.OpError
		if !errors.As(err, &op) && !strings.Contains(err.Error(), "terminat") && !strings.Contains(err.Error(), "EOF") && !strings.Contains(err.Error(), "closed") {
			return err
		}
	}
	return err
}

// mustHaveOwnLeaves holds that plain files went the way of large ones: else nothing would be seen dying there.
func (v *victim) mustHaveOwnLeaves() {
	v.t.Helper()
	var n int
	err := v.db.Staging.QueryRow(v.t.Context(), `SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace AND relname ~ '^purchases_\d+_\d+$'`).Scan(&n)
	if err != nil || n == 0 {
		v.t.Fatalf("%d leaves of their own: %v", n, err)
	}
}

// undoAndReload takes a random load out and brings it back.
func (v *victim) undoAndReload() {
	v.t.Helper()
	v.mustRun("--run")
	var load int64
	err := retry(func() error {
		return v.db.Staging.QueryRow(v.t.Context(), "SELECT id FROM staging.loads WHERE state = 'loaded' ORDER BY random() LIMIT 1").Scan(&load)
	})
	if err != nil {
		v.t.Fatal(err)
	}
	id := strconv.FormatInt(load, 10)
	v.mustRun("--run", "loads", "undo", id, "--yes")
	v.law("undo")
	v.mustRun("--run", "loads", "reload", id, "--yes")
}

// digest is all that must not depend on who died when: facts without their lineage, marts, and the lake.
func (v *victim) digest() string {
	v.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "digest_analytics.sql"))
	if err != nil {
		v.t.Fatal(err)
	}
	var digest string
	if err := retry(func() error { return v.db.Analytics.QueryRow(v.t.Context(), string(text)).Scan(&digest) }); err != nil {
		v.t.Fatal(err)
	}
	ask := "SELECT 'lake' AS what, count(*) AS lines, sum(amount_base) AS amount, (SELECT sum(net_revenue) FROM product_sales) AS products FROM fact_purchase_line"
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute)
	defer cancel()
	cmd, out := v.command(ctx, "PENSTOCK_FAILPOINT=", "--run", "query", "--json", ask)
	if err := cmd.Run(); err != nil {
		v.t.Fatalf("query: %v\n%s", err, out)
	}
	return digest + "\n" + out.String()
}

// close frees what the victim holds, so that a long soak does not fill the machine.
func (v *victim) close() {
	v.proxy.Stop()
	v.db.Staging.Close()
	v.db.Analytics.Close()
	if err := v.db.StagingServer.Stop(localtest.Immediate); err != nil {
		v.t.Error(err)
	}
	if err := os.RemoveAll(v.dir); err != nil {
		v.t.Error(err)
	}
}
