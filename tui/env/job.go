package env

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// Job is one thing a screen does in the background: a query, a count, a sort.
// Its result comes back to the screen that started it, hidden or not, and only
// if nothing newer was started and it was not cancelled meanwhile.
//
//	s.rows = env.NewJob("rejects")                  // once, in the constructor
//	cmd := s.rows.Start(s.ctx, func(ctx context.Context) tea.Msg { … })
//
// A screen may have several jobs; each has its own generations.
type Job struct {
	screen  string
	gen     uint64
	running bool
	ctx     context.Context // the generation's, so that More stays in it
	cancel  context.CancelFunc
}

// NewJob returns a job of the screen with this ID.
func NewJob(screen string) *Job { return &Job{screen: screen} }

// Start cancels what the job was doing and returns the command that does work
// and sends what it returns to the screen. The context given to work ends when
// the job is cancelled, started anew, or when ctx ends. What work returns must
// be a plain message, not a command.
func (j *Job) Start(ctx context.Context, work func(ctx context.Context) tea.Msg) tea.Cmd {
	j.Cancel()
	j.ctx, j.cancel = context.WithCancel(ctx)
	return j.More(work)
}

// More goes on in the generation that Start began: for reading a stream message
// by message, called while handling the message before. After Cancel it does nothing.
func (j *Job) More(work func(ctx context.Context) tea.Msg) tea.Cmd {
	if j.ctx == nil {
		return nil
	}
	j.running = true
	gen, ctx := j.gen, j.ctx
	return func() tea.Msg {
		return LetterMsg{job: j, gen: gen, Body: work(ctx)}
	}
}

// Expect begins a generation for a result that comes by a callback (of
// tea.ExecProcess): the function it returns addresses the message.
func (j *Job) Expect(ctx context.Context) func(tea.Msg) tea.Msg {
	j.Cancel()
	j.ctx, j.cancel = context.WithCancel(ctx)
	j.running = true
	gen := j.gen
	return func(body tea.Msg) tea.Msg { return LetterMsg{job: j, gen: gen, Body: body} }
}

// Cancel ends what the job is doing; its result will not arrive. It reports
// whether there was something to cancel.
func (j *Job) Cancel() bool {
	if j.cancel != nil {
		j.cancel()
		j.ctx, j.cancel = nil, nil
	}
	was := j.running
	j.gen++
	j.running = false
	return was
}

// Running reports whether a result is still to come.
func (j *Job) Running() bool { return j.running }

// LetterMsg is a job's result on its way to the screen. Only the root handles it.
type LetterMsg struct {
	job  *Job
	gen  uint64
	Body tea.Msg
}

// Screen returns the ID of the screen that the letter is for.
func (l LetterMsg) Screen() string { return l.job.screen }

// Open returns the message in the letter and true, or false when the letter is
// out of date. The job counts as done from then on.
func (l LetterMsg) Open() (tea.Msg, bool) {
	if l.gen != l.job.gen || !l.job.running {
		return nil, false
	}
	l.job.running = false
	return l.Body, l.Body != nil
}
