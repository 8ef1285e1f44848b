package env_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
	"penstock/tui/env"
)

func TestFollow(t *testing.T) {
	gone := errors.New("gone")
	work := env.Follow(func(_ context.Context, run, seq int64) ([]pipeline.Event, error) {
		if run != 42 || seq != 7 {
			t.Errorf("run %d from %d", run, seq)
		}
		return []pipeline.Event{pipeline.LoadStarted{}}, gone
	}, 42, 7)
	msg, ok := work(t.Context()).(env.EventsMsg)
	if !ok || msg.Run != 42 || len(msg.Events) != 1 || !errors.Is(msg.Err, gone) {
		t.Errorf("%+v", msg)
	}
}

func TestLevelOf(t *testing.T) {
	for want, e := range map[env.Level]pipeline.Event{
		env.Info: pipeline.LoadStarted{}, env.Bad: pipeline.StepFailed{},
	} {
		if got := env.LevelOf(e); got != want {
			t.Errorf("%T is %d", e, got)
		}
	}
}

func TestCancelDanger(t *testing.T) {
	if d := env.CancelDanger(42); d.Title != "Cancel run 42" || !strings.Contains(d.What, "taken up again") {
		t.Errorf("%+v", d)
	}
}

func TestRemember(t *testing.T) {
	if raw := env.Remember(map[string]int{"a": 1}); string(raw) != `{"a":1}` {
		t.Errorf("kept %s", raw)
	}
	if raw := env.Remember(func() {}); !reflect.DeepEqual(raw, json.RawMessage(nil)) {
		t.Errorf("kept %s", raw)
	}
}

func TestBefore(t *testing.T) {
	var order []string
	list := []env.Action{
		{ID: "a", Run: func() tea.Cmd { order = append(order, "a"); return func() tea.Msg { return "done" } }},
		{ID: "b"},
	}
	wrapped := env.Before(func() { order = append(order, "first") }, list)
	if msg := wrapped[0].Run()(); msg != "done" || strings.Join(order, " ") != "first a" {
		t.Errorf("%v, %q", msg, order)
	}
	if wrapped[1].Run != nil || wrapped[1].ID != "b" {
		t.Errorf("%+v", wrapped[1])
	}
	if list[0].Run(); strings.Join(order, " ") != "first a a" {
		t.Errorf("the list that was given is changed: %q", order)
	}
}
