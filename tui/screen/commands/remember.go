package commands

import (
	"encoding/json"

	"penstock/tui/widget"
)

// Remember returns how the user arranged the list.
func (s *Screen) Remember() json.RawMessage {
	raw, err := json.Marshal(s.table.Remember())
	if err != nil {
		return nil // it holds nothing that could not be written
	}
	return raw
}

// Recall arranges the list as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st widget.TableState
	if json.Unmarshal(raw, &st) == nil {
		s.table.Recall(st)
	}
}
