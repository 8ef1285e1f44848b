package demo

import (
	"time"

	"penstock/pipeline"
	"penstock/tui/screen/runs"
)

// teller numbers the events of a run as they are told.
type teller struct {
	run    int64
	events []pipeline.Event
}

func (t *teller) tell(at time.Time, e pipeline.Event) {
	t.events = append(t.events, pipeline.WithHead(e, pipeline.Head{Run: t.run, Seq: int64(len(t.events)) + 1, At: at}))
}

// eventsOf tells a run as its row and steps say it went until now.
func eventsOf(r runs.Run, now time.Time) []pipeline.Event {
	t := &teller{run: r.ID}
	t.tell(r.StartedAt, pipeline.RunStarted{Tasks: r.Tasks, Host: r.Host, PID: r.PID, Who: r.Who, Version: r.Version})
	for _, st := range r.Steps {
		if st.State == pipeline.Skipped {
			t.tell(at(r), pipeline.StepSkipped{Step: st.Step, Engine: st.Engine, Reason: st.Reason})
		}
		if st.StartedAt == nil {
			continue
		}
		t.tell(*st.StartedAt, pipeline.StepStarted{Step: st.Step, Engine: st.Engine})
		if st.Step == pipeline.Ingest {
			files(t, st, now)
		}
		if st.Step == pipeline.Check && r.ExitCode != nil && *r.ExitCode == pipeline.ExitGate {
			t.tell(*st.FinishedAt, pipeline.CheckFailed{Check: "negative_price", Severity: "error", Found: 3, Message: "sales with a price below zero"})
		}
		if st.FinishedAt == nil {
			continue
		}
		took := st.FinishedAt.Sub(*st.StartedAt)
		if st.State == pipeline.Done {
			t.tell(*st.FinishedAt, pipeline.StepFinished{
				Step: st.Step, Engine: st.Engine, Read: st.Read, Loaded: st.Loaded, Rejected: st.Rejected,
				Collapsed: st.Collapsed, Bytes: st.Bytes, Took: took,
			})
		} else if st.State != pipeline.Interrupted {
			t.tell(*st.FinishedAt, pipeline.StepFailed{
				Step: st.Step, Engine: st.Engine, Err: st.Err, Hint: st.Hint, Took: took, Cancelled: st.State == pipeline.Cancelled,
			})
		}
	}
	if r.ExitCode != nil {
		t.tell(*r.FinishedAt, pipeline.RunFinished{Status: r.State, ExitCode: *r.ExitCode, Err: r.Err, Hint: r.Hint, Took: r.FinishedAt.Sub(r.StartedAt)})
	}
	return t.events
}

func at(r runs.Run) time.Time {
	if r.FinishedAt != nil {
		return *r.FinishedAt
	}
	return r.StartedAt
}

// files tells of the loads of a run: what is in them is hostile now and then.
func files(t *teller, st pipeline.StepRun, now time.Time) {
	start := *st.StartedAt
	load := loadOf(st.Run)
	t.tell(start, pipeline.LoadSkipped{Load: 5, Source: "stock", Name: "stock-2011-12-09.csv", Reason: "loaded before, by run 41"})
	t.tell(start.Add(200*time.Millisecond), pipeline.LoadStarted{Load: load, Source: "online-retail", Entity: "purchases", Name: bigFile, Bytes: 45_580_638})
	second := start.Add(time.Second)
	list := refusals()
	for i, x := range []refusal{list[0], list[2], list[3], list[5]} { // not all: samples
		t.tell(second.Add(time.Duration(i)*time.Second), pipeline.RejectSample{
			Load: load, Source: "online-retail", Name: bigFile, Line: x.record + 1, Reason: x.reason, Column: x.column, Detail: x.detail,
		})
	}
	t.tell(start.Add(5*time.Second), pipeline.Warning{Step: pipeline.Ingest, Source: "web-shop", Message: `column "gift_note" is new; it is kept in extra`, Hint: "map it, or list it under extra"})
	later(t, start, until(st, now), load)
	if st.FinishedAt != nil {
		outcome := "loaded"
		if st.State != pipeline.Done {
			outcome = "stopped"
		}
		t.tell(*st.FinishedAt, pipeline.LoadFinished{
			Load: load, Source: "online-retail", Name: bigFile, State: outcome, Read: st.Read, Loaded: st.Loaded,
			Rejected: st.Rejected, Bytes: st.Bytes, Took: st.FinishedAt.Sub(start),
		})
	}
}

// until is when a step ended, now if it has not.
func until(st pipeline.StepRun, now time.Time) time.Time {
	if st.FinishedAt != nil {
		return *st.FinishedAt
	}
	return now
}

// later tells of records that are refused in the course of a long load.
func later(t *teller, start, end time.Time, load int64) {
	kinds := []pipeline.RejectSample{
		{Reason: "type", Column: "quantity", Detail: `"12 pcs" is no number`},
		{Reason: "required", Column: "product_code"},
		{Reason: "min", Column: "unit_price", Detail: `"-11062.06" is under 0`},
		{Reason: "no_such_time", Column: "ordered_at", Detail: `"2011-03-27 01:30:00" does not exist in Europe/London`},
		{Reason: "fields", Detail: "9 fields instead of 8"},
	}
	const first, every = ahead + 3*time.Second, 6 * time.Second
	i := int64(0)
	for at := start.Add(first); at.Before(end); at = at.Add(every) {
		reject := kinds[i%int64(len(kinds))]
		reject.Load, reject.Source, reject.Name, reject.Line = load, "online-retail", bigFile, 344_071+i*28_313
		t.tell(at, reject)
		i++
	}
}
