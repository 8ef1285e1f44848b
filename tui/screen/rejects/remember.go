package rejects

import (
	"encoding/json"

	"penstock/tui/env"
	"penstock/tui/widget"
)

// remembered is what the next session starts with.
type remembered struct {
	Panes    widget.PanesState `json:"panes"`
	Reasons  widget.TableState `json:"reasons"`
	Records  widget.TableState `json:"records"`
	Resolved bool              `json:"resolved,omitempty"`
}

// Remember returns how the user arranged the screen, and nothing of the records.
func (s *Screen) Remember() json.RawMessage {
	return env.Remember(remembered{s.panes.Remember(), s.countTable.Remember(), s.table.Remember(), s.resolved})
}

// Recall arranges the screen as it was.
func (s *Screen) Recall(raw json.RawMessage) {
	var st remembered
	if json.Unmarshal(raw, &st) != nil {
		return
	}
	s.panes.Recall(st.Panes)
	s.countTable.Recall(st.Reasons)
	s.table.Recall(st.Records)
	s.resolved = st.Resolved
	if st.Panes.Focus == onRecord {
		st.Panes.Focus = onList // the list is what one comes for: keys would scroll a record
	}
	s.ring.Set(st.Panes.Focus)
}
