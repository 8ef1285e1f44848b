package local

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// memory returns the bytes of memory that this process may use: the machine's,
// or its control group's where that is less; 0 if the system does not tell.
func memory() int64 {
	total := int64(0)
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "MemTotal:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
			if err == nil {
				total = kb << 10
			}
		}
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(file) //nolint:gosec // one of the two above
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && limit > 0 && limit < total {
			total = limit
		}
	}
	return total
}

const onLinux = true

// keepsShared reports whether PostgreSQL may keep parallel workers' memory in
// /dev/shm: not where it is as small as in a container, nor for an ordinary
// user, whose files there the system may remove when he logs out.
func keepsShared(a Account) bool {
	var fs syscall.Statfs_t
	if !a.Drop || syscall.Statfs("/dev/shm", &fs) != nil {
		return false
	}
	return int64(fs.Bavail)*fs.Bsize >= 512*mb //nolint:gosec,unconvert // a file system's size fits
}
