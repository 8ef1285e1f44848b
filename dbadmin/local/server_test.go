package local_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"penstock/dbadmin/local"
	"penstock/sql"
)

func TestStartAttachStop(t *testing.T) {
	o := options(t)
	ctx := t.Context()
	if _, err := local.Attach(ctx, o); !errors.Is(err, local.ErrNotRunning) {
		t.Fatalf("attach to nothing: %v", err)
	}
	if err := local.Stop(ctx, o); !errors.Is(err, local.ErrNotRunning) {
		t.Fatalf("stop nothing: %v", err)
	}
	s := start(t, o)
	st := s.Status(ctx)
	if !st.Running || st.PID == 0 || st.Version == "" || st.Dir != o.Dir || st.Socket != filepath.Join(o.Dir, "run") {
		t.Errorf("status %+v", st)
	}
	if again := start(t, o).Status(ctx); again != st {
		t.Errorf("a second start: %+v, the first one %+v", again, st)
	}
	if attached, err := local.Attach(ctx, o); err != nil || attached.URL(sql.Staging, local.ETL) != s.URL(sql.Staging, local.ETL) {
		t.Errorf("attached to another server, or %v", err)
	}
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if st := s.Status(ctx); st.Running {
		t.Errorf("stopped, but status is %+v", st)
	}
	until(t, "the process is gone", func() bool { return errors.Is(syscall.Kill(st.PID, 0), syscall.ESRCH) })
	if port := start(t, o).Status(ctx).Port; port != st.Port {
		t.Errorf("the port was %d and is %d: URLs that people noted are void", st.Port, port)
	}
}

// What can be seen of one running server; making one takes a while.
func TestManagedServer(t *testing.T) {
	o := options(t)
	s := start(t, o)
	for name, test := range map[string]func(*testing.T, local.Options, *local.Server){
		"URLs":         urlWorksForPgxAndPsqlAndHoldsNoPassword,
		"passwords":    onlyWhoKnowsThePasswordComesIn,
		"roles":        rolesOfTheManagedServer,
		"settings":     settingsAreTakenAndDurable,
		"secrets":      passwordsAreInOneFileOnly,
		"owners modes": ownersAndModes,
	} {
		t.Run(name, func(t *testing.T) { test(t, o, s) })
	}
}

func urlWorksForPgxAndPsqlAndHoldsNoPassword(t *testing.T, _ local.Options, s *local.Server) {
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		for _, role := range []local.Role{local.Owner, local.ETL, local.Analyst} {
			url := s.URL(db, role)
			if got, want := ask(t, url, "SELECT session_user || ' ' || current_database()"), string(role)+" penstock_"+string(db); got != want {
				t.Errorf("%s leads to %s", url, got)
			}
			cfg, err := s.ConnConfig(db, role, sql.PoolOptions{})
			if err != nil {
				t.Fatal(err)
			}
			pool, err := sql.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			pool.Close()
		}
	}
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Log("psql is not installed")
		return
	}
	out, err := exec.CommandContext(t.Context(), psql, "-XAtc", "SELECT session_user", s.URL(sql.Staging, local.Analyst)).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "analyst" {
		t.Errorf("psql: %v\n%s", err, out)
	}
}

func onlyWhoKnowsThePasswordComesIn(t *testing.T, _ local.Options, s *local.Server) {
	st := s.Status(t.Context())
	for _, url := range []string{
		"postgres://etl@/penstock_staging?passfile=/dev/null&host=" + st.Socket + "&port=" + strconv.Itoa(st.Port),
		"postgres://etl:wrong@" + s.Addr() + "/penstock_staging?sslmode=disable",
		"postgres://penstock:penstock@" + s.Addr() + "/postgres?sslmode=disable",
		"postgres://postgres@" + s.Addr() + "/postgres?sslmode=disable&passfile=/dev/null",
	} {
		if err := exec1(t, url, "SELECT 1"); err == nil {
			t.Errorf("%s came in", url)
		}
	}
	tcp := "postgres://etl@" + s.Addr() + "/penstock_staging?sslmode=disable&passfile=" + s.PasswordFile()
	if err := exec1(t, tcp, "SELECT 1"); err != nil {
		t.Errorf("over TCP: %v", err)
	}
	if got := ask(t, s.URL(sql.Staging, local.Admin), "SELECT string_agg(DISTINCT left(rolpassword, 14), ' ') FROM pg_authid WHERE rolpassword IS NOT NULL"); got != "SCRAM-SHA-256$" {
		t.Errorf("passwords are kept as %s", got)
	}
}

func rolesOfTheManagedServer(t *testing.T, _ local.Options, s *local.Server) {
	ctx := t.Context()
	for _, db := range []sql.Database{sql.Staging, sql.Analytics} {
		conn, err := pgx.Connect(ctx, s.URL(db, local.Owner))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sql.Migrate(ctx, conn, db, sql.MigrateOptions{Allow: true})
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		role      local.Role
		statement string
		allowed   bool
	}{
		{local.ETL, "INSERT INTO staging.rates VALUES ('EUR', '2026-01-01', 0.85)", true},
		{local.ETL, "SELECT staging.ensure_partition(1)", true},
		{local.ETL, "CREATE TABLE staging.t ()", false},
		{local.ETL, "CREATE TABLE public.t ()", false},
		{local.ETL, "SELECT 1 / pg_has_role('pg_read_all_stats', 'USAGE')::int", true}, // sees what others do
		{local.Analyst, "SELECT 1 / pg_has_role('pg_read_all_stats', 'USAGE')::int", false},
		{local.Analyst, "SELECT * FROM staging.rates", true},
		{local.Analyst, "INSERT INTO staging.rates VALUES ('USD', '2026-01-01', 0.75)", false},
		{local.Analyst, "CREATE TEMPORARY TABLE t ()", false},
		{local.Analyst, "CREATE TABLE public.t ()", false},
		{local.Owner, "CREATE TABLE staging.t ()", true},
		{local.Owner, "CREATE ROLE r", false},
	} {
		if err := exec1(t, s.URL(sql.Staging, c.role), c.statement); (err == nil) != c.allowed {
			t.Errorf("%s: %s: %v", c.role, c.statement, err)
		}
	}
}

func settingsAreTakenAndDurable(t *testing.T, _ local.Options, s *local.Server) {
	url := s.URL(sql.Staging, local.Admin)
	if bad := ask(t, url, "SELECT coalesce(string_agg(name || ': ' || error, ', '), '') FROM pg_file_settings WHERE error IS NOT NULL"); bad != "" {
		t.Errorf("the server does not take: %s", bad)
	}
	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"jit": "off", "password_encryption": "scram-sha-256", "listen_addresses": "127.0.0.1",
		"shared_buffers": "128MB", "work_mem": "16MB", "max_wal_size": "1GB", "max_locks_per_transaction": "512", "wal_compression": "pglz", "server_encoding": "UTF8",
	} {
		got := ask(t, url, "SELECT current_setting('"+name+"')")
		if got != want && (name != "wal_compression" || got != "on") {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// Every byte that the server, its folder and its processes show to others.
func passwordsAreInOneFileOnly(t *testing.T, o local.Options, s *local.Server) {
	_ = exec1(t, s.URL(sql.Staging, local.ETL), "SELECT nonsense") // something to log
	info, err := os.Stat(s.PasswordFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the password file: %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(s.PasswordFile())
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); len(fields) == 5 {
			secrets = append(secrets, fields[4])
		}
	}
	if len(secrets) != 4 {
		t.Fatalf("%d passwords", len(secrets))
	}
	seen := 0
	look := func(where string, text []byte) {
		seen++
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				t.Errorf("a password is in %s", where)
			}
		}
	}
	look("the URL", []byte(s.URL(sql.Staging, local.Owner)))
	err = filepath.Walk(o.Dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() || path == s.PasswordFile() {
			return nil //nolint:nilerr // files of the server come and go
		}
		if text, err := os.ReadFile(path); err == nil {
			look(path, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range processes {
		if text, err := os.ReadFile(path); err == nil {
			look(path, text)
		}
	}
	if seen < 500 {
		t.Errorf("looked at %d places only", seen)
	}
}

func ownerOf(t *testing.T, info os.FileInfo) int {
	t.Helper()
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatalf("%s has no owner", info.Name())
	}
	return int(st.Uid)
}

func ownersAndModes(t *testing.T, o local.Options, s *local.Server) {
	account, err := local.ServerAccount(o.UID, o.GID)
	if err != nil {
		t.Fatal(err)
	}
	if account.UID == 0 {
		t.Fatal("the server would run as root")
	}
	for name, want := range map[string]os.FileMode{"data": 0o700, "run": 0o700, "log": 0o700, "pgpass": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		owner, wantOwner := ownerOf(t, info), o.UID
		if info.IsDir() {
			wantOwner = account.UID
		}
		if info.Mode().Perm() != want || owner != wantOwner {
			t.Errorf("%s: mode %v, owner %d", name, info.Mode().Perm(), owner)
		}
	}
	proc, err := os.Stat("/proc/" + strconv.Itoa(s.Status(t.Context()).PID))
	if err != nil {
		t.Skip("no /proc here")
	}
	if uid := ownerOf(t, proc); uid != account.UID {
		t.Errorf("the server runs as %d, want %d", uid, account.UID)
	}
}

// TestStoppedServerIsNamed asks a server that was stopped, by a pool of before and by a new one.
func TestStoppedServerIsNamed(t *testing.T) {
	o := options(t)
	if local.Made(o) {
		t.Error("there is a server before it was made")
	}
	s := start(t, o)
	if !local.Made(o) {
		t.Error("the server that was made is unknown")
	}
	cfg, err := s.ConnConfig(sql.Staging, local.Analyst, sql.PoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(t.Context(), cfg.Copy())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	pool.Reset()
	check := func(err error, says string) {
		t.Helper()
		var connect *pgconn.ConnectError
		if !errors.Is(err, local.ErrNotRunning) || !errors.As(err, &connect) || err.Error() != says {
			t.Errorf("error %v", err)
		}
		if h := hint(err); !strings.Contains(h, "penstock --run") || strings.Contains(h, "url: local") {
			t.Errorf("hint %q", h)
		}
	}
	_, err = pool.Exec(t.Context(), "SELECT 1")
	check(sql.Clarify(err), "the managed PostgreSQL server is not running")
	_, err = sql.Open(t.Context(), cfg)
	check(err, "connect to penstock_staging at "+filepath.Join(o.Dir, "run")+" as analyst: the managed PostgreSQL server is not running")
	start(t, o)
	if _, err := pool.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the server is back: %v", err)
	}
}
