//go:build failpoint

package pipeline

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestFailpointsHitTheCount(t *testing.T) {
	fail, err := Failpoints("check.done@3=panic, publish.raw=panic")
	if err != nil || !FailpointsBuilt {
		t.Fatal(err)
	}
	hits := func(point string) (hit bool) {
		defer func() { hit = recover() != nil }()
		fail(point)
		return false
	}
	var got []bool
	for _, p := range []string{"check.done", "transform.copied", "check.done", "publish.raw", "check.done", "check.done", "publish.raw"} {
		got = append(got, hits(p))
	}
	want := []bool{false, false, false, true, true, false, false}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("hits %v, want %v", got, want)
		}
	}
}

func TestFailpointsRefuseWhatTheyDoNotKnow(t *testing.T) {
	for spec, want := range map[string]string{
		"nowhere": "no such point", "check.done=explode": "no such action", "check.done@x": "not a count", "check.done@0": "not a count",
	} {
		if _, err := Failpoints(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestFailpointKills(t *testing.T) {
	if os.Getenv("PENSTOCK_TEST_KILL") != "" {
		fail, err := Failpoints("check.done")
		if err != nil {
			t.Fatal(err)
		}
		fail("check.done")
		t.Fatal("still alive")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=TestFailpointKills")
	cmd.Env = append(os.Environ(), "PENSTOCK_TEST_KILL=1")
	err := cmd.Run()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if err == nil || !ok || status.Signal() != syscall.SIGKILL {
		t.Errorf("ended with %v", err)
	}
}
