package local

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParsePostmaster(t *testing.T) {
	const whole = "123\n/data\n1700000000\n15432\n/run/pg\n127.0.0.1\n  5432001    98304\nready   \n"
	for _, c := range []struct {
		name, text string
		want       postmaster
		ok         bool
	}{
		{"whole", whole, postmaster{pid: 123, port: 15432, socket: "/run/pg", status: "ready"}, true},
		{"no socket", strings.Replace(whole, "/run/pg", "", 1), postmaster{pid: 123, port: 15432, status: "ready"}, true},
		{"empty", "", postmaster{}, false},
		{"only begun", "123\n/data\n1700000000\n15432\n", postmaster{}, false},
		{"single user", strings.Replace(whole, "123", "-123", 1), postmaster{}, false},
		{"no number", strings.Replace(whole, "15432", "x", 1), postmaster{}, false},
	} {
		if got, ok := parsePostmaster(c.text); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v", c.name, got, ok)
		}
	}
}

func TestSettingsScaleWithMemory(t *testing.T) {
	for _, c := range []struct {
		memory int64
		want   []string
	}{
		{0, []string{"shared_buffers = '256MB'", "work_mem = '16MB'", "maintenance_work_mem = '64MB'", "max_wal_size = '1024MB'"}},
		{256 * mb, []string{"shared_buffers = '64MB'", "effective_cache_size = '256MB'", "work_mem = '16MB'"}},
		{8 * gb, []string{"shared_buffers = '1024MB'", "effective_cache_size = '4096MB'", "work_mem = '32MB'", "max_wal_size = '2048MB'"}},
		{512 * gb, []string{"shared_buffers = '1024MB'", "maintenance_work_mem = '512MB'", "work_mem = '64MB'", "max_wal_size = '4096MB'"}},
	} {
		text := settings(machine{memory: c.memory, port: 15432, socketDir: "/it's/run", logDir: "/log"})
		for _, want := range append(c.want, "max_locks_per_transaction = '512'", "fsync = 'on'", "synchronous_commit = 'on'", "unix_socket_directories = '/it''s/run'", "port = '15432'") {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("%d bytes: no %s in\n%s", c.memory, want, text)
			}
		}
		if strings.Contains(text, "shared_preload_libraries") || strings.Contains(text, "effective_io_concurrency") {
			t.Errorf("settings that this machine has not:\n%s", text)
		}
	}
}

func TestStartErrors(t *testing.T) {
	l := layout("/srv/main")
	for _, c := range []struct{ text, says, hint string }{
		{"LOG:  x\n2026-01-01 UTC [1] FATAL:  could not write lock file \"postmaster.pid\": No space left on device\n", "could not write lock file", "disk is full"},
		{"initdb: error: could not create directory \"/x\": Permission denied\n", "could not create directory", "mode 0700"},
		{"initdb: error: invalid locale name \"xx\"\n", "invalid locale name", "locale"},
		{"FATAL:  could not map anonymous shared memory: Cannot allocate memory", "anonymous shared memory", "memory"},
		{"PANIC:  could not locate a valid checkpoint record", "valid checkpoint", "move /srv/main/data away"},
		{"FATAL:  data directory \"/x\" has wrong ownership", "wrong ownership", "back to the user"},
		{"FATAL:  database files are incompatible with server", "incompatible", "another version"},
		{"pg_ctl: could not start server\nExamine the log output.\n", "it said nothing", "/srv/main/log"},
		{"Segmentation fault\n", "Segmentation fault", "/srv/main/log"},
	} {
		err := startError(c.text, l)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Hint(), c.hint) {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	if err := startError("FATAL:  could not create any TCP/IP sockets", l); !errors.Is(err, errPortTaken) {
		t.Errorf("port: %v", err)
	}
	if err := startError("FATAL:  pre-existing shared memory block (key 1) is still in use", l); !errors.Is(err, errStillThere) {
		t.Errorf("shared memory: %v", err)
	}
	if err := startError("FATAL:  could not create file \"base/16764/17906\": File exists", l); !errors.Is(err, errHalfRecovered) || !passes(err) {
		t.Errorf("unlogged table: %v", err)
	}
}

// The example of RFC 7677: its server key makes the signature given there.
func TestVerifier(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	got, err := verifierWith("pencil", salt)
	const want = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}

// fakePostgres makes an installation that says it is of a version.
func fakePostgres(t *testing.T, dir, version string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"postgres", "initdb", "pg_ctl"} {
		text := "#!/bin/sh\necho \"" + program + " (PostgreSQL) " + version + "\"\n"
		if err := os.WriteFile(filepath.Join(dir, program), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBinariesIn(t *testing.T) {
	root := t.TempDir()
	for dir, version := range map[string]string{
		"15": "15.4 (Debian 15.4-1)", "17": "17.2", "9": "9.6.24", "13": "13.1", "19": "19.0", "18beta": "18beta1", "junk": "?",
	} {
		fakePostgres(t, filepath.Join(root, dir), version)
	}
	if err := os.Symlink(filepath.Join(root, "17"), filepath.Join(root, "current")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "linked"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "15", "postgres"), filepath.Join(root, "linked", "postgres")); err != nil {
		t.Fatal(err)
	}
	fakePostgres(t, filepath.Join(root, "client"), "16.0")
	if err := os.Remove(filepath.Join(root, "client", "initdb")); err != nil {
		t.Fatal(err)
	}
	dirs := []string{"", filepath.Join(root, "nowhere")}
	for _, name := range []string{"linked", "15", "client", "9", "13", "19", "junk", "current", "17", "18beta"} {
		dirs = append(dirs, filepath.Join(root, name))
	}
	var got []string
	for _, b := range binariesIn(t.Context(), dirs) {
		rel, err := filepath.Rel(root, b.Dir)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b.Version+" "+rel)
	}
	if want := "18beta1 18beta, 17.2 17, 15.4 15"; strings.Join(got, ", ") != want {
		t.Errorf("found %v, want %s", got, want)
	}
}
