package local

import (
	"errors"
	"os/user"
	"strconv"
)

// Account is the operating-system user that owns the server's data and runs
// it: the caller's own, except where the caller is root, as whom PostgreSQL
// refuses to run.
type Account struct {
	Name     string
	UID, GID int
	Drop     bool // the caller is root: children must be started as this user
}

// ErrNoAccount says that root has no other user to run the server as.
var ErrNoAccount = errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")

// ServerAccount returns the account to run the server as for a caller with
// that user and group id. For root it is the user postgres, else nobody; no
// user is ever created.
func ServerAccount(uid, gid int) (Account, error) {
	if uid != 0 {
		return Account{UID: uid, GID: gid}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		id, err := strconv.Atoi(u.Uid)
		if err != nil || id == 0 {
			continue
		}
		group, err := strconv.Atoi(u.Gid)
		if err != nil {
			continue
		}
		return Account{Name: name, UID: id, GID: group, Drop: true}, nil
	}
	return Account{}, &Error{err: ErrNoAccount, hint: "run penstock as another user than root, or set the URL of a server of your own"}
}
