package pipeline

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// channel is what a run is notified on.
type channel string

const (
	channelRun    channel = "penstock_run"    // a run has news
	channelCancel channel = "penstock_cancel" // a run is asked to stop
)

// hub shares one listening connection among all who wait for news in this
// process. It starts with the first subscription and ends with close. A lost
// connection is made again, and then everybody is woken: something may have
// been missed.
type hub struct {
	pool  *pgxpool.Pool
	log   *slog.Logger
	retry time.Duration

	mu     sync.Mutex
	subs   map[*subscription]struct{}
	stop   context.CancelFunc
	closed bool
	wg     sync.WaitGroup
}

type subscription struct {
	channel channel
	run     int64         // 0 = any
	wake    chan struct{} // of size 1: news while one is busy are one wake
}

// subscribe returns what is sent on at news of a run, 0 for any, and what ends
// that.
func (h *hub) subscribe(ctx context.Context, c channel, run int64) (wake <-chan struct{}, unsubscribe func()) {
	s := &subscription{channel: c, run: run, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[*subscription]struct{}{}
	}
	h.subs[s] = struct{}{}
	if h.stop == nil && !h.closed {
		// The connection outlives who happened to ask first: close ends it.
		ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
		h.stop = stop
		h.wg.Go(func() { h.listen(ctx) })
	}
	return s.wake, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, s)
	}
}

// close ends the listening and waits for it.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	if h.stop != nil {
		h.stop()
	}
	h.mu.Unlock()
	h.wg.Wait()
}

func (h *hub) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := h.session(ctx)
		if ctx.Err() == nil {
			h.log.Debug("listening for news broke off", "err", err)
			_ = pause(ctx, h.retry)
		}
	}
}

// session listens on one connection until it breaks.
func (h *hub) session(ctx context.Context) error {
	conn, err := connect(ctx, h.pool, "penstock watch")
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationLimit)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "LISTEN penstock_run; LISTEN penstock_cancel"); err != nil {
		return err
	}
	h.wakeAll()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		run, err := strconv.ParseInt(n.Payload, 10, 64)
		if err != nil {
			continue // not one of ours
		}
		h.wake(channel(n.Channel), run)
	}
}

func (h *hub) wake(c channel, run int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.channel == c && (s.run == 0 || s.run == run) {
			s.poke()
		}
	}
}

func (h *hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.poke()
	}
}

func (s *subscription) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Watch returns a channel that is sent on when the run has news, or any run
// with 0, and the function that ends it, which the caller calls. All watchers
// of a ledger share one connection. A wake may stand for much news or for none:
// read what you show.
func (l *Ledger) Watch(ctx context.Context, run int64) (wake <-chan struct{}, stop func()) {
	return l.hub.subscribe(ctx, channelRun, run)
}
