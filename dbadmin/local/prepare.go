package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// prepare returns the binaries that fit the data directory, which it makes
// where there is none.
func (st *starter) prepare(ctx context.Context) (Binaries, error) {
	major, err := dataMajor(st.layout.data())
	if err != nil {
		return Binaries{}, err
	}
	bin, err := st.choose(ctx, major)
	if err != nil || major != 0 {
		return bin, err
	}
	if err := st.initialise(ctx, bin); err != nil {
		return bin, fmt.Errorf("make the data directory: %w", err)
	}
	return bin, nil
}

// dataMajor returns the major version that made the data directory, 0 when
// there is none.
func dataMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION")) //nolint:gosec // a file of the server
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(data); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
		return 0, &Error{
			err:  fmt.Errorf("%s is no data directory of PostgreSQL: it has no PG_VERSION", data),
			hint: "restore it from a backup, or move it away to begin with an empty one",
		}
	}
	if err != nil {
		return 0, folderError(err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || major <= 0 {
		return 0, &Error{
			err:  fmt.Errorf("%s is damaged: PG_VERSION is %q", data, text),
			hint: "restore it from a backup, or move it away to begin with an empty one",
		}
	}
	return major, nil
}

// choose returns an installation of that major version (0 = the newest one)
// that the account can reach, downloaded if none is installed.
func (st *starter) choose(ctx context.Context, major int) (Binaries, error) {
	if major != 0 && (major < oldestMajor || major > newestMajor) {
		return Binaries{}, &Error{
			err:  fmt.Errorf("the data directory is of PostgreSQL %d; this program runs %d to %d", major, oldestMajor, newestMajor),
			hint: "move its data with pg_dump into a server that is supported, and set that server's URL",
		}
	}
	var installed []Binaries
	if !st.HideInstalled {
		installed = FindBinaries(ctx, st.Path)
	}
	for _, b := range installed {
		if (major == 0 || b.Major == major) && st.account.mayReach(b.Dir) == "" {
			return b, nil
		}
	}
	b, err := st.download(ctx, major)
	if err == nil {
		return b, nil
	}
	want := "PostgreSQL"
	if major != 0 {
		want = fmt.Sprintf("PostgreSQL %d, which made the data directory,", major)
	}
	return Binaries{}, &Error{
		err:  fmt.Errorf("%w: %s is not installed (found: %s), and the download ended with: %w", ErrNoBinaries, want, names(installed), err),
		hint: installHint(major),
	}
}

func names(list []Binaries) string {
	if len(list) == 0 {
		return "none"
	}
	text := make([]string, len(list))
	for i, b := range list {
		text[i] = b.Version
	}
	return strings.Join(text, ", ")
}

func installHint(major int) string {
	version := ""
	if major != 0 {
		version = fmt.Sprintf("-%d", major)
	}
	return "install it (apt-get install postgresql" + version + ", dnf install postgresql-server, brew install postgresql)," +
		" or set staging.url and analytics.url to a server of your own"
}

// initialise makes the data directory beside its place and moves it there when
// it is complete, so that a crash leaves nothing that looks like one.
func (st *starter) initialise(ctx context.Context, bin Binaries) error {
	st.log("making a data directory for " + bin.String())
	l := st.layout
	if err := os.Remove(l.ready()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderError(err)
	}
	secrets, err := makePasswords(l.passwords())
	if err != nil {
		return folderError(err)
	}
	fresh, err := st.freshFolder()
	if err != nil {
		return folderError(err)
	}
	if err := st.initdb(ctx, bin, fresh, secrets[Admin]); err != nil {
		return errors.Join(err, os.RemoveAll(fresh))
	}
	if err := st.configure(fresh); err != nil {
		return folderError(errors.Join(err, os.RemoveAll(fresh)))
	}
	return os.Rename(fresh, l.data())
}

// freshFolder makes an empty folder for initdb. Its name is new each time: an
// initdb whose caller was killed may still be writing to the one before.
func (st *starter) freshFolder() (string, error) {
	const prefix = "data.new-"
	old, err := filepath.Glob(filepath.Join(string(st.layout), prefix+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range old {
		_ = os.RemoveAll(dir) // what resists is removed the next time
	}
	fresh, err := os.MkdirTemp(string(st.layout), prefix)
	if err != nil {
		return "", err
	}
	return fresh, st.account.Own(fresh)
}

func (st *starter) initdb(ctx context.Context, bin Binaries, fresh, password string) (err error) {
	secret, err := verifier(password)
	if err != nil {
		return err
	}
	file := filepath.Join(st.layout.socket(), "initdb.pw")
	if err := writeFile(file, secret+"\n", 0o600, st.account); err != nil {
		return folderError(err)
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	// The C locale is on every system and never changes the order of an index.
	cmd := st.account.Command(ctx, bin.Path("initdb"), "--pgdata", fresh, "--username", string(Admin),
		"--pwfile", file, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums")
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return startError(string(out), st.layout)
}

// configure points the new data directory at our settings, by a relative path
// so that the folder may be moved.
func (st *starter) configure(fresh string) error {
	if err := writeFile(filepath.Join(fresh, "pg_hba.conf"), hba, 0o600, st.account); err != nil {
		return err
	}
	path := filepath.Join(fresh, "postgresql.conf")
	text, err := os.ReadFile(path) //nolint:gosec // a file of the server
	if err != nil {
		return err
	}
	return writeFile(path, string(text)+"\ninclude = '../"+filepath.Base(st.layout.settings())+"'\n", 0o600, st.account)
}
