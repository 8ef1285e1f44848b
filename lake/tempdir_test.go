package lake

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

func TestSpilledFilesOfDeadQueriesAreRemoved(t *testing.T) {
	_, v := published(t)
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	q := openQuery(t, v, QueryOptions{TempDir: dir})
	dead := exec.CommandContext(t.Context(), "true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, tempName+strconv.Itoa(dead.Process.Pid)+"-1")
	stays := []string{filepath.Join(dir, tempName+strconv.Itoa(os.Getppid())+"-1"), filepath.Join(dir, "somebody"), filepath.Join(dir, tempName+"x-1"), filepath.Join(dir, tempName+"0-1"), q.temp}
	for _, d := range append([]string{gone}, stays...) {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	other, err := OpenQuery(t.Context(), v, QueryOptions{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if other.temp == q.temp {
		t.Error("two queries share a folder")
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("the folder of a dead process: %v", err)
	}
	for _, d := range stays {
		if _, err := os.Stat(d); err != nil {
			t.Error(err)
		}
	}
	temp := other.temp
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(temp); !os.IsNotExist(err) {
		t.Errorf("after Close: %v", err)
	}
	if _, err := OpenQuery(t.Context(), v, QueryOptions{TempDir: "/dev/null/x"}); err == nil {
		t.Error("a folder that can not be made was taken")
	}
}
