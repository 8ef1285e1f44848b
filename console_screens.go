package main

import (
	"time"

	"penstock/tui"
	"penstock/tui/demo"
	commandscreen "penstock/tui/screen/commands"
	"penstock/tui/screen/help"
	"penstock/tui/screen/insights"
	pipelinescreen "penstock/tui/screen/pipeline"
	"penstock/tui/screen/runs"
)

// screens is every screen of the console, one line each.
func (c *console) screens() []tui.Entry {
	return []tui.Entry{
		{ID: "pipeline", Title: "pipeline", Key: "1", Help: "the steps live: start, watch, cancel", New: c.newPipeline},
		{ID: "runs", Title: "runs", Key: "2", Help: "the history of runs: replay one, compare two", New: c.newRuns, AnyWords: true},
		{ID: "rejects", Title: "rejects", Key: "3", Help: "what was refused and why: mend it, take it in", New: c.newRejects, AnyWords: true},
		{ID: "insights", Title: "insights", Key: "4", Help: "what the shop learns: revenue, products, customers, hours, stock", New: c.newInsights, Words: insights.Tabs()},
		{ID: "settings", Title: "settings", Key: "5", Help: "the configuration and where it comes from; connections; colours", New: c.newSettings},
		{ID: "commands", Title: "commands", Key: "6", Help: "every statement and call that this session made", New: c.newCommands},
		{ID: "help", Title: "help", Key: "7", Help: "every key, the ideas behind it all, where to read on", New: c.newHelp},
	}
}

// demoData is what the screens show with --demo.
type demoData struct {
	ledger   *demo.Ledger
	insights *demo.Insights
	looked   time.Duration // how the run is was told already, so news is waited for
}

func newDemo(clock func() time.Time) *demoData {
	return &demoData{ledger: demo.NewLiveLedger(clock), insights: demo.NewInsights(demo.Start())}
}

func (c *console) newPipeline() tui.Screen {
	if c.demo != nil {
		return pipelinescreen.New(c.env, c.demo.ledger, c.pace)
	}
	return pipelinescreen.New(c.env, c.runs, c.pace)
}

func (c *console) newRuns() tui.Screen {
	if c.demo != nil {
		return runs.New(c.env, c.demo.ledger)
	}
	return runs.New(c.env, c.runs)
}

func (c *console) newInsights() tui.Screen {
	o := insights.Options{
		Currency: c.cfg.BaseCurrency, Timezone: c.cfg.ReportTimezone, PII: c.pii(),
		Smallest: c.cfg.Marts.Pairs.MinProducts, Largest: c.cfg.Marts.Pairs.MaxProducts,
	}
	if c.demo != nil {
		o.Marts, o.Charts, o.Facts = c.demo.insights, c.demo.insights, c.demo.insights
	} else {
		r := martReader{c.app}
		o.Marts, o.Charts, o.Facts = r, r, r
	}
	return insights.New(c.env, o)
}

func (c *console) newCommands() tui.Screen {
	if c.demo != nil {
		return commandscreen.New(c.env, demo.Commands{Now: c.env.Now})
	}
	return commandscreen.New(c.env, c.calls)
}

func (c *console) newHelp() tui.Screen {
	return help.New(c.env, help.Options{
		Groups: func() []help.Group {
			groups := []help.Group{{Title: "anywhere", Actions: c.root.Everywhere()}}
			for _, e := range c.entries {
				if e.ID != help.ID {
					groups = append(groups, help.Group{Screen: e.ID, Title: e.Title, Actions: c.root.Of(e.ID)})
				}
			}
			return groups
		},
		Docs: []string{
			"docs/console.md (this console), docs/configuration.md, docs/data-model.md, docs/operations.md",
			"penstock --help lists what works without a console; " + c.env.Key("app.command", "c") + " copies the command that gives a screen as text",
		},
	})
}

// pii are the columns that any source declares as personal.
func (c *console) pii() []string {
	if c.demo != nil {
		return []string{"customer_id"}
	}
	return c.cfg.Personal()
}
