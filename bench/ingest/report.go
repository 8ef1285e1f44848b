package main

import (
	"context"
	"errors"
	"fmt"
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
// waited for and of those that live.
func serverTime(pid int) (time.Duration, error) {
	total, err := processTime(pid, true)
	if err != nil {
		return 0, err
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, stat := range stats {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if err != nil {
			return 0, err
		}
		fields, err := statFields(child)
		if err != nil || fields[1] != strconv.Itoa(pid) {
			continue // it has ended, or is another's
		}
		used, err := processTime(child, false)
		if err == nil {
			total += used
		}
	}
	return total, nil
}

// settled waits until no session of the database is left: the time of one that ends counts when its
// parent has noticed.
func settled(pid int, database string) {
	for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			return
		}
		busy := false
		for _, line := range lines {
			title, err := os.ReadFile(line)
			if err != nil || !strings.Contains(string(title), " "+database+" ") || strings.Contains(string(title), "autovacuum") {
				continue
			}
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(line)))
			if err != nil {
				continue
			}
			fields, err := statFields(child)
			busy = busy || err == nil && fields[1] == strconv.Itoa(pid)
		}
		if !busy {
			return
		}
	}
}

func processTime(pid int, waited bool) (time.Duration, error) {
	fields, err := statFields(pid)
	if err != nil {
		return 0, err
	}
	times := fields[11:13] // utime, stime
	if waited {
		times = fields[11:15] // and those of children
	}
	var ticks int64
	for _, f := range times {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / clockTicks, nil
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
