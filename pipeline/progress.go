package pipeline

import "time"

// Progress is how far a run is at a moment: state, not history.
type Progress struct {
	Run    int64    `json:"run"`
	Step   StepName `json:"step"`
	Engine string   `json:"engine"`
	// Source, Load and Phase say what the step is at; any may be empty.
	Source string `json:"source,omitempty"`
	Load   string `json:"load,omitempty"`
	Phase  string `json:"phase,omitempty"`
	// Done of Total units (bytes, rows, tables...) of the phase; Total is 0
	// when it is not known.
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Unit  string `json:"unit,omitempty"`
	// Read, Loaded, Rejected count records and Bytes counts input of the step.
	Read     int64 `json:"read"`
	Loaded   int64 `json:"loaded"`
	Rejected int64 `json:"rejected"`
	Bytes    int64 `json:"bytes"`
	// At is when this was so, Since when the step started.
	At    time.Time `json:"at"`
	Since time.Time `json:"since"`
	// Loads are the loads in work and those done in this run, for a table.
	Loads []LoadProgress `json:"loads,omitempty"`
}

// LoadProgress is how far one load is.
type LoadProgress struct {
	Source string `json:"source"`
	Name   string `json:"name"`
	// State is waiting, loading, loaded, skipped, stopped or failed.
	State    string `json:"state"`
	Done     int64  `json:"done"`
	Total    int64  `json:"total"`
	Read     int64  `json:"read"`
	Rejected int64  `json:"rejected"`
}

// Fraction returns how much of the phase is done, from 0 to 1, and false when
// its total is not known.
func (p Progress) Fraction() (float64, bool) {
	if p.Total <= 0 {
		return 0, false
	}
	return min(1, max(0, float64(p.Done)/float64(p.Total))), true
}
