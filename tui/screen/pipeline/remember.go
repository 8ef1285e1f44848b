package pipeline

import (
	"encoding/json"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// remembered is what the next session starts with.
type remembered struct {
	Panes   widget.PanesState `json:"panes"`
	Sources widget.TableState `json:"sources"`
	Window  string            `json:"window"`
}

// Remember returns how the user arranged the screen.
func (s *Screen) Remember() json.RawMessage {
	return env.Remember(remembered{s.panes.Remember(), s.table.Remember(), windows()[s.window].name})
}

// Recall arranges the screen as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st remembered
	if json.Unmarshal(raw, &st) != nil {
		return
	}
	s.panes.Recall(st.Panes)
	s.table.Recall(st.Sources)
	s.ring.Set(st.Panes.Focus)
	for i, w := range windows() {
		if w.name == st.Window {
			s.window = i
		}
	}
}
