package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clipperhouse/displaywidth"
	"github.com/hinshun/vt10x"

	"penstock/pipeline"
)

func TestBar(t *testing.T) {
	for share, want := range map[float64]int{-1: 0, 0: 0, 0.04: 0, 0.05: 1, 0.5: 10, 0.999: 19, 1: 20, 2: 20} {
		for full, text := range map[string]string{"━": bar(share, 20, false), "#": bar(share, 20, true)} {
			if n := strings.Count(text, full); n != want || len([]rune(text)) != 20 {
				t.Errorf("bar(%v) = %s, want %d full of 20", share, text, want)
			}
		}
	}
}

func TestCalm(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 499 * time.Millisecond: "0 s", 6700 * time.Millisecond: "7 s",
		59600 * time.Millisecond: "1m 00s", 65 * time.Second: "1m 05s", time.Hour: "1h 00m",
	} {
		if got := calm(d); got != want {
			t.Errorf("calm(%v) = %s, want %s", d, got, want)
		}
	}
}

// onScreen is a report that draws on an emulated terminal, and the progress that it reports.
type onScreen struct {
	*progressReport
	t      *testing.T
	term   vt10x.Terminal
	w, h   int
	writes int
	most   int // cells of the widest line that was ever written
	at     pipeline.Progress
}

func newOnScreen(t *testing.T, w, h int) *onScreen {
	t.Helper()
	s := &onScreen{t: t, term: vt10x.New(vt10x.WithSize(w, h)), w: w, h: h}
	_, _ = s.term.Write([]byte("\x1b[20h$ penstock --run\n")) // no tty makes a line of a line feed
	start := time.Date(2024, 1, 5, 10, 0, 0, 0, time.Local)
	s.at = pipeline.Progress{Step: pipeline.Ingest, Phase: "load", Load: "online-retail-2011.csv.gz", Unit: "bytes", Total: 100e6, At: start, Since: start}
	s.progressReport = &progressReport{
		human: s, block: &progressBlock{w: s, size: func() (int, int) { return s.w, s.h }},
		current: func() (pipeline.Progress, bool) { return s.at, true },
		now:     func() time.Time { return s.at.At },
	}
	return s
}

// Write counts what goes to the terminal.
func (s *onScreen) Write(p []byte) (int, error) {
	s.writes++
	return s.term.Write(p)
}

// sample has a second pass, with as many bytes and rows.
func (s *onScreen) sample(size, rows int64) {
	s.at.At = s.at.At.Add(time.Second)
	s.at.Done += size
	s.at.Read += rows
	s.tick(true)
	for _, line := range s.block.lines {
		s.most = max(s.most, displaywidth.String(line))
	}
}

// rows is the text of the terminal without the empty rows at its end.
func (s *onScreen) rows() []string {
	var rows []string
	for line := range strings.Lines(s.term.String()) {
		rows = append(rows, strings.TrimRight(line, " \n"))
	}
	for len(rows) > 0 && rows[len(rows)-1] == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func (s *onScreen) shows(want ...string) {
	s.t.Helper()
	if got := s.rows(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.t.Errorf("the terminal shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestProgressOnATerminal(t *testing.T) {
	s := newOnScreen(t, 80, 24)
	s.sample(10e6, 100_000)
	s.shows("$ penstock --run",
		"ingest     load  online-retail-2011.csv.gz",
		"━━━━────────────────────────────────────   10 %  1 s so far",
		"100,000 rows")
	s.sample(10e6, 100_000)
	if text := s.term.String(); strings.Contains(text, "ETA") || strings.Contains(text, "/s") {
		t.Errorf("two samples make a rate:\n%s", text)
	}
	s.at.Rejected = 12
	s.sample(10e6, 100_000)
	block := []string{
		"ingest     load  online-retail-2011.csv.gz",
		"━━━━━━━━━━━━────────────────────────────   30 %  3 s so far  ETA 7 s",
		"300,000 rows  12 rejected  100,000 rows/s  10.0 MB/s",
	}
	s.shows(append([]string{"$ penstock --run"}, block...)...)

	// Events come out above, each in one write with the block.
	before := s.writes
	s.print("10:00:03  ingest     warning: a new column")
	if s.writes != before+1 {
		t.Errorf("%d writes for one line", s.writes-before)
	}
	s.shows(append([]string{"$ penstock --run", "10:00:03  ingest     warning: a new column"}, block...)...)

	// What a terminal echoes is gone with the next drawing, and nothing is moved by it.
	_, _ = s.term.Write([]byte("^C"))
	s.sample(0, 0)
	if text := s.term.String(); strings.Contains(text, "^C") || strings.Count(text, "ingest     load") != 1 {
		t.Errorf("after Ctrl-C:\n%s", text)
	}
	s.print("10:00:04  run        run 1 cancelled in 4.0 s")
	s.end()
	s.shows("$ penstock --run", "10:00:03  ingest     warning: a new column", "10:00:04  run        run 1 cancelled in 4.0 s")
	if at := s.term.Cursor(); at.X != 0 || at.Y != 3 {
		t.Errorf("the cursor is left at %d, %d", at.X, at.Y)
	}
	s.end()
	if s.writes != before+4 {
		t.Errorf("%d writes, want one for each drawing and none for what is gone already", s.writes-before)
	}
}

// TestProgressAtTheBottom has the block scroll with the events, however many there are.
func TestProgressAtTheBottom(t *testing.T) {
	s := newOnScreen(t, 60, 10)
	for i := range 30 {
		s.sample(1e6, 1000)
		s.print(fmt.Sprintf("event %d", i))
	}
	rows := s.rows()
	if len(rows) != 10 || rows[6] != "event 29" || rows[0] != "event 23" || !strings.HasPrefix(rows[7], "ingest") || strings.Count(s.term.String(), "ingest") != 1 {
		t.Errorf("the terminal shows\n%s", strings.Join(rows, "\n"))
	}
	s.end()
	if rows := s.rows(); rows[len(rows)-1] != "event 29" {
		t.Errorf("at the end it shows\n%s", strings.Join(rows, "\n"))
	}
}

// TestProgressFits never writes a line that a terminal would break.
func TestProgressFits(t *testing.T) {
	for _, size := range [][2]int{{1, 5}, {2, 24}, {10, 24}, {20, 24}, {40, 6}, {79, 24}, {80, 24}, {200, 60}} {
		s := newOnScreen(t, size[0], size[1])
		s.at.Load = strings.Repeat("very-long-日本語-", 20) + "\x1b[31m\r\n.csv"
		s.at.Rejected = 1_234_567
		for range 5 {
			s.sample(12e6, 1_234_567)
		}
		if s.most > size[0]-1 && size[0] > 1 {
			t.Errorf("%v: a line of %d cells", size, s.most)
		}
		if n := len(s.block.lines); n > 4 || size[1] < lowScreen && n > 1 {
			t.Errorf("%v: %d lines", size, n)
		}
		if strings.Contains(s.term.String(), "$ penstock") != (size[0] > 12) && size[1] > 10 && size[0] > 12 {
			t.Errorf("%v: what was there is gone:\n%s", size, s.term.String())
		}
	}
}

// TestProgressInANarrowerTerminal takes away the lines that the terminal has broken meanwhile.
func TestProgressInANarrowerTerminal(t *testing.T) {
	var out bytes.Buffer
	columns := 80
	b := &progressBlock{w: &out, size: func() (int, int) { return columns, 24 }}
	b.draw("", []string{strings.Repeat("a", 70), strings.Repeat("b", 30), "c"})
	columns = 40 // 70 cells are two rows of 40 now
	out.Reset()
	b.draw("", []string{"x"})
	if want := "\r\x1b[3Ax\x1b[K\x1b[J\r"; out.String() != want {
		t.Errorf("the terminal gets %q, want %q", out.String(), want)
	}
	out.Reset()
	b.erase()
	b.erase()
	if want := "\r\x1b[J\r"; out.String() != want {
		t.Errorf("the terminal gets %q, want %q", out.String(), want)
	}
}

// TestProgressElsewhere writes whole lines without any sequence.
func TestProgressElsewhere(t *testing.T) {
	s := newOnScreen(t, 80, 24)
	var human bytes.Buffer
	s.human, s.block = &human, nil
	s.at.Load = strings.Repeat("very-long-", 20)
	s.print("first")
	for range 3 {
		s.at.At, s.at.Done, s.at.Read = s.at.At.Add(10*time.Second), s.at.Done+10e6, s.at.Read+1000
		s.tick(true)
	}
	s.tick(false)
	s.end()
	lines := strings.Split(strings.TrimSuffix(human.String(), "\n"), "\n")
	if len(lines) != 4 || lines[0] != "first" || strings.ContainsAny(human.String(), "\r\x1b━") {
		t.Fatalf("the log holds %q", lines)
	}
	for _, line := range lines[1:] {
		if w := displaywidth.String(line); w > plainLine {
			t.Errorf("%d cells: %s", w, line)
		}
	}
	s.at.Load = "a.csv"
	human.Reset()
	s.tick(true)
	if got := human.String(); got != "10:00:30  ingest     load  a.csv   30 %  30 s so far  ETA 1m 10s  3,000 rows  100 rows/s  1.0 MB/s\n" {
		t.Errorf("the log holds %q", got)
	}
}

// TestProgressOfAPhaseWithoutAnEnd promises nothing.
func TestProgressOfAPhaseWithoutAnEnd(t *testing.T) {
	s := newOnScreen(t, 80, 24)
	s.at.Total, s.at.Unit = 0, "rows"
	for range 4 {
		s.sample(500, 0)
	}
	if text := s.term.String(); strings.Contains(text, "%") || strings.Contains(text, "ETA") || !strings.Contains(text, "2,000 rows  500 rows/s") {
		t.Errorf("the terminal shows\n%s", text)
	}
	// What stands still has no pace any more, and time goes on; the next phase has none yet.
	s.at.Since = s.at.Since.Add(-time.Minute)
	s.now = func() time.Time { return s.at.At.Add(30 * time.Second) }
	s.tick(true)
	if text := s.term.String(); strings.Contains(text, "500 rows/s") || !strings.Contains(text, "1m 34s so far") {
		t.Errorf("half a minute later it shows\n%s", text)
	}
	s.at.Phase = "indexes"
	s.tick(true)
	if text := s.term.String(); strings.Contains(text, "/s") {
		t.Errorf("in the next phase it shows\n%s", text)
	}
}

// TestReportWhere says who gets a block: a terminal, unless JSON lines go there too.
func TestReportWhere(t *testing.T) {
	for _, c := range []struct {
		err, out, json, block bool
	}{
		{false, false, false, false},
		{true, false, false, true},
		{true, true, false, true},
		{true, false, true, true},
		{true, true, true, false},
		{false, true, true, false},
	} {
		a := newApp(host{terminal: c.err, outTerminal: c.out, err: &bytes.Buffer{}})
		a.flags.json = c.json
		if r := a.newReport(new(pipeline.Execution)); (r.block != nil) != c.block {
			t.Errorf("%+v: block %v", c, r.block != nil)
		}
	}
	for locale, want := range map[string]bool{"": true, "C": false, "POSIX": false, "C.UTF-8": true, "en_GB.utf8": true, "de_DE.ISO-8859-1": false} {
		h := host{environ: []string{"LANG=" + locale}}
		if h.speaksUnicode() != want {
			t.Errorf("%q: %v", locale, !want)
		}
	}
}
