package settings

import (
	"encoding/json"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// Remember returns how the user arranged the values.
func (s *Screen) Remember() json.RawMessage {
	return env.Remember(s.table.Remember())
}

// Recall arranges the values as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st widget.TableState
	if json.Unmarshal(raw, &st) == nil {
		s.table.Recall(st)
	}
}
