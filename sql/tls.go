package sql

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrWeakTLS says that a connection over a network would not be verified.
var ErrWeakTLS = errors.New("the connection would not verify the server")

// checkTLS refuses a configuration that could reach a server over a network
// without full verification of its certificate. It looks at what pgx would do
// (fallbacks included), not at the URL, because sslmode may come from the
// environment or a service file too, and its default falls back to plain text.
func checkTLS(cfg *pgconn.Config) error {
	if err := checkHostTLS(cfg.Host, cfg.TLSConfig); err != nil {
		return err
	}
	for _, f := range cfg.Fallbacks {
		if err := checkHostTLS(f.Host, f.TLSConfig); err != nil {
			return err
		}
	}
	return nil
}

func checkHostTLS(host string, c *tls.Config) error {
	if isLocal(host) {
		return nil
	}
	// verify-ca sets InsecureSkipVerify too and checks the chain but not the name.
	if c != nil && !c.InsecureSkipVerify && c.ServerName != "" {
		return nil
	}
	how := "without verifying its certificate and name"
	if c == nil {
		how = "in plain text"
	}
	return &Error{
		err: fmt.Errorf("%s could be reached %s: %w", host, how, ErrWeakTLS),
		hint: "add sslmode=verify-full to the URL (and sslrootcert=FILE for a private authority, such as the RDS bundle)," +
			" or allow weak TLS for this database in the config",
	}
}

// isLocal reports whether the host is a unix socket or this machine's loopback.
func isLocal(host string) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
