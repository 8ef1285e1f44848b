package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"penstock/config"
	"penstock/dbadmin/local"
	"penstock/pipeline"
	"penstock/sql"
	"penstock/tui"
	"penstock/tui/env"
	"penstock/tui/widget"
)

const (
	firstLook = 150 * time.Millisecond // the first frame comes before any connection
	idlePace  = 3 * time.Second        // between looks while nothing runs
	awayPace  = 5 * time.Second        // and while the ledger is out of reach
	lookLimit = 20 * time.Second       // a server may have to be started first
)

// watch tells the root how runs, databases and the lake are, from the first frame to the end of ctx, on a
// goroutine of owner. The function it returns is the latest that was told.
func (c *console) watch(ctx context.Context, owner interface{ Go(func()) }, program interface{ Send(tea.Msg) }) (last func() tui.StateMsg) {
	var mu sync.Mutex
	var latest tui.StateMsg
	tell := func(msg tui.StateMsg) {
		mu.Lock()
		same := fmt.Sprint(msg) == fmt.Sprint(latest)
		latest = msg
		mu.Unlock()
		if !same { // an idle console says nothing
			program.Send(msg)
		}
	}
	look := c.state
	if c.demo != nil {
		look = c.demoState
	}
	owner.Go(func() {
		pause := firstLook
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			var msg tui.StateMsg
			msg, pause = look(ctx)
			if ctx.Err() != nil {
				return
			}
			tell(msg)
		}
	})
	return func() tui.StateMsg {
		mu.Lock()
		defer mu.Unlock()
		return latest
	}
}

// demoState is how the invented run is; there is news when somebody started or cancelled one.
func (c *console) demoState(ctx context.Context) (tui.StateMsg, time.Duration) {
	lights := []tui.Light{{Name: "staging", Level: env.Good}, {Name: "lake", Level: env.Good}}
	st, err := c.demo.ledger.Look(ctx, c.demo.looked)
	c.demo.looked = time.Second
	if err != nil {
		return tui.StateMsg{Lights: lights}, idlePace
	}
	msg := tui.StateMsg{Lights: lights}
	c.describe(&msg, st.Run)
	if n := len(st.Trail); n > 0 {
		msg.Share = share(st.Steps, st.Trail[n-1])
	}
	return msg, 0
}

// state looks how things are, and says when to look again.
func (c *console) state(ctx context.Context) (tui.StateMsg, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	var msg tui.StateMsg
	pause := idlePace
	if err := c.recover(ctx); err != nil {
		c.logger(c.cfg).WarnContext(ctx, "take up what earlier runs left behind", "error", err.Error())
	}
	staging := tui.Light{Name: "staging", Level: env.Good}
	switch err := c.latestRun(ctx, &msg); {
	case err != nil:
		staging, pause = c.trouble("staging", c.cfg.Staging, err), awayPace
		switch again, err := c.revive(ctx); {
		case err != nil:
			staging.Why = reason(err)
		case again:
			pause = firstLook
		}
	case msg.Running:
		pause = c.pace
	}
	msg.Lights = append(msg.Lights, staging)
	msg.Lights = append(msg.Lights, c.analyticsLight(ctx, staging), c.lakeLight())
	return msg, pause
}

// recover takes up, once a session, what runs whose process died have left behind.
func (c *console) recover(ctx context.Context) error {
	if c.recovered || c.view.readOnly {
		return nil
	}
	l, err := c.ledger(ctx)
	if err != nil {
		return nil //nolint:nilerr // told by the lights; tried again with the next look
	}
	c.recovered = true
	return l.Recover(ctx)
}

// latestRun says how the newest run is.
func (c *console) latestRun(ctx context.Context, msg *tui.StateMsg) error {
	l, ctx, done, err := c.runs.asking(ctx)
	if err != nil {
		return err
	}
	defer done()
	runs, err := l.Runs(ctx, 1)
	if err != nil || len(runs) == 0 {
		return err
	}
	if c.describe(msg, runs[0]); !msg.Running {
		return nil
	}
	steps, err := l.Steps(ctx, runs[0].ID)
	if err != nil {
		return err
	}
	p, _, err := l.ProgressOf(ctx, runs[0].ID)
	msg.Share = share(steps, p)
	return err
}

// describe says in the header's words how a run is.
func (c *console) describe(msg *tui.StateMsg, run pipeline.Run) {
	c.newest = run.ID
	msg.Run = fmt.Sprintf("run %d · %s", run.ID, run.State)
	msg.Failed = run.State == pipeline.Failed || run.State == pipeline.Interrupted
	if run.State == pipeline.Running {
		msg.Running, msg.Share = true, -1
		msg.Run += " " + widget.Clock(run.Took(c.env.Now()))
	}
}

// share is how much of a run is done, below 0 when that is not known: its steps count alike.
func share(steps []pipeline.StepRun, p pipeline.Progress) float64 {
	if len(steps) == 0 {
		return -1
	}
	done := 0.0
	for _, st := range steps {
		switch {
		case st.State == pipeline.Done || st.State == pipeline.Skipped:
			done++
		case st.State == pipeline.Running && p.Step == st.Step && p.Total > 0:
			done += min(1, float64(p.Done)/float64(p.Total))
		}
	}
	return done / float64(len(steps))
}

// analyticsLight looks at the other database, most often of the same server: while staging is in trouble,
// nothing is to be learned of it.
func (c *console) analyticsLight(ctx context.Context, staging tui.Light) tui.Light {
	light := tui.Light{Name: "analytics", Level: env.Good, Quiet: true}
	if staging.Level != env.Good {
		light.Level = env.Info
		return light
	}
	if err := c.analyticsIsThere(ctx); err != nil {
		light = c.trouble(light.Name, c.cfg.Analytics, err)
	}
	return light
}

func (c *console) analyticsIsThere(ctx context.Context) error {
	pool, err := c.reading(ctx, sql.Analytics)
	if err != nil {
		return err
	}
	return pool.Ping(ctx)
}

// lakeLight looks at the lake's folder; one that does not exist yet is nothing bad.
func (c *console) lakeLight() tui.Light {
	light := tui.Light{Name: "lake", Level: env.Good}
	info, err := os.Stat(c.cfg.Lake.URL)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		light.Level = env.Info
	case err != nil:
		light.Level, light.Why = env.Bad, reason(err)
	case !info.IsDir():
		light.Level, light.Why = env.Bad, config.Mask(c.cfg.Lake.URL)+" is no folder"
	}
	return light
}

// trouble is the light of a database that is out of reach, or holds nothing of this program yet.
func (c *console) trouble(name string, db config.Database, err error) tui.Light {
	light := tui.Light{Name: name, Level: env.Bad}
	lacks := func(what, makes string) tui.Light {
		light.Level, light.Lacks, light.Why = env.Warn, what, makes
		return light
	}
	run := "penstock --run migrate"
	if db.URL.IsLocal() {
		run = "penstock --run"
	}
	run = c.env.Command(run)
	switch {
	case errors.Is(err, errNoServer):
		return lacks("no server yet", run+" makes it")
	case errors.Is(err, sql.ErrNoTables):
		return lacks("no tables yet", run+" makes them")
	case errors.Is(err, sql.ErrPending):
		return lacks("its tables are of an older version", run+" brings them up to date")
	case errors.Is(err, local.ErrNotRunning):
		light.Why = local.ErrNotRunning.Error() + ": any " + run + " starts it"
		if !c.view.readOnly {
			light.Why += fmt.Sprintf(", or a run from here (%s, then %s)", c.env.Key("go.pipeline", "1"), c.env.Key("pipeline.start", "s"))
		}
	default:
		light.Why = reason(sql.Clarify(err))
	}
	return light
}

// reason is an error as a notice tells it.
func reason(err error) string {
	text := config.Mask(err.Error())
	if hint := hintOf(err); hint != "" {
		text += " (" + config.Mask(hint) + ")"
	}
	return text
}

// farewell says, after the screen is the shell's again, what goes on without the console.
func (c *console) farewell(last tui.StateMsg) {
	if c.demo != nil {
		return
	}
	run, alive := c.runs.latest()
	if !alive && last.Running && c.newest != run { // somebody else's
		run, alive = c.newest, true
	}
	again := c.env.Command("penstock")
	switch {
	case !alive:
	case run == 0: // it has not said its number yet
		c.say("A run was started and goes on without the console. To see it: %s, or %s", again, c.env.Command("penstock --run runs"))
	default:
		c.say("Run %d goes on without the console. To see it again: %s, or %s", run, again, c.env.Command(fmt.Sprintf("penstock --run runs events %d", run)))
	}
}
