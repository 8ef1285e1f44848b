package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// watch opens a console on a pseudo terminal; the function that it returns closes it.
func (b *bench) watch(ctx context.Context) (done func() error, err error) {
	cmd := b.command(ctx, "penstock", "--fresh")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		return nil, fmt.Errorf("open the console: %w", err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 1<<16)
		var seen strings.Builder
		for {
			n, err := file.Read(buf)
			if err != nil {
				return
			}
			if seen.Len() < 1<<20 {
				seen.Write(buf[:n])
				if strings.Contains(seen.String(), "staging") {
					seen.Write(make([]byte, 1<<20)) // enough
					close(ready)
				}
			}
		}
	}()
	select {
	case <-ready:
	case <-ended:
		return nil, errors.New("the console ended by itself")
	case <-time.After(30 * time.Second):
		return nil, errors.New("the console does not come up")
	}
	return func() error {
		_, err := io.WriteString(file, "q")
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Signal(syscall.SIGTERM)
		}
		return errors.Join(err, cmd.Wait(), file.Close())
	}, nil
}

// reportWatched prints what being watched costs a load: the median of what the pairs say, since a machine
// that is faster or slower for a while is so for both of a pair.
func (b *bench) reportWatched(list []contestant) error {
	cost := func(m measured) float64 { return (m.client + m.server).Seconds() }
	for i := range list {
		c := &list[i]
		fmt.Fprintf(b.out, "%-12s median of %d: %.2f s of the processor (client %.2f, server %.2f), %.2f s wall\n",
			c.name, len(c.runs), c.median(cost), c.median(client), c.median(server), c.median(wall))
	}
	ratios := make([]float64, len(list[0].runs))
	for i := range ratios {
		ratios[i] = cost(list[1].runs[i]) / cost(list[0].runs[i])
	}
	slices.Sort(ratios)
	n := len(ratios)
	_, err := fmt.Fprintf(b.out, "watched / unwatched: %.3f, median of pairs %.3f to %.3f (the console's own time is not in it; bench/console has that)\n",
		(ratios[(n-1)/2]+ratios[n/2])/2, ratios[0], ratios[n-1])
	return err
}
