package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"penstock/dbadmin/local/localtest"
	"penstock/pipeline"
	"penstock/tui/tuitest"
)

// leaking is a step whose error and warning hold the address that they speak of, as libraries' errors do.
func leaking(secret string) pipeline.Step {
	address := "postgres://etl:" + secret + "@db.example/shop?sslmode=verify-full"
	return pipeline.Step{Name: pipeline.Ingest, Engine: "go", Run: func(_ context.Context, rc *pipeline.RunContext) (pipeline.Result, error) {
		rc.Emit(pipeline.Warning{Step: pipeline.Ingest, Message: "slow: " + address, Hint: "look at " + address})
		rc.Emit(pipeline.LoadFinished{Load: 1, Source: "shop", Name: "a.csv", State: "failed", Err: "copy to " + address, Hint: "ask " + address})
		return pipeline.Result{}, &hinted{"cannot parse `" + address + "`: password=" + secret, "set " + address}
	}}
}

// TestPasswordsStayOutOfRuns has a run fail with an address in its error, and looks for the password
// wherever that error is told: while it runs, in the ledger, in the history, in the log and on the screens.
func TestPasswordsStayOutOfRuns(t *testing.T) {
	const canary = "c4n4ry"
	db := localtest.New(t)
	dir := dataDir(t)
	hostOf := func(out, human *bytes.Buffer, args ...string) host {
		return host{
			args: args, in: strings.NewReader(""), out: out, err: human, now: time.Now, workdir: dir, hostname: "here", uid: os.Getuid(),
			environ: []string{"HOME=" + dir, "PENSTOCK_DATA_DIR=" + dir, "PENSTOCK_STAGING_URL=" + db.StagingURL, "PENSTOCK_ANALYTICS_URL=" + db.AnalyticsURL},
		}
	}
	clear := func(where, text, want string) {
		t.Helper()
		if strings.Contains(text, canary) || !strings.Contains(text, want) {
			t.Errorf("%s: the password is there, or %q is not:\n%s", where, want, text)
		}
	}

	for _, asJSON := range []bool{false, true} {
		var out, human bytes.Buffer
		a := newApp(hostOf(&out, &human))
		a.flags.json = asJSON
		ledger, err := a.ledger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x, err := ledger.Start(t.Context(), pipeline.Plan{Tasks: []string{"ingest"}, Steps: []pipeline.Step{leaking(canary)}})
		if err != nil {
			t.Fatal(err)
		}
		err = a.follow(t.Context(), x)
		if exitCode(err) != codeFailed {
			t.Errorf("the run ended with %v", err)
		}
		_, err = x.Wait()
		a.complain(fmt.Errorf("run: %w", err))
		c, configErr := a.config()
		if configErr != nil {
			t.Fatal(configErr)
		}
		a.logger(c).Error("a run failed", "err", err)
		if err := a.close(); err != nil {
			t.Fatal(err)
		}
		clear("people", human.String(), "etl:***@db.example/shop")
		if asJSON {
			clear("programs", out.String(), "etl:***@db.example/shop")
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log", "penstock.log"))
	if err != nil {
		t.Fatal(err)
	}
	clear("the log", string(log), "etl:***@")

	var rows string
	err = db.Staging.QueryRow(t.Context(), `SELECT (SELECT string_agg(r::text, ' ') FROM staging.runs r) ||
		(SELECT string_agg(s::text, ' ') FROM staging.steps s) || (SELECT string_agg(e::text, ' ') FROM staging.events e)`).Scan(&rows)
	if err != nil {
		t.Fatal(err)
	}
	clear("the ledger", rows, "etl:***@")

	// An older version may have written it: what is shown is masked again.
	for _, q := range []string{
		"UPDATE staging.runs SET error = replace(error, '***', $1), hint = replace(hint, '***', $1)",
		"UPDATE staging.events SET body = replace(body::text, '***', $1)::jsonb",
		"UPDATE staging.steps SET detail = replace(detail::text, '***', $1)::jsonb",
		`INSERT INTO staging.loads (source, entity, name, origin, sha256, file_sha256, fingerprint, state, started_at, error)
			VALUES ('shop', 'purchases', 'a', 'a', 'x', 'x', 'x', 'failed', now(), 'dial postgres://etl:' || $1 || '@db.example/shop')`,
	} {
		if _, err := db.Staging.Exec(t.Context(), q, canary); err != nil {
			t.Fatal(err)
		}
	}
	for _, task := range []string{"runs", "runs 1", "runs events 1", "runs compare 1 2", "loads 1", "loads"} {
		for _, flag := range []string{"", " --json"} {
			var out, human bytes.Buffer
			code := execute(t.Context(), hostOf(&out, &human, strings.Fields("--run "+task+flag)...), func() os.Signal { return nil })
			if code != codeDone {
				t.Errorf("%s ended with %d: %s", task, code, human.String())
			}
			want := "***"
			if strings.Contains(task, "compare") || task == "loads" && flag == "" || task == "runs" && flag == "" {
				want = "" // the table has no room for the address, or none for errors
			}
			clear(task+flag, out.String()+human.String(), want)
		}
	}

	term := tuitest.Run(t, realConsole(t, db).root, 200, 60)
	for key, screen := range map[string]string{"1": "▸ pipeline", "2": "▸ runs"} {
		term.Keys(key)
		clear(screen, term.WaitText(screen, "etl:***@").Text(), "failed")
	}
}
