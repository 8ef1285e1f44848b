// Package localtest gives tests a real, throw-away PostgreSQL: one server for
// all tests of a package, a fresh migrated pair of databases for each test, or
// servers of their own for tests that crash them.
//
// A package calls Main in its TestMain and New in its tests.
package localtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"penstock/sql"
)

// shared is the package's server; Main owns it, the first New starts it.
var shared struct {
	sync.Mutex
	owned  bool // Main was called: there is somebody to stop the server
	server *Server
	next   int // number of the next pair of databases
}

// Main runs the tests of a package, ends the server that they shared and then
// looks for leaked goroutines. It does not return.
func Main(m *testing.M, opts ...goleak.Option) {
	shared.owned = true
	code := m.Run()
	if s := shared.server; s != nil {
		if err := errors.Join(s.Stop(Immediate), s.remove()); err != nil {
			fmt.Fprintln(os.Stderr, "localtest:", err)
			code = 1
		}
	}
	if code == 0 {
		if err := goleak.Find(opts...); err != nil {
			fmt.Fprintln(os.Stderr, "localtest:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Options says what kind of databases a test needs.
type Options struct {
	Unmigrated bool // empty databases: no schema, but the roles are there
	Own        bool // a server for this test alone, which it may stop
	Durable    bool // fsync on, on a server of its own
	Separate   bool // staging and analytics on one server of their own each
}

// Databases is a pair of databases for one test. The pools and URLs are those
// of the user owner, who may do everything in them; Pool gives other users'.
type Databases struct {
	StagingURL, AnalyticsURL       string
	Staging, Analytics             *pgxpool.Pool
	StagingServer, AnalyticsServer *Server // the same unless Options.Separate

	names map[sql.Database]string
}

// New returns a fresh, migrated pair of databases, dropped after the test.
// Without PostgreSQL on the machine the test is skipped, or fails in CI.
func New(t testing.TB) *Databases {
	t.Helper()
	return NewWith(t, Options{})
}

// NewWith is New with options.
func NewWith(t testing.TB, o Options) *Databases {
	t.Helper()
	ctx := context.Background()
	own := o.Own || o.Durable || o.Separate
	d := &Databases{names: make(map[sql.Database]string)}
	d.StagingServer = acquire(ctx, t, own, o.Durable)
	d.AnalyticsServer = d.StagingServer
	if o.Separate {
		d.AnalyticsServer = acquire(ctx, t, own, o.Durable)
	}
	shared.Lock()
	shared.next++
	n := shared.next
	shared.Unlock()
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		name := fmt.Sprintf("test%d_%s", n, db)
		d.names[db] = name
		s := d.server(db)
		if err := s.create(ctx, db, name, o.Unmigrated); err != nil {
			t.Fatalf("make a test database: %v", err)
		}
		if !own {
			t.Cleanup(func() { s.drop(t, name) })
		}
	}
	d.StagingURL, d.AnalyticsURL = d.URL(sql.Staging, "owner"), d.URL(sql.Analytics, "owner")
	d.Staging, d.Analytics = d.Pool(t, sql.Staging, "owner"), d.Pool(t, sql.Analytics, "owner")
	return d
}

// URL returns a database's URL for a user: owner, etl, analyst or Admin.
func (d *Databases) URL(db sql.Database, user string) string {
	return d.server(db).URL(user, d.names[db])
}

// TCPURL is URL over 127.0.0.1, for what does not know unix sockets.
func (d *Databases) TCPURL(db sql.Database, user string) string {
	return d.server(db).TCPURL(user, d.names[db])
}

// Pool opens a pool for a user, closed after the test.
func (d *Databases) Pool(t testing.TB, db sql.Database, user string) *pgxpool.Pool {
	t.Helper()
	cfg, err := sql.ParseConfig(d.URL(db, user), nil, sql.PoolOptions{AppName: "penstock test"})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func (d *Databases) server(db sql.Database) *Server {
	if db == sql.Analytics {
		return d.AnalyticsServer
	}
	return d.StagingServer
}

// acquire returns the shared server or, where a test needs its own or nobody
// would stop the shared one, a new one that ends with the test.
func acquire(ctx context.Context, t testing.TB, own, durable bool) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil && !own {
		return shared.server
	}
	s, err := newServer(ctx, durable)
	if errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true" {
		t.Skip("needs PostgreSQL: ", err)
	}
	if err != nil {
		t.Fatalf("make a test server: %v", err)
	}
	if own || !shared.owned {
		t.Cleanup(func() {
			if err := errors.Join(s.Stop(Immediate), s.remove()); err != nil {
				t.Errorf("end the test server: %v", err)
			}
		})
	}
	if err := s.Start(ctx); err != nil {
		t.Fatalf("start a test server: %v", errors.Join(err, s.remove()))
	}
	if !own && shared.owned {
		shared.server = s
	}
	return s
}

// admin runs something as superuser in a database.
func (s *Server) admin(ctx context.Context, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.URL(Admin, database))
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(ctx))
}
