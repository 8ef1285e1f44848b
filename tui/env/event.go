package env

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"penstock/pipeline"
)

// EventsMsg is what happened in a run: the answer of Follow.
type EventsMsg struct {
	Run    int64
	Events []pipeline.Event
	Err    error
}

// Follow returns the work of a Job that reads the events of a run from one on.
func Follow(read func(ctx context.Context, run, seq int64) ([]pipeline.Event, error), run, seq int64) func(context.Context) tea.Msg {
	return func(ctx context.Context) tea.Msg {
		events, err := read(ctx, run, seq)
		return EventsMsg{run, events, err}
	}
}

// LevelOf says how much an event matters.
func LevelOf(e pipeline.Event) Level { return [...]Level{Info, Warn, Bad}[pipeline.WeightOf(e)] }

// CancelDanger is what is asked before a run is stopped.
func CancelDanger(run int64) *Danger {
	return &Danger{
		Title: fmt.Sprintf("Cancel run %d", run),
		What:  "The run stops and cleans up. What is loaded whole stays; a file that is half loaded is taken up again by the next run.",
	}
}
