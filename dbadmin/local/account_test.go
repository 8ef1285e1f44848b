package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"penstock/dbadmin/local"
	"penstock/sql"
)

func TestServerAccount(t *testing.T) {
	if a, err := local.ServerAccount(1000, 100); err != nil || a.Drop || a.UID != 1000 || a.GID != 100 {
		t.Errorf("an ordinary user: %+v, %v", a, err)
	}
	a, err := local.ServerAccount(0, 0)
	if err != nil || !a.Drop || a.UID == 0 || a.GID == 0 || a.Name == "" {
		t.Errorf("root: %+v, %v", a, err)
	}
}

func TestDefaultFolders(t *testing.T) {
	for _, c := range []struct {
		uid        int
		dir, cache string
	}{
		{0, "/var/lib/penstock/main", "/var/cache/penstock"},
		{1000, "/home/u/.local/share/penstock/main", "/home/u/.cache/penstock"},
	} {
		if got := local.DefaultDir(c.uid, "/home/u/.local/share", "main"); got != c.dir {
			t.Errorf("folder of %d: %s", c.uid, got)
		}
		if got := local.DefaultCacheDir(c.uid, "/home/u/.cache"); got != c.cache {
			t.Errorf("cache of %d: %s", c.uid, got)
		}
	}
}

// ordinary returns the credentials to run a child as an ordinary user, nil
// when the tests run as one.
func ordinary(t *testing.T) (as *syscall.Credential, uid int) {
	t.Helper()
	if os.Getuid() != 0 {
		return nil, os.Getuid()
	}
	a, err := local.ServerAccount(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.GID)}, a.UID
}

func TestOrdinaryUser(t *testing.T) {
	o := options(t)
	as, uid := ordinary(t)
	home := filepath.Dir(o.Dir)
	if as != nil {
		if err := os.Chown(home, uid, int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	cmd, in, answer := startChild(t, childRequest{Dir: o.Dir, CacheDir: o.CacheDir, Path: o.Path, Repository: o.Repository}, as)
	a := answer()
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil || a.Error != "" {
		t.Fatal(err, a)
	}
	if err := exec1(t, a.URL, "SELECT 1"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "data": 0o700, "run": 0o700, "pgpass": 0o600} {
		info, err := os.Stat(filepath.Join(o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := ownerOf(t, info); got != uid || info.Mode().Perm() != want {
			t.Errorf("%s: owner %d, mode %v", name, got, info.Mode().Perm())
		}
	}
}

func TestOrdinaryUserMayNotWriteThere(t *testing.T) {
	needPostgres(t)
	as, _ := ordinary(t)
	cmd, in, answer := startChild(t, childRequest{Dir: "/penstock-nobody-may/main", CacheDir: "/nonexistent", Path: os.Getenv("PATH")}, as)
	a := answer()
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(a.Error, "permission denied") || !strings.Contains(a.Hint, "data_dir") {
		t.Errorf("%+v", a)
	}
}

func TestRootChoosesAFolderOthersCannotReach(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
	o := options(t)
	closed := filepath.Join(filepath.Dir(o.Dir), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	o.Dir = filepath.Join(closed, "deep", "main")
	_, err := local.Start(t.Context(), o)
	checkError(t, err, "cannot pass "+closed, "/var/lib/penstock/main")
}

func TestDownload(t *testing.T) {
	o := options(t)
	o.HideInstalled, o.Repository = true, ""
	s, err := local.Start(t.Context(), o)
	if errors.Is(err, local.ErrNoBinaries) && os.Getenv("CI") != "true" {
		t.Skip("no repository of binaries within reach: ", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, serverLog(o))
	}
	if !strings.HasPrefix(s.Version(), "18.") {
		t.Errorf("version %s is not the newest", s.Version())
	}
	if err := exec1(t, s.URL(sql.Staging, local.ETL), "SELECT 1"); err != nil {
		t.Error(err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The data is of version 18, whatever is installed, and there is no network now.
	o.HideInstalled, o.Repository = false, "http://127.0.0.1:1"
	if s := start(t, o); !strings.HasPrefix(s.Version(), "18.") {
		t.Errorf("version %s runs on data of version 18", s.Version())
	}
	// An archive in the cache is enough; an ordinary user gets by with it too.
	unpacked, err := filepath.Glob(filepath.Join(o.CacheDir, "postgresql-18.*"))
	if err != nil || len(unpacked) != 1 {
		t.Fatalf("unpacked %v, %v", unpacked, err)
	}
	leftovers, err := filepath.Glob(filepath.Join(o.CacheDir, ".unpack-*"))
	if err != nil || len(leftovers) != 0 {
		t.Errorf("left in the cache: %v, %v", leftovers, err)
	}
	other := options(t)
	other.HideInstalled, other.CacheDir = true, filepath.Join(filepath.Dir(other.Dir), "cache")
	if err := os.Mkdir(other.CacheDir, 0o755); err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob(filepath.Join(o.CacheDir, "*.txz"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("archives %v, %v", archives, err)
	}
	if err := os.Rename(archives[0], filepath.Join(other.CacheDir, filepath.Base(archives[0]))); err != nil {
		t.Fatal(err)
	}
	start(t, other)
}
