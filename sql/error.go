package sql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrGone says that the server, or the way to it, went away under a connection.
var ErrGone = errors.New("the PostgreSQL server went away")

// Error is an error with a hint on what to do about it. The error it wraps
// (a *pgconn.PgError with SQLSTATE, detail and position, where the server said
// something) is found with errors.As.
type Error struct {
	err  error
	hint string
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the error without the hint.
func (e *Error) Unwrap() error { return e.err }

// Hint returns what to do next, in one sentence without a full stop.
func (e *Error) Hint() string { return e.hint }

// Clarify returns an error of the database as one with a Hint, if there is
// something to advise, and any other error, nil too, as it is. What only says
// that a connection broke becomes an ErrGone.
func Clarify(err error) error {
	if err == nil {
		return nil
	}
	err = brief(err)
	if advised(err) != nil {
		return err
	}
	if broken(err) {
		return &Error{err: fmt.Errorf("%w: %w", ErrGone, err), hint: "see that the server runs and can be reached, then try again"}
	}
	if hint := hintFor(err); hint != "" {
		return &Error{err: err, hint: hint}
	}
	return err
}

// Gone reports whether an error is that of a server that went away, as far as
// the error tells: an ErrGone, the server's own word that it stops, starts or
// ended the session, or a connection that could not be opened.
func Gone(err error) bool {
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	if errors.As(err, &server) {
		return strings.HasPrefix(server.Code, "57P0")
	}
	return errors.Is(err, ErrGone) || errors.As(err, &connect)
}

// broken reports whether an error of a connection is that it broke, in words
// that files may have, too.
func broken(err error) bool {
	var server *pgconn.PgError
	var connect *pgconn.ConnectError
	if errors.As(err, &server) || errors.As(err, &connect) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE, driver.ErrBadConn} {
		if errors.Is(err, e) {
			return true
		}
	}
	return strings.Contains(err.Error(), "conn closed") // pgx has no name for it
}

// parseError says what is wrong with a connection URL without quoting any of
// it: where a password has characters that split a URL in the wrong place,
// even the parser's own words hold pieces of it.
func parseError(err error) error {
	msg, hint := "the URL of the database is not valid", "write postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full; in a password write / as %2F, @ as %40, : as %3A, # as %23"
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		msg = fmt.Sprintf("the URL of the database names %s: %v", path.Path, path.Err)
		hint = "check the file that the URL or a PG* variable names (sslrootcert, sslcert, sslkey, servicefile)"
	case strings.Contains(err.Error(), "sslmode is invalid"):
		hint = "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"
	case strings.Contains(err.Error(), "service"):
		msg, hint = "the service that the URL of the database names is not defined", "check the service file (PGSERVICEFILE or ~/.pg_service.conf)"
	}
	return &Error{err: errors.New(msg), hint: hint}
}

// connectError names the server and the user, and keeps of the driver's error
// the cause; its own text repeats the same once for every address it tried.
func connectError(cfg *pgconn.Config, err error) error {
	where := cfg.Host
	if !strings.HasPrefix(where, "/") {
		where = net.JoinHostPort(cfg.Host, fmt.Sprint(cfg.Port))
	}
	return Clarify(fmt.Errorf("connect to %s at %s as %s: %w", cfg.Database, where, cfg.User, &cause{err}))
}

// cause prints the innermost message of a connection error, wraps it all.
type cause struct{ err error }

func (c *cause) Unwrap() error { return c.err }

func (c *cause) Error() string {
	var server *pgconn.PgError
	var dns *net.DNSError
	var op *net.OpError
	advice := advised(c.err)
	switch {
	case advice != nil:
		return advice.Error()
	case errors.As(c.err, &server):
		return server.Message
	case errors.As(c.err, &dns):
		return "no such host " + dns.Name
	case errors.Is(c.err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(c.err, &op):
		return op.Err.Error()
	}
	var connect *pgconn.ConnectError
	if errors.As(c.err, &connect) {
		return innermost(connect).Error()
	}
	return c.err.Error()
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func hintFor(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return stateHint(server)
	}
	var (
		dns      *net.DNSError
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		timedOut net.Error
	)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: start PostgreSQL, correct host and port, or set url: local for a managed server"
	case errors.Is(err, fs.ErrNotExist):
		return "the socket is not there: start PostgreSQL, correct the host, or set url: local for a managed server"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not open the socket: run as a user who may, or connect over TCP"
	case errors.As(err, &dns):
		return "correct the host in the URL, or check the name server"
	case errors.As(err, &unknown), errors.As(err, &invalid):
		return "give the authority that signed the server's certificate with sslrootcert=FILE (for RDS its bundle)"
	case errors.As(err, &name):
		return "use the host name that the server's certificate has"
	case errors.As(err, &record), strings.Contains(err.Error(), "server refused TLS"):
		return "the server has no TLS: turn it on there (ssl = on), or allow weak TLS for this database in the config"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timedOut) && timedOut.Timeout():
		return "check that a firewall or security group lets this machine reach the server"
	}
	return ""
}

// stateHint advises on what the server said, by SQLSTATE.
func stateHint(e *pgconn.PgError) string {
	switch e.Code {
	case "28P01":
		return "correct the user or the password (password_file, PGPASSFILE or ~/.pgpass)"
	case "28000":
		return "pg_hba.conf on the server must let this user in from this machine, or the role does not exist"
	case "3D000":
		return "create the database (createdb " + quotedName(e.Message) + "), or correct its name in the URL"
	case "42501":
		return "grant the right to this user (penstock --run migrate with owner_url sets up the roles), or use another user"
	case "53300":
		return "too many connections: close some, raise max_connections, or use a smaller pool"
	case "53100":
		return "the server's disk is full: free space there and run again"
	case "53200":
		if strings.Contains(e.Message, "shared memory") {
			return "raise max_locks_per_transaction on the server and restart it, as penstock doctor says: each leaf of staging.purchases needs a lock"
		}
		return "the server ran out of memory: lower work_mem or the number of connections"
	case "57P03":
		return "the server is starting or recovering: try again in a moment"
	case "57P01", "57P02":
		return "the server was stopped: start it and run again"
	case "25006":
		return "this is a read-only server or transaction: connect to the primary"
	case "42P01", "3F000":
		if ownObject(e.Message) {
			return "the schema is not there or old: run penstock --run migrate"
		}
	}
	return e.Hint
}

// ownObject reports whether a message names an object of our schemas.
func ownObject(message string) bool {
	name := quotedName(message)
	for _, db := range []Database{Staging, Analytics} {
		if name == db.Schema() || strings.HasPrefix(name, db.Schema()+".") {
			return true
		}
	}
	return false
}

// quotedName returns the part of a message between double quotes.
func quotedName(message string) string {
	parts := strings.Split(message, `"`)
	if len(parts) < 3 {
		return "NAME"
	}
	return parts[1]
}
