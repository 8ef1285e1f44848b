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

// first measures from the start of the process to the end of the first frame.
func (b *bench) first(ctx context.Context) error {
	for _, c := range []struct {
		what    string
		answers bool
		bar     float64
	}{{"first frame, median", true, 100}, {"first frame on a mute terminal, median", false, 300}} {
		var took []float64
		for range b.starts {
			t, err := b.open(ctx, c.answers)
			if err != nil {
				return err
			}
			_, err = t.wait(mark, 0)
			took = append(took, float64(time.Since(t.started).Microseconds())/1000)
			if q := t.asked(); q != "" {
				err = errors.Join(err, fmt.Errorf("the terminal was asked %q before the first frame", q))
			}
			if err := errors.Join(err, t.close()); err != nil {
				return err
			}
		}
		slices.Sort(took)
		figure(c.what, took[len(took)/2], "ms", c.bar)
		fmt.Printf("%-44s %10.1f to %.1f ms\n", "  range", took[0], took[len(took)-1])
	}
	fmt.Println("no question to the terminal before the first frame")
	return nil
}

// idle measures a console that nothing happens on.
func (b *bench) idle(ctx context.Context) error {
	t, err := b.open(ctx, true)
	if err != nil {
		return err
	}
	if _, err := t.wait("lake", 0); err != nil {
		return errors.Join(err, t.close())
	}
	time.Sleep(5 * time.Second)
	if left := 60 - time.Now().Second(); time.Duration(left)*time.Second < b.seconds {
		time.Sleep(time.Duration(left+1) * time.Second) // the clock of the header changes each minute
	}
	s, err := t.watch(b.seconds)
	if err != nil {
		return errors.Join(err, t.close())
	}
	figure("idle, sent", s.bytes, "B/s", 0)
	figure("idle, of a core", s.cpu, "%", 0.5)
	return t.close()
}

// live measures a console that watches a run, and one whose screen changes ten times a second.
func (b *bench) live(ctx context.Context) error {
	load := b.command(ctx, "--run", "ingest")
	if err := load.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- load.Wait() }()
	if err := b.press(ctx); err != nil {
		return err
	}
	t, err := b.open(ctx, true)
	if err != nil {
		return err
	}
	_, err = t.wait("running", 0)
	if err == nil {
		time.Sleep(2 * time.Second)
		var s sample
		if s, err = t.watch(min(b.seconds, 8*time.Second)); err == nil {
			figure("live, sent", s.bytes/1000, "KB/s", 8)
			figure("live, of a core", s.cpu, "%", 2)
			figure("live, memory of its own", float64(s.own)/(1<<20), "MiB", 60)
			fmt.Printf("%-44s %10.1f MiB\n", "live, with the pages of the program's file", float64(s.rss)/(1<<20))
		}
	}
	err = errors.Join(err, t.close())
	select {
	case loaded := <-ended:
		return errors.Join(err, loaded, errors.New("the load ended while it was watched: take a larger -rows"))
	default:
	}
	return errors.Join(err, load.Process.Signal(os.Interrupt), ignore(<-ended))
}

// ignore drops the error of a run that was stopped on purpose.
func ignore(error) error { return nil }

// press measures from a key to the frame that shows it.
func (b *bench) press(ctx context.Context) error {
	t, err := b.open(ctx, true, "--set", "ui.refresh=100ms")
	if err != nil {
		return err
	}
	if _, err := t.wait("running", 0); err != nil {
		return errors.Join(err, t.close())
	}
	var took []float64
	for i := range b.keys {
		time.Sleep(time.Duration(90+i*7%50) * time.Millisecond)
		key, title := "7", "\x1b]2;Penstock local help"
		if i%2 == 1 {
			key, title = "1", "\x1b]2;Penstock local pipeline"
		}
		from, at := t.bytes(), time.Now()
		if _, err := t.file.WriteString(key); err != nil {
			return errors.Join(err, t.close())
		}
		if _, err := t.wait(title, from); err != nil {
			return errors.Join(err, t.close())
		}
		took = append(took, float64(time.Since(at).Microseconds())/1000)
	}
	slices.Sort(took)
	fmt.Printf("%-44s %10.1f ms\n", "key to screen at 10 updates a second, p50", took[len(took)/2])
	figure("key to screen at 10 updates a second, p95", took[len(took)*95/100], "ms", 50)
	return t.close()
}

// sample is what a console did in a while.
type sample struct {
	bytes float64 // a second
	cpu   float64 // per cent of a core
	// rss is the resident set in bytes; own is it without the pages of the program's
	// file, most of which is the query engine that a console does not open.
	rss, own int64
}

func (t *terminal) watch(d time.Duration) (s sample, err error) {
	bytes, started := t.bytes(), time.Now()
	before, err := t.processor()
	if err != nil {
		return s, err
	}
	time.Sleep(d)
	after, err := t.processor()
	if err != nil {
		return s, err
	}
	took := time.Since(started).Seconds()
	s.bytes, s.cpu = float64(t.bytes()-bytes)/took, (after-before)/took*100
	if s.rss, err = t.memory("VmRSS:"); err != nil {
		return s, err
	}
	s.own, err = t.memory("RssAnon:")
	return s, err
}

// processor is the time in seconds that the threads of the console have had of the processor. The ticks of
// /proc/PID/stat will not do: they fall together with the ticks at which the console looks around.
func (t *terminal) processor() (float64, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", t.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		return 0, errors.Join(err, errors.New("/proc does not tell what the console took of the processor"))
	}
	var sum float64
	for _, thread := range threads {
		text, err := os.ReadFile(thread) //nolint:gosec // of /proc
		if err != nil {
			return 0, err
		}
		ns, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseFloat(ns, 64)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum / 1e9, nil
}

// memory is a figure of the kernel's, in bytes.
func (t *terminal) memory(name string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), name)
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	return kb << 10, err
}
