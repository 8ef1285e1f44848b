package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"

	"penstock/dbadmin/local/localtest"
)

// eventReader is what frontends read a run by.
type eventReader interface {
	Next(ctx context.Context, run, seq int64) (Event, error)
}

// TestReadersAgree holds every way of reading a run to the same promises: the
// run itself, a ledger in its process and one in another process.
func TestReadersAgree(t *testing.T) {
	d := localtest.New(t)
	writer := process(t, d, "ann")
	for name, reader := range map[string]func(x *Execution) eventReader{
		"live":           func(x *Execution) eventReader { return x },
		"ledger":         func(*Execution) eventReader { return writer },
		"ledger, beside": func(*Execution) eventReader { return process(t, d, "bob") },
	} {
		t.Run(name, func(t *testing.T) { conform(t, writer, reader) })
	}
}

// talk is a step that emits what it is told, until the channel is closed.
func talk(events <-chan Event) Step {
	return step(Ingest, func(ctx context.Context, rc *RunContext) (Result, error) {
		for {
			select {
			case e, more := <-events:
				if !more {
					return Result{}, nil
				}
				rc.Emit(e)
			case <-ctx.Done():
				return Result{}, ctx.Err()
			}
		}
	})
}

func conform(t *testing.T, writer *Ledger, reader func(*Execution) eventReader) {
	ctx := testContext(t)
	say := make(chan Event)
	x := start(t, writer, Plan{Steps: []Step{talk(say)}})
	end := sync.OnceFunc(func() { close(say) })
	defer end()
	r, run := reader(x), x.ID()

	// What happened is there, and asking twice gives the same.
	first, err := r.Next(ctx, run, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := first.(RunStarted); !ok || s.Head().Seq != 1 || s.Head().Run != run {
		t.Fatalf("first %#v", first)
	}
	if zero, err := r.Next(ctx, run, 0); err != nil || !reflect.DeepEqual(zero, first) {
		t.Errorf("from 0: %#v %v", zero, err)
	}
	if _, err := r.Next(ctx, run, 2); err != nil {
		t.Fatal(err)
	}

	// What did not happen is waited for, and the wait can be called off.
	soon, cancel := context.WithCancelCause(ctx)
	stopped := errors.New("had enough")
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := r.Next(soon, run, 3); !errors.Is(err, stopped) {
			t.Errorf("called off: %v", err)
		}
	})
	cancel(stopped)
	wg.Wait()
	wg.Go(func() {
		e, err := r.Next(ctx, run, 3)
		if w, ok := e.(Warning); err != nil || !ok || w.Message != "number 0" {
			t.Errorf("waited for: %#v %v", e, err)
		}
	})

	// Nothing is dropped, however many there are and whoever reads.
	const many = 1200
	for i := range many {
		say <- Warning{Message: fmt.Sprintf("number %d", i)}
	}
	wg.Wait()
	for range 3 {
		wg.Go(func() {
			for i := range many {
				e, err := r.Next(ctx, run, int64(3+i))
				if w, ok := e.(Warning); err != nil || !ok || w.Message != fmt.Sprintf("number %d", i) || w.Head().Seq != int64(3+i) {
					t.Errorf("event %d: %#v %v", 3+i, e, err)
					return
				}
			}
		})
	}
	wg.Wait()

	// What data says is told as it is, but for what no database holds.
	say <- Warning{Message: "\x1b[31m<b>\u202e NUL \x00 \xff", Hint: "line\nbreak"}
	e, err := r.Next(ctx, run, 3+many)
	if w, ok := e.(Warning); err != nil || !ok || w.Message != "\x1b[31m<b>\u202e NUL \ufffd \ufffd" || w.Hint != "line\nbreak" {
		t.Errorf("hostile text: %#v %v", e, err)
	}

	// After the last event comes io.EOF, at once and again.
	end()
	if _, err := x.Wait(); err != nil {
		t.Fatal(err)
	}
	last := int64(3 + many + 2)
	if e, err := r.Next(ctx, run, last); err != nil || e.Kind() != KindRunFinished {
		t.Errorf("last: %#v %v", e, err)
	}
	for _, seq := range []int64{last + 1, last + 1, last + 100} {
		if e, err := r.Next(ctx, run, seq); !errors.Is(err, io.EOF) {
			t.Errorf("after the last: %#v %v", e, err)
		}
	}
	if e, err := r.Next(ctx, run+1000, 1); !errors.Is(err, ErrNoRun) {
		t.Errorf("no such run: %#v %v", e, err)
	}
}

// TestLiveAndLedgerTellTheSame reads one run both ways.
func TestLiveAndLedgerTellTheSame(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "ann")
	x := start(t, l, Plan{Steps: []Step{step(Ingest, func(_ context.Context, rc *RunContext) (Result, error) {
		for _, e := range everyEvent() {
			if e.Kind() != KindRunFinished && e.Kind() != KindRunStarted {
				rc.Emit(e)
			}
		}
		return Result{}, nil
	})}})
	if _, err := x.Wait(); err != nil {
		t.Fatal(err)
	}
	live := collect(t, x.Next, x.ID())
	kept := collect(t, l.Next, x.ID())
	var walked []Event
	for e, err := range l.Events(testContext(t), x.ID()) {
		if err != nil {
			t.Fatal(err)
		}
		walked = append(walked, e)
	}
	if len(live) != 14 || !reflect.DeepEqual(live, kept) || !reflect.DeepEqual(kept, walked) {
		t.Errorf("live   %v\nledger %v\nwalked %v", live, kept, walked)
	}
	for i := range live {
		if Describe(live[i]) != Describe(kept[i]) {
			t.Errorf("%s\n%s", Describe(live[i]), Describe(kept[i]))
		}
	}
}

func TestEventsStopsWhenToldTo(t *testing.T) {
	l := process(t, localtest.New(t), "ann")
	out, err := l.Execute(testContext(t), Plan{Steps: []Step{quick(Ingest, Result{}, nil)}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range l.Events(testContext(t), out.Run) {
		if n++; err != nil || n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d events", n)
	}
	for e, err := range l.Events(testContext(t), out.Run+1) {
		if e != nil || !errors.Is(err, ErrNoRun) {
			t.Errorf("%v %v", e, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("the error was told %d times", n-2)
	}
}
