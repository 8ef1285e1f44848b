package mart

import (
	"encoding/json"
	"time"
)

// MarshalJSON writes days as 2010-12-01 and times as RFC 3339 has them, in UTC.
func (s Summary) MarshalJSON() ([]byte, error) {
	type totals Totals
	type plain Summary
	type marts struct {
		State   string    `json:"state"`
		Reason  string    `json:"reason,omitempty"`
		Run     int64     `json:"run"`
		Rows    int64     `json:"rows"`
		AsOf    *string   `json:"as_of"`
		BuiltAt time.Time `json:"built_at"`
	}
	type dated struct {
		FirstDay *string `json:"first_day"`
		LastDay  *string `json:"last_day"`
		totals
	}
	sources := make([]Freshness, len(s.Sources))
	for i, f := range s.Sources {
		if sources[i] = f; f.LastLoadAt != nil {
			at := f.LastLoadAt.UTC()
			sources[i].LastLoadAt = &at
		}
	}
	s.Sources = sources
	return json.Marshal(struct {
		Totals dated `json:"totals"`
		plain
		State marts `json:"marts"`
	}{
		dated{day(s.Totals.FirstDay), day(s.Totals.LastDay), totals(s.Totals)},
		plain(s),
		marts{s.State.State, s.State.Reason, s.State.Run, s.State.Rows, day(&s.State.AsOf), s.State.BuiltAt.UTC()},
	})
}

// day is a day as JSON has it; nil without one.
func day(t *time.Time) *string {
	if t == nil || t.IsZero() || t.Unix() == 0 { // the epoch stands for none
		return nil
	}
	text := t.UTC().Format(time.DateOnly)
	return &text
}
