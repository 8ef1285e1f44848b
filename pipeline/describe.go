package pipeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Subject returns what an event is about: a step, or "run".
func Subject(e Event) string {
	switch e := e.(type) {
	case StepStarted:
		return string(e.Step)
	case StepFinished:
		return string(e.Step)
	case StepSkipped:
		return string(e.Step)
	case StepFailed:
		return string(e.Step)
	case Warning:
		if e.Step != "" {
			return string(e.Step)
		}
	case LoadStarted, LoadFinished, LoadSkipped, RejectSample:
		return string(Ingest)
	case CheckFailed:
		return string(Check)
	}
	return "run"
}

// Describe returns the event as a line for people: its subject, padded, and
// what happened. It is the one wording that every frontend shows. Names,
// reasons and errors in it are as they came, line breaks too: the caller cleans
// the line before it shows it.
func Describe(e Event) string {
	return fmt.Sprintf("%-9s  %s", Subject(e), describe(e))
}

func describe(e Event) string {
	switch e := e.(type) {
	case RunStarted:
		return describeRunStarted(e)
	case StepStarted:
		return "started, engine " + e.Engine
	case LoadStarted:
		return describeLoadStarted(e)
	case LoadFinished:
		return describeLoadFinished(e)
	case LoadSkipped:
		return named(e.Source, e.Name) + " skipped: " + e.Reason
	case Warning:
		text := "warning: " + e.Message
		if e.Source != "" {
			text = e.Source + ": " + text
		}
		return text + hinting(e.Hint)
	case RejectSample:
		return describeReject(e)
	case StepFinished:
		return describeStepFinished(e)
	case StepSkipped:
		return "skipped: " + e.Reason
	case StepFailed:
		if e.Cancelled {
			return "cancelled after " + FormatDuration(e.Took)
		}
		return "failed after " + FormatDuration(e.Took) + ": " + e.Err + hinting(e.Hint)
	case CheckFailed:
		return fmt.Sprintf("%s: %s found %s: %s", e.Severity, e.Check, plural(e.Found, "row"), e.Message)
	case RunFinished:
		return describeRunFinished(e)
	}
	return e.Kind()
}

func describeRunStarted(e RunStarted) string {
	text := fmt.Sprintf("run %d of %s started by %s (host %s, process %d)",
		e.head.Run, strings.Join(e.Tasks, ", "), e.Who, e.Host, e.PID)
	if e.Rebuild {
		text += ", deriving everything anew"
	}
	return text
}

func describeLoadStarted(e LoadStarted) string {
	text := fmt.Sprintf("%s: load %d started", named(e.Source, e.Name), e.Load)
	if e.Resumed {
		text = fmt.Sprintf("%s: load %d resumed", named(e.Source, e.Name), e.Load)
	}
	if e.Bytes > 0 {
		text += ", " + FormatBytes(e.Bytes)
	}
	return text
}

// describeLoadFinished names a load's source and file only where nothing was read, as by an undo: else
// the line of its start, with the same number, has done so.
func describeLoadFinished(e LoadFinished) string {
	text := fmt.Sprintf("load %d %s: ", e.Load, e.State)
	if e.Took == 0 {
		text = named(e.Source, e.Name) + ": " + text
	}
	if e.Discarded == 0 && e.Loaded+e.Rejected == e.Read {
		text += plural(e.Loaded, "row")
	} else {
		text += FormatCount(e.Read) + " read"
	}
	if e.Rejected > 0 {
		text += ", " + FormatCount(e.Rejected) + " rejected"
	}
	if e.Discarded > 0 {
		text += ", " + FormatCount(e.Discarded) + " discarded"
	}
	text += pace(e.Read, e.Bytes, e.Took)
	if e.Err != "" {
		text += ": " + e.Err + hinting(e.Hint)
	}
	return text
}

func describeReject(e RejectSample) string {
	reason := e.Reason
	if e.Column != "" {
		reason = e.Column + ": " + reason
	}
	of := fmt.Sprintf("load %d", e.Load)
	if e.Load == 0 {
		of = named(e.Source, e.Name)
	}
	if e.More > 0 {
		return fmt.Sprintf("%s: %s more rejected: %s", of, FormatCount(e.More), reason)
	}
	text := fmt.Sprintf("%s: line %s rejected: %s", of, FormatCount(e.Line), reason)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

func describeStepFinished(e StepFinished) string {
	if e.Step == Check { // its rows are checks
		text := "finished: " + plural(e.Read, "check")
		if e.Rejected > 0 {
			text += ", " + FormatCount(e.Rejected) + " of them found something"
		}
		text += pace(0, 0, e.Took)
		if e.Gate {
			text += "; a quality gate failed"
		}
		return text
	}
	text := fmt.Sprintf("finished: %s read, %s loaded", FormatCount(e.Read), FormatCount(e.Loaded))
	for _, c := range []struct {
		n    int64
		what string
	}{{e.Rejected, "rejected"}, {e.Collapsed, "collapsed"}, {e.Discarded, "discarded"}} {
		if c.n > 0 {
			text += ", " + FormatCount(c.n) + " " + c.what
		}
	}
	text += pace(e.Read, e.Bytes, e.Took)
	if e.Incomplete {
		text += "; an optional source is missing"
	}
	if e.Gate {
		text += "; a quality gate failed"
	}
	return text
}

func describeRunFinished(e RunFinished) string {
	text := fmt.Sprintf("run %d %s", e.head.Run, e.Status)
	by, cancelled := strings.CutPrefix(e.Err, ErrCancelled.Error())
	cancelled = cancelled && e.Status == Cancelled
	if cancelled {
		text += by // " by ann"
	}
	text += " in " + FormatDuration(e.Took)
	switch {
	case cancelled:
	case e.Err != "":
		text += ": " + e.Err + hinting(e.Hint)
	case e.ExitCode == ExitGate:
		text += ", but a quality gate failed: nothing was published"
	case e.ExitCode == ExitIncomplete:
		text += ", without an optional source"
	}
	return text
}

// named returns "source name", or what there is of it.
func named(source, name string) string {
	return strings.TrimSpace(source + " " + name)
}

func hinting(hint string) string {
	if hint == "" {
		return ""
	}
	return " (" + hint + ")"
}

// pace returns ", 45.6 MB in 3.2 s, 169,346 rows/s", leaving out what is zero.
func pace(rows, size int64, took time.Duration) string {
	text := ""
	if size > 0 {
		text = ", " + FormatBytes(size)
	}
	if took <= 0 {
		return text
	}
	text += " in " + FormatDuration(took)
	if rows > 0 && took >= time.Millisecond {
		text += ", " + FormatCount(int64(float64(rows)/took.Seconds())) + " rows/s"
	}
	return text
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return FormatCount(n) + " " + what + "s"
}

// FormatCount returns n with a comma between thousands: -1,234,567.
func FormatCount(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(d)
	}
	return b.String()
}

// FormatBytes returns n bytes in decimal units: 999 B, 45.6 MB.
func FormatBytes(n int64) string {
	if n < 1000 && n > -1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, unit := float64(n), ""
	for _, u := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		v, unit = v/1000, u
		if v < 999.95 && v > -999.95 {
			break
		}
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + unit
}

// FormatDuration returns d as people say it: 12 ms, 3.2 s, 4m 05s, 1h 02m.
func FormatDuration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + FormatDuration(-d)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	s := int64(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh %02dm", s/3600, s/60%60)
}
