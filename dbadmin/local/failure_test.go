package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"penstock/dbadmin/local"
	"penstock/sql"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name       string
		damage     func(t *testing.T, o *local.Options)
		says, hint string
	}{
		{"relative folder", func(_ *testing.T, o *local.Options) { o.Dir = "here" }, "not an absolute path", "root"},
		{"no data directory", func(t *testing.T, o *local.Options) { write(t, o.Dir+"/data/mine.txt", "x") }, "no PG_VERSION", "move it away"},
		{"too old", func(t *testing.T, o *local.Options) { write(t, o.Dir+"/data/PG_VERSION", "13\n") }, "of PostgreSQL 13", "pg_dump"},
		{"too new", func(t *testing.T, o *local.Options) { write(t, o.Dir+"/data/PG_VERSION", "99\n") }, "of PostgreSQL 99", "pg_dump"},
		{"damaged version", func(t *testing.T, o *local.Options) { write(t, o.Dir+"/data/PG_VERSION", "x") }, "damaged", "backup"},
		{"below a file", func(t *testing.T, o *local.Options) {
			write(t, o.Dir+"/file", "")
			o.Dir += "/file/main"
		}, "not a directory", ""},
		{"nothing to run", func(_ *testing.T, o *local.Options) { o.HideInstalled = true }, "is not installed (found: none)", "apt-get install postgresql"},
		{"no binaries of its version", func(t *testing.T, o *local.Options) {
			o.HideInstalled = true
			write(t, o.Dir+"/data/PG_VERSION", "16\n")
		}, "PostgreSQL 16, which made the data directory, is not installed", "postgresql-16"},
		{"lock held", func(t *testing.T, o *local.Options) {
			write(t, o.Dir+"/lock", "")
			f, err := os.Open(o.Dir + "/lock")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = f.Close() })
			if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
				t.Fatal(err)
			}
		}, "lock: context deadline exceeded", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			c.damage(t, &o)
			ctx := t.Context()
			if c.name == "lock held" {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := local.Start(ctx, o)
			checkError(t, err, c.says, c.hint)
		})
	}
}

func checkError(t *testing.T, err error, says, wantHint string) {
	t.Helper()
	if err == nil {
		t.Fatal("it started")
	}
	if !strings.Contains(err.Error(), says) || !strings.Contains(hint(err), wantHint) {
		t.Errorf("error %q\nhint  %q", err, hint(err))
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has lines: %q", err)
	}
}

// One server, damaged in many ways and mended again.
func TestDamagedServerSaysWhatToDo(t *testing.T) {
	o := options(t)
	s := start(t, o)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		damage     func(old []byte) []byte // nil = only the mode
		says, hint string
	}{
		{"control file torn", "data/global/pg_control", func(old []byte) []byte { return old[:100] }, "pg_control", "damaged: restore it from a backup"},
		{"control file garbled", "data/global/pg_control", func(old []byte) []byte {
			bad := append([]byte(nil), old...)
			bad[40] ^= 0xff
			return bad
		}, "checksum", "damaged"},
		{
			"broken setting", "data/postgresql.auto.conf", func(old []byte) []byte { return append(append([]byte(nil), old...), "no_such_setting = 1\n"...) },
			"configuration file", "postgresql.auto.conf",
		},
		{"password gone", "pgpass", func([]byte) []byte { return []byte("# empty\n") }, "no password of the user penstock", "backup"},
		{"other password", "pgpass", func(old []byte) []byte {
			return []byte(strings.ReplaceAll(string(old), "penstock:", "penstock:x"))
		}, "is not the server's", "backup"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(o.Dir, c.file)
			old, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, path, c.damage(old))
			_, err = local.Start(t.Context(), o)
			overwrite(t, path, old)
			checkError(t, err, c.says, c.hint)
		})
	}
	if err := exec1(t, start(t, o).URL(sql.Staging, local.ETL), "SELECT 1"); err != nil {
		t.Errorf("mended, but: %v", err)
	}
}

// overwrite keeps the file's owner and mode.
func overwrite(t *testing.T, path string, text []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestDataOpenToOthersIsRefused(t *testing.T) {
	o := options(t)
	if err := start(t, o).Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(o.Dir+"/data", 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), o)
	checkError(t, err, "invalid permissions", "mode 0700")
}

func TestCancelledStart(t *testing.T) {
	o := options(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := local.Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	start(t, o)
}
