package pipeline

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"penstock/dbadmin/local/localtest"
	"penstock/sql"
)

// forgetful is a connection that breaks, once, in place of telling that a
// COMMIT of events succeeded.
type forgetful struct {
	net.Conn
	armed *atomic.Bool
	cut   *atomic.Int32
}

// Write arms the connection's end when it carries an event with the bait.
func (c *forgetful) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("the bait")) {
		c.armed.Store(true)
	}
	return c.Conn.Write(p)
}

func (c *forgetful) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if bytes.Contains(p[:n], []byte("COMMIT\x00")) && c.armed.CompareAndSwap(true, false) {
		c.cut.Add(1)
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return n, err
}

func TestALostAnswerToCommitIsSettledByTheLedger(t *testing.T) {
	d := localtest.New(t)
	var armed atomic.Bool
	var cut atomic.Int32
	cfg, err := sql.ParseConfig(d.URL(sql.Staging, "etl"), nil, sql.PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var dial net.Dialer
	cfg.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial.DialContext(ctx, network, addr)
		return &forgetful{conn, &armed, &cut}, err
	}
	pool, err := sql.Open(testContext(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	l := NewLedger(pool, d.Analytics, testOptions("ann"))
	t.Cleanup(l.Close)
	say := make(chan Event)
	x := start(t, l, Plan{Steps: []Step{talk(say)}})
	say <- Warning{Message: "the bait"}
	eventually(t, "the connection broke", func(context.Context) bool { return cut.Load() == 1 })
	say <- Warning{Message: "after"}
	close(say)
	out, err := x.Wait()
	if err != nil || out.Spool != "" {
		t.Errorf("%+v %v", out, err)
	}
	if live, kept := collect(t, x.Next, x.ID()), collect(t, l.Next, x.ID()); len(live) != 6 || !reflect.DeepEqual(live, kept) {
		t.Errorf("live   %v\nledger %v", live, kept)
	}
}

// proxied returns a pool that reaches staging through a toxiproxy.
func proxied(t *testing.T, d *localtest.Databases) (*toxiproxy.Proxy, *Ledger) {
	t.Helper()
	direct := d.TCPURL(sql.Staging, "etl")
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "staging", "127.0.0.1:0", u.Host)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	u.Host = proxy.Listen
	cfg, err := sql.ParseConfig(u.String(), nil, sql.PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(testContext(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	o := testOptions("ann")
	o.SpoolDir = t.TempDir()
	l := NewLedger(pool, d.Analytics, o)
	t.Cleanup(l.Close)
	return proxy, l
}

func TestTheNetworkBreaks(t *testing.T) {
	for _, toxic := range []string{
		`{"name": "x", "type": "reset_peer", "stream": "upstream", "toxicity": 1, "attributes": {"timeout": 0}}`,
		`{"name": "x", "type": "reset_peer", "stream": "downstream", "toxicity": 1, "attributes": {"timeout": 0}}`,
		`{"name": "x", "type": "limit_data", "stream": "downstream", "toxicity": 1, "attributes": {"bytes": 100}}`,
		`{"name": "x", "type": "limit_data", "stream": "upstream", "toxicity": 1, "attributes": {"bytes": 300}}`,
		`{"name": "x", "type": "slicer", "stream": "downstream", "toxicity": 1, "attributes": {"average_size": 3, "size_variation": 2}}`,
		`{"name": "x", "type": "latency", "stream": "upstream", "toxicity": 1, "attributes": {"latency": 100, "jitter": 50}}`,
		`{"name": "x", "type": "bandwidth", "stream": "upstream", "toxicity": 1, "attributes": {"rate": 5}}`,
		"down",
	} {
		t.Run(strings.Join(strings.Fields(strings.NewReplacer(`"`, "", ",", "", "{", "", "}", "").Replace(toxic)), " "), func(t *testing.T) {
			d := localtest.New(t)
			proxy, l := proxied(t, d)
			say := make(chan Event)
			x := start(t, l, Plan{Steps: []Step{talk(say)}})
			say <- Warning{Message: "before"}
			if toxic == "down" {
				proxy.Stop()
			} else if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
				t.Fatal(err)
			}
			for range 20 {
				say <- Warning{Message: strings.Repeat("meanwhile ", 20)}
			}
			// The run does not wait for its ledger: they are there at once.
			collectUntil(t, x, 23)
			if toxic == "down" {
				if err := proxy.Start(); err != nil {
					t.Fatal(err)
				}
			} else if err := proxy.Toxics.RemoveToxic(testContext(t), "x"); err != nil {
				t.Fatal(err)
			}
			say <- Warning{Message: "after"}
			close(say)
			out, err := x.Wait()
			if err != nil || out.Spool != "" {
				t.Fatalf("%+v %v", out, err)
			}
			beside := process(t, d, "bob")
			if live, kept := collect(t, x.Next, x.ID()), collect(t, beside.Next, x.ID()); len(live) != 26 || !reflect.DeepEqual(live, kept) {
				t.Errorf("live   %v\nledger %v", live, kept)
			}
			if r, err := beside.RunByID(testContext(t), x.ID()); err != nil || r.State != Done {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
}

// TestAListenerComesBack cuts the connection that viewers are woken by.
func TestAListenerComesBack(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann", func(o *Options) { o.Heartbeat = 20 * time.Millisecond })
	wake, stop := l.Watch(testContext(t), 5)
	defer stop()
	other, stopOther := l.Watch(testContext(t), 6)
	defer stopOther()
	admin := d.Pool(t, sql.Staging, localtest.Admin)
	const listening = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'penstock watch' AND datname = current_database()"
	for range 3 {
		<-wake
		<-other // a new connection wakes everybody
		if n := get[int](t, admin, listening); n != 1 {
			t.Errorf("%d connections listen", n)
		}
		do(t, d.Staging, "SELECT pg_notify('penstock_run', 'nonsense'), pg_notify('penstock_run', '5'), pg_notify('penstock_cancel', '6')")
		<-wake
		select {
		case <-other:
			t.Error("woken by news of another run")
		default:
		}
		get[int](t, admin, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'penstock watch' AND datname = current_database()")
	}
}

func TestAWatcherOfAllRuns(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	wake, stop := l.Watch(testContext(t), 0)
	defer stop()
	<-wake // listening
	if _, err := process(t, d, "bob").Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}}); err != nil {
		t.Fatal(err)
	}
	<-wake
	l.Close()
	late, stopLate := l.Watch(testContext(t), 0)
	defer stopLate()
	select {
	case <-late:
		t.Error("woken after Close")
	default:
	}
}

func TestAnswered(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "42P01"}, true},
		{&pgconn.PgError{Code: "57P01"}, false},
		{&pgconn.ConnectError{}, true},
		{&net.OpError{Op: "write", Err: errors.New("broken pipe")}, false},
		{ErrUnknownEvent, true},
	} {
		if got := answered(c.err); got != c.want {
			t.Errorf("%#v: got %v", c.err, got)
		}
	}
}
