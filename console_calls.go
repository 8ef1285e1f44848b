package main

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"penstock/config"
	"penstock/sql"
	commandscreen "penstock/tui/screen/commands"
)

// callsKept is how many calls the command log remembers.
const callsKept = 1000

// callLog remembers the latest statements and calls that a session of the console made: their text
// without values, when, how long and how many rows. It can be used by many goroutines.
type callLog struct {
	now func() time.Time

	mu   sync.Mutex
	last uint64 // number of the latest
	ring []commandscreen.Call
}

func newCallLog(now func() time.Time) *callLog {
	return &callLog{now: now, ring: make([]commandscreen.Call, 0, callsKept)}
}

// add remembers a call.
func (l *callLog) add(c commandscreen.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	c.ID = l.last
	if len(l.ring) < callsKept {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[(l.last-1)%callsKept] = c
}

// note remembers something that took no time, such as a message of the managed server.
func (l *callLog) note(to, text string) {
	l.add(commandscreen.Call{At: l.now(), To: to, Text: config.Mask(text), Rows: -1})
}

// done remembers a call that started then and has just ended; rows below 0 are none.
func (l *callLog) done(started time.Time, to, text string, rows int64, err error) {
	c := commandscreen.Call{At: started, To: to, Text: config.Mask(text), Took: l.now().Sub(started), Rows: rows}
	if err != nil {
		c.Err, c.Rows = config.Mask(err.Error()), -1
	}
	l.add(c)
}

// Latest is the number of the latest call, 0 before the first.
func (l *callLog) Latest() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Calls returns what is remembered, the latest first.
func (l *callLog) Calls() []commandscreen.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]commandscreen.Call, 0, len(l.ring))
	for i := range len(l.ring) {
		out = append(out, l.ring[(l.last-1-uint64(i))%callsKept])
	}
	return out
}

// of returns what notes the statements that go to a database.
func (l *callLog) of(db sql.Database) pgx.QueryTracer { return &callTracer{log: l, to: string(db)} }

// callTracer notes the statements of one database. Arguments are never looked at.
type callTracer struct {
	log *callLog
	to  string
}

type (
	queryKey   struct{}
	connectKey struct{}
)

type tracedQuery struct {
	text    string
	started time.Time
}

// TraceQueryStart implements pgx.QueryTracer.
func (t *callTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, queryKey{}, tracedQuery{withoutValues(d.SQL), t.log.now()})
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t *callTracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	if q, ok := ctx.Value(queryKey{}).(tracedQuery); ok {
		t.log.done(q.started, t.to, q.text, d.CommandTag.RowsAffected(), d.Err)
	}
}

// TraceConnectStart implements pgx.ConnectTracer.
func (t *callTracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return context.WithValue(ctx, connectKey{}, t.log.now())
}

// TraceConnectEnd implements pgx.ConnectTracer.
func (t *callTracer) TraceConnectEnd(ctx context.Context, d pgx.TraceConnectEndData) {
	if started, ok := ctx.Value(connectKey{}).(time.Time); ok {
		t.log.done(started, t.to, "connect", -1, d.Err)
	}
}

// quoted matches string literals, dollar-quoted ones included.
var quoted = regexp.MustCompile(`(?s)'(?:[^']|'')*'|\$\$.*?\$\$`)

// withoutValues is a statement with its string literals replaced: what people typed and what data holds
// stays out of the log. Parameters are not part of the text.
func withoutValues(text string) string {
	if !strings.ContainsAny(text, "'$") {
		return text
	}
	return quoted.ReplaceAllString(text, "'…'")
}
