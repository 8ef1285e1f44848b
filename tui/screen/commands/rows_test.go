package commands

import "testing"

// TestRowsBeginWithTheStatement leaves comments out of rows, but for a statement that is nothing else.
func TestRowsBeginWithTheStatement(t *testing.T) {
	for text, want := range map[string]string{
		"-- The newest runs, or one.\n  -- Steps apart.\nSELECT id\nFROM ops.runs\n": "SELECT id FROM ops.runs",
		"SELECT 1 --2":       "SELECT 1 --2",
		"SELECT 1":           "SELECT 1",
		"-- nothing to do\n": "-- nothing to do",
	} {
		if got := (calls{{Text: text, Rows: -1}}).Cell(0, colText); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
