package insights

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// query is a question to the database: asked in the background, its state shown in
// a pane, its last answer kept.
type query[T any] struct {
	env  *env.Env
	job  *env.Job
	pane *widget.Pane // nil: nobody looks

	value T
	ok    bool      // value is an answer
	err   error     // why the last question has none
	built time.Time // of the marts that it was asked about
	asked bool

	stop     context.CancelFunc
	stopping bool
	since    time.Time
}

// answer is what a question brought.
type answer[T any] struct {
	of    *query[T]
	value T
	err   error
}

// asking is a question whatever it asks for.
type asking interface {
	running() bool
	cancel()
	drop()
}

func newQuery[T any](e *env.Env, p *widget.Pane) *query[T] {
	return &query[T]{env: e, job: env.NewJob(ID), pane: p}
}

// due reports whether the question has to be asked (again).
func (q *query[T]) due(built time.Time) bool {
	return !q.running() && (!q.asked || !q.built.Equal(built) || q.err != nil && !errors.Is(q.err, ErrStopped))
}

// askFor asks about the marts that were made at built.
func (q *query[T]) askFor(ctx context.Context, built time.Time, what string, work func(context.Context) (T, error)) tea.Cmd {
	q.built = built
	return q.ask(ctx, what, work)
}

// ask asks; what it is waiting for shows in the pane if that has nothing better.
func (q *query[T]) ask(ctx context.Context, what string, work func(context.Context) (T, error)) tea.Cmd {
	q.drop()
	// A context of its own under the job's: the answer of a question that was
	// stopped has to arrive, because it says whether the server stopped it.
	ctx, q.stop = context.WithCancel(ctx) //nolint:gosec // cancel and drop call it
	q.asked, q.stopping, q.since = true, false, q.env.Now()
	if q.pane != nil && !q.ok && q.pane.State() != widget.Failed {
		q.pane.Loading(what)
	}
	return q.job.Start(ctx, func(ctx context.Context) tea.Msg {
		value, err := work(ctx)
		return answer[T]{of: q, value: value, err: err}
	})
}

func (q *query[T]) running() bool { return q.job.Running() }

// cancel has the server stop; the answer says whether it did.
func (q *query[T]) cancel() {
	if !q.running() || q.stopping {
		return
	}
	q.stopping = true
	q.stop()
	if q.pane != nil && !q.ok {
		q.pane.Loading("stopping the query at the server")
	}
}

// drop ends the question without waiting for anything.
func (q *query[T]) drop() {
	if q.stop != nil {
		q.stop()
		q.stop = nil
	}
	q.job.Cancel()
}

// forget drops the answer too.
func (q *query[T]) forget() {
	q.drop()
	var none T
	q.value, q.ok, q.err, q.asked = none, false, nil, false
}

// take takes the question's answer, and reports whether it is one.
func (q *query[T]) take(msg tea.Msg) bool {
	a, ok := msg.(answer[T])
	if !ok || a.of != q {
		return false
	}
	q.stop()
	stopped := q.stopping && a.err != nil
	q.stopping, q.err = false, a.err
	if stopped && !errors.Is(a.err, ErrStopped) {
		q.err = errors.Join(ErrStopped, a.err)
	}
	if a.err == nil {
		q.value, q.ok = a.value, true
	}
	if q.pane == nil {
		return true
	}
	switch {
	case a.err == nil:
		q.pane.Live(q.env.Now())
	case q.ok: // what is on show stays
	case stopped:
		q.pane.Empty("The query was stopped after "+widget.Duration(q.env.Now().Sub(q.since))+".", q.env.Key("insights.again", "r")+" asks again")
	default:
		q.pane.Failed(a.err, q.env.Key("insights.again", "r"))
	}
	return true
}

// outcome tells of an answer that did not come, where the pane does not.
func (q *query[T]) outcome() tea.Cmd {
	took := widget.Duration(q.env.Now().Sub(q.since))
	switch {
	case q.err == nil:
		return nil
	case errors.Is(q.err, ErrStopped) && errors.Is(q.err, context.Canceled):
		return env.Notify(env.Info, "the query was given up after "+took+", before the server began it")
	case errors.Is(q.err, ErrStopped):
		return env.Notify(env.Info, "the server stopped the query after "+took)
	case q.ok:
		return env.Notify(env.Warn, "not refreshed: "+q.err.Error())
	}
	return nil
}

// loadInto asks when it is due, or again when the user wants to.
func loadInto[T any](s *Screen, q *query[T], again bool, what string, work func(context.Context) (T, error)) tea.Cmd {
	if q.running() || !again && !q.due(s.built()) {
		return nil
	}
	return q.askFor(s.ctx, s.built(), what, work)
}
