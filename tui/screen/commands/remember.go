package commands

import (
	"encoding/json"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// Remember returns how the user arranged the list.
func (s *Screen) Remember() json.RawMessage {
	return env.Remember(s.table.Remember())
}

// Recall arranges the list as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st widget.TableState
	if json.Unmarshal(raw, &st) == nil {
		s.table.Recall(st)
	}
}
