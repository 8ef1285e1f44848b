package runs

import (
	"encoding/json"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// remembered is what the next session starts with.
type remembered struct {
	Panes widget.PanesState `json:"panes"`
	Runs  widget.TableState `json:"runs"`
	Steps widget.TableState `json:"steps"`
}

// Remember returns how the user arranged the screen.
func (s *Screen) Remember() json.RawMessage {
	return env.Remember(remembered{s.panes.Remember(), s.table.Remember(), s.steps.Remember()})
}

// Recall arranges the screen as it was, with the history on show.
func (s *Screen) Recall(raw json.RawMessage) {
	var st remembered
	if json.Unmarshal(raw, &st) != nil {
		return
	}
	s.panes.Recall(st.Panes)
	s.table.Recall(st.Runs)
	s.steps.Recall(st.Steps)
}
