package sql_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/sql"
)

// adviser is an error with advice of its own, as a dialer may return it.
type adviser struct{}

func (adviser) Error() string { return "the server sleeps" }
func (adviser) Hint() string  { return "wake it" }

func TestClarifyIsBrief(t *testing.T) {
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url, says, hint string
		dial                  pgconn.DialFunc
	}{
		{"refused", "postgres://u:" + canary + "@" + nobody + "/d?sslmode=disable", "read it: connect to " + nobody + ": connection refused", "nothing listens", nil},
		{"no socket", "postgres://u:" + canary + "@/d?host=/nonexistent", "read it: connect to /nonexistent: no such file or directory", "start PostgreSQL", nil},
		{"advised", "postgres://u:" + canary + "@" + nobody + "/d?sslmode=disable", "read it: the server sleeps", "wake it", func(context.Context, string, string) (net.Conn, error) {
			return nil, adviser{}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := pgx.ParseConfig(c.url)
			if err != nil {
				t.Fatal(err)
			}
			if c.dial != nil {
				cfg.DialFunc = c.dial
			}
			_, err = pgx.ConnectConfig(t.Context(), cfg)
			err = sql.Clarify(fmt.Errorf("read it: %w", err))
			if err == nil || err.Error() != c.says || !strings.Contains(hint(err), c.hint) {
				t.Errorf("error %q\nhint %q", err, hint(err))
			}
			var connect *pgconn.ConnectError
			if !errors.As(err, &connect) {
				t.Error("what it was is lost")
			}
			if again := sql.Clarify(fmt.Errorf("more: %w", err)); again.Error() != "more: "+c.says {
				t.Errorf("clarified again: %v", again)
			}
		})
	}
}
