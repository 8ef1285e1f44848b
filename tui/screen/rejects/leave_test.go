package rejects_test

import (
	"context"
	"os"
	"testing"

	"penstock/tui/env"
	screen "penstock/tui/screen/rejects"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
)

// mendOne changes the record under the cursor and keeps that.
func mendOne(c opened) {
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+u", "1", "2", "ctrl+s")
	c.WaitText("1 changed here")
}

func TestMendedRecordsAreAskedAboutBeforeQuitting(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark(), func(e *env.Env) { e.Profile.Name, e.Profile.Production = "prod", true })
	mendOne(c)
	c.Keys("q")
	c.WaitText("1 mended record not taken in", "is lost with the console", "y yes, do it")
	c.Keys("n")
	c.WaitGone("is lost with the console")
	c.Keys("U") // nothing is left to lose
	c.WaitGone("1 changed here")
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

func TestMendedRecordsThatAreInAreNotAskedAbout(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	mendOne(c)
	c.Keys("R")
	c.WaitText("Re-ingest 1 mended record")
	c.Keys("y")
	c.WaitText("1 of 1 mended record in as load 8")
	c.WaitGone("1 changed here")
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

// TestRejectsOfARun comes from a run, sees its rejects alone, and goes back to those of all.
func TestRejectsOfARun(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Send(env.GotoMsg{Screen: "rejects", Arg: "run 41"})
	c.WaitText("rejects ▸ run 41", "1 open   3 mended", "1,202")
	c.WaitGone("40,113")
	c.Keys("c")
	c.WaitText("penstock --run rejects --of-run 41 --list")
	c.Keys("esc")
	c.WaitText("9 open", "40,113")
	c.Send(env.GotoMsg{Screen: "rejects", Arg: "run 7"})
	c.WaitText("run 7 refused nothing", "no record of run 7 is open", "esc shows the rejects of all runs")
	c.Send(env.GotoMsg{Screen: "rejects", Arg: "run 42"})
	c.WaitText("rejects ▸ run 42", "8 open   0 mended", "40,113")
}

// TestExportAsksWhileShowingPersonalData holds w to asking before personal data goes to a file, masked on
// the screen or not.
func TestExportAsksWhileShowingPersonalData(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("w")
	c.WaitText("that are masked on the")
	c.Keys("n")
	c.WaitGone("that are masked on the")
	c.Keys("p")
	c.WaitText("masked columns are shown")
	c.Wait("personal data in the list", func(s tuitest.Screen) bool { return s.Contains("13069") || s.Contains("16446") })
	c.Keys("w")
	c.WaitText("columns that hold personal data")
	c.Keys("n")
	c.WaitGone("hold personal data")
	if files, err := os.ReadDir(c.dir); err != nil || len(files) > 0 {
		t.Errorf("%v, %v were written all the same", files, err)
	}
}

// waiting is a way in that has not begun a run before it is told to.
type waiting struct {
	screen.Mender
	begin chan struct{}
}

func (w waiting) Mend(ctx context.Context, list []screen.Mended) (screen.Run, error) {
	select {
	case <-w.begin:
	case <-ctx.Done():
		return screen.Run{}, context.Cause(ctx)
	}
	return w.Mender.Mend(ctx, list)
}

// TestRecordsOnTheirWayAreAskedAboutBeforeQuitting leaves while mended records wait for their run to begin.
func TestRecordsOnTheirWayAreAskedAboutBeforeQuitting(t *testing.T) {
	o := demoOptions()
	begin := make(chan struct{})
	o.Mender = waiting{o.Mender, begin}
	c := open(t, o, 120, 40, console.Dark())
	mendOne(c)
	c.Keys("R")
	c.WaitText("Re-ingest 1 mended record")
	c.Keys("y")
	c.WaitText("a run begins to take 1 mended record in")
	c.Keys("q")
	c.WaitText("1 mended record not taken in yet", "their run has not begun")
	c.Keys("n")
	c.WaitGone("their run has not begun")
	close(begin)
	c.WaitText("1 of 1 mended record in as load 8")
	c.WaitGone("1 changed here")
	c.Keys("q")
	if err := c.Ended(); err != nil {
		t.Error(err)
	}
}

// reasoned is a store whose lists of one reason come when they are let.
type reasoned struct {
	screen.Store
	let chan struct{}
}

func (r reasoned) List(ctx context.Context, f screen.Filter) ([]screen.Reject, error) {
	if f.Reason != "" {
		select {
		case <-r.let:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return r.Store.List(ctx, f)
}

// TestExportWaitsForItsList picks a reason: as long as the records on show are those of all reasons, nothing
// is known of what a file of that reason would hold.
func TestExportWaitsForItsList(t *testing.T) {
	o := demoOptions()
	let := make(chan struct{})
	o.Store = reasoned{o.Store, let}
	c := open(t, o, 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("shift+tab", "enter")
	c.WaitText("Records: ")
	c.Keys("w")
	c.WaitText("write file: the records that the file is of are not read")
	c.Keys("esc") // gives the list up, and the reason stays
	c.WaitText("cancelled")
	c.Keys("w", "?") // drawn after w was heard
	c.WaitText("type to find")
	c.Keys("esc")
	if s := c.WaitGone("type to find"); s.Contains("Write the raw records") {
		t.Errorf("it asks of a list that nobody read:\n%s", s.Text())
	}
	close(let)
	c.Keys("r")
	c.WaitGone("41,008")
	c.Keys("w")
	c.WaitText("Write the raw records")
	c.Keys("n")
	c.WaitGone("Write the raw records")
	if files, err := os.ReadDir(c.dir); err != nil || len(files) > 0 {
		t.Errorf("%v, %v were written", files, err)
	}
}
