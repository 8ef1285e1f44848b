package pipeline

import (
	"context"
	"io"
	"sync"
	"time"
)

// eventLog holds a run's events in memory while the run lasts. Nothing is ever
// dropped: facts are few, so a run's fit in memory many times over.
type eventLog struct {
	mu      sync.Mutex
	entries []entry
	ended   bool          // RunFinished is in
	changed chan struct{} // closed with the next append
}

// entry is an event together with its JSON.
type entry struct {
	event Event
	body  []byte
}

func newEventLog() *eventLog { return &eventLog{changed: make(chan struct{})} }

// append stamps an event and adds it. What readers get is what the JSON says,
// so that a live reader sees exactly what the ledger will hold.
func (g *eventLog) append(run int64, now time.Time, e Event) error {
	e = masked(e)
	body, err := encodeBody(e)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h := Head{Run: run, Seq: int64(len(g.entries)) + 1, At: now.UTC().Round(time.Microsecond)}
	stamped, err := decodeBody(e.Kind(), body, h)
	if err != nil {
		return err
	}
	g.entries = append(g.entries, entry{stamped, body})
	_, g.ended = stamped.(RunFinished)
	close(g.changed)
	g.changed = make(chan struct{})
	return nil
}

// since returns the entries after the first n.
func (g *eventLog) since(n int) []entry {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.entries[n:len(g.entries):len(g.entries)]
}

// beyond returns a channel that is closed once there are more than n entries.
func (g *eventLog) beyond(n int) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.entries) > n {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return g.changed
}

// next waits for the event with that number; io.EOF after the last.
func (g *eventLog) next(ctx context.Context, seq int64) (Event, error) {
	seq = max(seq, 1)
	for {
		g.mu.Lock()
		count, ended, changed := int64(len(g.entries)), g.ended, g.changed
		if seq <= count {
			e := g.entries[seq-1].event
			g.mu.Unlock()
			return e, nil
		}
		g.mu.Unlock()
		if ended {
			return nil, io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
