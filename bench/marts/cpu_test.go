package marts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// clock reads the wall clock and the processor seconds of this process and the server so far. On a busy
// machine only the latter can be compared; without /proc of the server's machine they are those of this
// process alone.
type clock struct{ postmaster string }

type reading struct {
	at  time.Time
	cpu time.Duration
}

func newClock(ctx context.Context, b *testing.B, pool *pgxpool.Pool) clock {
	b.Helper()
	var pid int
	if err := pool.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		b.Fatal(err)
	}
	if fields := statFields(strconv.Itoa(pid)); fields != nil {
		return clock{fields[1]}
	}
	return clock{}
}

func (c clock) read() reading {
	r := reading{at: time.Now(), cpu: processTime(strconv.Itoa(os.Getpid()), 2)}
	if c.postmaster == "" {
		return r
	}
	r.cpu += processTime(c.postmaster, 4) // with the children it has waited for
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		pid := filepath.Base(filepath.Dir(stat))
		if fields := statFields(pid); fields != nil && fields[1] == c.postmaster {
			r.cpu += processTime(pid, 2)
		}
	}
	return r
}

// processTime adds up user and system time of a process, with 4 those of its dead children too.
func processTime(pid string, fields int) (total time.Duration) {
	const ticks = 100 // the kernel counts hundredths of a second in /proc wherever Go runs on Linux
	all := statFields(pid)
	if all == nil {
		return 0
	}
	for _, f := range all[11 : 11+fields] {
		n, _ := strconv.ParseInt(f, 10, 64)
		total += time.Duration(n) * time.Second / ticks
	}
	return total
}

// statFields are those of /proc/PID/stat behind the program's name, the state first; nil for no process.
func statFields(pid string) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", pid))
	end := strings.LastIndexByte(string(text), ')')
	if err != nil || end < 0 {
		return nil
	}
	if fields := strings.Fields(string(text[end+1:])); len(fields) > 15 {
		return fields
	}
	return nil
}
