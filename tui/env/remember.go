package env

import "encoding/json"

// Remember returns what the next session of a screen starts with as it is kept, nil
// for what cannot be written.
func Remember(state any) json.RawMessage {
	raw, err := json.Marshal(state)
	if err != nil {
		return nil
	}
	return raw
}
