package widget

import (
	"time"

	"penstock/tui/env"
	"penstock/tui/theme"
)

// StateWords returns the word of a run's, step's or load's state behind its sign, so
// that no state is told by colour alone: "✓ done".
func StateWords(e *env.Env, state string) string { return stateSign(e, state) + " " + state }

func stateSign(e *env.Env, state string) string {
	switch state {
	case "running", "loading":
		return e.Glyph("●", "*")
	case "done", "loaded":
		return e.Glyph("✓", "+")
	case "failed", "stopped":
		return e.Glyph("✗", "x")
	case "cancelled", "interrupted", "late", "incomplete", "check failed":
		return "!"
	case "skipped", "undone":
		return "-"
	}
	return e.Glyph("○", "o")
}

// StateStyle returns what a state is painted in; what has not begun is quiet.
func StateStyle(e *env.Env, state string) theme.Style {
	t := e.Theme
	switch state {
	case "running", "loading":
		return t.Accent
	case "done", "loaded":
		return t.OK
	case "failed", "stopped":
		return t.Bad
	case "cancelled", "interrupted", "late", "incomplete", "check failed":
		return t.Warn
	}
	return t.Muted
}

// StateColumn is the column of such states.
func StateColumn(e *env.Env, width int) Column {
	return Column{
		Title: "state", Width: width, Format: func(raw string) string { return StateWords(e, raw) },
		Style: func(_ int, raw string) theme.Style { return StateStyle(e, raw) },
	}
}

// Counted is the format of columns of whole numbers: 1,234.
func Counted(raw string) string { return Decimal(raw, 0) }

// Seconds returns the format of columns of seconds ("81.250"), which write makes words of.
func Seconds(write func(time.Duration) string) func(raw string) string {
	return func(raw string) string {
		d, err := time.ParseDuration(raw + "s")
		if err != nil {
			return raw
		}
		return write(d)
	}
}
