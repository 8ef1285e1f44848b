package rejects_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"penstock/tui"
	"penstock/tui/demo"
	"penstock/tui/env"
	screen "penstock/tui/screen/rejects"
	"penstock/tui/tuitest"
	"penstock/tui/tuitest/console"
	"penstock/tui/widget"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened is a console whose files go to dir.
type opened struct {
	*console.Console
	dir string
}

func demoOptions() screen.Options {
	d := demo.NewRejects(demo.NewLedger(demo.Start()).Next)
	return screen.Options{Store: d, Mender: d, Export: d.Export}
}

// open shows the screen.
func open(t *testing.T, o screen.Options, w, h int, as console.Look, change ...func(*env.Env)) opened {
	t.Helper()
	dir := t.TempDir()
	return opened{console.Open(t, w, h, as, func(c *console.Console) tui.Options {
		c.Env.Export = widget.ExportTo(dir)
		return tui.Options{Screens: []tui.Entry{
			{ID: "rejects", Title: "rejects", Key: "3", New: func() tui.Screen { return screen.New(c.Env, o) }},
		}}
	}, change...), dir}
}

func TestFrames(t *testing.T) {
	console.Frames(t, func(t *testing.T, w, h int, as console.Look) {
		c := open(t, demoOptions(), w, h, as)
		c.WaitText("9 open", "40,113")
		if w >= 100 {
			c.WaitText("Description", "*** p shows it")
		}
		tuitest.GoldenStyles(t, c.Screen())
	})
}

func TestForm(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			c := open(t, demoOptions(), size[0], size[1], console.Dark())
			c.WaitText("9 open", "40,113")
			c.Keys("enter")
			tuitest.Golden(t, c.WaitText("Mend record 40,112 of load 7", "▸ Quantity", `✗ type: "1.2.3" is no number`))
		})
	}
}

// TestMendAndTakeIn walks the whole way: look at a reject, mend it, take it in, see it resolved.
func TestMendAndTakeIn(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("R")
	c.WaitText("no record was mended")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+u", "1", "2", "ctrl+s")
	c.WaitText("1.2.3  becomes  12", "1 changed here", "edited")
	c.Keys("R")
	c.WaitText("Re-ingest 1 mended record", "load 7, record 40,112")
	c.Keys("y")
	c.WaitText("8 open   4 mended", "run 43: 1 of 1 mended record in as load 8")
	c.WaitGone("40,113")
	c.Keys("a")
	c.WaitText("40,113")
	c.Keys("k")
	c.WaitText("mended: load 8 holds it")
}

func TestUnchangedStays(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+s")
	c.WaitText("nothing was changed")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("esc")
	c.WaitGone("▸ Quantity")
}

// TestTypedTextIsAskedAbout asks before esc drops what was typed into a form.
func TestTypedTextIsAskedAbout(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+u", "1", "2", "esc")
	c.WaitText("What was typed is kept nowhere. Drop it?")
	c.Keys("n")
	c.WaitGone("Drop it?")
	c.Keys("esc", "y")
	c.WaitGone("▸ Quantity")
	c.Keys("R")
	c.WaitText("no record was mended")
}

// TestNewsOfARunGoes holds that what became of a run is not said of another.
func TestNewsOfARunGoes(t *testing.T) {
	const news = "run 43: 1 of 1 mended record in as load 8"
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+u", "1", "2", "ctrl+s")
	c.WaitText("1 changed here")
	c.Keys("R")
	c.WaitText("Re-ingest 1 mended record")
	c.Keys("y")
	c.WaitText("8 open   4 mended", news)
	c.Send(env.GotoMsg{Screen: "rejects", Arg: "run 42"})
	c.Wait("a header of run 42", func(s tuitest.Screen) bool {
		return strings.Contains(s.Row(0), "rejects ▸ run 42") && !strings.Contains(s.Row(2), "as load 8")
	})
}

func TestReasonsFilterTheList(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark())
	c.WaitText("9 open", "40,113")
	c.Keys("shift+tab", "enter")
	c.WaitText("rejects ▸ online-retail ▸ quantity type", "Records: quantity, type")
	c.WaitGone("41,008")
	c.Keys("w")
	c.WaitText("The file holds the records byte by byte")
	c.Keys("y")
	c.WaitText("2 records are in")
	files, err := os.ReadDir(c.dir)
	if err != nil || len(files) != 1 || !strings.HasPrefix(files[0].Name(), "rejects-online-retail-type") {
		t.Fatalf("%v, %v", files, err)
	}
	c.Keys("esc")
	c.WaitText("41,008")
	c.Keys("/")
	c.Type("column:country")
	c.Keys("enter")
	c.WaitText("1 of 9")
}

func TestPersonalDataIsMaskedUnlessAsked(t *testing.T) {
	c := open(t, demoOptions(), 200, 60, console.Dark())
	s := c.WaitText("9 open", "CHALKBOARD", "*** p shows it")
	if s.Contains("13069") {
		t.Errorf("a customer is shown:\n%s", s.Text())
	}
	c.Keys("p")
	c.WaitText("13069", "personal data is shown")
	c.Keys("p")
	c.WaitGone("13069")
}

// TestHostileRecords holds that data shows as marks and survives the form.
func TestHostileRecords(t *testing.T) {
	c := open(t, demoOptions(), 200, 60, console.Dark())
	c.WaitText("9 open")
	c.Keys("/")
	c.Type("column:country")
	c.Keys("enter")
	c.WaitText("1 of 9", `\x1b[2J\x1b]0;owned\x07`)
	if title := c.Screen().Title(); strings.Contains(title, "owned") {
		t.Errorf("the title is %q", title)
	}
}

func TestReadOnlyMendsNothing(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark(), func(e *env.Env) { e.Profile.ReadOnly = true })
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("this console is read only")
}

func TestProductionAsksForItsName(t *testing.T) {
	c := open(t, demoOptions(), 120, 40, console.Dark(), func(e *env.Env) { e.Profile.Name, e.Profile.Production = "prod", true })
	c.WaitText("9 open", "40,113")
	c.Keys("enter")
	c.WaitText("▸ Quantity")
	c.Keys("ctrl+u", "3", "ctrl+s")
	c.WaitText("1 changed here")
	c.Keys("R")
	c.WaitText("production: prod", "Type prod and press enter")
	c.Keys("y", "enter")
	c.WaitText("that is another name")
}

// away is a store that cannot be reached until it is told to.
type away struct {
	*demo.Rejects
	mu   sync.Mutex
	back bool
}

func (a *away) err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.back {
		return nil
	}
	return errors.New("staging: connection refused")
}

func (a *away) Counts(ctx context.Context, run int64) ([]screen.Count, error) {
	if err := a.err(); err != nil {
		return nil, err
	}
	return a.Rejects.Counts(ctx, run)
}

func (a *away) List(ctx context.Context, f screen.Filter) ([]screen.Reject, error) {
	if err := a.err(); err != nil {
		return nil, err
	}
	return a.Rejects.List(ctx, f)
}

func TestStoreAway(t *testing.T) {
	store := &away{Rejects: demo.NewRejects(demo.NewLedger(demo.Start()).Next)}
	c := open(t, screen.Options{Store: store, Mender: store}, 120, 40, console.Dark())
	c.WaitText("✗ staging: connection refused", "press r to try again")
	store.mu.Lock()
	store.back = true
	store.mu.Unlock()
	c.Keys("r")
	c.WaitText("9 open", "40,113")
}
