package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"penstock/dbadmin/local"
	"penstock/sql"
)

func TestEightProcessesStartOneServer(t *testing.T) {
	o := options(t)
	const n = 8
	req := childRequest{Dir: o.Dir, CacheDir: o.CacheDir, Path: o.Path}
	var answers []func() childAnswer
	var finish []func() error
	for range n {
		cmd, in, answer := startChild(t, req, nil)
		answers = append(answers, answer)
		finish = append(finish, func() error { return errors.Join(in.Close(), cmd.Wait()) })
	}
	seen := map[int]int{}
	for _, answer := range answers {
		a := answer()
		if a.Error != "" {
			t.Errorf("a process could not start it: %s", a.Error)
			continue
		}
		seen[a.PID]++
		if err := exec1(t, a.URL, "SELECT 1"); err != nil {
			t.Errorf("%s: %v", a.URL, err)
		}
	}
	for _, f := range finish {
		if err := f(); err != nil {
			t.Error(err)
		}
	}
	if len(seen) != 1 {
		t.Errorf("servers by process id: %v", seen)
	}
}

func TestServerOutlivesWhoStartedIt(t *testing.T) {
	o := options(t)
	cmd, _, answer := startChild(t, childRequest{Dir: o.Dir, CacheDir: o.CacheDir, Path: o.Path}, nil)
	a := answer()
	if a.Error != "" {
		t.Fatal(a.Error)
	}
	// The whole group, as a terminal does.
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGHUP, syscall.SIGKILL} {
		if err := syscall.Kill(-cmd.Process.Pid, sig); err != nil {
			break // gone already
		}
	}
	_ = cmd.Wait()
	if err := exec1(t, a.URL, "SELECT 1"); err != nil {
		t.Errorf("the server went with it: %v", err)
	}
	if st := start(t, o).Status(t.Context()); st.PID != a.PID {
		t.Errorf("another server: %d, was %d", st.PID, a.PID)
	}
}

func TestCommittedRowsOutliveACrash(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			o := options(t)
			s := start(t, o)
			if err := exec1(t, s.URL(sql.Staging, local.Owner), "CREATE TABLE staging.t AS SELECT generate_series(1, 10000) AS n"); err != nil {
				t.Fatal(err)
			}
			pid := s.Status(t.Context()).PID
			if err := syscall.Kill(pid, sig); err != nil {
				t.Fatal(err)
			}
			until(t, "the server is gone", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
			again := start(t, o)
			if got := ask(t, again.URL(sql.Staging, local.Owner), "SELECT count(*)::text FROM staging.t"); got != "10000" {
				t.Errorf("%s rows after the crash", got)
			}
			if again.Status(t.Context()).PID == pid {
				t.Error("the process id is the dead one's")
			}
		})
	}
}

// A server that crashes just after an unlogged table was taken back fails to recover once; starting it does not.
func TestCrashAfterAnUnloggedTableWasTakenBack(t *testing.T) {
	o := options(t)
	s := start(t, o)
	conn, err := pgx.Connect(t.Context(), s.URL(sql.Staging, local.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), "BEGIN; CREATE UNLOGGED TABLE staging.u AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	// A COMMIT brings the log to the disk, the ROLLBACK that follows does not.
	if err := exec1(t, s.URL(sql.Staging, local.Owner), "CREATE TABLE staging.t AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	pid := s.Status(t.Context()).PID
	if _, err := conn.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	until(t, "the server is gone", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	if got := ask(t, start(t, o).URL(sql.Staging, local.Owner), "SELECT count(*)::text FROM staging.t"); got != "1" {
		t.Errorf("%s rows after the crash", got)
	}
	t.Logf("it had failed to recover: %t", strings.Contains(serverLog(o), "File exists"))
}

// After a crash of the machine, the id in postmaster.pid may be anybody's.
func TestStalePidFileOfALivingProcess(t *testing.T) {
	o := options(t)
	s := start(t, o)
	pidFile := filepath.Join(o.Dir, "data", "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	port := s.Status(t.Context()).Port
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	account, err := local.ServerAccount(o.UID, o.GID)
	if err != nil {
		t.Fatal(err)
	}
	other := account.Command(t.Context(), "/bin/sleep", "600")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	stale := append([]byte(strconv.Itoa(other.Process.Pid)+"\n"), rest...)
	leave := func() {
		t.Helper()
		for _, path := range []string{pidFile, filepath.Join(o.Dir, "run", fmt.Sprintf(".s.PGSQL.%d.lock", port))} {
			if err := os.WriteFile(path, stale, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	leave()
	if _, err := local.Attach(t.Context(), o); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("attach: %v", err)
	}
	if err := local.Stop(t.Context(), o); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("stop: %v", err)
	}
	if err := syscall.Kill(other.Process.Pid, 0); err != nil {
		t.Errorf("the other process was ended: %v", err)
	}
	s = start(t, o)
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The same with a process that is dead but that nobody has waited for.
	leave()
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	start(t, o)
}

func TestHalfMadeServerIsMadeAnew(t *testing.T) {
	o := options(t)
	// What is left of a first start that was killed while initdb ran.
	for path, text := range map[string]string{"data.new-1/base/1/2": "x", "data.new-1/PG_VERSION": "15\n", "ready": "1\n"} {
		full := filepath.Join(o.Dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, o)
	if err := exec1(t, s.URL(sql.Analytics, local.ETL), "SELECT 1"); err != nil {
		t.Error(err)
	}
	// Killed after the server started, before users and databases were made.
	for _, statement := range []string{"DROP DATABASE penstock_analytics WITH (FORCE)", "DROP ROLE analyst"} {
		if err := exec1(t, strings.Replace(s.URL(sql.Staging, local.Admin), "/penstock_staging?", "/postgres?", 1), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(o.Dir, "ready")); err != nil {
		t.Fatal(err)
	}
	if err := exec1(t, start(t, o).URL(sql.Analytics, local.Analyst), "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestKilledAtAnyMomentOfTheFirstStart(t *testing.T) {
	o := options(t)
	req := childRequest{Dir: o.Dir, CacheDir: o.CacheDir, Path: o.Path}
	for _, after := range []string{"lock", "pgpass", "data.new-*/PG_VERSION", "data.new-*/base/5", "data/PG_VERSION", "data/postmaster.pid"} {
		cmd, _, _ := startChild(t, req, nil)
		until(t, after, func() bool {
			found, err := filepath.Glob(filepath.Join(o.Dir, after))
			return err == nil && len(found) > 0
		})
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
	}
	s := start(t, o)
	for _, role := range []local.Role{local.Owner, local.ETL, local.Analyst} {
		if err := exec1(t, s.URL(sql.Analytics, role), "SELECT 1"); err != nil {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestPortTaken(t *testing.T) {
	o := options(t)
	s := start(t, o)
	was := s.Status(t.Context()).Port
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", was))
	if err != nil {
		t.Skip("somebody else took the port: ", err)
	}
	defer l.Close()
	s = start(t, o)
	if now := s.Status(t.Context()).Port; now == was {
		t.Errorf("the port is %d still", now)
	}
	if err := exec1(t, s.URL(sql.Staging, local.ETL), "SELECT 1"); err != nil {
		t.Error(err)
	}
}

func TestPathTooLongForASocket(t *testing.T) {
	o := options(t)
	o.Dir = filepath.Join(o.Dir, strings.Repeat("long/", 20), "a b&c=d")
	s := start(t, o)
	defer func() {
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if st := s.Status(t.Context()); st.Socket != "" || st.Port == 0 {
		t.Errorf("status %+v", st)
	}
	if err := exec1(t, s.URL(sql.Staging, local.ETL), "SELECT 1"); err != nil {
		t.Error(err)
	}
	if psql, err := exec.LookPath("psql"); err == nil {
		if out, err := exec.CommandContext(t.Context(), psql, "-c", "SELECT 1", s.URL(sql.Staging, local.ETL)).CombinedOutput(); err != nil {
			t.Errorf("psql: %v\n%s", err, out)
		}
	}
}
