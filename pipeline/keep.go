package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// keepStaging brings events and signs of life to the ledger while the run
// lasts, takes the lock again when it was lost, and hears of cancel requests.
// It ends once the steps have and all is written, giving the lock back.
func (x *Execution) keepStaging(ctx context.Context) {
	o := x.ledger.o
	beat := time.NewTicker(o.Heartbeat)
	defer beat.Stop()
	asked, unsubscribe := x.ledger.hub.subscribe(ctx, channelCancel, x.id)
	defer unsubscribe()
	defer x.cancel(nil)

	grace := x.newGrace(x.staging)
	for done := false; !done; {
		due := false
		select {
		case <-x.log.beyond(x.recorder.seen):
		case <-asked:
		case <-beat.C:
			due = true
		case <-x.stepsDone:
			done = true
			continue
		}
		x.beat(ctx, grace, due)
	}
	x.finish(ctx)
}

// beat writes what there is; every heartbeat it tries to mend what is broken.
func (x *Execution) beat(ctx context.Context, g *grace, due bool) {
	if due && !g.held(ctx) {
		x.recorder.keep()
		return
	}
	w, err := x.recorder.sync(ctx)
	if err != nil {
		if !x.recorder.failing {
			x.ledger.o.Log.Warn("the ledger is out of reach", "run", x.id, "err", err)
		}
		x.recorder.failing = true
		return
	}
	x.recorder.failing = false
	if w.cancel {
		x.Cancel(w.who)
	}
}

// finish writes the last events and gives the lock of staging back.
func (x *Execution) finish(ctx context.Context) {
	flush, cancel := context.WithTimeout(ctx, x.ledger.o.FlushLimit)
	defer cancel()
	x.outcome.Spool = x.recorder.finish(flush, min(x.ledger.o.Heartbeat, 250*time.Millisecond))
	x.staging.release(ctx)
}

// keepAnalytics looks after the lock in the analytics database and gives it
// back when the steps have ended.
func (x *Execution) keepAnalytics(ctx context.Context) {
	beat := time.NewTicker(x.ledger.o.Heartbeat)
	defer beat.Stop()
	g := x.newGrace(x.analytics)
	for {
		select {
		case <-x.stepsDone:
			x.analytics.release(ctx)
			return
		case <-beat.C:
			g.held(ctx)
		}
	}
}

// grace counts how long a lock has been lost, in heartbeats, and gives the run
// up when it is gone for good.
type grace struct {
	x      *Execution
	lock   *lock
	isLost bool
	missed time.Duration
}

func (x *Execution) newGrace(k *lock) *grace { return &grace{x: x, lock: k} }

// held looks whether the lock is still held and tries to take it again when it
// is not; it is called once a heartbeat.
func (g *grace) held(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, operationLimit)
	defer cancel()
	o := g.x.ledger.o
	if g.lock.alive() && !g.isLost {
		// Asking finds out that a connection is dead.
		if err := g.lock.conn.Ping(ctx); err == nil || g.lock.alive() {
			return true
		}
	}
	if !g.isLost {
		o.Log.Warn("the lock is lost", "run", g.x.id, "database", string(g.lock.db))
	}
	g.isLost = true
	err := g.lock.retake(ctx)
	if err == nil && g.lock == g.x.staging {
		err = g.x.recorder.revive(ctx)
	}
	switch {
	case err == nil:
		o.Log.Info("the lock is held again", "run", g.x.id, "database", string(g.lock.db))
		g.isLost, g.missed = false, 0
		return true
	case errors.Is(err, ErrFenced):
		g.x.cancel(err)
	default:
		g.missed += o.Heartbeat
		if g.missed >= o.LockGrace {
			g.x.cancel(withHint(fmt.Errorf("the lock in the %s database is lost for %s: %w", g.lock.db, g.missed, err),
				"see that the server is up and can be reached, then run again: it takes up where this run ended"))
		}
	}
	return false
}
