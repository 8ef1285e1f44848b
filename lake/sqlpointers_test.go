package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"penstock/dbadmin/local/localtest"
)

// deaf loses the answers to statements that begin with lose, after the server
// has carried them out.
type deaf struct {
	driver.Connector
	lose string
}

func (d deaf) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := d.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return deafConn{c, d.lose}, nil
}

type deafConn struct {
	driver.Conn
	lose string
}

func (c deafConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	execer, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	r, err := execer.ExecContext(ctx, query, args)
	if err == nil && strings.HasPrefix(query, c.lose) {
		return nil, errBroken
	}
	return r, err
}

func (c deafConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	queryer, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	return queryer.QueryContext(ctx, query, args)
}

func TestALostAnswerIsSettledByTheCatalog(t *testing.T) {
	pool := localtest.New(t).Analytics
	for _, lose := range []string{"INSERT INTO iceberg_tables", "UPDATE iceberg_tables"} {
		db := sql.OpenDB(deaf{stdlib.GetPoolConnector(pool), lose})
		t.Cleanup(func() { _ = db.Close() })
		p := NewSQLPointers(db, "n"+strings.ToLower(lose[:6]))
		if _, err := p.Claim(t.Context(), "me"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Swap(t.Context(), "t", "", "v0"), p.Swap(t.Context(), "t", "v0", "v1")); err != nil {
			t.Errorf("the answer to %s is lost: %v", lose, err)
		}
		if err := p.Swap(t.Context(), "t", "v0", "v2"); !errors.Is(err, ErrMoved) && !errors.Is(err, errBroken) {
			t.Errorf("a swap that did not happen: %v", err)
		}
		if at, err := p.Get(t.Context(), "t"); at != "v1" || err != nil {
			t.Errorf("Get = %q, %v", at, err)
		}
	}
}

func TestACatalogThatIsOutOfReach(t *testing.T) {
	pool := localtest.New(t).Analytics
	db := stdlib.OpenDBFromPool(pool)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	l := openLake(t, Options{Catalog: db, Dir: t.TempDir()})
	if _, err := l.At(t.Context(), ""); err == nil || isUnpublished(err) {
		t.Errorf("At = %v", err)
	}
	if _, _, err := l.Published(t.Context(), "facts"); err == nil || isUnpublished(err) {
		t.Errorf("Published = %v", err)
	}
	if _, err := l.Overwrite(t.Context(), Commit{Run: 1}, facts(), nil, newStream().end(), nil); err == nil {
		t.Error("Overwrite succeeded")
	}
	if _, err := l.Expire(t.Context(), 1, 0); err == nil {
		t.Error("Expire succeeded")
	}
	if _, err := l.Tables(t.Context()); err == nil {
		t.Error("Tables succeeded")
	}
}
