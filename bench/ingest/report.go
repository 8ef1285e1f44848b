package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clockTicks is how many times a second the kernel counts in /proc; it is 100 wherever Go runs on Linux.
const clockTicks = 100

// serverTime is the processor time of a server so far: that of its first process, of the children it has
// waited for and of those that live. It is read again when a child was waited for meanwhile: its time
// would count twice, or not at all.
func serverTime(pid int) (time.Duration, error) {
	for {
		total, waited, err := familyTime(pid)
		if err != nil {
			return 0, err
		}
		if _, after, err := processTime(pid); err != nil || after == waited {
			return total + waited, err
		}
	}
}

// familyTime is the time of the process and of its living children, and that of the children it has
// waited for.
func familyTime(pid int) (own, waited time.Duration, err error) {
	own, waited, err = processTime(pid)
	if err != nil {
		return 0, 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, 0, err
	}
	for _, stat := range stats {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			return 0, 0, err
		}
		fields, err := statFields(child)
		if err != nil || fields[1] != strconv.Itoa(pid) {
			continue // it has ended, or is another's
		}
		if used, _, err := processTime(child); err == nil {
			own += used
		}
	}
	return own, waited, nil
}

// sessions are the server's sessions of a database, by process; ended ones that the server has not waited
// for yet are among them.
func sessions(pid int, database string) map[int]bool {
	found := map[int]bool{}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return found
	}
	for _, line := range lines {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(line)))
		if err != nil {
			continue
		}
		fields, err := statFields(child)
		if err != nil || fields[1] != strconv.Itoa(pid) {
			continue
		}
		title, err := os.ReadFile(line)
		if err == nil && (fields[0] == "Z" || strings.Contains(string(title), " "+database+" ")) {
			found[child] = !strings.Contains(string(title), "autovacuum")
		}
	}
	return found
}

// settled waits until the sessions that began since are gone: the time of one that ends counts when its
// parent has noticed.
func settled(pid int, database string, before map[int]bool) {
	for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		began := sessions(pid, database)
		maps.DeleteFunc(began, func(child int, counts bool) bool { return before[child] || !counts })
		if len(began) == 0 {
			return
		}
	}
}

// processTime is the time that a process used itself, and that of the children it has waited for.
func processTime(pid int) (own, waited time.Duration, err error) {
	fields, err := statFields(pid)
	if err != nil {
		return 0, 0, err
	}
	var ticks [4]int64 // utime, stime, cutime, cstime
	for i := range ticks {
		if ticks[i], err = strconv.ParseInt(fields[11+i], 10, 64); err != nil {
			return 0, 0, err
		}
	}
	const tick = time.Second / clockTicks
	return time.Duration(ticks[0]+ticks[1]) * tick, time.Duration(ticks[2]+ticks[3]) * tick, nil
}

// statFields are those of /proc/PID/stat behind the program's name, the state first.
func statFields(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	end := strings.LastIndexByte(string(text), ')')
	fields := strings.Fields(string(text[end+1:]))
	if end < 0 || len(fields) < 15 {
		return nil, errors.New("/proc is not what it was")
	}
	return fields, nil
}

// median of what pick returns of each run.
func (c *contestant) median(pick func(measured) float64) float64 {
	values := make([]float64, len(c.runs))
	for i, r := range c.runs {
		values[i] = pick(r)
	}
	slices.Sort(values)
	n := len(values)
	if n == 0 {
		return 0
	}
	return (values[(n-1)/2] + values[n/2]) / 2
}

func wall(m measured) float64   { return m.wall.Seconds() }
func client(m measured) float64 { return m.client.Seconds() }
func server(m measured) float64 { return m.server.Seconds() }
func rss(m measured) float64    { return float64(m.rss) / (1 << 20) }

// report prints medians and what they are to be compared with.
func (b *bench) report(ctx context.Context, list []contestant) error {
	info, err := os.Stat(list[0].file)
	if err != nil {
		return err
	}
	var s strings.Builder
	fmt.Fprintf(&s, "\nmedians of %d, %.1f MB\n%-22s %8s %8s %8s %8s %8s\n", len(list[0].runs), float64(info.Size())/1e6,
		"", "wall s", "client s", "server s", "peak MB", "ratio")
	for i := range list {
		c := &list[i]
		fmt.Fprintf(&s, "%-22s %8.2f %8.2f %8.2f %8.0f %8.2f\n", c.name, c.median(wall), c.median(client), c.median(server),
			c.median(rss), list[0].median(wall)/c.median(wall))
	}
	fmt.Fprint(&s, "ratio: psql's wall time / this one's; above 1 is faster than psql\n")
	for _, c := range list[2:] {
		fmt.Fprintf(&s, "%s: %.2f times the time of the clean file\n", c.name, c.median(wall)/list[1].median(wall))
	}
	again, err := b.again(ctx, list[1].file)
	if err != nil {
		return err
	}
	fmt.Fprintf(&s, "the same content again: %.2f s\n", again.Seconds())
	_, err = fmt.Fprint(b.out, s.String())
	return err
}

// again measures how long it takes to find out that a file is known.
func (b *bench) again(ctx context.Context, file string) (time.Duration, error) {
	if err := b.configure(file); err != nil {
		return 0, err
	}
	if err := b.command(ctx, "penstock", "--run", "ingest").Run(); err != nil {
		return 0, err
	}
	m, err := b.timed(b.command(ctx, "penstock", "--run", "ingest"))
	return m.wall, err
}
