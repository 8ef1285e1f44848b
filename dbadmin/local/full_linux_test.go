package local_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"penstock/dbadmin/local"
)

func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make a small disk")
	}
	o := options(t)
	disk := filepath.Join(filepath.Dir(o.Dir), "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m,mode=755"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("cannot make a small disk: ", err)
	}
	defer func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	o.Dir = filepath.Join(disk, "main")
	_, err := local.Start(t.Context(), o)
	checkError(t, err, "No space left on device", "the disk is full")
	left, err := filepath.Glob(filepath.Join(o.Dir, "data*"))
	if err != nil || len(left) != 0 {
		t.Errorf("a half made data directory stays: %v, %v", left, err)
	}
}
