package sql

import (
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// shortened is an error in fewer words.
type shortened struct {
	error
	text string
}

func (e *shortened) Error() string { return e.text }
func (e *shortened) Unwrap() error { return e.error }

// brief returns an error that says once what could not be reached; the driver names the place, and
// who would connect, once for every address that it tried. Any other error stays.
func brief(err error) error {
	var connect *pgconn.ConnectError
	if !errors.As(err, &connect) {
		return err
	}
	text := strings.Replace(err.Error(), connect.Error(), unreached(connect), 1)
	if text == err.Error() {
		return err
	}
	return &shortened{err, text}
}

// unreached is a failed connection in a few words.
func unreached(connect *pgconn.ConnectError) string {
	why := (&cause{connect}).Error()
	if advised(connect) != nil {
		return why
	}
	where := connect.Config.Host
	if !strings.HasPrefix(where, "/") {
		where = net.JoinHostPort(where, strconv.Itoa(int(connect.Config.Port)))
	}
	return "connect to " + where + ": " + strings.TrimPrefix(why, "connect: ")
}

// advised returns the error in the chain that has advice of its own, nil if none has.
func advised(err error) error {
	var known interface {
		error
		Hint() string
	}
	if errors.As(err, &known) {
		return known
	}
	return nil
}
