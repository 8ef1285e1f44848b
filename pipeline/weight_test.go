package pipeline

import (
	"errors"
	"io"
	"strings"
	"testing"

	"penstock/dbadmin/local/localtest"
)

func TestWeightOf(t *testing.T) {
	for _, c := range []struct {
		event Event
		want  Weight
	}{
		{RunStarted{}, Telling},
		{StepStarted{}, Telling},
		{StepSkipped{}, Telling},
		{LoadSkipped{}, Telling},
		{LoadFinished{State: "loaded"}, Telling},
		{LoadFinished{State: "failed", Err: "x"}, Failure},
		{Warning{}, Caution},
		{RejectSample{}, Caution},
		{StepFinished{}, Telling},
		{StepFinished{Gate: true}, Caution},
		{StepFailed{}, Failure},
		{StepFailed{Cancelled: true}, Caution},
		{CheckFailed{Severity: "error"}, Failure},
		{CheckFailed{Severity: "warn"}, Caution},
		{RunFinished{Status: Done}, Telling},
		{RunFinished{Status: Done, ExitCode: ExitIncomplete}, Caution},
		{RunFinished{Status: Failed, ExitCode: ExitFailed}, Failure},
		{RunFinished{Status: Cancelled, ExitCode: 130}, Caution},
	} {
		if got := WeightOf(c.event); got != c.want {
			t.Errorf("%#v weighs %d, want %d", c.event, got, c.want)
		}
		if !strings.HasSuffix(Describe(c.event), Message(c.event)) {
			t.Errorf("%q is not what %q ends in", Message(c.event), Describe(c.event))
		}
	}
}

func TestNextFew(t *testing.T) {
	d := localtest.New(t)
	l := process(t, d, "one")
	outcome, err := l.Execute(t.Context(), Plan{Steps: []Step{quick(Ingest, Result{Read: 1, Loaded: 1}, nil), quick(Check, Result{}, nil)}})
	if err != nil {
		t.Fatal(err)
	}
	var got []Event
	for seq := int64(1); ; {
		few, err := l.NextFew(t.Context(), outcome.Run, seq, 2)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(few) > 2 {
			t.Fatalf("%d events, %v", len(few), err)
		}
		got = append(got, few...)
		seq = few[len(few)-1].Head().Seq + 1
	}
	if _, ok := got[len(got)-1].(RunFinished); !ok || len(got) < 6 || got[0].Head().Seq != 1 {
		t.Errorf("%d events, the last %T", len(got), got[len(got)-1])
	}
}
