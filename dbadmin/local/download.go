package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// releases are the versions of binaries that can be downloaded.
func releases() map[int]embeddedpostgres.PostgresVersion {
	return map[int]embeddedpostgres.PostgresVersion{
		14: embeddedpostgres.V14, 15: embeddedpostgres.V15, 16: embeddedpostgres.V16,
		17: embeddedpostgres.V17, 18: embeddedpostgres.V18,
	}
}

// download returns the binaries of that major version (0 = the newest) from
// the cache, which it fills if they are not there. A download cannot be
// cancelled half through; the context counts before and after it.
func (st *starter) download(ctx context.Context, major int) (Binaries, error) {
	if major == 0 {
		major = newestMajor
	}
	version := releases()[major]
	dir := filepath.Join(st.CacheDir, "postgresql-"+string(version))
	if b, ok := inspect(ctx, filepath.Join(dir, "bin")); ok {
		return b, nil
	}
	if err := ctx.Err(); err != nil {
		return Binaries{}, err
	}
	if !filepath.IsAbs(st.CacheDir) {
		return Binaries{}, errors.New("no folder to keep it in")
	}
	if err := os.MkdirAll(st.CacheDir, 0o755); err != nil { //nolint:gosec // the account must reach programs in it
		return Binaries{}, folderError(err)
	}
	if bad := st.account.mayReach(st.CacheDir); bad != "" {
		return Binaries{}, fmt.Errorf("the user %s, as whom root runs PostgreSQL, cannot pass %s", st.account.Name, bad)
	}
	st.log("downloading PostgreSQL " + string(version))
	if err := st.fetch(version, dir); err != nil {
		return Binaries{}, err
	}
	b, ok := inspect(ctx, filepath.Join(dir, "bin"))
	if !ok {
		return b, fmt.Errorf("the programs in %s do not run on this system", dir)
	}
	return b, ctx.Err()
}

// fetch downloads and unpacks one version into a folder that appears only when
// it is complete; of two processes at it, the first one's stays.
func (st *starter) fetch(version embeddedpostgres.PostgresVersion, dir string) (err error) {
	work, err := os.MkdirTemp(st.CacheDir, ".unpack-")
	if err != nil {
		return folderError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	unpacked, fake := filepath.Join(work, "postgresql"), filepath.Join(work, "data")
	if err := os.Mkdir(fake, 0o700); err != nil {
		return folderError(err)
	}
	// The library downloads, unpacks and starts in one call; as root its server
	// could never start. Its cache and download are all that is wanted, so it
	// is given a data directory of the right version with nothing in it: there
	// it makes no new one, and its server ends at once. Whether the programs
	// arrived is what counts.
	major, _, _ := strings.Cut(string(version), ".")
	if err := os.WriteFile(filepath.Join(fake, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
		return folderError(err)
	}
	cfg := embeddedpostgres.DefaultConfig().Version(version).CachePath(st.CacheDir).
		RuntimePath(filepath.Join(work, "run")).BinariesPath(unpacked).DataPath(fake).Port(0).Logger(io.Discard)
	if st.Repository != "" {
		cfg = cfg.BinaryRepositoryURL(st.Repository)
	}
	started := embeddedpostgres.NewDatabase(cfg).Start()
	http.DefaultClient.CloseIdleConnections() // it downloads with the default client
	if _, err := os.Stat(filepath.Join(unpacked, "bin", "postgres")); err != nil {
		return folderError(started)
	}
	if err := openUp(unpacked); err != nil {
		return folderError(err)
	}
	if err := os.Rename(unpacked, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return folderError(err)
	}
	return nil
}

// openUp lets every user run the programs, whatever the umask was.
func openUp(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if d.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode) //nolint:gosec // a folder that this process has just made
	})
}
