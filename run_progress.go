package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"

	"penstock/pipeline"
	"penstock/tui/clean"
)

const (
	barCells  = 40  // at most
	plainLine = 100 // cells of a line of progress that is no terminal's
	lowScreen = 6   // rows of a terminal that has room for one line of progress only
)

// progressBlock is the few lines at the bottom of a terminal that say how far a run is, redrawn in place.
// Everything goes out in one write, and over what is there, so that nothing flickers. The cursor rests at
// the beginning of the last line: what a terminal echoes there, such as ^C, breaks no line and is gone with
// the next drawing.
type progressBlock struct {
	w     io.Writer
	size  func() (columns, rows int)
	lines []string // on the screen now
}

// draw shows the lines in the place of those before, below a text that stays.
func (b *progressBlock) draw(text string, lines []string) {
	columns, rows := b.size()
	if rows < lowScreen {
		lines = lines[:min(len(lines), 1)]
	}
	var out strings.Builder
	b.home(&out, columns)
	if text != "" {
		out.WriteString("\x1b[J" + text + "\n")
	}
	b.lines = b.lines[:0]
	for i, line := range lines {
		line = clean.Cell(line, max(columns-1, 1))
		b.lines = append(b.lines, line)
		if i > 0 {
			out.WriteString("\r\n")
		}
		out.WriteString(line + "\x1b[K")
	}
	if text == "" || len(lines) > 0 {
		out.WriteString("\x1b[J\r")
	}
	_, _ = io.WriteString(b.w, out.String())
}

// home moves to the block's beginning. A terminal that has become narrower has broken its lines.
func (b *progressBlock) home(out *strings.Builder, columns int) {
	up := -1
	for _, line := range b.lines {
		up += 1 + max(displaywidth.String(line)-1, 0)/max(columns, 1)
	}
	if up >= 0 {
		out.WriteByte('\r')
	}
	if up > 0 {
		fmt.Fprintf(out, "\x1b[%dA", up)
	}
}

// erase takes the block away.
func (b *progressBlock) erase() {
	if len(b.lines) > 0 {
		b.draw("", nil)
	}
}

// progressReport tells how far a run is: on a terminal as a block, elsewhere as a plain line now and then.
type progressReport struct {
	human   io.Writer
	block   *progressBlock // nil where there is no terminal
	current func() (pipeline.Progress, bool)
	now     func() time.Time
	ascii   bool

	mu    sync.Mutex // of what follows
	pace  pace
	lines []string
}

// pace is how fast a step goes.
type pace struct {
	step             pipeline.StepName
	unit, phase      string
	done, rows, size *pipeline.Meter
}

// newReport makes the report of a run to the app's human reader.
func (a *app) newReport(x *pipeline.Execution) *progressReport {
	r := &progressReport{human: a.err, current: x.CurrentProgress, now: a.now, ascii: !a.speaksUnicode()}
	// JSON lines on the same screen would tear the block apart.
	if a.terminal && !(a.flags.json && a.outTerminal) {
		r.block = &progressBlock{w: a.err, size: a.size}
	}
	return r
}

// run looks, and draws, until done is closed, and takes away what is left on the screen.
func (r *progressReport) run(done <-chan struct{}) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-done:
			r.end()
			return
		case <-tick.C:
			r.tick(n%looksALine == 0)
		}
	}
}

// print writes a line that stays; it is clean.
func (r *progressReport) print(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.block == nil {
		_, _ = fmt.Fprintln(r.human, text)
		return
	}
	r.block.draw(text, r.lines)
}

// end takes the block away for good.
func (r *progressReport) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = nil
	if r.block != nil {
		r.block.erase()
	}
}

// tick takes a sample and shows it: always on a terminal, elsewhere when it is time for a line.
func (r *progressReport) tick(line bool) {
	p, ok := r.current()
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.After(p.At) {
		p.At = now // a step that has nothing new to say takes its time all the same
	}
	r.pace.add(p)
	if r.block == nil {
		if line {
			text := p.At.Local().Format(time.TimeOnly) + "  " + strings.Join(r.describe(p, 0), "  ")
			_, _ = fmt.Fprintln(r.human, clean.Cell(text, plainLine))
		}
		return
	}
	columns, _ := r.block.size()
	r.lines = r.describe(p, min(max(columns-30, 5), barCells))
	r.block.draw("", r.lines)
}

// add takes a sample. Rates begin anew with a step and with what is counted; what is counted in tables,
// checks or files has many phases and one pace.
func (v *pace) add(p pipeline.Progress) {
	phase := ""
	if p.Unit == "rows" || p.Unit == "bytes" {
		phase = p.Phase
	}
	if v.done == nil || p.Step != v.step || p.Unit != v.unit || phase != v.phase {
		const halfLife = 2 * time.Second
		*v = pace{p.Step, p.Unit, phase, pipeline.NewMeter(halfLife), pipeline.NewMeter(halfLife), pipeline.NewMeter(halfLife)}
	}
	size := p.Bytes
	if p.Unit == "bytes" {
		size = p.Done
	}
	v.done.Add(p.At, p.Done)
	v.rows.Add(p.At, rowsDone(p))
	v.size.Add(p.At, size)
}

// describe is how far the step is: what it is at, how much of it is done, and how fast it goes. The bar
// has so many cells, or is left out.
func (r *progressReport) describe(p pipeline.Progress, cells int) []string {
	at := []string{fmt.Sprintf("%-9s", p.Step)}
	for _, part := range []string{p.Phase, p.Load} {
		if part != "" {
			at = append(at, part)
		}
	}
	var far []string
	if share, ok := p.Fraction(); ok {
		if cells > 0 {
			far = append(far, bar(share, cells, r.ascii))
		}
		far = append(far, fmt.Sprintf("%3.0f %%", share*100))
	}
	far = append(far, calm(p.At.Sub(p.Since))+" so far")
	if eta, ok := r.pace.done.ETA(p.Total); ok {
		far = append(far, "ETA "+calm(max(eta, time.Second)))
	}
	fast := []string{pipeline.FormatCount(rowsDone(p)) + " rows"}
	if p.Rejected > 0 {
		fast = append(fast, pipeline.FormatCount(p.Rejected)+" rejected")
	}
	if rate, ok := r.pace.rows.Rate(); ok && rate >= 1 {
		fast = append(fast, pipeline.FormatCount(int64(rate))+" rows/s")
	}
	if rate, ok := r.pace.size.Rate(); ok && rate >= 1 {
		fast = append(fast, pipeline.FormatBytes(int64(rate))+"/s")
	}
	return []string{strings.Join(at, "  "), strings.Join(far, "  "), strings.Join(fast, "  ")}
}

// rowsDone is how many rows the phase or, where it counts something else, the step is through with.
func rowsDone(p pipeline.Progress) int64 {
	if p.Unit == "rows" && p.Done > 0 {
		return p.Done
	}
	return p.Read
}

// calm is a duration in whole seconds, as a tenth that changes with each look tells nobody anything.
func calm(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(max(d, 0).Seconds()))
	}
	return pipeline.FormatDuration(d)
}

// bar draws a share from 0 to 1 over cells.
func bar(share float64, cells int, ascii bool) string {
	full := min(max(int(share*float64(cells)), 0), cells)
	if ascii {
		return strings.Repeat("#", full) + strings.Repeat("-", cells-full)
	}
	return strings.Repeat("━", full) + strings.Repeat("─", cells-full)
}

// speaksUnicode tells whether the locale, where one is set, can say more than ASCII.
func (h *host) speaksUnicode() bool {
	locale := strings.ToLower(cmp.Or(h.getenv("LC_ALL"), h.getenv("LC_CTYPE"), h.getenv("LANG")))
	return locale == "" || strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}
