package pipeline

import (
	"strings"
	"testing"
	"time"
)

// TestEventsHoldNoPasswords plants an address with a password in every text of an event that may be an
// error's.
func TestEventsHoldNoPasswords(t *testing.T) {
	const (
		secret = "hunter2"
		text   = "dial postgres://etl:" + secret + "@db.example/x: refused; host=db password=" + secret
	)
	for _, e := range []Event{
		LoadFinished{Err: text, Hint: text},
		LoadSkipped{Reason: text},
		Warning{Message: text, Hint: text},
		StepSkipped{Reason: text},
		StepFailed{Err: text, Hint: text},
		RunFinished{Err: text, Hint: text},
	} {
		g := newEventLog()
		if err := g.append(1, time.Unix(0, 0), e); err != nil {
			t.Fatal(err)
		}
		got := g.since(0)[0]
		shown := string(got.body) + Describe(got.event)
		if strings.Contains(shown, secret) || strings.Count(shown, "etl:***@db.example/x: refused") < 2 {
			t.Errorf("%s: %s", e.Kind(), shown)
		}
	}
	// Data stays what it is.
	sample := RejectSample{Reason: "type", Detail: "https://u:p@h", Raw: []byte("https://u:p@h")}
	if got := masked(sample).(RejectSample); got.Detail != sample.Detail || string(got.Raw) != string(sample.Raw) {
		t.Errorf("a record was changed: %+v", got)
	}
}
