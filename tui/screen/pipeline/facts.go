package pipeline

import (
	"math"
	"slices"
	"strings"
	"time"

	"penstock/pipeline"
	"penstock/tui/env"
	"penstock/tui/widget"
)

// drawFacts draws what is known of the step under the cursor.
func (s *Screen) drawFacts(w, _ int) []string {
	st, ok := s.state.step(pipeline.StepNames()[s.step])
	switch {
	case !ok:
		return s.idleFacts(w)
	case st.State == pipeline.Running:
		return s.runningFacts(st, w)
	case st.State == pipeline.Waiting:
		return append([]string{s.env.Theme.Muted.Paint("waits for the step before it")}, s.idleFacts(w)...)
	}
	return s.endedFacts(st, w)
}

// idleFacts tells of the last time.
func (s *Screen) idleFacts(w int) []string {
	last, ok := s.state.last(pipeline.StepNames()[s.step])
	if !ok {
		return []string{s.env.Theme.Muted.Paint("it has not run yet")}
	}
	rows := []string{s.env.Theme.Muted.Paint("last time, in run " + widget.Count(last.Run) + ":")}
	return append(rows, s.endedFacts(last, w)...)
}

func (s *Screen) runningFacts(st pipeline.StepRun, w int) []string {
	t, p := s.env.Theme, s.state.progress()
	if p.Step != st.Step {
		return []string{t.Muted.Paint("starting, " + widget.Clock(st.Took(s.state.At)))}
	}
	share, known := p.Fraction()
	if !known {
		share = -1
	}
	eta := ""
	if left, ok := s.samples.eta(p); ok && known {
		eta = "ETA " + widget.Clock(left+time.Second-1)
	}
	const etaW = 13
	first := widget.Progress(s.env, share, s.spinner()+"size unknown, "+widget.Clock(st.Took(s.state.At)), w-etaW) + "  " + t.Text.Paint(eta)
	return []string{first, s.amounts(p), s.paces(p, w), s.where(p)}
}

// amounts says how much is done of how much.
func (s *Screen) amounts(p pipeline.Progress) string {
	t := s.env.Theme
	text := widget.Count(p.Done) + " " + p.Unit
	if p.Unit == "bytes" {
		text = widget.Bytes(p.Done)
	}
	if p.Total > 0 {
		total := widget.Count(p.Total) + " " + p.Unit
		if p.Unit == "bytes" {
			total = widget.Bytes(p.Total)
		} else {
			text = widget.Count(p.Done)
		}
		text += " of " + total
	}
	row := t.Text.Paint(text)
	if p.Read > 0 {
		row += t.Muted.Paint("   ") + t.Text.Paint(widget.Count(p.Read)) + t.Muted.Paint(" read")
	}
	return row + rejected(s.env, p.Rejected)
}

// rejected stands out where there is something to look at.
func rejected(e *env.Env, n int64) string {
	if n == 0 {
		return e.Theme.Muted.Paint("   0 rejected")
	}
	return e.Theme.Muted.Paint("   ") + e.Theme.Warn.Paint(widget.Count(n)+" rejected")
}

// paces are the rates with a spark line of the last ones.
func (s *Screen) paces(p pipeline.Progress, w int) string {
	t := s.env.Theme
	v, unit, ok := s.samples.pace()
	if !ok || p.Step != s.samples.step {
		return t.Muted.Paint("measuring the pace")
	}
	row := t.Text.Paint(widget.Pad(widget.Rate(v, unit), 12))
	if b, ok := rate(s.samples.bytes); ok && b >= 1 {
		row += t.Text.Paint("   " + widget.Pad(widget.Bytes(int64(b))+"/s", 10))
	}
	room := min(24, w-widget.Width(row)-3)
	if room >= 6 && !s.env.Plain {
		row += "   " + widget.Spark(s.env, t.Accent, s.samples.values(), room)
	}
	return row
}

// where says what is at work.
func (s *Screen) where(p pipeline.Progress) string {
	t := s.env.Theme
	var parts []string
	for _, part := range []string{p.Source, p.Load, p.Phase} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return t.Muted.Paint(strings.Join(parts, " · "))
}

// endedFacts tells how a step went.
func (s *Screen) endedFacts(st pipeline.StepRun, w int) []string {
	t := s.env.Theme
	took := st.Took(s.state.At)
	rows := []string{widget.StateStyle(s.env, string(st.State)).Paint(widget.StateWords(s.env, string(st.State))) +
		t.Text.Paint(" in "+widget.Duration(took)) + t.Muted.Paint("   engine "+st.Engine)}
	if st.State == pipeline.Skipped {
		return append(rows[:0], widget.Painted(t.Muted, widget.StateWords(s.env, "skipped")+": "+st.Reason, w)...)
	}
	if st.Step == pipeline.Check {
		rows = append(rows, t.Text.Paint(widget.Count(st.Read))+t.Muted.Paint(" checks   ")+found(s.env, st.Rejected))
		took = 0 // checks a second say nothing
	} else if st.Read+st.Loaded > 0 {
		row := t.Text.Paint(widget.Count(st.Read)) + t.Muted.Paint(" read   ") + t.Text.Paint(widget.Count(st.Loaded)) + t.Muted.Paint(" loaded") +
			rejected(s.env, st.Rejected)
		if st.Collapsed > 0 {
			row += t.Muted.Paint("   " + widget.Count(st.Collapsed) + " collapsed")
		}
		rows = append(rows, row)
	}
	if pace := mean(st, took); pace != "" {
		rows = append(rows, t.Muted.Paint(pace))
	}
	if st.Err != "" {
		rows = append(rows, widget.Painted(t.Bad, st.Err, w)...)
	}
	if st.Hint != "" {
		rows = append(rows, widget.Painted(t.Muted, st.Hint, w)...)
	}
	return rows
}

// found says how many checks found something.
func found(e *env.Env, n int64) string {
	if n == 0 {
		return e.Theme.Muted.Paint("nothing found")
	}
	return e.Theme.Warn.Paint(widget.Count(n) + " found something")
}

// mean is the pace of a whole step.
func mean(st pipeline.StepRun, took time.Duration) string {
	if took < time.Millisecond {
		return ""
	}
	var parts []string
	if st.Read > 0 {
		parts = append(parts, widget.Rate(float64(st.Read)/took.Seconds(), "rows"))
	}
	if st.Bytes > 0 {
		parts = append(parts, widget.Bytes(st.Bytes)+", "+widget.Bytes(int64(float64(st.Bytes)/took.Seconds()))+"/s")
	}
	return strings.Join(parts, "   ")
}

// spinner turns while the size is not known.
func (s *Screen) spinner() string {
	if s.env.Still || s.env.Plain {
		return ""
	}
	frames := []rune(s.env.Glyph("◐◓◑◒", "|/-\\"))
	return string(frames[int(s.state.At.Unix())%len(frames)]) + " "
}

// ago is an age as words.
func ago(d time.Duration) string {
	if words := widget.Age(d); words != "now" {
		return words + " ago"
	}
	return "just now"
}

// fileOrder is where a file stands among those of a run: what is at work, then what went wrong, what was
// refused in part, what was read, and what nothing was read of.
func fileOrder(l pipeline.LoadProgress) int {
	switch {
	case l.State == "loading":
		return 0
	case l.State == "failed" || l.State == "stopped":
		return 1
	case l.State == "skipped":
		return 5
	case l.Rejected > 0:
		return 2
	case l.State == "waiting":
		return 4
	}
	return 3
}

// drawFiles draws how far each file of the run is, what matters most first.
func (s *Screen) drawFiles(w, h int) []string {
	var rows []string
	t := s.env.Theme
	add := func(l pipeline.LoadProgress) {
		const nameMost, stateW, barW = 40, 10, 16
		if l.State == "loading" && !s.state.running() {
			l.State = "stopped" // the run ended before it did
		}
		row := widget.StateStyle(s.env, l.State).Paint(widget.Pad(widget.StateWords(s.env, l.State), stateW)) + " "
		if l.Total > 0 && l.State == "loading" && w > 60 {
			row += widget.Progress(s.env, float64(l.Done)/math.Max(1, float64(l.Total)), "", barW) + " "
		}
		row += t.Text.Paint(widget.Cut(l.Name, nameMost))
		right := t.Text.Paint(widget.Count(l.Read)) + t.Muted.Paint(" read")
		if refused := rejected(s.env, l.Rejected); l.Rejected > 0 && widget.Width(row)+1+widget.Width(right+refused) <= w {
			right += refused
		}
		rows = append(rows, widget.Between(row, right, w))
	}
	loads := s.loads
	if p := s.state.progress(); p.Step == pipeline.Ingest && s.state.running() {
		loads = p.Loads
	}
	loads = slices.Clone(loads)
	slices.SortStableFunc(loads, func(a, b pipeline.LoadProgress) int { return fileOrder(a) - fileOrder(b) })
	for _, l := range loads {
		add(l)
	}
	if len(rows) == 0 {
		rows = append(rows, t.Muted.Paint("no file was read in this run"))
	}
	if over := len(rows) - h; over > 0 && h > 0 {
		rows = append(rows[:h-1], t.Faint.Paint("and "+widget.Count(int64(over+1))+" more"))
	}
	return rows
}
